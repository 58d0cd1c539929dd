//! Random small networks in the contract's file format, with a random scaling, optimizer and
//! hyperparameter exponents: what the second calculus and the program are compared on.

mod pieces;

use std::collections::BTreeMap;

use num_rational::Ratio;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::calculus::Exponent;

/// Letter, dimension, kind and size of every axis; `t` and `s` are positions of one context.
const AXES: [(char, &str, &str, u32); 10] = [
    ('b', "batch", "sample", 4),
    ('t', "context", "sample", 8),
    ('s', "context", "sample", 8),
    ('i', "d_in", "feature", 16),
    ('o', "d_out", "feature", 16),
    ('d', "d_model", "feature", 64),
    ('h', "heads", "feature", 4),
    ('k', "d_k", "feature", 16),
    ('v', "d_v", "feature", 16),
    ('f', "d_ff", "feature", 64),
];

/// A network, how it grows, and the exponents it is trained with.
#[derive(Clone, Debug)]
pub(crate) struct Draw {
    pub(crate) network: String,
    /// The power of every dimension that grows.
    pub(crate) powers: BTreeMap<String, Exponent>,
    pub(crate) optimizer: String,
    /// Exponents in n.
    pub(crate) init: BTreeMap<String, Exponent>,
    pub(crate) lr: BTreeMap<String, Exponent>,
    pub(crate) multiplier: BTreeMap<String, Exponent>,
}

impl Draw {
    pub(crate) fn new(seed: u64) -> Draw {
        let mut builder = Builder::new(seed);
        builder.grow();
        builder.read_out();
        builder.finish()
    }

    /// The argument of `--scale`.
    pub(crate) fn scale(&self) -> String {
        let powers = self.powers.iter();
        let terms: Vec<String> = powers.map(|(name, power)| format!("{name}=n^{power}")).collect();
        terms.join(",")
    }
}

#[derive(Clone)]
struct Made {
    name: String,
    axes: String,
    used: bool,
}

struct Builder {
    random: ChaCha8Rng,
    text: String,
    nodes: Vec<Made>,
    names: usize,
    powers: BTreeMap<String, Exponent>,
    optimizer: String,
    init: BTreeMap<String, Exponent>,
    lr: BTreeMap<String, Exponent>,
    multiplier: BTreeMap<String, Exponent>,
    /// What decides which weights are several matrices: by itself, so that nothing else depends on it.
    apart: ChaCha8Rng,
    /// What decides how many losses there are, likewise.
    judging: ChaCha8Rng,
    /// `W_1 = { blocks = "h" }`, line by line.
    parameters: String,
}

fn halves(count: i128) -> Exponent {
    Ratio::new(count, 2)
}

fn features(axes: &str) -> String {
    axes.chars().filter(|axis| !"bts".contains(*axis)).collect()
}

/// The declarations of the axes that a network uses.
fn header(axes: &[(char, &str, &str, u32)]) -> String {
    let mut text = "name = \"random\"\ntitle = \"random\"\n[dimensions]\n".to_owned();
    for (letter, dimension, kind, size) in axes {
        if *letter != 's' {
            text += &format!("{dimension} = {{ kind = \"{kind}\", size = {size} }}\n");
        }
    }
    text += "[axes]\n";
    for (letter, dimension, _, _) in axes {
        text += &format!("{letter} = \"{dimension}\"\n");
    }
    text
}

impl Builder {
    fn new(seed: u64) -> Builder {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let optimizers = ["sgd", "sgd", "sign", "adam", "normalized", "muon"];
        let optimizer = optimizers.choose(&mut random).copied().unwrap_or("sgd").to_owned();
        let mut builder = Builder {
            random,
            text: String::new(),
            nodes: Vec::new(),
            names: 0,
            powers: BTreeMap::new(),
            optimizer,
            init: BTreeMap::new(),
            lr: BTreeMap::new(),
            multiplier: BTreeMap::new(),
            apart: ChaCha8Rng::seed_from_u64(!seed),
            judging: ChaCha8Rng::seed_from_u64(seed.rotate_left(32)),
            parameters: String::new(),
        };
        builder.scale();
        builder
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.random.random_range(0..100) < percent
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from.choose(&mut self.random).copied().unwrap_or_default()
    }

    fn name(&mut self, prefix: &str) -> String {
        self.names += 1;
        format!("{prefix}{}", self.names)
    }

    /// One dimension, or a tie of up to three.
    fn scale(&mut self) {
        let count = if self.chance(40) { 1 } else { self.random.random_range(2..4) };
        for _ in 0..count {
            let (_, dimension, _, _) = AXES[self.random.random_range(0..AXES.len())];
            let power = *[2, 2, 1, 4].choose(&mut self.random).unwrap_or(&2);
            self.powers.insert(dimension.to_owned(), halves(power));
        }
    }

    fn size(&self, axes: &str) -> Exponent {
        let of_letter = AXES.iter().filter(|axis| axes.contains(axis.0));
        of_letter.filter_map(|axis| self.powers.get(axis.1)).sum()
    }

    fn node(&mut self, op: &str, inputs: &[usize], axes: &str, rest: &str) -> usize {
        let name = self.name(&op[..1]);
        let names: Vec<String> = inputs.iter().map(|&x| format!("\"{}\"", self.nodes[x].name)).collect();
        let inputs_line = match (op, names.as_slice()) {
            (_, []) => String::new(),
            ("add" | "product" | "bilinear", names) => format!("inputs = [{}]\n", names.join(", ")),
            (_, names) => format!("input = {}\n", names[0]),
        };
        self.text += &format!("[[node]]\nname = \"{name}\"\nop = \"{op}\"\n{inputs_line}{rest}");
        for &x in inputs {
            self.nodes[x].used = true;
        }
        self.nodes.push(Made { name, axes: axes.to_owned(), used: false });
        self.nodes.len() - 1
    }

    /// The exponent is `base`, or off it by a half.
    fn exponent(&mut self, base: Exponent) -> Exponent {
        let off = *[0, 0, 0, 0, -1, -1, -2, 1].choose(&mut self.random).unwrap_or(&0);
        base + halves(off)
    }

    fn parameter(&mut self, prefix: &str, init: Option<Exponent>) -> String {
        let name = self.name(prefix);
        if let Some(init) = init {
            let init = self.exponent(init);
            self.init.insert(name.clone(), init);
        }
        let lr = halves(self.random.random_range(-3..3));
        self.lr.insert(name.clone(), lr);
        name
    }

    /// Rarely a weight is several matrices along one of its axes.
    fn cut(&mut self, weight: &str, axes: &str) {
        let axes: Vec<char> = axes.chars().collect();
        let is_cut = axes.len() > 1 && self.apart.random_range(0..4) == 0;
        if let Some(block) = axes.choose(&mut self.apart).filter(|_| is_cut) {
            self.parameters += &format!("{weight} = {{ blocks = \"{block}\" }}\n");
        }
    }

    fn multiplier(&mut self, base: Exponent) -> String {
        let name = self.name("m");
        let exponent = self.exponent(base);
        self.multiplier.insert(name.clone(), exponent);
        format!("multiplier = \"{name}\"\n")
    }

    fn maybe_multiplier(&mut self) -> String {
        if self.chance(20) { self.multiplier(halves(0)) } else { String::new() }
    }

    fn finish(self) -> Draw {
        let used = |letter: char| self.nodes.iter().any(|node| node.axes.contains(letter));
        let axes: Vec<_> = AXES.into_iter().filter(|axis| used(axis.0)).collect();
        let mut powers = self.powers;
        powers.retain(|dimension, _| axes.iter().any(|axis| axis.1 == dimension));
        if powers.is_empty() {
            powers.insert("d_model".to_owned(), halves(2));
        }
        Draw {
            network: format!("{}{}[parameters]\n{}", header(&axes), self.text, self.parameters),
            powers,
            optimizer: self.optimizer,
            init: self.init,
            lr: self.lr,
            multiplier: self.multiplier,
        }
    }
}

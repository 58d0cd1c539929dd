//! The same network written in another way has the same answer: verdict, uniqueness, table and what contradicts each other.

mod network;
mod rewritten;
mod unfolded;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use fscale::architecture::Architecture;
use fscale::derive::gauge::{Gauge, in_gauge};
use fscale::derive::{Answer, DeriveError, Search, derive_within};
use fscale::document::Source;
use fscale::graph::Scaling;
use fscale::propagate::Question;
use fscale::rule::RuleBook;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use crate::second::random::Draw;
use network::Network;
use rewritten::{ALL, Rewritten};

/// What an answer says, whatever its parts are called.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Told {
    possible: bool,
    unique: bool,
    /// The init and rate of each parameter, with multipliers folded into them as far as they can be.
    rows: BTreeMap<String, (Option<String>, String)>,
    /// The labels of what contradicts each other.
    labels: BTreeSet<String>,
}

fn answered(
    text: &str,
    scale: &str,
    optimizer: &str,
    desiderata: &str,
    book: &Arc<RuleBook>,
) -> Option<Told> {
    let read = Architecture::parse(&Source::new("network", text), &book.activations());
    // Some rewritings are refused: two axes at the output of a cross-entropy, say.
    let graph = &read.ok()?.graph;
    let (optimizer, desiderata) = (book.optimizer(optimizer).unwrap(), book.desiderata(desiderata).unwrap());
    let scaling = Scaling::parse(scale, graph).unwrap_or_else(|wrong| panic!("{wrong:?}\n{text}"));
    let question = Question::new(graph, book, optimizer, desiderata, scaling);
    let answer: Answer = match derive_within(&question, Search::Conflict) {
        Ok(answer) => answer,
        Err(DeriveError::Solve(_) | DeriveError::Propagate(_)) => return None,
        Err(other) => panic!("{other}\n{text}"),
    };
    let mut told = Told { possible: false, unique: false, rows: BTreeMap::new(), labels: BTreeSet::new() };
    if let Some(table) = answer.feasible() {
        let (folded, _) = in_gauge(table, graph, optimizer, Gauge::NoMultipliers).unwrap();
        (told.possible, told.unique) = (true, table.unique);
        for row in &folded.parameters {
            let name = graph.parameter(row.parameter).name.clone();
            told.rows.insert(name, (row.init.as_ref().map(ToString::to_string), row.lr.to_string()));
        }
    } else if let Some((alone, impossible)) = answer.impossible() {
        let labels =
            impossible.conflict.iter().map(|id| alone.posed.demands.requirements[id.0].label.clone());
        told.labels = labels.collect();
    }
    Some(told)
}

/// How many rewritings were compared, and how many of impossible questions have other labels.
#[derive(Clone, Debug, Default)]
struct Compared {
    same: BTreeMap<&'static str, usize>,
    possible: usize,
    labels: BTreeMap<&'static str, usize>,
    wrong: Vec<String>,
}

impl Compared {
    fn and(mut self, other: Self) -> Self {
        for (name, count) in other.same {
            *self.same.entry(name).or_insert(0) += count;
        }
        self.possible += other.possible;
        for (name, count) in other.labels {
            *self.labels.entry(name).or_insert(0) += count;
        }
        self.wrong.extend(other.wrong);
        self
    }
}

/// How a scaling is asked of the network as it is written now.
fn rescaled(powers: &[(String, String)], rewritten: &Rewritten) -> String {
    let one = |(dimension, power): &(String, String)| match rewritten.dimensions.get(dimension) {
        Some(parts) => {
            let power: fscale::Exponent = power.parse().unwrap();
            let part = |(name, share): &(String, &str)| {
                format!("{name}=n^{}", &power * &share.parse::<fscale::Exponent>().unwrap())
            };
            parts.iter().map(part).collect::<Vec<_>>()
        }
        None => vec![format!("{dimension}=n^{power}")],
    };
    powers.iter().flat_map(one).collect::<Vec<_>>().join(",")
}

/// Compares a network with itself, written in every way, under one question.
fn compare(
    text: &str,
    powers: &[(String, String)],
    optimizer: &str,
    desiderata: &str,
    seed: u64,
    book: &Arc<RuleBook>,
) -> Compared {
    let network = Network::read(text);
    let mut compared = Compared::default();
    let scale = rescaled(
        powers,
        &Rewritten { text: String::new(), parameters: BTreeMap::new(), dimensions: BTreeMap::new() },
    );
    let Some(plain) = answered(text, &scale, optimizer, desiderata, book) else { return compared };
    for (name, rewrite) in ALL {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let Some(rewritten) = rewrite(&network, &mut random) else { continue };
        let now = rescaled(powers, &rewritten);
        if now.is_empty() {
            // A dimension that is gone was asked about.
            continue;
        }
        let Some(told) = answered(&rewritten.text, &now, optimizer, desiderata, book) else { continue };
        let mut same = (told.possible, told.unique) == (plain.possible, plain.unique);
        // Which of several tables is taken goes by the order of the nodes, and by how many there are.
        let counts = ["reordered", "a block run once", "a block written out"];
        let is_told = plain.possible && (plain.unique || !counts.contains(&name));
        for (old, new) in &rewritten.parameters {
            same &= !is_told || new.iter().all(|new| told.rows.get(new) == plain.rows.get(old));
        }
        if same {
            *compared.same.entry(name).or_insert(0) += 1;
            compared.possible += usize::from(plain.possible);
            if told.labels != plain.labels {
                *compared.labels.entry(name).or_insert(0) += 1;
            }
        } else {
            compared.wrong.push(format!(
                "{name}, {now}, {optimizer}, {desiderata}:\n{plain:?}\nnow {told:?}\n{}",
                rewritten.text
            ));
        }
    }
    compared
}

fn report(compared: &Compared) {
    println!("{:?}, {} possible, with other labels {:?}", compared.same, compared.possible, compared.labels);
    // Of several conflicts that are as good, another one may be told.
    let impossible = compared.same.values().sum::<usize>() - compared.possible;
    let labels: usize = compared.labels.values().sum();
    assert!(labels * 20 <= impossible, "{labels} of {impossible} have other labels");
    let first: Vec<&String> = compared.wrong.iter().take(3).collect();
    assert!(compared.wrong.is_empty(), "{} differ, among them {first:#?}", compared.wrong.len());
}

/// What is asked of every dimension of the library; of each one of these, or with `FSCALE_REWRITINGS=1` all.
const QUESTIONS: [(&str, &str); 4] =
    [("sgd", "fsc"), ("adamw", "fsc"), ("adam", "mup"), ("adam", "fsc-matrices")];

#[test]
fn the_library_written_in_other_ways_has_the_same_answers() {
    let book = &Arc::new(RuleBook::embedded().unwrap());
    let mut questions = Vec::new();
    let all = std::env::var_os("FSCALE_REWRITINGS").is_some();
    for rule in book.architectures.values() {
        let text = rule.text.text.as_str();
        for (number, dimension) in Network::read(text).dimensions().into_iter().enumerate() {
            for (which, (optimizer, desiderata)) in QUESTIONS.into_iter().enumerate() {
                if all || which == number % QUESTIONS.len() {
                    let powers = vec![(dimension.clone(), "1".to_owned())];
                    questions.push((text, powers, optimizer, desiderata));
                }
            }
        }
    }
    let each = questions.par_iter().enumerate().map(|(seed, (text, powers, optimizer, desiderata))| {
        compare(text, powers, optimizer, desiderata, seed as u64, book)
    });
    let compared = each.reduce(Compared::default, Compared::and);
    report(&compared);
    assert!(compared.same.values().sum::<usize>() > 500 && compared.same.len() == ALL.len(), "{compared:?}");
}

#[test]
fn random_networks_written_in_other_ways_have_the_same_answers() {
    let book = &Arc::new(RuleBook::embedded().unwrap());
    let drawn = if std::env::var_os("FSCALE_REWRITINGS").is_some() { 300_u64 } else { 60 };
    let each = (0..drawn).into_par_iter().map(|seed| {
        let draw = Draw::new(90_000 + seed);
        let powers: Vec<(String, String)> =
            draw.powers.iter().map(|(name, power)| (name.clone(), power.to_string())).collect();
        let desiderata = ["fsc", "mup"][seed as usize % 2];
        compare(&draw.network, &powers, &draw.optimizer, desiderata, seed, book)
    });
    report(&each.reduce(Compared::default, Compared::and));
}

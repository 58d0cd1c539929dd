//! Prediction against simulation at random hyperparameters, in small: `fscale measure --random 20` is the large one.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use fscale::architecture::Architecture;
use fscale::document::Source;
use fscale::report::answer::measurement::Summary;
use fscale::rule::{Folder, RuleBook};
use fscale::simulate::{Finished, Runs};
use fscale::study::trial::{Case, Trial};
use std::sync::Arc;

/// A network that is tried.
struct Tried {
    architecture: &'static str,
    /// The dimensions with their sizes, over a factor of 64.
    dimensions: &'static [(&'static str, [usize; 7])],
    cases: usize,
    seeds: u64,
}

/// The cases of every dimension.
fn run(tried: &Tried, optimizer: &str, book: &Arc<RuleBook>) -> Vec<Case> {
    let text = &book.architecture(tried.architecture).unwrap().text;
    let graph = Architecture::parse(text, &book.activations()).unwrap().graph;
    let single = graph.unrolled(|_| 1).graph;
    let mut cases = Vec::new();
    for (name, values) in tried.dimensions {
        let trial = Trial {
            graph: &graph,
            single: &single,
            book,
            optimizer: book.optimizer(optimizer).unwrap(),
            dimensions: vec![graph.find_dimension(name).unwrap()],
            cases: tried.cases,
            runs: Runs::at(values).seeds(tried.seeds),
        };
        trial.run(&Finished::none(), &|_| {}, |case| cases.push(case.clone())).unwrap();
    }
    cases
}

fn summary(cases: &[Case]) -> Summary {
    cases.iter().map(|case| Summary::of(&case.measurement)).sum()
}

/// A factor of 64 in six steps, so that the slope over the larger half is free of what happens at small sizes.
const fn doubled(smallest: usize) -> [usize; 7] {
    let mut sizes = [smallest; 7];
    let mut place = 1;
    while place < 7 {
        sizes[place] = 2 * sizes[place - 1];
        place += 1;
    }
    sizes
}

/// Width and heads of the transformer are left to the large trial: they need larger sizes.
const TRANSFORMER: Tried = Tried {
    architecture: "transformer",
    dimensions: &[("d_k", doubled(64)), ("d_v", doubled(64)), ("d_ff", doubled(64))],
    cases: 1,
    seeds: 8,
};
const MLP: Tried = Tried {
    architecture: "mlp",
    dimensions: &[("width", doubled(32)), ("d_in", doubled(32))],
    cases: 1,
    seeds: 8,
};
/// A window, weights shared over features, a softmax over features.
const CONVOLUTIONS: Tried = Tried {
    architecture: "conv-resnet",
    dimensions: &[("kernel_y", doubled(32)), ("channels", doubled(64))],
    cases: 1,
    seeds: 8,
};
const MIXER: Tried = Tried {
    architecture: "mixer",
    dimensions: &[("d_tokens", doubled(64)), ("d_ff", doubled(64))],
    cases: 1,
    seeds: 8,
};
const EXPERTS: Tried = Tried {
    architecture: "moe",
    dimensions: &[("experts", doubled(32)), ("d_model", doubled(64))],
    cases: 1,
    seeds: 8,
};
/// Tied embeddings, attention and MLP side by side.
const PALM: Tried =
    Tried { architecture: "palm-parallel", dimensions: &[("d_ff", doubled(64))], cases: 1, seeds: 4 };
/// Grouped queries, rotary positions, a gated MLP.
const LLAMA: Tried = Tried { architecture: "llama", dimensions: &[("d_k", doubled(64))], cases: 1, seeds: 4 };

#[test]
fn prediction_and_simulation_agree_at_random_hyperparameters() {
    let book = Arc::new(RuleBook::embedded().unwrap());
    for tried in [TRANSFORMER, MLP, CONVOLUTIONS, MIXER, EXPERTS, PALM, LLAMA] {
        for optimizer in ["sgd", "adam"] {
            let cases = run(&tried, optimizer, &book);
            let Summary { agrees, crossover, disagrees, .. } = summary(&cases);
            let name = tried.architecture;
            println!("{name}, {optimizer}: {agrees} agree, {crossover} crossover, {disagrees} disagree");
            assert_eq!(disagrees, 0, "{name}, {optimizer}");
            assert!(
                50 * agrees >= 49 * (agrees + crossover),
                "{name}, {optimizer}: {agrees} and {crossover}"
            );
        }
    }
}

/// The book with an expression of a rule replaced; the examples that would catch it are made to fit.
fn changed(name: &str, changes: &[(&str, &str)]) -> RuleBook {
    let mut book = RuleBook::embedded().unwrap();
    let mut source: Source = book.texts[&(Folder::Ops, name.to_owned())].clone();
    for (from, to) in changes {
        assert!(source.text.contains(from), "{from}");
        source.text = source.text.replace(from, to);
    }
    book.add(Folder::Ops, source).unwrap();
    book
}

#[test]
fn a_wrong_rule_disagrees_with_the_simulation() {
    let book = changed(
        "linear",
        &[
            (
                "component = \"k + 2 multiplier + 2 init(W) + |C|\"",
                "component = \"k + 2 multiplier + 2 init(W) + 1/2 |C|\"",
            ),
            ("component = \"1\"", "component = \"1/2\""),
        ],
    );
    assert!(summary(&run(&MLP, "sgd", &Arc::new(book.clone()))).disagrees > 0);
}

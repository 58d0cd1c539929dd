//! Several losses: what comes back to each output, and from all of them to what is before.

use std::path::Path;
use std::sync::Arc;

use fscale::architecture::Architecture;
use fscale::document::Source;
use fscale::graph::{Graph, Hyperparameters, QuantityKind, Scaling};
use fscale::propagate::Question;
use fscale::rule::RuleBook;
use fscale::simulate::{Finished, Runs, SlopeVerdict};
use fscale::study::verify::Verification;

/// One output feeds the rest, which another loss judges; of both kinds, each with a weight.
const FED: &str = r#"
    name = "fed"
    dimensions = { batch = { kind = "sample", size = 8 }, inputs = { kind = "feature", size = 8 },
                   width = { kind = "feature", size = 32 }, classes = { kind = "feature", size = 8 } }
    axes = { b = "batch", i = "inputs", d = "width", e = "width", w = "classes" }
    node = [
        { name = "u", op = "input", axes = "bi" },
        { name = "x", op = "linear", input = "u", weight = "W_1", einsum = "di,bi->bd" },
        { name = "r", op = "relu", input = "x" },
        { name = "early", op = "linear", input = "r", weight = "W_2", einsum = "wd,bd->bw" },
        { name = "y", op = "linear", input = "early", weight = "W_3", einsum = "dw,bw->bd" },
        { name = "x1", op = "add", inputs = ["x", "y"] },
        { name = "h", op = "linear", input = "x1", weight = "W_4", einsum = "ed,bd->be" },
        { name = "s", op = "relu", input = "h" },
        { name = "out", op = "linear", input = "s", weight = "W_5", einsum = "we,be->bw" },
    ]
    loss = [
        { op = "mse", output = "early", weight = 0.5 },
        { op = "cross_entropy", output = "out", weight = 2 },
    ]
"#;

fn parse(book: &RuleBook, text: &str) -> Arc<Graph> {
    Architecture::parse(&Source::new("losses", text), &book.activations()).unwrap().graph
}

/// How many slopes agree, of how many; none may disagree.
fn agreed(
    book: &Arc<RuleBook>,
    graph: &Arc<Graph>,
    scale: &str,
    optimizer: &str,
    set: &Hyperparameters,
    runs: Runs,
) -> (usize, usize) {
    let scaling = Scaling::parse(scale, graph).unwrap();
    let optimizer = book.optimizer(optimizer).unwrap();
    let verification = Verification { graph, book, optimizer, scaling: &scaling, runs };
    let mut measurement = verification.measure(set, &Finished::none(), &|_| {}).unwrap();
    measurement
        .quantities
        .retain(|measured| !measured.quantity.is_total() && measured.quantity.kind() != QuantityKind::Angle);
    let (mut agreed, mut all) = (0, 0);
    for measured in &measurement.quantities {
        let Some(verdict) = measured.verdict else { continue };
        assert_ne!(
            verdict,
            SlopeVerdict::Disagrees,
            "{}, {scale}: {}, {measured:?}",
            optimizer.about.name,
            measured.quantity.write(graph)
        );
        all += 1;
        agreed += usize::from(verdict == SlopeVerdict::Agrees);
    }
    (agreed, all)
}

#[test]
fn signals_of_two_losses_of_which_one_judges_what_feeds_the_other_agree_with_the_simulation() {
    let book = Arc::new(RuleBook::embedded().unwrap());
    let graph = parse(&book, FED);
    for optimizer in ["sgd", "adam", "muon"] {
        let mut constant = Hyperparameters::constant(&graph);
        let starts = [("W_2", "-1/2"), ("W_4", "-1/2"), ("W_5", "-1")];
        for (name, exponent) in starts {
            constant.init[graph.find_parameter(name).unwrap().0] = exponent.parse().unwrap();
        }
        for early in ["-1/2", "-1"] {
            constant.init[graph.find_parameter("W_2").unwrap().0] = early.parse().unwrap();
            let runs = Runs::at([64, 256, 1024, 4096]).seeds(6);
            let (agreed, all) = agreed(&book, &graph, "width", optimizer, &constant, runs);
            assert!(10 * agreed > 9 * all, "{optimizer}, {early}: {agreed} of {all}");
        }
    }
}

#[test]
fn a_transformer_that_predicts_two_tokens_is_measured_as_derived() {
    let book = Arc::new(RuleBook::embedded().unwrap());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/answers/cases/two-losses.toml");
    let graph = parse(&book, &std::fs::read_to_string(path).unwrap());
    let scale = "d_model=n,groups=n,d_ff=n";
    let question = Question::new(
        &graph,
        &book,
        book.optimizer("adamw").unwrap(),
        book.desiderata("fsc").unwrap(),
        Scaling::parse(scale, &graph).unwrap(),
    );
    let answer = fscale::derive::derive(&question).unwrap();
    let table = answer.feasible().unwrap().hyperparameters().remove(0);
    let (agreed, all) = agreed(&book, &graph, scale, "adamw", &table, Runs::at([32, 64, 128, 256]).seeds(4));
    assert!(10 * agreed > 9 * all, "{agreed} of {all}");
}

//! A weight that meets what it made: the logit of a token at itself, where the embedding is the unembedding too.

use fscale::architecture::Architecture;
use fscale::document::Source;
use fscale::exact::Exponent;
use fscale::graph::{Graph, Hyperparameters, Quantity, QuantityKind, Scaling};
use fscale::rule::RuleBook;
use fscale::simulate::{Finished, Runs};
use fscale::study::Summary;
use fscale::study::verify::Verification;
use std::sync::Arc;

/// The stream gets a branch beside the embedding; `middle` is what the unembedding takes.
fn network(book: &Arc<RuleBook>, middle: &str) -> Arc<Graph> {
    let text = format!(
        r#"
        name = "tied"
        dimensions = {{ batch = {{ kind = "sample", size = 32 }}, vocab = {{ kind = "feature", size = 64 }},
                        width = {{ kind = "feature", size = 16 }}, inner = {{ kind = "feature", size = 16 }} }}
        axes = {{ b = "batch", w = "vocab", d = "width", f = "inner" }}
        loss = {{ op = "cross_entropy", output = "out" }}
        parameters = {{ W_E = {{ base = 1 }} }}
        node = [
            {{ name = "u", op = "input", axes = "bw", one_hot = true }},
            {{ name = "e", op = "linear", input = "u", weight = "W_E", einsum = "dw,bw->bd", multiplier = "embedding" }},
            {{ name = "h", op = "linear", input = "e", weight = "W_1", einsum = "fd,bd->bf" }},
            {{ name = "r", op = "relu", input = "h" }},
            {{ name = "y", op = "linear", input = "r", weight = "W_2", einsum = "df,bf->bd", role = "branch" }},
            {middle}
            {{ name = "out", op = "linear", input = "n", weight = "W_E", einsum = "dw,bd->bw", multiplier = "output", base = 0.0625 }},
        ]
        "#
    );
    Architecture::parse(&Source::new("tied", text), &book.activations()).unwrap().graph
}

const NORM: &str = r#"{ name = "x", op = "add", inputs = ["e", "y"] },
    { name = "n", op = "rms_norm", input = "x", over = "d" },"#;
/// The branch alone, which has nothing of the embedding's direction left.
const BRANCH: &str = r#"{ name = "n", op = "rms_norm", input = "y", over = "d" },"#;

fn set(graph: &Arc<Graph>, inits: &[(&str, &str)], multipliers: &[(&str, &str)]) -> Hyperparameters {
    let mut set = Hyperparameters::constant(graph);
    for (name, exponent) in inits {
        set.init[graph.find_parameter(name).unwrap().0] = exponent.parse().unwrap();
    }
    for (name, exponent) in multipliers {
        set.multiplier[graph.find_multiplier(name).unwrap().0] = exponent.parse().unwrap();
    }
    set
}

/// The predicted exponent of the output, and what the simulation says of magnitudes and gradients.
fn told(book: &Arc<RuleBook>, graph: &Arc<Graph>, hyperparameters: &Hyperparameters) -> (String, Summary) {
    let scaling = Scaling::parse("width", graph).unwrap();
    let verification = Verification {
        graph,
        book,
        optimizer: book.optimizer("adam").unwrap(),
        scaling: &scaling,
        runs: Runs::at([16, 64, 256, 1024, 4096, 16384]),
    };
    let predicted = verification.predict(hyperparameters).unwrap();
    let output = predicted.of(Quantity::forward(graph.losses[0].output)).map(Exponent::to_string);
    let mut measurement = verification.measure(hyperparameters, &Finished::none(), &|_| {}).unwrap();
    // Responses are told as if uses of the weight were independent: where a branch of few features moves along itself, a norm
    // takes the embedding out of the stream, and the own logit moves more than that.
    measurement.quantities.retain(|measured| {
        matches!(
            measured.quantity.kind(),
            QuantityKind::Forward | QuantityKind::Backward | QuantityKind::Gradient
        )
    });
    (output.unwrap(), Summary::of(&measurement))
}

#[test]
fn the_own_logit_of_a_token_is_a_sum_that_does_not_cancel() {
    let book = Arc::new(RuleBook::embedded().unwrap());
    let graph = network(&book, NORM);
    let output = |multipliers: &[(&str, &str)], inits: &[(&str, &str)]| {
        let (output, summary) = told(&book, &graph, &set(&graph, inits, multipliers));
        assert_eq!(summary.disagrees, 0, "{multipliers:?} {inits:?}");
        output
    };
    // A norm gives the stream size 1, whatever the embedding: 1/n sums n products, all of one sign at the token itself.
    assert_eq!(output(&[("output", "-1")], &[("W_1", "-1/2")]), "0");
    // The branch, of order n^1/4, outgrows the embedding, of which the norm keeps n^-1/4; n products as if independent: n^1/2.
    assert_eq!(output(&[("output", "-3/4")], &[("W_1", "-1/4")]), "0");
    assert_eq!(output(&[("output", "-3/4"), ("embedding", "-1/4")], &[("W_1", "-1/4")]), "0");
}

#[test]
fn what_a_weight_has_not_made_itself_it_meets_like_anything_else() {
    let book = Arc::new(RuleBook::embedded().unwrap());
    let graph = network(&book, BRANCH);
    let (output, summary) = told(&book, &graph, &set(&graph, &[("W_1", "-1/2")], &[("output", "-1/2")]));
    assert_eq!((output.as_str(), summary.disagrees), ("0", 0));
}

#[test]
fn the_own_logit_saturates_the_loss_although_the_root_mean_square_is_small() {
    let book = Arc::new(RuleBook::embedded().unwrap());
    let graph = network(&book, NORM);
    let scaling = Scaling::parse("width=n,vocab=n", &graph).unwrap();
    let verification = Verification {
        graph: &graph,
        book: &book,
        optimizer: book.optimizer("adam").unwrap(),
        scaling: &scaling,
        runs: Runs::at([16, 32]).seeds(1),
    };
    let inits = [("W_1", "-1/2")];
    let ends = |output| verification.predict(&set(&graph, &inits, &[("output", output)])).unwrap().saturated;
    assert!(ends("-1").is_empty());
    // rms n^-1/2 n n^-1/2 = 1, at the token itself n^1/2.
    let ended = ends("-1/2");
    assert_eq!(ended.len(), 1, "{ended:?}");
    assert_eq!(ended[0].1, "saturated: echo of e in out = 1/2 is above 0");
}

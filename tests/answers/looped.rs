//! One layer run several times: what depth asks of weights that all passes share.

use std::path::Path;
use std::sync::Arc;

use fscale::architecture::Architecture;
use fscale::derive::derive;
use fscale::document::Source;
use fscale::graph::Graph;
use fscale::propagate::NoteTopic;
use fscale::rule::{Approximated, RuleBook};

use super::question;

fn case(book: &RuleBook, name: &str) -> Arc<Graph> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/answers/cases").join(format!("{name}.toml"));
    let text = std::fs::read_to_string(path).unwrap();
    Architecture::parse(&Source::new(name, text), &book.activations()).unwrap().graph
}

/// What changes along a scaling: inits, rates and multipliers that are not constant.
fn changes(book: &Arc<RuleBook>, graph: &Arc<Graph>, scale: &str, optimizer: &str) -> Vec<String> {
    let answer = derive(&question(book, graph, scale, optimizer, "fsc")).unwrap();
    let table = answer.feasible().unwrap_or_else(|| panic!("{scale}, {optimizer}"));
    let mut changes = Vec::new();
    for (id, row) in graph.parameter_ids().zip(&table.parameters) {
        let name = &graph.parameter(id).name;
        changes.extend(
            row.init.iter().filter(|init| !init[0].is_zero()).map(|init| format!("init {name} {}", init[0])),
        );
        changes.extend((!row.lr[0].is_zero()).then(|| format!("lr {name} {}", row.lr[0])));
    }
    let multipliers = table.multipliers.iter().filter(|(_, exponent)| !exponent.is_zero());
    changes.extend(
        multipliers.map(|(id, exponent)| format!("multiplier {} {exponent}", graph.multiplier(*id).name)),
    );
    changes
}

#[test]
fn passes_of_one_layer_enter_the_stream_by_the_inverse_of_their_number_and_keep_their_rates() {
    let book = Arc::new(RuleBook::embedded().unwrap());
    let (looped, apart) = (&case(&book, "looped"), &super::graph(&book, "resmlp"));
    for optimizer in ["sgd", "adam", "muon"] {
        assert_eq!(changes(&book, looped, "depth", optimizer), ["multiplier beta -1"], "{optimizer}");
    }
    // Layers with weights of their own get each a part of the gradient, which the rate of sgd makes up for.
    assert_eq!(changes(&book, apart, "depth", "sgd"), ["lr W 1", "multiplier beta -1"]);
    // Along the width a layer is a layer.
    for optimizer in ["sgd", "adam"] {
        assert_eq!(changes(&book, looped, "width", optimizer), changes(&book, apart, "width", optimizer));
    }
}

#[test]
fn what_all_layers_share_is_named_once() {
    let book = Arc::new(RuleBook::embedded().unwrap());
    let text = &book.architecture("transformer-stack").unwrap().text.text;
    let looped = text.replace("stream_out = \"x2\"\n", "stream_out = \"x2\"\nshared = true\n");
    assert_ne!(*text, looped);
    let graph = Architecture::parse(&Source::new("looped", looped), &book.activations()).unwrap().graph;
    let notes = derive(&question(&book, &graph, "depth", "adam", "fsc")).unwrap().notes();
    let told: Vec<String> = notes
        .into_iter()
        .filter(|note| note.topic == NoteTopic::Approximated(Approximated::Looped))
        .map(|note| note.says)
        .collect();
    assert_eq!(told.len(), 1);
    assert!(
        told[0].starts_with("all layers share `W_Q`, `W_K`, `W_V`, `W_O`, `W_1`, `W_2`: "),
        "{}",
        told[0]
    );
}

#[test]
fn two_passes_written_out_are_one_weight_used_twice() {
    let book = Arc::new(RuleBook::embedded().unwrap());
    let (looped, written) = (&case(&book, "looped"), &case(&book, "looped-written-out"));
    let unrolled = looped.unrolled(|_| 2).graph;
    for graph in [&unrolled, written] {
        assert_eq!(graph.uses(graph.find_parameter("W").unwrap()).len(), 2);
    }
    for optimizer in ["sgd", "adam"] {
        assert_eq!(changes(&book, written, "width", optimizer), changes(&book, looped, "width", optimizer));
    }
    let notes = derive(&question(&book, written, "width", "adam", "fsc")).unwrap().notes();
    assert!(notes.iter().any(|note| note.topic == NoteTopic::Approximated(Approximated::Tied)));
}

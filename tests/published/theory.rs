//! Theory section 9, and every worked example of the rules.

use super::{answer, architecture, book, in_short};
use fscale::derive::{Answer, Verdict};
use fscale::graph::Graph;
use fscale::study::worked;
use std::sync::Arc;

fn outcome(graph: &Arc<Graph>, answer: &Answer) -> String {
    match &answer.verdict {
        Verdict::Feasible { table, .. } => {
            assert!(table.unique, "the solution is unique wherever it exists");
            in_short(graph, table)
        }
        Verdict::Infeasible { .. } => "impossible".into(),
    }
}

#[test]
fn fsc_on_the_transformer_block_gives_the_table_of_the_theory() {
    let hidden = "W_Q -1/2, W_K -1/2, W_V -1/2, W_O -1/2, W_1 -1/2, W_2 -1/2";
    let mup_sgd = format!("init {hidden}, W_U -1; lr W_E 1, W_U -1");
    let mup_adam =
        format!("init {hidden}, W_U -1; lr W_Q -1, W_K -1, W_V -1, W_O -1, W_1 -1, W_2 -1, W_U -1");
    #[rustfmt::skip]
    let expected = [
        // scaling                         SGD                                                    Adam
        ("d_k",     "multiplier attention -1; lr W_Q 1, W_K 1",                   "multiplier attention -1"),
        ("heads",   "init W_O -1; lr W_Q 1, W_K 1, W_V 1, W_O -1",                "init W_O -1; lr W_O -1"),
        ("d_ff",    "init W_2 -1; lr W_1 1, W_2 -1",                              "init W_2 -1; lr W_2 -1"),
        ("context", "",                                                           ""),
        ("d_model", "impossible",                                                 "impossible"),
        ("d_v",     "impossible",                                                 "impossible"),
        ("d_model=n,heads=n,d_ff=n",       &mup_sgd,                              &mup_adam),
        ("d_model=n,d_k=n,d_v=n,d_ff=n",   "impossible",                          "impossible"),
    ];
    let book = book();
    let architecture = architecture(&book, "transformer");
    let graph = &architecture.graph;
    for (scale, sgd, adam) in expected {
        for (optimizer, expected) in [("sgd", sgd), ("adam", adam), ("sign", adam), ("lion", adam)] {
            let answer = answer(&book, graph, scale, optimizer, "fsc");
            assert_eq!(outcome(graph, &answer), expected, "{scale}, {optimizer}");
        }
    }
}

#[test]
fn every_derived_example_holds() {
    let book = book();
    for (name, rule) in &book.architectures {
        let architecture = architecture(&book, name);
        assert_eq!(worked::of_architecture(&architecture.graph, &rule.examples, &book), Ok(()));
    }
    for desiderata in book.desiderata.values() {
        assert_eq!(worked::of_desiderata(desiderata, &book), Ok(()));
    }
    for optimizer in book.optimizers.values() {
        assert_eq!(worked::of_mix(optimizer, &book), Ok(()));
    }
}

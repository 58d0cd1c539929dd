//! The tables that must come out: theory section 9, and the published tables of the maximal update
//! parameterization.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use fscale::architecture::Architecture;
use fscale::derive::{Answer, Question, Verdict, derive};
use fscale::exponent::Exponent;
use fscale::graph::{Graph, Scaling};
use fscale::rule::RuleBook;
use fscale::table::ScalingTable;
use fscale::worked;

fn book() -> RuleBook {
    RuleBook::embedded().unwrap()
}

fn architecture(book: &RuleBook, name: &str) -> Architecture {
    Architecture::parse(&book.architecture(name).unwrap().text, &book.activations()).unwrap()
}

fn answer<'a>(
    book: &'a RuleBook,
    graph: &'a Graph,
    scale: &str,
    optimizer: &str,
    desiderata: &str,
) -> Answer<'a> {
    let scaling = Scaling::parse(scale, graph).unwrap();
    let optimizer = book.optimizer(optimizer).unwrap();
    let desiderata = book.desiderata(desiderata).unwrap();
    derive(&Question { graph, book, optimizer, desiderata, scaling }).unwrap()
}

/// The exponents that are not zero, in words: `init W_O -1; lr W_Q 1, W_K 1`.
fn in_short(graph: &Graph, table: &ScalingTable) -> String {
    let listed = |what: &str, entries: Vec<(&str, &Exponent)>| {
        let changed = entries.iter().filter(|(_, exponent)| !exponent.is_zero());
        let changed: Vec<String> = changed.map(|(name, exponent)| format!("{name} {exponent}")).collect();
        (!changed.is_empty()).then(|| format!("{what} {}", changed.join(", ")))
    };
    let name = |row: &fscale::table::ParameterRow| row.parameter;
    let rows = &table.parameters;
    let init =
        rows.iter().filter_map(|row| Some((graph.parameter(name(row)).name.as_str(), row.init.as_ref()?)));
    let lr = rows.iter().map(|row| (graph.parameter(name(row)).name.as_str(), &row.lr));
    let multipliers = table.multipliers.iter().map(|(id, e)| (graph.multiplier(*id).name.as_str(), e));
    let parts = [
        listed("multiplier", multipliers.collect()),
        listed("init", init.collect()),
        listed("lr", lr.collect()),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

fn outcome(graph: &Graph, answer: &Answer<'_>) -> String {
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
fn width_of_an_mlp_with_biases_gives_table_3_of_tensor_programs_5() {
    let init = "init W_2 -1/2, W_3 -1/2, W_4 -1";
    let expected = [
        ("sgd", format!("{init}; lr W_1 1, b_1 1, b_2 1, b_3 1, W_4 -1")),
        ("adam", format!("{init}; lr W_2 -1, W_3 -1, W_4 -1")),
    ];
    let book = book();
    let architecture = architecture(&book, "mlp");
    for desiderata in ["fsc", "mup"] {
        for (optimizer, expected) in &expected {
            let answer = answer(&book, &architecture.graph, "width", optimizer, desiderata);
            let Verdict::Feasible { table, .. } = &answer.verdict else { panic!("{desiderata}: impossible") };
            assert_eq!(in_short(&architecture.graph, table), *expected, "{desiderata}, {optimizer}");
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

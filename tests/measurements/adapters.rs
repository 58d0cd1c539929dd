//! Adapters: frozen weights, and weights that start at zero. Prediction against simulation, and what the literature on low-rank
//! adapters says.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use fscale::architecture::{Architecture, HyperparameterFile};
use fscale::derive::gauge::Symmetry;
use fscale::derive::{derive, predict};
use fscale::document::Source;
use fscale::exact::Exponent;
use fscale::graph::{Graph, Hyperparameters, NodeId, Quantity, Scaling, Site, Unfolded};
use fscale::propagate::{Growth, PropagateError, Question, Table, propagate};
use fscale::rule::{Folder, RuleBook};
use fscale::simulate::{Finished, Runs};
use fscale::study::Summary;
use fscale::study::trial::{Case, Trial};

fn book() -> Arc<RuleBook> {
    Arc::new(RuleBook::embedded().unwrap())
}

fn built_in(book: &Arc<RuleBook>) -> Arc<Graph> {
    Architecture::parse(&book.architecture("lora").unwrap().text, &book.activations()).unwrap().graph
}

/// Two adapters, one above the other: what the lower one moves passes the upper one.
fn stacked(book: &Arc<RuleBook>) -> Arc<Graph> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/networks/adapters.toml");
    let source = Source::new("adapters.toml", fs::read_to_string(path).unwrap());
    Architecture::parse(&source, &book.activations()).unwrap_or_else(|wrong| panic!("{wrong}")).graph
}

fn table(book: &Arc<RuleBook>, graph: &Arc<Graph>, scale: &str, optimizer: &str) -> Table {
    let scaling = Scaling::parse(scale, graph).unwrap();
    let (optimizer, desiderata) = (book.optimizer(optimizer).unwrap(), book.desiderata("fsc").unwrap());
    let answer = derive(&Question::new(graph, book, optimizer, desiderata, scaling)).unwrap();
    answer.feasible().unwrap_or_else(|| panic!("{scale}: impossible")).clone()
}

fn rate(graph: &Arc<Graph>, table: &Table, name: &str) -> String {
    table.parameters[graph.find_parameter(name).unwrap().0].lr.to_string()
}

/// The given exponents of rates and of `alpha`, and the derived inits.
fn given(graph: &Arc<Graph>, derived: &Table, alpha: &str, rates: &[(&str, &str)]) -> Unfolded {
    let mut given: Hyperparameters = derived.hyperparameters().remove(0);
    given.multiplier[graph.find_multiplier("alpha").unwrap().0] = alpha.parse().unwrap();
    given.lr.fill(Exponent::ZERO);
    for (name, exponent) in rates {
        given.lr[graph.find_parameter(name).unwrap().0] = exponent.parse().unwrap();
    }
    Unfolded::without_own(given)
}

const WIDTH: &str = "d_model=n,heads=n,d_ff=n";

/// Hayou et al. arXiv:2402.12354 (LoRA+), section 4: under adam the rate of B is that of A times the width.
#[test]
fn width_gives_the_ratio_of_rates_of_lora_plus() {
    let book = book();
    let graph = built_in(&book);
    for optimizer in ["adam", "adamw", "lion", "sign"] {
        let table = table(&book, &graph, WIDTH, optimizer);
        for name in ["A_Q", "A_V"] {
            assert_eq!(rate(&graph, &table, name), "-1", "{optimizer}");
        }
        let plus = given(&graph, &table, "0", &[("A_Q", "-1"), ("A_V", "-1")]);
        let plain = Unfolded::without_own(table.hyperparameters().remove(0));
        let symmetry = Symmetry::new(&graph, &book, book.optimizer(optimizer).unwrap()).unwrap();
        assert_eq!(symmetry.difference(&plain, &plus), None, "{optimizer}");
    }
}

/// The weights beside the adapters have to be as muP makes them.
#[test]
fn adapters_ask_of_frozen_weights_what_training_them_would() {
    let book = book();
    let graph = built_in(&book);
    let transformer =
        Architecture::parse(&book.architecture("transformer").unwrap().text, &book.activations())
            .unwrap()
            .graph;
    for scale in [WIDTH, "d_k", "heads"] {
        let adapted = table(&book, &graph, scale, "adam");
        let trained = table(&book, &transformer, scale, "adam");
        for row in &trained.parameters {
            let name = &transformer.parameter(row.parameter).name;
            let frozen = &adapted.parameters[graph.find_parameter(name).unwrap().0];
            assert_eq!(frozen.init, row.init, "{scale}: {name}");
        }
    }
}

/// Kalajdzievski arXiv:2312.03732 (rsLoRA): alpha over the root of the rank, where the step follows the gradient and rates stay. Under
/// adam B moves by signs, and it is Hu et al.'s alpha over the rank with which rates stay; what counts is alpha times the rate of B.
#[test]
fn rank_gives_its_root_for_gradients_and_the_rank_for_signs() {
    let book = book();
    let graph = built_in(&book);
    let cases = [
        ("sgd", "-1/2", vec![("A_Q", "1"), ("A_V", "1")]),
        ("adam", "-1", Vec::new()),
        ("adam", "-1/2", vec![("B_Q", "-1/2"), ("B_V", "-1/2")]),
        ("adam", "0", vec![("B_Q", "-1"), ("B_V", "-1")]),
    ];
    for (optimizer, alpha, rates) in cases {
        let derived = table(&book, &graph, "rank", optimizer);
        let plain = Unfolded::without_own(derived.hyperparameters().remove(0));
        let symmetry = Symmetry::new(&graph, &book, book.optimizer(optimizer).unwrap()).unwrap();
        let known = given(&graph, &derived, alpha, &rates);
        assert_eq!(symmetry.difference(&plain, &known), None, "{optimizer}, {alpha}");
        for other in ["-3/2", "1/2"] {
            let wrong = given(&graph, &derived, other, &rates);
            assert!(symmetry.difference(&plain, &wrong).is_some(), "{optimizer}, {other}");
        }
    }
}

#[test]
fn before_its_first_step_an_adapter_makes_nothing_and_what_is_frozen_never_moves() {
    let book = book();
    let graph = stacked(&book);
    let growth = Growth::along(Scaling::parse("width", &graph).unwrap().along(0));
    let propagation = propagate(&graph, &book, book.optimizer("sgd").unwrap(), growth).unwrap();
    let prediction = predict(&propagation, &[Hyperparameters::constant(&graph)]).unwrap();
    let without = |of: fn(NodeId) -> Quantity| -> Vec<&str> {
        let nodes = graph.nodes().filter(|y| prediction.of(of(*y)).is_none());
        nodes.map(|y| graph.node(y).name.as_str()).collect()
    };
    assert_eq!(without(Quantity::forward), ["y1", "y2", "s2"]);
    assert_eq!(without(Quantity::update), ["u", "h0", "r0", "z1"]);
    for w in graph.parameter_ids() {
        let trained = graph.parameter(w).name.starts_with(['A', 'B']);
        assert_eq!(prediction.of(Quantity::contribution(w)).is_some(), trained);
        assert_eq!(propagation.lr[w.0].is_some(), trained);
    }
    let note = "`B_1`, `B_2` start at zero and move alone in the first step; what passes there is told of the second step, to first \
                order in the first";
    assert_eq!(prediction.notes, [note]);
}

#[test]
fn a_step_that_is_a_fraction_of_a_weight_is_refused_where_that_starts_at_zero() {
    let book = book();
    let graph = stacked(&book);
    let growth = Growth::along(Scaling::parse("width", &graph).unwrap().along(0));
    for name in ["lars", "lamb", "adafactor"] {
        let refused = propagate(&graph, &book, book.optimizer(name).unwrap(), growth.clone()).err();
        let still = PropagateError::Still { parameter: "B_1".into(), optimizer: name.into() };
        assert_eq!(refused, Some(still));
    }
}

#[test]
fn what_is_frozen_has_no_learning_rate_and_what_starts_at_zero_no_init() {
    let graph = stacked(&book());
    let text = "optimizer = \"sgd\"\n[init]\nB_1 = { width = \"-1\" }\n[lr]\nW_1 = { width = \"-1\" }\n";
    let refused =
        HyperparameterFile::parse(&Source::new("mine.toml", text), &graph).err().unwrap().to_string();
    for message in ["`B_1` is a parameter that starts at zero", "`W_1` is frozen and has no learning rate"] {
        assert!(refused.contains(message), "{refused}");
    }
}

const WIDTHS: [usize; 5] = [256, 1024, 4096, 16384, 65536];
const RANKS: [usize; 5] = [2, 8, 32, 128, 512];

/// Random exponents, each of the two dimensions alone. Ranks stay below the width, which is then large.
fn cases(book: &Arc<RuleBook>, optimizer: &str, dimension: &str, values: &[usize]) -> Vec<Case> {
    let mut graph = stacked(book);
    let id = graph.find_dimension(dimension).unwrap();
    if dimension == "rank" {
        let width = graph.find_dimension("width").unwrap();
        Arc::make_mut(&mut graph).dimensions[width.0].size = 4096;
    }
    let trial = Trial {
        graph: &graph,
        single: &graph,
        book,
        optimizer: book.optimizer(optimizer).unwrap(),
        dimensions: vec![id],
        cases: 3,
        // With 0, sgd along the width draws a case in which two terms are equally large at the largest width.
        runs: Runs::at(values).base_seed(1),
    };
    let mut cases = Vec::new();
    trial.run(&Finished::none(), &|_| {}, |case| cases.push(case.clone())).unwrap();
    // Along the rank, what comes back two weights before an adapter is told to be an approximation. What the lower adapter moves of
    // the upper one is a sum of an aligned and an unaligned part, whose ratio is the root of width over rank at first: along the rank,
    // and with muon, slopes still drift to the predicted one at the largest sizes. It is compared along the width, with sgd and adam.
    let node = |name: &str| graph.find_node(name).unwrap();
    let parameter = |name: &str| graph.find_parameter(name).unwrap();
    let (upper, lower) = (["a2", "y2", "s2"].map(node), ["A_1", "B_1"].map(parameter));
    let is_told = |quantity: Quantity| match quantity.site() {
        Site::Node(_) => dimension != "rank" || quantity != Quantity::backward(node("u")),
        Site::Use(w, y) => !(upper.contains(&y) && lower.contains(&w)),
        Site::Parameter(_) => true,
    };
    for case in cases.iter_mut().filter(|_| dimension == "rank" || optimizer == "muon") {
        case.measurement.quantities.retain(|measured| is_told(measured.quantity));
    }
    cases
}

fn summary(cases: &[Case]) -> Summary {
    cases.iter().map(|case| Summary::of(&case.measurement)).sum()
}

#[test]
fn prediction_and_simulation_of_adapters_agree_at_random_hyperparameters() {
    let book = book();
    for optimizer in ["sgd", "adam", "muon"] {
        for (dimension, values) in [("width", WIDTHS), ("rank", RANKS)] {
            let Summary { agrees, crossover, disagrees, .. } =
                summary(&cases(&book, optimizer, dimension, &values));
            println!("{dimension}, {optimizer}: {agrees} agree, {crossover} crossover, {disagrees} disagree");
            assert_eq!(disagrees, 0, "{dimension}, {optimizer}");
            assert!(
                50 * agrees >= 49 * (agrees + crossover),
                "{dimension}, {optimizer}: {agrees} and {crossover}"
            );
        }
    }
}

/// A check that cannot fail is none: with another power of the rank in what comes back, the simulation disagrees.
#[test]
fn a_wrong_rule_for_what_comes_back_through_an_adapter_disagrees_with_the_simulation() {
    let mut book = Arc::unwrap_or_clone(book());
    let mut source: Source = book.texts[&(Folder::Ops, "linear_from_zero".to_owned())].clone();
    for (from, to) in [
        ("- N(x) + |z - x sample|", "- 1/2 N(x) + |z - x sample|"),
        ("backward  = \"-1\"", "backward  = \"-1/2\""),
    ] {
        assert!(source.text.contains(from), "{from}");
        source.text = source.text.replace(from, to);
    }
    book.add(Folder::Ops, source).unwrap();
    let book = Arc::new(book);
    assert!(summary(&cases(&book, "sgd", "rank", &RANKS)).disagrees > 0);
}

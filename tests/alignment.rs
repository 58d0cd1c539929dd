//! Assumed alignments: the learning rates of Everett et al., arXiv:2407.05872, derived by hand from the constraints there;
//! and training, whose first step is the one of first order.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_types, reason = "helpers of tests")]

use std::collections::BTreeMap;
use std::sync::Arc;

use fscale::architecture::Architecture;
use fscale::derive::gauge::{folded, with_own};
use fscale::derive::{Priority, Question, Search, Verdict, derive_by};
use fscale::exact::Exponent;
use fscale::graph::{Graph, Hyperparameters, Scaling, Unfolded};
use fscale::propagate::{Prediction, ScalingTable, propagate};
use fscale::rule::{Given, Later, RuleBook};
use fscale::simulate::{
    Experiment, Finished, Method, Precision, Quantity, Runs, Simulation, Training, Watched,
};
use fscale::study::verify::functions;

fn graph(book: &Arc<RuleBook>, name: &str) -> Arc<Graph> {
    Architecture::parse(&book.architecture(name).unwrap().text, &book.activations()).unwrap().graph
}

fn exponents(text: &str) -> Vec<Exponent> {
    text.split_whitespace().map(|word| word.parse().unwrap()).collect()
}

/// A parameterization of the embedding, the hidden layers and the readout of an MLP: multipliers and inits in the notation of
/// the paper's Table 1, biases constant.
struct Layers {
    multiplier: &'static str,
    init: &'static str,
}

/// The paper's four.
fn parameterizations() -> BTreeMap<&'static str, Layers> {
    [
        ("standard", Layers { multiplier: "0 0 0", init: "0 -1/2 -1/2" }),
        ("ntk", Layers { multiplier: "0 -1/2 -1/2", init: "0 0 0" }),
        ("mup", Layers { multiplier: "1/2 0 -1/2", init: "-1/2 -1/2 -1/2" }),
        ("mean field", Layers { multiplier: "0 -1/2 -1", init: "0 0 0" }),
    ]
    .into()
}

impl Layers {
    fn unfolded(&self, graph: &Arc<Graph>) -> Unfolded {
        let mut unfolded = Unfolded::without_own(Hyperparameters::constant(graph));
        let layers = [("W_1", 0), ("W_2", 1), ("W_3", 1), ("W_4", 2)];
        for (name, layer) in layers {
            let id = graph.find_parameter(name).unwrap();
            unfolded.own[id.0] = exponents(self.multiplier)[layer].clone();
            unfolded.hyperparameters.init[id.0] = exponents(self.init)[layer].clone();
        }
        unfolded
    }
}

/// The largest stable learning rates at what is given, told with its multipliers.
fn largest(
    book: &Arc<RuleBook>,
    graph: &Arc<Graph>,
    optimizer: &str,
    layers: &Layers,
) -> Option<ScalingTable> {
    let optimizer = book.optimizer(optimizer).unwrap();
    let unfolded = layers.unfolded(graph);
    let mut desiderata = book.desiderata("stable").unwrap().clone();
    let hyperparameters = folded(&unfolded, optimizer).unwrap();
    desiderata.given = Some(Given { name: "the table".into(), hyperparameters });
    let scaling = Scaling::parse("width", graph).unwrap();
    let question = Question::new(graph, book, optimizer, &desiderata, scaling);
    let answer = derive_by(&question, Search::Conflict, Priority::LargestLr).unwrap();
    match answer.verdict {
        Verdict::Feasible { table, .. } => Some(with_own(&table, graph, optimizer, &unfolded.own).unwrap()),
        Verdict::Infeasible { .. } => None,
    }
}

fn rates(graph: &Arc<Graph>, table: &ScalingTable) -> String {
    let of = |name| table.parameters[graph.find_parameter(name).unwrap().0].lr.to_string();
    assert_eq!(of("W_2"), of("W_3"), "hidden layers are alike");
    [of("W_1"), of("W_2"), of("W_4")].join(" ")
}

fn assuming(alignment: &str) -> Arc<RuleBook> {
    let mut book = RuleBook::embedded().unwrap();
    book.assume(alignment).unwrap();
    Arc::new(book)
}

/// Embedding, hidden layers, readout: the constraints are `c_1 + a_1 + g_1 >= 0`, and at the others `a + c + g >= alpha`, where
/// a rate is `n^-c`, a multiplier `n^-a`, and an update `n^-c` times a gradient `n^-g` (sgd), 1 (adam) or the init
/// (adafactor, lamb). Gradients are those at initialization.
#[test]
fn the_largest_stable_rates_are_those_of_the_constraints_of_the_paper() {
    let cases = [
        // parameterization, optimizer, full alignment, no alignment
        ("standard", "sgd", "1/2 -1/2 -1", "1/2 0 -1/2"),
        ("standard", "adam", "0 -1 -1", "0 -1/2 -1/2"),
        ("standard", "adafactor", "0 -1/2 -1/2", "0 0 0"),
        ("ntk", "sgd", "1/2 1/2 0", "1/2 1 1/2"),
        ("ntk", "adam", "0 -1/2 -1/2", "0 0 0"),
        ("ntk", "adafactor", "0 -1/2 -1/2", "0 0 0"),
        ("mup", "sgd", "0 0 0", "0 1/2 1/2"),
        ("mup", "adam", "-1/2 -1 -1/2", "-1/2 -1/2 0"),
        ("mup", "adafactor", "0 -1/2 0", "0 0 1/2"),
        ("mean field", "sgd", "1 1 1", "1 3/2 3/2"),
        ("mean field", "adam", "0 -1/2 0", "0 0 1/2"),
        ("mean field", "adafactor", "0 -1/2 0", "0 0 1/2"),
    ];
    let (full, none) = (assuming("full"), assuming("none"));
    let graph = graph(&full, "mlp");
    for (name, optimizer, if_full, if_none) in cases {
        for (book, expected) in [(&full, if_full), (&none, if_none)] {
            // The parameter-scaled variant of adam is lamb.
            let scaled = (optimizer == "adafactor").then_some("lamb");
            for optimizer in [Some(optimizer), scaled].into_iter().flatten() {
                let table = largest(book, &graph, optimizer, &parameterizations()[name]).unwrap();
                assert_eq!(rates(&graph, &table), expected, "{name}, {optimizer}");
            }
        }
    }
}

/// Standard and NTK, and muP and mean field, differ by trades of multiplier, init and rate: so do their largest rates.
#[test]
fn parameterizations_equal_up_to_gauge_have_rates_equal_up_to_gauge() {
    for alignment in ["full", "none", "readout"] {
        let book = assuming(alignment);
        let graph = graph(&book, "mlp");
        for optimizer in ["sgd", "adam", "adafactor", "normalized", "muon"] {
            let per_own = &Exponent::ONE + &book.optimizer(optimizer).unwrap().degree().unwrap();
            for pair in [["standard", "ntk"], ["mup", "mean field"]] {
                let told = pair.map(|name| {
                    let table = largest(&book, &graph, optimizer, &parameterizations()[name]).unwrap();
                    let row = |row: &fscale::propagate::ParameterRow| {
                        &row.lr + &(&per_own * row.multiplier.as_ref().unwrap())
                    };
                    table.parameters.iter().map(row).collect::<Vec<_>>()
                });
                assert_eq!(told[0], told[1], "{alignment}, {optimizer}, {pair:?}");
            }
        }
    }
}

/// If the readout's initial weights align with what has changed, features may move by order 1 only if it starts at 1/n.
#[test]
fn a_readout_that_aligns_with_changes_freezes_features_unless_it_starts_small() {
    let book = assuming("readout");
    let graph = graph(&book, "mlp");
    let of = |name: &str| rates(&graph, &largest(&book, &graph, "adam", &parameterizations()[name]).unwrap());
    assert_eq!(of("standard"), "-1/2 -3/2 -1");
    assert_eq!(of("mean field"), "0 -1/2 0");
}

fn predicted(book: &Arc<RuleBook>, graph: &Arc<Graph>, scale: &str, optimizer: &str) -> Prediction {
    let scaling = Scaling::parse(scale, graph).unwrap();
    let optimizer = book.optimizer(optimizer).unwrap();
    let propagation = propagate(graph, book, optimizer, &scaling.along(0)).unwrap();
    let sizes = fscale::propagate::Sizes::new(graph, scaling.along(0));
    let standard = book.parameterization("standard").unwrap();
    propagation.predict(&folded(&standard.hyperparameters(graph, &sizes, optimizer), optimizer).unwrap())
}

/// A token takes one row of an embedding: there is nothing to add up, whatever is assumed.
#[test]
fn a_one_hot_input_contracts_one_term() {
    let text = include_str!("networks/language-model.toml");
    for alignment in ["full", "none"] {
        let book = assuming(alignment);
        let source = fscale::document::Source::new("language-model.toml", text);
        let graph = Architecture::parse(&source, &book.activations()).unwrap().graph;
        let hot = graph.nodes().find(|id| graph.node(*id).op.one_hot().is_some()).unwrap();
        let dimension = graph.dimension_of(graph.node(hot).op.one_hot().unwrap());
        let name = &graph.dimension(dimension).name;
        let embedded = graph.nodes().find(|id| graph.operands(*id).contains(&hot)).unwrap();
        let embedding = graph.parameter_at(embedded).unwrap();
        let update = &predicted(&book, &graph, name, "sign").update_by[&(embedding, embedded)];
        assert_eq!(*update, Exponent::ZERO, "{alignment}");
    }
}

/// At initialization a first step is fully aligned with its input, and what it does downstream is aligned with nothing but the
/// readout: of features under sgd, all but what reaches the output is as `full` says.
#[test]
fn full_alignment_is_that_of_a_first_step_where_parameters_are_used() {
    let exact = Arc::new(RuleBook::embedded().unwrap());
    let full = assuming("full");
    for (name, scale) in
        [("mlp", "width"), ("transformer", "d_ff"), ("transformer", "d_model=n,heads=n,d_ff=n")]
    {
        let graph = graph(&exact, name);
        for optimizer in exact.optimizers.keys() {
            let [first, later] = [&exact, &full].map(|book| predicted(book, &graph, scale, optimizer));
            for w in graph.parameter_ids() {
                for y in graph.uses(w) {
                    assert_eq!(
                        first.update_by.get(&(w, y)),
                        later.update_by.get(&(w, y)),
                        "{name} {scale} {optimizer}"
                    );
                }
            }
            assert_eq!((&first.forward, &first.backward), (&later.forward, &later.backward));
            assert!(later.contribution.iter().chain(&later.angle).all(Option::is_none));
        }
    }
}

fn experiment<'a>(
    book: &Arc<RuleBook>,
    graph: &'a Arc<Graph>,
    hyperparameters: &'a Hyperparameters,
    scaling: &'a Scaling,
    optimizer: &str,
) -> Experiment<'a> {
    let optimizer = book.optimizer(optimizer).unwrap();
    Experiment {
        graph,
        hyperparameters,
        steps: optimizer.of_each(graph).iter().map(|optimizer| optimizer.step).collect(),
        functions: functions(book),
        scaling,
        runs: Runs::at([16, 32]).seeds(2).simulated(Simulation {
            precision: Precision::F64,
            method: Method::Direct,
            ..Simulation::default()
        }),
    }
}

/// A step so small that the second order is below a thousandth moves every node as the first order says.
#[test]
fn a_small_first_step_of_training_is_the_response_of_first_order() {
    const SMALL: f64 = 1e-5;
    const TOLERANCE: f64 = 1e-3;
    /// The step of first order is relative to the size that the law of a parameter expects, training to the size it has: of
    /// 16 entries, their mean square is off by a third, and some by more.
    const OF_SIZE: f64 = 0.5;
    let book = Arc::new(RuleBook::embedded().unwrap());
    let mut compared = 0;
    for (name, scale) in [("mlp", "width"), ("transformer", "d_ff")] {
        let graph = graph(&book, name);
        let (hyperparameters, scaling) =
            (Hyperparameters::constant(&graph), Scaling::parse(scale, &graph).unwrap());
        for (optimizer, rule) in &book.optimizers {
            let (Some(later), None) = (rule.later, &rule.mix) else { continue };
            let experiment = experiment(&book, &graph, &hyperparameters, &scaling, optimizer);
            let first = experiment.run(&Finished::none(), &|_| {}).unwrap();
            let tolerance = if later == Later::FactoredSquares { OF_SIZE } else { TOLERANCE };
            let later = vec![later; graph.parameters.len()];
            let training = Training { experiment, later, steps: 1, largest_update: SMALL };
            let trained = training.run(&|_| {}).unwrap();
            for (place, watched) in trained.watched.iter().enumerate() {
                let Watched::Change(node) = watched else { continue };
                let at = first.quantities.iter().position(|held| *held == Quantity::Update(*node)).unwrap();
                for (run, seen) in &trained.runs {
                    let (found, expected) = (seen[0][place], SMALL * first.runs[run][at]);
                    assert!(
                        (found / expected - 1.0).abs() <= tolerance,
                        "{name}, {optimizer}, {}: {found} for {expected}",
                        graph.node(*node).name
                    );
                    compared += 1;
                }
            }
        }
    }
    assert!(compared > 100, "{compared}");
}

#[test]
fn training_does_not_depend_on_threads() {
    let book = Arc::new(RuleBook::embedded().unwrap());
    let graph = graph(&book, "mlp");
    let (hyperparameters, scaling) =
        (Hyperparameters::constant(&graph), Scaling::parse("width", &graph).unwrap());
    let trained = |threads| {
        let experiment = experiment(&book, &graph, &hyperparameters, &scaling, "adam");
        let later = vec![book.optimizer("adam").unwrap().later.unwrap(); graph.parameters.len()];
        let training = Training { experiment, later, steps: 5, largest_update: 0.1 };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| training.run(&|_| {})).unwrap()
    };
    let alone = trained(1);
    assert_eq!(alone.steps, [1, 2, 4, 5]);
    assert_eq!(alone, trained(3));
}

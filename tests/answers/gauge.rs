//! Gauge: which parameterizations are the same, published tables, built-in parameterizations, and random trades.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use fscale::architecture::{Architecture, HyperparameterFile};
use fscale::derive::gauge::{self, Gauge, GaugeError, Invariant};
use fscale::derive::{derive, predict};
use fscale::document::Source;
use fscale::exact::{Exponent, PowerSum, Powers};
use fscale::graph::{Graph, Hyperparameters, Quantity, QuantityKind, Scaling, Unfolded};
use fscale::propagate::{Growth, Prediction, Question, Table, propagate};
use fscale::rule::{Optimizer, RuleBook};
use proptest::prelude::*;

fn book() -> Arc<RuleBook> {
    Arc::new(RuleBook::embedded().unwrap())
}

fn architecture(book: &Arc<RuleBook>, name: &str) -> Arc<Graph> {
    Architecture::parse(&book.architecture(name).unwrap().text, &book.activations()).unwrap().graph
}

fn table(book: &Arc<RuleBook>, graph: &Arc<Graph>, scale: &str, optimizer: &Optimizer) -> Table {
    let scaling = Scaling::parse(scale, graph).unwrap();
    let desiderata = book.desiderata("fsc").unwrap();
    let answer = derive(&Question::new(graph, book, optimizer, desiderata, scaling)).unwrap();
    answer.feasible().unwrap_or_else(|| panic!("{scale}: impossible")).clone()
}

fn derived(book: &Arc<RuleBook>, graph: &Arc<Graph>, scale: &str, optimizer: &Optimizer) -> Unfolded {
    Unfolded::without_own(table(book, graph, scale, optimizer).hyperparameters().remove(0))
}

/// A table of `tests/gauge`, under a width of `n`.
fn published(name: &str, graph: &Arc<Graph>) -> Unfolded {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gauge").join(format!("{name}.toml"));
    let source = Source::new(name, fs::read_to_string(path).unwrap());
    let file = HyperparameterFile::parse(&source, graph).unwrap_or_else(|wrong| panic!("{wrong}"));
    assert!(name.ends_with(&file.optimizer.name), "{name} is for {}", file.optimizer.name);
    file.along(graph, &Scaling::parse("width", graph).unwrap(), 0)
}

fn built_in(
    book: &Arc<RuleBook>,
    name: &str,
    graph: &Arc<Graph>,
    scale: &str,
    optimizer: &Optimizer,
) -> Unfolded {
    let growth = Growth::along(Scaling::parse(scale, graph).unwrap().along(0));
    book.parameterization(name).unwrap().hyperparameters(graph, &growth, optimizer)
}

/// The exponents of quantities of these kinds.
fn of_kinds(prediction: &Prediction, kinds: &[QuantityKind]) -> Vec<(Quantity, Option<Exponent>)> {
    let quantities = prediction.quantities().filter(|quantity| kinds.contains(&quantity.kind()));
    quantities.map(|quantity| (quantity, prediction.of(quantity).cloned())).collect()
}

fn predicted(
    book: &Arc<RuleBook>,
    graph: &Arc<Graph>,
    scale: &str,
    optimizer: &Optimizer,
    at: &Hyperparameters,
) -> Prediction {
    let powers = Scaling::parse(scale, graph).unwrap().along(0);
    let propagation = propagate(graph, book, optimizer, Growth::along(powers)).unwrap();
    predict(&propagation, std::slice::from_ref(at)).unwrap()
}

#[test]
fn tables_3_8_and_9_of_tensor_programs_5_are_one_parameterization_and_it_is_the_derived_one() {
    let book = book();
    let graph = architecture(&book, "mlp");
    for name in ["sgd", "adam"] {
        let optimizer = book.optimizer(name).unwrap();
        let degree = optimizer.degree().unwrap();
        let derived = derived(&book, &graph, "width", optimizer);
        for number in [3, 8, 9] {
            let table = published(&format!("table-{number}-{name}"), &graph);
            assert_eq!(gauge::difference(&graph, &derived, &table, &degree), None, "table {number}, {name}");
        }
    }
}

#[test]
fn tables_of_different_optimizers_are_not_equal_under_either() {
    let book = book();
    let graph = architecture(&book, "mlp");
    for name in ["sgd", "adam"] {
        let degree = book.optimizer(name).unwrap().degree().unwrap();
        for number in [3, 8, 9] {
            let [sgd, adam] =
                ["sgd", "adam"].map(|name| published(&format!("table-{number}-{name}"), &graph));
            assert!(gauge::difference(&graph, &sgd, &adam, &degree).is_some(), "table {number}, {name}");
        }
    }
}

#[test]
fn every_wrong_exponent_of_a_table_makes_it_another_parameterization() {
    let book = book();
    let graph = architecture(&book, "mlp");
    for name in ["sgd", "adam"] {
        let degree = book.optimizer(name).unwrap().degree().unwrap();
        let right = published(&format!("table-3-{name}"), &graph);
        for number in [3, 8, 9] {
            let table = published(&format!("table-{number}-{name}"), &graph);
            for w in graph.parameter_ids() {
                for what in 0..3 {
                    let mut wrong = table.clone();
                    let at = &mut wrong.hyperparameters;
                    let exponent =
                        [&mut at.init[w.0], &mut at.lr[w.0], &mut wrong.own[w.0]].into_iter().nth(what);
                    *exponent.unwrap() += &Exponent::ratio(1, 2);
                    let difference = gauge::difference(&graph, &right, &wrong, &degree);
                    let on = difference.map(|difference| match difference.of {
                        Invariant::Start(on, _) | Invariant::RelativeRate(on) | Invariant::Rate(on) => {
                            Some(on)
                        }
                        Invariant::Multiplier(_) | Invariant::Stabiliser(..) => None,
                    });
                    assert_eq!(on, Some(Some(w)), "table {number}, {name}");
                }
            }
        }
    }
}

fn told(
    book: &Arc<RuleBook>,
    graph: &Arc<Graph>,
    scale: &str,
    optimizer: &str,
    gauge: Gauge,
) -> (Table, Vec<String>) {
    let optimizer = book.optimizer(optimizer).unwrap();
    gauge::in_gauge(&table(book, graph, scale, optimizer), graph, optimizer, gauge).unwrap()
}

/// The stored exponents and own multipliers of a table in a gauge.
fn unfolded(table: &Table) -> Unfolded {
    let own = |powers: &Powers| powers[0].clone();
    let own = table.parameters.iter().map(|row| row.multiplier.as_ref().map(own).unwrap_or_default());
    Unfolded { hyperparameters: table.hyperparameters().remove(0), own: own.collect() }
}

#[test]
fn the_derived_table_for_sgd_at_constant_rates_is_table_9() {
    let book = book();
    let graph = architecture(&book, "mlp");
    let (constant, notes) = told(&book, &graph, "width", "sgd", Gauge::ConstantLr);
    assert_eq!(unfolded(&constant), published("table-9-sgd", &graph));
    assert_eq!(notes, Vec::<String>::new());
}

#[test]
fn input_and_output_of_the_derived_table_at_constant_init_are_those_of_table_8() {
    let book = book();
    let graph = architecture(&book, "mlp");
    for name in ["sgd", "adam"] {
        let constant = unfolded(&told(&book, &graph, "width", name, Gauge::ConstantInit).0);
        let table = published(&format!("table-8-{name}"), &graph);
        for w in ["W_1", "b_1", "b_2", "b_3", "W_4", "b_4"].map(|name| graph.find_parameter(name).unwrap()) {
            let of = |given: &Unfolded| {
                let Unfolded { hyperparameters, own } = given;
                (hyperparameters.init(w).clone(), hyperparameters.lr(w).clone(), own[w.0].clone())
            };
            assert_eq!(of(&constant), of(&table), "{} {name}", graph.parameter(w).name);
        }
    }
}

#[test]
fn a_table_in_any_gauge_is_the_same_parameterization() {
    let book = book();
    let cases = [("mlp", "width"), ("transformer", "d_k"), ("transformer", "d_model=n,heads=n,d_ff=n")];
    for (name, scale) in cases {
        let graph = architecture(&book, name);
        for optimizer in book.optimizers.values() {
            let table = table(&book, &graph, scale, optimizer);
            let plain = Unfolded::without_own(table.hyperparameters().remove(0));
            let degree = optimizer.degree().unwrap();
            for gauge in [Gauge::ConstantInit, Gauge::ConstantLr, Gauge::NoMultipliers] {
                let told = gauge::in_gauge(&table, &graph, optimizer, gauge);
                // A step that is a fraction of the parameter has the same rate whatever multiplies it.
                if gauge == Gauge::ConstantLr && degree == -Exponent::ONE {
                    let unreachable = GaugeError::RateOutOfReach(optimizer.about.name.clone());
                    assert_eq!(told.err(), Some(unreachable));
                    continue;
                }
                let (told, _) = told.unwrap();
                assert_eq!(gauge::difference(&graph, &plain, &unfolded(&told), &degree), None);
                for row in &told.parameters {
                    let fixed = match gauge {
                        Gauge::ConstantInit => row.init.clone(),
                        Gauge::ConstantLr => Some(row.lr.clone()),
                        Gauge::NoMultipliers => row.multiplier.clone(),
                    };
                    assert_eq!(fixed, Some(Powers::zero(1)), "{gauge:?}");
                }
            }
        }
    }
}

#[test]
fn epsilon_and_weight_decay_follow_what_is_stored() {
    let book = book();
    let graph = architecture(&book, "mlp");
    let (told, _) = told(&book, &graph, "width", "adamw", Gauge::ConstantInit);
    for row in &told.parameters {
        let against = PowerSum::single(vec![-&row.lr[0]]);
        assert_eq!(row.weight_decay, Some(against), "{}", graph.parameter(row.parameter).name);
    }
    // The gradient of the output layer, multiplied by 1/n, falls like 1/n.
    let output = &told.parameters[graph.find_parameter("W_4").unwrap().0];
    let falling = vec![-Exponent::ONE];
    assert_eq!(
        (output.multiplier.as_ref(), output.epsilon.as_ref()),
        (Some(&Powers(falling.clone())), Some(&PowerSum::single(falling)))
    );
}

#[test]
fn the_built_in_maximal_update_parameterization_is_the_derived_table() {
    let book = book();
    let cases = [
        ("mlp", "width"),
        ("transformer", "d_k"),
        ("transformer", "heads"),
        ("transformer", "d_ff"),
        ("transformer", "context"),
        ("transformer", "d_model=n,heads=n,d_ff=n"),
    ];
    for (name, scale) in cases {
        let graph = architecture(&book, name);
        for optimizer in book.optimizers.values() {
            let degree = optimizer.degree().unwrap();
            let derived = derived(&book, &graph, scale, optimizer);
            for rule in ["mup", "mean-field"] {
                let given = built_in(&book, rule, &graph, scale, optimizer);
                let difference = gauge::difference(&graph, &derived, &given, &degree);
                assert_eq!(difference, None, "{rule}: {name} {scale}, {}", optimizer.about.name);
            }
        }
    }
}

#[test]
fn mean_field_has_the_rates_of_everett_et_al() {
    let book = book();
    let graph = architecture(&book, "mlp");
    let given = built_in(&book, "mean-field", &graph, "width", book.optimizer("adam").unwrap());
    for (name, multiplier, lr) in [("W_1", "0", "0"), ("W_2", "-1/2", "-1/2"), ("W_4", "-1", "0")] {
        let w = graph.find_parameter(name).unwrap();
        let found = (given.own[w.0].to_string(), given.hyperparameters.lr(w).to_string());
        assert_eq!(found, (multiplier.into(), lr.into()), "{name}");
    }
}

#[test]
fn features_freeze_under_the_kernel_parameterization_while_the_output_moves() {
    let book = book();
    let graph = architecture(&book, "mlp");
    for name in ["sgd", "adam", "normalized", "muon"] {
        let optimizer = book.optimizer(name).unwrap();
        let given = built_in(&book, "ntk", &graph, "width", optimizer);
        let prediction =
            predicted(&book, &graph, "width", optimizer, &gauge::folded(&given, optimizer).unwrap());
        let of = |written: &str| prediction.of(Quantity::read(written, &graph).unwrap()).unwrap().clone();
        for node in ["r1", "r2", "r3"] {
            assert_eq!(of(&format!("forward({node})")), Exponent::ZERO, "{name} {node}");
            assert_eq!(of(&format!("update({node})")), Exponent::ratio(-1, 2), "{name} {node}");
        }
        assert_eq!(of("update(out)"), Exponent::ZERO, "{name}");
    }
}

#[test]
fn no_weight_of_the_standard_parameterization_has_a_multiplier() {
    let book = book();
    let graph = architecture(&book, "transformer");
    assert!(!built_in(&book, "standard", &graph, "d_ff", book.optimizer("sgd").unwrap()).has_own());
}

/// The mlp with a declared multiplier in front of every linear map.
fn multiplied(book: &Arc<RuleBook>) -> Arc<Graph> {
    let mut text = book.architecture("mlp").unwrap().text.clone();
    for weight in ["W_1", "W_2", "W_3", "W_4"] {
        let line = format!("weight = \"{weight}\"\n");
        text.text = text.text.replace(&line, &format!("{line}multiplier = \"m_{weight}\"\n"));
    }
    Architecture::parse(&text, &book.activations()).unwrap_or_else(|wrong| panic!("{wrong}")).graph
}

fn exponents(count: usize) -> impl Strategy<Value = Vec<Exponent>> {
    proptest::collection::vec((-6_i64..=6).prop_map(|halves| Exponent::ratio(halves, 2)), count)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The trades are made with multipliers that are nodes of the graph, so the rules of propagation decide.
    #[test]
    fn no_trade_changes_what_can_be_seen(init in exponents(8), lr in exponents(8), by in exponents(4)) {
        let book = book();
        let graph = multiplied(&book);
        for optimizer in book.optimizers.values() {
            let degree = optimizer.degree().unwrap();
            let before = Hyperparameters { init: init.clone(), lr: lr.clone(), multiplier: vec![Exponent::ZERO; 4] };
            let mut after = before.clone();
            for (id, by) in graph.multiplier_ids().zip(&by) {
                let name = graph.multiplier(id).name.trim_start_matches("m_");
                let w = graph.find_parameter(name).unwrap();
                after.multiplier[id.0] = by.clone();
                after.init[w.0] -= by;
                after.lr[w.0] -= &(&(&Exponent::ONE + &degree) * by);
            }
            let [one, other] = [before, after].map(|at| predicted(&book, &graph, "width", optimizer, &at));
            let all = [QuantityKind::Forward, QuantityKind::Backward, QuantityKind::Update, QuantityKind::Contribution];
            prop_assert_eq!(of_kinds(&one, &all), of_kinds(&other, &all));
            prop_assert_eq!(&one.saturated, &other.saturated);
        }
    }

    /// Multipliers of weights are folded as the nodes of the graph would have it.
    #[test]
    fn a_multiplier_of_a_weight_is_one_in_front_of_its_node(init in exponents(8), lr in exponents(8), own in exponents(4)) {
        let book = book();
        let graph = multiplied(&book);
        for optimizer in book.optimizers.values() {
            let stored = Hyperparameters { init: init.clone(), lr: lr.clone(), multiplier: vec![Exponent::ZERO; 4] };
            let mut unfolded = Unfolded::without_own(stored.clone());
            let mut declared = stored;
            for (id, own) in graph.multiplier_ids().zip(&own) {
                let name = graph.multiplier(id).name.trim_start_matches("m_");
                unfolded.own[graph.find_parameter(name).unwrap().0] = own.clone();
                declared.multiplier[id.0] = own.clone();
            }
            let degree = optimizer.degree().unwrap();
            let declared_unfolded = Unfolded::without_own(declared.clone());
            prop_assert_eq!(gauge::difference(&graph, &unfolded, &declared_unfolded, &degree), None);
            let folded = gauge::folded(&unfolded, optimizer).unwrap();
            let [one, other] = [folded, declared].map(|at| predicted(&book, &graph, "width", optimizer, &at));
            let all = [QuantityKind::Forward, QuantityKind::Update, QuantityKind::Contribution];
            prop_assert_eq!(of_kinds(&one, &all), of_kinds(&other, &all));
        }
    }

    #[test]
    fn what_is_traded_is_equal_and_the_trade_is_found(init in exponents(8), lr in exponents(8), by in exponents(8)) {
        let book = book();
        let graph = architecture(&book, "mlp");
        for optimizer in book.optimizers.values() {
            let degree = optimizer.degree().unwrap();
            let stored = Hyperparameters { init: init.clone(), lr: lr.clone(), multiplier: Vec::new() };
            let unfolded = Unfolded::without_own(stored);
            let traded = gauge::traded(&unfolded, &by, &degree);
            prop_assert_eq!(gauge::difference(&graph, &unfolded, &traded, &degree), None);
            prop_assert_eq!(gauge::trades(&unfolded.hyperparameters, &traded.hyperparameters), by.clone());
            prop_assert_eq!(gauge::folded(&traded, optimizer), gauge::folded(&unfolded, optimizer));
        }
    }
}

//! What `judge` says, held against predictions, unique tables, and changes made at random.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use fscale::architecture::Architecture;
use fscale::derive::judge::{Change, Hyperparameter, Remedy, Size, judge};
use fscale::derive::{Question, Verdict, derive};
use fscale::exact::{Clause, Exponent, Form, Origin, RequirementId, Row, Unknown};
use fscale::graph::{Graph, Hyperparameters, Scaling};
use fscale::propagate::{Place, Sizes, propagate, require};
use fscale::rule::RuleBook;
use fscale::solve::{Preference, solve};
use proptest::prelude::*;
use std::sync::Arc;

fn book() -> Arc<RuleBook> {
    Arc::new(RuleBook::embedded().unwrap())
}

fn architecture(book: &Arc<RuleBook>, name: &str) -> Arc<Graph> {
    Architecture::parse(&book.architecture(name).unwrap().text, &book.activations()).unwrap().graph
}

fn question<'a>(book: &'a Arc<RuleBook>, graph: &'a Arc<Graph>, scale: &str, optimizer: &str) -> Question {
    let scaling = Scaling::parse(scale, graph).unwrap();
    let (optimizer, desiderata) = (book.optimizer(optimizer).unwrap(), book.desiderata("fsc").unwrap());
    Question::new(graph, book, optimizer, desiderata, scaling)
}

fn derived(question: &Question) -> Hyperparameters {
    match derive(question).unwrap().verdict {
        Verdict::Feasible { table, .. } => table.hyperparameters(),
        Verdict::Infeasible { .. } => panic!("impossible"),
    }
}

fn standard(question: &Question) -> Hyperparameters {
    let sizes = Sizes::new(&question.graph, question.scaling.along(0));
    let rule = question.book.parameterization("standard").unwrap();
    rule.hyperparameters(&question.graph, &sizes, &question.optimizer).hyperparameters
}

/// Every hyperparameter of a network, in the order in which changes are told.
fn all(graph: &Arc<Graph>) -> Vec<Hyperparameter> {
    let init = graph.parameter_ids().map(Hyperparameter::Init);
    let lr = graph.parameter_ids().map(Hyperparameter::LearningRate);
    init.chain(lr).chain(graph.multiplier_ids().map(Hyperparameter::Multiplier)).collect()
}

fn place(of: Hyperparameter, given: &mut Hyperparameters) -> &mut Exponent {
    match of {
        Hyperparameter::Init(w) => &mut given.init[w.0],
        Hyperparameter::LearningRate(w) => &mut given.lr[w.0],
        Hyperparameter::Multiplier(id) => &mut given.multiplier[id.0],
    }
}

fn changed(given: &Hyperparameters, changes: &[Change]) -> Hyperparameters {
    let mut changed = given.clone();
    for Change { of, from, to } in changes {
        assert_eq!(of.of(given), from);
        *place(*of, &mut changed) = to.clone();
    }
    changed
}

fn total(changes: &[Change]) -> Exponent {
    changes.iter().map(|change| (&change.to - &change.from).abs()).sum()
}

/// Whether the requirements can be met if only these hyperparameters change; asked of the solver, not of `judge`.
fn possible(question: &Question, given: &Hyperparameters, free: &[Hyperparameter]) -> bool {
    let Question { graph, book, optimizer, desiderata, scaling } = question;
    let propagation = propagate(graph, book, optimizer, &scaling.along(0)).unwrap();
    let mut program = require(&propagation, desiderata).program;
    let unknown = |of| match of {
        Hyperparameter::Init(w) => propagation.init[w.0],
        Hyperparameter::LearningRate(w) => propagation.lr[w.0],
        Hyperparameter::Multiplier(id) => Some(propagation.multiplier[id.0]),
    };
    let row = |of: Hyperparameter, unknown: Unknown| Row::zero(Form::unknown(unknown).plus(&-of.of(given)));
    let fixed = all(graph).into_iter().filter(|of| !free.contains(of));
    let rows = fixed.filter_map(|of| Some(row(of, unknown(of)?))).collect();
    let origin = Origin::Requirement(RequirementId(1000));
    program.clauses.push(Clause { origin, rows, choice: Vec::new() });
    matches!(solve(&program, &Preference::default()).unwrap(), fscale::exact::Claim::Feasible { .. })
}

const UNIQUE: [(&str, &str); 6] = [
    ("d_k", "sgd"),
    ("d_k", "adam"),
    ("heads", "sgd"),
    ("d_ff", "adam"),
    ("d_model=n,heads=n,d_ff=n", "sgd"),
    ("d_model=n,heads=n,d_ff=n", "adam"),
];

#[test]
fn where_one_table_alone_is_possible_the_change_leads_to_it() {
    let book = book();
    let graph = architecture(&book, "transformer");
    for (scale, optimizer) in UNIQUE {
        let question = question(&book, &graph, scale, optimizer);
        let (given, wanted) = (standard(&question), derived(&question));
        let judgement = judge(&question, &given, &given).unwrap();
        let Remedy::Change { changes, size: Size::Smallest } = &judgement.remedy else {
            panic!("{scale}: {:?}", judgement.remedy)
        };
        assert_eq!(changed(&given, changes), wanted, "{scale} {optimizer}");
        assert!(changes.iter().all(|change| change.from != change.to), "{scale} {optimizer}");
    }
}

#[test]
fn derived_hyperparameters_meet_every_requirement() {
    let book = book();
    for (name, scale) in [("mlp", "width"), ("transformer", "heads")] {
        let graph = architecture(&book, name);
        for optimizer in book.optimizers.keys() {
            let question = question(&book, &graph, scale, optimizer);
            let given = derived(&question);
            let judgement = judge(&question, &given, &given).unwrap();
            assert!(judgement.holds(), "{name} {optimizer}");
            assert_eq!(judgement.remedy, Remedy::None, "{name} {optimizer}");
        }
    }
}

#[test]
fn the_values_are_those_of_the_prediction() {
    let book = book();
    let graph = architecture(&book, "transformer");
    for (scale, optimizer) in UNIQUE {
        let question = question(&book, &graph, scale, optimizer);
        let given = standard(&question);
        let judgement = judge(&question, &given, &given).unwrap();
        let prediction = judgement.answer.propagation.predict(&given);
        for judged in &judgement.judged {
            let asked = &judgement.answer.demands.requirements[judged.requirement.0];
            let predicted = match (asked.label.as_str(), asked.on) {
                ("F", Place::Node(y)) => &prediction.forward[y.index()],
                ("S", Place::Node(y)) => &prediction.update[y.index()],
                ("C", Place::Parameter(w)) => &prediction.contribution[w.0],
                ("U", Place::Use(w, y)) => &prediction.update_by.get(&(w, y)).cloned(),
                ("finite", _) => continue,
                other => panic!("{other:?}"),
            };
            assert_eq!(Some(&judged.value), predicted.as_ref(), "{}", asked.requires);
            let right = if graph.find_node("p").map(Place::Node) == Some(asked.on) {
                prediction.forward[graph.find_node("p").unwrap().index()].clone().unwrap()
            } else {
                Exponent::ZERO
            };
            let excess = &judged.value - &right;
            let holds = if asked.requires.contains("<=") { !excess.is_positive() } else { excess.is_zero() };
            assert_eq!(judged.excess, (!holds).then_some(excess), "{}", asked.requires);
        }
    }
}

#[test]
fn where_nothing_is_possible_the_conflict_is_told() {
    let book = book();
    let graph = architecture(&book, "transformer");
    let question = question(&book, &graph, "d_out", "sgd");
    let given = standard(&question);
    let judgement = judge(&question, &given, &given).unwrap();
    let Remedy::Impossible(conflict) = &judgement.remedy else { panic!("{:?}", judgement.remedy) };
    let requirements = &judgement.answer.demands.requirements;
    let told: Vec<&str> = conflict.iter().map(|id| requirements[id.0].requires.as_str()).collect();
    assert_eq!(told, ["update(W_U, out) = 0", "contribution(W_U) = 0"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// The mlp has many tables. One of them with a few exponents changed needs no more changes than these.
    #[test]
    fn the_change_mends_everything_and_no_smaller_one_does(
        moved in proptest::collection::btree_map(0_usize..16, 1_i64..4, 1..4),
        sign in any::<bool>(),
        adam in any::<bool>(),
    ) {
        let book = book();
        let graph = architecture(&book, "mlp");
        let question = question(&book, &graph, "width", if adam { "adam" } else { "sgd" });
        let everything = all(&graph);
        let mut given = derived(&question);
        for (position, halves) in &moved {
            *place(everything[*position], &mut given) += &Exponent::ratio(if sign { *halves } else { -halves }, 2);
        }
        let judgement = judge(&question, &given, &given).unwrap();
        let most: Exponent = moved.values().map(|halves| Exponent::ratio(*halves, 2)).sum();
        let Remedy::Change { changes, size } = &judgement.remedy else {
            // Biases may start smaller: then nothing failed.
            prop_assert_eq!(&judgement.remedy, &Remedy::None);
            prop_assert!(possible(&question, &given, &[]));
            return Ok(());
        };
        prop_assert_eq!(*size, Size::Smallest);
        prop_assert!(changes.len() <= moved.len());
        prop_assert!(changes.len() < moved.len() || total(changes) <= most);
        let mended = changed(&given, changes);
        prop_assert!(judge(&question, &mended, &mended).unwrap().holds());
        // No set of fewer hyperparameters can mend it: every one of up to two is tried.
        if let Some(fewer @ 0..=2) = changes.len().checked_sub(1) {
            let pairs = everything.iter().flat_map(|a| everything.iter().map(move |b| [*a, *b]));
            for pair in pairs {
                prop_assert!(!possible(&question, &given, &pair[..fewer]));
                if fewer == 0 {
                    break;
                }
            }
        }
    }
}

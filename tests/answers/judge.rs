//! What `judge` says, held against predictions, unique tables, and changes made at random.

use fscale::architecture::Architecture;
use fscale::derive::amend::{Amended, Amendment, Hyperparameter, Smallness};
use fscale::derive::judge::{Failure, judge};
use fscale::derive::{derive, predict};
use fscale::exact::{Clause, Exponent, Form, Origin, RequirementId, Row, Unknown};
use fscale::graph::{Graph, Hyperparameters, Quantity, Scaling, Site};
use fscale::propagate::{Growth, Posed, Question};
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

/// The derived exponents in each scale variable.
fn derived(question: &Question) -> Vec<Hyperparameters> {
    derive(question).unwrap().feasible().expect("possible").hyperparameters()
}

fn standard(question: &Question) -> Vec<Hyperparameters> {
    let rule = question.book.parameterization("standard").unwrap();
    let in_variable = |variable| {
        let growth = Growth::along(question.scaling.along(variable));
        rule.hyperparameters(&question.graph, &growth, &question.optimizer).hyperparameters
    };
    (0..question.scaling.variables.len()).map(in_variable).collect()
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

fn changed(given: &[Hyperparameters], changes: &[Amended]) -> Vec<Hyperparameters> {
    let mut changed = given.to_vec();
    for Amended { of, from, to } in changes {
        for (variable, held) in changed.iter_mut().enumerate() {
            assert_eq!(of.of(held), &from[variable]);
            *place(*of, held) = to[variable].clone();
        }
    }
    changed
}

fn total(changes: &[Amended]) -> Exponent {
    changes
        .iter()
        .flat_map(|change| change.to.0.iter().zip(&change.from.0))
        .map(|(to, from)| (to - from).abs())
        .sum()
}

/// Whether the requirements can be met if only these hyperparameters change; asked of the solver, not of `judge`.
fn possible(question: &Question, given: &Hyperparameters, free: &[Hyperparameter]) -> bool {
    let Posed { propagation, demands, .. } = question.posed().unwrap();
    let mut program = demands.program;
    let unknown = |of| match of {
        Hyperparameter::Init(w) => propagation.init[w.0],
        Hyperparameter::LearningRate(w) => propagation.lr[w.0],
        Hyperparameter::Multiplier(id) => Some(propagation.multiplier[id.0]),
    };
    let row = |of: Hyperparameter, unknown: Unknown| Row::zero(Form::unknown(unknown).plus(&-of.of(given)));
    let fixed = all(&question.graph).into_iter().filter(|of| !free.contains(of));
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
        let Amendment::Change { changes, size: Smallness::Smallest } = &judgement.amendment else {
            panic!("{scale}: {:?}", judgement.amendment)
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
            assert_eq!(judgement.amendment, Amendment::None, "{name} {optimizer}");
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
        let posed = judgement.posed().unwrap();
        let prediction = predict(&posed.propagation, &given).unwrap();
        for judged in &judgement.judged {
            let asked = &posed.demands.requirements[judged.requirement.0];
            let quantity = match (asked.label.as_str(), asked.on) {
                ("F", Site::Node(y)) => Quantity::forward(y),
                ("S", Site::Node(y)) => Quantity::update(y),
                ("C", Site::Parameter(w)) => Quantity::contribution(w),
                ("U", Site::Use(w, y)) => Quantity::update_by(w, y),
                ("finite", _) => continue,
                other => panic!("{other:?}"),
            };
            assert_eq!(judged.value.as_ref(), prediction.sum(quantity), "{}", asked.requires);
            let value = &judged.value.as_ref().unwrap().largest().unwrap()[0];
            let right = if graph.find_node("p").map(Site::Node) == Some(asked.on) {
                prediction.of(Quantity::forward(graph.find_node("p").unwrap())).unwrap().clone()
            } else {
                Exponent::ZERO
            };
            let excess = value - &right;
            let holds = if asked.requires.contains("<=") { !excess.is_positive() } else { excess.is_zero() };
            let failure = (!holds).then(|| Failure { direction: vec![Exponent::ONE], excess });
            assert_eq!(judged.failure, failure, "{}", asked.requires);
        }
    }
}

/// Scalings in several variables, each with a table that holds in all joint limits.
const SEVERAL: [(&str, &str); 3] =
    [("d_k=n,d_ff=m", "sgd"), ("d_k=n,d_ff=m,heads=l", "adam"), ("d_model=n,heads=n,d_ff=n,d_k=m", "adam")];

#[test]
fn a_table_in_several_variables_is_judged_to_hold_and_standard_is_led_to_it() {
    let book = book();
    let graph = architecture(&book, "transformer");
    for (scale, optimizer) in SEVERAL {
        let question = question(&book, &graph, scale, optimizer);
        let (given, wanted) = (standard(&question), derived(&question));
        let held = judge(&question, &wanted, &wanted).unwrap();
        assert!(held.holds() && held.amendment == Amendment::None, "{scale}");

        let judgement = judge(&question, &given, &given).unwrap();
        assert!(!judgement.holds(), "{scale}");
        let Amendment::Change { changes, .. } = &judgement.amendment else {
            panic!("{scale}: {:?}", judgement.amendment)
        };
        // The table is unique, so that there is nowhere else to go.
        let mended = changed(&given, changes);
        assert_eq!(mended, wanted, "{scale}");
        assert!(judge(&question, &mended, &mended).unwrap().holds(), "{scale}");
    }
}

/// Along the direction that is told a requirement fails by what is told, as it is judged in the one variable there.
#[test]
fn what_fails_in_several_variables_fails_along_the_direction_told() {
    let book = book();
    let graph = architecture(&book, "transformer");
    for (scale, optimizer) in SEVERAL {
        let question = question(&book, &graph, scale, optimizer);
        let given = standard(&question);
        let judgement = judge(&question, &given, &given).unwrap();
        let asked = &judgement.posed().unwrap().demands.requirements;
        for judged in &judgement.judged {
            let Some(Failure { direction, excess }) = &judged.failure else { continue };
            let there = [Hyperparameters::towards(&given, direction)];
            let along = judge(&question.towards(direction), &there, &there).unwrap();
            let stated = &asked[judged.requirement.0];
            let requirements = &along.posed().unwrap().demands.requirements;
            let same = requirements.iter().position(|other| {
                (&other.label, other.on, &other.requires) == (&stated.label, stated.on, &stated.requires)
            });
            let found = along.judged[same.unwrap()].failure.as_ref().map(|failure| &failure.excess);
            assert_eq!(found, Some(excess), "{scale}: {}", stated.requires);
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
    let Amendment::Impossible { variable: 0, conflict } = &judgement.amendment else {
        panic!("{:?}", judgement.amendment)
    };
    let requirements = &judgement.posed().unwrap().demands.requirements;
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
            *place(everything[*position], &mut given[0]) += &Exponent::ratio(if sign { *halves } else { -halves }, 2);
        }
        let judgement = judge(&question, &given, &given).unwrap();
        let most: Exponent = moved.values().map(|halves| Exponent::ratio(*halves, 2)).sum();
        let Amendment::Change { changes, size } = &judgement.amendment else {
            // Biases may start smaller: then nothing failed.
            prop_assert_eq!(&judgement.amendment, &Amendment::None);
            prop_assert!(possible(&question, &given[0], &[]));
            return Ok(());
        };
        prop_assert_eq!(*size, Smallness::Smallest);
        prop_assert!(changes.len() <= moved.len());
        prop_assert!(changes.len() < moved.len() || total(changes) <= most);
        let mended = changed(&given, changes);
        prop_assert!(judge(&question, &mended, &mended).unwrap().holds());
        // No set of fewer hyperparameters can mend it: every one of up to two is tried.
        if let Some(fewer @ 0..=2) = changes.len().checked_sub(1) {
            let pairs = everything.iter().flat_map(|a| everything.iter().map(move |b| [*a, *b]));
            for pair in pairs {
                prop_assert!(!possible(&question, &given[0], &pair[..fewer]));
                if fewer == 0 {
                    break;
                }
            }
        }
    }
}

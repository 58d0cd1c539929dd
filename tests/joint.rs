//! Several scale variables: what is said of all joint limits, held against the calculus along single directions.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that fails should say so at once"
)]

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::sync::Arc;

use fscale::architecture::Architecture;
use fscale::derive::{JointVerdict, Question, Verdict, breaks, derive, derive_jointly};
use fscale::exact::{Exponent, PowerSum, Summand};
use fscale::graph::{Graph, Hyperparameters, Scaling};
use fscale::propagate::{propagate, propagate_openly, require};
use fscale::rule::RuleBook;

fn graph(book: &Arc<RuleBook>, name: &str) -> Arc<Graph> {
    Architecture::parse(&book.architecture(name).unwrap().text, &book.activations()).unwrap().graph
}

fn question<'a>(
    book: &'a Arc<RuleBook>,
    graph: &'a Arc<Graph>,
    scale: &str,
    optimizer: &str,
    desiderata: &str,
) -> Question {
    Question::new(
        graph,
        book,
        book.optimizer(optimizer).unwrap(),
        book.desiderata(desiderata).unwrap(),
        Scaling::parse(scale, graph).unwrap(),
    )
}

fn random_exponent(random: &mut impl Rng) -> Exponent {
    Exponent::ratio(random.random_range(-3..=3), 2)
}

fn random_hyperparameters(random: &mut impl Rng, graph: &Arc<Graph>) -> Hyperparameters {
    let mut drawn = Hyperparameters::constant(graph);
    let all = drawn.init.iter_mut().chain(&mut drawn.lr).chain(&mut drawn.multiplier);
    all.for_each(|exponent| *exponent = random_exponent(random));
    drawn
}

fn random_direction(random: &mut impl Rng, variables: usize) -> Vec<Exponent> {
    (0..variables).map(|_| Exponent::ratio(random.random_range(1..=7), random.random_range(1..=4))).collect()
}

/// The exponent of a sum along a direction: that of its largest summand.
fn along(sum: &PowerSum, divisors: &[PowerSum], direction: &[Exponent]) -> Exponent {
    let value = |summand: &Summand| {
        let powers = summand.exponents.iter().zip(direction).map(|(exponent, growth)| exponent * growth);
        let sums = summand.sums.iter();
        let sums = sums.map(|(number, power)| power * &along(&divisors[*number], divisors, direction));
        powers.chain(sums).sum()
    };
    sum.summands().iter().map(value).max().expect("a sum has a summand")
}

const SCALES: [(&str, &str); 6] = [
    ("transformer", "d_model=n,heads=m"),
    ("transformer", "d_k=n,d_v=m,heads=l"),
    ("transformer", "d_ff=n,context=m"),
    ("transformer", "d_model=n,d_ff=m^3/2,d_v=m"),
    ("transformer", "d_in=n,d_model=m"),
    ("mlp", "width=n,d_in=m,batch=l"),
];

#[test]
fn a_sum_of_powers_is_along_every_direction_what_is_predicted_there() {
    let book = Arc::new(RuleBook::embedded().unwrap());
    let random = &mut ChaCha8Rng::seed_from_u64(7);
    let mut compared = 0;
    for (name, scale) in SCALES {
        let graph = graph(&book, name);
        let scaling = Scaling::parse(scale, &graph).unwrap();
        for optimizer in ["sgd", "adam", "muon", "normalized"].map(|name| book.optimizer(name).unwrap()) {
            let open = propagate_openly(&graph, &book, optimizer, &scaling).unwrap();
            let variables = scaling.variables.len();
            let given: Vec<Hyperparameters> =
                (0..variables).map(|_| random_hyperparameters(random, &graph)).collect();
            let sums = open.predict_openly(&given);
            for _ in 0..5 {
                let direction = random_direction(random, variables);
                let propagation = propagate(&graph, &book, optimizer, &scaling.towards(&direction)).unwrap();
                let there = propagation.predict(&Hyperparameters::towards(&given, &direction));
                if !there.saturated.is_empty() {
                    continue;
                }
                let mut same = |sum: Option<&PowerSum>, exponent: Option<&Exponent>, what: &str| {
                    // A sum that is too long is left out.
                    let Some(sum) = sum else { return };
                    let sum = along(sum, &sums.divisors, &direction);
                    assert_eq!(Some(&sum), exponent, "{scale} {} {what} {direction:?}", optimizer.about.name);
                    compared += 1;
                };
                for id in graph.nodes() {
                    let at = id.index();
                    let what = &graph.node(id).name;
                    same(sums.forward[at].as_ref(), there.forward[at].as_ref(), what);
                    same(sums.backward[at].as_ref(), there.backward[at].as_ref(), what);
                    same(sums.update[at].as_ref(), there.update[at].as_ref(), what);
                    same(sums.angle[at].as_ref(), there.angle[at].as_ref(), what);
                }
                for (place, exponent) in &there.update_by {
                    same(sums.update_by.get(place), Some(exponent), &format!("{place:?}"));
                }
                for w in graph.parameter_ids() {
                    same(sums.gradient[w.0].as_ref(), there.gradient[w.0].as_ref(), "gradient");
                    same(sums.contribution[w.0].as_ref(), there.contribution[w.0].as_ref(), "contribution");
                }
            }
        }
    }
    assert!(compared > 3000, "{compared}");
}

#[test]
fn a_table_that_holds_in_all_joint_limits_is_the_one_derived_along_each() {
    let book = Arc::new(RuleBook::embedded().unwrap());
    let random = &mut ChaCha8Rng::seed_from_u64(11);
    let transformer = graph(&book, "transformer");
    for scale in
        ["d_model=n,heads=n,d_ff=n,d_k=m", "d_k=n,d_ff=m", "heads=n,d_k=m,context=l", "heads=n,d_ff=m"]
    {
        for optimizer in ["sgd", "adam", "adamw", "lion"] {
            let question = question(&book, &transformer, scale, optimizer, "fsc");
            let answer = derive_jointly(&question).unwrap();
            let JointVerdict::Holds(table) = &answer.verdict else { panic!("{scale} {optimizer}") };
            assert!(table.unique);
            for _ in 0..6 {
                let direction = random_direction(random, question.scaling.variables.len());
                let powers = question.scaling.towards(&direction);
                let powers = powers.into_iter().map(|(dimension, power)| (dimension, 0, power)).collect();
                let tied = Scaling { variables: vec!["n".into()], powers };
                let there = derive(&Question { scaling: tied, ..question.clone() }).unwrap();
                let Verdict::Feasible { table: tie, .. } = there.verdict else {
                    panic!("{scale} {direction:?}")
                };
                let expected = Hyperparameters::towards(&table.hyperparameters, &direction);
                assert_eq!(tie.hyperparameters(), expected, "{scale} {direction:?}");
            }
        }
    }
}

/// Whether all requirements hold at hyperparameters along a direction, by the rows of the program there.
fn holds_along(question: &Question, given: &[Hyperparameters], direction: &[Exponent]) -> bool {
    let powers = question.scaling.towards(direction);
    let propagation = propagate(&question.graph, &question.book, &question.optimizer, &powers).unwrap();
    let point = propagation.point(&Hyperparameters::towards(given, direction));
    let demands = require(&propagation, &question.desiderata);
    demands.requirements.iter().all(|requirement| {
        let value = |form: &fscale::exact::Form| {
            (form - &requirement.right).evaluate(|unknown| point.get(unknown.0 as usize)).unwrap()
        };
        let largest = requirement.terms.iter().map(|(form, _)| value(form)).max().unwrap();
        if requirement.requires.contains("<=") { !largest.is_positive() } else { largest.is_zero() }
    })
}

#[test]
fn what_breaks_a_table_breaks_it_there_and_what_holds_holds_along_random_directions() {
    let book = Arc::new(RuleBook::embedded().unwrap());
    let random = &mut ChaCha8Rng::seed_from_u64(5);
    let transformer = graph(&book, "transformer");
    let (mut broken, mut kept) = (0, 0);
    for scale in ["d_k=n,d_ff=m", "d_model=n,heads=n,d_ff=n,d_k=m"] {
        for desiderata in ["stable", "signal", "mup", "fsc"] {
            let question = question(&book, &transformer, scale, "sgd", desiderata);
            let open = propagate_openly(&transformer, &book, &question.optimizer, &question.scaling).unwrap();
            let demands = require(&open, &question.desiderata);
            let answer = derive_jointly(&question).unwrap();
            let JointVerdict::Holds(table) = answer.verdict else { panic!("{scale} {desiderata}") };
            for change in 0..12 {
                let mut given = table.hyperparameters.clone();
                if change > 0 {
                    // The exponent of one hyperparameter in one of the variables.
                    let of = random.random_range(0..given.len());
                    let lr = random.random_range(0..given[of].lr.len());
                    given[of].lr[lr] += &random_exponent(random);
                }
                let found = breaks(&question, &open, &demands, &given).unwrap();
                for held in &found {
                    assert!(!holds_along(&question, &given, &held.direction), "{scale} {desiderata}");
                    broken += 1;
                }
                if found.is_empty() {
                    for _ in 0..5 {
                        let direction = random_direction(random, given.len());
                        assert!(holds_along(&question, &given, &direction), "{scale} {desiderata}");
                        kept += 1;
                    }
                }
            }
        }
    }
    assert!(broken > 50 && kept > 50, "{broken} {kept}");
}

//! Several scale variables: what is said of all joint limits, held against the calculus along single directions.

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::sync::Arc;

use fscale::derive::{Joined, derive, joined, predict};
use fscale::exact::{Exponent, Form, PowerSum, Summand};
use fscale::graph::{Graph, Hyperparameters, Scaling};
use fscale::propagate::{Growth, Posed, Question, Sums, propagate};
use fscale::rule::RuleBook;

use crate::{graph, question};

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
            let open = propagate(&graph, &book, optimizer, Growth::open(&scaling)).unwrap();
            let variables = scaling.variables.len();
            let given: Vec<Hyperparameters> =
                (0..variables).map(|_| random_hyperparameters(random, &graph)).collect();
            let sums = open.evaluate(Sums::at(&open, &given), Vec::new(), |_| true);
            for _ in 0..5 {
                let direction = random_direction(random, variables);
                let propagation =
                    propagate(&graph, &book, optimizer, Growth::of_scaling(&scaling.ray(&direction)))
                        .unwrap();
                let there = predict(&propagation, &[Hyperparameters::towards(&given, &direction)]).unwrap();
                if !there.saturated.is_empty() {
                    continue;
                }
                for quantity in open.quantities() {
                    // A sum that is too long is left out.
                    let Some(sum) = sums.sum(quantity) else { continue };
                    let sum = along(sum, &sums.divisors, &direction);
                    let what = (scale, &optimizer.about.name, quantity.write(&graph), &direction);
                    assert_eq!(Some(&sum), there.of(quantity), "{what:?}");
                    compared += 1;
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
            let answer = derive(&question).unwrap();
            let table = answer.feasible().unwrap_or_else(|| panic!("{scale} {optimizer}"));
            assert!(table.unique);
            for _ in 0..6 {
                let direction = random_direction(random, question.scaling.variables.len());
                let there = derive(&question.towards(&direction)).unwrap();
                let tie = there.feasible().unwrap_or_else(|| panic!("{scale} {direction:?}"));
                assert_eq!(tie.hyperparameters(), [table.towards(&direction)], "{scale} {direction:?}");
            }
        }
    }
}

/// Whether all requirements hold at hyperparameters along a direction, by the rows of the program there.
fn holds_along(question: &Question, given: &[Hyperparameters], direction: &[Exponent]) -> bool {
    let Posed { propagation, demands, .. } = question.towards(direction).posed().unwrap();
    let point = propagation.point(&Hyperparameters::towards(given, direction));
    demands.requirements.iter().all(|requirement| {
        let value = |form: &Form| {
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
            let open = question.posed().unwrap();
            let answer = derive(&question).unwrap();
            let table = answer.feasible().unwrap_or_else(|| panic!("{scale} {desiderata}"));
            for change in 0..12 {
                let mut given = table.hyperparameters();
                if change > 0 {
                    // The exponent of one hyperparameter in one of the variables.
                    let of = random.random_range(0..given.len());
                    let lr = random.random_range(0..given[of].lr.len());
                    given[of].lr[lr] += &random_exponent(random);
                }
                match joined(&open, &given).unwrap() {
                    Joined::Breaks(breaks) => {
                        for held in breaks {
                            assert!(!holds_along(&question, &given, &held.direction), "{scale} {desiderata}");
                            broken += 1;
                        }
                    }
                    Joined::Holds(_) => {
                        for _ in 0..5 {
                            let direction = random_direction(random, given.len());
                            assert!(holds_along(&question, &given, &direction), "{scale} {desiderata}");
                            kept += 1;
                        }
                    }
                }
            }
        }
    }
    assert!(broken > 50 && kept > 50, "{broken} {kept}");
}

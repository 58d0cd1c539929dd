//! What certificates state, row by row, beside the second calculus: at any hyperparameters a stated requirement holds by its
//! rows exactly if it holds by the theory, so that what the evidence proves of the rows is proven of the network.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use fscale::certificate::{Asked, Certificate, Words};
use fscale::derive::{DeriveError, Question, Search, Verdict, derive_within};
use fscale::graph::Scaling;
use fscale::rule::RuleBook;
use num_rational::Ratio;
use num_traits::{Signed, Zero};
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use serde_json::Value;

use super::calculus::{
    Exponent, Hyperparameters, Network, Requirement, has_plain_requirements, is_met, is_plain, predict,
    requirements,
};
use super::random::Draw;
use super::{hyperparameters, networks, read};

/// Desiderata sets whose requirements the theory tells.
const SETS: [&str; 5] = ["fsc", "fsc-total", "signal", "stable", "mup"];

/// The certificate that answers a question about a draw; nothing if there is none.
fn certificate(draw: &Draw, desiderata: &str, book: &Arc<RuleBook>) -> Option<Value> {
    let architecture = read(draw, book)?;
    let graph = &architecture.graph;
    let question = Question::new(
        graph,
        book,
        book.optimizer(&draw.optimizer).unwrap(),
        book.desiderata(desiderata).unwrap(),
        Scaling::parse(&draw.scale(), graph).unwrap(),
    );
    let answer = match derive_within(&question, Search::Conflict) {
        Ok(answer) => answer,
        Err(DeriveError::Solve(_)) => return None,
        Err(other) => panic!("{other}\n{}", draw.network),
    };
    let (program, certified) = match &answer.verdict {
        Verdict::Feasible { certified, program, .. } => (program.clone(), certified),
        Verdict::Infeasible { conflict, certified, .. } => {
            (answer.demands.program.restricted(|id| conflict.contains(&id)), certified)
        }
    };
    let words = Words {
        architecture: &graph.name,
        file: None,
        source: &architecture.source,
        optimizer: &draw.optimizer,
        desiderata,
    };
    let (propagation, demands) = (&answer.propagation, &answer.demands);
    let asked = Asked { words, scaling: &question.scaling, propagation, demands };
    let text = Certificate::write(&asked, &program, certified).ok()?;
    Some(serde_json::from_str(&text).unwrap())
}

/// Values of unknowns by name.
type Point = BTreeMap<String, Exponent>;

fn number(value: &Value) -> Exponent {
    value.as_str().unwrap().parse().unwrap()
}

/// The value of a row's form, and whether the row holds.
fn row(row: &Value, point: &Point) -> (Exponent, bool) {
    let terms = row["terms"].as_object().unwrap();
    let sum: Exponent = terms.iter().map(|(name, times)| number(times) * point[name]).sum();
    let value = sum + number(&row["constant"]);
    (value, if row["relation"] == "= 0" { value.is_zero() } else { !value.is_positive() })
}

/// The hyperparameters as values of unknowns, with what each maximum is by its definition; these stand in order.
fn point(statement: &Value, given: &Hyperparameters) -> Point {
    let mut point = Point::new();
    for (kind, values) in [("init", &given.init), ("lr", &given.lr), ("multiplier", &given.multiplier)] {
        point.extend(values.iter().map(|(name, value)| (format!("{kind}({name})"), *value)));
    }
    for unknown in statement["unknowns"].as_array().unwrap() {
        if unknown["kind"] != "maximum" {
            point.entry(unknown["name"].as_str().unwrap().into()).or_insert_with(Ratio::zero);
        }
    }
    for clause in statement["clauses"].as_array().unwrap() {
        if let Some(defined) = clause["defines"].as_str() {
            point.insert(defined.into(), Ratio::zero());
            let terms = clause["rows"].as_array().unwrap().iter().map(|term| row(term, &point).0);
            let largest = terms.max().unwrap();
            point.insert(defined.into(), largest);
        }
    }
    point
}

/// Whether a clause holds.
fn holds(clause: &Value, point: &Point) -> bool {
    let rows =
        |key: &str| clause[key].as_array().unwrap().iter().map(|held| row(held, point).1).collect::<Vec<_>>();
    let choice = rows("choice");
    rows("rows").into_iter().all(|holds| holds) && (choice.is_empty() || choice.contains(&true))
}

/// How many requirements were held against the second calculus, how many of them hold, and how many there are that the theory
/// does not tell.
#[derive(Debug, Default)]
struct Held {
    certificates: usize,
    requirements: usize,
    hold: usize,
    beyond: usize,
    tables: usize,
    others: usize,
    refuted: usize,
}

impl Held {
    fn and(mut self, other: Self) -> Self {
        self.certificates += other.certificates;
        self.requirements += other.requirements;
        self.hold += other.hold;
        self.beyond += other.beyond;
        self.tables += other.tables;
        self.others += other.others;
        self.refuted += other.refuted;
        self
    }
}

/// The exponents that a table states.
fn table(statement: &Value, draw: &Draw) -> Hyperparameters {
    let mut table = hyperparameters(draw);
    for (name, entry) in statement["table"]["parameters"].as_object().unwrap() {
        table.lr.insert(name.clone(), number(&entry["lr"]));
        if !entry["init"].is_null() {
            table.init.insert(name.clone(), number(&entry["init"]));
        }
    }
    for (name, value) in statement["table"]["multipliers"].as_object().unwrap() {
        table.multiplier.insert(name.clone(), number(value));
    }
    table
}

/// The hyperparameters with a few of them moved.
fn moved(given: &Hyperparameters, draw: &mut ChaCha8Rng) -> Hyperparameters {
    let mut moved = given.clone();
    let by = [-2, -1, 1, 2].map(|halves| Ratio::new(halves, 2));
    for _ in 0..draw.random_range(1..3) {
        let kinds = [&mut moved.init, &mut moved.lr, &mut moved.multiplier];
        let mut values: Vec<&mut Exponent> = kinds.into_iter().flat_map(BTreeMap::values_mut).collect();
        let chosen = draw.random_range(0..values.len());
        *values[chosen] += by.choose(draw).unwrap();
    }
    moved
}

/// Holds one certificate against the second calculus: at its table, around that, and around the hyperparameters of the draw.
fn held(seed: u64, desiderata: &str, book: &Arc<RuleBook>) -> Option<Held> {
    let draw = Draw::new(seed);
    let network = Network::read(&draw.network).unwrap();
    if !is_plain(&network) || !has_plain_requirements(&network) {
        return None;
    }
    let document = certificate(&draw, desiderata, book)?;
    let statement = &document["statement"];
    let asked = |given: &Hyperparameters| -> Option<Vec<Requirement>> {
        let prediction = predict(&network, &draw.powers, given).ok()?;
        Some(requirements(&network, &draw.powers, given, &prediction, desiderata).unwrap())
    };
    let mut held = Held { certificates: 1, ..Held::default() };
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut points = vec![hyperparameters(&draw)];
    let status = statement["status"].as_str().unwrap();
    if status != "infeasible" {
        let table = table(statement, &draw);
        let met = asked(&table).unwrap_or_else(|| panic!("{seed} {desiderata}: exponents end at the table"));
        let unmet: Vec<&Requirement> =
            met.iter().filter(|asked| !is_met(std::slice::from_ref(asked))).collect();
        assert!(unmet.is_empty(), "{seed} {desiderata}: the table does not meet {unmet:?}\n{}", draw.network);
        held.tables = 1;
        for _ in 0..20 {
            let other = moved(&table, &mut random);
            if status == "unique" && other != table {
                let is_other =
                    asked(&other).is_some_and(|met| is_met(&met)) && conditions_hold(statement, &other);
                assert!(!is_other, "{seed} {desiderata}: {other:?} meets everything too\n{}", draw.network);
                held.others += 1;
            }
            points.push(other);
        }
        points.push(table);
    }
    for _ in 0..20 {
        points.push(moved(&points[0], &mut random));
    }
    for given in points {
        let Some(asked) = asked(&given) else { continue };
        let point = point(statement, &given);
        let mut all = true;
        for clause in statement["clauses"].as_array().unwrap() {
            let Some(states) = clause["states"].as_object() else { continue };
            let same =
                |asked: &&Requirement| states["label"] == asked.label && states["on"] == asked.on.as_str();
            let by_rows = holds(clause, &point);
            all &= by_rows;
            // Conditions that exponents exist, and what is hidden in a norm with a gain, are not told by the theory.
            let Some(told) = asked.iter().find(same) else {
                held.beyond += 1;
                continue;
            };
            let by_theory = is_met(std::slice::from_ref(told));
            assert!(
                by_rows == by_theory,
                "{seed} {desiderata}: {states:?} holds: {by_rows} by its rows, {by_theory} by {told:?}\n{}",
                draw.network
            );
            held.requirements += 1;
            held.hold += usize::from(by_rows);
        }
        if status == "infeasible" {
            assert!(!all, "{seed} {desiderata}: {given:?} meets what is contradictory\n{}", draw.network);
            held.refuted += 1;
        }
    }
    Some(held)
}

/// Whether the conditions of the program, beside the requirements of the theory, hold.
fn conditions_hold(statement: &Value, given: &Hyperparameters) -> bool {
    let point = point(statement, given);
    statement["clauses"]
        .as_array()
        .unwrap()
        .iter()
        .all(|clause| clause["states"].is_null() || holds(clause, &point))
}

fn all_held(seeds: Range<u64>) -> Held {
    let book = Arc::new(RuleBook::embedded().unwrap());
    let of_seed = |seed| held(seed, SETS[usize::try_from(seed).unwrap() % SETS.len()], &book);
    seeds.into_par_iter().filter_map(of_seed).reduce(Held::default, Held::and)
}

#[test]
fn what_certificates_state_of_random_networks_is_what_the_second_calculus_says() {
    let drawn = networks(1000);
    let held = all_held(50_000..50_000 + drawn);
    println!("{drawn} networks: {held:?}");
    assert!(held.certificates > 400 && held.tables > 100 && held.refuted > 1000, "{held:?}");
    assert!(held.requirements > 10_000 && held.hold > 1000 && held.hold < held.requirements, "{held:?}");
}

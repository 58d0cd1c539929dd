//! The solver against enumeration, on thousands of small random programs; every claim through the checker.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that fails should say so at once")]

mod enumerate;
mod handmade;
mod hard;
mod oracle;
mod outside;
mod random;

use std::collections::{BTreeMap, BTreeSet};

use fscale::exact::{self, Claim, Exponent, Form, Program, Status, Unknown, UnknownKind};
use fscale::solve::{self, Preference, Stage};
use oracle::{Union, hyperparameters};

/// What the solver says of a program, once the checker agrees.
fn solved(program: &Program, preference: &Preference) -> exact::Certified {
    let claim = solve::solve(program, preference).expect("a small program");
    exact::check(program, claim).unwrap_or_else(|error| panic!("{error}\n{program:?}"))
}

fn hyperparameter_values(program: &Program, point: &[Exponent]) -> Vec<Exponent> {
    hyperparameters(program).map(|unknown| point[unknown.0 as usize].clone()).collect()
}

#[test]
fn status_and_uniqueness_agree_with_enumeration() {
    let mut random = random::generator(1);
    let mut seen = BTreeMap::new();
    for round in 0..4000 {
        let program = random::program(&mut random);
        let union = Union::of(&program);
        let only: Option<Vec<_>> =
            hyperparameters(&program).map(|unknown| union.only_value(unknown)).collect();
        let status = match (&only, union.is_empty()) {
            (_, true) => Status::Infeasible,
            (Some(_), false) => Status::Unique,
            (None, false) => Status::Feasible,
        };
        let certified = solved(&program, &Preference::default());
        assert_eq!(certified.status(), status, "round {round}: {program:?}");
        if let (Some(point), Some(only)) = (certified.point(), only) {
            assert_eq!(hyperparameter_values(&program, point), only, "round {round}");
        }
        *seen.entry(status).or_insert(0) += 1;
    }
    assert!(seen.len() == 3 && seen.values().all(|count| *count > 300), "each case is common: {seen:?}");
}

#[test]
fn what_is_unique_up_to_starts_has_other_values_of_these_starts_alone() {
    let mut random = random::generator(5);
    let mut seen = 0;
    for round in 0..4000 {
        let program = random::program(&mut random);
        let starts: Vec<Unknown> = hyperparameters(&program)
            .filter(|unknown| program.unknowns[unknown.0 as usize].kind == UnknownKind::Init)
            .collect();
        let largest = starts.iter().map(|start| Stage::Largest(Form::unknown(*start))).collect();
        let certified = solved(&program, &Preference { stages: largest });
        if certified.status() != Status::UniqueUpToStarts {
            continue;
        }
        seen += 1;
        let union = Union::of(&program);
        let others: Vec<Unknown> =
            hyperparameters(&program).filter(|unknown| union.only_value(*unknown).is_none()).collect();
        assert_eq!(certified.smaller_starts(), others, "round {round}: {program:?}");
        assert!(others.iter().all(|other| starts.contains(other)), "round {round}: {program:?}");
    }
    assert!(seen > 50, "{seen}");
}

#[test]
fn the_preferred_solution_is_the_one_enumeration_prefers() {
    let mut random = random::generator(2);
    for round in 0..1500 {
        let program = random::program(&mut random);
        let stages = random::stages(&mut random, &program);
        let union = Union::of(&program);
        if let Some(point) = solved(&program, &Preference { stages: stages.clone() }).point() {
            let preferred = union.preferred(&program, &stages);
            assert_eq!(
                hyperparameter_values(&program, point),
                preferred,
                "round {round}: {stages:?} {program:?}"
            );
        }
    }
}

#[test]
fn the_order_and_the_scale_of_rows_do_not_matter() {
    let mut random = random::generator(3);
    for round in 0..1000 {
        let program = random::program(&mut random);
        let preference = Preference { stages: random::stages(&mut random, &program) };
        let disguised = random::disguised(&mut random, &program);
        let (plain, other) = (solved(&program, &preference), solved(&disguised, &preference));
        assert_eq!(plain.status(), other.status(), "round {round}");
        let values = |certified: &exact::Certified| {
            certified.point().map(|point| hyperparameter_values(&program, point))
        };
        assert_eq!(values(&plain), values(&other), "round {round}: {program:?}");
    }
}

#[test]
fn a_conflict_is_refuted_and_none_of_its_requirements_can_be_spared() {
    let mut random = random::generator(4);
    let mut conflicts = 0;
    for round in 0..2000 {
        let program = random::program(&mut random);
        let found = solve::conflict(&program, &[]).expect("a small program");
        assert_eq!(found.is_some(), Union::of(&program).is_empty(), "round {round}");
        let Some(conflict) = found else { continue };
        conflicts += 1;
        let restricted = program.restricted(|requirement| conflict.requirements.contains(&requirement));
        let checked = exact::check(&restricted, Claim::Infeasible(conflict.refutation));
        assert_eq!(checked.map(|certified| certified.status()), Ok(Status::Infeasible), "round {round}");
        for spared in &conflict.requirements {
            let kept = |requirement| requirement != *spared && conflict.requirements.contains(&requirement);
            assert!(!Union::of(&program.restricted(kept)).is_empty(), "round {round}: {spared:?}");
        }
    }
    assert!(conflicts > 500, "conflicts are common: {conflicts}");
}

#[test]
fn relaxations_are_all_the_smallest_changes_that_help() {
    use fscale::exact::{Change, RequirementId};
    use fscale::solve::{Changes, Depth, Effort, Extent, MOST_STEPS};
    const MOST: usize = 2;
    let mut random = random::generator(5);
    let (mut single, mut pairs, mut mixed) = (0, 0, 0);
    for round in 0..500 {
        let program = random::program(&mut random);
        if !Union::of(&program).is_empty() {
            continue;
        }
        let ids: BTreeSet<RequirementId> =
            program.clauses.iter().filter_map(|clause| clause.requirement()).collect();
        let ids: Vec<RequirementId> = ids.into_iter().collect();
        let ones = ids.iter().map(|id| vec![*id]);
        let twos = ids.iter().flat_map(|a| ids.iter().filter(move |b| a < b).map(|b| vec![*a, *b]));
        let sets: Vec<Vec<RequirementId>> = ones.chain(twos).collect();
        let helps = |changes: &Changes| !Union::of(&solve::changed(&program, changes)).is_empty();
        let mut expected: BTreeSet<Changes> = BTreeSet::new();
        let mut known: Vec<Vec<RequirementId>> = Vec::new();
        for set in sets {
            if known.iter().any(|held| held.iter().all(|id| set.contains(id))) {
                continue;
            }
            // Bit i says that requirement i is dropped.
            let assigned = |bits: usize| -> Changes {
                let change = |index: usize| {
                    if bits >> index & 1_usize == 1 { Change::Dropped } else { Change::Bounded }
                };
                set.iter().zip(0..).map(|(id, index)| (*id, change(index))).collect()
            };
            let helpful: Vec<usize> = (0..1 << set.len()).filter(|bits| helps(&assigned(*bits))).collect();
            let least = helpful
                .iter()
                .filter(|bits| !helpful.iter().any(|other| other != *bits && other & *bits == *other));
            expected.extend(least.map(|bits| assigned(*bits)));
            if !helpful.is_empty() {
                known.push(set);
            }
        }
        let found =
            solve::relaxations(&program, &ids, &[], Depth::UpTo(MOST), &Effort::on(&program, MOST_STEPS))
                .expect("a small program");
        let listed: BTreeSet<Changes> = found.found.iter().cloned().collect();
        assert_eq!(listed, expected, "round {round}: {program:?}");
        assert!(matches!(found.extent, Extent::Everything | Extent::Below(3)), "round {round}");
        assert!(found.undecided.is_empty());

        let fewest =
            solve::relaxations(&program, &ids, &[], Depth::Fewest(MOST), &Effort::on(&program, MOST_STEPS))
                .expect("a small program")
                .found;
        let size = expected.iter().map(Vec::len).min();
        let smallest: BTreeSet<Changes> =
            expected.into_iter().filter(|changes| Some(changes.len()) == size).collect();
        assert_eq!(fewest.into_iter().collect::<BTreeSet<_>>(), smallest, "round {round}");
        single += usize::from(size == Some(1));
        pairs += usize::from(size == Some(2));
        let both = |changes: &&Changes| changes.len() == 2 && changes[0].1 != changes[1].1;
        mixed += listed.iter().filter(both).count();
    }
    assert!(single > 20 && pairs > 5 && mixed > 5, "{single} {pairs} {mixed}");
}

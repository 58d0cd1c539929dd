//! The solver against enumeration, on thousands of small random programs; every claim through the checker.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that fails should say so at once")]

mod handmade;
mod hard;
mod oracle;
mod outside;
mod random;

use fscale::certificate::{self, Status};
use fscale::desiderata::{Claim, Program};
use fscale::exponent::Exponent;
use fscale::solve::{self, Preference};
use oracle::{Union, hyperparameters};

/// What the solver says of a program, once the checker agrees.
fn solved(program: &Program, preference: &Preference) -> certificate::Certified {
    let claim = solve::solve(program, preference).expect("a small program");
    certificate::check(program, claim).unwrap_or_else(|error| panic!("{error}\n{program:?}"))
}

fn hyperparameter_values(program: &Program, point: &[Exponent]) -> Vec<Exponent> {
    hyperparameters(program).map(|unknown| point[unknown.0 as usize].clone()).collect()
}

#[test]
fn status_and_uniqueness_agree_with_enumeration() {
    let mut random = random::generator(1);
    let mut seen = [0; 3];
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
        seen[status as usize] += 1;
    }
    assert!(seen.iter().all(|count| *count > 300), "each case is common: {seen:?}");
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
        let values = |certified: &certificate::Certified| {
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
        let checked = certificate::check(&restricted, Claim::Infeasible(conflict.refutation));
        assert_eq!(checked.map(|certified| certified.status()), Ok(Status::Infeasible), "round {round}");
        for spared in &conflict.requirements {
            let kept = |requirement| requirement != *spared && conflict.requirements.contains(&requirement);
            assert!(!Union::of(&program.restricted(kept)).is_empty(), "round {round}: {spared:?}");
        }
    }
    assert!(conflicts > 500, "conflicts are common: {conflicts}");
}

#[test]
fn relaxations_are_all_the_single_changes_that_help() {
    use fscale::desiderata::Change;
    let mut random = random::generator(5);
    for round in 0..1000 {
        let program = random::program(&mut random);
        let Some(conflict) = solve::conflict(&program, &[]).expect("a small program") else { continue };
        let found = solve::relaxations(&program, &conflict, &[], &Preference::default())
            .expect("a small program")
            .found;
        for relaxation in &found {
            let changed = program.changed(relaxation.requirement, relaxation.change);
            let checked = certificate::check(&changed, relaxation.claim.clone()).expect("a true claim");
            assert_ne!(checked.status(), Status::Infeasible);
        }
        let found: Vec<_> =
            found.iter().map(|relaxation| (relaxation.change, relaxation.requirement)).collect();
        let changes = [Change::Bounded, Change::Dropped];
        let each =
            changes.iter().flat_map(|change| conflict.requirements.iter().map(|each| (*change, *each)));
        let helps =
            |(change, requirement): &_| !Union::of(&program.changed(*requirement, *change)).is_empty();
        assert_eq!(found, each.filter(helps).collect::<Vec<_>>(), "round {round}");
    }
}

//! Corrections and conflicts against the enumeration of all sets of requirements.

use std::collections::BTreeSet;

use fscale::exact::{Program, RequirementId};
use fscale::solve::{self, Enumeration, Extent, Limits};
use rand::{Rng, RngExt};

use crate::oracle::Union;
use crate::random;

type Set = Vec<RequirementId>;

/// The requirements of a program, in order.
fn requirements(program: &Program) -> Set {
    let ids: BTreeSet<_> = program.clauses.iter().filter_map(|clause| clause.requirement()).collect();
    ids.into_iter().collect()
}

/// All minimal corrections and all minimal conflicts among `soft`, by looking at every subset.
fn by_enumeration(program: &Program, soft: &[RequirementId]) -> (BTreeSet<Set>, BTreeSet<Set>) {
    let mut subsets: Vec<Set> = (0..1_usize << soft.len())
        .map(|bits| (0..soft.len()).filter(|index| bits >> index & 1 == 1).map(|index| soft[index]).collect())
        .collect();
    subsets.sort_by_key(Vec::len);
    let possible =
        |gone: &dyn Fn(RequirementId) -> bool| !Union::of(&program.restricted(|id| !gone(id))).is_empty();
    let minimal = |holds: &dyn Fn(&Set) -> bool| {
        let mut found: Vec<Set> = Vec::new();
        for subset in &subsets {
            let larger = found.iter().any(|held| held.iter().all(|id| subset.contains(id)));
            if !larger && holds(subset) {
                found.push(subset.clone());
            }
        }
        found.into_iter().collect()
    };
    let corrections = minimal(&|set| possible(&|id| set.contains(&id)));
    let conflicts = minimal(&|set| !possible(&|id| soft.contains(&id) && !set.contains(&id)));
    (corrections, conflicts)
}

fn sets(list: &[Set]) -> BTreeSet<Set> {
    let sets: BTreeSet<Set> = list.iter().cloned().collect();
    assert_eq!(sets.len(), list.len(), "none is listed twice");
    sets
}

fn enumerated(program: &Program, soft: &[RequirementId], limits: Limits) -> Enumeration {
    let found = solve::corrections(program, soft, &limits).expect("a small program");
    assert!(found.corrections.is_sorted_by_key(Vec::len), "the smallest come first");
    found
}

/// Some of the requirements, in any order.
fn some(random: &mut impl Rng, mut ids: Set) -> Set {
    if random.random_bool(0.5) {
        ids.retain(|_| random.random_bool(0.6));
    }
    ids
}

#[test]
fn all_corrections_and_all_conflicts_are_found() {
    let mut random = random::generator(6);
    let (mut impossible, mut never, mut several) = (0, 0, 0);
    for round in 0..600 {
        let program = random::program(&mut random);
        let soft = some(&mut random, requirements(&program));
        let (corrections, conflicts) = by_enumeration(&program, &soft);
        let found = enumerated(&program, &soft, Limits::default());
        assert_eq!(sets(&found.corrections), corrections, "round {round}: {program:?}");
        assert_eq!(sets(&found.conflicts), conflicts, "round {round}: {program:?}");
        let extent = if corrections.is_empty() { Extent::Never } else { Extent::Everything };
        assert_eq!(found.extent, extent, "round {round}");
        impossible += usize::from(!conflicts.is_empty());
        never += usize::from(corrections.is_empty());
        several += usize::from(conflicts.len() > 1);
    }
    assert!(impossible > 120 && never > 20 && several > 20, "{impossible} {never} {several}");
}

#[test]
fn what_lies_within_the_limits_is_found_and_what_is_listed_is_true() {
    let mut random = random::generator(7);
    let mut cut = 0;
    for round in 0..600 {
        let program = random::program(&mut random);
        let soft = requirements(&program);
        let limits = Limits {
            size: random.random_range(0..=3),
            count: random.random_range(0..=3),
            effort: random.random_range(0..20_000),
        };
        let (corrections, conflicts) = by_enumeration(&program, &soft);
        let found = enumerated(&program, &soft, limits);
        assert!(sets(&found.corrections).is_subset(&corrections), "round {round}: {limits:?}");
        assert!(sets(&found.conflicts).is_subset(&conflicts), "round {round}: {limits:?}");
        assert!(found.corrections.len() <= limits.count);
        assert!(found.corrections.iter().all(|correction| correction.len() <= limits.size));
        let complete = match found.extent {
            Extent::Everything | Extent::Never => usize::MAX,
            Extent::Below(size) => size,
        };
        cut += usize::from(complete < usize::MAX);
        let expected: BTreeSet<Set> = corrections.into_iter().filter(|held| held.len() < complete).collect();
        let listed: BTreeSet<Set> =
            found.corrections.into_iter().filter(|held| held.len() < complete).collect();
        assert_eq!(listed, expected, "round {round}: {limits:?}");
    }
    assert!(cut > 80, "limits are met: {cut}");
}

//! Conflicts and ways out of impossible scalings, each checked by asking the changed question anew.

use std::collections::BTreeSet;
use std::sync::Arc;

use fscale::derive::{Answer, Relaxations, Remedy, Search, derive_within};
use fscale::exact::{Change, Program, RequirementId};
use fscale::graph::{Graph, Kind};
use fscale::propagate::Question;
use fscale::rule::RuleBook;
use fscale::solve::{self, Extent, Preference};

use crate::{graph, question};

fn relaxations(answer: &Answer) -> &Relaxations {
    &answer.impossible().expect("impossible").1.relaxations
}

fn is_possible(program: &Program) -> bool {
    let claim = solve::solve(program, &Preference::default()).expect("not too hard");
    matches!(claim, fscale::exact::Claim::Feasible { .. })
}

fn can_grow(question: &Question) -> bool {
    derive_within(question, Search::Conflict).expect("an answer").is_feasible()
}

/// Each dimension alone, and the declared ties of the transformer.
fn scalings(graph: &Arc<Graph>) -> Vec<String> {
    let alone = graph.dimensions.iter().filter(|dimension| dimension.kind != Kind::Depth);
    let mut scalings: Vec<String> = alone.map(|dimension| dimension.name.clone()).collect();
    if graph.find_dimension("d_v").is_some() {
        scalings.push("d_model=n,d_k=n,d_v=n,d_ff=n".into());
    }
    scalings
}

#[test]
fn without_any_one_requirement_the_rest_of_every_conflict_is_possible() {
    let book = Arc::new(RuleBook::embedded().expect("built in"));
    let mut checked = 0;
    for name in ["transformer", "mlp"] {
        let graph = graph(&book, name);
        for desiderata in book.desiderata.keys() {
            for optimizer in ["sgd", "adam"] {
                for scale in scalings(&graph) {
                    let asked = question(&book, &graph, &scale, optimizer, desiderata);
                    let answer = derive_within(&asked, Search::Conflict).expect("an answer");
                    let Some((alone, impossible)) = answer.impossible() else { continue };
                    let (program, conflict) = (&alone.posed.demands.program, &impossible.conflict);
                    let among = |kept: &dyn Fn(RequirementId) -> bool| {
                        is_possible(&program.restricted(|id| conflict.contains(&id) && kept(id)))
                    };
                    assert!(!among(&|_| true), "{name} {scale} {optimizer} {desiderata}");
                    for spared in conflict {
                        assert!(
                            among(&|id| id != *spared),
                            "{name} {scale} {optimizer} {desiderata}: {spared:?}"
                        );
                    }
                    checked += 1;
                }
            }
        }
    }
    assert!(checked > 15, "{checked}");
}

#[test]
fn the_width_of_a_transformer_can_grow_with_heads_and_hidden_units() {
    let book = Arc::new(RuleBook::embedded().expect("built in"));
    let graph = graph(&book, "transformer");
    for optimizer in ["sgd", "adam"] {
        let asked = question(&book, &graph, "d_model", optimizer, "fsc");
        let answer = derive_within(&asked, Search::Fewest(2)).expect("an answer");
        let ties: Vec<String> = relaxations(&answer)
            .found
            .iter()
            .filter_map(|relaxation| match &relaxation.remedy {
                Remedy::Tie(scaling) => Some(scaling.write(&graph)),
                Remedy::Changes(_) | Remedy::Multiplier { .. } => None,
            })
            .collect();
        assert!(ties.contains(&"d_model=n,heads=n,d_ff=n".into()), "{optimizer}: {ties:?}");
    }
}

/// Whether a question is possible with these changes of its requirements.
fn helps(answer: &Answer, changes: &[(RequirementId, Change)]) -> bool {
    let program = &answer.posed().expect("a scale variable").demands.program;
    is_possible(&changes.iter().fold(program.clone(), |program, (id, change)| program.changed(*id, *change)))
}

#[test]
fn every_way_out_helps_and_nothing_smaller_does() {
    let book = Arc::new(RuleBook::embedded().expect("built in"));
    let cases = [
        ("transformer", "d_v", "sgd", "fsc"),
        ("transformer", "d_model", "adam", "fsc"),
        ("transformer", "d_out", "sgd", "fsc"),
        ("transformer", "d_model=n,d_k=n,d_v=n,d_ff=n", "adam", "fsc"),
        ("transformer", "d_v", "adam", "fsc-total"),
        ("mlp", "d_out", "adam", "fsc"),
        ("mlp", "width", "sgd", "paper"),
        ("mlp", "width=n,d_out=n", "sgd", "fsc"),
    ];
    let (mut ties, mut multipliers, mut changed) = (0, 0, 0);
    for (name, scale, optimizer, desiderata) in cases {
        let graph = graph(&book, name);
        let asked = question(&book, &graph, scale, optimizer, desiderata);
        let answer = derive_within(&asked, Search::UpTo(2)).expect("an answer");
        let Some((_, impossible)) = answer.impossible() else { continue };
        for relaxation in &impossible.relaxations.found {
            match &relaxation.remedy {
                Remedy::Tie(scaling) => {
                    assert!(can_grow(&Question { scaling: scaling.clone(), ..asked.clone() }), "{scale}");
                    for left_out in asked.scaling.powers.len()..scaling.powers.len() {
                        let mut fewer = scaling.clone();
                        fewer.powers.remove(left_out);
                        assert!(!can_grow(&Question { scaling: fewer, ..asked.clone() }), "{scale}");
                    }
                    ties += 1;
                }
                Remedy::Multiplier { graph: with, .. } => {
                    assert_eq!(with.multipliers.len(), graph.multipliers.len() + 1);
                    assert!(can_grow(&Question { graph: with.clone(), ..asked.clone() }), "{scale}");
                    multipliers += 1;
                }
                Remedy::Changes(changes) => {
                    assert!(helps(&answer, changes), "{scale}: {changes:?}");
                    for position in 0..changes.len() {
                        let mut less = changes.clone();
                        match changes[position].1 {
                            Change::Dropped => less[position].1 = Change::Bounded,
                            Change::Bounded => drop(less.remove(position)),
                        }
                        assert!(!helps(&answer, &less), "{scale}: {less:?}");
                    }
                    changed += 1;
                }
            }
        }
    }
    println!("{ties} ties, {multipliers} multipliers, {changed} changes of requirements");
    assert!(ties > 0 && changed > 3);
}

#[test]
fn no_tie_and_no_change_of_requirements_of_an_mlp_is_missed() {
    let book = Arc::new(RuleBook::embedded().expect("built in"));
    let graph = graph(&book, "mlp");
    for (scale, optimizer) in [("d_out", "sgd"), ("d_out", "adam"), ("width=n,d_out=n", "sgd")] {
        let asked = question(&book, &graph, scale, optimizer, "fsc");
        let answer = derive_within(&asked, Search::UpTo(2)).expect("an answer");
        let found = relaxations(&answer);
        assert!(matches!(found.extent, Extent::Everything | Extent::Below(3)));
        assert!(found.undecided.is_empty() && found.unlisted == 0);

        let requirements = &answer.posed().expect("a scale variable").demands.requirements;
        let soft: Vec<RequirementId> = (0..requirements.len())
            .filter(|id| !requirements[*id].is_condition())
            .map(RequirementId)
            .collect();
        let dropped = |set: &[RequirementId]| {
            let changes: Vec<_> = set.iter().map(|id| (*id, Change::Dropped)).collect();
            helps(&answer, &changes)
        };
        let ones: Vec<Vec<RequirementId>> =
            soft.iter().map(|id| vec![*id]).filter(|set| dropped(set)).collect();
        let apart = |id: &RequirementId| !ones.iter().any(|one| one.contains(id));
        let left: Vec<RequirementId> = soft.iter().copied().filter(apart).collect();
        let twos = left.iter().flat_map(|a| left.iter().filter(move |b| a < b).map(|b| vec![*a, *b]));
        let mut expected: BTreeSet<Vec<RequirementId>> = twos.filter(|set| dropped(set)).collect();
        expected.extend(ones.iter().cloned());
        let listed: BTreeSet<Vec<RequirementId>> = found
            .found
            .iter()
            .filter_map(|relaxation| match &relaxation.remedy {
                Remedy::Changes(changes) => Some(changes.iter().map(|(id, _)| *id).collect()),
                Remedy::Tie(_) | Remedy::Multiplier { .. } => None,
            })
            .collect();
        assert_eq!(listed, expected, "{scale} {optimizer}");

        let tied: BTreeSet<String> = found
            .found
            .iter()
            .filter_map(|relaxation| match &relaxation.remedy {
                Remedy::Tie(scaling) => Some(scaling.write(&graph)),
                Remedy::Changes(_) | Remedy::Multiplier { .. } => None,
            })
            .collect();
        let scaled = asked.scaling.along(0);
        let others = graph.dimension_ids().filter(|id| graph.dimension(*id).kind == Kind::Feature);
        let names: Vec<&str> = others
            .filter(|id| !scaled.contains_key(id))
            .map(|id| graph.dimension(id).name.as_str())
            .collect();
        let single = names.iter().flat_map(|name| {
            ["", "^1/2", "^2"].map(|power| format!("{}={}", name, format_args!("n{power}")))
        });
        let mut possible: BTreeSet<String> = BTreeSet::new();
        for part in single {
            let text = format!("{},{part}", asked.scaling.write(&graph));
            if can_grow(&question(&book, &graph, &text, optimizer, "fsc")) {
                possible.insert(text);
            }
        }
        let single: BTreeSet<String> =
            tied.into_iter().filter(|text| text.matches(',').count() == asked.scaling.powers.len()).collect();
        assert_eq!(single, possible, "{scale} {optimizer}");
    }
}

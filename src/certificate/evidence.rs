//! The evidence of a claim, written flat: a refutation is a list of nodes, each before its branches, so that the document
//! is never deep, however many splits follow each other.

use std::collections::BTreeMap;

use super::flaw::Flaw;
use super::form::{Assumed, Evidence, Node, Step, Summand};
use super::number::{Named, Number};
use crate::document::quote;
use crate::exact::{Claim, Exponent, Refutation, RowId, Side, Unknown, coprime};

/// Most splits below each other.
const MOST_SPLITS: usize = 1000;

/// Evidence that was read: its refutations are trees again, its unknowns names still.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    Solution { point: Named<Number>, choices: Vec<Option<usize>>, unique: Option<Vec<ProofStep>> },
    Refutation(Refutation),
}

/// A step of a uniqueness proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ProofStep {
    unknown: String,
    side: Side,
    refutation: Refutation,
}

/// The evidence of a claim about a program that has every unknown a name in `names`. Only those with `is_listed` get a
/// value.
pub(super) fn write(
    claim: &Claim,
    names: &BTreeMap<Unknown, String>,
    is_listed: impl Fn(Unknown) -> bool,
) -> Evidence {
    let none = Evidence::default();
    match claim {
        Claim::Infeasible(refutation) => Evidence { refutation: Some(flat(refutation)), ..none },
        Claim::Feasible { point, choices, unique } => {
            let values = (0..).zip(point).filter(|(index, _)| is_listed(Unknown(*index)));
            let named = |(index, value): (u32, &Exponent)| {
                Some((names.get(&Unknown(index))?.clone(), Number(value.clone())))
            };
            let step = |(unknown, side, refutation): &(Unknown, Side, Refutation)| Step {
                unknown: names.get(unknown).cloned().unwrap_or_default(),
                assumed: match side {
                    Side::Below => Assumed::Below,
                    Side::Above => Assumed::Above,
                },
                refutation: flat(refutation),
            };
            Evidence {
                point: Some(Named(values.filter_map(named).collect())),
                choices: Some(choices.clone()),
                uniqueness: unique.as_ref().map(|proof| proof.iter().map(step).collect()),
                ..none
            }
        }
    }
}

pub(super) fn flat(refutation: &Refutation) -> Vec<Node> {
    let mut nodes = Vec::new();
    add(refutation, &mut nodes);
    nodes
}

fn add(refutation: &Refutation, nodes: &mut Vec<Node>) {
    match refutation {
        Refutation::Farkas(combination) => {
            let mut rows: BTreeMap<RowId, Exponent> = BTreeMap::new();
            for (row, multiplier) in combination {
                *rows.entry(*row).or_default() += multiplier;
            }
            rows.retain(|_, multiplier| !multiplier.is_zero());
            let multipliers = coprime(&rows.values().cloned().collect::<Vec<_>>());
            let sum = rows.keys().zip(multipliers).map(|(row, times)| summand(*row, times)).collect();
            nodes.push(Node { sum: Some(sum), ..Node::default() });
        }
        Refutation::Split { clause, branches } => {
            let own = nodes.len();
            nodes.push(Node::default());
            let mut places = Vec::new();
            for branch in branches {
                places.push(nodes.len());
                add(branch, nodes);
            }
            if let Some(node) = nodes.get_mut(own) {
                *node = Node { sum: None, split: Some(*clause), branches: Some(places) };
            }
        }
    }
}

fn summand(row: RowId, times: Exponent) -> Summand {
    let none = Summand { times: Number(times), clause: None, row: None, alternative: None, assumed: None };
    match row {
        RowId::Row { clause, row } => Summand { clause: Some(clause), row: Some(row), ..none },
        RowId::Choice { clause, alternative } => {
            Summand { clause: Some(clause), alternative: Some(alternative), ..none }
        }
        RowId::Assumed => Summand { assumed: Some(true), ..none },
    }
}

/// What the evidence says, whatever the program. The flaw of evidence that does not have the form is at its place.
pub(super) fn read(evidence: &Evidence) -> Result<Proof, Flaw> {
    let Evidence { point, choices, uniqueness, refutation, .. } = evidence;
    match (point, choices, uniqueness, refutation) {
        (Some(point), Some(choices), uniqueness, None) => {
            let step = |(position, step): (usize, &Step)| {
                let place = format!("/evidence/uniqueness/{position}/refutation");
                let side = match step.assumed {
                    Assumed::Below => Side::Below,
                    Assumed::Above => Side::Above,
                };
                let refutation = tree(&step.refutation, &place)?;
                Ok(ProofStep { unknown: step.unknown.clone(), side, refutation })
            };
            let unique = uniqueness.as_ref().map(|steps| steps.iter().enumerate().map(step).collect());
            let unique = unique.transpose()?;
            Ok(Proof::Solution { point: point.clone(), choices: choices.clone(), unique })
        }
        (None, None, None, Some(nodes)) => Ok(Proof::Refutation(tree(nodes, "/evidence/refutation")?)),
        _ => Err(Flaw::new(
            "/evidence",
            "evidence is `point` and `choices`, perhaps with `uniqueness`, or `refutation`",
        )),
    }
}

/// The tree of nodes in which each stands before its branches, and these in order.
pub(super) fn tree(nodes: &[Node], place: &str) -> Result<Refutation, Flaw> {
    let wrong = |node: usize, message: &str| Flaw::new(format!("{place}/{node}"), message);
    let mut splits_above = vec![0; nodes.len()];
    for (position, node) in nodes.iter().enumerate() {
        let depth = splits_above.get(position).copied().unwrap_or_default() + 1;
        for branch in node.branches.iter().flatten() {
            let above = if *branch > position { splits_above.get_mut(*branch) } else { None };
            *above.ok_or_else(|| wrong(position, "a branch is not the position of a later node"))? = depth;
        }
        if node.branches.is_some() && depth > MOST_SPLITS {
            let message = format!("more than {MOST_SPLITS} splits stand below each other");
            return Err(wrong(position, &message));
        }
    }
    // From the last node to the first, each with its branches becomes one tree, and how many nodes that has.
    let mut built: Vec<Option<(Refutation, usize)>> = vec![None; nodes.len()];
    for (position, node) in nodes.iter().enumerate().rev() {
        let (refutation, size) = match (&node.sum, node.split, &node.branches) {
            (Some(sum), None, None) => (sum_of(sum, &format!("{place}/{position}/sum"))?, 1),
            (None, Some(clause), Some(positions)) => {
                let mut size = 1;
                let mut branches = Vec::new();
                for branch in positions {
                    let held = built.get_mut(*branch).and_then(Option::take);
                    let (tree, nodes) = held.filter(|_| *branch == position + size).ok_or_else(|| {
                        wrong(position, "the branches do not follow their node, one behind the other")
                    })?;
                    branches.push(tree);
                    size += nodes;
                }
                (Refutation::Split { clause, branches }, size)
            }
            _ => return Err(wrong(position, "a node is `sum`, or `split` and `branches`")),
        };
        if let Some(held) = built.get_mut(position) {
            *held = Some((refutation, size));
        }
    }
    match built.into_iter().next().flatten() {
        Some((refutation, size)) if size == nodes.len() => Ok(refutation),
        Some((_, size)) => Err(wrong(size, "the node is no branch of another")),
        None => Err(Flaw::new(place, "a refutation has at least one node")),
    }
}

fn sum_of(sum: &[Summand], place: &str) -> Result<Refutation, Flaw> {
    let mut combination: Vec<(RowId, Exponent)> = Vec::new();
    for (position, summand) in sum.iter().enumerate() {
        let wrong = |message: &str| Flaw::new(format!("{place}/{position}"), message);
        let row = match (summand.clause, summand.row, summand.alternative, summand.assumed) {
            (Some(clause), Some(row), None, None) => RowId::Row { clause, row },
            (Some(clause), None, Some(alternative), None) => RowId::Choice { clause, alternative },
            (None, None, None, Some(true)) => RowId::Assumed,
            _ => {
                let message =
                    "a summand is `clause` and `row`, `clause` and `alternative`, or `assumed: true`";
                return Err(wrong(message));
            }
        };
        if combination.last().is_some_and(|(before, _)| *before >= row) {
            return Err(wrong(
                "the summands are not in order: rows of clauses, alternatives, the assumed one, each once",
            ));
        }
        let Number(times) = &summand.times;
        if times.is_zero() || !times.is_integer() {
            return Err(wrong("the multiplier is zero or no whole number"));
        }
        combination.push((row, times.clone()));
    }
    let multipliers: Vec<Exponent> = combination.iter().map(|(_, times)| times.clone()).collect();
    if coprime(&multipliers) != multipliers {
        return Err(Flaw::new(place, "the multipliers have a common divisor"));
    }
    Ok(Refutation::Farkas(combination))
}

impl Proof {
    /// The claim about a program of which the unknowns with `is_listed` have a value, the others none that matters.
    pub(super) fn claim(
        self,
        names: &BTreeMap<Unknown, String>,
        is_listed: impl Fn(Unknown) -> bool,
    ) -> Result<Claim, Flaw> {
        let (point, choices, unique) = match self {
            Self::Refutation(refutation) => return Ok(Claim::Infeasible(refutation)),
            Self::Solution { point, choices, unique } => (point, choices, unique),
        };
        let mut given: BTreeMap<String, Exponent> =
            point.0.into_iter().map(|(name, Number(value))| (name, value)).collect();
        let mut values = Vec::new();
        for (unknown, name) in names {
            let value = match given.remove(name) {
                Some(value) if is_listed(*unknown) => value,
                None if !is_listed(*unknown) => Exponent::ZERO,
                Some(_) => return Err(Flaw::new("/evidence/point", format!("no clause speaks of `{name}`"))),
                None => return Err(Flaw::new("/evidence/point", format!("`{name}` has no value"))),
            };
            values.push(value);
        }
        if let Some(name) = given.keys().next() {
            return Err(Flaw::new("/evidence/point", format!("{} is no unknown", quote(name))));
        }
        let unknowns: BTreeMap<&str, Unknown> =
            names.iter().map(|(unknown, name)| (name.as_str(), *unknown)).collect();
        let step = |(position, step): (usize, ProofStep)| {
            let unknown = unknowns.get(step.unknown.as_str()).copied().ok_or_else(|| {
                let place = format!("/evidence/uniqueness/{position}/unknown");
                Flaw::new(place, format!("{} is no unknown", quote(&step.unknown)))
            })?;
            Ok((unknown, step.side, step.refutation))
        };
        let unique = unique.map(|steps| steps.into_iter().enumerate().map(step).collect());
        Ok(Claim::Feasible { point: values, choices, unique: unique.transpose()? })
    }
}

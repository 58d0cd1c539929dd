//! An impossible scaling: the conflict, why it is one, and what to give up.

use serde_json::{Map, Value, json};

use super::document::Block;
use super::json::object;
use super::{evidence, scaling_table, words};
use crate::certificate::Certified;
use crate::derive::{Answer, Relaxation};
use crate::desiderata::{Change, Program, Requirement, RequirementId};

/// The parts of an infeasible verdict, with what they speak of.
#[derive(Clone, Copy, Debug)]
pub struct Conflict<'a> {
    /// The whole answer.
    pub answer: &'a Answer<'a>,
    /// Requirements that contradict each other, none of which can be spared.
    pub requirements: &'a [RequirementId],
    /// The proof.
    pub certified: &'a Certified,
    /// Changes that make the scaling possible.
    pub relaxations: &'a [Relaxation],
    /// Changes of which it is not known.
    pub undecided: &'a [(RequirementId, Change)],
    /// The scale variable.
    pub variable: &'a str,
}

impl Conflict<'_> {
    /// `F` on `q`.
    fn named(&self, requirement: &Requirement) -> String {
        format!("{} on {}", requirement.label, requirement.on.name(self.answer.propagation.graph))
    }

    fn requirement(&self, id: RequirementId) -> &Requirement {
        &self.answer.demands.requirements[id.0]
    }

    /// The program of which the proof speaks: that of the conflict alone.
    #[must_use]
    pub fn program(&self) -> Program {
        self.answer.demands.program.restricted(|id| self.requirements.contains(&id))
    }

    /// `F on q, S on a`.
    #[must_use]
    pub fn in_short(&self) -> String {
        let names: Vec<String> =
            self.requirements.iter().map(|id| self.named(self.requirement(*id))).collect();
        names.join(", ")
    }

    /// One item for each requirement: its label, whom it is on, what it requires, and why that is so.
    #[must_use]
    pub fn blocks(&self) -> Vec<Block> {
        let item = |id: &RequirementId| {
            let requirement = self.requirement(*id);
            let because = words::left_in_words(&self.answer.propagation, requirement);
            format!(
                "{} on `{}` requires `{}`: {because}",
                requirement.label,
                requirement.on.name(self.answer.propagation.graph),
                requirement.requires
            )
        };
        let mut blocks = vec![
            Block::Paragraph(format!(
                "impossible: these {} requirements contradict each other, and none can be spared",
                self.requirements.len()
            )),
            Block::List(self.requirements.iter().map(item).collect()),
        ];
        let requirements: Vec<&Requirement> =
            self.requirements.iter().map(|id| self.requirement(*id)).collect();
        blocks.extend(words::maxima_in_words(&self.answer.propagation, &requirements));
        blocks
    }

    /// Whether people are told of a relaxation: where a bound suffices, dropping the requirement is not told.
    #[must_use]
    pub fn is_told(&self, relaxation: &Relaxation) -> bool {
        let bounded = |other: &Relaxation| {
            other.requirement == relaxation.requirement && other.change == Change::Bounded
        };
        relaxation.change == Change::Bounded || !self.relaxations.iter().any(bounded)
    }

    /// What to give up, with the rule then.
    #[must_use]
    pub fn ways_out(&self) -> Vec<Block> {
        let item = |relaxation: &Relaxation| {
            let requirement = self.requirement(relaxation.requirement);
            let named = self.named(requirement);
            let graph = self.answer.propagation.graph;
            let rule = scaling_table::in_short(&relaxation.table, graph, self.variable);
            match relaxation.change {
                Change::Bounded => {
                    format!(
                        "ask only `{}` of {named}: {rule}",
                        requirement.requires.replacen(" = ", " <= ", 1)
                    )
                }
                Change::Dropped => format!("drop {named} (`{}`): {rule}", requirement.requires),
            }
        };
        let items: Vec<String> =
            self.relaxations.iter().filter(|held| self.is_told(held)).map(item).collect();
        let mut blocks = match (items.is_empty(), self.undecided.is_empty()) {
            (true, true) => vec![Block::Paragraph("no single change makes it possible".into())],
            (true, false) => Vec::new(),
            (false, _) => {
                vec![Block::Paragraph("any one of these makes it possible:".into()), Block::List(items)]
            }
        };
        if !self.undecided.is_empty() {
            let change = |(id, change): &(RequirementId, Change)| match change {
                Change::Bounded => format!("ask only a bound of {}", self.named(self.requirement(*id))),
                Change::Dropped => format!("drop {}", self.named(self.requirement(*id))),
            };
            let changes: Vec<String> = self.undecided.iter().map(change).collect();
            let left = "whether one of these does was too hard to decide:";
            blocks.extend([Block::Paragraph(left.into()), Block::List(changes)]);
        }
        blocks
    }

    /// `conflict`, `certificate` and `relaxations`, as in the answer of `derive`.
    #[must_use]
    pub fn json(&self) -> Map<String, Value> {
        let graph = self.answer.propagation.graph;
        let stated = |requirement: &Requirement| {
            object([
                ("label", json!(requirement.label)),
                ("on", json!(requirement.on.name(graph))),
                ("requires", json!(requirement.requires)),
            ])
        };
        let conflict = self.requirements.iter().map(|id| {
            let requirement = self.requirement(*id);
            let mut stated = stated(requirement);
            stated.insert("because".into(), json!(words::because(&self.answer.propagation, requirement)));
            Value::Object(stated)
        });
        let relaxations = self.relaxations.iter().map(|relaxation| {
            let changed = Value::Object(stated(self.requirement(relaxation.requirement)));
            let rule = scaling_table::json(&relaxation.table, graph);
            let (drop, or_bound) = match relaxation.change {
                Change::Dropped => (vec![changed], Vec::new()),
                Change::Bounded => (Vec::new(), vec![changed]),
            };
            json!({"drop": drop, "or_bound": or_bound, "rule": rule})
        });
        let certificate = evidence::json(self.certified, &self.program(), &self.answer.demands, graph);
        object([
            ("conflict", Value::Array(conflict.collect())),
            ("certificate", Value::Object(certificate)),
            ("relaxations", Value::Array(relaxations.collect())),
        ])
    }
}

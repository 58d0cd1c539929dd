//! Ways out of an impossible scaling: what to change, and the rule then.

use crate::derive::{Relaxation, Relaxations, Remedy};
use crate::document::and;
use crate::exact::{Change, RequirementId};
use crate::graph::Scaling;
use crate::propagate::Posed;
use crate::report::answer::scaling_table;
use crate::report::explain::requirement::{named, stated};
use crate::report::format::document::{Block, counted};
use crate::report::json::{RelaxationObject, SearchedObject};
use crate::solve::Extent;

/// Changes that make a scaling possible, with what they speak of.
#[derive(Clone, Copy, Debug)]
pub struct WaysOut<'a> {
    /// The impossible question.
    pub posed: &'a Posed,
    /// The changes.
    pub relaxations: &'a Relaxations,
    /// What was asked.
    pub scaling: &'a Scaling,
    /// The scale variable.
    pub variable: &'a str,
}

impl WaysOut<'_> {
    /// The dimensions of a tie beyond those asked about: `heads`, `d_ff^1/2`.
    fn along(&self, tie: &Scaling) -> String {
        let graph = &self.posed.propagation.graph;
        let added = Scaling {
            large: Vec::new(),
            variables: tie.variables.clone(),
            powers: tie.powers[self.scaling.powers.len()..].into(),
        };
        let added = added.write(graph).replace(&format!("={}", self.variable), "");
        and(&added.split(',').collect::<Vec<_>>())
    }

    /// A change in words.
    fn told(&self, remedy: &Remedy) -> String {
        let graph = &self.posed.propagation.graph;
        match remedy {
            Remedy::Tie(scaling) => {
                format!("let {} grow along (`{}`)", self.along(scaling), scaling.write(graph))
            }
            Remedy::Multiplier { at, .. } => format!("put a multiplier {at}"),
            Remedy::Changes(changes) => {
                let told: Vec<String> = changes.iter().map(|change| self.change(*change)).collect();
                told.join(", and ")
            }
        }
    }

    fn change(&self, (id, change): (RequirementId, Change)) -> String {
        let requirement = &self.posed.demands.requirements[id.0];
        let (named, requires) = (named(self.posed, id), &requirement.requires);
        match change {
            Change::Bounded => format!("ask only `{}` of {named}", requires.replacen(" = ", " <= ", 1)),
            Change::Dropped => format!("drop {named} (`{requires}`)"),
        }
    }

    /// The dimensions with which the scaling is possible: `possible with heads`.
    #[must_use]
    pub fn ties_in_short(&self) -> Option<String> {
        const MOST: usize = 3;
        let ties = self.relaxations.found.iter().filter_map(|relaxation| match &relaxation.remedy {
            Remedy::Tie(scaling) => Some(self.along(scaling)),
            Remedy::Multiplier { .. } | Remedy::Changes(_) => None,
        });
        let ties: Vec<String> = ties.take(MOST).collect();
        (!ties.is_empty()).then(|| format!("possible with {}", ties.join(", or ")))
    }

    /// The changes with their rules, how far they are complete, and what is not known.
    #[must_use]
    pub fn blocks(&self) -> Vec<Block> {
        let item = |relaxation: &Relaxation| {
            let rule = scaling_table::in_short(&relaxation.table);
            format!("{}: {rule}", self.told(&relaxation.remedy))
        };
        let mut blocks = Vec::new();
        let items: Vec<String> = self.relaxations.found.iter().map(item).collect();
        if !items.is_empty() {
            let intro = if items.len() == 1 {
                "this makes it possible:"
            } else {
                "any one of these makes it possible:"
            };
            blocks.extend([Block::Paragraph(intro.into()), Block::List(items)]);
        }
        blocks.push(Block::Paragraph(self.searched()));
        if !self.relaxations.undecided.is_empty() {
            let left = "whether one of these does was too hard to decide:";
            let changes = self.relaxations.undecided.iter().map(|remedy| self.told(remedy)).collect();
            blocks.extend([Block::Paragraph(left.into()), Block::List(changes)]);
        }
        blocks
    }

    /// What was looked for.
    fn searched(&self) -> String {
        let Relaxations { found, unlisted, extent, tied, untried, .. } = self.relaxations;
        let result = if found.is_empty() { "nothing helps" } else { "that is all there is" };
        let requirements = match extent {
            Extent::Everything | Extent::Never => Some("changes of requirements".into()),
            Extent::Below(0 | 1) => None,
            Extent::Below(size) => {
                Some(format!("changes of at most {}", counted((size - 1) as u64, "requirement")))
            }
        };
        let others = format!(
            "ties with one other feature dimension (powers 1/2, 1, 2) or with up to {tied} of them (power 1), one more \
             multiplier"
        );
        // What is given is given for this scaling and this network.
        let among = match (&self.posed.demands.given, requirements) {
            (None, None) => others,
            (None, Some(requirements)) => format!("{others}, and {requirements}"),
            (Some(_), None) => return "nothing else was looked for".into(),
            (Some(_), Some(requirements)) => requirements,
        };
        let more = match unlisted {
            0 => String::new(),
            more => format!("; {more} more changes of requirements are not listed"),
        };
        let untried = match untried {
            0 => String::new(),
            _ => "; the network is too large for all ties and multipliers to be tried".into(),
        };
        format!("{result} among {among}{more}{untried}")
    }

    /// A heading and the table of each change.
    #[must_use]
    pub fn tables(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        for relaxation in &self.relaxations.found {
            blocks.push(Block::Heading(format!("If you {}", self.told(&relaxation.remedy))));
            blocks.extend(scaling_table::grids(&relaxation.table));
        }
        blocks
    }

    /// The changes, for machines.
    #[must_use]
    pub fn json(&self) -> Vec<RelaxationObject> {
        let part = |remedy: &Remedy, wanted: Change| {
            let Remedy::Changes(changes) = remedy else { return Vec::new() };
            let of = changes.iter().filter(|(_, change)| *change == wanted);
            of.map(|(id, _)| stated(self.posed, *id)).collect()
        };
        let relaxation = |relaxation: &Relaxation| {
            let remedy = &relaxation.remedy;
            let (tie, multiplier) = match remedy {
                Remedy::Tie(scaling) => (Some(scaling.write(&self.posed.propagation.graph)), None),
                Remedy::Multiplier { at, .. } => (None, Some(at.clone())),
                Remedy::Changes(_) => (None, None),
            };
            RelaxationObject {
                drop: part(remedy, Change::Dropped),
                or_bound: part(remedy, Change::Bounded),
                tie,
                multiplier,
                rule: scaling_table::json(&relaxation.table),
            }
        };
        self.relaxations.found.iter().map(relaxation).collect()
    }

    /// How far the list is complete, for machines.
    #[must_use]
    pub fn searched_json(&self) -> SearchedObject {
        let Relaxations { undecided, extent, tied, unlisted, .. } = self.relaxations;
        SearchedObject {
            requirements: match extent {
                Extent::Everything | Extent::Never => None,
                Extent::Below(size) => Some(size.saturating_sub(1)),
            },
            tied: *tied,
            unlisted: *unlisted,
            undecided: undecided.iter().map(|remedy| self.told(remedy)).collect(),
        }
    }
}

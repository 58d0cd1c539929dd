//! An impossible scaling: the conflict, why it is one, and what to give up.

use crate::derive::{Relaxations, Remedy};
use crate::document::and;
use crate::exact::{Certified, Program, RequirementId};
use crate::explain::words;
use crate::propagate::{Posed, Requirement};
use crate::report::answer::evidence;
use crate::report::explain::requirement::{self, named, stated};
use crate::report::explain::ways_out::WaysOut;
use crate::report::format::document::Block;
use crate::report::json::{ConflictObject, ReasonObject};
use crate::solve::Extent;

/// The parts of an infeasible verdict, with what they speak of.
#[derive(Clone, Copy, Debug)]
pub struct Conflict<'a> {
    /// The question with its requirements.
    pub posed: &'a Posed,
    /// Requirements that contradict each other.
    pub requirements: &'a [RequirementId],
    /// Whether none of them can be spared.
    pub is_minimal: bool,
    /// The proof.
    pub certified: &'a Certified,
    /// Changes that make the scaling possible.
    pub ways_out: WaysOut<'a>,
}

impl Conflict<'_> {
    fn requirement(&self, id: RequirementId) -> &Requirement {
        &self.posed.demands.requirements[id.0]
    }

    /// The program of which the proof speaks: that of the conflict alone.
    #[must_use]
    pub fn program(&self) -> Program {
        self.posed.demands.program.restricted(|id| self.requirements.contains(&id))
    }

    /// `F on q, S on a`.
    #[must_use]
    pub fn in_short(&self) -> String {
        let names: Vec<String> = self.requirements.iter().map(|id| named(self.posed, *id)).collect();
        names.join(", ")
    }

    /// Those of its requirements that may be given up.
    fn soft(&self) -> usize {
        let is_soft = |id: &&RequirementId| {
            let asked = self.requirement(**id);
            !asked.is_condition() && !asked.is_gauge() && !asked.is_given()
        };
        self.requirements.iter().filter(is_soft).count()
    }

    /// The requirements that every conflict has: those of which alone giving up something makes the scaling possible. Nothing where
    /// that is not known.
    fn in_all(&self) -> Option<Vec<RequirementId>> {
        let Relaxations { found, extent, unlisted: 0, undecided, .. } = self.ways_out.relaxations else {
            return None;
        };
        if matches!(extent, Extent::Below(0 | 1) | Extent::Never) || !undecided.is_empty() || !self.is_minimal
        {
            return None;
        }
        let alone = found.iter().filter_map(|relaxation| match &relaxation.remedy {
            Remedy::Changes(changes) => match changes.as_slice() {
                [(id, _)] => Some(*id),
                _ => None,
            },
            Remedy::Tie(_) | Remedy::Multiplier { .. } => None,
        });
        Some(alone.filter(|id| self.requirements.contains(id)).collect())
    }

    /// That there are other conflicts, where there are: which of them is told depends on how the network is written.
    #[must_use]
    pub fn others(&self) -> Option<Block> {
        let in_all = self.in_all().filter(|in_all| in_all.len() < self.soft())?;
        let names: Vec<String> = in_all.iter().map(|id| named(self.posed, *id)).collect();
        let all = match names.as_slice() {
            [] => "none of these requirements is in all of them".into(),
            names => format!("in all of them is {}", and(names)),
        };
        Some(Block::Paragraph(format!("this is one conflict of several: {all}")))
    }

    /// One item for each requirement: its label, whom it is on, what it requires, and why that is so.
    #[must_use]
    pub fn blocks(&self) -> Vec<Block> {
        let item = |id: &RequirementId| {
            let requirement = self.requirement(*id);
            let because = words::left_in_words(&self.posed.propagation, requirement);
            format!(
                "{} on `{}` requires `{}`: {because}",
                requirement.label,
                requirement.on.name(&self.posed.propagation.graph),
                requirement.requires
            )
        };
        self.listed(item)
    }

    fn listed(&self, item: impl Fn(&RequirementId) -> String) -> Vec<Block> {
        let how = match self.requirements.len() {
            1 => "impossible: this requirement contradicts what always holds".into(),
            several => {
                let spared = if self.is_minimal {
                    "and none can be spared"
                } else {
                    "but whether each is needed was too hard to tell"
                };
                format!("impossible: these {several} requirements contradict each other, {spared}")
            }
        };
        let mut blocks =
            vec![Block::Paragraph(how), Block::List(self.requirements.iter().map(item).collect())];
        let requirements: Vec<&Requirement> =
            self.requirements.iter().map(|id| self.requirement(*id)).collect();
        blocks.extend(requirement::maxima(&self.posed.propagation, &requirements));
        blocks
    }

    /// The same at length: also why each requirement is made, and along which way the signals come that it speaks of.
    #[must_use]
    pub fn explained(&self) -> Vec<Block> {
        let propagation = &self.posed.propagation;
        let item = |id: &RequirementId| {
            let requirement = self.requirement(*id);
            let way = words::way_back(propagation, requirement);
            let way = way.map(|way| format!("; the gradient comes back along {way}")).unwrap_or_default();
            format!(
                "{} on `{}` requires `{}` ({}): {}{way}",
                requirement.label,
                requirement.on.name(&propagation.graph),
                requirement.requires,
                requirement.why,
                words::left_in_words(propagation, requirement),
            )
        };
        self.listed(item)
    }

    /// The same for machines, without notes.
    #[must_use]
    pub fn json(&self) -> ConflictObject {
        let propagation = &self.posed.propagation;
        let reason = |id: &RequirementId| ReasonObject {
            requirement: stated(self.posed, *id),
            because: words::because(propagation, self.requirement(*id)),
        };
        ConflictObject {
            impossible: None,
            conflict: self.requirements.iter().map(reason).collect(),
            minimal: self.is_minimal,
            only: self.in_all().map(|in_all| in_all.len() == self.soft()),
            certificate: evidence::json(
                self.certified,
                &self.program(),
                &self.posed.demands,
                &propagation.graph,
            ),
            relaxations: self.ways_out.json(),
            searched: self.ways_out.searched_json(),
            nearest: None,
            notes: Vec::new(),
            caveats: Vec::new(),
        }
    }
}

//! Every conflict of an impossible scaling, and every smallest set of requirements to give up.

use crate::exact::RequirementId;
use crate::propagate::Posed;
use crate::report::explain::requirement::{named, stated};
use crate::report::format::document::{Block, counted};
use crate::report::json::{ContradictionsObject, RequirementObject};
use crate::solve::{Enumeration, Extent};

/// What an enumeration found, as far as it is told.
#[derive(Clone, Debug)]
pub struct Contradictions {
    /// All that was found.
    pub found: Enumeration,
    /// Most conflicts, and most sets to give up, that are told.
    pub limit: usize,
}

impl Contradictions {
    /// The conflicts, those easiest to explain first, and the sets to give up, the smallest first.
    #[must_use]
    pub fn blocks(&self, posed: &Posed) -> Vec<Block> {
        let Enumeration { conflicts, corrections, .. } = &self.found;
        let count = |sets: &[Vec<RequirementId>], thing| counted(sets.len() as u64, thing);
        let heading = count(conflicts, "conflict");
        let conflicts = self.list(posed, conflicts, &heading);
        let heading = format!("{} of giving up requirements", count(corrections, "way"));
        let mut corrections = self.list(posed, corrections, &heading);
        if let Extent::Below(size) = self.found.extent {
            let below = counted(size as u64, "requirement");
            corrections.push(Block::Paragraph(format!(
                "of sets with fewer than {below} to give up, none is missing"
            )));
        }
        let always = "that exponents exist is always asked (what enters a softmax does not grow), so that is named nowhere \
                      here";
        corrections.push(Block::Paragraph(always.into()));
        [conflicts, corrections].concat()
    }

    fn is_complete(&self) -> bool {
        match self.found.extent {
            Extent::Everything | Extent::Never => true,
            Extent::Below(_) => false,
        }
    }

    fn list(&self, posed: &Posed, sets: &[Vec<RequirementId>], heading: &str) -> Vec<Block> {
        let told =
            |set: &Vec<RequirementId>| set.iter().map(|id| named(posed, *id)).collect::<Vec<_>>().join(", ");
        let known = if self.is_complete() { "" } else { ", and there may be more" };
        let shown = if sets.len() > self.limit {
            format!("; the first {} of them", self.limit)
        } else {
            String::new()
        };
        let items: Vec<String> = sets.iter().take(self.limit).map(told).collect();
        let mut blocks = vec![Block::Paragraph(format!("{heading}{known}{shown}:"))];
        if !items.is_empty() {
            blocks.push(Block::List(items));
        }
        blocks
    }

    /// The same for machines.
    #[must_use]
    pub fn json(&self, posed: &Posed) -> ContradictionsObject {
        let list = |sets: &[Vec<RequirementId>]| -> Vec<Vec<RequirementObject>> {
            let set = |set: &Vec<RequirementId>| set.iter().map(|id| stated(posed, *id)).collect();
            sets.iter().take(self.limit).map(set).collect()
        };
        let Enumeration { conflicts, corrections, extent, .. } = &self.found;
        ContradictionsObject {
            conflicts: list(conflicts),
            conflicts_found: conflicts.len(),
            give_up: list(corrections),
            give_up_found: corrections.len(),
            complete: self.is_complete(),
            complete_below: match extent {
                Extent::Everything | Extent::Never => None,
                Extent::Below(size) => Some(*size),
            },
        }
    }
}

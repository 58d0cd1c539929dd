//! [`Rope`]: rotary positions.

use super::{Centred, Entries, Facts, Operation, Room, Slope, Zeros};
use crate::graph::AxisId;

/// Rotates pairs of features by angles that depend on the position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rope {
    /// The feature axis whose halves are paired.
    pub over: AxisId,
    /// The sample axis that gives the position.
    pub positions: AxisId,
}

impl Rope {
    pub(super) const FACTS: Facts = Facts {
        name: "rope",
        rules: &["rope"],
        uses: None,
        // Most pairs are turned by small angles. Counterexample: far positions turn fast pairs to anywhere.
        keeps_direction: true,
        // A pair is mixed.
        zeros: Zeros::Lost,
        centred: Centred::IfAll,
        entries: Entries::Operands,
        // What is alike at all positions is turned by the angle of each.
        slope: Slope::Place,
        adds: false,
        normalises: false,
        passes_on: true,
        narrows: false,
        room: Room::None,
        in_stream: false,
        in_chain: false,
    };
}

impl Operation for Rope {
    fn facts(&self) -> &'static Facts {
        &Self::FACTS
    }

    /// Pairs are mixed, and each position has an angle.
    fn over(&self) -> Vec<AxisId> {
        vec![self.over, self.positions]
    }
}

//! [`Scale`]: a scalar times an operand.

use super::{Centred, Entries, Facts, Operation, Room, Slope, Zeros};
use crate::graph::MultiplierId;

/// `m * x`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scale {
    /// The scalar.
    pub multiplier: MultiplierId,
}

impl Scale {
    pub(super) const FACTS: Facts = Facts {
        name: "scale",
        rules: &["scale"],
        uses: None,
        keeps_direction: true,
        zeros: Zeros::Kept,
        centred: Centred::IfAll,
        entries: Entries::Operands,
        slope: Slope::Constant,
        adds: false,
        normalises: false,
        passes_on: true,
        narrows: false,
        // It is a multiplier.
        room: Room::None,
        // On the stream it would multiply with itself in every layer.
        in_stream: false,
        in_chain: true,
    };
}

impl Operation for Scale {
    fn facts(&self) -> &'static Facts {
        &Self::FACTS
    }

    fn multiplier(&self) -> Option<MultiplierId> {
        Some(self.multiplier)
    }
}

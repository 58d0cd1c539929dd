//! [`Softmax`]: shares that sum to one.

use super::{Centred, Entries, Facts, Operation, Room, Slope, Zeros};
use crate::graph::AxisId;

/// Softmax over one axis, of positions or of experts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Softmax {
    /// The axis over which the result sums to one.
    pub over: AxisId,
}

impl Softmax {
    pub(super) const FACTS: Facts = Facts {
        name: "softmax",
        rules: &["softmax"],
        uses: None,
        // What is left of logits in their shares is no direction of features that a weight could meet.
        keeps_direction: false,
        // A share is never zero.
        zeros: Zeros::Lost,
        // Shares are positive.
        centred: Centred::Never,
        entries: Entries::Operands,
        slope: Slope::Operand,
        adds: false,
        normalises: false,
        passes_on: false,
        narrows: false,
        room: Room::Each,
        in_stream: false,
        in_chain: false,
    };
}

impl Operation for Softmax {
    fn facts(&self) -> &'static Facts {
        &Self::FACTS
    }

    fn over(&self) -> Vec<AxisId> {
        vec![self.over]
    }

    fn summed(&self) -> Vec<AxisId> {
        vec![self.over]
    }

    /// A shift of all logits changes no share: `softmax(x + c) = softmax(x)`.
    fn compares(&self) -> Option<AxisId> {
        Some(self.over)
    }
}

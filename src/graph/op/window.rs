//! [`Window`]: what lies around each position.

use super::{Centred, Entries, Facts, Operation, Room, Slope, Zeros};
use crate::graph::AxisId;

/// What lies around each position: entry `w` of the window at position `t` is the operand at `t + w`, counted from the middle of
/// the window, and around the ends. A convolution is a window and a linear map that contracts it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// The sample axis of positions.
    pub over: AxisId,
    /// The axis of the window, which the operand lacks.
    pub by: AxisId,
}

impl Window {
    pub(super) const FACTS: Facts = Facts {
        name: "window",
        rules: &["window"],
        uses: None,
        // The result has an axis that the operand lacks.
        keeps_direction: false,
        // Zeros are copied to other places.
        zeros: Zeros::Lost,
        // The same numbers again.
        centred: Centred::IfAll,
        entries: Entries::Operands,
        slope: Slope::Constant,
        adds: false,
        normalises: false,
        passes_on: false,
        narrows: false,
        // A factor passes through: it is one in front of the operand.
        room: Room::None,
        in_stream: false,
        in_chain: false,
    };
}

impl Operation for Window {
    fn facts(&self) -> &'static Facts {
        &Self::FACTS
    }

    /// A window at the end of a slice lies in another slice.
    fn over(&self) -> Vec<AxisId> {
        vec![self.over, self.by]
    }

    /// The entries of a window are positions of the operand.
    fn along(&self, label: AxisId) -> AxisId {
        if label == self.by { self.over } else { label }
    }
}

//! [`Mean`]: an average over samples.

use super::{Centred, Entries, Facts, Operation, Room, Slope, Zeros};
use crate::graph::AxisId;

/// Mean over sample axes, which the result lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mean {
    /// The averaged axes, at least one.
    pub over: Vec<AxisId>,
}

impl Mean {
    pub(super) const FACTS: Facts = Facts {
        name: "mean",
        rules: &["mean"],
        uses: None,
        // The result lacks axes that the operand has.
        keeps_direction: false,
        zeros: Zeros::Lost,
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

impl Operation for Mean {
    fn facts(&self) -> &'static Facts {
        &Self::FACTS
    }

    fn over(&self) -> Vec<AxisId> {
        self.over.clone()
    }

    fn summed(&self) -> Vec<AxisId> {
        self.over.clone()
    }
}

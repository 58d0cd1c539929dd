//! [`Stream`]: what enters a layer.

use super::{Centred, Entries, Facts, Operation, Room, Slope, Zeros};
use crate::graph::RepeatId;

/// What enters a layer of a repeat: its one operand in the first layer, the repeat's exit in the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    /// The repeat.
    pub repeat: RepeatId,
}

impl Stream {
    pub(super) const FACTS: Facts = Facts {
        name: "stream",
        // Its rule is that of the repeat: `residual` or `chain`.
        rules: &[],
        uses: None,
        keeps_direction: true,
        zeros: Zeros::Lost,
        // What a layer leaves has whatever mean its branches give it.
        centred: Centred::Never,
        entries: Entries::Operands,
        slope: Slope::Constant,
        adds: false,
        normalises: false,
        passes_on: false,
        narrows: false,
        room: Room::None,
        in_stream: false,
        in_chain: false,
    };
}

impl Operation for Stream {
    fn facts(&self) -> &'static Facts {
        &Self::FACTS
    }

    fn repeat(&self) -> Option<RepeatId> {
        Some(self.repeat)
    }
}

//! [`Bias`]: a parameter that is added.

use super::{Centred, Entries, Facts, Operation, Room, Slope, Zeros};
use crate::graph::{ParameterId, ParameterKind};

/// `x + b`: a parameter over some axes of `x`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bias {
    /// The bias.
    pub parameter: ParameterId,
}

impl Bias {
    pub(super) const FACTS: Facts = Facts {
        name: "bias",
        rules: &["bias"],
        uses: Some(ParameterKind::Bias),
        keeps_direction: true,
        zeros: Zeros::Filled,
        // A bias starts at zero, or symmetric.
        centred: Centred::IfAll,
        entries: Entries::Operands,
        slope: Slope::Constant,
        adds: true,
        normalises: false,
        passes_on: true,
        narrows: false,
        // A factor on the way in is one on the way into the node before, or its weight's.
        room: Room::None,
        in_stream: true,
        in_chain: true,
    };
}

impl Operation for Bias {
    fn facts(&self) -> &'static Facts {
        &Self::FACTS
    }

    fn parameter(&self) -> Option<ParameterId> {
        Some(self.parameter)
    }

    fn parameter_mut(&mut self) -> Option<&mut ParameterId> {
        Some(&mut self.parameter)
    }
}

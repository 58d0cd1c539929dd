//! [`Gain`]: the gain of a norm.

use super::{Centred, Entries, Facts, Operation, Room, Slope, Zeros};
use crate::graph::{ParameterId, ParameterKind};

/// `g * x`, the gain of a norm, initialised at one: a parameter over some axes of `x`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gain {
    /// The gain.
    pub parameter: ParameterId,
}

impl Gain {
    pub(super) const FACTS: Facts = Facts {
        name: "gain",
        rules: &["gain"],
        uses: Some(ParameterKind::Gain),
        // It starts at one. Counterexample: a gain of random sign leaves nothing.
        keeps_direction: true,
        // It keeps zeros, but stands behind a norm, which does not.
        zeros: Zeros::Lost,
        centred: Centred::IfAll,
        entries: Entries::Operands,
        slope: Slope::Parameter,
        adds: false,
        normalises: false,
        passes_on: true,
        narrows: false,
        room: Room::None,
        in_stream: true,
        in_chain: true,
    };
}

impl Operation for Gain {
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

//! [`Linear`]: a weight times an operand.

use super::{Centred, Einsum, Entries, Facts, Operation, Room, Slope, Zeros};
use crate::graph::{MultiplierId, ParameterId, ParameterKind};

/// The rule of a linear map whose weight starts at zero. It makes nothing before its first step, so it has no `forward`, and what
/// it passes on is told by that step.
pub const FROM_ZERO: &str = "linear_from_zero";

/// `m * einsum(W, x)`: one operand, whose axes the einsum relabels by position as `operands[1]`; `operands[0]` are the axes of
/// the weight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linear {
    /// The weight.
    pub weight: ParameterId,
    /// `operands = [weight, x]`.
    pub einsum: Einsum,
    /// The scalar in front, if any.
    pub multiplier: Option<MultiplierId>,
}

impl Linear {
    pub(super) const FACTS: Facts = Facts {
        name: "linear",
        rules: &["linear", FROM_ZERO],
        uses: Some(ParameterKind::Weight),
        // Each feature is a fresh random sum.
        keeps_direction: false,
        // It takes zero to zero, but mixes entries: what is zero beside others is filled.
        zeros: Zeros::Lost,
        centred: Centred::Always,
        entries: Entries::Weight,
        // A weight may differ from position to position.
        slope: Slope::Parameter,
        adds: false,
        normalises: false,
        passes_on: false,
        narrows: true,
        // A factor in front is the weight's.
        room: Room::None,
        in_stream: false,
        in_chain: true,
    };
}

impl Operation for Linear {
    fn facts(&self) -> &'static Facts {
        &Self::FACTS
    }

    fn einsum(&self) -> Option<&Einsum> {
        Some(&self.einsum)
    }

    fn einsum_mut(&mut self) -> Option<&mut Einsum> {
        Some(&mut self.einsum)
    }

    fn parameter(&self) -> Option<ParameterId> {
        Some(self.weight)
    }

    fn parameter_mut(&mut self) -> Option<&mut ParameterId> {
        Some(&mut self.weight)
    }

    fn multiplier(&self) -> Option<MultiplierId> {
        self.multiplier
    }

    fn multiplier_mut(&mut self) -> Option<&mut Option<MultiplierId>> {
        Some(&mut self.multiplier)
    }
}

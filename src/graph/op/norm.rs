//! [`Norm`]: layer norm and RMS norm.

use super::{Centred, Entries, Facts, Operation, Room, Slope, Zeros};
use crate::graph::AxisId;

/// Layer norm or RMS norm over some axes, without gain or bias (those are nodes of their own).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Norm {
    /// Which.
    pub kind: NormKind,
    /// The normalised axes, at least one.
    pub over: Vec<AxisId>,
}

/// The two norms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NormKind {
    /// Subtracts the mean, then divides by the standard deviation.
    Layer,
    /// Divides by the root mean square.
    Rms,
}

impl Norm {
    pub(super) const FACTS: Facts = Facts {
        name: "norm",
        rules: &["layer_norm", "rms_norm"],
        uses: None,
        // Up to the mean, the result is the operand over a number.
        keeps_direction: true,
        // An RMS norm keeps zeros; a layer norm subtracts the mean from them.
        zeros: Zeros::Lost,
        centred: Centred::IfAll,
        entries: Entries::Operands,
        // What it divides by is a number of the operand.
        slope: Slope::Operand,
        adds: false,
        // As long as the operand is larger than the small number that is added to its size.
        normalises: true,
        passes_on: false,
        narrows: false,
        // It takes a factor in front of its operand away, and one in front of its result is a gain.
        room: Room::None,
        in_stream: true,
        in_chain: true,
    };
}

impl Operation for Norm {
    fn facts(&self) -> &'static Facts {
        &Self::FACTS
    }

    fn rule_name(&self) -> Option<&str> {
        Some(match self.kind {
            NormKind::Layer => "layer_norm",
            NormKind::Rms => "rms_norm",
        })
    }

    fn over(&self) -> Vec<AxisId> {
        self.over.clone()
    }
}

//! [`Input`]: data.

use super::{Centred, Entries, Facts, Operation, Room, Slope, Zeros};
use crate::graph::AxisId;

/// Data. No operand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// The axis along which exactly one entry is 1 and the others 0, if the data are one-hot.
    pub one_hot: Option<AxisId>,
    /// Whether the entries along sample axes are correlated.
    pub tokens: Tokens,
}

/// Whether the entries of the data along sample axes share a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tokens {
    /// Averages over tokens have a non-zero mean: they follow the law of large numbers.
    Correlated,
    /// They have none: sample axes cannot be scaled (theory, section 2).
    Independent,
}

impl Input {
    pub(super) const FACTS: Facts = Facts {
        name: "input",
        rules: &[],
        uses: None,
        // There is no operand: nothing is passed on.
        keeps_direction: false,
        zeros: Zeros::Lost,
        // Correlated tokens share a part, and one-hot data have no negative entry.
        centred: Centred::Never,
        entries: Entries::Data,
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

impl Operation for Input {
    fn facts(&self) -> &'static Facts {
        &Self::FACTS
    }

    fn data(&self) -> Option<&Input> {
        Some(self)
    }
}

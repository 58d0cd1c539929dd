//! [`Add`]: a sum.

use super::{Centred, Entries, Facts, Operation, Room, Slope, Zeros};

/// Sum of at least two operands of the same axes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Add;

impl Add {
    pub(super) const FACTS: Facts = Facts {
        name: "add",
        rules: &["add"],
        uses: None,
        keeps_direction: true,
        zeros: Zeros::Summed,
        centred: Centred::IfAll,
        entries: Entries::Operands,
        slope: Slope::Constant,
        adds: true,
        normalises: false,
        passes_on: true,
        narrows: false,
        room: Room::Each,
        in_stream: true,
        in_chain: false,
    };
}

impl Operation for Add {
    fn facts(&self) -> &'static Facts {
        &Self::FACTS
    }
}

//! [`Product`]: two operands, entry by entry.

use super::{Centred, Einsum, Entries, Facts, Operation, Room, Slope, Zeros};

/// `einsum(p, q)` of two operands without a contraction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// `operands = [p, q]`.
    pub einsum: Einsum,
}

impl Product {
    pub(super) const FACTS: Facts = Facts {
        name: "product",
        rules: &["product"],
        uses: None,
        // Each entry has a factor of its own, of either sign.
        keeps_direction: false,
        // Entry by entry only where both operands have all axes of the result.
        zeros: Zeros::Lost,
        centred: Centred::IfAny,
        entries: Entries::Operands,
        slope: Slope::Others,
        adds: false,
        normalises: false,
        // Nothing is summed: the result has the features of both operands.
        passes_on: false,
        narrows: false,
        room: Room::First,
        in_stream: false,
        in_chain: false,
    };
}

impl Operation for Product {
    fn facts(&self) -> &'static Facts {
        &Self::FACTS
    }

    fn einsum(&self) -> Option<&Einsum> {
        Some(&self.einsum)
    }

    fn einsum_mut(&mut self) -> Option<&mut Einsum> {
        Some(&mut self.einsum)
    }
}

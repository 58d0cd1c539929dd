//! [`Bilinear`]: two operands, contracted with each other.

use super::{Centred, Einsum, Entries, Facts, Operation, Room, Slope, Zeros};
use crate::graph::MultiplierId;

/// `m * einsum(p, q)` of two operands with a contraction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bilinear {
    /// `operands = [p, q]`.
    pub einsum: Einsum,
    /// The scalar in front, if any.
    pub multiplier: Option<MultiplierId>,
}

impl Bilinear {
    pub(super) const FACTS: Facts = Facts {
        name: "bilinear",
        rules: &["bilinear"],
        uses: None,
        // The contracted axes are gone; along others, each entry has a factor of its own.
        keeps_direction: false,
        zeros: Zeros::Lost,
        // As for every sum of products: if either factor is symmetric, so is the product.
        centred: Centred::IfAny,
        entries: Entries::Operands,
        slope: Slope::Others,
        adds: false,
        normalises: false,
        passes_on: false,
        narrows: true,
        room: Room::Front,
        in_stream: false,
        in_chain: false,
    };
}

impl Operation for Bilinear {
    fn facts(&self) -> &'static Facts {
        &Self::FACTS
    }

    fn einsum(&self) -> Option<&Einsum> {
        Some(&self.einsum)
    }

    fn einsum_mut(&mut self) -> Option<&mut Einsum> {
        Some(&mut self.einsum)
    }

    fn multiplier(&self) -> Option<MultiplierId> {
        self.multiplier
    }

    fn multiplier_mut(&mut self) -> Option<&mut Option<MultiplierId>> {
        Some(&mut self.multiplier)
    }
}

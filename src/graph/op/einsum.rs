//! [`Einsum`]: how the axes of two operands meet.

use crate::graph::AxisId;

/// Which axes two operands and the result have, in order. No letter stands twice in one tensor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Einsum {
    /// Axes of the operands.
    pub operands: [Vec<AxisId>; 2],
    /// Axes of the result.
    pub result: Vec<AxisId>,
}

impl Einsum {
    /// The contracted axes: in both operands and not in the result.
    #[must_use]
    pub fn contracted(&self) -> Vec<AxisId> {
        let [p, q] = &self.operands;
        p.iter().copied().filter(|axis| q.contains(axis) && !self.result.contains(axis)).collect()
    }

    /// The axes of the first operand that the second lacks: what a weight makes.
    #[must_use]
    pub fn produced(&self) -> Vec<AxisId> {
        let [p, q] = &self.operands;
        p.iter().copied().filter(|axis| !q.contains(axis)).collect()
    }

    /// The axes of the result that operand `position` lacks.
    #[must_use]
    pub fn lacked_by(&self, position: usize) -> Vec<AxisId> {
        self.result.iter().copied().filter(|axis| !self.operands[position].contains(axis)).collect()
    }
}

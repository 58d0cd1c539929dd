//! [`Operation`]: what may be asked of an op.

use super::{Einsum, Facts, Input};
use crate::graph::{AxisId, MultiplierId, ParameterId, ParameterKind, RepeatId};

/// What may be asked of an op: its facts, and what of all that an op may have it has.
pub trait Operation {
    /// What is so of every op of its kind.
    fn facts(&self) -> &'static Facts;

    /// The name of the rule that describes it; nothing for data, and for a stream, whose repeat has one.
    fn rule_name(&self) -> Option<&str> {
        self.facts().rules.first().copied()
    }

    /// The axes it runs over. Along any other axis, an entry of the result depends on the operands at that place alone, and in
    /// the same way at every place but for a parameter; so it can be computed slice by slice.
    fn over(&self) -> Vec<AxisId> {
        self.einsum().map_or_else(Vec::new, Einsum::contracted)
    }

    /// The axes whose entries share one sum, which its rule calls `|s|`.
    fn summed(&self) -> Vec<AxisId> {
        Vec::new()
    }

    /// The axis along which it sees only differences: the same added to all entries changes nothing.
    fn compares(&self) -> Option<AxisId> {
        None
    }

    /// The axis of the operand along which entries of the result along `label` lie: the same, but for an axis that it makes.
    fn along(&self, label: AxisId) -> AxisId {
        label
    }

    /// How it calls the axes of its operands and its result, if that is not as they do.
    fn einsum(&self) -> Option<&Einsum> {
        None
    }

    /// The same, to be changed.
    fn einsum_mut(&mut self) -> Option<&mut Einsum> {
        None
    }

    /// The parameter it uses.
    fn parameter(&self) -> Option<ParameterId> {
        None
    }

    /// The place of the parameter it uses.
    fn parameter_mut(&mut self) -> Option<&mut ParameterId> {
        None
    }

    /// Whether the operand goes on as it is, up to what a scalar, a parameter or other operands do: see [`Facts::passes_on`].
    fn passes_on(&self) -> bool {
        self.facts().passes_on
    }

    /// The scalar hyperparameter in front.
    fn multiplier(&self) -> Option<MultiplierId> {
        None
    }

    /// The place in front, where it may stay empty.
    fn multiplier_mut(&mut self) -> Option<&mut Option<MultiplierId>> {
        None
    }

    /// What is known of the data, if it is data.
    fn data(&self) -> Option<&Input> {
        None
    }

    /// The name of the function, if it is an activation.
    fn activation(&self) -> Option<&str> {
        None
    }

    /// The repeat whose layers it enters, if it is a stream.
    fn repeat(&self) -> Option<RepeatId> {
        None
    }

    /// The axis along which the data are one-hot, if it is such data.
    fn one_hot(&self) -> Option<AxisId> {
        self.data()?.one_hot
    }

    /// The einsum of a linear map, whose first operand is the weight.
    fn linear_einsum(&self) -> Option<&Einsum> {
        self.einsum().filter(|_| self.facts().uses == Some(ParameterKind::Weight))
    }

    /// The parameter that is added, if there is one.
    fn bias(&self) -> Option<ParameterId> {
        self.parameter().filter(|_| self.facts().uses == Some(ParameterKind::Bias))
    }
}

//! What is zero before the first step: what a weight makes that starts at zero, and what passes that on.

use super::op::Zeros;
use super::{Graph, Kind, NodeId, Parameter, ParameterId, ParameterKind, Role, Start};
use crate::document::quote;

impl Graph {
    /// Whether a node applies a weight that starts at zero.
    #[must_use]
    pub fn is_from_zero(&self, z: NodeId) -> bool {
        self.parameter_at(z).is_some_and(|w| {
            let parameter = self.parameter(w);
            parameter.kind == ParameterKind::Weight && parameter.start == Start::Zero
        })
    }

    /// Whether a node is zero before the first step.
    #[must_use]
    pub fn starts_at_zero(&self, z: NodeId) -> bool {
        self.is_from_zero(z)
            || self.passes_zero(z)
                && self.has_zero()
                && self.operands(z).into_iter().all(|x| self.starts_at_zero(x))
    }

    /// Whether a node is zero where all that it is made from is, and may be so before the first step.
    #[must_use]
    pub fn passes_zero(&self, z: NodeId) -> bool {
        match self.node(z).op.facts().zeros {
            Zeros::Kept | Zeros::Summed => true,
            Zeros::AsItsRule | Zeros::Filled | Zeros::Lost => false,
        }
    }

    /// Why a parameter has no first step that could be told, and what to do. It starts at the same number everywhere, or at the identity;
    /// or it starts at zero and what it makes is not simply added to something, and before its first step that is nothing, of which
    /// there is no norm, no softmax and no exponent. Later steps are told all the same.
    #[must_use]
    pub fn untold_at_first(&self, id: ParameterId) -> Option<(String, String)> {
        let uses = self.uses(id);
        let parameter = self.parameter(id);
        let starts = match (parameter.start, parameter.kind) {
            (Start::Constant, _) => Some("at the same number everywhere"),
            (Start::Identity, _) => Some("at the identity"),
            (Start::Zero, ParameterKind::Gain) => Some("at zero and is a gain"),
            (Start::Zero, ParameterKind::Weight | ParameterKind::Bias)
            | (Start::Gaussian | Start::One, _) => None,
        };
        if let Some(starts) = starts {
            let message = format!("{} starts {starts}", quote(&parameter.name));
            let hint = match parameter.kind {
                ParameterKind::Gain => "leave its `init` out",
                ParameterKind::Weight | ParameterKind::Bias => "let it start `random`",
            };
            return Some((message, hint.into()));
        }
        let node = uses.first().copied().filter(|node| self.is_from_zero(*node))?;
        let name = quote(&self.parameter(id).name);
        let made = quote(&self.node(node).name);
        if uses.len() > 1 {
            let hint = "give each use a weight of its own";
            return Some((format!("{name} starts at zero and is used more than once"), hint.into()));
        }
        if self.shared_along(id, node).iter().any(|axis| self.kind_of(*axis) == Kind::Feature) {
            let hint = "give it these axes, or let it start `random`";
            return Some((format!("{name} starts at zero and is shared over features"), hint.into()));
        }
        if self.repeat_at(node).is_some() {
            let hint = "write the layers out, or let it start `random`";
            return Some((format!("{name} starts at zero in a layer of a repeat"), hint.into()));
        }
        if let Some(user) = self.lost(node) {
            let user = match user {
                Some(user) => format!("{} takes it", quote(&self.node(user).name)),
                None => "it is an output".into(),
            };
            let message = format!("what {name} makes, {made}, is nothing before the first step, and {user}");
            return Some((message, format!("add {made} to what is there without it, as an adapter is")));
        }
        (self.node(node).role != Role::Branch).then(|| {
            let message = format!("what {name} makes, {made}, starts at zero and is no feature");
            (message, format!("write `role = \"branch\"` in {made}"))
        })
    }

    /// The first node that takes what is zero and is neither a scale nor a sum, or nothing if it is an output itself.
    fn lost(&self, node: NodeId) -> Option<Option<NodeId>> {
        if self.is_output(node) {
            return Some(None);
        }
        self.consumers(node).into_iter().find_map(|consumer| match self.passes_zero(consumer.node) {
            true if self.starts_at_zero(consumer.node) => self.lost(consumer.node),
            true => None,
            false => Some(Some(consumer.node)),
        })
    }

    fn has_zero(&self) -> bool {
        let is_zero = |w: &Parameter| w.kind == ParameterKind::Weight && w.start == Start::Zero;
        self.parameters.iter().any(is_zero)
    }
}

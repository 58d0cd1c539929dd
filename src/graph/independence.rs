//! Operands that are not independent of each other: contracted over features, their product has a mean, and the central
//! limit theorem that the rule for it rests on (theory, section 2) does not hold.

use std::collections::BTreeSet;

use super::op::Entries;
use super::{AxisId, Graph, Kind, NodeId, ParameterId};

/// Where the entries of a node along an axis come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// Data.
    Input(NodeId),
    /// A weight that mixes what is before it.
    Weight(ParameterId),
}

impl Graph {
    /// Where both operands of a node come from along a feature axis that it contracts; nothing if they are independent, each
    /// drawn by weights of its own.
    #[must_use]
    pub fn common_origin(&self, node: NodeId) -> Option<Origin> {
        let contracted = self.node(node).op.einsum()?.contracted().into_iter();
        contracted.filter(|axis| self.kind_of(*axis) == Kind::Feature).find_map(|axis| {
            let operands = self.operands_along(node, axis);
            let [(_, p), (_, q)] = operands.as_slice() else { return None };
            let of_p = self.origins(*p);
            self.origins(*q).into_iter().find(|origin| of_p.contains(origin))
        })
    }

    /// Where the entries of a node along one of its axes come from. Whatever acts entry by entry, or along other axes,
    /// leaves it the same.
    fn origins(&self, from: (NodeId, AxisId)) -> BTreeSet<Origin> {
        let mut origins = BTreeSet::new();
        let mut open = vec![from];
        let mut seen = BTreeSet::new();
        while let Some((x, axis)) = open.pop() {
            if !seen.insert((x, axis)) {
                continue;
            }
            let op = &self.node(x).op;
            match op.facts().entries {
                Entries::Data => origins.extend([Origin::Input(x)]),
                Entries::Weight => origins.extend(op.parameter().map(Origin::Weight)),
                Entries::Operands => {
                    open.extend(self.operands_along(x, axis).into_iter().map(|(_, along)| along));
                }
            }
        }
        origins
    }
}

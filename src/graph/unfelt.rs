//! Parameters whose steps never reach the loss: what shifts all logits of one query alike, as the bias of the keys does,
//! a softmax takes away. Their gradient is zero, so no learning rate and no exponent can be right.

use std::collections::{BTreeMap, BTreeSet};

use super::{AxisId, Consumer, Graph, Kind, NodeId, Op, ParameterId};

/// A change of a node that is the same along these of its axes.
type Change = (NodeId, BTreeSet<AxisId>);

/// What becomes of a change at one of the nodes that use it.
enum Fate {
    /// It changes that node.
    Passes(Change),
    /// That softmax does not see it.
    Taken(NodeId),
}

impl Graph {
    /// The parameters that the loss does not depend on, each with a softmax that takes its effect away.
    #[must_use]
    pub fn unfelt(&self) -> Vec<(ParameterId, NodeId)> {
        let births: Vec<(ParameterId, Change)> = self
            .parameter_ids()
            .flat_map(|w| self.uses(w).into_iter().map(move |y| (w, (y, self.same_at_birth(w, y)))))
            .collect();
        let mut changes: Vec<BTreeSet<BTreeSet<AxisId>>> = vec![BTreeSet::new(); self.nodes().len()];
        for (_, (y, same)) in &births {
            changes[y.index()].insert(same.clone());
        }
        for x in self.nodes() {
            for same in changes[x.index()].clone() {
                for fate in self.fates(&(x, same)) {
                    if let Fate::Passes((z, same)) = fate {
                        changes[z.index()].insert(same);
                    }
                }
            }
        }
        // From the loss back: which of these changes come to nothing, and where.
        let mut taken: BTreeMap<Change, NodeId> = BTreeMap::new();
        for x in self.nodes().rev().filter(|x| *x != self.loss.output) {
            for same in &changes[x.index()] {
                let change = (x, same.clone());
                let ends = self.fates(&change).into_iter().map(|fate| match fate {
                    Fate::Passes(change) => taken.get(&change).copied(),
                    Fate::Taken(softmax) => Some(softmax),
                });
                if let Some(ends) = ends.collect::<Option<Vec<NodeId>>>()
                    && let Some(first) = ends.first()
                {
                    taken.insert(change, *first);
                }
            }
        }
        let ends = |w: ParameterId| {
            let ends = births.iter().filter(|(born, _)| *born == w).map(|(_, change)| taken.get(change));
            ends.collect::<Option<Vec<_>>>()?.first().map(|softmax| (w, **softmax))
        };
        self.parameter_ids().filter_map(ends).collect()
    }

    /// The sample axes along which the response of a node to the parameter it uses is the same: those that a bias lacks.
    /// What multiplies data varies like them.
    fn same_at_birth(&self, parameter: ParameterId, y: NodeId) -> BTreeSet<AxisId> {
        let held = &self.parameter(parameter).axes;
        let samples = self.node(y).axes.iter().filter(|axis| self.kind_of(**axis) == Kind::Sample);
        let is_bias = matches!(self.node(y).op, Op::Bias { .. });
        samples.filter(|axis| is_bias && !held.contains(axis)).copied().collect()
    }

    fn fates(&self, (x, same): &Change) -> Vec<Fate> {
        self.consumers(*x).into_iter().map(|place| self.fate(place, same)).collect()
    }

    /// What a change that is the same along some axes becomes at a node. It stays the same along an axis if the node is
    /// linear in its operand and no other operand varies along that axis.
    fn fate(&self, place: Consumer, same: &BTreeSet<AxisId>) -> Fate {
        let Consumer { node: z, position } = place;
        let renamed = || same.iter().filter_map(|axis| self.label(place, *axis));
        let others =
            |label: &AxisId| self.operands_along(z, *label).iter().any(|(other, _)| *other != position);
        let kept: BTreeSet<AxisId> = match &self.node(z).op {
            Op::Softmax { over } if same.contains(over) => return Fate::Taken(z),
            Op::Linear { .. } | Op::Scale { .. } | Op::Bias { .. } | Op::Add => renamed().collect(),
            Op::Bilinear { .. } | Op::Product { .. } => renamed().filter(|label| !others(label)).collect(),
            Op::Gain { parameter } => {
                let held = &self.parameter(*parameter).axes;
                renamed().filter(|label| !held.contains(label)).collect()
            }
            Op::Mean { over } => renamed().filter(|label| !over.contains(label)).collect(),
            Op::Rope { positions, .. } => renamed().filter(|label| label != positions).collect(),
            Op::Input { .. } | Op::Activation(_) | Op::Norm { .. } | Op::Softmax { .. } => BTreeSet::new(),
        };
        let axes = &self.node(z).axes;
        Fate::Passes((z, kept.into_iter().filter(|label| axes.contains(label)).collect()))
    }
}

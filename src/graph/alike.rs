//! Changes that are alike at all positions, like the response to a bias: a softmax that compares positions does not see
//! them. A parameter whose effect is taken away so, like the bias of the keys, gets no gradient there, and no learning rate
//! and no exponent can be right.

use std::collections::{BTreeMap, BTreeSet};

use super::op::Slope;
use super::{AxisId, Consumer, Graph, Kind, NodeId, ParameterId};

/// Most sets of axes that are kept of one node: real networks have a handful.
const MOST_ALIKE: usize = 16;

/// The axes along which a change of a node is the same.
pub type Alike = BTreeSet<AxisId>;

impl Graph {
    /// The sample axes along which the response of a node to the parameter it uses is the same: those that a bias lacks.
    /// What multiplies data varies like them. Only axes over dimensions that some softmax compares are listed: along
    /// others nothing is taken away.
    #[must_use]
    pub fn alike_at_birth(&self, parameter: ParameterId, y: NodeId) -> Alike {
        if self.node(y).op.bias().is_none() {
            return Alike::new();
        }
        let held = &self.parameter(parameter).axes;
        let samples = self.node(y).axes.iter().filter(|axis| self.kind_of(**axis) == Kind::Sample);
        samples.filter(|axis| !held.contains(axis) && self.is_compared(**axis)).copied().collect()
    }

    /// What a change of an operand, the same along some axes, becomes at the node that uses it; nothing if a softmax does
    /// not see it. It stays the same along an axis if the derivative of the node does not depend on the place along it.
    #[must_use]
    pub fn alike_beyond(&self, place: Consumer, alike: &Alike) -> Option<Alike> {
        if alike.is_empty() {
            return Some(Alike::new());
        }
        let Consumer { node: z, position } = place;
        let op = &self.node(z).op;
        if op.compares().is_some_and(|over| alike.contains(&over)) {
            return None;
        }
        let changed: Alike = alike.iter().filter_map(|axis| self.label(place, *axis)).collect();
        let axes = self.node(z).axes.iter().copied();
        let kept = axes.filter(|label| changed.contains(&op.along(*label)));
        Some(match op.facts().slope {
            Slope::Constant => kept.collect(),
            Slope::Parameter => {
                let shared =
                    op.parameter().map_or_else(Vec::new, |parameter| self.shared_along(parameter, z));
                kept.filter(|label| shared.contains(label)).collect()
            }
            Slope::Place => {
                let over = op.over();
                kept.filter(|label| !over.contains(label)).collect()
            }
            Slope::Others => {
                let others = |label| self.operands_along(z, label).into_iter().any(|(at, _)| at != position);
                kept.filter(|label| !others(*label)).collect()
            }
            Slope::Operand => Alike::new(),
        })
    }

    /// Whether some softmax compares positions of the dimension that an axis runs over.
    fn is_compared(&self, axis: AxisId) -> bool {
        let over = |id: NodeId| self.node(id).op.compares().map(|over| self.dimension_of(over));
        self.nodes().any(|id| over(id) == Some(self.dimension_of(axis)))
    }

    /// For each node, the axes along which responses to parameters upstream can be the same; of very many such sets of axes
    /// only some, and what is not listed counts as felt.
    #[must_use]
    pub fn alike_changes(&self) -> Vec<BTreeSet<Alike>> {
        let mut changes: Vec<BTreeSet<Alike>> = vec![BTreeSet::new(); self.nodes().len()];
        // What leaves a layer enters the next: two rounds for each repeat behind another.
        for _ in 0..=2 * self.repeats.len() {
            for x in self.nodes() {
                if let Some(parameter) = self.parameter_at(x) {
                    changes[x.index()].insert(self.alike_at_birth(parameter, x));
                }
                for alike in changes[x.index()].clone() {
                    for place in self.users(x) {
                        let known = &mut changes[place.node.index()];
                        if known.len() < MOST_ALIKE {
                            known.extend(self.alike_beyond(place, &alike));
                        }
                    }
                }
            }
        }
        changes
    }

    /// The uses of parameters on which the loss does not depend, each with a softmax that takes the effect away.
    #[must_use]
    pub fn unfelt(&self) -> Vec<(NodeId, NodeId)> {
        let changes = self.alike_changes();
        // From the loss back: which changes come to nothing, and where.
        let mut taken: BTreeMap<(NodeId, &Alike), NodeId> = BTreeMap::new();
        for x in self.nodes().rev().filter(|x| !self.is_output(*x)) {
            for alike in &changes[x.index()] {
                let ends = self.consumers(x).into_iter().map(|place| match self.alike_beyond(place, alike) {
                    Some(beyond) => taken.get(&(place.node, &beyond)).copied(),
                    None => Some(place.node),
                });
                if let Some(ends) = ends.collect::<Option<Vec<NodeId>>>()
                    && let Some(first) = ends.first()
                {
                    taken.insert((x, alike), *first);
                }
            }
        }
        let end = |y: NodeId| {
            let alike = self.alike_at_birth(self.parameter_at(y)?, y);
            taken.get(&(y, &alike)).map(|softmax| (y, *softmax))
        };
        self.nodes().filter_map(end).collect()
    }
}

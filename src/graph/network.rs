//! [`Graph`]: nodes and edges, with the traversal in topological order.

use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;

use super::scalar::Behind;
use super::{
    Axis, AxisId, Dimension, DimensionId, Kind, Loss, Multiplier, MultiplierId, Op, Parameter, ParameterId,
    Repeat, RepeatId,
};

/// Position of a node.
pub type NodeId = NodeIndex<u32>;

/// A tensor of the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Name, unique in the graph.
    pub name: String,
    /// What computes it.
    pub op: Op,
    /// Its axes, in order.
    pub axes: Vec<AxisId>,
    /// What is asked of it.
    pub role: Role,
}

/// The class of a node in the desiderata (theory, section 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Data: nothing is asked.
    Input,
    /// A hidden representation.
    Feature,
    /// Enters a softmax.
    Logits,
    /// Comes out of a softmax.
    Probability,
    /// Is added to a residual stream.
    Branch,
    /// Enters a loss.
    Output,
}

impl Role {
    /// Every role with its name, as architecture and desiderata files write it.
    pub const NAMES: [(&'static str, Self); 6] = [
        ("input", Self::Input),
        ("feature", Self::Feature),
        ("logits", Self::Logits),
        ("probability", Self::Probability),
        ("branch", Self::Branch),
        ("output", Self::Output),
    ];

    /// What it is a class of, in a line.
    #[must_use]
    pub fn says(self) -> &'static str {
        match self {
            Self::Input => "data: nothing is asked of it",
            Self::Feature => "a hidden representation; what no other role fits",
            Self::Logits => "enters a softmax",
            Self::Probability => "comes out of a softmax",
            Self::Branch => "is added to a residual stream",
            Self::Output => "enters a loss",
        }
    }

    /// The name of the role.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Feature => "feature",
            Self::Logits => "logits",
            Self::Probability => "probability",
            Self::Branch => "branch",
            Self::Output => "output",
        }
    }
}

/// A use of a node: by which node, as which operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Consumer {
    /// The node that uses it.
    pub node: NodeId,
    /// Which of its operands it is, from 0.
    pub position: usize,
}

/// The network. Nodes are numbered in topological order, ties in the order of the file.
#[derive(Clone, Debug)]
pub struct Graph {
    /// Name of the architecture.
    pub name: String,
    /// Its title.
    pub title: String,
    /// All dimensions, in the order of the file.
    pub dimensions: Vec<Dimension>,
    /// All axes, in the order of the file.
    pub axes: Vec<Axis>,
    /// All trained tensors, in the order of first use.
    pub parameters: Vec<Parameter>,
    /// All scalar hyperparameters, in the order of first use.
    pub multipliers: Vec<Multiplier>,
    /// The blocks that are computed several times; none overlaps another.
    pub repeats: Vec<Repeat>,
    /// What training minimises: their sum, at least one, each of another node.
    pub losses: Vec<Loss>,
    network: DiGraph<Node, usize>,
    /// The repeat whose block each node is in.
    inside: Vec<Option<RepeatId>>,
    /// What stands behind each node.
    pub(super) behind: Behind,
}

impl Graph {
    /// Puts a graph together. `network` has an edge for each operand, from the operand to the node,
    /// weighing the operand's position, and numbers its nodes in topological order.
    ///
    /// This trusts its caller, [`crate::architecture`], which has checked everything it says of a
    /// graph and reported what is wrong with its place in the file.
    #[allow(clippy::too_many_arguments, reason = "a plain record, put together in one place")]
    #[must_use]
    pub fn new(
        name: String,
        title: String,
        dimensions: Vec<Dimension>,
        axes: Vec<Axis>,
        parameters: Vec<Parameter>,
        multipliers: Vec<Multiplier>,
        repeats: Vec<Repeat>,
        losses: Vec<Loss>,
        network: DiGraph<Node, usize>,
    ) -> Self {
        debug_assert!(
            network.edge_references().all(|edge| edge.source() < edge.target()),
            "nodes are numbered in topological order"
        );
        let inside = vec![None; network.node_count()];
        let behind = Behind::default();
        let mut graph = Self {
            name,
            title,
            dimensions,
            axes,
            parameters,
            multipliers,
            repeats,
            losses,
            network,
            inside,
            behind,
        };
        for id in graph.repeat_ids() {
            graph.block(id).into_iter().for_each(|node| graph.inside[node.index()] = Some(id));
        }
        graph.behind = Behind::of(&graph);
        graph
    }

    /// The repeat whose block a node is in.
    #[must_use]
    pub fn repeat_at(&self, node: NodeId) -> Option<RepeatId> {
        self.inside[node.index()]
    }

    /// All nodes, operands before the nodes that use them. Backwards: `.rev()`.
    pub fn nodes(&self) -> impl DoubleEndedIterator<Item = NodeId> + ExactSizeIterator + use<> {
        (0..self.network.node_count()).map(NodeIndex::new)
    }

    /// The nodes that an architecture declares: all but the inner ones, like `n1.norm` and `n1.gain` of a norm `n1` with
    /// gain and bias. A declared name has no dot.
    pub fn declared(&self) -> impl Iterator<Item = NodeId> {
        self.nodes().filter(|id| !self.node(*id).name.contains('.'))
    }

    /// One node.
    #[must_use]
    pub fn node(&self, id: NodeId) -> &Node {
        &self.network[id]
    }

    /// The operands of a node, in order.
    #[must_use]
    pub fn operands(&self, id: NodeId) -> Vec<NodeId> {
        let mut operands: Vec<(usize, NodeId)> = self
            .network
            .edges_directed(id, Direction::Incoming)
            .map(|edge| (*edge.weight(), edge.source()))
            .collect();
        operands.sort_unstable();
        operands.into_iter().map(|(_, operand)| operand).collect()
    }

    /// Every use of a node, in the order of the using nodes and operands.
    #[must_use]
    pub fn consumers(&self, id: NodeId) -> Vec<Consumer> {
        let mut consumers: Vec<Consumer> = self
            .network
            .edges_directed(id, Direction::Outgoing)
            .map(|edge| Consumer { node: edge.target(), position: *edge.weight() })
            .collect();
        consumers.sort_unstable();
        consumers
    }

    /// All parameters.
    pub fn parameter_ids(&self) -> impl DoubleEndedIterator<Item = ParameterId> + ExactSizeIterator + use<> {
        (0..self.parameters.len()).map(ParameterId)
    }

    /// All multipliers.
    pub fn multiplier_ids(&self) -> impl DoubleEndedIterator<Item = MultiplierId> + use<> {
        (0..self.multipliers.len()).map(MultiplierId)
    }

    /// All dimensions.
    pub fn dimension_ids(&self) -> impl DoubleEndedIterator<Item = DimensionId> + use<> {
        (0..self.dimensions.len()).map(DimensionId)
    }

    /// One parameter.
    #[must_use]
    pub fn parameter(&self, id: ParameterId) -> &Parameter {
        &self.parameters[id.0]
    }

    /// One multiplier.
    #[must_use]
    pub fn multiplier(&self, id: MultiplierId) -> &Multiplier {
        &self.multipliers[id.0]
    }

    /// One dimension.
    #[must_use]
    pub fn dimension(&self, id: DimensionId) -> &Dimension {
        &self.dimensions[id.0]
    }

    /// The dimension an axis runs over.
    #[must_use]
    pub fn dimension_of(&self, axis: AxisId) -> DimensionId {
        self.axes[axis.0].dimension
    }

    /// The kind of the dimension an axis runs over.
    #[must_use]
    pub fn kind_of(&self, axis: AxisId) -> Kind {
        self.dimension(self.dimension_of(axis)).kind
    }

    /// The axes of a kind.
    #[must_use]
    pub fn only(&self, kind: Kind, axes: &[AxisId]) -> Vec<AxisId> {
        axes.iter().copied().filter(|axis| self.kind_of(*axis) == kind).collect()
    }

    /// The nodes of a role, in order.
    #[must_use]
    pub fn of_role(&self, role: Role) -> Vec<NodeId> {
        self.nodes().filter(|id| self.node(*id).role == role).collect()
    }

    /// The node of that name.
    #[must_use]
    pub fn find_node(&self, name: &str) -> Option<NodeId> {
        self.nodes().find(|id| self.node(*id).name == name)
    }

    /// The parameter of that name.
    #[must_use]
    pub fn find_parameter(&self, name: &str) -> Option<ParameterId> {
        self.parameters.iter().position(|parameter| parameter.name == name).map(ParameterId)
    }

    /// The multiplier of that name.
    #[must_use]
    pub fn find_multiplier(&self, name: &str) -> Option<MultiplierId> {
        self.multipliers.iter().position(|multiplier| multiplier.name == name).map(MultiplierId)
    }

    /// The dimension of that name.
    #[must_use]
    pub fn find_dimension(&self, name: &str) -> Option<DimensionId> {
        self.dimensions.iter().position(|dimension| dimension.name == name).map(DimensionId)
    }

    /// The parameter that a node uses, if it uses one.
    #[must_use]
    pub fn parameter_at(&self, id: NodeId) -> Option<ParameterId> {
        self.node(id).op.parameter()
    }

    /// The axes of a node along which the parameter it uses is the same: those that the parameter lacks and does not make.
    #[must_use]
    pub fn shared_along(&self, parameter: ParameterId, node: NodeId) -> Vec<AxisId> {
        let held = match self.node(node).op.linear_einsum() {
            Some(einsum) => einsum.operands[0].clone(),
            None => self.fitting(parameter, &self.node(node).axes),
        };
        self.node(node).axes.iter().copied().filter(|axis| !held.contains(axis)).collect()
    }

    /// The axes of a gain or bias as a node that uses it calls them. Nodes that share a parameter may name their axes
    /// differently: then they are matched by dimension, in order.
    #[must_use]
    pub fn fitting(&self, parameter: ParameterId, node: &[AxisId]) -> Vec<AxisId> {
        let held = &self.parameter(parameter).axes;
        let mut free: Vec<AxisId> = node.iter().copied().filter(|axis| !held.contains(axis)).rev().collect();
        let mut named = |axis: AxisId| {
            let same = |other: &AxisId| self.dimension_of(*other) == self.dimension_of(axis);
            if node.contains(&axis) {
                return axis;
            }
            free.iter().rposition(same).map_or(axis, |place| free.remove(place))
        };
        held.iter().map(|axis| named(*axis)).collect()
    }

    /// Whether some parameter is shared over a dimension, as all are over those of samples.
    #[must_use]
    pub fn is_shared_over(&self, dimension: DimensionId) -> bool {
        self.dimension(dimension).kind == Kind::Sample
            || self.nodes().any(|id| {
                let along = self.parameter_at(id).map(|parameter| self.shared_along(parameter, id));
                along.into_iter().flatten().any(|axis| self.dimension_of(axis) == dimension)
            })
    }

    /// The axes of the rows and of the columns of one matrix of a parameter: what its first use produces and contracts, less
    /// [`Parameter::blocks`]. A bias or gain is a column: all its axes are rows.
    #[must_use]
    pub fn matrix(&self, parameter: ParameterId) -> [Vec<AxisId>; 2] {
        let Parameter { axes, blocks, .. } = self.parameter(parameter);
        let first = self.uses(parameter).into_iter().find_map(|node| self.node(node).op.linear_einsum());
        let sides = match first {
            Some(einsum) => [einsum.produced(), einsum.contracted()],
            None => [axes.clone(), Vec::new()],
        };
        sides.map(|side| side.into_iter().filter(|axis| !blocks.contains(axis)).collect())
    }

    /// The places of the axes of a weight that the identity pairs, what its first use produces with what that contracts, each pair over
    /// one dimension. Nothing if they are not of the same dimensions, or for what is no weight.
    #[must_use]
    pub fn diagonal(&self, parameter: ParameterId) -> Option<Vec<[usize; 2]>> {
        let einsum = self.uses(parameter).into_iter().find_map(|node| self.node(node).op.linear_einsum())?;
        let place = |axis: &AxisId| einsum.operands[0].iter().position(|held| held == axis);
        let mut contracted = einsum.contracted();
        let mut pair = |produced: AxisId| {
            let like = |axis: &AxisId| self.dimension_of(*axis) == self.dimension_of(produced);
            let other = contracted.remove(contracted.iter().position(like)?);
            Some([place(&produced)?, place(&other)?])
        };
        let pairs = einsum.produced().into_iter().map(&mut pair).collect::<Option<Vec<_>>>()?;
        contracted.is_empty().then_some(pairs)
    }

    /// The nodes that use a parameter, in order; at least one.
    #[must_use]
    pub fn uses(&self, parameter: ParameterId) -> Vec<NodeId> {
        self.nodes().filter(|id| self.parameter_at(*id) == Some(parameter)).collect()
    }
}

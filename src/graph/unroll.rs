//! [`Unrolled`]: a network without repeats: with every layer written out, or with many layers side by side.

use std::sync::Arc;

use petgraph::graph::DiGraph;

use super::{
    Axis, AxisId, Dimension, DimensionId, Graph, Kind, Node, NodeId, Parameter, ParameterId, RepeatId,
    Shortcut, Unit,
};

/// A network without repeats, and where each of its nodes and parameters comes from.
#[derive(Clone, Debug)]
pub struct Unrolled {
    /// The network. A parameter of layer 3 is called `W.3`; of a single layer, and of all, it keeps its name.
    pub graph: Arc<Graph>,
    /// The node of the repeated network that each node is a copy of.
    pub nodes: Vec<NodeId>,
    /// The parameter of the repeated network that each parameter is a copy of.
    pub parameters: Vec<ParameterId>,
    /// The layers side by side.
    pub beside: Vec<Beside>,
}

/// Many layers side by side, twice behind one another, so that each sees what all of them add.
#[derive(Clone, Debug)]
pub struct Beside {
    /// The axis that numbers them.
    pub layers: AxisId,
    /// The stream before them, between them and after them.
    pub streams: [NodeId; 3],
}

/// How often layers side by side stand behind one another.
const ROUNDS: usize = 2;

impl Graph {
    /// Writes out every repeat, with as many layers as `depth` says; at least one.
    #[must_use]
    pub fn unrolled(&self, depth: impl Fn(DimensionId) -> usize) -> Unrolled {
        self.written_out(|dimension| Some(depth(dimension)))
    }

    /// The same, but for repeats of which `depth` says nothing: many layers stand side by side, on the same stream, and what they add
    /// to it is summed. The branches of such a block have an axis more, over layers, and so have their parameters, of each of
    /// which a layer has a matrix; a sum on the trunk sums over it. This is a stack of layers each of which adds a small part to the
    /// stream, as [`Graph::is_beside`] says.
    #[must_use]
    pub fn written_out(&self, depth: impl Fn(DimensionId) -> Option<usize>) -> Unrolled {
        let mut writing = Writing {
            of: self,
            network: DiGraph::new(),
            nodes: Vec::new(),
            parameters: Vec::new(),
            origins: Vec::new(),
            latest: vec![NodeId::new(0); self.nodes().len()],
            dimensions: self.dimensions.clone(),
            axes: self.axes.clone(),
        };
        let mut beside = Vec::new();
        for unit in self.units() {
            match unit {
                Unit::Node(node) => writing.write(&[node], Layer::None),
                Unit::Repeat(id) => {
                    let repeat = self.repeat(id);
                    let block = self.block(id);
                    let stated = depth(repeat.dimension).map(|layers| layers.max(1));
                    let axis = stated.is_none().then(|| writing.beside(repeat.dimension));
                    let layers = stated.unwrap_or(ROUNDS);
                    let mut streams = vec![writing.latest[self.operands(repeat.entry)[0].index()]];
                    for layer in 1..=layers {
                        let before = if layer == 1 { self.operands(repeat.entry)[0] } else { repeat.exit };
                        writing.latest[repeat.entry.index()] = writing.latest[before.index()];
                        let trunk = self.trunk(id).unwrap_or_default();
                        let layer = match axis {
                            Some(axis) => Layer::Beside { number: layer, axis, trunk: &trunk },
                            None if layers == 1 => Layer::Only,
                            None => Layer::Number(layer),
                        };
                        writing.write(&block, layer);
                        streams.push(writing.latest[repeat.exit.index()]);
                    }
                    if let (Some(layers), [before, between, after]) = (axis, streams.as_slice()) {
                        beside.push(Beside { layers, streams: [*before, *between, *after] });
                    }
                }
            }
        }
        let graph = Self::new(
            self.name.clone(),
            self.title.clone(),
            writing.dimensions,
            writing.axes,
            writing.parameters,
            self.multipliers.clone(),
            Vec::new(),
            self.losses_of(|output| writing.latest[output.index()]),
            writing.network,
        );
        Unrolled { graph: Arc::new(graph), nodes: writing.nodes, parameters: writing.origins, beside }
    }

    /// Whether the layers of a repeat may stand side by side: branches are added to a stream that passes nothing but sums.
    #[must_use]
    pub fn is_beside(&self, id: RepeatId) -> bool {
        let adds = |node: &NodeId| self.node(*node).op.facts().adds;
        let trunk = self.trunk(id).filter(|_| self.repeat(id).shortcut == Shortcut::Residual);
        trunk.is_some_and(|trunk| trunk.iter().all(adds))
    }
}

/// Which layer of a repeat is written.
#[derive(Clone, Copy)]
enum Layer<'a> {
    /// None: what is outside.
    None,
    /// The only one.
    Only,
    /// One of several.
    Number(usize),
    /// Many side by side.
    Beside {
        /// How many such stand before, this included.
        number: usize,
        /// The axis that numbers them.
        axis: AxisId,
        /// The nodes that they have in common.
        trunk: &'a [NodeId],
    },
}

impl Layer<'_> {
    fn name(self, name: &str) -> String {
        match self {
            Self::None | Self::Only => name.into(),
            Self::Number(layer) | Self::Beside { number: layer, .. } => format!("{name}.{layer}"),
        }
    }

    /// The axis that a node has of its layers.
    fn axis_of(self, node: NodeId) -> Option<AxisId> {
        match self {
            Self::Beside { axis, trunk, .. } => (!trunk.contains(&node)).then_some(axis),
            Self::None | Self::Only | Self::Number(_) => None,
        }
    }
}

/// A network being written out.
struct Writing<'a> {
    of: &'a Graph,
    network: DiGraph<Node, usize>,
    /// Origin of each node.
    nodes: Vec<NodeId>,
    parameters: Vec<Parameter>,
    /// Origin of each parameter.
    origins: Vec<ParameterId>,
    /// The latest copy of each node.
    latest: Vec<NodeId>,
    dimensions: Vec<Dimension>,
    axes: Vec<Axis>,
}

impl Writing<'_> {
    /// Writes a copy of each node, and of each parameter they use, in the layer of that number.
    fn write(&mut self, nodes: &[NodeId], layer: Layer<'_>) {
        let first = self.parameters.len();
        for id in nodes {
            let mut node = self.of.node(*id).clone();
            if let Some(used) = node.op.parameter_mut() {
                let since = if matches!(layer, Layer::None) { 0 } else { first };
                *used = self.parameter(*used, since, layer);
            }
            if let Some(axis) = layer.axis_of(*id) {
                self.lay(&mut node, *id, axis);
            }
            node.name = layer.name(&node.name);
            let new = self.network.add_node(node);
            for (position, operand) in self.of.operands(*id).into_iter().enumerate() {
                self.network.add_edge(self.latest[operand.index()], new, position);
            }
            self.latest[id.index()] = new;
            self.nodes.push(*id);
        }
    }

    /// A new axis that numbers layers, which count like features: those of different layers are independent.
    fn beside(&mut self, dimension: DimensionId) -> AxisId {
        self.dimensions[dimension.0].kind = Kind::Feature;
        // No letter of a file is a digit.
        self.axes.push(Axis { letter: '0', dimension });
        AxisId(self.axes.len() - 1)
    }

    /// Gives a node an axis of layers, and so says what of its operands and its parameter has it.
    fn lay(&self, node: &mut Node, id: NodeId, axis: AxisId) {
        node.axes.push(axis);
        let own = node.op.parameter().map(|w| self.parameters[w.0].axes.contains(&axis));
        let operands = self.of.operands(id).into_iter();
        let laid = operands.map(|x| self.network[self.latest[x.index()]].axes.contains(&axis));
        let laid: Vec<bool> = own.into_iter().chain(laid).collect();
        if let Some(einsum) = node.op.einsum_mut() {
            let with = einsum.operands.iter_mut().zip(laid).filter(|(_, laid)| *laid);
            with.for_each(|(axes, _)| axes.push(axis));
            einsum.result.push(axis);
        }
    }

    /// The copy of a parameter among those from `first` on, a new one if there is none. All layers have the same copy of one that
    /// they share.
    fn parameter(&mut self, of: ParameterId, first: usize, layer: Layer<'_>) -> ParameterId {
        let (first, layer) = if self.of.is_shared(of) { (0, Layer::None) } else { (first, layer) };
        let known = self.origins[first..].iter().position(|origin| *origin == of);
        if let Some(known) = known {
            return ParameterId(first + known);
        }
        let mut parameter = self.of.parameter(of).clone();
        parameter.name = layer.name(&parameter.name);
        if let Layer::Beside { axis, .. } = layer {
            parameter.axes.push(axis);
            parameter.blocks.push(axis);
        }
        self.parameters.push(parameter);
        self.origins.push(of);
        ParameterId(self.parameters.len() - 1)
    }
}

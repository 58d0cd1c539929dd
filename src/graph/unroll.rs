//! [`Unrolled`]: a network with every layer of its repeats written out.

use std::sync::Arc;

use petgraph::graph::DiGraph;

use super::{DimensionId, Graph, Node, NodeId, Parameter, ParameterId, Unit};

/// A network without repeats, and where each of its nodes and parameters comes from.
#[derive(Clone, Debug)]
pub struct Unrolled {
    /// The network. A parameter of layer 3 is called `W.3`; of a single layer, and of all, it keeps its name.
    pub graph: Arc<Graph>,
    /// The node of the repeated network that each node is a copy of.
    pub nodes: Vec<NodeId>,
    /// The parameter of the repeated network that each parameter is a copy of.
    pub parameters: Vec<ParameterId>,
}

impl Graph {
    /// Writes out every repeat, with as many layers as `depth` says; at least one.
    #[must_use]
    pub fn unrolled(&self, depth: impl Fn(DimensionId) -> usize) -> Unrolled {
        let mut writing = Writing {
            of: self,
            network: DiGraph::new(),
            nodes: Vec::new(),
            parameters: Vec::new(),
            origins: Vec::new(),
            latest: vec![NodeId::new(0); self.nodes().len()],
        };
        for unit in self.units() {
            match unit {
                Unit::Node(node) => writing.write(&[node], Layer::None),
                Unit::Repeat(id) => {
                    let repeat = self.repeat(id);
                    let block = self.block(id);
                    let layers = depth(repeat.dimension).max(1);
                    for layer in 1..=layers {
                        let before = if layer == 1 { self.operands(repeat.entry)[0] } else { repeat.exit };
                        writing.latest[repeat.entry.index()] = writing.latest[before.index()];
                        writing.write(&block, if layers == 1 { Layer::Only } else { Layer::Number(layer) });
                    }
                }
            }
        }
        let graph = Self::new(
            self.name.clone(),
            self.title.clone(),
            self.dimensions.clone(),
            self.axes.clone(),
            writing.parameters,
            self.multipliers.clone(),
            Vec::new(),
            self.losses_of(|output| writing.latest[output.index()]),
            writing.network,
        );
        Unrolled { graph: Arc::new(graph), nodes: writing.nodes, parameters: writing.origins }
    }
}

/// Which layer of a repeat is written.
#[derive(Clone, Copy)]
enum Layer {
    /// None: what is outside.
    None,
    /// The only one.
    Only,
    /// One of several.
    Number(usize),
}

impl Layer {
    fn name(self, name: &str) -> String {
        match self {
            Self::None | Self::Only => name.into(),
            Self::Number(layer) => format!("{name}.{layer}"),
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
}

impl Writing<'_> {
    /// Writes a copy of each node, and of each parameter they use, in the layer of that number.
    fn write(&mut self, nodes: &[NodeId], layer: Layer) {
        let first = self.parameters.len();
        for id in nodes {
            let mut node = self.of.node(*id).clone();
            if let Some(used) = node.op.parameter_mut() {
                let since = if matches!(layer, Layer::None) { 0 } else { first };
                *used = self.parameter(*used, since, layer);
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

    /// The copy of a parameter among those from `first` on, a new one if there is none. All layers have the same copy of one that
    /// they share.
    fn parameter(&mut self, of: ParameterId, first: usize, layer: Layer) -> ParameterId {
        let (first, layer) = if self.of.is_shared(of) { (0, Layer::None) } else { (first, layer) };
        let known = self.origins[first..].iter().position(|origin| *origin == of);
        if let Some(known) = known {
            return ParameterId(first + known);
        }
        let mut parameter = self.of.parameter(of).clone();
        parameter.name = layer.name(&parameter.name);
        self.parameters.push(parameter);
        self.origins.push(of);
        ParameterId(self.parameters.len() - 1)
    }
}

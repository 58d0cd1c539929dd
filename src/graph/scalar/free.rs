//! [`Spot`]: where a network could have one more multiplier, and the network with it.

use petgraph::graph::DiGraph;

use crate::graph::op::{Room, Scale};
use crate::graph::{BaseValue, Consumer, Graph, Multiplier, MultiplierId, Node, NodeId, Op, Repeat, Role};

/// A place without a multiplier of its own. Linear maps have none: a multiplier there can be traded for the initial size
/// of the weight and its learning rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Spot {
    /// In front of a product of two activations.
    On(NodeId),
    /// On the way into a sum, an activation, a softmax or an elementwise product.
    Into(Consumer),
}

impl Graph {
    /// Every place for one more multiplier, in order.
    #[must_use]
    pub fn spots(&self) -> Vec<Spot> {
        let mut spots = Vec::new();
        for node in self.nodes() {
            let into = |position| Spot::Into(Consumer { node, position });
            let op = &self.node(node).op;
            let operands = self.operands(node);
            // What a map makes for one user alone may have the factor in the map.
            let has_room = |at: &usize| {
                let x = operands[*at];
                !(self.is_scalable(x) && self.users(x).len() == 1 && !self.is_output(x))
            };
            match op.facts().room {
                Room::None => {}
                Room::Front => spots.extend(op.multiplier().is_none().then_some(Spot::On(node))),
                Room::First => spots.extend(Some(0).filter(has_room).map(into)),
                Room::Each => {
                    let plain =
                        (0..operands.len()).filter(|at| self.node(operands[*at]).op.multiplier().is_none());
                    spots.extend(plain.filter(has_room).map(into));
                }
            }
        }
        spots
    }

    /// The name of a spot, and of the multiplier there: `o`, or `y into x1`.
    #[must_use]
    pub fn spot_name(&self, spot: Spot) -> String {
        match spot {
            Spot::On(node) => self.node(node).name.clone(),
            Spot::Into(Consumer { node, position }) => {
                let operand = self.operands(node)[position];
                format!("{} into {}", self.node(operand).name, self.node(node).name)
            }
        }
    }

    /// The network with a multiplier at a spot. On the way into a node it is a `scale` node of role `branch`, of which
    /// nothing more than bounds is asked.
    #[must_use]
    pub fn with_multiplier(&self, spot: Spot) -> Self {
        let added = MultiplierId(self.multipliers.len());
        let name = self.spot_name(spot);
        let mut network: DiGraph<Node, usize> = DiGraph::new();
        let mut moved: Vec<NodeId> = Vec::with_capacity(self.nodes().len());
        for id in self.nodes() {
            let mut node = self.node(id).clone();
            let mut operands: Vec<NodeId> =
                self.operands(id).iter().map(|operand| moved[operand.index()]).collect();
            match spot {
                Spot::On(here) if here == id => {
                    if let Some(multiplier) = node.op.multiplier_mut() {
                        *multiplier = Some(added);
                    }
                }
                Spot::Into(Consumer { node: here, position }) if here == id => {
                    let source = network[operands[position]].clone();
                    let scaled = Node {
                        name: format!("{}.{}", node.name, source.name),
                        op: Op::Scale(Scale { multiplier: added }),
                        axes: source.axes,
                        role: Role::Branch,
                    };
                    let scaled = network.add_node(scaled);
                    network.add_edge(operands[position], scaled, 0);
                    operands[position] = scaled;
                }
                Spot::On(_) | Spot::Into(_) => {}
            }
            let new = network.add_node(node);
            for (operand, position) in operands.into_iter().zip(0..) {
                network.add_edge(operand, new, position);
            }
            moved.push(new);
        }
        let mut multipliers = self.multipliers.clone();
        multipliers.push(Multiplier { name, base: BaseValue::Number("1".into()) });
        Self::new(
            self.name.clone(),
            self.title.clone(),
            self.dimensions.clone(),
            self.axes.clone(),
            self.parameters.clone(),
            multipliers,
            self.repeats
                .iter()
                .map(|repeat| Repeat {
                    entry: moved[repeat.entry.index()],
                    exit: moved[repeat.exit.index()],
                    ..repeat.clone()
                })
                .collect(),
            self.losses_of(|output| moved[output.index()]),
            network,
        )
    }
}

#[cfg(test)]
mod tests {
    use crate::architecture::Architecture;
    use crate::graph::{Graph, NodeId, Op};
    use crate::rule::RuleBook;

    #[test]
    fn a_multiplier_on_the_way_changes_nothing_else() {
        let book = RuleBook::embedded().unwrap();
        let text = &book.architecture("transformer").unwrap().text;
        let graph = Architecture::parse(text, &book.activations()).unwrap().graph;
        let names: Vec<String> = graph.spots().iter().map(|spot| graph.spot_name(*spot)).collect();
        let expected = ["o", "x into x1", "x1 into x2"];
        assert_eq!(names, expected, "none on linear maps, nor behind the attention's own");
        for spot in graph.spots() {
            let with = graph.with_multiplier(spot);
            assert_eq!(with.multipliers.len(), graph.multipliers.len() + 1);
            let judged = |graph: &Graph| -> Vec<String> {
                graph.outputs().map(|output| graph.node(output).name.clone()).collect()
            };
            assert_eq!(judged(&with), judged(&graph));
            // Passing over scale nodes, every node has the operands it had.
            let source = |id: NodeId| {
                if matches!(with.node(id).op, Op::Scale(_)) { with.operands(id)[0] } else { id }
            };
            for id in graph.nodes() {
                let name = &graph.node(id).name;
                let same = with.find_node(name).unwrap();
                let before: Vec<&str> =
                    graph.operands(id).iter().map(|operand| graph.node(*operand).name.as_str()).collect();
                let after: Vec<&str> =
                    with.operands(same).iter().map(|id| with.node(source(*id)).name.as_str()).collect();
                assert_eq!(before, after, "{name}");
            }
        }
    }
}

//! [`Region`]: nodes that can be computed slice by slice along one dimension, when they are too large to be held.
//!
//! The heads of attention do not know of each other until a weight sums over them. So a network can be evaluated for some
//! heads at a time: what enters is the same for all slices, what leaves is a sum over slices, magnitudes are sums of squares.
//! Every slice is computed three times (forward, backward, responses), with its part of the weights drawn again.

use crate::graph::{AxisId, DimensionId, Graph, Kind, NodeId, ParameterId};

/// Nodes that have an axis of one dimension, with everything that they are connected with along that dimension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Region {
    /// The dimension.
    pub(crate) dimension: DimensionId,
    /// The nodes that have it, in order.
    pub(crate) nodes: Vec<NodeId>,
    /// The nodes that sum over it, in order.
    pub(crate) exits: Vec<NodeId>,
    /// How many slices are made.
    pub(crate) slices: usize,
}

impl Region {
    /// The regions of a graph that can be sliced, each in one slice.
    pub(crate) fn all(graph: &Graph) -> Vec<Self> {
        let features = graph.dimension_ids().filter(|id| graph.dimension(*id).kind == Kind::Feature);
        features
            .flat_map(|dimension| connected(graph, dimension))
            .filter(|region| region.is_sound(graph))
            .collect()
    }

    /// Nodes and exits, each after its operands.
    pub(crate) fn members(&self) -> Vec<NodeId> {
        [self.nodes.as_slice(), &self.exits].concat()
    }

    /// The parameters that nodes and exits use.
    pub(crate) fn parameters(&self, graph: &Graph) -> Vec<ParameterId> {
        self.members().into_iter().filter_map(|id| graph.parameter_at(id)).collect()
    }

    /// The place of the dimension among axes, if it is there.
    pub(crate) fn place(&self, graph: &Graph, axes: &[AxisId]) -> Option<usize> {
        axes.iter().position(|axis| graph.dimension_of(*axis) == self.dimension)
    }

    /// Whether a slice of every node depends on nothing but slices of nodes and on what lies outside. What a weight that starts at
    /// zero passes depends on all of its step.
    fn is_sound(&self, graph: &Graph) -> bool {
        let count =
            |axes: &[AxisId]| axes.iter().filter(|axis| graph.dimension_of(**axis) == self.dimension).count();
        let is_slice = |axis: &AxisId| graph.dimension_of(*axis) == self.dimension;
        let inside = |id: &NodeId| {
            let node = graph.node(*id);
            // Data are drawn whole, and a stream stands for many layers.
            let separable = node.op.data().is_none()
                && node.op.repeat().is_none()
                && !node.op.over().iter().any(is_slice);
            separable && count(&node.axes) == 1
        };
        let sums = |id: &NodeId| {
            let Some(einsum) = graph.node(*id).op.einsum() else { return false };
            einsum.operands.iter().all(|axes| count(axes) == 1)
        };
        // A parameter is used here alone, and a slice of it by a slice of the node.
        let own = |id: &ParameterId| count(&graph.parameter(*id).axes) == 1 && graph.uses(*id).len() == 1;
        self.nodes.iter().all(inside)
            && self.exits.iter().all(sums)
            && self.parameters(graph).iter().all(own)
            && !self.nodes.iter().any(|id| graph.is_output(*id))
            && !self.members().into_iter().any(|id| graph.is_from_zero(id))
            && self.is_convex(graph)
    }

    /// Whether nothing that depends on the region enters it from outside.
    fn is_convex(&self, graph: &Graph) -> bool {
        let mut depends = vec![false; graph.nodes().len()];
        for id in graph.nodes() {
            let inside = self.nodes.contains(&id);
            let operands = graph.operands(id);
            let outside = |operand: &NodeId| !self.nodes.contains(operand);
            if inside
                && operands.iter().filter(|operand| outside(operand)).any(|operand| depends[operand.index()])
            {
                return false;
            }
            depends[id.index()] = inside || operands.iter().any(|operand| depends[operand.index()]);
        }
        true
    }
}

/// The connected sets of nodes with an axis of the dimension, with what consumes them.
fn connected(graph: &Graph, dimension: DimensionId) -> Vec<Region> {
    let has = |id: NodeId| graph.node(id).axes.iter().any(|axis| graph.dimension_of(*axis) == dimension);
    let mut set: Vec<Option<usize>> = vec![None; graph.nodes().len()];
    let mut sets = 0;
    for id in graph.nodes() {
        // An exit joins the nodes that it sums over.
        let inside: Vec<usize> =
            graph.operands(id).into_iter().filter_map(|operand| set[operand.index()]).collect();
        let joined = match inside.iter().min() {
            Some(first) => *first,
            None if has(id) => {
                sets += 1;
                sets - 1
            }
            None => continue,
        };
        for held in set.iter_mut().flatten() {
            if inside.contains(held) {
                *held = joined;
            }
        }
        if has(id) {
            set[id.index()] = Some(joined);
        }
    }
    let region = |number: usize| {
        let nodes: Vec<NodeId> = graph.nodes().filter(|id| set[id.index()] == Some(number)).collect();
        let mut exits: Vec<NodeId> = nodes
            .iter()
            .flat_map(|id| graph.consumers(*id))
            .map(|consumer| consumer.node)
            .filter(|id| !nodes.contains(id))
            .collect();
        exits.sort_unstable();
        exits.dedup();
        Region { dimension, nodes, exits, slices: 1 }
    };
    (0..sets).map(region).filter(|region| !region.nodes.is_empty()).collect()
}

/// A part of the work on a graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// A node.
    Node(NodeId),
    /// A region, by its number, with its exits.
    Region(usize),
}

/// The parts of the work, each after everything it depends on.
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    pub(crate) regions: Vec<Region>,
    pub(crate) parts: Vec<Part>,
    /// For each part, the nodes that nobody looks at after it.
    pub(crate) done: Vec<Vec<NodeId>>,
}

impl Schedule {
    /// A schedule in which these regions are sliced. They must be disjoint, exits included.
    pub(crate) fn new(graph: &Graph, regions: Vec<Region>) -> Self {
        let of = |id: NodeId| {
            regions.iter().position(|region| region.nodes.contains(&id) || region.exits.contains(&id))
        };
        let part = |id: NodeId| of(id).map_or(Part::Node(id), Part::Region);
        let mut parts: Vec<Part> = Vec::new();
        let mut waiting: Vec<NodeId> = graph.nodes().collect();
        let mut finished = vec![false; waiting.len()];
        // A region is ready when everything that enters it is.
        while let Some(first) = waiting.iter().copied().find(|id| {
            let members: Vec<NodeId> = match part(*id) {
                Part::Node(id) => vec![id],
                Part::Region(number) => regions[number].members(),
            };
            let ready = |operand: NodeId| finished[operand.index()] || members.contains(&operand);
            members.iter().all(|member| graph.operands(*member).into_iter().all(ready))
        }) {
            let next = part(first);
            waiting.retain(|id| {
                let taken = part(*id) == next;
                if taken {
                    finished[id.index()] = true;
                }
                !taken
            });
            parts.push(next);
        }
        let last = |id: NodeId| {
            let uses = graph.consumers(id).into_iter().map(|consumer| part(consumer.node)).chain([part(id)]);
            uses.filter_map(|part| parts.iter().position(|known| *known == part)).max().unwrap_or(0)
        };
        let mut done = vec![Vec::new(); parts.len()];
        graph.nodes().for_each(|id| done[last(id)].push(id));
        Self { regions, parts, done }
    }

    /// The region that slices a node; nothing for exits and nodes outside.
    pub(crate) fn slicing(&self, id: NodeId) -> Option<&Region> {
        self.regions.iter().find(|region| region.nodes.contains(&id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::testing::graphs;

    fn names(graph: &Graph, nodes: &[NodeId]) -> String {
        nodes.iter().map(|id| graph.node(*id).name.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn regions_are_what_a_dimension_holds_together() {
        let graphs = graphs();
        let told = |name: &str| -> Vec<String> {
            let graph = &graphs[name];
            let told = |region: Region| {
                format!(
                    "{}: {} -> {}",
                    graph.dimension(region.dimension).name,
                    names(graph, &region.nodes),
                    names(graph, &region.exits)
                )
            };
            Region::all(graph).into_iter().map(told).collect()
        };
        assert_eq!(
            told("transformer"),
            ["heads: q k v a p o -> y", "d_k: q k -> a", "d_v: v o -> y", "d_ff: h r -> z"]
        );
        // Rotary positions turn pairs of features of queries and keys, not of values.
        assert_eq!(
            told("language model"),
            ["heads: q k v qr kr a p o -> y", "d_k: v o -> y", "d_ff: h g r m -> z"]
        );
    }

    #[test]
    fn a_region_is_computed_when_everything_that_enters_it_is_there() {
        let graph = &graphs()["transformer"];
        let heads = Region::all(graph).remove(0);
        let schedule = Schedule::new(graph, vec![heads]);
        let place = |part: &Part| schedule.parts.iter().position(|known| known == part).unwrap();
        let node = |name| Part::Node(graph.find_node(name).unwrap());
        assert!(place(&node("n1")) < place(&Part::Region(0)));
        assert!(place(&Part::Region(0)) < place(&node("x1")));
        let done = &schedule.done[place(&Part::Region(0))];
        assert!(["n1", "q", "o"].iter().all(|name| done.contains(&graph.find_node(name).unwrap())));
        let all: usize = schedule.done.iter().map(Vec::len).sum();
        assert_eq!(all, graph.nodes().len());
    }
}

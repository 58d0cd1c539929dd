//! From checked declarations to the nodes of a [`Graph`](crate::graph::Graph).

use petgraph::graph::DiGraph;

use super::check::Checked;
use super::declaration::Declarations;
use super::repeat::DeclaredRepeat;
use crate::graph::op::Stream;
use crate::graph::{AxisId, Node, NodeId, Op, Parameter, ParameterId, Repeat, RepeatId, Role};

/// The network, and where each declaration went.
pub(super) struct Lowered {
    /// The nodes in the order of computation; an edge weighs the operand's position.
    pub(super) network: DiGraph<Node, usize>,
    /// The repeated blocks.
    pub(super) repeats: Vec<Repeat>,
    /// The node that carries each declaration's name.
    pub(super) nodes: Vec<NodeId>,
}

/// Builds the network of declarations that are all right, in the given order; nothing if one is not.
///
/// A norm with gain or bias becomes several nodes, of the same axes and role: the last has the declared name `n`,
/// those before it are `n.norm` and `n.gain`. What enters a layer of a repeat between `x` and other nodes is `x.stream`.
pub(super) fn lower(
    declarations: &Declarations,
    checked: &[Checked],
    roles: &[Role],
    declared: &[DeclaredRepeat],
    parameters: &[Parameter],
    order: &[usize],
) -> Option<Lowered> {
    let mut network: DiGraph<Node, usize> = DiGraph::new();
    let mut nodes: Vec<Option<NodeId>> = vec![None; declarations.nodes.len()];
    let mut entries: Vec<Option<NodeId>> = vec![None; declared.len()];
    for position in order {
        let declaration = declarations.nodes.get(*position)?;
        let Checked { ops: Some(ops), axes: Some(axes) } = checked.get(*position)? else {
            return None;
        };
        let name = declaration.name.as_ref()?.value;
        let role = *roles.get(*position)?;
        let (last, inner) = ops.split_last()?;
        let within = declared.iter().position(|repeat| repeat.block.contains(position));
        let mut operands: Vec<NodeId> = Vec::with_capacity(declaration.operands.len());
        for operand in &declaration.operands {
            let position = operand.declaration?;
            let operand = (*nodes.get(position)?)?;
            operands.push(match within {
                Some(repeat) if declared[repeat].stream_in == position => {
                    *entries[repeat].get_or_insert_with(|| enter(&mut network, operand, RepeatId(repeat)))
                }
                Some(_) | None => operand,
            });
        }
        for op in inner {
            let node = add(&mut network, format!("{name}.{}", op.facts().name), op, axes, role, &operands);
            operands = vec![node];
        }
        let node = add(&mut network, name.into(), last, axes, role, &operands);
        *nodes.get_mut(*position)? = Some(node);
    }
    let mut repeats = Vec::with_capacity(declared.len());
    for (repeat, entry) in declared.iter().zip(entries) {
        let exit = (*nodes.get(repeat.stream_out)?)?;
        let (dimension, shortcut) = (repeat.dimension, repeat.shortcut);
        let named = |name: &String| parameters.iter().position(|parameter| parameter.name == *name);
        let shared = repeat.shared.iter().flat_map(|shared| &shared.names);
        let shared = shared.filter_map(named).map(ParameterId).collect();
        repeats.push(Repeat { dimension, shortcut, shared, entry: entry?, exit });
    }
    Some(Lowered { network, repeats, nodes: nodes.into_iter().collect::<Option<Vec<NodeId>>>()? })
}

/// The stream as a layer takes it, of a repeat whose first layer takes a node.
fn enter(network: &mut DiGraph<Node, usize>, operand: NodeId, repeat: RepeatId) -> NodeId {
    let Node { name, axes, role, .. } = network[operand].clone();
    let role = if role == Role::Input { Role::Feature } else { role };
    add(network, format!("{name}.stream"), &Op::Stream(Stream { repeat }), &axes, role, &[operand])
}

fn add(
    network: &mut DiGraph<Node, usize>,
    name: String,
    op: &Op,
    axes: &[AxisId],
    role: Role,
    operands: &[NodeId],
) -> NodeId {
    let node = network.add_node(Node { name, op: op.clone(), axes: axes.to_vec(), role });
    for (position, operand) in operands.iter().enumerate() {
        network.add_edge(*operand, node, position);
    }
    node
}

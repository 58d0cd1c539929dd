//! From checked declarations to the nodes of a [`Graph`](crate::graph::Graph).

use petgraph::graph::DiGraph;

use super::check::Checked;
use super::declaration::Declarations;
use crate::graph::{AxisId, Node, NodeId, Op, Role};

/// The network, and where each declaration went.
pub(super) struct Lowered {
    /// The nodes in the order of computation; an edge weighs the operand's position.
    pub(super) network: DiGraph<Node, usize>,
    /// The node that carries each declaration's name.
    pub(super) nodes: Vec<NodeId>,
}

/// Builds the network of declarations that are all right, in the given order; nothing if one is not.
///
/// A norm with gain or bias becomes several nodes, of the same axes and role: the last has the declared name `n`,
/// those before it are `n.norm` and `n.gain`.
pub(super) fn lower(
    declarations: &Declarations,
    checked: &[Checked],
    roles: &[Role],
    order: &[usize],
) -> Option<Lowered> {
    let mut network: DiGraph<Node, usize> = DiGraph::new();
    let mut nodes: Vec<Option<NodeId>> = vec![None; declarations.nodes.len()];
    for position in order {
        let declaration = declarations.nodes.get(*position)?;
        let Checked { ops: Some(ops), axes: Some(axes) } = checked.get(*position)? else {
            return None;
        };
        let name = declaration.name.as_ref()?.value;
        let role = *roles.get(*position)?;
        let (last, inner) = ops.split_last()?;
        let mut operands: Vec<NodeId> = Vec::with_capacity(declaration.operands.len());
        for operand in &declaration.operands {
            operands.push((*nodes.get(operand.declaration?)?)?);
        }
        for op in inner {
            let node = add(&mut network, format!("{name}.{}", part(op)), op, axes, role, &operands);
            operands = vec![node];
        }
        let node = add(&mut network, name.into(), last, axes, role, &operands);
        *nodes.get_mut(*position)? = Some(node);
    }
    Some(Lowered { network, nodes: nodes.into_iter().collect::<Option<Vec<NodeId>>>()? })
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

/// The word behind the dot in the name of an inner node.
fn part(op: &Op) -> &'static str {
    match op {
        Op::Norm { .. } => "norm",
        Op::Gain { .. } => "gain",
        Op::Bias { .. } => "bias",
        Op::Input { .. }
        | Op::Linear { .. }
        | Op::Bilinear { .. }
        | Op::Product { .. }
        | Op::Scale { .. }
        | Op::Activation(_)
        | Op::Softmax { .. }
        | Op::Mean { .. }
        | Op::Rope { .. }
        | Op::Add => "part",
    }
}

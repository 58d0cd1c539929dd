//! A class of networks on which the theory's rules are doubtful, to be left out explicitly.
//!
//! A softmax compares logits: what is the same for all keys has no gradient and no effect there.
//! The rows of the theory for softmax and for contracted samples (sections 2 to 4) count the
//! full magnitude, as if it varied along the axis. It need not where
//! - a bias that is the same at all positions acts on the keys or the values, or
//! - keys or values are made of the output of an earlier softmax, which is nearly the same for
//!   all queries when its own logits are small.

use super::network::{DimensionKind, Network, Op, ParameterKind, Role};

/// Whether all that is compared by a softmax, or averaged along a sample axis by a bilinear
/// node, varies along that axis by its full magnitude.
pub(crate) fn is_plain(network: &Network) -> bool {
    (0..network.nodes.len()).all(|z| {
        let node = &network.nodes[z];
        match &node.op {
            Op::Softmax { over } => over.iter().all(|&axis| varies(network, node.inputs[0], axis)),
            Op::Bilinear => {
                let contracted = node.contracted().into_iter();
                let mut samples = contracted.filter(|&axis| network.kind(axis) == DimensionKind::Sample);
                samples.all(|axis| (0..2).all(|slot| operand_varies(network, z, slot, axis)))
            }
            Op::Input { .. }
            | Op::Linear
            | Op::Scale
            | Op::Activation(_)
            | Op::Norm
            | Op::Mean { .. }
            | Op::Add
            | Op::Bias
            | Op::Rope => true,
        }
    })
}

/// No bias without the axis, and no softmax over another axis, is upstream of y on a path along
/// which the axis is kept.
fn varies(network: &Network, y: usize, axis: char) -> bool {
    let node = &network.nodes[y];
    let mut parameters = network.parameters.iter();
    let shifted = parameters.any(|w| w.node == y && w.kind == ParameterKind::Bias && !w.axes.contains(&axis));
    let nearly_uniform = matches!(&node.op, Op::Softmax { over } if !over.contains(&axis));
    !shifted && !nearly_uniform && (0..node.inputs.len()).all(|slot| operand_varies(network, y, slot, axis))
}

fn operand_varies(network: &Network, z: usize, slot: usize, axis: char) -> bool {
    let node = &network.nodes[z];
    let x = node.inputs[slot];
    match node.operands[slot].iter().position(|&letter| letter == axis) {
        Some(place) => varies(network, x, network.nodes[x].axes[place]),
        None => true,
    }
}

/// Whether section 7 says for every node what it asks of it. It leaves open
/// - what the node under a bias is that makes the output or logits: the roles go to the loss's
///   node and to what enters a softmax;
/// - how a node that no parameter reaches should move.
pub(crate) fn has_plain_requirements(network: &Network) -> bool {
    let bounded = |role: Role| matches!(role, Role::Output | Role::Logits);
    (0..network.nodes.len()).all(|y| {
        let node = &network.nodes[y];
        let under_bias = node.op == Op::Bias && bounded(node.role);
        !under_bias && (node.role == Role::Input || is_reached(network, y))
    })
}

/// Whether a parameter is used at y or upstream of it.
fn is_reached(network: &Network, y: usize) -> bool {
    let mut inputs = network.nodes[y].inputs.iter();
    network.parameters.iter().any(|w| w.node == y) || inputs.any(|&x| is_reached(network, x))
}

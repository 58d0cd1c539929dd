//! The constants that keep signals of a chain the same from layer to layer: whatever factor a layer has is exponential in
//! depth otherwise (theory, section 5).

use std::collections::BTreeMap;

use crate::graph::{Graph, NodeId, ParameterId, Shortcut};
use crate::rule::Function;

/// By what the standard deviation of a parameter is larger than one over the root of the fan-in: in a chain, what the
/// activations before it have made smaller. He et al. arXiv:1502.01852: the square root of 2 behind relu.
pub(crate) fn deviation(graph: &Graph, functions: &BTreeMap<String, Function>, id: ParameterId) -> f64 {
    let uses = graph.uses(id);
    let Some((node, repeat)) = uses.first().and_then(|node| Some((*node, graph.repeat_at(*node)?))) else {
        return 1.0;
    };
    let repeat = graph.repeat(repeat);
    if repeat.shortcut == Shortcut::Residual || graph.node(node).op.linear_einsum().is_none() {
        return 1.0;
    }
    let before = |z: NodeId| {
        let x = graph.operands(z)[0];
        if x == repeat.entry { repeat.exit } else { x }
    };
    let mut kept = 1.0;
    let mut here = before(node);
    // Back to the weight before, which may be the same one in the layer before.
    while here != node {
        let op = &graph.node(here).op;
        if op.linear_einsum().is_some() || op.facts().normalises {
            break;
        }
        if let Some(activation) = op.activation() {
            kept *= functions.get(activation).map_or(1.0, share);
        }
        here = before(here);
    }
    f64::sqrt(1.0 / kept)
}

/// The mean square of a homogeneous function of a normal number of variance 1; 1 of any other function, of which chains say
/// nothing.
fn share(function: &Function) -> f64 {
    match function {
        Function::Relu => 0.5,
        Function::LeakyRelu => 0.5 * (1.0 + 0.01 * 0.01),
        Function::Identity
        | Function::Abs
        | Function::Gelu
        | Function::Silu
        | Function::Tanh
        | Function::Sigmoid
        | Function::Softplus
        | Function::SquaredRelu => 1.0,
    }
}

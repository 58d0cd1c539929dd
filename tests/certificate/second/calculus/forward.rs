//! Section 2: forward(y), the rms of every node at initialization.

use super::exponent::{Exponent, half, zero};
use super::network::{Activation, Loss, Node, Op, ParameterKind};
use super::setting::Setting;

/// An answer, not a failure: the prediction stops at this node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Saturated {
    pub(crate) node: String,
    pub(crate) why: String,
}

pub(crate) fn forward(setting: &Setting) -> Result<Vec<Exponent>, Saturated> {
    let mut forward = Vec::new();
    for (y, node) in setting.network.nodes.iter().enumerate() {
        check_range(node, &forward)?;
        let value = rule(setting, y, &forward) + setting.multiplier(node);
        forward.push(value);
    }
    check_loss(setting, &forward)?;
    Ok(forward)
}

/// Cross-entropy takes a softmax over the classes: its backward signal has one entry of size 1
/// and V of size 1/V (section 6) only while forward(output) <= 0.
fn check_loss(setting: &Setting, forward: &[Exponent]) -> Result<(), Saturated> {
    let mut large = setting.network.losses.iter().filter(|(_, output)| forward[*output] > zero());
    match large.find(|(loss, _)| *loss == Loss::CrossEntropy) {
        None => Ok(()),
        Some((_, output)) => {
            Err(saturated(&setting.network.nodes[*output], "it enters cross-entropy with", forward[*output]))
        }
    }
}

fn saturated(node: &Node, meets: &str, exponent: Exponent) -> Saturated {
    Saturated { node: node.name.clone(), why: format!("{meets} exponent {exponent}, above 0") }
}

/// A softmax and a bounded activation require forward(x) <= 0.
fn check_range(node: &Node, forward: &[Exponent]) -> Result<(), Saturated> {
    let bounded = matches!(node.op, Op::Softmax { .. } | Op::Activation(Activation::Bounded));
    if !bounded || forward[node.inputs[0]] <= zero() {
        return Ok(());
    }
    Err(saturated(node, "its input has", forward[node.inputs[0]]))
}

/// The table of section 2, without the node's multiplier.
fn rule(setting: &Setting, y: usize, forward: &[Exponent]) -> Exponent {
    let node = &setting.network.nodes[y];
    let x = |slot: usize| forward[node.inputs[slot]];
    match &node.op {
        Op::Input { one_hot: true } => -half(setting.feature(&node.axes)),
        Op::Input { one_hot: false } => zero(),
        Op::Linear => {
            let init = setting.init_at(y, ParameterKind::Weight).unwrap_or_else(zero);
            init + half(setting.feature(&node.contracted())) + x(0)
        }
        Op::Bilinear => x(0) + x(1) + setting.contraction(&node.contracted()),
        Op::Scale | Op::Activation(_) | Op::Mean { .. } | Op::Rope => x(0),
        Op::Norm => with_bias(setting, y, zero()),
        Op::Softmax { over } => -setting.sample(over),
        Op::Add => node.inputs.iter().map(|&x| forward[x]).max().unwrap_or_else(zero),
        Op::Bias => with_bias(setting, y, x(0)),
    }
}

/// max(forward(x), init(bias)), where the node has a bias.
fn with_bias(setting: &Setting, y: usize, value: Exponent) -> Exponent {
    match setting.init_at(y, ParameterKind::Bias) {
        Some(init) => value.max(init),
        None => value,
    }
}

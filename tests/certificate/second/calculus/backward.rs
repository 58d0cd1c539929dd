//! Section 3: backward(x), the rms of dLoss/dx, as a maximum of parts, one per consumer.

use super::exponent::{Exponent, Magnitude, half, times, zero};
use super::network::{Loss, Op, ParameterKind};
use super::setting::Setting;

/// Where a part of a backward signal comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Consumer {
    Loss,
    Node(usize),
}

#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) from: Consumer,
    pub(crate) magnitude: Magnitude,
}

/// The parts of every node's backward signal.
pub(crate) struct Backward(Vec<Vec<Part>>);

impl Backward {
    pub(crate) fn total(&self, x: usize) -> Magnitude {
        largest(self.0[x].iter())
    }

    /// The largest part of backward(x) that does not come from z.
    pub(crate) fn not_from(&self, x: usize, z: usize) -> Magnitude {
        largest(self.0[x].iter().filter(|part| part.from != Consumer::Node(z)))
    }
}

fn largest<'a>(parts: impl Iterator<Item = &'a Part>) -> Magnitude {
    parts.map(|part| part.magnitude).max().flatten()
}

pub(crate) fn backward(setting: &Setting, forward: &[Exponent]) -> Backward {
    let network = setting.network;
    let mut backward = Backward(vec![Vec::new(); network.nodes.len()]);
    for x in (0..network.nodes.len()).rev() {
        if let Some(judge) = network.loss_at(x) {
            let magnitude = Some(loss(setting, judge, x, forward));
            backward.0[x].push(Part { from: Consumer::Loss, magnitude });
        }
        for (z, slot) in network.consumers(x) {
            let magnitude = times(backward.total(z), slope(setting, z, slot, forward));
            backward.0[x].push(Part { from: Consumer::Node(z), magnitude });
        }
    }
    backward
}

/// backward(output). Cross-entropy over V classes: one entry of size 1, V of size 1/V, so that
/// the rms has exponent -V/2 (sections 1 and 6).
fn loss(setting: &Setting, judge: Loss, output: usize, forward: &[Exponent]) -> Exponent {
    let axes = &setting.network.nodes[output].axes;
    let signal = match judge {
        Loss::Mse => forward[output].max(zero()),
        Loss::CrossEntropy => -half(setting.feature(axes)),
    };
    signal - setting.sample(axes)
}

/// The table of section 3: part(x, z) - backward(z), where x is the input of z in `slot`.
fn slope(setting: &Setting, z: usize, slot: usize, forward: &[Exponent]) -> Exponent {
    let node = &setting.network.nodes[z];
    let lacked = node.lacked_by(slot);
    let rule = match &node.op {
        Op::Linear => {
            let init = setting.init_at(z, ParameterKind::Weight).unwrap_or_else(zero);
            init + half(setting.feature(&lacked))
        }
        Op::Bilinear => {
            let other = forward[node.inputs[1 - slot]];
            other + half(setting.feature(&lacked)) + setting.sample(&lacked)
        }
        Op::Norm => -forward[node.inputs[slot]],
        Op::Softmax { over } | Op::Mean { over } => -setting.sample(over),
        Op::Input { .. } | Op::Scale | Op::Activation(_) | Op::Add | Op::Bias | Op::Rope => zero(),
    };
    rule + setting.multiplier(node)
}

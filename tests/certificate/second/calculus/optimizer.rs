//! Section 6: optimizers and densities: the response to a parameter where it is used, and the
//! parameter's gradient and contribution.

use super::backward::Backward;
use super::exponent::{Exponent, Magnitude, half, times, zero};
use super::network::{Loss, Network, Op, Parameter, ParameterKind, minus};
use super::setting::Setting;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Optimizer {
    Sgd,
    /// Update entries of order 1: adam, adamw, lion, sign.
    Sign,
    Normalized,
    Muon,
}

impl Optimizer {
    pub(crate) fn named(name: &str) -> Result<Optimizer, String> {
        match name {
            "sgd" => Ok(Optimizer::Sgd),
            "adam" | "adamw" | "lion" | "sign" => Ok(Optimizer::Sign),
            "normalized" => Ok(Optimizer::Normalized),
            "muon" => Ok(Optimizer::Muon),
            other => Err(format!("no rule for the optimizer `{other}`")),
        }
    }
}

/// What the table of section 6 speaks of, at the node y where w is used with input x.
pub(crate) struct Birth {
    optimizer: Optimizer,
    lr: Exponent,
    multiplier: Exponent,
    forward: Exponent,
    backward: Magnitude,
    density_x: Exponent,
    density_b: Exponent,
    /// S(y)
    samples: Exponent,
    /// |C|
    contracted: Exponent,
    /// The rows of one matrix: Q without the axes that number matrices.
    rows: Exponent,
    /// Its columns: C without them.
    columns: Exponent,
    /// How many matrices there are: blocks, and the axes that x, w and y share.
    matrices: Exponent,
    /// The matrices that move the same outputs.
    summed: Exponent,
    /// The size of w.
    size: Exponent,
}

impl Birth {
    pub(crate) fn new(setting: &Setting, w: &Parameter, forward: &[Exponent], backward: &Backward) -> Birth {
        let network = setting.network;
        let node = &network.nodes[w.node];
        // A bias and a gain contract nothing and meet an input of forward 0.
        let is_weight = w.kind == ParameterKind::Weight;
        let contracted = if is_weight { node.contracted() } else { Vec::new() };
        let produced = if is_weight { minus(&w.axes, &node.operands[0]) } else { w.axes.clone() };
        let shared = minus(&minus(&w.axes, &contracted), &produced);
        let blocks = minus(&w.blocks, &shared);
        let summed = minus(&contracted, &minus(&contracted, &blocks));
        Birth {
            optimizer: setting.hyper.optimizer,
            lr: setting.hyper.lr(&w.name),
            multiplier: if is_weight { setting.multiplier(node) } else { zero() },
            forward: if is_weight { forward[node.inputs[0]] } else { zero() },
            backward: backward.total(w.node),
            density_x: if is_weight { input_density(setting, node.inputs[0]) } else { zero() },
            density_b: signal_density(setting, w.node),
            samples: setting.sample(&minus(&node.axes, &w.axes)),
            contracted: setting.feature(&contracted),
            rows: setting.size(&minus(&produced, &blocks)),
            columns: setting.size(&minus(&contracted, &blocks)),
            matrices: setting.size(&blocks) + setting.size(&shared),
            summed: setting.size(&summed),
            size: setting.size(&w.axes),
        }
    }

    /// `gradient(w)`, rms entry; a multiplier that is part of the node is met once.
    pub(crate) fn gradient(&self) -> Magnitude {
        times(self.backward, self.samples + self.forward + self.multiplier)
    }

    /// g1: the mean absolute entry of the gradient.
    fn mean_gradient(&self) -> Magnitude {
        times(self.gradient(), half(self.density_x + self.density_b))
    }

    /// Mean absolute value of x.
    fn mean_input(&self) -> Exponent {
        self.forward + half(self.density_x)
    }

    /// lr - (g + size/2): the rate with which SGD makes an update of unit Frobenius norm.
    fn normalized_lr(&self) -> Magnitude {
        self.gradient().map(|g| self.lr - g - half(self.size))
    }

    fn sgd_response(&self, lr: Magnitude) -> Magnitude {
        let moved = self.contracted + self.forward * 2 + self.samples + self.multiplier * 2;
        self.backward.and_then(|b| times(lr, moved + b))
    }

    fn response(&self) -> Magnitude {
        let reached = |value: Exponent| self.backward.map(|_| value + self.multiplier);
        match self.optimizer {
            Optimizer::Sgd => self.sgd_response(Some(self.lr)),
            Optimizer::Normalized => self.sgd_response(self.normalized_lr()),
            Optimizer::Sign => reached(self.lr + self.contracted + self.mean_input()),
            // Matrices that move the same outputs move them along the same backward signal.
            Optimizer::Muon => reached(self.lr + self.forward + self.summed + half(self.columns - self.rows)),
        }
    }

    /// own(w) = response at birth - backward(y)
    pub(crate) fn own(&self) -> Magnitude {
        self.backward.and_then(|b| times(self.response(), -b))
    }

    pub(crate) fn contribution(&self) -> Magnitude {
        let twice = self.gradient().map(|g| g * 2);
        match self.optimizer {
            Optimizer::Sgd => times(twice, self.lr + self.size),
            Optimizer::Normalized => {
                let lr = self.normalized_lr();
                twice.and_then(|g| times(lr, g + self.size))
            }
            Optimizer::Sign => times(self.mean_gradient(), self.lr + self.size),
            Optimizer::Muon => {
                times(self.gradient(), self.lr + self.matrices + half(self.columns + self.rows))
            }
        }
    }
}

/// Density of a node: -V for one-hot tokens over V, and above them until a dense linear map.
fn input_density(setting: &Setting, x: usize) -> Exponent {
    let node = &setting.network.nodes[x];
    match node.op {
        Op::Input { one_hot: true } => -setting.feature(&node.axes),
        Op::Scale | Op::Activation(_) | Op::Rope => input_density(setting, node.inputs[0]),
        Op::Input { .. }
        | Op::Linear
        | Op::Bilinear
        | Op::Norm
        | Op::Softmax { .. }
        | Op::Mean { .. }
        | Op::Add
        | Op::Bias => zero(),
    }
}

/// Density of the backward signal: -V at an output under cross-entropy that nothing else uses, and below it until a dense
/// linear map, where nothing else arrives.
fn signal_density(setting: &Setting, y: usize) -> Exponent {
    match judged_entrywise(setting.network, y) {
        Some(output) => -setting.feature(&setting.network.nodes[output].axes),
        None => zero(),
    }
}

/// The output under cross-entropy from which all that comes back to a node comes, entry by entry.
fn judged_entrywise(network: &Network, y: usize) -> Option<usize> {
    if let Some(loss) = network.loss_at(y) {
        return (loss == Loss::CrossEntropy && network.consumers(y).is_empty()).then_some(y);
    }
    let z = network.only_consumer(y)?;
    let op = &network.nodes[z].op;
    let is_entrywise = matches!(op, Op::Scale | Op::Activation(_) | Op::Bias | Op::Add | Op::Rope);
    if is_entrywise { judged_entrywise(network, z) } else { None }
}

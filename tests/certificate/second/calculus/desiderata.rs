//! Section 7: desiderata sets as requirements on the predicted exponents.

use std::collections::BTreeMap;

use super::exponent::{Exponent, Magnitude, zero};
use super::network::{Network, Node, Op, Role};
use super::predict::Prediction;
use super::setting::{Hyperparameters, Setting};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relation {
    Equal,
    AtMost,
}

#[derive(Clone, Debug)]
pub(crate) struct Requirement {
    pub(crate) label: &'static str,
    /// A node's or a parameter's name.
    pub(crate) on: String,
    pub(crate) relation: Relation,
    pub(crate) left: Magnitude,
    pub(crate) right: Magnitude,
}

/// How a set asks F, S, U and C; `None` is not asked.
struct Set {
    /// Whether equalities are kept; if not, they are asked as bounds.
    forward: Option<bool>,
    sensitivity: Option<bool>,
    maximal: bool,
    contribution: bool,
}

fn set(name: &str) -> Result<Set, String> {
    let set =
        |forward, sensitivity, maximal, contribution| Ok(Set { forward, sensitivity, maximal, contribution });
    match name {
        "fsc" => set(Some(true), Some(true), true, true),
        "fsc-total" => set(Some(true), Some(true), false, true),
        "signal" => set(Some(true), None, false, false),
        "stable" => set(Some(true), Some(false), false, false),
        "mup" => set(Some(false), Some(false), true, false),
        other => Err(format!("no desiderata set `{other}`")),
    }
}

/// The requirements of a set on a prediction.
pub(crate) fn requirements(
    network: &Network,
    powers: &BTreeMap<String, Exponent>,
    hyper: &Hyperparameters,
    prediction: &Prediction,
    name: &str,
) -> Result<Vec<Requirement>, String> {
    let set = set(name)?;
    let setting = Setting { network, powers, hyper };
    let mut list = Vec::new();
    for node in &network.nodes {
        if let Some(equal) = set.forward {
            list.extend(forward(&setting, node, prediction, equal));
        }
        if let Some(equal) = set.sensitivity {
            list.extend(sensitivity(&setting, node, prediction, equal));
        }
    }
    if set.maximal {
        list.extend(maximal(&setting, prediction));
    }
    if set.contribution {
        list.extend(contribution(network, prediction));
    }
    Ok(list)
}

pub(crate) fn is_met(requirements: &[Requirement]) -> bool {
    requirements.iter().all(|asked| match asked.relation {
        Relation::Equal => asked.left == asked.right,
        Relation::AtMost => asked.left <= asked.right,
    })
}

fn relation(equal: bool) -> Relation {
    if equal { Relation::Equal } else { Relation::AtMost }
}

/// F: forward(y) = 0 on feature nodes; <= 0 on logits, branches and output.
fn forward(setting: &Setting, node: &Node, prediction: &Prediction, equal: bool) -> Option<Requirement> {
    if matches!(node.role, Role::Input | Role::Probability) {
        return None;
    }
    Some(Requirement {
        label: "F",
        on: node.name.clone(),
        relation: relation(equal && node.role == Role::Feature),
        left: Some(prediction.nodes[&node.name].forward),
        right: Some(-behind(setting, &node.name)),
    })
}

/// S: update(y) = 0 on feature, logits and output nodes; <= 0 on branches; on a probability its
/// forward size, -|s|.
fn sensitivity(setting: &Setting, node: &Node, prediction: &Prediction, equal: bool) -> Option<Requirement> {
    if node.role == Role::Input {
        return None;
    }
    let size = match &node.op {
        Op::Softmax { over } => -setting.sample(over),
        Op::Input { .. }
        | Op::Linear
        | Op::Bilinear
        | Op::Scale
        | Op::Activation(_)
        | Op::Norm
        | Op::Mean { .. }
        | Op::Add
        | Op::Bias
        | Op::Rope => zero(),
    };
    Some(Requirement {
        label: "S",
        on: node.name.clone(),
        relation: relation(equal && node.role != Role::Branch),
        left: prediction.nodes[&node.name].update(),
        right: Some(size - behind(setting, &node.name)),
    })
}

/// U: update(w, y) = 0 where w is used. The text says "every weight"; its w ranges over the
/// parameters (sections 1 and 4), gains and biases included.
fn maximal(setting: &Setting, prediction: &Prediction) -> Vec<Requirement> {
    let network = setting.network;
    let moved = |y: usize, w: &str| prediction.nodes[&network.nodes[y].name].updates.get(w).copied();
    let parameters = network.parameters.iter();
    let asked = parameters.map(|w| Requirement {
        right: Some(-behind(setting, &network.nodes[w.node].name)),
        ..zeroed("U", &w.name, moved(w.node, &w.name))
    });
    asked.collect()
}

/// By what a node is multiplied before anything else sees it: what is asked of it counts there.
fn behind(setting: &Setting, name: &str) -> Exponent {
    let network = setting.network;
    let position = network.nodes.iter().position(|node| node.name == name);
    let times = position.map(|y| network.seen_times(y)).unwrap_or_default();
    times.iter().map(|m| setting.hyper.multiplier.get(m).copied().unwrap_or_else(zero)).sum()
}

/// C: contribution(w) = 0 for every parameter.
fn contribution(network: &Network, prediction: &Prediction) -> Vec<Requirement> {
    let contributes = |w: &str| prediction.parameters[w].contribution;
    let parameters = network.parameters.iter();
    parameters.map(|w| zeroed("C", &w.name, contributes(&w.name))).collect()
}

fn zeroed(label: &'static str, on: &str, left: Option<Exponent>) -> Requirement {
    Requirement { label, on: on.to_owned(), relation: Relation::Equal, left, right: Some(zero()) }
}

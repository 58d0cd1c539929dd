//! Section 4: the response of every node to the update of one parameter, as spectral components
//! aligned with the node's own backward signal, and a generic rest.

use super::backward::Backward;
use super::exponent::{Exponent, Magnitude, half, times, zero};
use super::network::{Op, Parameter, ParameterKind};
use super::setting::Setting;

/// A positive semidefinite operator: average eigenvalue n^k, effective rank n^R.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Component {
    pub(crate) k: Exponent,
    pub(crate) rank: Exponent,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Response {
    pub(crate) components: Vec<Component>,
    pub(crate) generic: Magnitude,
}

impl Response {
    /// Keeps the components apart; drops one only if another has larger k and smaller R.
    fn collect(&mut self, new: Component) {
        let dominates = |a: &Component, b: &Component| a.k >= b.k && a.rank <= b.rank;
        if self.components.iter().any(|old| dominates(old, &new)) {
            return;
        }
        self.components.retain(|old| !dominates(&new, old));
        self.components.push(new);
    }
}

/// How a map x -> z carries a response: a row of the table of section 4.
struct Carry {
    component: Exponent,
    generic: Exponent,
}

/// What sections 2 and 3 found, which section 4 needs.
pub(crate) struct Passes<'a> {
    pub(crate) setting: &'a Setting<'a>,
    pub(crate) forward: &'a [Exponent],
    pub(crate) backward: &'a Backward,
}

impl Passes<'_> {
    /// The responses of all nodes to w, which is born with `own(w)` where it is used.
    pub(crate) fn responses(&self, w: &Parameter, own: Magnitude) -> Vec<Response> {
        let nodes = &self.setting.network.nodes;
        let mut responses: Vec<Response> = vec![Response::default(); nodes.len()];
        for z in 0..nodes.len() {
            let mut response = Response::default();
            for (slot, &x) in nodes[z].inputs.iter().enumerate() {
                self.arrive(&mut response, &responses[x], z, slot);
            }
            if let (true, Some(k)) = (w.node == z, own) {
                response.collect(Component { k, rank: self.feature_size(z) });
            }
            responses[z] = response;
        }
        responses
    }

    /// `update(w, y)`
    pub(crate) fn update(&self, response: &Response, y: usize) -> Magnitude {
        self.applied(response, y, self.backward.total(y)).max(response.generic)
    }

    /// N(y)
    fn feature_size(&self, y: usize) -> Exponent {
        self.setting.feature(&self.setting.network.nodes[y].axes)
    }

    /// The components of y applied to a part b of its backward signal: k + b + (N(y) - R)/2.
    fn applied(&self, response: &Response, y: usize, b: Magnitude) -> Magnitude {
        let moved = |c: &Component| times(b, c.k + half(self.feature_size(y) - c.rank));
        response.components.iter().map(moved).max().flatten()
    }

    /// `sideways(x, z)`: parts of backward(x) from other consumers are independent of the map
    /// into z.
    fn sideways(&self, response: &Response, x: usize, z: usize) -> Magnitude {
        let other = self.backward.not_from(x, z);
        self.applied(response, x, other).max(response.generic)
    }

    /// Adds to the response of z what its input in `slot` brings.
    fn arrive(&self, to: &mut Response, from: &Response, z: usize, slot: usize) {
        let x = self.setting.network.nodes[z].inputs[slot];
        let carry = self.carry(z, slot);
        for component in &from.components {
            // N(z) differs from N(x) in linear and bilinear nodes only.
            to.collect(Component {
                k: component.k + carry.component,
                rank: component.rank.min(self.feature_size(z)),
            });
        }
        to.generic = to.generic.max(times(self.sideways(from, x, z), carry.generic));
    }

    /// The table of section 4. A multiplier that is part of z counts like a scale node after it.
    fn carry(&self, z: usize, slot: usize) -> Carry {
        let setting = self.setting;
        let node = &setting.network.nodes[z];
        let m = setting.multiplier(node);
        let rule = self.rule(z, slot);
        Carry { component: rule.component + m * 2, generic: rule.generic + m }
    }

    fn rule(&self, z: usize, slot: usize) -> Carry {
        let setting = self.setting;
        let node = &setting.network.nodes[z];
        match &node.op {
            Op::Linear => {
                let init = setting.init_at(z, ParameterKind::Weight).unwrap_or_else(zero);
                let c = setting.feature(&node.contracted());
                Carry { component: init * 2 + c, generic: init + half(c) }
            }
            Op::Bilinear => {
                let q = self.forward[node.inputs[1 - slot]];
                let c = node.contracted();
                let lacked = setting.sample(&node.lacked_by(slot));
                Carry { component: q * 2 + setting.size(&c) + lacked, generic: q + setting.contraction(&c) }
            }
            Op::Norm => {
                let x = self.forward[node.inputs[slot]];
                Carry { component: -x * 2, generic: -x }
            }
            Op::Softmax { over } => {
                let s = setting.sample(over);
                Carry { component: -s * 2, generic: -s }
            }
            Op::Mean { over } => Carry { component: -setting.sample(over), generic: zero() },
            Op::Input { .. } | Op::Scale | Op::Activation(_) | Op::Add | Op::Bias | Op::Rope => {
                Carry { component: zero(), generic: zero() }
            }
        }
    }
}

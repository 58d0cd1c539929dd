//! [`Branch`]: what a layer of a repeat adds to its stream, and by which rule that of all layers adds up.

use std::collections::BTreeMap;

use super::under_way::Walk;
use crate::exact::{Exponent, Form};
use crate::graph::{NodeId, ParameterId, Quantity, Repeat, RepeatId};
use crate::propagate::ledger::{Because, Magnitude, Part};
use crate::propagate::subject::PartName;
use crate::propagate::{Condition, Ending};
use crate::rule::OpRule;

/// Something that every layer adds to the stream.
pub(super) struct Branch {
    /// The node that adds it.
    pub(super) at: NodeId,
    pub(super) name: PartName,
    pub(super) magnitude: Magnitude,
    pub(super) layers: Layers,
}

/// Whether layers have parameters in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layers {
    /// Each has its own.
    Apart,
    /// They are passes through the same one (rule `looped`).
    Alike,
}

impl Layers {
    pub(super) fn of(is_looped: bool) -> Self {
        if is_looped { Self::Alike } else { Self::Apart }
    }
}

impl<'a> Walk<'a> {
    /// The rule by which layers add up: that of their repeat, or of a loop.
    pub(super) fn rule_of_layers(&self, of_repeat: &'a OpRule, layers: Layers) -> &'a OpRule {
        match (layers, self.looped) {
            (Layers::Alike, Some(looped)) => looped,
            (Layers::Alike, None) | (Layers::Apart, _) => of_repeat,
        }
    }

    /// The exponent of the number of passes that use the parameter of a node in common, if there are any.
    pub(super) fn passes(&self, parameter: ParameterId, node: NodeId) -> Option<(PartName, Form)> {
        let repeat = self.graph.repeat(self.graph.repeat_at(node)?);
        let dimension = repeat.dimension;
        let is_shared = repeat.shared.contains(&parameter);
        is_shared.then(|| (PartName::Layers(dimension), self.done.growth.dimension(dimension)))
    }

    /// What is added to the stream: for each sum or bias on its way, with the node that adds it.
    pub(super) fn branches(
        &self,
        entry: NodeId,
        trunk: &[NodeId],
        first: &BTreeMap<NodeId, Magnitude>,
    ) -> Vec<Branch> {
        let mut branches = Vec::new();
        for z in trunk {
            if let Some(parameter) = self.graph.node(*z).op.bias() {
                let init = self.done.init[parameter.0].map(Form::unknown);
                branches.extend(init.map(|form| Branch {
                    at: *z,
                    name: PartName::Init(parameter),
                    magnitude: Magnitude::given(form),
                    layers: Layers::of(self.graph.is_shared(parameter)),
                }));
                continue;
            }
            let operands = self.graph.operands(*z).into_iter();
            let beside = operands.filter(|x| *x != entry && !trunk.contains(x));
            branches.extend(beside.filter_map(|x| {
                Some(Branch {
                    at: *z,
                    name: PartName::of(Quantity::forward(x)),
                    magnitude: first.get(&x)?.clone(),
                    layers: Layers::of(self.graph.is_looped(x)),
                })
            }));
        }
        branches
    }

    /// Where a norm follows every sum, the stream remembers what entered it only while branches are small beside it.
    pub(super) fn bound_branches(&mut self, id: RepeatId, trunk: &[NodeId]) {
        let Repeat { entry, .. } = *self.graph.repeat(id);
        // The first layer would be unlike all others, which find a stream of the norm's size.
        let x = self.graph.operands(entry)[0];
        let part = |coefficient, of: NodeId| Part {
            coefficient: Exponent::integer(coefficient),
            name: PartName::of(Quantity::forward(of)),
            form: self.done.forward[of.index()].form.clone(),
            because: self.done.forward[of.index()].because,
        };
        let written = |of: NodeId| Quantity::forward(of).write(self.graph);
        for (larger, smaller) in [(entry, x), (x, entry)] {
            let parts = vec![part(1, larger), part(-1, smaller)];
            let what = format!("{} - {}", written(larger), written(smaller));
            let (form, derived) =
                self.done.ledger.derive(Quantity::forward(entry), "residual", parts, Exponent::ZERO);
            let (because, ending) = (Because::Derived(derived), Ending::Marginal);
            self.done.conditions.push(Condition { node: entry, form, what, because, ending });
        }
        let typical: BTreeMap<NodeId, Magnitude> =
            self.graph.block(id).into_iter().map(|z| (z, self.done.forward[z.index()].clone())).collect();
        for branch in self.branches(entry, trunk, &typical) {
            let stream =
                self.graph.operands(branch.at).into_iter().find(|x| *x == entry || trunk.contains(x));
            let Some(stream) = stream else { continue };
            self.bound(id, branch, stream);
        }
    }

    /// Demands that what all layers add to the stream changes it by a constant factor: what is independent of other layers like
    /// a random walk, what is alike in full.
    pub(super) fn bound(&mut self, id: RepeatId, added: Branch, stream: NodeId) {
        let Repeat { entry, dimension, .. } = *self.graph.repeat(id);
        let Branch { name, magnitude, layers: adding, .. } = added;
        let (rule, share) = match adding {
            Layers::Apart => ("residual", Exponent::HALF),
            Layers::Alike => ("looped", Exponent::ONE),
        };
        let (of, whole) =
            (PartName::of(Quantity::forward(stream)), self.done.forward[stream.index()].clone());
        let part = |coefficient, name, Magnitude { form, because }: Magnitude| Part {
            coefficient,
            name,
            form,
            because,
        };
        let layers = Magnitude::given(self.done.growth.dimension(dimension));
        let times = if adding == Layers::Apart { "1/2 " } else { "" };
        let what = format!(
            "{} + {times}{} - {}",
            name.write(self.graph),
            PartName::Layers(dimension).write(self.graph),
            of.write(self.graph)
        );
        let parts = vec![
            part(Exponent::ONE, name, magnitude),
            part(share, PartName::Layers(dimension), layers),
            part(Exponent::integer(-1), of, whole),
        ];
        let (form, id) = self.done.ledger.derive(Quantity::forward(entry), rule, parts, Exponent::ZERO);
        let (because, ending) = (Because::Derived(id), Ending::Marginal);
        self.done.conditions.push(Condition { node: entry, form, what, because, ending });
    }
}

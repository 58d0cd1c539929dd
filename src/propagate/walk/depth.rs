//! Repeats: forward and backward signals of all layers at once (theory, section 5).
//!
//! A layer stands for all of them, so its quantities are those of a typical one, of which there are as many before it as
//! behind it. What decides whether that can be said at all, the *gain* of a layer, is taken in the first layer, where a
//! stream that grows is smallest.

use std::collections::{BTreeMap, BTreeSet};

use super::bind::Place;
use super::branch::{Branch, Layers};
use super::under_way::{First, Walk};
use crate::exact::{Exponent, Form, Terms};
use crate::graph::{Alike, NodeId, Quantity, Repeat, RepeatId, Shortcut};
use crate::propagate::ledger::{Because, DerivationId, Magnitude, Part};
use crate::propagate::note::{Note, NoteTopic};
use crate::propagate::subject::{PartName, Subject};
use crate::propagate::{Condition, Ending, PropagateError};
use crate::rule::{Approximated, Name, OpRule, Sum};

/// The parts of a backward signal by the consumer they come from.
type Parts = Vec<(NodeId, Terms<DerivationId>)>;

impl Walk<'_> {
    pub(super) fn forward_repeat(&mut self, id: RepeatId) -> Result<(), PropagateError> {
        let Repeat { entry, exit, shortcut, .. } = *self.graph.repeat(id);
        let block = self.graph.block(id);
        let x = self.graph.operands(entry)[0];
        self.first = Some(First::default());
        let entering = self.done.forward[x.index()].clone();
        self.know_first(entry, entering.clone());
        for z in &block {
            let magnitude = self.forward_of(*z)?;
            self.know_first(*z, magnitude);
        }
        let first = self.first.take().unwrap_or_default().forward;
        let trunk = self.graph.trunk(id).unwrap_or_default();
        let normed = self.is_normed(&trunk);
        let stream = match shortcut {
            Shortcut::Residual if normed => first.get(&exit).cloned().unwrap_or(entering),
            Shortcut::Residual => self.walked(entry, &trunk, &first)?,
            Shortcut::Chain => entering,
        };
        self.firsts.insert(id, first);
        self.done.forward[entry.index()] = stream.clone();
        for z in &block {
            let keeps = match shortcut {
                Shortcut::Residual => !normed && trunk.contains(z),
                // A bias that matters ends exponents.
                Shortcut::Chain => self.graph.node(*z).op.bias().is_some(),
            };
            self.done.forward[z.index()] = match shortcut {
                Shortcut::Residual if keeps => stream.clone(),
                Shortcut::Chain if keeps => self.done.forward[self.graph.operands(*z)[0].index()].clone(),
                Shortcut::Residual | Shortcut::Chain => self.forward_of(*z)?,
            };
            self.condition(*z)?;
        }
        match shortcut {
            Shortcut::Residual if normed => self.bound_branches(id, &trunk),
            Shortcut::Residual => {}
            Shortcut::Chain => self.bound_chain(id, &block),
        }
        Ok(())
    }

    fn know_first(&mut self, node: NodeId, magnitude: Magnitude) {
        if let Some(first) = &mut self.first {
            first.forward.insert(node, magnitude);
        }
    }

    /// Whether the stream passes a norm in every layer.
    pub(super) fn is_normed(&self, trunk: &[NodeId]) -> bool {
        trunk.iter().any(|z| self.graph.node(*z).op.facts().normalises)
    }

    /// The stream after all layers: what enters it, and a random walk of the branches.
    fn walked(
        &mut self,
        entry: NodeId,
        trunk: &[NodeId],
        first: &BTreeMap<NodeId, Magnitude>,
    ) -> Result<Magnitude, PropagateError> {
        let subject = Quantity::forward(entry);
        let mut terms = Terms::none();
        let Some(rule) = self.rules[entry.index()] else {
            return Ok(self.done.forward[entry.index()].clone());
        };
        let place = Place { z: entry, operand: 0 };
        let of_branch = |sum: &&Sum| sum.terms.iter().any(|(_, name)| *name == Name::ForwardQ);
        for sum in rule.forward.sums().iter().filter(|sum| !of_branch(sum)) {
            let (form, because) = self.apply(subject, &rule.about.name, sum, place, &[])?;
            terms.insert(form, because);
        }
        for Branch { name, magnitude, layers, .. } in self.branches(entry, trunk, first) {
            let name =
                if let PartName::Of(subject) = name { PartName::Of(subject.of_first_layer()) } else { name };
            let given = [(Name::ForwardQ, name, magnitude)];
            let rule = self.rule_of_layers(rule, layers);
            for sum in rule.forward.sums().iter().filter(of_branch) {
                let (form, because) = self.apply(subject, &rule.about.name, sum, place, &given)?;
                terms.insert(form, because);
            }
        }
        let name = subject.write(self.graph);
        let settled = self.done.ledger.settle(subject, name, &terms);
        Ok(settled.unwrap_or_else(|| self.done.forward[entry.index()].clone()))
    }

    /// What keeps the signals of a chain from drifting: small biases, homogeneous activations, fewer layers than features.
    fn bound_chain(&mut self, id: RepeatId, block: &[NodeId]) {
        let Repeat { entry, dimension, .. } = *self.graph.repeat(id);
        let layers = self.done.growth.dimension(dimension);
        let named = PartName::Layers(dimension).write(self.graph);
        let mut bounds = Vec::new();
        for z in block {
            let op = &self.graph.node(*z).op;
            let init = op.bias().and_then(|parameter| Some((parameter, self.done.init[parameter.0]?)));
            if let Some((parameter, init)) = init {
                let x = self.graph.operands(*z)[0];
                let magnitude = Magnitude::given(Form::unknown(init));
                let added =
                    Branch { name: PartName::Init(parameter), magnitude, at: *z, layers: Layers::Apart };
                self.bound(id, added, x);
            }
            if let Some(activation) = op.activation()
                && !self.rules[z.index()].is_some_and(|rule| rule.homogeneous)
                && layers != Form::zero()
            {
                let what = format!("{named} with `{activation}`, which is not homogeneous,");
                bounds.push((layers.clone(), what));
            }
        }
        let features = self.done.growth.features(self.graph, entry);
        if features == Form::zero() {
            if layers != Form::zero() {
                let entry = &self.graph.node(self.graph.operands(entry)[0]).name;
                let says = format!("the chain behind `{entry}` is taken to be much wider than deep");
                self.done.notes.push(Note::new(NoteTopic::Approximated(Approximated::WideChain), says));
            }
        } else if layers != Form::zero() {
            let name = &self.graph.node(self.graph.operands(entry)[0]).name;
            bounds.push((&layers - &features, format!("{named} - N({name})")));
        }
        for (form, what) in bounds {
            let (because, ending) = (Because::Given, Ending::Marginal);
            self.done.conditions.push(Condition { node: entry, form, what, because, ending });
        }
    }

    /// The backward signals of a block, from that of its exit, which is known.
    pub(super) fn backward_repeat(
        &mut self,
        id: RepeatId,
        changes: &[BTreeSet<Alike>],
    ) -> Result<(), PropagateError> {
        let Repeat { entry, exit, .. } = *self.graph.repeat(id);
        self.gains(id)?;
        let trunk = self.trunk_of(id);
        for x in self.inner(id) {
            let parts = self.parts_of(x)?;
            let way = self.way(x, entry, &trunk);
            let magnitude = self.settled_back(x, &parts, way);
            self.parts[x.index()] = parts;
            if let Some(magnitude) = magnitude {
                self.done.backward[x.index()] = magnitude;
            }
            self.pass_density(x);
            for alike in changes[x.index()].iter().filter(|_| x != exit) {
                self.feel(x, alike, way)?;
            }
        }
        Ok(())
    }

    /// The nodes of a block but for its exit, and its entry, the last first.
    fn inner(&self, id: RepeatId) -> Vec<NodeId> {
        let Repeat { entry, exit, .. } = *self.graph.repeat(id);
        let inside = self.graph.block(id).into_iter().rev().filter(|x| *x != exit);
        inside.chain([entry]).collect()
    }

    fn trunk_of(&self, id: RepeatId) -> Vec<NodeId> {
        match self.graph.repeat(id).shortcut {
            Shortcut::Residual => self.graph.trunk(id).unwrap_or_default(),
            Shortcut::Chain => Vec::new(),
        }
    }

    /// The consumer through which all of a stream's backward signal comes, but for small parts.
    fn way(&self, x: NodeId, entry: NodeId, trunk: &[NodeId]) -> Option<NodeId> {
        let next = match trunk.iter().position(|z| *z == x) {
            Some(place) => trunk.get(place + 1),
            None if x == entry => trunk.first(),
            None => None,
        };
        next.copied()
    }

    fn settled_back(&mut self, x: NodeId, parts: &Parts, way: Option<NodeId>) -> Option<Magnitude> {
        let mut terms = Terms::none();
        for (_, part) in parts.iter().filter(|(z, _)| way.is_none_or(|way| way == *z)) {
            part.iter().for_each(|(form, id)| terms.insert(form.clone(), *id));
        }
        let subject = self.subject(Quantity::backward(x));
        let name = subject.write(self.graph);
        self.done.ledger.settle(subject, name, &terms)
    }

    /// Demands of the gain of the first layer what the rule of its repeat does.
    fn gains(&mut self, id: RepeatId) -> Result<(), PropagateError> {
        let Repeat { entry, exit, shortcut, .. } = *self.graph.repeat(id);
        let Some(rule) = self.rules[entry.index()] else { return Ok(()) };
        let trunk = self.trunk_of(id);
        let leaving = self.done.backward[exit.index()].clone();
        let mut first = First { forward: self.firsts[&id].clone(), backward: BTreeMap::new() };
        let x = self.graph.operands(entry)[0];
        first.forward.insert(entry, self.done.forward[x.index()].clone());
        first.backward.insert(exit, leaving.clone());
        self.first = Some(first);
        let mut gains = Vec::new();
        for x in self.inner(id) {
            let parts = self.parts_of(x)?;
            let way = self.way(x, entry, &trunk);
            let magnitude = self.settled_back(x, &parts, way);
            let (Some(magnitude), Some(first)) = (magnitude, &mut self.first) else { continue };
            first.backward.insert(x, magnitude.clone());
            let relative_to = match shortcut {
                Shortcut::Residual if way.is_some() => magnitude,
                Shortcut::Chain if x == entry => leaving.clone(),
                Shortcut::Residual | Shortcut::Chain => continue,
            };
            let beside = parts.into_iter().filter(|(z, _)| way != Some(*z));
            gains.extend(beside.map(|(z, terms)| (x, z, terms, relative_to.clone())));
        }
        let first = self.first.take().unwrap_or_default();
        if let Some(entering) = first.backward.get(&entry) {
            self.entering.insert(entry, entering.clone());
        }
        for (x, z, terms, relative_to) in gains {
            self.demand_gain(id, rule, (x, z), &terms, &relative_to)?;
        }
        Ok(())
    }

    fn demand_gain(
        &mut self,
        id: RepeatId,
        rule: &OpRule,
        (x, z): (NodeId, NodeId),
        terms: &Terms<DerivationId>,
        relative_to: &Magnitude,
    ) -> Result<(), PropagateError> {
        let Repeat { entry, dimension, shortcut, .. } = *self.graph.repeat(id);
        let rule = self.rule_of_layers(rule, Layers::of(self.graph.is_looped(z)));
        let trunk = self.trunk_of(id);
        let ending = match shortcut {
            Shortcut::Residual if self.is_normed(&trunk) || self.is_always_normed(z, &trunk) => {
                Ending::Marginal
            }
            Shortcut::Residual | Shortcut::Chain => Ending::Unstable,
        };
        let subject = Subject::Gain(x, z);
        for (form, because) in terms.iter() {
            let part = |coefficient, subject: Subject, form: &Form, because| Part {
                coefficient,
                name: PartName::Of(subject),
                form: form.clone(),
                because,
            };
            let through = Subject::Part(x, z).of_first_layer();
            let whole = Subject::from(Quantity::backward(x)).of_first_layer();
            let parts = vec![
                part(Exponent::ONE, through, form, Because::Derived(*because)),
                part(Exponent::integer(-1), whole, &relative_to.form, relative_to.because),
            ];
            let (form, because) =
                self.done.ledger.derive(subject.clone(), &rule.about.name, parts, Exponent::ZERO);
            let magnitude = Magnitude { form, because: Because::Derived(because) };
            let given = [(Name::Gain, PartName::Of(subject.clone()), magnitude)];
            for sum in &rule.requires {
                let place = Place { z: entry, operand: 0 };
                let (form, because) = self.apply(subject.clone(), &rule.about.name, sum, place, &given)?;
                let layers = PartName::Layers(dimension).write(self.graph);
                let what =
                    sum.to_string().replace("gain", &subject.write(self.graph)).replace("|L|", &layers);
                let because = Because::Derived(because);
                self.done.conditions.push(Condition { node: entry, form, what, because, ending });
            }
        }
        Ok(())
    }

    /// Whether every way from a node to the stream passes a norm.
    fn is_always_normed(&self, from: NodeId, trunk: &[NodeId]) -> bool {
        let mut open = vec![from];
        while let Some(z) = open.pop() {
            if trunk.contains(&z) {
                return false;
            }
            if !self.graph.node(z).op.facts().normalises {
                open.extend(self.graph.consumers(z).into_iter().map(|consumer| consumer.node));
            }
        }
        true
    }
}

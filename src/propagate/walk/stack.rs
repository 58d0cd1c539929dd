//! Responses in a repeat: to the copies of a parameter in all layers, and of a node to that of its own layer (theory, section
//! 5).
//!
//! A layer sends to the stream what its own step makes of its branches, or of the whole block if that is a chain. Layers
//! before it have sent the same, and all of it enters a layer together: by the rule of the repeat.

use std::collections::BTreeMap;

use super::bind::Place;
use super::branch::Layers;
use super::response::{Elsewhere, Response};
use super::under_way::First;
use super::under_way::Walk;
use crate::exact::{Form, Terms};
use crate::graph::{Alike, NodeId, ParameterId, Repeat, RepeatId, Shortcut};
use crate::propagate::PropagateError;
use crate::propagate::ledger::{Because, DerivationId, Magnitude};
use crate::propagate::subject::{PartName, Subject};
use crate::rule::{Name, OpRule, Sum};

impl Walk<'_> {
    /// Carries the response to a parameter through a repeat, from what reached its first layer.
    pub(super) fn respond_repeat(
        &mut self,
        w: ParameterId,
        id: RepeatId,
        elsewhere: &Elsewhere,
        reached: &mut [Response],
    ) -> Result<(), PropagateError> {
        let Repeat { entry, exit, shortcut, .. } = *self.graph.repeat(id);
        let Some(rule) = self.rules[entry.index()] else { return Ok(()) };
        let block = self.graph.block(id);
        let trunk = match shortcut {
            Shortcut::Residual => self.graph.trunk(id).unwrap_or_default(),
            Shortcut::Chain => Vec::new(),
        };
        let mut entering = reached[self.graph.operands(entry)[0].index()].clone();
        if self.is_normed(&trunk) {
            entering = self.carried(w, id, &trunk, entering)?;
        }
        let inside = block.iter().any(|z| self.graph.parameter_at(*z) == Some(w));
        let mut own = vec![Response::none(); reached.len()];
        let mut stream = if inside {
            let mut sent = self.send(w, &block, &trunk, elsewhere, &mut own)?;
            if shortcut == Shortcut::Chain {
                sent = own[exit.index()].clone();
            }
            let rule = self.rule_of_layers(rule, Layers::of(self.graph.is_shared(w)));
            self.stacked(w, entry, rule, &sent)?
        } else if shortcut == Shortcut::Chain {
            self.spread(entry, rule, &entering)
        } else {
            entering
        };
        if self.is_normed(&trunk) {
            stream = without_likeness(stream);
        }
        if shortcut == Shortcut::Residual {
            self.add_bottlenecks(w, id, elsewhere, &mut stream)?;
        }
        self.settle_response(w, entry, &mut stream);
        self.record(w, entry, &stream);
        reached[entry.index()] = stream.clone();
        for z in block {
            let carries = trunk.contains(&z) || (shortcut == Shortcut::Chain && z == exit);
            let mut response = if carries { stream.clone() } else { Response::none() };
            if !carries {
                self.arrive(w, z, reached, elsewhere, &mut response)?;
                response.add(&own[z.index()]);
                self.settle_response(w, z, &mut response);
            }
            self.record(w, z, &response);
            if self.graph.parameter_at(z) == Some(w) {
                let terms = self.magnitude_of(w, z, &own[z.index()]);
                self.done.own.insert((w, z), terms);
            }
            reached[z.index()] = response;
        }
        Ok(())
    }

    /// What enters a stream that passes a norm in every layer, behind the first of them: later ones find it of order 1.
    fn carried(
        &mut self,
        w: ParameterId,
        id: RepeatId,
        trunk: &[NodeId],
        mut carried: Response,
    ) -> Result<Response, PropagateError> {
        let mut x = self.graph.repeat(id).entry;
        let before = self.graph.operands(x)[0];
        let mut forward = self.firsts.get(&id).cloned().unwrap_or_default();
        forward.insert(x, self.done.forward[before.index()].clone());
        self.first = Some(First { forward, backward: BTreeMap::new() });
        for z in trunk {
            let operand = self.graph.operands(*z).iter().position(|operand| *operand == x).unwrap_or(0);
            let mut passed = Response::none();
            if let Some(rule) = self.rules[z.index()] {
                self.pass(w, x, &carried, rule, Place { z: *z, operand }, &Elsewhere::new(), &mut passed)?;
            }
            carried = passed;
            x = *z;
        }
        self.first = None;
        Ok(carried)
    }

    /// The response of every node of a block to the step in its own layer, and what of it reaches the stream.
    fn send(
        &mut self,
        w: ParameterId,
        block: &[NodeId],
        trunk: &[NodeId],
        elsewhere: &Elsewhere,
        own: &mut [Response],
    ) -> Result<Response, PropagateError> {
        let mut sent = Response::none();
        let mut within = vec![Response::none(); own.len()];
        for z in block {
            let mut response = Response::none();
            self.arrive(w, *z, &within, elsewhere, &mut response)?;
            self.be_born(w, *z, &mut response)?;
            self.settle_response(w, *z, &mut response);
            own[z.index()] = response.clone();
            if trunk.contains(z) {
                // What goes on along the stream is counted with that of other layers.
                sent.add(&response);
            } else {
                within[z.index()] = response;
            }
        }
        Ok(sent)
    }

    /// What all layers before a typical one send to it together, when each sends the given response.
    fn stacked(
        &mut self,
        w: ParameterId,
        entry: NodeId,
        rule: &OpRule,
        sent: &Response,
    ) -> Result<Response, PropagateError> {
        let mut stream = Response::none();
        let features = self.done.growth.features(self.graph, entry);
        for ((rank, alike), terms) in &sent.components {
            let stacked = self.passed_rank(entry, &rule.rank, rank, &features);
            for (form, id) in terms.iter() {
                let part = PartName::of(Subject::Component(w, entry, rank.clone()));
                let given = (Name::Eigenvalue, part, derived(form, *id));
                let subject = Subject::Component(w, entry, stacked.clone());
                let key = (stacked.clone(), alike.clone());
                let into = stream.components.entry(key).or_insert_with(Terms::none);
                self.sum_up(rule, rule.component.sums(), entry, subject, given, into)?;
            }
        }
        for (alike, terms) in &sent.generic {
            for (form, id) in terms.iter() {
                let part = PartName::of(Subject::Generic(w, entry));
                let given = (Name::Sideways, part, derived(form, *id));
                let into = stream.generic.entry(alike.clone()).or_insert_with(Terms::none);
                self.sum_up(rule, rule.generic.sums(), entry, Subject::Generic(w, entry), given, into)?;
            }
        }
        Ok(stream)
    }

    fn sum_up(
        &mut self,
        rule: &OpRule,
        sums: &[Sum],
        entry: NodeId,
        subject: Subject,
        given: (Name, PartName, Magnitude),
        into: &mut Terms<DerivationId>,
    ) -> Result<(), PropagateError> {
        for sum in sums {
            let place = Place { z: entry, operand: 0 };
            let given = [given.clone()];
            let (form, id) = self.apply(subject.clone(), &rule.about.name, sum, place, &given)?;
            into.insert(form, id);
        }
        Ok(())
    }

    /// What enters a chain, at a typical layer: a product of random matrices spreads it, with average eigenvalues unchanged.
    fn spread(&mut self, entry: NodeId, rule: &OpRule, entering: &Response) -> Response {
        let features = self.done.growth.features(self.graph, entry);
        let mut spread = Response { components: BTreeMap::new(), generic: entering.generic.clone() };
        for ((rank, alike), terms) in &entering.components {
            let rank = self.passed_rank(entry, &rule.rank, rank, &features);
            let into = spread.components.entry((rank, alike.clone())).or_insert_with(Terms::none);
            terms.iter().for_each(|(form, id)| into.insert(form.clone(), *id));
        }
        spread
    }

    /// Adds what comes back to the stream through branches that are narrower than the response that enters them: it is
    /// not larger on average, but concentrated. All else that branches return is smaller than what entered them, since a
    /// layer changes a vector of the stream by a fraction of |L|^-1/2 at most.
    fn add_bottlenecks(
        &mut self,
        w: ParameterId,
        id: RepeatId,
        elsewhere: &Elsewhere,
        stream: &mut Response,
    ) -> Result<(), PropagateError> {
        let Repeat { entry, .. } = *self.graph.repeat(id);
        let Some(rule) = self.rules[entry.index()] else { return Ok(()) };
        let (block, trunk) = (self.graph.block(id), self.graph.trunk(id).unwrap_or_default());
        let alone: Vec<((Form, Alike), Terms<DerivationId>)> =
            stream.components.iter().map(|(key, terms)| (key.clone(), terms.clone())).collect();
        for (key, terms) in alone {
            let narrowed = block.iter().any(|z| {
                let growth = &self.done.growth;
                !trunk.contains(z)
                    && self.graph.node(*z).op.facts().narrows
                    && !growth.is_at_least_zero(&(&growth.features(self.graph, *z) - &key.0))
            });
            if !narrowed {
                continue;
            }
            let rank = key.0.clone();
            let entered = Response { components: BTreeMap::from([(key, terms)]), generic: BTreeMap::new() };
            let mut within = vec![Response::none(); self.graph.nodes().len()];
            within[entry.index()] = entered.clone();
            let (mut returned, mut looped) = (Response::none(), Response::none());
            for z in &block {
                if trunk.contains(z) {
                    let branches: Vec<NodeId> = self.graph.operands(*z);
                    for (operand, x) in branches.into_iter().enumerate() {
                        let from = within[x.index()].clone();
                        if x != entry
                            && !trunk.contains(&x)
                            && !from.is_none()
                            && let Some(rule) = self.rules[z.index()]
                        {
                            let place = Place { z: *z, operand };
                            let into = if self.graph.is_looped(x) { &mut looped } else { &mut returned };
                            self.pass(w, x, &from, rule, place, elsewhere, into)?;
                        }
                    }
                    within[z.index()] = entered.clone();
                } else {
                    let mut response = Response::none();
                    self.arrive(w, *z, &within, elsewhere, &mut response)?;
                    response.generic.clear();
                    self.settle_response(w, *z, &mut response);
                    within[z.index()] = response;
                }
            }
            returned.generic.clear();
            looped.generic.clear();
            let mut stacked = self.stacked(w, entry, rule, &returned)?;
            // What one pass returns has gone into a branch and comes out of it in any of all passes.
            let alike = self.rule_of_layers(rule, Layers::Alike);
            for _ in 0..2 {
                looped = self.stacked(w, entry, alike, &looped)?;
            }
            stacked.add(&looped);
            let growth = &self.done.growth;
            stacked.components.retain(|(narrow, _), _| !growth.is_at_least_zero(&(narrow - &rank)));
            stream.add(&stacked);
        }
        Ok(())
    }
}

impl Response {
    fn add(&mut self, other: &Self) {
        for (key, terms) in &other.components {
            let into = self.components.entry(key.clone()).or_insert_with(Terms::none);
            terms.iter().for_each(|(form, id)| into.insert(form.clone(), *id));
        }
        for (key, terms) in &other.generic {
            let into = self.generic.entry(key.clone()).or_insert_with(Terms::none);
            terms.iter().for_each(|(form, id)| into.insert(form.clone(), *id));
        }
    }
}

/// A norm makes changes that are alike at all positions differ.
fn without_likeness(response: Response) -> Response {
    let mut changed = Response::none();
    for ((rank, _), terms) in response.components {
        let into = changed.components.entry((rank, Alike::new())).or_insert_with(Terms::none);
        terms.iter().for_each(|(form, id)| into.insert(form.clone(), *id));
    }
    for terms in response.generic.into_values() {
        let into = changed.generic.entry(Alike::new()).or_insert_with(Terms::none);
        terms.iter().for_each(|(form, id)| into.insert(form.clone(), *id));
    }
    changed
}

fn derived(form: &Form, id: DerivationId) -> Magnitude {
    Magnitude { form: form.clone(), because: Because::Derived(id) }
}

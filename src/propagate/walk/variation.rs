//! What of a node varies along a sample axis, and where that is too little: a softmax over positions, and everything
//! upstream of it, sees only how positions differ.
//!
//! A shift of all logits of one query changes nothing, and the derivative `diag(p) - p p^T` removes what comes back
//! alike to all of them. Once tokens have become alike (*rank collapse*: Dong et al., arXiv:2103.03404; Noci et al.,
//! arXiv:2206.03126), as when averages over tokens outgrow the stream they enter, exponents that know only the whole
//! size of a node are wrong. What varies is propagated here, and exponents end where it is less than the whole.
//!
//! This goes beyond theory section 2, which knows whole magnitudes only; `tests/measurements/positions.rs` holds it against a
//! simulation.

use std::collections::{BTreeMap, BTreeSet};

use super::under_way::Walk;
use crate::exact::{Exponent, Form, Terms};
use crate::graph::{AxisId, Consumer, NodeId, Quantity, Repeat, RepeatId, Unit};
use crate::propagate::ledger::{Because, DerivationId, Magnitude, Part};
use crate::propagate::subject::{PartName, Subject};
use crate::propagate::{Condition, Ending};

/// A node, and one of its axes.
type Along = (NodeId, AxisId);

impl Walk<'_> {
    /// Demands, wherever positions are compared, that nodes vary along them as much as they are large.
    pub(super) fn variation(&mut self) {
        let demands = self.compared();
        let needed = self.needed(demands.iter().map(|(_, along)| *along));
        let mut varying: BTreeMap<Along, Magnitude> = BTreeMap::new();
        for unit in self.units.clone() {
            match unit {
                Unit::Node(z) => self.vary(&[z], &needed, &mut varying),
                Unit::Repeat(id) => self.vary_repeat(id, &needed, &mut varying),
            }
        }
        for (place, (x, axis)) in demands {
            let Some(part) = varying.get(&(x, axis)) else { continue };
            let whole = self.done.forward[x.index()].clone();
            let parts = vec![
                summand(1, Quantity::forward(x), whole),
                summand(-1, Subject::Variation(x, axis), part.clone()),
            ];
            if parts[0].form == parts[1].form {
                continue;
            }
            let subject = Subject::Likeness(x, axis);
            let what = subject.write(self.graph);
            let (form, because) = self.done.ledger.derive(subject, "rank collapse", parts, Exponent::ZERO);
            let because = Because::Derived(because);
            let ending = Ending::Collapsed;
            self.done.conditions.push(Condition { node: place.node, form, what, because, ending });
        }
    }

    /// Writes down what varies of nodes, in order.
    fn vary(&mut self, nodes: &[NodeId], needed: &BTreeSet<Along>, varying: &mut BTreeMap<Along, Magnitude>) {
        for z in nodes.iter().copied() {
            for axis in self.graph.node(z).axes.clone() {
                if needed.contains(&(z, axis)) {
                    let magnitude = self.varying(z, axis, varying);
                    varying.insert((z, axis), magnitude);
                }
            }
        }
    }

    /// The same for a repeat: what varies of the stream is what varied of it before the first layer, and what varies of the
    /// branches, which add up like the branches do.
    fn vary_repeat(
        &mut self,
        id: RepeatId,
        needed: &BTreeSet<Along>,
        varying: &mut BTreeMap<Along, Magnitude>,
    ) {
        let Repeat { entry, dimension, .. } = *self.graph.repeat(id);
        let x = self.graph.operands(entry)[0];
        let block = self.graph.block(id);
        let trunk = self.graph.trunk(id).unwrap_or_default();
        let axes: Vec<AxisId> = self
            .graph
            .node(entry)
            .axes
            .iter()
            .copied()
            .filter(|axis| needed.contains(&(entry, *axis)))
            .collect();
        for axis in &axes {
            let Some(entering) = varying.get(&(x, *axis)).cloned() else { continue };
            let whole = entering.form == self.done.forward[x.index()].form;
            let stream = if whole { self.done.forward[entry.index()].clone() } else { entering };
            varying.insert((entry, *axis), stream);
        }
        self.vary(&block, needed, varying);
        let normed = self.is_normed(&trunk);
        let mut again = false;
        for axis in axes {
            let before = varying.get(&(x, axis)).cloned();
            let Some(before) = before.filter(|_| !trunk.is_empty() && !normed) else { continue };
            let operands = trunk.iter().flat_map(|z| self.graph.operands(*z));
            let branches: Vec<NodeId> = operands.filter(|x| *x != entry && !trunk.contains(x)).collect();
            let is_whole = |x: &NodeId| {
                varying.get(&(*x, axis)).is_none_or(|part| part.form == self.done.forward[x.index()].form)
            };
            if before.form == self.done.forward[x.index()].form && branches.iter().all(is_whole) {
                continue;
            }
            let mut terms: Terms<DerivationId> = Terms::none();
            self.insert(&mut terms, entry, axis, vec![summand(1, Subject::Variation(x, axis), before)]);
            for branch in branches {
                let Some(part) = varying.get(&(branch, axis)).cloned() else { continue };
                let is_looped = self.graph.is_looped(branch);
                let layers = Part {
                    coefficient: if is_looped { Exponent::ONE } else { Exponent::HALF },
                    name: PartName::Layers(dimension),
                    form: self.done.growth.dimension(dimension),
                    because: Because::Given,
                };
                let parts = vec![summand(1, Subject::Variation(branch, axis), part), layers];
                self.insert(&mut terms, entry, axis, parts);
            }
            let subject = Subject::Variation(entry, axis);
            let name = subject.write(self.graph);
            if let Some(stream) = self.done.ledger.settle(subject, name, &terms) {
                varying.insert((entry, axis), stream);
                again = true;
            }
        }
        if again {
            self.vary(&block, needed, varying);
        }
    }

    /// The nodes that are compared along an axis, by the place where they are used: the logits of a softmax, and what
    /// is averaged with its probabilities.
    fn compared(&self) -> BTreeSet<(Consumer, Along)> {
        let mut compared = BTreeSet::new();
        let mut seen = BTreeSet::new();
        for p in self.graph.nodes() {
            let Some(over) = self.graph.node(p).op.compares() else { continue };
            compared.insert((Consumer { node: p, position: 0 }, (self.graph.operands(p)[0], over)));
            let mut open = vec![(p, over)];
            while let Some((x, axis)) = open.pop() {
                if !seen.insert((x, axis)) {
                    continue;
                }
                for place in self.graph.consumers(x) {
                    let Consumer { node, position } = place;
                    let Some(label) = self.graph.label(place, axis) else { continue };
                    if self.graph.node(node).axes.contains(&label) {
                        open.push((node, label));
                    }
                    if self.graph.node(node).op.einsum().is_some() {
                        let others = self.graph.operands_along(node, label).into_iter();
                        let others = others.filter(|(other, _)| *other != position);
                        let others = others.map(|(position, along)| (Consumer { node, position }, along));
                        compared.extend(others);
                    }
                }
            }
        }
        compared
    }

    /// The given nodes with their axes, and all upstream whose variation theirs comes from.
    fn needed(&self, demands: impl Iterator<Item = Along>) -> BTreeSet<Along> {
        let mut open: Vec<Along> = demands.collect();
        let mut needed = BTreeSet::new();
        while let Some((z, axis)) = open.pop() {
            if needed.insert((z, axis)) {
                open.extend(self.graph.operands_along(z, axis).into_iter().map(|(_, along)| along));
                if let Some(repeat) = self.graph.node(z).op.repeat() {
                    open.push((self.graph.repeat(repeat).exit, axis));
                }
            }
        }
        needed
    }

    /// What of a node varies along one of its axes. Maps pass on what share of their operand varies; a softmax turns
    /// it, which is at most of order 1, into a share; in a sum only the summands that vary count.
    fn varying(&mut self, z: NodeId, axis: AxisId, known: &BTreeMap<Along, Magnitude>) -> Magnitude {
        let whole = self.done.forward[z.index()].clone();
        let sources: Vec<(NodeId, AxisId, Magnitude)> = self
            .graph
            .operands_along(z, axis)
            .into_iter()
            .filter(|(_, (x, _))| !self.graph.starts_at_zero(*x))
            .filter_map(|(_, (x, axis))| Some((x, axis, known.get(&(x, axis))?.clone())))
            .collect();
        let is_whole =
            |(x, _, part): &(NodeId, AxisId, Magnitude)| part.form == self.done.forward[x.index()].form;
        let op = &self.graph.node(z).op;
        // A bias that is learned for every position.
        let positions = self.graph.parameter_at(z).filter(|w| {
            let parameter = self.graph.parameter(*w);
            parameter.axes.contains(&axis) && parameter.has_init()
        });
        let mut terms: Terms<DerivationId> = Terms::none();
        if op.data().is_some() {
            return whole;
        }
        if op.facts().adds {
            let parameter_varies = op.parameter().is_none() || positions.is_some();
            if parameter_varies && sources.iter().all(is_whole) {
                return whole;
            }
            for (x, along, part) in sources {
                let parts = vec![summand(1, Subject::Variation(x, along), part)];
                self.insert(&mut terms, z, axis, parts);
            }
            if let Some(w) = positions {
                let form = self.done.init[w.0].map_or_else(Form::zero, Form::unknown);
                let (name, because) = (PartName::Init(w), Because::Given);
                let init = Part { coefficient: Exponent::ONE, name, form, because };
                self.insert(&mut terms, z, axis, vec![init]);
            }
        } else if op.compares().is_some() {
            for (x, along, part) in sources {
                let whole = summand(1, Quantity::forward(z), whole.clone());
                let parts = vec![whole, summand(1, Subject::Variation(x, along), part)];
                self.insert(&mut terms, z, axis, parts);
            }
        } else {
            if sources.iter().any(is_whole) {
                return whole;
            }
            for (x, along, part) in sources {
                let of_x = self.done.forward[x.index()].clone();
                let parts = vec![
                    summand(1, Quantity::forward(z), whole.clone()),
                    summand(1, Subject::Variation(x, along), part),
                    summand(-1, Quantity::forward(x), of_x),
                ];
                self.insert(&mut terms, z, axis, parts);
            }
        }
        let subject = Subject::Variation(z, axis);
        let name = subject.write(self.graph);
        self.done.ledger.settle(subject, name, &terms).unwrap_or(whole)
    }

    fn insert(&mut self, terms: &mut Terms<DerivationId>, z: NodeId, axis: AxisId, parts: Vec<Part>) {
        let subject = Subject::Variation(z, axis);
        let (form, id) = self.done.ledger.derive(subject, "variation", parts, Exponent::ZERO);
        terms.insert(form, id);
    }
}

fn summand(coefficient: i64, subject: impl Into<Subject>, magnitude: Magnitude) -> Part {
    Part {
        coefficient: Exponent::integer(coefficient),
        name: PartName::of(subject),
        form: magnitude.form,
        because: magnitude.because,
    }
}

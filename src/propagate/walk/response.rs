//! Responses to one optimizer step, as spectral components and a generic part (theory, section 4).

use std::collections::BTreeMap;

use super::assumed::NOTE;
use super::bind::Place;
use super::under_way::Walk;
use crate::exact::{Exponent, Form, Terms};
use crate::graph::{Alike, Consumer, Kind, NodeId, ParameterId, Quantity, Unit};
use crate::propagate::ledger::{Because, DerivationId, Magnitude, Part};
use crate::propagate::note::{Note, NoteColumn, NoteTopic};
use crate::propagate::subject::{PartName, Subject};
use crate::propagate::{Growth, PropagateError};
use crate::rule::{Expression, Name, OpRule, Regime, Sum};

/// The response of one node to one parameter's step. What is alike along different axes is kept apart, since a softmax
/// takes away what is alike at all positions it compares.
#[derive(Clone)]
pub(super) struct Response {
    /// Average eigenvalues of the aligned components, by effective rank.
    pub(super) components: BTreeMap<(Form, Alike), Terms<DerivationId>>,
    /// What is aligned with nothing downstream.
    pub(super) generic: BTreeMap<Alike, Terms<DerivationId>>,
}

/// The largest part of the backward signal of the first node that does not come from the second, as changes alike along
/// some axes meet it.
pub(super) type Elsewhere = BTreeMap<(NodeId, NodeId, Alike), Magnitude>;

/// Beyond so many summands a maximum becomes an unknown, so that deep networks stay small.
const MOST_TERMS: usize = 8;

impl Response {
    pub(super) fn none() -> Self {
        Self { components: BTreeMap::new(), generic: BTreeMap::new() }
    }

    pub(super) fn is_none(&self) -> bool {
        self.components.is_empty() && self.generic.is_empty()
    }

    /// A component is dropped if another has a larger eigenvalue and a smaller rank, and passes wherever it does.
    fn prune(&mut self, growth: &Growth) {
        let all = self.components.clone();
        for ((rank, alike), terms) in &mut self.components {
            let passes = |(other, apart): &(Form, Alike)| {
                growth.is_at_least_zero(&(rank - other))
                    && apart.is_subset(alike)
                    && (other, apart) != (rank, alike)
            };
            let others = all.iter().filter(|(key, _)| passes(key));
            let larger: Vec<&Form> =
                others.flat_map(|(_, terms)| terms.iter().map(|(form, _)| form)).collect();
            let dominated = |form: &Form| {
                larger
                    .iter()
                    .any(|other| other.constant_difference(form).is_some_and(|excess| !excess.is_negative()))
            };
            terms.retain(|(form, _)| !dominated(form));
        }
        self.components.retain(|_, terms| !terms.is_empty());
    }
}

impl Walk<'_> {
    pub(super) fn responses(&mut self) -> Result<(), PropagateError> {
        if let Regime::Assumed(_) = self.regime {
            self.refuse_unassumed()?;
            let trained = self.graph.parameter_ids().filter(|w| self.graph.parameter(*w).is_trained());
            let (parameters, columns) = (trained.collect(), vec![NoteColumn::Lr]);
            self.done.notes.push(Note { parameters, columns, ..Note::new(NoteTopic::Alignment, NOTE) });
        }
        let elsewhere = self.elsewhere();
        let trained = self.graph.parameter_ids().filter(|w| self.graph.parameter(*w).is_trained());
        for w in trained.collect::<Vec<_>>() {
            let mut reached = vec![Response::none(); self.graph.nodes().len()];
            for unit in self.units.clone() {
                match unit {
                    Unit::Node(z) => {
                        let mut response = Response::none();
                        self.arrive(w, z, &reached, &elsewhere, &mut response)?;
                        self.be_born(w, z, &mut response)?;
                        self.settle_response(w, z, &mut response);
                        self.record(w, z, &response);
                        reached[z.index()] = response;
                    }
                    Unit::Repeat(id) => self.respond_repeat(w, id, &elsewhere, &mut reached)?,
                }
            }
        }
        self.contributions()
    }

    /// Adds what comes to a node from its operands.
    pub(super) fn arrive(
        &mut self,
        w: ParameterId,
        z: NodeId,
        reached: &[Response],
        elsewhere: &Elsewhere,
        into: &mut Response,
    ) -> Result<(), PropagateError> {
        let Some(rule) = self.rules[z.index()] else { return Ok(()) };
        for (operand, x) in self.graph.operands(z).into_iter().enumerate() {
            if !reached[x.index()].is_none() {
                self.pass(w, x, &reached[x.index()], rule, Place { z, operand }, elsewhere, into)?;
            }
        }
        Ok(())
    }

    /// Adds the response to the step of a parameter where a node uses it.
    pub(super) fn be_born(
        &mut self,
        w: ParameterId,
        z: NodeId,
        into: &mut Response,
    ) -> Result<(), PropagateError> {
        if self.graph.parameter_at(z) != Some(w) {
            return Ok(());
        }
        if let Regime::Assumed(alignment) = self.regime {
            return self.be_born_assumed(w, z, alignment, into);
        }
        if let Some((form, id)) = self.birth(w, z)? {
            let place = (self.rank_at_birth(w, z), self.graph.alike_at_birth(w, z));
            into.components.entry(place).or_insert_with(Terms::none).insert(form, id);
        }
        Ok(())
    }

    /// Leaves out what is dominated, and shortens what is long.
    pub(super) fn settle_response(&mut self, w: ParameterId, z: NodeId, response: &mut Response) {
        response.prune(&self.done.growth);
        self.condense(w, z, response);
    }

    /// For every operand and node: the largest part of the operand's backward signal that comes from other nodes, as
    /// changes alike along some axes meet it.
    fn elsewhere(&mut self) -> Elsewhere {
        let mut elsewhere = Elsewhere::new();
        for x in self.graph.nodes() {
            let from = self.alike.range((x, Alike::new())..).map(|(key, _)| key);
            let some = from.take_while(|(node, _)| *node == x).map(|(_, alike)| alike.clone());
            let alikes: Vec<Alike> = [Alike::new()].into_iter().chain(some).collect();
            for alike in alikes {
                let parts = self.felt_parts(x, &alike).to_vec();
                for z in self.graph.consumers(x).into_iter().map(|consumer| consumer.node) {
                    let mut terms = Terms::none();
                    for (_, part) in parts.iter().filter(|(other, _)| *other != z) {
                        part.iter().for_each(|(form, id)| terms.insert(form.clone(), *id));
                    }
                    let subject = Subject::Elsewhere(x, z, alike.clone());
                    let name = subject.write(self.graph);
                    if !elsewhere.contains_key(&(x, z, alike.clone()))
                        && let Some(magnitude) = self.done.ledger.settle(subject, name, &terms)
                    {
                        elsewhere.insert((x, z, alike.clone()), magnitude);
                    }
                }
            }
        }
        elsewhere
    }

    /// Carries the response of `x` through the node of `place`.
    #[allow(clippy::too_many_arguments, reason = "the table of theory section 4 has these columns")]
    pub(super) fn pass(
        &mut self,
        w: ParameterId,
        x: NodeId,
        from: &Response,
        rule: &OpRule,
        place: Place,
        elsewhere: &Elsewhere,
        into: &mut Response,
    ) -> Result<(), PropagateError> {
        let z = place.z;
        let features = self.done.growth.features(self.graph, z);
        let step = self.first_step(z)?;
        let used = Consumer { node: z, position: place.operand };
        for ((rank, alike), terms) in &from.components {
            let Some(beyond) = self.graph.alike_beyond(used, alike) else { continue };
            let passed = if self.leaves_a_width_taken_as_large(x, z, rank) || self.enters_an_adapter(z) {
                features.clone()
            } else {
                self.passed_rank(z, &rule.rank, rank, &features)
            };
            for (form, id) in terms.iter() {
                let name = PartName::of(Subject::Component(w, x, rank.clone()));
                let magnitude = Magnitude { form: form.clone(), because: Because::Derived(*id) };
                let mut given = vec![(Name::Eigenvalue, name, magnitude)];
                given.extend(step.clone());
                for sum in rule.component.sums() {
                    let subject = Subject::Component(w, z, passed.clone());
                    let (form, id) = self.apply(subject, &rule.about.name, sum, place, &given)?;
                    let key = (passed.clone(), beyond.clone());
                    into.components.entry(key).or_insert_with(Terms::none).insert(form, id);
                }
            }
        }
        let sums: Vec<Sum> = match self.regime {
            Regime::Exact => rule.generic.sums().to_vec(),
            Regime::Assumed(alignment) => self.assumed_sums(rule, place, alignment),
        };
        for (alike, sideways) in self.sideways(w, x, z, from, elsewhere) {
            let Some(beyond) = self.graph.alike_beyond(used, &alike) else { continue };
            for (form, because) in sideways.iter() {
                let name = PartName::of(Subject::Sideways(w, x, z));
                let magnitude = Magnitude { form: form.clone(), because: Because::Derived(*because) };
                let mut given = vec![(Name::Sideways, name, magnitude)];
                given.extend(step.clone());
                for sum in &sums {
                    let (form, id) =
                        self.apply(Subject::Generic(w, z), &rule.about.name, sum, place, &given)?;
                    if self.graph.is_from_zero(z) {
                        self.align(w, z, &beyond, (form, id), into);
                        continue;
                    }
                    into.generic.entry(beyond.clone()).or_insert_with(Terms::none).insert(form, id);
                }
            }
        }
        Ok(())
    }

    /// Whether a component of negative rank, which is one compared with a width that stays fixed but is taken to be much larger
    /// than a chain is deep, comes to a node of other features: beside those its rank is full.
    fn leaves_a_width_taken_as_large(&self, x: NodeId, z: NodeId, rank: &Form) -> bool {
        let is_negative = *rank != Form::zero() && self.done.growth.is_at_least_zero(&-rank);
        let features = |node: NodeId| {
            let axes = self.graph.only(Kind::Feature, &self.graph.node(node).axes);
            let mut dimensions: Vec<_> = axes.into_iter().map(|axis| self.graph.dimension_of(axis)).collect();
            dimensions.sort_unstable();
            dimensions
        };
        is_negative && features(x) != features(z)
    }

    /// The effective rank of a component beyond `z`. Of two ranks that grow apart neither is the smaller one: which it is
    /// becomes an unknown.
    pub(super) fn passed_rank(&mut self, z: NodeId, rule: &Expression, rank: &Form, features: &Form) -> Form {
        let repeat = self.graph.node(z).op.repeat();
        let layers = repeat.map_or_else(Form::zero, |repeat| {
            self.done.growth.dimension(self.graph.repeat(repeat).dimension)
        });
        let is_largest = matches!(rule, Expression::Max(_));
        let mut ranks: Vec<Form> = Vec::new();
        for sum in rule.sums() {
            let mut form = Form::constant(sum.constant.clone());
            for (coefficient, name) in &sum.terms {
                let named = if *name == Name::Rank {
                    rank
                } else if *name == Name::Layers {
                    &layers
                } else {
                    features
                };
                form.add_scaled(coefficient, named);
            }
            let growth = &self.done.growth;
            let excess = |over: &Form, under: &Form| if is_largest { under - over } else { over - under };
            if ranks.iter().any(|held| growth.is_at_least_zero(&excess(&form, held))) {
                continue;
            }
            ranks.retain(|held| !growth.is_at_least_zero(&excess(held, &form)));
            ranks.push(form);
        }
        if let [only] = ranks.as_slice() {
            return only.clone();
        }
        if let Some(known) = self.ranks.get(&ranks) {
            return known.clone();
        }
        let sign = Exponent::integer(if is_largest { 1 } else { -1 });
        let mut terms = Terms::none();
        for rank in &ranks {
            let name = PartName::Concentration(z, rank.clone());
            let (coefficient, form, because) = (sign.clone(), rank.clone(), Because::Given);
            let part = Part { coefficient, name, form, because };
            let (form, id) = self.done.ledger.derive(Subject::Rank(z), "rank", vec![part], Exponent::ZERO);
            terms.insert(form, id);
        }
        let name = Subject::Rank(z).write(self.graph);
        let settled = self.done.ledger.settle(Subject::Rank(z), name, &terms);
        let chosen = settled.map_or_else(|| rank.clone(), |magnitude| magnitude.form.scaled(&sign));
        self.ranks.insert(ranks, chosen.clone());
        chosen
    }

    /// What of the response of `x` is independent of the map into `z`: the generic part, and the components
    /// applied to what comes back from elsewhere.
    fn sideways(
        &mut self,
        w: ParameterId,
        x: NodeId,
        z: NodeId,
        from: &Response,
        elsewhere: &Elsewhere,
    ) -> BTreeMap<Alike, Terms<DerivationId>> {
        let mut sideways = from.generic.clone();
        for ((rank, alike), components) in &from.components {
            // What meets such changes like any others is listed under none.
            let met = if self.alike.contains_key(&(x, alike.clone())) { alike.clone() } else { Alike::new() };
            let Some(elsewhere) = elsewhere.get(&(x, z, met)) else { continue };
            let back = (PartName::of(Subject::Elsewhere(x, z, alike.clone())), elsewhere);
            for (form, id) in components.iter() {
                let subject = Subject::Sideways(w, x, z);
                let (form, id) = self.applied(subject, w, x, rank, (form, *id), back.clone());
                sideways.entry(alike.clone()).or_insert_with(Terms::none).insert(form, id);
            }
        }
        sideways
    }

    /// A component applied to a backward signal: `k + b + (N(y) - R)/2`.
    fn applied(
        &mut self,
        subject: impl Into<Subject>,
        w: ParameterId,
        y: NodeId,
        rank: &Form,
        (eigenvalue, id): (&Form, DerivationId),
        (back_name, back): (PartName, &Magnitude),
    ) -> (Form, DerivationId) {
        let of = |name, form: &Form, because| Part {
            coefficient: Exponent::ONE,
            name,
            form: form.clone(),
            because,
        };
        let component = PartName::of(Subject::Component(w, y, rank.clone()));
        let mut parts =
            vec![of(component, eigenvalue, Because::Derived(id)), of(back_name, &back.form, back.because)];
        let excess = &self.done.growth.features(self.graph, y) - rank;
        if excess != Form::zero() {
            let name = PartName::Concentration(y, rank.clone());
            parts.push(Part { coefficient: Exponent::HALF, name, form: excess, because: Because::Given });
        }
        self.done.ledger.derive(subject, "component", parts, Exponent::ZERO)
    }

    /// Replaces long sums by one unknown each.
    fn condense(&mut self, w: ParameterId, z: NodeId, response: &mut Response) {
        for ((rank, _), terms) in &mut response.components {
            self.condense_terms(Subject::Component(w, z, rank.clone()), terms);
        }
        for terms in response.generic.values_mut() {
            self.condense_terms(Subject::Generic(w, z), terms);
        }
    }

    fn condense_terms(&mut self, subject: Subject, terms: &mut Terms<DerivationId>) {
        if terms.len() <= MOST_TERMS {
            return;
        }
        let name = subject.write(self.graph);
        if let Some(Magnitude { form, because }) = self.done.ledger.settle(subject.clone(), name, terms) {
            let part =
                Part { coefficient: Exponent::ONE, name: PartName::Of(subject.clone()), form, because };
            let (form, id) = self.done.ledger.derive(subject, "largest", vec![part], Exponent::ZERO);
            *terms = Terms::none();
            terms.insert(form, id);
        }
    }

    /// `update(w, y) = max(k + backward(y) + (N(y) - R)/2; generic(y))`.
    pub(super) fn record(&mut self, w: ParameterId, y: NodeId, response: &Response) {
        let terms = self.magnitude_of(w, y, response);
        for (form, id) in terms.iter() {
            self.done.update[y.index()].insert(form.clone(), *id);
        }
        if !terms.is_empty() {
            self.done.update_by.insert((w, y), terms);
        }
    }

    /// The magnitudes of which the largest is that of a response.
    pub(super) fn magnitude_of(
        &mut self,
        w: ParameterId,
        y: NodeId,
        response: &Response,
    ) -> Terms<DerivationId> {
        let mut terms = Terms::none();
        for ((rank, alike), components) in &response.components {
            let Some((name, back)) = self.felt(y, alike) else { continue };
            for (form, id) in components.iter() {
                let subject = Quantity::update_by(w, y);
                let (form, id) = self.applied(subject, w, y, rank, (form, *id), (name.clone(), &back));
                terms.insert(form, id);
            }
        }
        for (form, id) in response.generic.values().flat_map(Terms::iter) {
            terms.insert(form.clone(), *id);
        }
        terms
    }
}

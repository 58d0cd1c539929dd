//! Responses to one optimizer step, as spectral components and a generic part (theory, section 4).

use std::collections::BTreeMap;

use super::bind::Place;
use super::ledger::{Because, DerivationId, Magnitude, Part};
use super::subject::{PartName, Subject};
use super::{PropagateError, Walk};
use crate::exponent::{Exponent, Form, Terms};
use crate::graph::{NodeId, ParameterId};
use crate::rule::{Name, OpRule};

/// The response of one node to one parameter's step.
#[derive(Clone)]
struct Response {
    /// Average eigenvalues of the aligned components, by effective rank.
    components: BTreeMap<Exponent, Terms<DerivationId>>,
    /// What is aligned with nothing downstream.
    generic: Terms<DerivationId>,
}

/// Beyond so many summands a maximum becomes an unknown, so that deep networks stay small.
const MOST_TERMS: usize = 8;

impl Response {
    fn none() -> Self {
        Self { components: BTreeMap::new(), generic: Terms::none() }
    }

    fn is_none(&self) -> bool {
        self.components.is_empty() && self.generic.is_empty()
    }

    /// A component is dropped if another has a larger eigenvalue and a smaller rank.
    fn prune(&mut self) {
        let all = self.components.clone();
        for (rank, terms) in &mut self.components {
            let smaller = all.range(..rank.clone());
            let larger: Vec<&Form> =
                smaller.flat_map(|(_, terms)| terms.iter().map(|(form, _)| form)).collect();
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
        let elsewhere = self.elsewhere();
        for w in self.graph.parameter_ids() {
            let mut reached: Vec<Response> = Vec::with_capacity(self.graph.nodes().len());
            for z in self.graph.nodes() {
                let mut response = Response::none();
                if let Some(rule) = self.rules[z.index()] {
                    for (operand, x) in self.graph.operands(z).into_iter().enumerate() {
                        if !reached[x.index()].is_none() {
                            let place = Place { z, operand };
                            let others = elsewhere.get(&(x, z));
                            self.pass(w, x, &reached[x.index()], rule, place, others, &mut response)?;
                        }
                    }
                }
                if self.graph.parameter_at(z) == Some(w) {
                    let (form, id) = self.birth(w, z)?;
                    let rank = self.done.sizes.features(z);
                    response.components.entry(rank).or_insert_with(Terms::none).insert(form, id);
                }
                response.prune();
                self.condense(w, z, &mut response);
                self.record(w, z, &response);
                reached.push(response);
            }
        }
        self.contributions()
    }

    /// For every operand and node: the largest part of the operand's backward signal that comes from other nodes.
    fn elsewhere(&mut self) -> BTreeMap<(NodeId, NodeId), Magnitude> {
        let mut elsewhere = BTreeMap::new();
        for x in self.graph.nodes() {
            let parts = self.parts[x.index()].clone();
            for (z, _) in &parts {
                let mut terms = Terms::none();
                for (_, part) in parts.iter().filter(|(other, _)| other != z) {
                    part.iter().for_each(|(form, id)| terms.insert(form.clone(), *id));
                }
                let subject = Subject::Elsewhere(x, *z);
                let name = subject.write(self.graph);
                if !elsewhere.contains_key(&(x, *z))
                    && let Some(magnitude) = self.done.ledger.settle(subject, name, &terms)
                {
                    elsewhere.insert((x, *z), magnitude);
                }
            }
        }
        elsewhere
    }

    /// Carries the response of `x` through the node of `place`.
    #[allow(clippy::too_many_arguments, reason = "the table of theory section 4 has these columns")]
    fn pass(
        &mut self,
        w: ParameterId,
        x: NodeId,
        from: &Response,
        rule: &OpRule,
        place: Place,
        elsewhere: Option<&Magnitude>,
        into: &mut Response,
    ) -> Result<(), PropagateError> {
        let z = place.z;
        let features = self.done.sizes.features(z);
        for (rank, terms) in &from.components {
            let sizes = [(Name::Rank, rank), (Name::FeaturesZ, &features)];
            let size = |name| sizes.iter().find(|(known, _)| *known == name).map(|(_, size)| (*size).clone());
            let passed = rule.rank.evaluate(size);
            let passed = passed.unwrap_or_else(|| rank.clone());
            for (form, id) in terms.iter() {
                let name = PartName::Of(Subject::Component(w, x, rank.clone()));
                let magnitude = Magnitude { form: form.clone(), because: Because::Derived(*id) };
                let given = [(Name::Eigenvalue, name, magnitude)];
                for sum in rule.component.sums() {
                    let subject = Subject::Component(w, z, passed.clone());
                    let (form, id) = self.apply(subject, &rule.about.name, sum, place, &given)?;
                    into.components.entry(passed.clone()).or_insert_with(Terms::none).insert(form, id);
                }
            }
        }
        for (form, because) in self.sideways(w, x, z, from, elsewhere).iter() {
            let name = PartName::Of(Subject::Sideways(w, x, z));
            let magnitude = Magnitude { form: form.clone(), because: Because::Derived(*because) };
            let given = [(Name::Sideways, name, magnitude)];
            for sum in rule.generic.sums() {
                let (form, id) = self.apply(Subject::Generic(w, z), &rule.about.name, sum, place, &given)?;
                into.generic.insert(form, id);
            }
        }
        Ok(())
    }

    /// What of the response of `x` is independent of the map into `z`: the generic part, and the components
    /// applied to what comes back from elsewhere.
    fn sideways(
        &mut self,
        w: ParameterId,
        x: NodeId,
        z: NodeId,
        from: &Response,
        elsewhere: Option<&Magnitude>,
    ) -> Terms<DerivationId> {
        let mut terms = from.generic.clone();
        let Some(elsewhere) = elsewhere else { return terms };
        let back = (PartName::Of(Subject::Elsewhere(x, z)), elsewhere);
        for (rank, components) in &from.components {
            for (form, id) in components.iter() {
                let subject = Subject::Sideways(w, x, z);
                let (form, id) = self.applied(subject, w, x, rank, (form, *id), back.clone());
                terms.insert(form, id);
            }
        }
        terms
    }

    /// A component applied to a backward signal: `k + b + (N(y) - R)/2`.
    fn applied(
        &mut self,
        subject: Subject,
        w: ParameterId,
        y: NodeId,
        rank: &Exponent,
        (eigenvalue, id): (&Form, DerivationId),
        (back_name, back): (PartName, &Magnitude),
    ) -> (Form, DerivationId) {
        let of = |name, form: &Form, because| Part {
            coefficient: Exponent::ONE,
            name,
            form: form.clone(),
            because,
        };
        let component = PartName::Of(Subject::Component(w, y, rank.clone()));
        let mut parts =
            vec![of(component, eigenvalue, Because::Derived(id)), of(back_name, &back.form, back.because)];
        let excess = &self.done.sizes.features(y) - rank;
        if !excess.is_zero() {
            let name = PartName::Concentration(y, rank.clone());
            let form = Form::constant(excess);
            parts.push(Part { coefficient: Exponent::HALF, name, form, because: Because::Given });
        }
        self.done.ledger.derive(subject, "component", parts, Exponent::ZERO)
    }

    /// Replaces long sums by one unknown each.
    fn condense(&mut self, w: ParameterId, z: NodeId, response: &mut Response) {
        let ranks: Vec<Exponent> = response.components.keys().cloned().collect();
        for rank in ranks {
            let subject = Subject::Component(w, z, rank.clone());
            if let Some(terms) = response.components.get_mut(&rank) {
                self.condense_terms(subject, terms);
            }
        }
        self.condense_terms(Subject::Generic(w, z), &mut response.generic);
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
    fn record(&mut self, w: ParameterId, y: NodeId, response: &Response) {
        if response.is_none() {
            return;
        }
        let back = self.done.backward[y.index()].clone();
        let back_name = PartName::Of(Subject::Backward(y));
        let mut terms = Terms::none();
        for (rank, components) in &response.components {
            for (form, id) in components.iter() {
                let subject = Subject::UpdateBy(w, y);
                let (form, id) = self.applied(subject, w, y, rank, (form, *id), (back_name.clone(), &back));
                terms.insert(form, id);
            }
        }
        for (form, id) in response.generic.iter() {
            terms.insert(form.clone(), *id);
        }
        for (form, id) in terms.iter() {
            self.done.update[y.index()].insert(form.clone(), *id);
        }
        self.done.update_by.insert((w, y), terms);
    }
}

//! Responses under an assumed alignment: plain magnitudes, none aligned with what comes downstream but as the assumption
//! says. The rules of optimizers and ops are the same, with the exponents of their feature contractions replaced.

use super::bind::Place;
use super::ledger::{Because, Magnitude, Part};
use super::response::Response;
use super::subject::{PartName, Subject};
use super::{PropagateError, Walk};
use crate::exact::{Exponent, Form, Terms};
use crate::graph::{Kind, NodeId, ParameterId};
use crate::rule::{Alignment, Expression, Name, OpRule, Sum};

/// What exponents of later steps can be known for, if it is assumed how they are aligned.
pub(super) const NOTE: &str = "updates are those of later steps, if the alignment is as assumed; forward, backward and \
                               gradients are those at initialization, and nothing is said of contributions and angles";

impl Walk<'_> {
    /// Adds the response to the step of a parameter where a node uses it. A first step is made of what it multiplies, and so
    /// is fully aligned with it: that is what the optimizer's rule says. The assumption takes from each of the |C| terms, of
    /// a sparse input those that are not zero, what it says they add up less.
    pub(super) fn be_born_assumed(
        &mut self,
        w: ParameterId,
        z: NodeId,
        alignment: &Alignment,
        into: &mut Response,
    ) -> Result<(), PropagateError> {
        let alike = self.graph.alike_at_birth(w, z);
        if self.felt(z, &alike).is_none() {
            return Ok(());
        }
        let short = alignment.of_update(self.classes[w.0]) - &Exponent::ONE;
        let response = plus(&self.optimizers[w.0].response, &short, Name::Contracted);
        let subject = Subject::Birth(w, z);
        let magnitude = self.optimizer_says(subject.clone(), &response, z)?;
        let x = self.graph.operands(z)[0];
        let density = if self.graph.node(z).op.linear_einsum().is_some() {
            self.input_density(x)
        } else {
            Form::zero()
        };
        let Magnitude { form, because } = magnitude;
        let mut parts = vec![Part { coefficient: Exponent::ONE, name: PartName::Of(subject), form, because }];
        if density != Form::zero() {
            let (name, because) = (PartName::Density(x), Because::Given);
            parts.push(Part { coefficient: short, name, form: density, because });
        }
        let generic = Subject::Generic(w, z);
        let (form, id) = self.done.ledger.derive(generic, &alignment.about.name, parts, Exponent::ZERO);
        into.generic.entry(alike).or_insert_with(Terms::none).insert(form, id);
        Ok(())
    }

    /// What a node makes of a response of one operand, by the rule of its op.
    pub(super) fn assumed_sums(&self, rule: &OpRule, place: Place, alignment: &Alignment) -> Vec<Sum> {
        let parameter = self.graph.parameter_at(place.z);
        let share = match parameter {
            Some(w) => (Name::Contracted, alignment.of_weight(self.classes[w.0])),
            None => (Name::ContractedFeature, &alignment.activation),
        };
        rule.generic.sums().iter().map(|sum| with(sum, share)).collect()
    }

    /// Nothing is assumed of sums over layers, nor of what the first step of a weight leaves.
    pub(super) fn refuse_unassumed(&self) -> Result<(), PropagateError> {
        if let Some(node) = self.graph.nodes().find(|node| self.graph.is_from_zero(*node)) {
            return Err(PropagateError::AssumedZero { node: self.graph.node(node).name.clone() });
        }
        let deep = self
            .graph
            .dimension_ids()
            .find(|id| self.graph.dimension(*id).kind == Kind::Depth && self.done.sizes.grows(*id));
        match deep {
            Some(id) => {
                let dimension = self.graph.dimension(id).name.clone();
                Err(PropagateError::AssumedDepth { dimension })
            }
            None => Ok(()),
        }
    }
}

/// Every alternative with a term more.
fn plus(expression: &Expression, coefficient: &Exponent, name: Name) -> Expression {
    let add = |sum: &Sum| {
        let mut sum = sum.clone();
        match sum.terms.iter_mut().find(|(_, held)| *held == name) {
            Some((held, _)) => *held += coefficient,
            None => sum.terms.push((coefficient.clone(), name)),
        }
        sum.terms.retain(|(coefficient, _)| !coefficient.is_zero());
        sum
    };
    match expression {
        Expression::Sum(sum) => Expression::Sum(add(sum)),
        Expression::Max(sums) => Expression::Max(sums.iter().map(add).collect()),
        Expression::Min(sums) => Expression::Min(sums.iter().map(add).collect()),
    }
}

/// The sum with another coefficient of a name, if it speaks of that.
fn with(sum: &Sum, (name, coefficient): (Name, &Exponent)) -> Sum {
    let mut sum = sum.clone();
    for (held, _) in sum.terms.iter_mut().filter(|(_, held)| *held == name) {
        held.clone_from(coefficient);
    }
    sum
}

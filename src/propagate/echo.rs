//! Weights that meet what they made themselves (rule `linear`, key `echo`).
//!
//! Where a tied embedding contracts a stream that still contains the embedding of a token, `W^T W u` has an entry at that
//! token that does not cancel. Apart from it, uses of one weight are taken to be independent.

use std::collections::BTreeMap;

use super::bind::Place;
use super::ledger::{Because, DerivationId, Magnitude, Part};
use super::subject::{PartName, Subject};
use super::{Condition, Ending, PropagateError, Walk};
use crate::exact::{Exponent, Form, Terms};
use crate::graph::{Echo, NodeId, Start};
use crate::rule::Name;

impl Walk<'_> {
    /// By what an echo multiplies its source.
    fn heard(&mut self, echo: &Echo) -> Result<Option<(PartName, Magnitude)>, PropagateError> {
        let Echo { made, met, .. } = *echo;
        let Some(rule) = self.rules[met.index()] else { return Ok(None) };
        let Some(expression) = &rule.echo else { return Ok(None) };
        let random = |w| self.graph.parameter(w).start == Start::Gaussian;
        if !self.graph.parameter_at(met).is_some_and(random) {
            return Ok(None);
        }
        let Some(share) = self.share(echo)? else { return Ok(None) };
        let subject = self.subject(Subject::Echo(made, met));
        let given = [(Name::Share, share.0, share.1)];
        let mut terms = Terms::none();
        for sum in expression.sums() {
            let place = Place { z: met, operand: 0 };
            let (form, because) = self.apply(subject.clone(), &rule.about.name, sum, place, &given)?;
            terms.insert(form, because);
        }
        let name = subject.write(self.graph);
        let settled = self.done.ledger.settle(subject.clone(), name, &terms);
        Ok(settled.map(|magnitude| (PartName::Of(subject), magnitude)))
    }

    /// How much of what one node made is left in what the other takes: each node between them passes it on as it does a
    /// response that is not aligned.
    fn share(&mut self, echo: &Echo) -> Result<Option<(PartName, Magnitude)>, PropagateError> {
        let made = echo.made;
        let whole = match self.graph.node(made).op.multiplier() {
            Some(m) => {
                let form = Form::unknown(self.done.multiplier[m.0]);
                (PartName::Multiplier(m), Magnitude::given(form))
            }
            None => (PartName::Of(Subject::Share(made, made)), Magnitude::given(Form::zero())),
        };
        let mut shares: BTreeMap<NodeId, (PartName, Magnitude)> = BTreeMap::from([(made, whole)]);
        for y in &echo.way {
            if self.graph.node(*y).op.repeat().is_some() {
                let entering = shares.get(&self.graph.operands(*y)[0]).cloned();
                shares.extend(entering.map(|share| (*y, share)));
                continue;
            }
            let Some(rule) = self.rules[y.index()] else { continue };
            let subject = self.subject(Subject::Share(made, *y));
            let mut terms = Terms::none();
            for (operand, x) in self.graph.operands(*y).into_iter().enumerate() {
                let Some((name, magnitude)) = shares.get(&x).cloned() else { continue };
                let given = [(Name::Sideways, name, magnitude)];
                for sum in rule.generic.sums() {
                    let place = Place { z: *y, operand };
                    let (form, id) = self.apply(subject.clone(), &rule.about.name, sum, place, &given)?;
                    terms.insert(form, id);
                }
            }
            let name = subject.write(self.graph);
            let settled = self.done.ledger.settle(subject.clone(), name, &terms);
            shares.extend(settled.map(|magnitude| (*y, (PartName::Of(subject), magnitude))));
        }
        Ok(shares.remove(&self.graph.operands(echo.met)[0]))
    }

    /// What the echoes at a node add to it.
    pub(super) fn echoed(
        &mut self,
        z: NodeId,
        subject: &Subject,
        terms: &mut Terms<DerivationId>,
    ) -> Result<(), PropagateError> {
        for echo in self.graph.echoes_at(z) {
            let source = self.forward_named(self.graph.operands(echo.made)[0]);
            if let Some((form, id)) = self.term(&echo, source, subject)? {
                terms.insert(form, id);
            }
        }
        Ok(())
    }

    /// What comes back to what a node takes from where its weight meets what it makes.
    pub(super) fn echoed_back(
        &mut self,
        made: NodeId,
        subject: &Subject,
        terms: &mut Terms<DerivationId>,
    ) -> Result<(), PropagateError> {
        for echo in self.graph.echoes_of(made) {
            let back = self.backward_named(echo.met);
            if let Some((form, id)) = self.term(&echo, back, subject)? {
                terms.insert(form, id);
            }
        }
        Ok(())
    }

    /// What an echo makes of a signal that enters at one of its ends.
    fn term(
        &mut self,
        echo: &Echo,
        signal: (PartName, Magnitude),
        subject: &Subject,
    ) -> Result<Option<(Form, DerivationId)>, PropagateError> {
        let heard = self.heard(echo)?;
        Ok(heard.map(|heard| {
            self.done.ledger.derive(subject.clone(), "echo", both(heard, signal), Exponent::ZERO)
        }))
    }

    /// The echo of a one-hot token is one entry, larger than the root mean square of all: it must not saturate the loss.
    pub(super) fn bound_echoes(&mut self, output: NodeId) -> Result<(), PropagateError> {
        for echo in self.graph.echoes_at(output) {
            let source = self.graph.operands(echo.made)[0];
            let density = self.input_density(source);
            if density == Form::zero() {
                continue;
            }
            let Some(heard) = self.heard(&echo)? else { continue };
            let what = heard.0.write(self.graph);
            let mut parts = both(heard, self.forward_named(source));
            let (coefficient, because) = (Exponent::ratio(-1, 2), Because::Given);
            parts.push(Part { coefficient, name: PartName::Density(source), form: density, because });
            let subject = Subject::Forward(output);
            let (form, id) = self.done.ledger.derive(subject, "echo", parts, Exponent::ZERO);
            let because = Because::Derived(id);
            self.done.conditions.push(Condition {
                node: output,
                form,
                what,
                because,
                ending: Ending::Saturated,
            });
        }
        Ok(())
    }
}

fn both(first: (PartName, Magnitude), second: (PartName, Magnitude)) -> Vec<Part> {
    let part = |(name, Magnitude { form, because }): (PartName, Magnitude)| Part {
        coefficient: Exponent::ONE,
        name,
        form,
        because,
    };
    vec![part(first), part(second)]
}

//! Forward magnitudes (theory, section 2).

use super::bind::Place;
use super::under_way::Walk;
use crate::exact::{Exponent, Form, Terms};
use crate::graph::{LossOp, NodeId, Quantity, Start, Unit};
use crate::propagate::ledger::{Because, DerivationId, Magnitude, Part};
use crate::propagate::subject::{PartName, Subject};
use crate::propagate::{Condition, Ending, PropagateError};
use crate::rule::{Name, OpRule};

impl Walk<'_> {
    pub(super) fn forward(&mut self) -> Result<(), PropagateError> {
        for unit in self.units.clone() {
            match unit {
                Unit::Node(id) => {
                    self.done.forward[id.index()] = self.forward_of(id)?;
                    self.condition(id)?;
                }
                Unit::Repeat(id) => self.forward_repeat(id)?,
            }
        }
        let graph = self.graph;
        for loss in graph.losses.iter().filter(|loss| loss.op == LossOp::CrossEntropy) {
            let Magnitude { form, because } = self.done.forward[loss.output.index()].clone();
            let what = Quantity::forward(loss.output).write(self.graph);
            let ending = Ending::Saturated;
            self.done.conditions.push(Condition { node: loss.output, form, what, because, ending });
            self.bound_echoes(loss.output)?;
        }
        Ok(())
    }

    /// The magnitude of a node, from those of its operands.
    pub(super) fn forward_of(&mut self, id: NodeId) -> Result<Magnitude, PropagateError> {
        let magnitude = match self.rules[id.index()] {
            None => self.input(id),
            Some(rule) => {
                let subject = self.subject(Quantity::forward(id));
                let terms = self.forward_terms(id, rule, &subject)?;
                let name = subject.write(self.graph);
                self.done.ledger.settle(subject, name, &terms)
            }
        };
        // A node without a term is identically zero.
        Ok(magnitude.unwrap_or_else(|| Magnitude::given(Form::zero())))
    }

    /// A dense input is of order 1; a one-hot one over V classes has rms V^-1/2.
    fn input(&mut self, id: NodeId) -> Option<Magnitude> {
        let half = |axis| Part {
            coefficient: Exponent::ratio(-1, 2),
            name: PartName::Size(vec![axis]),
            form: self.done.growth.of(self.graph, &[axis]),
            because: Because::Given,
        };
        let parts: Vec<Part> = self.graph.node(id).op.one_hot().map(half).into_iter().collect();
        let rule = if parts.is_empty() { "input" } else { "one-hot input" };
        let (form, because) = self.done.ledger.derive(Quantity::forward(id), rule, parts, Exponent::ZERO);
        Some(Magnitude { form, because: Because::Derived(because) })
    }

    /// A sum that names only `x` is taken for each operand in turn; one that names `q` too, once.
    fn forward_terms(
        &mut self,
        id: NodeId,
        rule: &OpRule,
        subject: &Subject,
    ) -> Result<Terms<DerivationId>, PropagateError> {
        let mut terms = Terms::none();
        for sum in rule.forward.sums() {
            let starts_at_zero = self.graph.parameter_at(id).is_some_and(|w| {
                self.graph.parameter(w).start == Start::Zero
                    && sum.terms.iter().any(|(_, name)| *name == Name::Init)
            });
            if starts_at_zero {
                continue;
            }
            let names = |wanted| sum.terms.iter().any(|(_, name)| *name == wanted);
            let operands = match names(Name::ForwardX) && !names(Name::ForwardQ) {
                true => self.graph.operands(id).len(),
                false => 1,
            };
            for operand in 0..operands {
                if names(Name::ForwardX) && self.graph.starts_at_zero(self.graph.operands(id)[operand]) {
                    continue;
                }
                let place = Place { z: id, operand };
                let (form, because) = self.apply(subject.clone(), &rule.about.name, sum, place, &[])?;
                terms.insert(form, because);
            }
        }
        self.echoed(id, subject, &mut terms)?;
        Ok(terms)
    }

    /// What the rule of a node demands of its operand.
    pub(super) fn condition(&mut self, id: NodeId) -> Result<(), PropagateError> {
        let Some(rule) = self.rules[id.index()] else { return Ok(()) };
        for sum in &rule.requires {
            let x = self.graph.operands(id)[0];
            let place = Place { z: id, operand: 0 };
            let (form, because) = self.apply(Quantity::forward(x), &rule.about.name, sum, place, &[])?;
            let what = Quantity::forward(x).write(self.graph);
            let because = Because::Derived(because);
            self.done.conditions.push(Condition { node: id, form, what, because, ending: Ending::Saturated });
        }
        Ok(())
    }

    /// A quantity of the layer that rules are applied to.
    pub(super) fn subject(&self, subject: impl Into<Subject>) -> Subject {
        let subject = subject.into();
        if self.first.is_some() { subject.of_first_layer() } else { subject }
    }
}

//! Forward magnitudes (theory, section 2).

use super::bind::Place;
use super::ledger::{Because, DerivationId, Magnitude, Part};
use super::subject::{PartName, Subject};
use super::{Condition, Ending, PropagateError, Walk};
use crate::exponent::{Exponent, Form, Terms};
use crate::graph::{LossOp, NodeId};
use crate::rule::{Name, OpRule};

impl Walk<'_> {
    pub(super) fn forward(&mut self) -> Result<(), PropagateError> {
        for id in self.graph.nodes() {
            let magnitude = match self.rules[id.index()] {
                None => self.input(id),
                Some(rule) => {
                    let terms = self.forward_terms(id, rule)?;
                    self.condition(id, rule)?;
                    let subject = Subject::Forward(id);
                    let name = subject.write(self.graph);
                    self.done.ledger.settle(subject, name, &terms)
                }
            };
            // Every rule has at least one term; a node without one would be identically zero.
            self.done.forward.push(magnitude.unwrap_or_else(|| Magnitude::given(Form::zero())));
        }
        let loss = self.graph.loss;
        if loss.op == LossOp::CrossEntropy {
            let Magnitude { form, because } = self.done.forward[loss.output.index()].clone();
            let what = Subject::Forward(loss.output).write(self.graph);
            let ending = Ending::Saturated;
            self.done.conditions.push(Condition { node: loss.output, form, what, because, ending });
        }
        Ok(())
    }

    /// A dense input is of order 1; a one-hot one over V classes has rms V^-1/2.
    fn input(&mut self, id: NodeId) -> Option<Magnitude> {
        let half = |axis| Part {
            coefficient: Exponent::ratio(-1, 2),
            name: PartName::Size(vec![axis]),
            form: self.done.sizes.of(&[axis]),
            because: Because::Given,
        };
        let parts: Vec<Part> = self.graph.node(id).op.one_hot().map(half).into_iter().collect();
        let rule = if parts.is_empty() { "input" } else { "one-hot input" };
        let (form, because) = self.done.ledger.derive(Subject::Forward(id), rule, parts, Exponent::ZERO);
        Some(Magnitude { form, because: Because::Derived(because) })
    }

    /// A sum that names only `x` is taken for each operand in turn; one that names `q` too, once.
    fn forward_terms(&mut self, id: NodeId, rule: &OpRule) -> Result<Terms<DerivationId>, PropagateError> {
        let mut terms = Terms::none();
        for sum in rule.forward.sums() {
            let names = |wanted| sum.terms.iter().any(|(_, name)| *name == wanted);
            let operands = match names(Name::ForwardX) && !names(Name::ForwardQ) {
                true => self.graph.operands(id).len(),
                false => 1,
            };
            for operand in 0..operands {
                let place = Place { z: id, operand };
                let (form, because) = self.apply(Subject::Forward(id), &rule.about.name, sum, place, &[])?;
                terms.insert(form, because);
            }
        }
        Ok(terms)
    }

    fn condition(&mut self, id: NodeId, rule: &OpRule) -> Result<(), PropagateError> {
        let Some(requires) = &rule.requires else { return Ok(()) };
        let x = self.graph.operands(id)[0];
        for sum in requires.sums() {
            let place = Place { z: id, operand: 0 };
            let (form, because) = self.apply(Subject::Forward(x), &rule.about.name, sum, place, &[])?;
            let what = Subject::Forward(x).write(self.graph);
            let because = Because::Derived(because);
            self.done.conditions.push(Condition { node: id, form, what, because, ending: Ending::Saturated });
        }
        Ok(())
    }
}

//! Backward magnitudes and gradients (theory, sections 3 and 4).

use super::bind::Place;
use super::under_way::Walk;
use crate::exact::{Exponent, Form, Terms};
use crate::graph::op::Zeros;
use crate::graph::{Kind, Loss, LossOp, NodeId, ParameterId, Quantity, Unit};
use crate::propagate::PropagateError;
use crate::propagate::ledger::{Because, DerivationId, Magnitude, Part};
use crate::propagate::subject::{PartName, Subject};
use crate::rule::OpRule;

impl Walk<'_> {
    pub(super) fn backward(&mut self) -> Result<(), PropagateError> {
        let changes = self.graph.alike_changes();
        for unit in self.units.clone().into_iter().rev() {
            let x = match unit {
                Unit::Node(x) => x,
                // Nothing but its exit is used elsewhere.
                Unit::Repeat(id) => self.graph.repeat(id).exit,
            };
            let terms = self.backward_terms(x)?;
            let subject = Quantity::backward(x);
            let name = subject.write(self.graph);
            if let Some(magnitude) = self.done.ledger.settle(subject, name, &terms) {
                self.done.backward[x.index()] = magnitude;
            }
            for alike in &changes[x.index()] {
                self.feel(x, alike, None)?;
            }
            if let Unit::Repeat(id) = unit {
                self.backward_repeat(id, &changes)?;
            }
        }
        Ok(())
    }

    /// The derivative of a loss by its output: for MSE the error, of the size of output or target; for
    /// cross-entropy one entry of size 1 and V of size 1/V. Both are divided by the number of samples.
    fn loss(&mut self, loss: &Loss) -> Terms<DerivationId> {
        let output = loss.output;
        let axes = &self.graph.node(output).axes;
        let samples = self.graph.only(Kind::Sample, axes);
        let classes = self.graph.only(Kind::Feature, axes);
        let size = |coefficient, axes: &[_]| Part {
            coefficient,
            name: PartName::Size(axes.to_vec()),
            form: self.done.growth.of(self.graph, axes),
            because: Because::Given,
        };
        let averaged = size(Exponent::integer(-1), &samples);
        let mut terms = Terms::none();
        let subject = Quantity::backward(output);
        match loss.op {
            LossOp::Mse => {
                let Magnitude { form, because } = self.done.forward[output.index()].clone();
                let name = PartName::of(Quantity::forward(output));
                let error = Part { coefficient: Exponent::ONE, name, form, because };
                for parts in [vec![averaged.clone()], vec![error, averaged]] {
                    let (form, id) = self.done.ledger.derive(subject, "mse", parts, Exponent::ZERO);
                    terms.insert(form, id);
                }
            }
            LossOp::CrossEntropy => {
                let parts = vec![size(Exponent::ratio(-1, 2), &classes), averaged];
                let (form, id) = self.done.ledger.derive(subject, "cross_entropy", parts, Exponent::ZERO);
                terms.insert(form, id);
            }
        }
        terms
    }

    fn backward_terms(&mut self, x: NodeId) -> Result<Terms<DerivationId>, PropagateError> {
        let mut parts = self.parts_of(x)?;
        if let Some(loss) = self.graph.loss_of(x) {
            let part = self.loss(loss);
            parts.push((x, part));
        }
        let mut all = Terms::none();
        for (_, part) in &parts {
            part.iter().for_each(|(form, because)| all.insert(form.clone(), *because));
        }
        self.parts[x.index()] = parts;
        self.pass_density(x);
        Ok(all)
    }

    /// The terms of the backward signal of a node, by the consumer they come from.
    pub(super) fn parts_of(
        &mut self,
        x: NodeId,
    ) -> Result<Vec<(NodeId, Terms<DerivationId>)>, PropagateError> {
        let mut parts = Vec::new();
        for consumer in self.graph.consumers(x) {
            let Some(rule) = self.rules[consumer.node.index()] else { continue };
            let place = Place { z: consumer.node, operand: consumer.position };
            let mut part = Terms::none();
            let given = self.first_step(consumer.node)?;
            for sum in rule.backward.sums() {
                let subject = self.subject(Subject::Part(x, consumer.node));
                let (form, because) = self.apply(subject, &rule.about.name, sum, place, &given)?;
                part.insert(form, because);
            }
            let subject = self.subject(Subject::Part(x, consumer.node));
            self.echoed_back(consumer.node, &subject, &mut part)?;
            parts.push((consumer.node, part));
        }
        Ok(parts)
    }

    /// Cross-entropy sends back next to nothing to all classes but one. Whatever the slope of an activation, what comes back as
    /// zero stays zero. Where several signals meet, one of them is dense, or taken to be.
    pub(super) fn pass_density(&mut self, x: NodeId) {
        let consumers = self.graph.consumers(x);
        if let Some(loss) = self.graph.loss_of(x) {
            if loss.op == LossOp::CrossEntropy && consumers.is_empty() {
                let classes = self.graph.only(Kind::Feature, &self.graph.node(x).axes);
                self.density[x.index()] = -&self.done.growth.of(self.graph, &classes);
            }
        } else if let [only] = consumers.as_slice()
            && self.graph.node(only.node).op.facts().zeros != Zeros::Lost
        {
            self.density[x.index()] = self.density[only.node.index()].clone();
        }
    }

    /// The gradient of each parameter, the largest over the nodes that use it, and its mean absolute value,
    /// which is smaller where the input or the backward signal is sparse.
    pub(super) fn gradients(&mut self) -> Result<(), PropagateError> {
        for parameter in self.graph.parameter_ids() {
            self.gradient_of(parameter)?;
        }
        Ok(())
    }

    /// That of one parameter, where the backward signals of the nodes that use it are known.
    pub(super) fn gradient_of(&mut self, parameter: ParameterId) -> Result<(), PropagateError> {
        let (mut terms, mut absolute) = (Terms::none(), Terms::none());
        for z in self.graph.uses(parameter) {
            let Some(rule) = self.rules[z.index()] else { continue };
            let Some(felt) = self.felt_at_birth(parameter, z) else { continue };
            for sum in rule.gradient.iter().flat_map(|gradient| gradient.sums()) {
                let subject = Quantity::gradient(parameter);
                let place = Place { z, operand: 0 };
                let (form, because) = self.apply(subject, &rule.about.name, sum, place, &felt)?;
                terms.insert(form.clone(), because);
                let (form, because) = self.absolute_gradient(parameter, z, form, because);
                absolute.insert(form, because);
            }
        }
        let mut settled = |subject: Subject, terms: &Terms<DerivationId>| {
            let name = subject.write(self.graph);
            let magnitude = self.done.ledger.settle(subject, name, terms);
            magnitude.unwrap_or_else(|| Magnitude::given(Form::zero()))
        };
        let gradient = settled(Quantity::gradient(parameter).into(), &terms);
        let absolute = settled(Subject::AbsoluteGradient(parameter), &absolute);
        self.done.gradient[parameter.0] = gradient;
        self.absolute_gradient[parameter.0] = absolute;
        Ok(())
    }

    fn absolute_gradient(
        &mut self,
        parameter: ParameterId,
        z: NodeId,
        form: Form,
        because: DerivationId,
    ) -> (Form, DerivationId) {
        let x = self.graph.operands(z)[0];
        let name = PartName::of(Quantity::gradient(parameter));
        let mut parts =
            vec![Part { coefficient: Exponent::ONE, name, form, because: Because::Derived(because) }];
        for (node, density) in [(x, self.input_density(x)), (z, self.density[z.index()].clone())] {
            if density != Form::zero() {
                let name = PartName::Density(node);
                parts.push(Part {
                    coefficient: Exponent::HALF,
                    name,
                    form: density,
                    because: Because::Given,
                });
            }
        }
        self.done.ledger.derive(Subject::AbsoluteGradient(parameter), "density", parts, Exponent::ZERO)
    }

    /// The exponent of the fraction of non-zero entries of a node: one-hot inputs have one, and what passes their zeros
    /// on, up to the first dense map.
    pub(super) fn input_density(&self, x: NodeId) -> Form {
        let node = self.graph.node(x);
        if let Some(axis) = node.op.one_hot() {
            return -&self.done.growth.of(self.graph, &[axis]);
        }
        let passes_zeros = match node.op.facts().zeros {
            Zeros::Kept => true,
            Zeros::AsItsRule => self.rules[x.index()].is_some_and(OpRule::keeps_zero),
            Zeros::Summed | Zeros::Filled | Zeros::Lost => false,
        };
        match self.graph.operands(x).first() {
            Some(operand) if passes_zeros => self.input_density(*operand),
            _ => Form::zero(),
        }
    }
}

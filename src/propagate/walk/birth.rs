//! What the optimizer does to a parameter: the response where it is used, and its contribution (theory, section 6).

use super::bind::Place;
use super::under_way::Walk;
use crate::exact::{Exponent, Form, Terms};
use crate::graph::{Kind, NodeId, ParameterId, Quantity};
use crate::propagate::PropagateError;
use crate::propagate::ledger::{Because, DerivationId, Magnitude, Part};
use crate::propagate::subject::{PartName, Subject};
use crate::rule::{Expression, Name, Sum};

impl Walk<'_> {
    /// The response of a node to the step of the parameter it uses, and the eigenvalue that makes it of the
    /// backward signal there. Nothing if none of that reaches the parameter.
    pub(super) fn birth(
        &mut self,
        parameter: ParameterId,
        z: NodeId,
    ) -> Result<Option<(Form, DerivationId)>, PropagateError> {
        let Some((back_name, back)) = self.felt(z, &self.graph.alike_at_birth(parameter, z)) else {
            return Ok(None);
        };
        let response = self.optimizers[parameter.0].response.clone();
        let subject = Subject::Birth(parameter, z);
        let magnitude = self.optimizer_says(subject.clone(), &response, z)?;
        let part = |coefficient, name, magnitude: Magnitude| Part {
            coefficient,
            name,
            form: magnitude.form,
            because: magnitude.because,
        };
        let mut parts = vec![
            part(Exponent::ONE, PartName::Of(subject), magnitude),
            part(Exponent::integer(-1), back_name, back),
        ];
        let rank = self.rank_at_birth(parameter, z);
        let excess = &self.done.growth.features(self.graph, z) - &rank;
        if excess != Form::zero() {
            let name = PartName::Concentration(z, rank.clone());
            parts.push(part(Exponent::ratio(-1, 2), name, Magnitude::given(excess)));
        }
        let component = Subject::Component(parameter, z, rank);
        Ok(Some(self.done.ledger.derive(component, "birth", parts, Exponent::ZERO)))
    }

    /// The effective rank of the response of a node to the parameter it uses: all its features, but for those over which the
    /// parameter is shared. What the parameter multiplies is correlated along these, as data are along samples, so it moves
    /// them together, each with a sign of its own: `dz_t = -K (x_t . x_t') b_t'`, and `x_t . x_t'` has rank Theta(1) in `t`
    /// and `t'`.
    pub(super) fn rank_at_birth(&self, parameter: ParameterId, z: NodeId) -> Form {
        let shared = self.graph.shared_along(parameter, z);
        let shared = self.done.growth.of(self.graph, &self.graph.only(Kind::Feature, &shared));
        &self.done.growth.features(self.graph, z) - &shared
    }

    /// An expression of the optimizer at the place where a parameter is used.
    pub(super) fn optimizer_says(
        &mut self,
        subject: impl Into<Subject>,
        expression: &Expression,
        z: NodeId,
    ) -> Result<Magnitude, PropagateError> {
        let subject = subject.into();
        let x = self.graph.operands(z)[0];
        // A bias is a weight whose input is 1.
        let bias = self.graph.node(z).op.bias().is_some();
        let unit = Magnitude::given(Form::zero());
        let forward = if bias { unit.clone() } else { self.done.forward[x.index()].clone() };
        let absolute = if bias { unit } else { self.absolute(x, &forward) };
        let mut given = vec![
            (Name::ForwardX, PartName::of(Quantity::forward(x)), forward),
            (Name::AbsoluteX, PartName::of(Quantity::forward(x)), absolute),
        ];
        let felt = self.graph.parameter_at(z).and_then(|parameter| self.felt_at_birth(parameter, z));
        given.extend(felt.into_iter().flatten());
        let rule = self.graph.parameter_at(z).map(|w| self.optimizers[w.0].about.name.clone());
        let rule = rule.unwrap_or_default();
        let mut terms = Terms::none();
        for sum in expression.sums() {
            let sum_given = if bias { without_input(sum) } else { sum.clone() };
            let (form, id) =
                self.apply(subject.clone(), &rule, &sum_given, Place { z, operand: 0 }, &given)?;
            terms.insert(form, id);
        }
        let name = format!("{} where {} uses it", subject.write(self.graph), self.graph.node(z).name);
        let magnitude = self.done.ledger.settle(subject, name, &terms);
        Ok(magnitude.unwrap_or_else(|| Magnitude::given(Form::zero())))
    }

    /// The mean absolute value of a node: below its rms by half the density.
    fn absolute(&mut self, x: NodeId, forward: &Magnitude) -> Magnitude {
        let density = self.input_density(x);
        if density == Form::zero() {
            return forward.clone();
        }
        let of = |coefficient, name, magnitude: Magnitude| Part {
            coefficient,
            name,
            form: magnitude.form,
            because: magnitude.because,
        };
        let parts = vec![
            of(Exponent::ONE, PartName::of(Quantity::forward(x)), forward.clone()),
            of(Exponent::HALF, PartName::Density(x), Magnitude::given(density)),
        ];
        let (form, id) = self.done.ledger.derive(Quantity::forward(x), "density", parts, Exponent::ZERO);
        Magnitude { form, because: Because::Derived(id) }
    }

    /// The contribution of all copies of a parameter, from that of one. One that layers share has no other copies.
    fn in_all_layers(&mut self, w: ParameterId, one: Magnitude) -> Magnitude {
        let Some(repeat) = self.graph.repeat_of(w).filter(|_| !self.graph.is_shared(w)) else { return one };
        let dimension = self.graph.repeat(repeat).dimension;
        let of = |name, form, because| Part { coefficient: Exponent::ONE, name, form, because };
        let layers = self.done.growth.dimension(dimension);
        let subject = Subject::from(Quantity::contribution(w));
        let parts = vec![
            of(PartName::Of(subject.clone().of_first_layer()), one.form, one.because),
            of(PartName::Layers(dimension), layers, Because::Given),
        ];
        let (form, id) = self.done.ledger.derive(subject, "all layers", parts, Exponent::ZERO);
        Magnitude { form, because: Because::Derived(id) }
    }

    /// Contribution, epsilon and weight decay of every parameter.
    pub(super) fn contributions(&mut self) -> Result<(), PropagateError> {
        for w in self.graph.parameter_ids() {
            let optimizer = self.optimizers[w.0];
            let Some(z) = self.graph.uses(w).first().copied() else { continue };
            if !self.graph.parameter(w).is_trained() {
                self.done.contribution.push(Magnitude::given(Form::zero()));
                self.done.epsilon.push(None);
                self.done.weight_decay.push(None);
                continue;
            }
            let contribution = self.optimizer_says(Quantity::contribution(w), &optimizer.contribution, z)?;
            let contribution = self.in_all_layers(w, contribution);
            self.done.contribution.push(contribution);
            let epsilon = match &optimizer.epsilon {
                Some(expression) => Some(self.optimizer_says(Subject::Epsilon(w), expression, z)?),
                None => None,
            };
            self.done.epsilon.push(epsilon);
            let decay = match &optimizer.weight_decay {
                Some(expression) => Some(self.optimizer_says(Subject::WeightDecay(w), expression, z)?),
                None => None,
            };
            self.done.weight_decay.push(decay);
        }
        Ok(())
    }
}

fn without_input(sum: &Sum) -> Sum {
    let mut sum = sum.clone();
    sum.terms.retain(|(_, name)| !matches!(name, Name::ForwardX | Name::AbsoluteX));
    sum
}

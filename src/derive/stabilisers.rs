//! [`Steadied`]: whether stated weight decay and epsilon are what the rule of the optimizer makes of given hyperparameters.
//!
//! They are no unknowns: nothing of a first step depends on them. Each follows from the hyperparameters, so what is told of
//! one that does not is what it must be after the change that mends those.

use super::breaks::excess_near;
use super::directions::{Direction, Directions};
use super::error::DeriveError;
use super::gauge::{GaugeError, moved};
use super::judge::{Failure, Judgement};
use crate::exact::{Clause, Exponent, Form, Origin, PowerSum, Powers, RequirementId, Row};
use crate::graph::{Graph, Hyperparameters, ParameterId, Stabiliser, StatedStabilisers};
use crate::propagate::{Posed, Propagation, Stabilisers};
use crate::rule::{Name, Optimizer};

/// A weight decay or epsilon that is stated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatedStabiliser {
    /// Which of both.
    pub stabiliser: Stabiliser,
    /// Of which parameter.
    pub parameter: ParameterId,
    /// As it is stated.
    pub exponents: Powers,
    /// What the parameter's own multiplier makes of it, which is folded into the hyperparameters that it is judged by.
    traded: Powers,
}

/// What of stated weight decay and epsilon holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Steadied {
    /// Each that is stated, in order.
    pub judged: Vec<JudgedStabiliser>,
    /// The sums without a largest summand that what they must be is divided by, by their number.
    pub divisors: Vec<PowerSum>,
}

/// A stated weight decay or epsilon with what it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgedStabiliser {
    /// What is stated.
    pub stated: StatedStabiliser,
    /// What must hold, in the theory's notation: `weight_decay(W_Q) = -lr(W_Q)`.
    pub requires: String,
    /// Whether the learning rate decides it: then it is a decay that is coupled to that.
    pub follows_rate: bool,
    /// Where it fails, if it does.
    pub failure: Option<Failure>,
    /// What it must be after the change that mends the hyperparameters, if that is something else than stated; nothing if
    /// no change mends them, or if it is a sum too long to be told.
    pub to: Option<PowerSum>,
}

impl StatedStabiliser {
    /// What is stated in each scale variable, beside multipliers that parameters have of their own.
    ///
    /// # Errors
    /// If there are such multipliers, and the optimizer has no degree.
    pub fn all(
        in_each: &[StatedStabilisers],
        own: Option<&[Powers]>,
        optimizers: &[&Optimizer],
    ) -> Result<Vec<Self>, GaugeError> {
        let keys = in_each.first().into_iter().flat_map(StatedStabilisers::keys);
        let stated = keys.map(|(stabiliser, parameter)| {
            let of = |held: &StatedStabilisers| held.get(&(*stabiliser, *parameter)).cloned();
            let exponents = Powers(in_each.iter().map(|held| of(held).unwrap_or_default()).collect());
            let own = own.and_then(|own| own.get(parameter.0)).filter(|own| !own.is_zero());
            let traded = match own {
                Some(own) => own.scaled(&moved(optimizers[parameter.0], *stabiliser)?),
                None => Powers::zero(in_each.len()),
            };
            Ok(Self { stabiliser: *stabiliser, parameter: *parameter, exponents, traded })
        });
        stated.collect()
    }

    /// What a table says of it, as far as that is a product of powers.
    #[must_use]
    pub fn of_table(stabiliser: Stabiliser, parameter: ParameterId, sum: &PowerSum) -> Option<Self> {
        let exponents = Powers(sum.largest()?.to_vec());
        let traded = Powers::zero(exponents.0.len());
        Some(Self { stabiliser, parameter, exponents, traded })
    }

    /// What the rule of the optimizer says it is, as a form; nothing if the optimizer has no such thing.
    fn ruled(&self, propagation: &Propagation) -> Option<Form> {
        let held = match self.stabiliser {
            Stabiliser::WeightDecay => &propagation.weight_decay,
            Stabiliser::Epsilon => &propagation.epsilon,
        };
        held.get(self.parameter.0)?.as_ref().map(|magnitude| magnitude.form.clone())
    }

    /// The same as a sum of powers, of what is stored.
    fn due(&self, ruled: &Stabilisers) -> Option<PowerSum> {
        let held = match self.stabiliser {
            Stabiliser::WeightDecay => &ruled.weight_decay,
            Stabiliser::Epsilon => &ruled.epsilon,
        };
        let sum = held.get(self.parameter.0)?.as_ref()?;
        Some(sum.times(&PowerSum::from(&self.traded)))
    }

    /// As it is stated, of the product of the parameter and its own multiplier.
    fn folded(&self) -> Powers {
        let mut folded = self.exponents.clone();
        folded.add_scaled(&Exponent::integer(-1), &self.traded);
        folded
    }
}

impl Steadied {
    /// Judges what is stated beside hyperparameters that have been judged, in each scale variable.
    ///
    /// # Errors
    /// If it is too hard to tell where it fails.
    pub fn judge(
        stated: Vec<StatedStabiliser>,
        judgement: &Judgement,
        given: &[Hyperparameters],
    ) -> Result<Self, DeriveError> {
        if stated.is_empty() {
            return Ok(Self::default());
        }
        let posed = judgement.posed().ok_or(DeriveError::Inconsistent)?;
        let (propagation, question) = (&posed.propagation, &posed.question);
        let optimizers = question.optimizer.of_each(&question.graph);
        let due = judgement.amendment.of(given).map(|amended| propagation.stabilisers(&amended));
        let directions = (given.len() > 1).then(|| Directions::new(propagation, given));
        let mut judged = Vec::new();
        for stated in stated {
            let Some(ruled) = stated.ruled(propagation) else { continue };
            let failure = match (&directions, given) {
                (None, []) => return Err(DeriveError::Inconsistent),
                (None, [alone, ..]) => alone_failure(&stated, &ruled, propagation, alone),
                (Some(directions), several) => failure(&stated, &ruled, directions, posed, several)?,
            };
            let optimizer = optimizers[stated.parameter.0];
            let due = due.as_ref().and_then(|due| stated.due(due));
            let to = due.filter(|due| *due != PowerSum::from(&stated.exponents));
            judged.push(JudgedStabiliser {
                requires: written(&question.graph, optimizer, &stated),
                follows_rate: follows_rate(optimizer, stated.stabiliser),
                failure,
                to,
                stated,
            });
        }
        Ok(Self { judged, divisors: due.map(|due| due.divisors).unwrap_or_default() })
    }

    /// Whether all that is stated holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.judged.iter().all(|judged| judged.failure.is_none())
    }
}

/// By how much it fails in one scale variable.
fn alone_failure(
    stated: &StatedStabiliser,
    ruled: &Form,
    propagation: &Propagation,
    given: &Hyperparameters,
) -> Option<Failure> {
    let point = propagation.point(given);
    let ruled = ruled.evaluate(|unknown| point.get(unknown.0 as usize)).unwrap_or_default();
    let excess = &stated.folded()[0] - &ruled;
    (!excess.is_zero()).then(|| Failure { direction: vec![Exponent::ONE], excess })
}

/// Along which direction of growth it fails, and by how much there.
fn failure(
    stated: &StatedStabiliser,
    ruled: &Form,
    directions: &Directions<'_>,
    posed: &Posed,
    given: &[Hyperparameters],
) -> Result<Option<Failure>, DeriveError> {
    let row = Row::zero(&posed.propagation.form_of(&stated.folded()) - ruled);
    let origin = Origin::Requirement(RequirementId(0));
    let clause = Clause { origin, rows: vec![row], choice: Vec::new() };
    let Err(direction) = directions.breaking(&clause)? else { return Ok(None) };
    let (direction, excess) = excess_near(direction, |direction: &Direction| {
        let along = posed.question.towards(direction).posed()?.propagation;
        let point = along.point(&Hyperparameters::towards(given, direction));
        let ruled = stated.ruled(&along).ok_or(DeriveError::Inconsistent)?;
        let ruled = ruled.evaluate(|unknown| point.get(unknown.0 as usize)).unwrap_or_default();
        let excess = &stated.folded().towards(direction) - &ruled;
        if excess.is_zero() { Err(DeriveError::Inconsistent) } else { Ok(excess) }
    })?;
    Ok(Some(Failure { direction, excess }))
}

/// Whether the rule speaks of the learning rate.
fn follows_rate(optimizer: &Optimizer, stabiliser: Stabiliser) -> bool {
    let expression = optimizer.expression(stabiliser.key());
    expression.is_some_and(|expression| expression.names().any(|name| name == Name::LearningRate))
}

/// `weight_decay(W_Q) = -lr(W_Q)`: what the rule says at the first use of the parameter.
fn written(graph: &Graph, optimizer: &Optimizer, stated: &StatedStabiliser) -> String {
    let w = &graph.parameter(stated.parameter).name;
    let mut text = optimizer.expression(stated.stabiliser.key()).map(ToString::to_string).unwrap_or_default();
    text = text.replace("lr", "lr(W)");
    let node = graph.uses(stated.parameter).first().copied();
    let operand = node.and_then(|node| graph.operands(node).first().copied());
    for (written, at) in [("(x)", operand), ("(y)", node)] {
        if let Some(at) = at {
            text = text.replace(written, &format!("({})", graph.node(at).name));
        }
    }
    format!("{}({w}) = {}", stated.stabiliser.key(), text.replace("(W)", &format!("({w})")))
}

//! [`fn@judge`]: which requirements given hyperparameters meet, and the smallest change after which they meet all of them.
//!
//! The exponents are evaluated where the hyperparameters put them, in several scale variables along every direction of growth.

use super::amend::{Amendment, amend};
use super::answer::{Answer, Obstacle, Verdict};
use super::ask::derive;
use super::breaks::{Joined, joined};
use super::directions::Direction;
use super::error::DeriveError;
use crate::exact::{Clause, Exponent, Form, PowerSum, RequirementId};
use crate::graph::Hyperparameters;
use crate::propagate::{Demands, Posed, Question, Sums};

/// What is found of given hyperparameters.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// The requirements, and what can be derived from them.
    pub answer: Answer,
    /// Every requirement, in order.
    pub judged: Vec<JudgedRequirement>,
    /// The sums without a largest summand that values are divided by, by their number.
    pub divisors: Vec<PowerSum>,
    /// What to change.
    pub amendment: Amendment,
}

impl Judgement {
    /// Whether every requirement holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.judged.iter().all(|judged| judged.failure.is_none())
    }

    /// The requirements that are judged: where the growth of several scale variables is left open, those on that.
    #[must_use]
    pub fn posed(&self) -> Option<&Posed> {
        self.answer.posed()
    }
}

/// A requirement at given hyperparameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgedRequirement {
    /// The requirement.
    pub requirement: RequirementId,
    /// The size of its left side; nothing if that sum of powers is too long to be told.
    pub value: Option<PowerSum>,
    /// Where it fails, if it does.
    pub failure: Option<Failure>,
}

/// Where a requirement fails, and by how much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// How the scale variables grow there.
    pub direction: Direction,
    /// By how much the exponent of its left side is above what is required, below if negative.
    pub excess: Exponent,
}

/// Judges hyperparameters, in each scale variable, by the desiderata of a question: the `given` ones decide what holds, changes
/// are told of those that are `stored`, from which the given ones differ by multipliers folded into parameters.
///
/// # Errors
/// If nothing can be derived, or a defect of the solver is found.
pub fn judge(
    question: &Question,
    given: &[Hyperparameters],
    stored: &[Hyperparameters],
) -> Result<Judgement, DeriveError> {
    let answer = derive(question)?;
    let posed = answer.posed().ok_or(DeriveError::Inconsistent)?;
    let posed = &Posed { demands: posed.demands.clone().ungauged(), ..posed.clone() };
    let (judged, divisors) = match given {
        [alone] => (evaluate(&posed.demands, &posed.propagation.point(alone)), Vec::new()),
        several => along_all(posed, several)?,
    };
    let holds = judged.iter().all(|judged| judged.failure.is_none());
    let amendment = match &answer.verdict {
        _ if holds => Amendment::None,
        Verdict::Infeasible(Obstacle::Alone(variables)) => {
            let variable = variables.first().copied().unwrap_or_default();
            let impossible = answer.alone.get(variable).and_then(|alone| alone.impossible());
            let conflict = impossible.map(|impossible| impossible.conflict.clone()).unwrap_or_default();
            Amendment::Impossible { variable, conflict }
        }
        Verdict::Infeasible(Obstacle::Breaks { no_other: true, .. }) => Amendment::Apart { no_other: true },
        Verdict::Feasible { .. } | Verdict::Infeasible(Obstacle::Breaks { .. }) => {
            let broken = judged.iter().find_map(|judged| judged.failure.as_ref());
            amend(posed, broken.map(|failure| &failure.direction), given, stored)?
        }
    };
    Ok(Judgement { judged, divisors, amendment, answer })
}

/// Every requirement with its value at a point.
pub(super) fn evaluate(demands: &Demands, point: &[Exponent]) -> Vec<JudgedRequirement> {
    let value = |form: &Form| form.evaluate(|unknown| point.get(unknown.0 as usize)).unwrap_or_default();
    let mut judged = Vec::new();
    for (index, asked) in demands.requirements.iter().enumerate().filter(|(_, asked)| !asked.is_gauge()) {
        let requirement = RequirementId(index);
        let clauses = demands.program.clauses.iter();
        let mut stated = clauses.filter(|clause| clause.requirement() == Some(requirement));
        let only_bounded = stated.all(Clause::is_bound);
        let left = asked.terms.iter().map(|(form, _)| value(form)).max().unwrap_or_default();
        let excess = &left - &value(&asked.right);
        let holds = excess.is_zero() || (only_bounded && excess.is_negative());
        let failure = (!holds).then(|| Failure { direction: vec![Exponent::ONE], excess });
        judged.push(JudgedRequirement { requirement, value: Some(PowerSum::single(vec![left])), failure });
    }
    judged
}

/// Every requirement with its value however several scale variables grow, and the sums that values are divided by.
fn along_all(
    open: &Posed,
    given: &[Hyperparameters],
) -> Result<(Vec<JudgedRequirement>, Vec<PowerSum>), DeriveError> {
    let breaks = match joined(open, given)? {
        Joined::Holds(_) => Vec::new(),
        Joined::Breaks(breaks) => breaks,
    };
    let mut sums = Sums::at(&open.propagation, given);
    let asked = open.demands.requirements.iter().enumerate().filter(|(_, asked)| !asked.is_gauge());
    let judged = asked.map(|(index, asked)| {
        let requirement = RequirementId(index);
        let value = sums.largest(asked.terms.iter().map(|(form, _)| form));
        let broken = breaks.iter().find(|broken| broken.requirement == requirement);
        let failure = broken
            .map(|broken| Failure { direction: broken.direction.clone(), excess: broken.excess.clone() });
        JudgedRequirement { requirement, value, failure }
    });
    let judged = judged.collect();
    Ok((judged, sums.divisors()))
}

//! [`Break`]: a requirement that fails in a joint limit; and how it is found that none does.

use super::directions::{Direction, Directions};
use super::error::DeriveError;
use crate::exact::{Exponent, Form, Refutation, RequirementId};
use crate::graph::Hyperparameters;
use crate::propagate::{Posed, Requirement};

/// A requirement that fails in a joint limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// The requirement.
    pub requirement: RequirementId,
    /// How the variables grow.
    pub direction: Direction,
    /// By how much its left side exceeds its right side there, in the driving variable.
    pub excess: Exponent,
}

/// What becomes of exponents in all joint limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Joined {
    /// They meet every requirement: a refutation of each way in which one could fail, in the order of
    /// [`all_failures`](crate::propagate::LimitProgram::all_failures).
    Holds(Vec<Refutation>),
    /// Some requirements fail, each along a direction.
    Breaks(Vec<Break>),
}

/// Whether given exponents meet every requirement however the scale variables grow.
///
/// # Errors
/// If it is too hard to tell.
pub fn joined(open: &Posed, hyperparameters: &[Hyperparameters]) -> Result<Joined, DeriveError> {
    let directions = Directions::new(&open.propagation, hyperparameters);
    let (mut proofs, mut breaks) = (Vec::new(), Vec::new());
    for clause in &open.demands.program.clauses {
        let Some(requirement) = clause.requirement() else { continue };
        match directions.breaking(clause)? {
            Ok(proven) if breaks.is_empty() => proofs.extend(proven),
            Ok(_) => {}
            Err(direction) => {
                let stated = &open.demands.requirements[requirement.0];
                let along = |direction: &Direction| excess_along(open, stated, hyperparameters, direction);
                let (direction, excess) = excess_near(direction, along)?;
                breaks.push(Break { requirement, direction, excess });
            }
        }
    }
    Ok(if breaks.is_empty() { Joined::Holds(proofs) } else { Joined::Breaks(breaks) })
}

/// By how much a requirement fails along a direction. What is only required where several variables grow (that a depth does not
/// outgrow a width is, a width that stays fixed is taken as large) fails nearby, where all do.
pub(super) fn excess_near(
    direction: Direction,
    excess_along: impl Fn(&Direction) -> Result<Exponent, DeriveError>,
) -> Result<(Direction, Exponent), DeriveError> {
    let inward = |by: Exponent| -> Direction {
        direction.iter().map(|growth| if growth.is_zero() { by.clone() } else { growth.clone() }).collect()
    };
    let nearby = (0..MOST_HALVINGS).map(|halvings| inward(Exponent::ratio(1, 2 << halvings)));
    for direction in [direction.clone()].into_iter().chain(nearby) {
        match excess_along(&direction) {
            Err(DeriveError::Inconsistent) => {}
            found => return found.map(|excess| (direction, excess)),
        }
    }
    Err(DeriveError::Inconsistent)
}

/// How close to a direction it is looked for another, in halvings.
const MOST_HALVINGS: u32 = 8;

/// By how much a requirement fails along a direction: found anew by a propagation along it.
fn excess_along(
    open: &Posed,
    stated: &Requirement,
    hyperparameters: &[Hyperparameters],
    direction: &Direction,
) -> Result<Exponent, DeriveError> {
    let Posed { propagation, demands, .. } = open.question.towards(direction).posed()?;
    let same = |other: &&Requirement| {
        // What stands on the right is written with the sizes that grow.
        let requires = other.is_given() || other.left_side() == stated.left_side();
        (&other.label, other.on) == (&stated.label, stated.on) && requires
    };
    let found = demands.requirements.iter().find(same).ok_or(DeriveError::Inconsistent)?;
    let point = propagation.point(&Hyperparameters::towards(hyperparameters, direction));
    let value = |form: &Form| (form - &found.right).evaluate(|unknown| point.get(unknown.0 as usize));
    let excess = found.terms.iter().filter_map(|(form, _)| value(form)).max();
    excess.filter(|excess| !excess.is_zero()).ok_or(DeriveError::Inconsistent)
}

/// `n = N, m = N^1/2`.
#[must_use]
pub fn write_direction(variables: &[String], direction: &Direction) -> String {
    let growth = |(name, exponent): (&String, &Exponent)| {
        if exponent.is_zero() {
            format!("{name} fixed")
        } else if *exponent == Exponent::ONE {
            format!("{name} = N")
        } else {
            format!("{name} = N^{exponent}")
        }
    };
    variables.iter().zip(direction).map(growth).collect::<Vec<_>>().join(", ")
}

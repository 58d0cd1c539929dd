//! [`Exchange`]: hyperparameters that may change together, and how far.

use super::effort::Effort;
use super::point::value_at;
use super::unique::hyperparameters;
use crate::exact::{Exponent, Form, Program, Relation, Row, Unknown};

/// Hyperparameters that may change together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// By how much each changes for one unit of the change, in the order of the unknowns; the first of the freest kind
    /// (multipliers, then inits, then learning rates) by 1.
    pub change: Vec<(Unknown, Exponent)>,
    /// How many units down everything stays a solution, counted from the given one; nothing if as far as one likes.
    pub down: Option<Exponent>,
    /// How many units up.
    pub up: Option<Exponent>,
}

impl Exchange {
    /// Whether it cannot be followed on either side.
    #[must_use]
    pub fn is_stuck(&self) -> bool {
        let ends = |side: &Option<Exponent>| side.as_ref().is_some_and(Exponent::is_zero);
        ends(&self.down) && ends(&self.up)
    }
}

/// The same span in directions that can be followed on at least one side, as far as adding or taking away another one makes
/// them so, and as effort is left to try.
pub(super) fn unstuck(
    bounds: &Bounds,
    mut directions: Vec<Vec<Exponent>>,
    effort: &Effort,
) -> Vec<Vec<Exponent>> {
    for at in 0..directions.len() {
        if !bounds.stop(&directions[at]) {
            continue;
        }
        let others = directions.iter().enumerate().filter(|(other, _)| *other != at);
        let mut with = others.flat_map(|(_, other)| {
            let sum = |sign: Exponent| -> Vec<Exponent> {
                directions[at].iter().zip(other).map(|(a, b)| a + &(&sign * b)).collect()
            };
            [sum(Exponent::ONE), sum(Exponent::integer(-1))]
        });
        let free = with.find(|direction| {
            effort.charge(bounds.terms);
            effort.is_spent() || !bounds.stop(direction)
        });
        if let Some(free) = free.filter(|free| !bounds.stop(free)) {
            directions[at] = free;
        }
    }
    directions
}

/// The rows that bound a polyhedron, seen from a point in it.
pub(super) struct Bounds {
    /// How far each is from the point, and its linear part.
    rows: Vec<(Exponent, Form)>,
    /// How many terms they have.
    terms: usize,
}

impl Bounds {
    pub(super) fn at(point: &[Exponent], rows: &[Row]) -> Self {
        let bound = |row: &Row| {
            let linear = row.form.plus(&-row.form.constant_part());
            Some((value_at(&row.form, point)?, linear))
        };
        let rows = rows.iter().filter(|row| row.relation == Relation::AtMostZero);
        let rows: Vec<(Exponent, Form)> = rows.filter_map(bound).collect();
        let terms = rows.iter().map(|(_, linear)| linear.len()).sum();
        Self { rows, terms }
    }

    /// How far a direction may be followed down and up.
    fn reach(&self, direction: &[Exponent]) -> (Option<Exponent>, Option<Exponent>) {
        let (mut down, mut up): (Option<Exponent>, Option<Exponent>) = (None, None);
        for (value, linear) in &self.rows {
            let Some(slope) = value_at(linear, direction) else { continue };
            let Some(inverse) = slope.reciprocal() else { continue };
            let reach = (value * &inverse).abs();
            let side = if slope.is_positive() { &mut up } else { &mut down };
            if side.as_ref().is_none_or(|held| reach < *held) {
                *side = Some(reach);
            }
        }
        (down, up)
    }

    /// Whether they stop a direction at once, on both sides.
    fn stop(&self, direction: &[Exponent]) -> bool {
        let (down, up) = self.reach(direction);
        Exchange { change: Vec::new(), down, up }.is_stuck()
    }

    /// A direction with how far it may be followed.
    pub(super) fn trade(&self, program: &Program, direction: &[Exponent]) -> Exchange {
        let (down, up) = self.reach(direction);
        let changed = hyperparameters(program).filter_map(|unknown| {
            let change = direction.get(unknown.0 as usize)?;
            (!change.is_zero()).then(|| (unknown, change.clone()))
        });
        Exchange { change: changed.collect(), down, up }
    }
}

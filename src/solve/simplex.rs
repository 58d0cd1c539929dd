//! The two verbs of the simplex method on a [`Tableau`]: bring every variable within its bounds, and move one as far
//! as it goes. Both follow Bland's rule (of the variables that may be taken, the first), so both always end:
//! no basis comes twice, and there are finitely many.

use super::bound::{Bound, Combination, Direction, combine};
use super::effort::SolveError;
use super::tableau::{Literal, Tableau, Variable};
use crate::exact::{Exponent, Relation};

/// How far a variable goes.
#[derive(Debug)]
pub(super) enum Extreme {
    /// To its current value. The rows add up to `variable - value` (upwards) or `value - variable` (downwards).
    Attained(Combination),
    /// As far as one likes, along a ray from the current point.
    Unbounded(Ray),
}

/// A direction from the current point in which no bound is ever met: one variable that is not basic moves, and the
/// basic ones follow.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ray {
    moving: Variable,
    direction: Direction,
}

/// What stops a variable that moves.
enum Stop {
    /// Its own bound, at this value.
    Own(Exponent),
    /// The basic variable of a line, at this value.
    Basic(usize, Exponent),
}

impl Tableau<'_> {
    /// Brings every variable within its bounds; the answer is the conflict if that is impossible.
    ///
    /// # Errors
    /// If no effort is left.
    pub(super) fn check(&mut self) -> Result<Option<Combination>, SolveError> {
        loop {
            self.effort.spend(self.columns.len())?;
            let outside = self.columns.iter().find_map(|column| Some((column.line?, column.violated()?)));
            let Some((line, beyond)) = outside else { return Ok(None) };
            let back = beyond.opposite();
            let entries = &self.lines[line].entries;
            let movable = entries
                .iter()
                .find(|(entry, coefficient)| self.columns[entry.0].can_move(back.times(coefficient)));
            let bound = self.columns[self.lines[line].basic.0].bound(beyond);
            let (Some((entering, _)), Some(bound)) = (movable, bound) else {
                return Ok(Some(self.explain(line, beyond)));
            };
            let (entering, to) = (*entering, bound.at.clone());
            self.pivot(line, entering, &to);
        }
    }

    /// Moves a variable as far as it goes. Every variable must be within its bounds, and stays there.
    ///
    /// # Errors
    /// If no effort is left.
    pub(super) fn push(&mut self, variable: Variable, direction: Direction) -> Result<Extreme, SolveError> {
        loop {
            let alone = [(variable, Exponent::ONE)];
            let line = self.columns[variable.0].line;
            let entries = line.map_or(&alone[..], |line| &self.lines[line].entries);
            self.effort.spend(entries.len() + self.lines.len())?;
            let movable = entries
                .iter()
                .map(|(entry, coefficient)| (*entry, direction.times(coefficient)))
                .find(|(entry, direction)| self.columns[entry.0].can_move(*direction));
            let Some((moving, direction)) = movable else {
                return Ok(Extreme::Attained(combine(self.holding(entries, direction))));
            };
            match self.stop(moving, direction) {
                None => return Ok(Extreme::Unbounded(Ray { moving, direction })),
                Some(Stop::Own(at)) => self.shift(moving, &at),
                Some(Stop::Basic(line, at)) => self.pivot(line, moving, &at),
            }
        }
    }

    /// The nearest bound met when a variable that is not basic moves; of several, the one of the first variable.
    fn stop(&self, moving: Variable, direction: Direction) -> Option<Stop> {
        let column = &self.columns[moving.0];
        let distance = |bound: &Bound, value: &Exponent| (&bound.at - value).abs();
        let own = column.bound(direction);
        let mut nearest =
            own.map(|bound| (distance(bound, &column.value), moving, Stop::Own(bound.at.clone())));
        for (index, line) in self.lines.iter().enumerate() {
            let Some(coefficient) = line.coefficient(moving) else { continue };
            let basic = &self.columns[line.basic.0];
            let Some(bound) = basic.bound(direction.times(coefficient)) else { continue };
            let step = distance(bound, &basic.value) / coefficient.abs();
            let nearer =
                nearest.as_ref().is_none_or(|(least, first, _)| (&step, &line.basic) < (least, first));
            if nearer {
                nearest = Some((step, line.basic, Stop::Basic(index, bound.at.clone())));
            }
        }
        nearest.map(|(_, _, stop)| stop)
    }

    /// How fast a variable moves along a ray.
    pub(super) fn speed(&self, ray: Ray, variable: Variable) -> Exponent {
        let unit = match ray.direction {
            Direction::Up => Exponent::ONE,
            Direction::Down => Exponent::integer(-1),
        };
        if variable == ray.moving {
            return unit;
        }
        let line = self.columns[variable.0].line.map(|line| &self.lines[line]);
        line.and_then(|line| line.coefficient(ray.moving))
            .map_or(Exponent::ZERO, |coefficient| coefficient * &unit)
    }

    /// Whether a row holds at the current point, and on along the ray if there is one.
    pub(super) fn holds(&self, literal: &Literal, ray: Option<Ray>) -> bool {
        let value = self.evaluate(&literal.handle);
        let speed = match (&literal.handle.multiple, ray) {
            (Some((variable, factor)), Some(ray)) => factor * &self.speed(ray, *variable),
            (None, _) | (_, None) => Exponent::ZERO,
        };
        match literal.relation {
            Relation::Zero => value.is_zero() && speed.is_zero(),
            Relation::AtMostZero => !value.is_positive() && !speed.is_positive(),
        }
    }

    /// Whether a row may hold somewhere within the bounds. A quick look at one line: `true` may be wrong, `false`
    /// never is.
    pub(super) fn may_hold(&self, literal: &Literal) -> bool {
        let value = self.evaluate(&literal.handle);
        let satisfied = match literal.relation {
            Relation::Zero => value.is_zero(),
            Relation::AtMostZero => !value.is_positive(),
        };
        match &literal.handle.multiple {
            Some((variable, factor)) if !satisfied => {
                let target = -&literal.handle.constant / factor;
                self.may_reach(*variable, &target)
            }
            Some(_) | None => satisfied,
        }
    }

    fn may_reach(&self, variable: Variable, value: &Exponent) -> bool {
        let column = &self.columns[variable.0];
        let direction = Direction::of(&(value - &column.value));
        if column.bound(direction).is_some_and(|bound| direction.further(value, &bound.at)) {
            return false;
        }
        let Some(line) = column.line else { return true };
        let mut farthest = Exponent::ZERO;
        for (entry, coefficient) in &self.lines[line].entries {
            let Some(bound) = self.columns[entry.0].bound(direction.times(coefficient)) else { return true };
            farthest += &(coefficient * &bound.at);
        }
        !direction.further(value, &farthest)
    }
}

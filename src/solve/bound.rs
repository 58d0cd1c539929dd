//! [`Bound`]: how far a variable may go, and which row says so.

use std::collections::BTreeMap;

use crate::exact::{Exponent, RowId};

/// Rows with multipliers: a Farkas combination, or a part of one.
pub(super) type Combination = Vec<(RowId, Exponent)>;

/// A side of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// Towards larger values; as a bound, the upper one.
    Up,
    /// Towards smaller values; as a bound, the lower one.
    Down,
}

/// A bound on a variable, and the row it comes from: the row's form times `weight` is `variable - at` for an upper
/// bound, `at - variable` for a lower one.
#[derive(Clone, Debug)]
pub(super) struct Bound {
    pub(super) at: Exponent,
    pub(super) row: RowId,
    pub(super) weight: Exponent,
}

/// A variable: its value, its bounds, and its combination if it is basic.
#[derive(Clone, Debug, Default)]
pub(super) struct Column {
    pub(super) value: Exponent,
    pub(super) lower: Option<Bound>,
    pub(super) upper: Option<Bound>,
    /// Where its combination is, if it is basic.
    pub(super) line: Option<usize>,
}

impl Direction {
    pub(super) fn of(number: &Exponent) -> Self {
        if number.is_negative() { Self::Down } else { Self::Up }
    }

    pub(super) fn opposite(self) -> Self {
        match self {
            Self::Up => Self::Down,
            Self::Down => Self::Up,
        }
    }

    /// The direction in which `factor * x` moves when `x` moves in this one.
    pub(super) fn times(self, factor: &Exponent) -> Self {
        if factor.is_negative() { self.opposite() } else { self }
    }

    /// Whether `a` lies strictly further than `b` in this direction.
    pub(super) fn further(self, a: &Exponent, b: &Exponent) -> bool {
        match self {
            Self::Up => a > b,
            Self::Down => a < b,
        }
    }
}

impl Column {
    pub(super) fn bound(&self, direction: Direction) -> Option<&Bound> {
        match direction {
            Direction::Up => self.upper.as_ref(),
            Direction::Down => self.lower.as_ref(),
        }
    }

    /// Whether its value may move in a direction.
    pub(super) fn can_move(&self, direction: Direction) -> bool {
        self.bound(direction).is_none_or(|bound| direction.further(&bound.at, &self.value))
    }

    /// The bound its value lies beyond, if any.
    pub(super) fn violated(&self) -> Option<Direction> {
        [Direction::Up, Direction::Down].into_iter().find(|direction| {
            self.bound(*direction).is_some_and(|bound| direction.further(&self.value, &bound.at))
        })
    }

    pub(super) fn is_fixed(&self) -> bool {
        matches!((&self.lower, &self.upper), (Some(lower), Some(upper)) if lower.at == upper.at)
    }
}

/// The rows of bounds, each taken as often as said: those of the same row added up.
pub(super) fn combine<'b>(bounds: impl IntoIterator<Item = (&'b Bound, Exponent)>) -> Combination {
    let mut rows: BTreeMap<RowId, Exponent> = BTreeMap::new();
    for (bound, times) in bounds {
        *rows.entry(bound.row).or_default() += &(&times * &bound.weight);
    }
    rows.into_iter().filter(|(_, multiplier)| !multiplier.is_zero()).collect()
}

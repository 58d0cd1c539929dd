//! [`Effort`]: how much work is left, so that every question is answered or given up in bounded time and memory.

use std::cell::Cell;

use thiserror::Error;

use crate::exact::{Exponent, Program, Unknown, common_denominator};

/// The work one question may cost, in steps. A step is one coefficient read or written in the tableau; a number
/// of several machine words counts as the square of its length.
pub const MOST_STEPS: u64 = 300_000_000;

/// Steps that one step costs where numbers have several machine words, over the square of how many: the divisors of such
/// numbers are looked for bit by bit.
const PRICE: u64 = 4;

/// The work left. Shared by all parts of one question.
#[derive(Debug)]
pub struct Effort {
    left: Cell<u64>,
    limit: u64,
    /// What a step costs.
    price: u64,
}

/// Why a program got no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SolveError {
    /// The disjunctions have too many combinations: the search was given up.
    #[error("no answer within {steps} steps: too many maxima are undecided")]
    TooHard {
        /// After how many steps.
        steps: u64,
    },
    /// A row speaks of an unknown that the program does not declare.
    #[error("a row speaks of the undeclared unknown `u{}`", .0.0)]
    Undeclared(Unknown),
}

impl Effort {
    /// `limit` steps of small numbers.
    #[must_use]
    pub fn limited(limit: u64) -> Self {
        Self { left: Cell::new(limit), limit, price: 1 }
    }

    /// `limit` steps on a program, fewer where its constants have a long common denominator, which whatever is computed from
    /// them then has.
    #[must_use]
    pub fn on(program: &Program, limit: u64) -> Self {
        let rows = program.clauses.iter().flat_map(|clause| clause.rows.iter().chain(&clause.choice));
        let words = common_denominator(rows.map(|row| row.form.constant_part())).words() as u64;
        let price = if words > 1 { PRICE.saturating_mul(words.saturating_mul(words)) } else { 1 };
        Self { price, ..Self::limited(limit) }
    }

    /// Whether nothing is left.
    #[must_use]
    pub fn is_spent(&self) -> bool {
        self.left.get() == 0
    }

    /// Takes `steps` from what is left.
    ///
    /// # Errors
    /// If less is left.
    pub fn spend(&self, steps: usize) -> Result<(), SolveError> {
        let left = self.left.get().checked_sub(self.priced(steps)).ok_or_else(|| {
            self.left.set(0);
            self.exhausted()
        })?;
        self.left.set(left);
        Ok(())
    }

    /// Takes `steps` from what is left, all of it if it is less: for work that must not stop half-way.
    pub(super) fn charge(&self, steps: usize) {
        self.left.set(self.left.get().saturating_sub(self.priced(steps)));
    }

    fn priced(&self, steps: usize) -> u64 {
        (steps as u64).saturating_mul(self.price)
    }

    /// An answer that may cost at most a part of what is left, one in so many; nothing if it would cost more.
    ///
    /// # Errors
    /// Those of the answer, other than too much work.
    pub(super) fn portion<T>(
        &self,
        one_in: u64,
        answer: impl FnOnce() -> Result<T, SolveError>,
    ) -> Result<Option<T>, SolveError> {
        let before = self.left.get();
        let part = before / one_in;
        self.left.set(part);
        let answer = answer();
        self.left.set(before - (part - self.left.get()));
        match answer {
            Ok(answer) => Ok(Some(answer)),
            Err(SolveError::TooHard { .. }) => Ok(None),
            Err(undeclared @ SolveError::Undeclared(_)) => Err(undeclared),
        }
    }

    /// The error of a question that costs too much.
    pub(super) fn exhausted(&self) -> SolveError {
        SolveError::TooHard { steps: self.limit }
    }
}

/// The steps that one operation with this number costs.
pub(super) fn cost(number: &Exponent) -> usize {
    number.words().saturating_mul(number.words())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exact::{Clause, Form, Origin, RequirementId, Row, UnknownInfo, UnknownKind};

    #[test]
    fn a_step_costs_more_where_a_common_denominator_is_long() {
        let primes = [999_983, 999_979, 999_961, 999_959, 999_953, 999_931, 999_917];
        let row = |prime: &i64| Row::zero(Form::unknown(Unknown(0)).plus(&Exponent::ratio(1, *prime)));
        let origin = Origin::Requirement(RequirementId(0));
        let program = |count| Program {
            unknowns: vec![UnknownInfo { name: "u".into(), kind: UnknownKind::Init }],
            clauses: vec![Clause {
                origin,
                rows: primes.iter().take(count).map(row).collect(),
                choice: Vec::new(),
            }],
        };
        let steps = |count| {
            let effort = Effort::on(&program(count), 1000);
            (0..).take_while(|_: &u32| effort.spend(1).is_ok()).count()
        };
        // Numbers of one word, of two, and of three.
        assert_eq!([steps(0), steps(3), steps(4), steps(7)], [1000, 1000, 62, 27]);
        let effort = Effort::on(&program(7), 1000);
        assert!(effort.spend(28).is_err() && effort.is_spent());
    }
}

//! [`Directions`]: the ways in which scale variables can grow together, at given hyperparameters; and whether something holds
//! in one of them.

use crate::derive::DeriveError;
use crate::exact;
use crate::exact::{Claim, Clause, Exponent, Form, Refutation, Row, Unknown};
use crate::graph::Hyperparameters;
use crate::propagate::{LimitProgram, Propagation};
use crate::solve::{self, Effort, MOST_STEPS, Preference};

/// How fast each scale variable grows, as exponents of one that drives them all: `[1, 1/2]` means that the second one grows
/// like the square root of the first.
pub type Direction = Vec<Exponent>;

/// All directions.
pub struct Directions<'p> {
    growth: &'p [Unknown],
    program: LimitProgram,
    /// What is left for all that is asked of them.
    effort: Effort,
}

/// Where rows hold that speak of directions.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Found {
    /// Along this one; it is that of equal growth if they hold there.
    Along(Direction),
    /// Nowhere, as this proves, of the [program with them](LimitProgram::failing); it is checked.
    Nowhere(Refutation),
}

impl<'p> Directions<'p> {
    /// The directions of the scale variables of an open propagation, at the exponents of the hyperparameters in each.
    #[must_use]
    pub fn new(propagation: &'p Propagation, hyperparameters: &[Hyperparameters]) -> Self {
        let program = LimitProgram::new(propagation, hyperparameters);
        let effort = Effort::on(&program.program, MOST_STEPS);
        Self { growth: propagation.sizes.variables(), program, effort }
    }

    /// A direction in which the form is above zero; nothing if it is at most zero however the scale variables grow.
    ///
    /// # Errors
    /// If it is too hard to tell.
    pub fn beyond(&self, form: &Form) -> Result<Option<Direction>, DeriveError> {
        Ok(self.find(self.program.above(form))?.direction())
    }

    /// A direction along which a clause does not hold; or why it holds along all, by each way in which it could fail.
    ///
    /// # Errors
    /// As [`Directions::beyond`].
    pub(super) fn breaking(
        &self,
        clause: &Clause,
    ) -> Result<Result<Vec<Refutation>, Direction>, DeriveError> {
        let mut proofs = Vec::new();
        for rows in self.program.failures(clause) {
            match self.find(rows)? {
                Found::Along(direction) => return Ok(Err(direction)),
                Found::Nowhere(refutation) => proofs.push(refutation),
            }
        }
        Ok(Ok(proofs))
    }

    fn find(&self, rows: Vec<Row>) -> Result<Found, DeriveError> {
        let found = self.solved(rows.clone())?;
        let Found::Along(direction) = found else { return Ok(found) };
        let mut evenly = rows;
        for pair in self.growth.windows(2) {
            if let [first, second] = pair {
                evenly.push(Row::zero(&Form::unknown(*first) - &Form::unknown(*second)));
            }
        }
        Ok(Found::Along(self.solved(evenly)?.direction().unwrap_or(direction)))
    }

    fn solved(&self, rows: Vec<Row>) -> Result<Found, DeriveError> {
        let (excerpt, positions) = self.program.excerpt(rows);
        let rows = excerpt.clauses.iter().flat_map(|clause| &clause.rows);
        self.effort.spend(rows.map(|row| row.form.len() + 1).sum())?;
        let claim = solve::solve_within(&excerpt, &Preference::default(), &self.effort)?;
        let certified = exact::check(&excerpt, claim)?;
        Ok(match certified.claim() {
            Claim::Feasible { point, .. } => Found::Along(self.direction(point)),
            Claim::Infeasible(refutation) => Found::Nowhere(refutation.clone().moved(&positions)),
        })
    }

    /// The direction at a point, its fastest growth 1.
    fn direction(&self, point: &[Exponent]) -> Direction {
        let of = |unknown: &Unknown| point.get(unknown.0 as usize).cloned().unwrap_or_default();
        let growth: Direction = self.growth.iter().map(of).collect();
        let fastest = growth.iter().max().and_then(Exponent::reciprocal).unwrap_or(Exponent::ONE);
        growth.iter().map(|growth| growth * &fastest).collect()
    }
}

impl Found {
    fn direction(self) -> Option<Direction> {
        match self {
            Self::Along(direction) => Some(direction),
            Self::Nowhere(_) => None,
        }
    }
}

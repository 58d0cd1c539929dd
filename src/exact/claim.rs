//! [`Claim`]: what a solver says of a program, with the evidence that lets [`crate::certificate`] check it.

use crate::exact::{Exponent, Unknown};

/// The answer to a program. Nothing in it is to be believed before it is checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// There is a solution.
    Feasible {
        /// The value of every unknown, in order.
        point: Vec<Exponent>,
        /// For every clause, the alternative taken (a position in its choice), nothing where there is no choice.
        choices: Vec<Option<usize>>,
        /// The proof that no hyperparameter can have another value, but for smaller starts, if that is so.
        unique: Option<UniquenessProof>,
    },
    /// There is no solution.
    Infeasible(Refutation),
}

/// For every hyperparameter unknown (every kind but `Maximum`) and both sides, a refutation of the program with the
/// additional strict row `u < value` or `u > value`. Below an initial size it may be missing: then the parameter may start
/// smaller.
pub type UniquenessProof = Vec<(Unknown, Side, Refutation)>;

/// On which side of its value an unknown is assumed to lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// `u - value < 0`
    Below,
    /// `value - u < 0`
    Above,
}

/// A proof that a program has no solution: a tree over its disjunctions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refutation {
    /// A Farkas combination: the sum of multiplier times form over these rows is a constant above zero
    /// (or zero, if the strict row takes part), though every row says its form is at most zero.
    /// Multipliers are at least zero, except on rows with `= 0`, where they may have any sign.
    Farkas(Vec<(RowId, Exponent)>),
    /// One of the alternatives of a clause holds, and each is refuted, in order. Below branch `i` the row
    /// `Choice { clause, alternative: i }` may be used.
    Split {
        /// Position of the clause in the program.
        clause: usize,
        /// A refutation for each alternative.
        branches: Vec<Refutation>,
    },
}

/// A row of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RowId {
    /// A row of a clause.
    Row {
        /// Position of the clause.
        clause: usize,
        /// Position of the row in it.
        row: usize,
    },
    /// An alternative of a clause, below a split on that clause.
    Choice {
        /// Position of the clause.
        clause: usize,
        /// Position of the alternative in it.
        alternative: usize,
    },
    /// The strict row of a uniqueness proof.
    Assumed,
}

impl Refutation {
    /// The same proof for a program in which clause `i` stands at `positions[i]`.
    #[must_use]
    pub fn moved(self, positions: &[usize]) -> Self {
        let at = |clause: usize| positions.get(clause).copied().unwrap_or(clause);
        match self {
            Self::Farkas(combination) => Self::Farkas(
                combination
                    .into_iter()
                    .map(|(row, multiplier)| {
                        let row = match row {
                            RowId::Row { clause, row } => RowId::Row { clause: at(clause), row },
                            RowId::Choice { clause, alternative } => {
                                RowId::Choice { clause: at(clause), alternative }
                            }
                            RowId::Assumed => RowId::Assumed,
                        };
                        (row, multiplier)
                    })
                    .collect(),
            ),
            Self::Split { clause, branches } => Self::Split {
                clause: at(clause),
                branches: branches.into_iter().map(|branch| branch.moved(positions)).collect(),
            },
        }
    }
}

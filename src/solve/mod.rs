//! Solving programs exactly: a solution and whether it is the only one, or why there is none, always with evidence that
//! [`crate::certificate`] checks on its own.
//!
//! A program is a system of linear rows with disjunctions. The rows go to a general simplex method over exact
//! rationals (`tableau`, `simplex`), the disjunctions to a search over it (`search`). The rest are questions
//! asked of the search: is the solution unique (`unique`), which one is preferred ([`Preference`]), which
//! requirements contradict each other ([`conflict`]), and which of them to give up ([`relaxations`]).
//!
//! The simplex method follows Bland's rule, so every linear program ends. The search visits each combination of
//! alternatives at most once, but there may be exponentially many: a question that costs more than [`MOST_STEPS`]
//! is answered by [`SolveError::TooHard`].

mod bound;
mod choose;
mod conflict;
mod effort;
mod relax;
mod search;
mod simplex;
mod tableau;
mod unique;

pub use choose::{Preference, Stage};
pub use conflict::{Conflict, conflict};
pub use effort::{MOST_STEPS, SolveError};
pub use relax::{Relaxation, relaxations};

use crate::desiderata::{Claim, Program};
use crate::exponent::Exponent;
use effort::Effort;
use search::{Outcome, Search, holds_at};

/// A solution of the program, the preferred one, and the proof that there is no other if that is so; or the proof
/// that there is none.
///
/// # Errors
/// If the program is too hard, or a row has an unknown that is not declared.
pub fn solve(program: &Program, preference: &Preference) -> Result<Claim, SolveError> {
    solve_with(program, preference, &Effort::of(MOST_STEPS))
}

fn solve_with(program: &Program, preference: &Preference, effort: &Effort) -> Result<Claim, SolveError> {
    let mut search = Search::new(program, effort)?;
    let mut point = match search.run(None)? {
        Outcome::Refuted(refutation) => return Ok(Claim::Infeasible(refutation)),
        Outcome::Found(point) => point,
        Outcome::Unbounded => Vec::new(),
    };
    let unique = unique::prove_unique(&mut search, program, &point)?;
    if unique.is_none() {
        point = choose::choose(search, program, preference, point)?;
    }
    point.truncate(program.unknowns.len());
    Ok(Claim::Feasible { choices: choices(program, &point), point, unique })
}

/// Of every clause with a choice, the first alternative that holds at the point.
fn choices(program: &Program, point: &[Exponent]) -> Vec<Option<usize>> {
    let first = |choice: &[_]| choice.iter().position(|row| holds_at(row, point));
    program.clauses.iter().map(|clause| first(&clause.choice)).collect()
}

//! Solving programs exactly: a solution and whether it is the only one, or why there is none, always with evidence that
//! [`crate::certificate`] checks on its own.
//!
//! A program is a system of linear rows with disjunctions. The rows without the disjunctions are decided first
//! (`linear`): equalities take unknowns out (`eliminate`, `whole`), floating-point numbers guess a basis of the rest
//! (`guide`), and exact arithmetic verifies what it says (`lift`); a wrong guess costs time, never truth. What this
//! leaves open goes to a general simplex method over exact rationals (`tableau`, `simplex`), the disjunctions to a
//! walk over it (`search`, `walk`). Contradictions of few rows are guessed at in the same way (`conflict/light`, `conflict/irreducible`).
//! The rest are questions asked of the search: is the solution unique (`unique`),
//! which one is preferred ([`Preference`]), what else there is ([`fn@freedom`]), which requirements contradict each
//! other (`conflict`; `conflict/reduced` where the fewest are too hard to find), in which other ways they do ([`corrections`]), and
//! which of them to give up ([`relaxations`]).
//!
//! The simplex method follows Bland's rule, so every linear program ends. The search visits each combination of
//! alternatives at most once, but there may be exponentially many: a question that costs more than [`MOST_STEPS`]
//! is answered by [`SolveError::TooHard`].

mod alike;
mod bound;
mod choose;
mod conflict;
mod effort;
mod eliminate;
mod exchange;
mod freedom;
mod guide;
mod lift;
mod linear;
mod point;
mod relax;
mod search;
mod simplex;
mod starts;
mod tableau;
mod unique;
mod walk;
mod whole;

pub use choose::{Preference, Stage};
pub use conflict::{Contradiction, Enumeration, Extent, Limits, conflict, conflict_of, corrections};
pub use effort::{Effort, MOST_STEPS, SolveError};
pub use exchange::Exchange;
pub use freedom::{Freedom, freedom};
pub use relax::{Changes, Depth, Relaxed, changed, is_possible, relaxations};
pub use starts::starting_smaller;

use crate::exact::{Claim, Exponent, Program, UniquenessProof};
use point::{Outcome, holds_at};
use search::Search;
use unique::Others;

/// Whether the program has a solution: some solution, or the proof that there is none.
///
/// # Errors
/// If the program is too hard, or a row has an unknown that is not declared.
pub fn decide(program: &Program) -> Result<Claim, SolveError> {
    Ok(match Search::new(program, &Effort::on(program, MOST_STEPS))?.run(None)? {
        Outcome::Refuted(refutation) => Claim::Infeasible(refutation),
        Outcome::Found(point) => Claim::Feasible { choices: choices(program, &point), point, unique: None },
        Outcome::Unbounded => Claim::Feasible { point: Vec::new(), choices: Vec::new(), unique: None },
    })
}

/// A solution of the program, the preferred one, and the proof that there is no other if that is so; or the proof
/// that there is none.
///
/// # Errors
/// If the program is too hard, or a row has an unknown that is not declared.
pub fn solve(program: &Program, preference: &Preference) -> Result<Claim, SolveError> {
    solve_within(program, preference, &Effort::on(program, MOST_STEPS))
}

/// The same with what is left of an effort that is shared with other questions.
///
/// # Errors
/// As [`solve`].
pub fn solve_within(
    program: &Program,
    preference: &Preference,
    effort: &Effort,
) -> Result<Claim, SolveError> {
    let mut search = Search::new(program, effort)?;
    let mut point = match search.run(None)? {
        Outcome::Refuted(refutation) => return Ok(Claim::Infeasible(refutation)),
        Outcome::Found(point) => point,
        Outcome::Unbounded => Vec::new(),
    };
    let mut unique = unique::prove_unique(&mut search, program, &point, Others::All)?;
    if unique.is_none() {
        point = choose::choose(search, program, preference, point)?;
        if !preference.stages.is_empty() {
            unique = up_to_starts(program, &point);
        }
    }
    point.truncate(program.unknowns.len());
    Ok(Claim::Feasible { choices: choices(program, &point), point, unique })
}

/// What part of the effort of a question it may take to prove that others only start smaller, one in so many.
const STARTS: u64 = 20;

/// The proof that other solutions only start smaller, if that is so and not too hard to tell.
fn up_to_starts(program: &Program, point: &[Exponent]) -> Option<UniquenessProof> {
    let effort = Effort::on(program, MOST_STEPS / STARTS);
    let mut search = Search::new(program, &effort).ok()?;
    unique::prove_unique(&mut search, program, point, Others::ButSmallerStarts).ok().flatten()
}

/// Of every clause with a choice, the first alternative that holds at the point.
fn choices(program: &Program, point: &[Exponent]) -> Vec<Option<usize>> {
    let first = |choice: &[_]| choice.iter().position(|row| holds_at(row, point));
    program.clauses.iter().map(|clause| first(&clause.choice)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exact;
    use crate::exact::{Clause, Form, Origin, RequirementId, Row, Unknown, UnknownInfo, UnknownKind};

    /// Six unknowns, each -1 or 1, neighbours not equal, and a seventh at most their sum.
    fn alternating() -> Program {
        let origin = Origin::Requirement(RequirementId(0));
        let unknown = |index| Form::unknown(Unknown(index));
        let info = |index: u32| UnknownInfo { name: format!("u{index}"), kind: UnknownKind::Multiplier };
        let mut program = Program { unknowns: (0..7).map(info).collect(), clauses: Vec::new() };
        let mut sum = unknown(6);
        for index in 0..6 {
            let ends = [-1, 1].map(|end| Row::zero(unknown(index).plus(&Exponent::integer(end))));
            program.clauses.push(Clause { origin, rows: Vec::new(), choice: ends.into() });
            if index > 0 {
                let rows = vec![Row::zero(&unknown(index) + &unknown(index - 1))];
                program.clauses.push(Clause { origin, rows, choice: Vec::new() });
            }
            sum = &sum - &unknown(index);
        }
        program.clauses.push(Clause { origin, rows: vec![Row::at_most_zero(sum)], choice: Vec::new() });
        program
    }

    #[test]
    fn with_little_effort_a_claim_is_worse_or_missing_but_never_wrong() {
        let program = alternating();
        let every: Vec<Unknown> = (0..7).map(Unknown).collect();
        let stages = [
            Stage::Largest(Form::unknown(Unknown(6))),
            Stage::FewestNonZero(every.clone()),
            Stage::SmallestAbsolute(every),
        ];
        let (mut given_up, mut answered) = (0, 0);
        for steps in (0..20_000).step_by(37) {
            let preference = Preference { stages: stages.clone().into() };
            match solve_within(&program, &preference, &Effort::limited(steps)) {
                Err(error) => {
                    assert_eq!(error, SolveError::TooHard { steps });
                    given_up += 1;
                }
                Ok(claim) => {
                    assert!(exact::check(&program, claim).is_ok(), "{steps} steps");
                    answered += 1;
                }
            }
        }
        assert!(given_up > 5 && answered > 5, "{given_up} given up, {answered} answered");
    }
}

//! How much arithmetic a check takes, told before it is begun.

use std::collections::BTreeSet;

use super::flaw::Flaw;
use crate::exact::{Claim, Exponent, Program, Refutation, Row, RowId};

/// Most multiplications and additions of a check, each weighed with the square of the length of its numbers in words.
const MOST_WORK: usize = 300_000_000;

/// What the checks of a certificate take together.
#[derive(Debug, Default)]
pub(super) struct Arithmetic(usize);

impl Arithmetic {
    /// Adds a claim, and refuses evidence whose numbers are so long, in so many rows, that adding them up would take minutes.
    pub(super) fn add(&mut self, program: &Program, claim: &Claim) -> Result<(), Flaw> {
        self.0 = self.0.saturating_add(work_of_claim(program, claim));
        if self.0 > MOST_WORK {
            let message = "the numbers are too long, in too many rows, to be added up";
            return Err(Flaw::new("/evidence", message));
        }
        Ok(())
    }
}

fn work_of_claim(program: &Program, claim: &Claim) -> usize {
    let length = |row: &Row| row.form.len() + 1;
    let rows = |clause: usize| {
        program
            .clauses
            .get(clause)
            .map_or(1, |clause| clause.rows.iter().chain(&clause.choice).map(length).max().unwrap_or(1))
    };
    match claim {
        Claim::Infeasible(refutation) => work_of(refutation, &rows),
        Claim::Feasible { point, unique, .. } => {
            let denominator =
                |value: &Exponent| value.to_string().split_once('/').map(|(_, below)| below.to_owned());
            let denominators: BTreeSet<String> = point.iter().filter_map(denominator).collect();
            let digits: usize = denominators.iter().map(String::len).sum();
            let words = digits / 19 + point.iter().map(Exponent::words).max().unwrap_or(1);
            let all: usize = program
                .clauses
                .iter()
                .map(|clause| clause.rows.iter().chain(&clause.choice).map(length).sum::<usize>())
                .sum();
            let steps = unique.iter().flatten().map(|(.., refutation)| work_of(refutation, &rows));
            let solution = all.saturating_mul(words.saturating_mul(words));
            steps.fold(solution, usize::saturating_add)
        }
    }
}

fn work_of(refutation: &Refutation, rows: &impl Fn(usize) -> usize) -> usize {
    match refutation {
        Refutation::Farkas(combination) => {
            let words = combination.iter().map(|(_, times)| times.words()).max().unwrap_or(1);
            let lengths = combination.iter().map(|(row, _)| match row {
                RowId::Row { clause, .. } | RowId::Choice { clause, .. } => rows(*clause),
                RowId::Assumed => 2,
            });
            lengths.sum::<usize>().saturating_mul(words.saturating_mul(words))
        }
        Refutation::Split { branches, .. } => {
            branches.iter().map(|branch| work_of(branch, rows)).fold(1, usize::saturating_add)
        }
    }
}

//! Where several rows or alternatives say the same, the first is named, so that a claim is written in one way only.

use std::collections::BTreeMap;

use super::flaw::Flaw;
use crate::exact::{Claim, Exponent, Program, Refutation, Row, RowId, Unknown};

/// The first of the rows of clauses that say the same, for each that a program has. It serves for programs of which these are the
/// first clauses as well.
pub(super) struct FirstRows<'a>(BTreeMap<&'a Row, RowId>);

impl<'a> FirstRows<'a> {
    pub(super) fn of(program: &'a Program) -> Self {
        let mut first = BTreeMap::new();
        for (clause, content) in program.clauses.iter().enumerate() {
            for (row, content) in content.rows.iter().enumerate() {
                first.entry(content).or_insert(RowId::Row { clause, row });
            }
        }
        Self(first)
    }

    fn first(&self, program: &Program, id: RowId) -> RowId {
        let RowId::Row { clause, row } = id else { return id };
        let rows = program.clauses.get(clause).map_or(&[][..], |clause| &clause.rows);
        let Some(content) = rows.get(row) else { return id };
        let first = || rows.iter().position(|other| other == content).unwrap_or(row);
        self.0.get(content).copied().unwrap_or_else(|| RowId::Row { clause, row: first() })
    }

    /// The claim with the first rows in place of others.
    pub(super) fn named(&self, program: &Program, claim: Claim) -> Claim {
        match claim {
            Claim::Infeasible(refutation) => Claim::Infeasible(self.renamed(program, refutation)),
            Claim::Feasible { point, choices, unique } => {
                let renamed = |(unknown, side, refutation): (Unknown, _, Refutation)| {
                    (unknown, side, self.renamed(program, refutation))
                };
                let unique = unique.map(|proof| proof.into_iter().map(renamed).collect());
                Claim::Feasible { point, choices, unique }
            }
        }
    }

    pub(super) fn renamed(&self, program: &Program, refutation: Refutation) -> Refutation {
        match refutation {
            Refutation::Farkas(combination) => {
                let renamed = |(row, times): (RowId, Exponent)| (self.first(program, row), times);
                Refutation::Farkas(combination.into_iter().map(renamed).collect())
            }
            Refutation::Split { clause, branches } => {
                let branches = branches.into_iter().map(|branch| self.renamed(program, branch)).collect();
                Refutation::Split { clause, branches }
            }
        }
    }

    pub(super) fn refuse(&self, program: &Program, refutation: &Refutation, place: &str) -> Result<(), Flaw> {
        let mut open = vec![refutation];
        let mut node = 0;
        while let Some(refutation) = open.pop() {
            match refutation {
                Refutation::Farkas(combination) => {
                    let later = |(row, _): &(RowId, Exponent)| self.first(program, *row) != *row;
                    if let Some(summand) = combination.iter().position(later) {
                        let message = "an earlier row says the same, and the first is to be named";
                        return Err(Flaw::new(format!("{place}/{node}/sum/{summand}"), message));
                    }
                }
                Refutation::Split { branches, .. } => open.extend(branches.iter().rev()),
            }
            node += 1;
        }
        Ok(())
    }
}

/// Refuses a claim that names anything but the first of those that say the same.
pub(super) fn refuse_later(program: &Program, claim: &Claim) -> Result<(), Flaw> {
    let first = FirstRows::of(program);
    let (point, choices, unique) = match claim {
        Claim::Infeasible(refutation) => return first.refuse(program, refutation, "/evidence/refutation"),
        Claim::Feasible { point, choices, unique } => (point, choices, unique),
    };
    for (step, (.., refutation)) in unique.iter().flatten().enumerate() {
        first.refuse(program, refutation, &format!("/evidence/uniqueness/{step}/refutation"))?;
    }
    for (position, (clause, taken)) in program.clauses.iter().zip(choices).enumerate() {
        if clause.choice.iter().position(|row| row.holds_at(point)) != *taken {
            let message = "an earlier alternative holds too, and the first is to be named";
            return Err(Flaw::new(format!("/evidence/choices/{position}"), message));
        }
    }
    Ok(())
}

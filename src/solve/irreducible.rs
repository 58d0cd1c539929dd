//! [`irreducible`]: a contradiction from which nothing can be left out, found inside a refutation that is known.

use std::collections::{BTreeMap, BTreeSet};

use super::conflict::{Conflict, refute};
use super::effort::{Effort, MOST_STEPS, SolveError};
use crate::desiderata::{Clause, Origin, Program, Refutation, RequirementId, Row, RowId};
use crate::exponent::{Form, Unknown};

/// A conflict among the requirements that a refutation of the program uses. It takes time in the size of the refutation,
/// not of the program.
///
/// # Errors
/// If the refutation is too hard to shrink, or a row has an unknown that is not declared.
pub fn irreducible(program: &Program, refutation: &Refutation) -> Result<Conflict, SolveError> {
    let effort = Effort::of(MOST_STEPS);
    let mut kept = requirements(program, refutation);
    let (excerpt, positions) = program.excerpt(|id| kept.contains(&id));
    let excerpt = renumbered(&excerpt);
    let mut proof = None;
    for candidate in kept.clone().into_iter().rev() {
        if !kept.contains(&candidate) {
            continue;
        }
        let (fewer, places) = excerpt.excerpt(|id| id != candidate && kept.contains(&id));
        if let Some(refutation) = refute(&fewer, &effort)? {
            kept = requirements(&fewer, &refutation);
            proof = Some(refutation.moved(&places).moved(&positions));
        }
    }
    let mut next = 0..;
    let restricted: Vec<usize> = program
        .clauses
        .iter()
        .map(|clause| {
            let is_kept = clause.requirement().is_none_or(|id| kept.contains(&id));
            if is_kept { next.next() } else { None }.unwrap_or(usize::MAX)
        })
        .collect();
    let refutation = proof.unwrap_or_else(|| refutation.clone()).moved(&restricted);
    Ok(Conflict { requirements: kept.into_iter().collect(), refutation })
}

/// The program with only the unknowns it speaks of. Its refutations are the same: they name rows.
fn renumbered(program: &Program) -> Program {
    let rows = program.clauses.iter().flat_map(|clause| clause.rows.iter().chain(&clause.choice));
    let spoken: BTreeSet<Unknown> =
        rows.flat_map(|row| row.form.coefficients().map(|(unknown, _)| unknown)).collect();
    let numbers: BTreeMap<Unknown, Unknown> = spoken.iter().copied().zip((0..).map(Unknown)).collect();
    let moved = |row: &Row| {
        let mut form = Form::constant(row.form.constant_part().clone());
        for (unknown, coefficient) in row.form.coefficients() {
            form.add_scaled(coefficient, &Form::unknown(numbers.get(&unknown).copied().unwrap_or(unknown)));
        }
        Row { form, relation: row.relation }
    };
    let origin = |clause: &Clause| match clause.origin {
        Origin::Definition(unknown) => Origin::Definition(numbers.get(&unknown).copied().unwrap_or(unknown)),
        requirement @ Origin::Requirement(_) => requirement,
    };
    Program {
        unknowns: spoken
            .iter()
            .filter_map(|unknown| program.unknowns.get(unknown.0 as usize).cloned())
            .collect(),
        clauses: program
            .clauses
            .iter()
            .map(|clause| Clause {
                origin: origin(clause),
                rows: clause.rows.iter().map(moved).collect(),
                choice: clause.choice.iter().map(moved).collect(),
            })
            .collect(),
    }
}

/// The requirements that a refutation of the program uses.
fn requirements(program: &Program, refutation: &Refutation) -> BTreeSet<RequirementId> {
    let mut open = vec![refutation];
    let mut clauses = Vec::new();
    while let Some(refutation) = open.pop() {
        match refutation {
            Refutation::Farkas(sum) => clauses.extend(sum.iter().filter_map(|(row, _)| match row {
                RowId::Row { clause, .. } | RowId::Choice { clause, .. } => Some(*clause),
                RowId::Assumed => None,
            })),
            Refutation::Split { clause, branches } => {
                clauses.push(*clause);
                open.extend(branches);
            }
        }
    }
    clauses.into_iter().filter_map(|clause| program.clauses.get(clause)?.requirement()).collect()
}

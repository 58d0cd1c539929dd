//! Whether a solution is the only one.

use super::effort::SolveError;
use super::point::{Goal, Outcome};
use super::search::Search;
use crate::exact::{Exponent, Form, Program, Side, UniquenessProof, Unknown, UnknownKind};

/// The hyperparameter unknowns of a program, in order: every kind but `Maximum`.
pub(super) fn hyperparameters(program: &Program) -> impl Iterator<Item = Unknown> {
    let numbered = (0..).zip(&program.unknowns);
    numbered.filter(|(_, info)| info.kind != UnknownKind::Maximum).map(|(index, _)| Unknown(index))
}

/// Which other values count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Others {
    /// All.
    All,
    /// All but smaller initial sizes.
    ButSmallerStarts,
}

/// The proof that no hyperparameter can have another value than at `point`, if that is so. Nothing may have been
/// assumed on top of the program.
///
/// # Errors
/// If no effort is left.
pub(super) fn prove_unique(
    search: &mut Search<'_>,
    program: &Program,
    point: &[Exponent],
    others: Others,
) -> Result<Option<UniquenessProof>, SolveError> {
    let mut proof = UniquenessProof::new();
    for (unknown, value) in hyperparameters(program).filter_map(|u| Some((u, point.get(u.0 as usize)?))) {
        let is_start =
            program.unknowns.get(unknown.0 as usize).is_some_and(|info| info.kind == UnknownKind::Init);
        for side in [Side::Below, Side::Above] {
            let goal = match side {
                Side::Below => Goal { form: -&Form::unknown(unknown), beyond: -value },
                Side::Above => Goal { form: Form::unknown(unknown), beyond: value.clone() },
            };
            match search.run(Some(goal))? {
                Outcome::Refuted(refutation) => proof.push((unknown, side, refutation)),
                Outcome::Found(_) | Outcome::Unbounded
                    if is_start && side == Side::Below && others == Others::ButSmallerStarts => {}
                Outcome::Found(_) | Outcome::Unbounded => return Ok(None),
            }
        }
    }
    Ok(Some(proof))
}

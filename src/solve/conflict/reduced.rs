//! [`reduced`]: a conflict made smaller where a minimal one is too hard to find.

use super::among::{Contradiction, positions_among, refute_among, requirements};
use super::weight::heaviest_first;
use crate::exact::{Program, Refutation, RequirementId};
use crate::solve::effort::{Effort, SolveError};

/// What part of the effort of a question this may take, one in so many.
pub(super) const REDUCED_PART: u64 = 10;

/// The requirements that a refutation speaks of, without those that could be spared at little cost.
pub(super) fn reduced(
    program: &Program,
    mut refutation: Refutation,
    effort: &Effort,
) -> Result<Contradiction, SolveError> {
    let mut kept = requirements(program, &refutation);
    let candidates: Vec<RequirementId> = kept.iter().copied().collect();
    let mut is_minimal = true;
    for candidate in heaviest_first(program, &candidates) {
        if !kept.contains(&candidate) {
            continue;
        }
        let fewer = kept.iter().copied().filter(|id| *id != candidate).collect();
        match effort.portion(CANDIDATE_PART, || refute_among(program, &fewer, effort))? {
            Some(Some(found)) => {
                kept = requirements(program, &found);
                refutation = found;
            }
            Some(None) => {}
            None => is_minimal = false,
        }
    }
    let refutation = refutation.moved(&positions_among(program, &kept));
    Ok(Contradiction { requirements: kept.into_iter().collect(), refutation, is_minimal })
}

/// What part of what is left it may take to tell of one requirement whether it can be spared.
const CANDIDATE_PART: u64 = 8;

#[cfg(test)]
mod tests {
    use super::super::among::refute;
    use super::*;
    use crate::exact;
    use crate::exact::{Claim, Clause, Exponent, Form, Origin, Row, Unknown, UnknownInfo, UnknownKind};
    use crate::solve::effort::MOST_STEPS;

    /// An unknown that is 0 or 1, at least 1/2, and at most 3/4; and another that is 0.
    fn undecided() -> Program {
        let unknown = |index, sign: i64, constant: Exponent| {
            Form::unknown(Unknown(index)).scaled(&Exponent::integer(sign)).plus(&constant)
        };
        let ends = [0, -1].map(|end| Row::zero(unknown(0, 1, Exponent::integer(end))));
        let clauses = [
            (Vec::new(), ends.into()),
            (vec![Row::at_most_zero(unknown(0, -1, Exponent::HALF))], Vec::new()),
            (vec![Row::at_most_zero(unknown(0, 1, Exponent::ratio(-3, 4)))], Vec::new()),
            (vec![Row::zero(unknown(1, 1, Exponent::ZERO))], Vec::new()),
        ];
        let clauses = clauses.into_iter().enumerate().map(|(id, (rows, choice))| Clause {
            origin: Origin::Requirement(RequirementId(id)),
            rows,
            choice,
        });
        let info = |name: &str| UnknownInfo { name: name.into(), kind: UnknownKind::Init };
        Program { unknowns: ["u", "v"].map(info).into(), clauses: clauses.collect() }
    }

    #[test]
    fn a_conflict_that_is_only_reduced_is_proven_too() {
        let program = undecided();
        let refutation = refute(&program, &Effort::limited(MOST_STEPS)).unwrap().unwrap();
        assert!(matches!(refutation, Refutation::Split { .. }));
        for (effort, is_minimal) in [(MOST_STEPS, true), (0, false)] {
            let found = reduced(&program, refutation.clone(), &Effort::limited(effort)).unwrap();
            assert_eq!(
                (found.requirements.as_slice(), found.is_minimal),
                (&[0, 1, 2].map(RequirementId)[..], is_minimal)
            );
            let restricted = program.restricted(|id| found.requirements.contains(&id));
            assert!(exact::check(&restricted, Claim::Infeasible(found.refutation)).is_ok());
        }
    }
}

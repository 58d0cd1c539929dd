//! A certified answer with its evidence, for machines: the program in words, and the claim as it was checked.

use crate::exact::{
    Certified, Claim, Clause, Exponent, Origin, Program, Refutation, Relation, Row, RowId, Side,
    UniquenessProof,
};
use crate::graph::Graph;
use crate::propagate::Demands;
use crate::report::json::{
    ClaimObject, ClauseObject, ClauseOrigin, EvidenceObject, RefutationObject, RefutedObject, RowReference,
    SideName, SolutionObject, SummandObject, UniquenessObject,
};

/// The unknowns and clauses of the program, and the claim about it. Clauses, rows and alternatives are referred to
/// by their position.
#[must_use]
pub fn json(certified: &Certified, program: &Program, demands: &Demands, graph: &Graph) -> EvidenceObject {
    let name =
        |index: usize| program.unknowns.get(index).map_or_else(String::new, |unknown| unknown.name.clone());
    let row = |row: &Row| {
        let sign = match row.relation {
            Relation::Zero => "=",
            Relation::AtMostZero => "<=",
        };
        format!("{} {sign} 0", row.form.write(|unknown| name(unknown.0 as usize)))
    };
    let clause = |clause: &Clause| {
        let origin = match clause.origin {
            Origin::Definition(unknown) => ClauseOrigin::Defines(name(unknown.0 as usize)),
            Origin::Requirement(id) => {
                let requirement = &demands.requirements[id.0];
                let on = requirement.on.name(graph);
                ClauseOrigin::States(format!("{} on {on}: {}", requirement.label, requirement.requires))
            }
        };
        let [rows, choice] = [&clause.rows, &clause.choice].map(|rows| rows.iter().map(row).collect());
        ClauseObject { origin, rows, choice }
    };
    EvidenceObject {
        clauses: program.clauses.iter().map(clause).collect(),
        claim: match certified.claim() {
            Claim::Feasible { point, choices, unique } => {
                let values = point.iter().enumerate();
                ClaimObject::Solved(SolutionObject {
                    point: values.map(|(index, value)| (name(index), value.clone())).collect(),
                    choices: choices.clone(),
                    uniqueness: unique.as_ref().map(|proof| uniqueness(proof, &name)),
                })
            }
            Claim::Infeasible(refutation) => {
                ClaimObject::Refuted(RefutedObject { refutation: tree(refutation) })
            }
        },
    }
}

fn uniqueness(proof: &UniquenessProof, name: &impl Fn(usize) -> String) -> Vec<UniquenessObject> {
    let step = |(unknown, side, refutation): &(crate::exact::Unknown, Side, Refutation)| UniquenessObject {
        unknown: name(unknown.0 as usize),
        assumed: match side {
            Side::Below => SideName::Below,
            Side::Above => SideName::Above,
        },
        refutation: tree(refutation),
    };
    proof.iter().map(step).collect()
}

fn tree(refutation: &Refutation) -> RefutationObject {
    match refutation {
        Refutation::Farkas(rows) => RefutationObject::Combination { sum: rows.iter().map(summand).collect() },
        Refutation::Split { clause, branches } => {
            RefutationObject::Cases { split: *clause, branches: branches.iter().map(tree).collect() }
        }
    }
}

fn summand((row, multiplier): &(RowId, Exponent)) -> SummandObject {
    let row = match *row {
        RowId::Row { clause, row } => RowReference::Row { clause, row },
        RowId::Choice { clause, alternative } => RowReference::Alternative { clause, alternative },
        RowId::Assumed => RowReference::Assumed { assumed: true },
    };
    SummandObject { multiplier: multiplier.clone(), row }
}

//! A certified answer with its evidence, for machines: the program in words, and the claim as it was checked.

use serde_json::{Map, Value, json};

use crate::exact::{
    Certified, Claim, Clause, Exponent, Origin, Program, Refutation, Relation, Row, RowId, Side,
    UniquenessProof,
};
use crate::graph::Graph;
use crate::propagate::Demands;
use crate::report::format::json::{exponent, object};

/// The unknowns and clauses of the program, and the claim about it. Clauses, rows and alternatives are referred to
/// by their position.
#[must_use]
pub fn json(
    certified: &Certified,
    program: &Program,
    demands: &Demands,
    graph: &Graph,
) -> Map<String, Value> {
    let name = |index: usize| program.unknowns.get(index).map_or("", |unknown| unknown.name.as_str());
    let row = |row: &Row| {
        let sign = match row.relation {
            Relation::Zero => "=",
            Relation::AtMostZero => "<=",
        };
        json!(format!("{} {sign} 0", row.form.write(|unknown| name(unknown.0 as usize).to_owned())))
    };
    let clause = |clause: &Clause| {
        let origin = match clause.origin {
            Origin::Definition(unknown) => ("defines", json!(name(unknown.0 as usize))),
            Origin::Requirement(id) => {
                let requirement = &demands.requirements[id.0];
                let on = requirement.on.name(graph);
                ("states", json!(format!("{} on {on}: {}", requirement.label, requirement.requires)))
            }
        };
        let rows: Vec<Value> = clause.rows.iter().map(row).collect();
        let choice: Vec<Value> = clause.choice.iter().map(row).collect();
        Value::Object(object([origin, ("rows", json!(rows)), ("choice", json!(choice))]))
    };
    let mut answer = object([("clauses", Value::Array(program.clauses.iter().map(clause).collect()))]);
    match certified.claim() {
        Claim::Feasible { point, choices, unique } => {
            let values = point.iter().enumerate().map(|(index, value)| (name(index), exponent(value)));
            answer.insert("point".into(), Value::Object(object(values)));
            answer.insert("choices".into(), json!(choices));
            let proof = unique.as_ref().map(|proof| uniqueness(proof, &name));
            answer.insert("uniqueness".into(), json!(proof));
        }
        Claim::Infeasible(refutation) => {
            answer.insert("refutation".into(), tree(refutation));
        }
    }
    answer
}

fn uniqueness<'a>(proof: &UniquenessProof, name: &impl Fn(usize) -> &'a str) -> Vec<Value> {
    let side = |side: &Side| match side {
        Side::Below => "below",
        Side::Above => "above",
    };
    let step = |(unknown, at, refutation): &(crate::exact::Unknown, Side, Refutation)| {
        json!({
            "unknown": name(unknown.0 as usize),
            "assumed": side(at),
            "refutation": tree(refutation),
        })
    };
    proof.iter().map(step).collect()
}

/// A combination is `{"sum": [...]}`, a split `{"split": clause, "branches": [...]}`.
fn tree(refutation: &Refutation) -> Value {
    match refutation {
        Refutation::Farkas(rows) => json!({"sum": rows.iter().map(summand).collect::<Vec<_>>()}),
        Refutation::Split { clause, branches } => {
            json!({"split": clause, "branches": branches.iter().map(tree).collect::<Vec<_>>()})
        }
    }
}

fn summand((row, multiplier): &(RowId, Exponent)) -> Value {
    let multiplier = exponent(multiplier);
    match row {
        RowId::Row { clause, row } => json!({"multiplier": multiplier, "clause": clause, "row": row}),
        RowId::Choice { clause, alternative } => {
            json!({"multiplier": multiplier, "clause": clause, "alternative": alternative})
        }
        RowId::Assumed => json!({"multiplier": multiplier, "assumed": true}),
    }
}

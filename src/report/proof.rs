//! A refutation in words: which rows add up to a contradiction, case by case.

use crate::desiderata::{Demands, Origin, Program, Refutation, Relation, Row, RowId};
use crate::exponent::{Exponent, Form, Unknown};
use crate::graph::Graph;

/// Most lines of a proof that are told; the rest is in the JSON answer.
const MOST_LINES: usize = 60;

/// What a proof speaks of.
#[derive(Clone, Copy, Debug)]
pub struct Proof<'a> {
    /// The program that is refuted.
    pub program: &'a Program,
    /// Its requirements.
    pub demands: &'a Demands,
    /// The network.
    pub graph: &'a Graph,
}

impl Proof<'_> {
    /// The proof, a line for each case.
    #[must_use]
    pub fn lines(&self, refutation: &Refutation) -> Vec<String> {
        let mut lines = Vec::new();
        let mut open = vec![(0, None, refutation)];
        while let Some((depth, case, refutation)) = open.pop() {
            let indent = "  ".repeat(depth);
            if lines.len() == MOST_LINES {
                lines.push("... `--format json` has all of it".into());
                break;
            }
            let case: String = case.map(|case| format!("if {case}: ")).unwrap_or_default();
            match refutation {
                Refutation::Farkas(rows) => lines.push(format!("{indent}{case}{}", self.sum(rows))),
                Refutation::Split { clause, branches } => {
                    let about = self.program.clauses.get(*clause).map(|clause| self.about(clause.origin));
                    lines.push(format!(
                        "{indent}{case}one summand of {} is attained",
                        about.unwrap_or_default()
                    ));
                    let cases = branches.iter().enumerate().map(|(alternative, branch)| {
                        let row = RowId::Choice { clause: *clause, alternative };
                        (depth + 1, Some(self.row_in_words(row)), branch)
                    });
                    open.extend(cases.rev());
                }
            }
        }
        lines
    }

    /// `adding up 2 [F on q] - [U on W_Q] gives 1/2 <= 0`.
    fn sum(&self, rows: &[(RowId, Exponent)]) -> String {
        let mut total = Form::zero();
        let mut equal = true;
        let mut combination = Form::zero();
        for ((id, multiplier), number) in rows.iter().zip(0..) {
            let Some(row) = self.row(*id) else { continue };
            total.add_scaled(multiplier, &row.form);
            equal &= row.relation == Relation::Zero;
            combination.add_scaled(multiplier, &Form::unknown(Unknown(number)));
        }
        let name = |number: Unknown| {
            let row = rows.get(number.0 as usize);
            row.map(|(id, _)| format!("[{}]", self.row_in_words(*id))).unwrap_or_default()
        };
        let sign = if equal { "=" } else { "<=" };
        format!("{} gives {} {sign} 0", combination.write(name), self.write(&total))
    }

    fn row(&self, id: RowId) -> Option<&Row> {
        match id {
            RowId::Row { clause, row } => self.program.clauses.get(clause)?.rows.get(row),
            RowId::Choice { clause, alternative } => {
                self.program.clauses.get(clause)?.choice.get(alternative)
            }
            RowId::Assumed => None,
        }
    }

    /// `F on q`, `S on a: lr(W_Q) + 1 <= 0`, `init(W_E) <= forward(x1)`.
    fn row_in_words(&self, id: RowId) -> String {
        let clause = match id {
            RowId::Row { clause, .. } | RowId::Choice { clause, .. } => self.program.clauses.get(clause),
            RowId::Assumed => None,
        };
        let (Some(clause), Some(row)) = (clause, self.row(id)) else { return "assumed".into() };
        let sign = match row.relation {
            Relation::Zero => "=",
            Relation::AtMostZero => "<=",
        };
        match clause.origin {
            Origin::Definition(unknown) => {
                let summand = &row.form + &Form::unknown(unknown);
                format!("{} {sign} {}", self.write(&summand), self.name(unknown))
            }
            Origin::Requirement(_) if clause.rows.len() == 1 && clause.choice.is_empty() => {
                self.about(clause.origin)
            }
            Origin::Requirement(_) => {
                format!("{}: {} {sign} 0", self.about(clause.origin), self.write(&row.form))
            }
        }
    }

    fn about(&self, origin: Origin) -> String {
        match origin {
            Origin::Definition(unknown) => self.name(unknown),
            Origin::Requirement(id) => {
                let requirement = &self.demands.requirements[id.0];
                format!("{} on {}", requirement.label, requirement.on.name(self.graph))
            }
        }
    }

    fn name(&self, unknown: Unknown) -> String {
        let info = self.program.unknowns.get(unknown.0 as usize);
        info.map(|info| info.name.clone()).unwrap_or_default()
    }

    fn write(&self, form: &Form) -> String {
        form.write(|unknown| self.name(unknown))
    }
}

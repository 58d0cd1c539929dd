//! A refutation so that it can be added up by hand: each row with its factor, and what is left of the sum.

use crate::exact::{
    Clause, Exponent, Form, Origin, Program, Refutation, Relation, Row, RowId, Unknown, power,
};
use crate::explain::words::Expansion;
use crate::propagate::{Because, Demands, Propagation};

/// Most lines of a proof that are told; the rest is in the JSON answer.
const MOST_LINES: usize = 120;

/// What a proof speaks of.
#[derive(Clone, Copy, Debug)]
pub struct WrittenProof<'a> {
    /// The program that is refuted.
    pub program: &'a Program,
    /// Its requirements.
    pub demands: &'a Demands,
    /// Where their exponents come from.
    pub propagation: &'a Propagation,
    /// The scale variable.
    pub variable: &'a str,
}

/// A line of a proof, and how deep it stands among its cases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofLine {
    /// How deep.
    pub depth: usize,
    /// What it says.
    pub says: ProofWords,
}

/// What a line of a proof says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProofWords {
    /// A case begins.
    Case(String),
    /// One of several alternatives holds.
    OneOf(String),
    /// A row of a sum.
    Summand {
        /// With its sign, how many times it is taken: `+ 2 times`.
        factor: String,
        /// Which row.
        about: String,
        /// What it says.
        says: String,
    },
    /// What is left of the sum, and why that is false.
    Sum(String),
    /// The rest is too long.
    More,
}

impl WrittenProof<'_> {
    /// The proof: a sum, or a sum for each case.
    #[must_use]
    pub fn lines(&self, refutation: &Refutation) -> Vec<ProofLine> {
        let mut lines = Vec::new();
        let mut open = vec![(0, None, refutation)];
        while let Some((depth, case, refutation)) = open.pop() {
            if lines.len() >= MOST_LINES {
                lines.push(ProofLine { depth: 0, says: ProofWords::More });
                break;
            }
            lines.extend(case.map(|case| ProofLine { depth, says: ProofWords::Case(case) }));
            let within = if depth == 0 { 0 } else { depth + 1 };
            match refutation {
                Refutation::Farkas(rows) => {
                    let sum = self.sum(rows).into_iter();
                    lines.extend(sum.map(|says| ProofLine { depth: within, says }));
                }
                Refutation::Split { clause, branches } => {
                    let about = self.program.clauses.get(*clause).map(|clause| self.one_of(clause.origin));
                    let says = ProofWords::OneOf(about.unwrap_or_default());
                    lines.push(ProofLine { depth: within, says });
                    let cases = branches.iter().enumerate().map(|(alternative, branch)| {
                        let row = RowId::Choice { clause: *clause, alternative };
                        (depth + 1, Some(self.says(row)), branch)
                    });
                    open.extend(cases.rev());
                }
            }
        }
        lines
    }

    /// A line for each row, and the sum.
    fn sum(&self, rows: &[(RowId, Exponent)]) -> Vec<ProofWords> {
        let mut total = Expansion::none();
        let mut equal = true;
        let mut lines = Vec::new();
        // Any multiple of the sum proves the same: the smallest factor is made one.
        let least = rows.iter().map(|(_, factor)| factor.abs()).filter(|size| !size.is_zero()).min();
        let unit = least.and_then(|least| least.reciprocal()).unwrap_or(Exponent::ONE);
        for (id, factor) in rows {
            let Some(row) = self.row(*id) else { continue };
            let factor = &(factor * &unit);
            total.add_scaled(factor, &self.expanded(*id, row));
            equal &= row.relation == Relation::Zero;
            let sign = if factor.is_negative() { "-" } else { "+" };
            let size = factor.abs();
            let size = if size == Exponent::ONE { String::new() } else { format!(" {size} times") };
            lines.push(ProofWords::Summand {
                factor: format!("{sign}{size}"),
                about: self.about(*id),
                says: self.says(*id),
            });
        }
        let relation = if equal { Relation::Zero } else { Relation::AtMostZero };
        let value = total.form(self.propagation);
        let left = total.write(self.propagation);
        let constant = value.as_constant().is_some_and(|value| left == value.to_string());
        let why = if constant { "which is false".into() } else { format!("but {}", self.sizes(&left)) };
        lines.push(ProofWords::Sum(format!("{left} {} 0, {why}", sign(relation))));
        lines
    }

    /// How the sizes that are left grow: `|d_v| = 1: d_v grows like n`.
    fn sizes(&self, left: &str) -> String {
        let graph = &self.propagation.graph;
        let grown = graph.dimension_ids().filter_map(|id| {
            let name = &graph.dimension(id).name;
            let exponent = self.propagation.growth.dimension(id).constant_part().clone();
            let grows = || {
                (
                    format!("|{name}| = {exponent}"),
                    format!("{name} grows like {}", power(self.variable, &exponent)),
                )
            };
            (!exponent.is_zero() && left.contains(&format!("|{name}|"))).then(grows)
        });
        let (sizes, grows): (Vec<String>, Vec<String>) = grown.unzip();
        format!("{}: {}", sizes.join(", "), grows.join(", "))
    }

    fn clause(&self, id: RowId) -> Option<&Clause> {
        match id {
            RowId::Row { clause, .. } | RowId::Choice { clause, .. } => self.program.clauses.get(clause),
            RowId::Assumed => None,
        }
    }

    fn row(&self, id: RowId) -> Option<&Row> {
        let clause = self.clause(id)?;
        match id {
            RowId::Row { row, .. } => clause.rows.get(row),
            RowId::Choice { alternative, .. } => clause.choice.get(alternative),
            RowId::Assumed => None,
        }
    }

    /// The form of a row with its sizes as symbols. Rows and alternatives of a clause are in the order of the terms they
    /// come from.
    fn expanded(&self, id: RowId, row: &Row) -> Expansion {
        let (RowId::Row { row: position, .. } | RowId::Choice { alternative: position, .. }) = id else {
            return Expansion::as_it_is(&row.form);
        };
        let (term, rest) = match self.clause(id).map(|clause| clause.origin) {
            Some(Origin::Definition(unknown)) => {
                let definition = self.propagation.ledger.definition(unknown);
                let term = definition.and_then(|held| held.terms.iter().nth(position));
                (term.map(|(form, id)| (form.clone(), Because::Derived(*id))), Form::unknown(unknown))
            }
            Some(Origin::Requirement(id)) => {
                let requirement = &self.demands.requirements[id.0];
                (requirement.terms.get(position).cloned(), requirement.right.clone())
            }
            None => (None, Form::zero()),
        };
        // What the expansion is worth must be what the row says.
        let stated = term.filter(|(form, _)| form - &rest == row.form);
        let Some((form, because)) = stated else { return Expansion::as_it_is(&row.form) };
        let mut expanded = Expansion::of(self.propagation, &form, because);
        expanded.add_scaled(&Exponent::integer(-1), &Expansion::as_it_is(&rest));
        expanded
    }

    /// What a row is about: `F on q`, `forward(x1)`.
    fn about(&self, id: RowId) -> String {
        self.clause(id).map_or_else(|| "assumed".into(), |clause| self.largest(clause.origin))
    }

    /// What a choice says: one of several things.
    fn one_of(&self, origin: Origin) -> String {
        match origin {
            Origin::Definition(unknown) => format!("{} is one of its terms", self.name(unknown)),
            Origin::Requirement(_) => {
                format!("{} holds only if one of the terms attains it", self.largest(origin))
            }
        }
    }

    fn largest(&self, origin: Origin) -> String {
        match origin {
            Origin::Definition(unknown) => format!("max {}", self.name(unknown)),
            Origin::Requirement(id) => {
                let requirement = &self.demands.requirements[id.0];
                format!("{} on {}", requirement.label, requirement.on.name(&self.propagation.graph))
            }
        }
    }

    /// `init(W_Q) + 1/2 |d_model| = 0`, `init(W_E) - forward(x1) <= 0`.
    fn says(&self, id: RowId) -> String {
        let Some(row) = self.row(id) else { return "assumed".into() };
        format!("{} {} 0", self.expanded(id, row).write(self.propagation), sign(row.relation))
    }

    fn name(&self, unknown: Unknown) -> String {
        let info = self.program.unknowns.get(unknown.0 as usize);
        info.map(|info| info.name.clone()).unwrap_or_default()
    }
}

fn sign(relation: Relation) -> &'static str {
    match relation {
        Relation::Zero => "=",
        Relation::AtMostZero => "<=",
    }
}

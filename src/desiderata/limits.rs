//! [`LimitProgram`]: in what ways scale variables can grow together, and how a requirement could fail there, at given
//! hyperparameters.

use super::program::{Clause, Origin, Program, Relation, RequirementId, Row, UnknownKind};
use super::require::Demands;
use crate::architecture::Hyperparameters;
use crate::exponent::{Exponent, Form, Unknown};
use crate::propagate::Propagation;

/// The growth of every scale variable, which is not negative, and the maxima that depend on it. With the hyperparameters
/// fixed, every exponent is a form in these; none has a constant, so the growth may be stretched at will, and a form that is
/// above zero somewhere is one somewhere.
#[derive(Clone, Debug)]
pub struct LimitProgram {
    /// That no growth is negative, and what each maximum is.
    pub program: Program,
    hyperparameters: Vec<Option<Form>>,
}

/// The requirement that stands for what always holds.
const ALWAYS: RequirementId = RequirementId(0);

/// The requirement that stands for a failure looked for.
const FAILURE: RequirementId = RequirementId(1);

impl LimitProgram {
    /// Of an open propagation, at the exponents of the hyperparameters in each scale variable.
    #[must_use]
    pub fn new(propagation: &Propagation<'_>, hyperparameters: &[Hyperparameters]) -> Self {
        let hyperparameters = propagation.opened(hyperparameters);
        let mut limits = Self { program: Program::default(), hyperparameters };
        limits.program.unknowns.clone_from(&propagation.ledger.unknowns);
        for unknown in &mut limits.program.unknowns {
            // What is fixed is no unknown any more.
            if unknown.kind != UnknownKind::Growth {
                unknown.kind = UnknownKind::Maximum;
            }
        }
        for definition in &propagation.ledger.definitions {
            let value = Form::unknown(definition.unknown);
            let forms = definition.terms.iter().map(|(form, _)| &limits.fixed(form) - &value);
            let forms: Vec<Form> = forms.collect();
            let choice = forms.iter().cloned().map(Row::zero).collect();
            let rows = forms.into_iter().map(Row::at_most_zero).collect();
            let origin = Origin::Definition(definition.unknown);
            limits.program.clauses.push(Clause { origin, rows, choice });
        }
        let negative = |unknown: &Unknown| Row::at_most_zero(-&Form::unknown(*unknown));
        let rows = propagation.sizes.variables().iter().map(negative).collect();
        limits.program.clauses.push(Clause { origin: Origin::Requirement(ALWAYS), rows, choice: Vec::new() });
        limits
    }

    /// A form with every hyperparameter replaced by what it is.
    fn fixed(&self, form: &Form) -> Form {
        let mut fixed = Form::constant(form.constant_part().clone());
        for (unknown, coefficient) in form.coefficients() {
            match self.hyperparameters.get(unknown.0 as usize) {
                Some(Some(value)) => fixed.add_scaled(coefficient, value),
                Some(None) | None => fixed.add_scaled(coefficient, &Form::unknown(unknown)),
            }
        }
        fixed
    }

    /// Rows that hold where a form is above zero.
    #[must_use]
    pub fn above(&self, form: &Form) -> Vec<Row> {
        vec![Row::zero(self.fixed(form).plus(&Exponent::integer(-1)))]
    }

    /// Rows that hold where all of the forms are below zero.
    fn below(&self, forms: impl Iterator<Item = Form>) -> Vec<Row> {
        forms.map(|form| Row::at_most_zero(self.fixed(&form).plus(&Exponent::ONE))).collect()
    }

    /// The ways in which a clause could fail, each as rows that then hold: none is missing. (Of a choice whose alternatives
    /// are no bounds by themselves there may be more than needed.)
    pub fn failures(&self, clause: &Clause) -> Vec<Vec<Row>> {
        let mut failures = Vec::new();
        for row in &clause.rows {
            failures.push(self.above(&row.form));
            if row.relation == Relation::Zero {
                failures.push(self.above(&-&row.form));
            }
        }
        // Where no alternative is above zero, none holds only if all are below.
        if !clause.choice.is_empty() {
            let bounded = |form: &Form| clause.rows.iter().any(|row| row.form == *form);
            let open = clause.choice.iter().filter(|row| !bounded(&row.form));
            failures.extend(open.map(|row| self.above(&row.form)));
            failures.push(self.below(clause.choice.iter().map(|row| row.form.clone())));
        }
        failures
    }

    /// The ways in which any requirement could fail, in order.
    pub fn all_failures(&self, demands: &Demands) -> Vec<(RequirementId, Vec<Row>)> {
        let required = demands.program.clauses.iter();
        let required = required.filter_map(|clause| Some((clause.requirement()?, self.failures(clause))));
        required.flat_map(|(id, failures)| failures.into_iter().map(move |rows| (id, rows))).collect()
    }

    /// The program in which these rows hold too, as its last clause.
    #[must_use]
    pub fn with(&self, rows: Vec<Row>) -> Program {
        let mut failing = self.failing();
        failing.by(rows);
        failing.0
    }

    /// The program, to be tried with one failure after the other.
    #[must_use]
    pub fn failing(&self) -> Failing {
        let mut program = self.program.clone();
        let origin = Origin::Requirement(FAILURE);
        program.clauses.push(Clause { origin, rows: Vec::new(), choice: Vec::new() });
        Failing(program)
    }
}

/// A program whose last clause says how something fails.
#[derive(Clone, Debug)]
pub struct Failing(Program);

impl Failing {
    /// The program in which these rows hold too, as its last clause, instead of those before.
    pub fn by(&mut self, rows: Vec<Row>) -> &Program {
        if let Some(last) = self.0.clauses.last_mut() {
            last.rows = rows;
        }
        &self.0
    }
}

//! [`Limits`]: the ways in which scale variables can grow together, at given hyperparameters; and whether a form is above zero
//! in one of them.

use crate::architecture::Hyperparameters;
use crate::certificate;
use crate::derive::DeriveError;
use crate::desiderata::{Clause, Origin, Program, RequirementId, Row, UnknownKind};
use crate::exponent::{Exponent, Form, Unknown};
use crate::propagate::Propagation;
use crate::solve::{self, Preference};

/// How fast each scale variable grows, as exponents of one that drives them all: `[1, 1/2]` means that the second one grows
/// like the square root of the first.
pub type Direction = Vec<Exponent>;

/// All directions. With the hyperparameters fixed, every exponent is a form in the growth of the scale variables and in
/// maxima of such forms; none has a constant, so directions may be stretched at will.
pub struct Limits<'p> {
    growth: &'p [Unknown],
    hyperparameters: Vec<Option<Form>>,
    /// That no growth is negative, and what each maximum is.
    program: Program,
    /// What a question adds to the program.
    question: RequirementId,
}

impl<'p> Limits<'p> {
    /// The directions of the scale variables of an open propagation, at the exponents of the hyperparameters in each.
    #[must_use]
    pub fn new(propagation: &'p Propagation<'_>, hyperparameters: &[Hyperparameters]) -> Self {
        let growth = propagation.sizes.variables();
        let always = RequirementId(0);
        let mut limits = Self {
            growth,
            hyperparameters: propagation.opened(hyperparameters),
            program: Program::default(),
            question: RequirementId(1),
        };
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
        let rows = growth.iter().map(negative).collect();
        limits.program.clauses.push(Clause { origin: Origin::Requirement(always), rows, choice: Vec::new() });
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

    /// A direction in which the form is above zero, the one of equal growth if it is one; nothing if the form is at most
    /// zero however the scale variables grow, which a checked refutation proves.
    ///
    /// # Errors
    /// If it is too hard to tell.
    pub fn beyond(&self, form: &Form) -> Result<Option<Direction>, DeriveError> {
        self.find(vec![Row::zero(self.fixed(form).plus(&Exponent::integer(-1)))])
    }

    /// A direction in which all of the forms are below zero, in the same way.
    ///
    /// # Errors
    /// As [`Limits::beyond`].
    pub fn below(&self, forms: &[Form]) -> Result<Option<Direction>, DeriveError> {
        let row = |form: &Form| Row::at_most_zero(self.fixed(form).plus(&Exponent::ONE));
        self.find(forms.iter().map(row).collect())
    }

    fn find(&self, rows: Vec<Row>) -> Result<Option<Direction>, DeriveError> {
        let Some(direction) = self.solved(rows.clone())? else { return Ok(None) };
        let mut evenly = rows;
        for pair in self.growth.windows(2) {
            if let [first, second] = pair {
                evenly.push(Row::zero(&Form::unknown(*first) - &Form::unknown(*second)));
            }
        }
        Ok(Some(self.solved(evenly)?.unwrap_or(direction)))
    }

    fn solved(&self, rows: Vec<Row>) -> Result<Option<Direction>, DeriveError> {
        let mut program = self.program.clone();
        let origin = Origin::Requirement(self.question);
        program.clauses.push(Clause { origin, rows, choice: Vec::new() });
        let (excerpt, _) = program.excerpt(|_| true);
        let claim = solve::solve(&excerpt, &Preference::default())?;
        let certified = certificate::check(&excerpt, claim)?;
        Ok(certified.point().map(|point| self.direction(point)))
    }

    /// The direction at a point, its fastest growth 1.
    fn direction(&self, point: &[Exponent]) -> Direction {
        let of = |unknown: &Unknown| point.get(unknown.0 as usize).cloned().unwrap_or_default();
        let growth: Direction = self.growth.iter().map(of).collect();
        let fastest = growth.iter().max().and_then(Exponent::reciprocal).unwrap_or(Exponent::ONE);
        growth.iter().map(|growth| growth * &fastest).collect()
    }
}

//! [`LimitProgram`]: in what ways scale variables can grow together, and how a requirement could fail there, at given
//! hyperparameters.

use std::collections::{BTreeMap, BTreeSet};

use super::require::Demands;
use crate::exact::{
    Clause, Exponent, Form, Origin, Program, Relation, RequirementId, Row, Unknown, UnknownKind,
};
use crate::graph::Hyperparameters;
use crate::propagate::Propagation;

/// The growth of every scale variable, which is not negative, and the maxima that depend on it. With the hyperparameters
/// fixed, every exponent is a form in these; none has a constant, so the growth may be stretched at will, and a form that is
/// above zero somewhere is one somewhere.
#[derive(Clone, Debug)]
pub struct LimitProgram {
    /// What each maximum is, and, as the last clause, that no growth is negative.
    pub program: Program,
    hyperparameters: Vec<Option<Form>>,
    /// The position of the clause that defines each maximum.
    defining: BTreeMap<Unknown, usize>,
}

/// The requirement that stands for what always holds.
const ALWAYS: RequirementId = RequirementId(0);

/// The requirement that stands for a failure looked for.
const FAILURE: RequirementId = RequirementId(1);

impl LimitProgram {
    /// Of an open propagation, at the exponents of the hyperparameters in each scale variable.
    #[must_use]
    pub fn new(propagation: &Propagation, hyperparameters: &[Hyperparameters]) -> Self {
        let hyperparameters = propagation.opened(hyperparameters);
        let mut limits = Self { program: Program::default(), hyperparameters, defining: BTreeMap::new() };
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
            limits.defining.insert(definition.unknown, limits.program.clauses.len());
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

    /// The program in which these rows hold too, as its last clause, without the definitions that nothing in it speaks of, and
    /// the position of each clause that is left: the [`Program::excerpt`] of that of [`Failing::by`], which takes longer.
    #[must_use]
    pub fn excerpt(&self, rows: Vec<Row>) -> (Program, Vec<usize>) {
        let unknowns_of = |rows: &[Row]| {
            rows.iter().flat_map(|row| row.form.coefficients().map(|(unknown, _)| unknown)).collect()
        };
        let mut open: Vec<Unknown> = unknowns_of(&rows);
        let mut kept = BTreeSet::new();
        while let Some(unknown) = open.pop() {
            if let Some(position) = self.defining.get(&unknown)
                && kept.insert(*position)
                && let Some(clause) = self.program.clauses.get(*position)
            {
                open.extend::<Vec<Unknown>>(unknowns_of(&clause.rows));
            }
        }
        let failure = self.program.clauses.len();
        kept.extend([failure.saturating_sub(1)]);
        let mut clauses: Vec<Clause> =
            kept.iter().filter_map(|position| self.program.clauses.get(*position)).cloned().collect();
        let origin = Origin::Requirement(FAILURE);
        clauses.push(Clause { origin, rows, choice: Vec::new() });
        let positions = kept.into_iter().chain([failure]).collect();
        (Program { unknowns: self.program.unknowns.clone(), clauses }, positions)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::architecture::Architecture;
    use crate::graph::Scaling;
    use crate::propagate::{propagate_openly, require};
    use crate::rule::RuleBook;

    #[test]
    fn an_excerpt_is_that_of_the_whole_program() {
        let book = RuleBook::embedded().unwrap();
        for (name, scaling) in
            [("mlp", "width=n,d_in=m"), ("transformer", "d_k=n,heads=m"), ("deep-mlp", "depth=n,width=m")]
        {
            let text = &book.architecture(name).unwrap().text;
            let graph = Architecture::parse(text, &book.activations()).unwrap().graph;
            let scaling = Scaling::parse(scaling, &graph).unwrap();
            let open = propagate_openly(&graph, &book, book.optimizer("adam").unwrap(), &scaling).unwrap();
            let demands = require(&open, book.desiderata("fsc-total").unwrap());
            let given = vec![Hyperparameters::constant(&graph); 2];
            let limits = LimitProgram::new(&open, &given);
            let mut failing = limits.failing();
            for (_, rows) in limits.all_failures(&demands) {
                let (whole, positions) = failing.by(rows.clone()).excerpt(|_| true);
                let (excerpt, kept) = limits.excerpt(rows);
                assert_eq!((excerpt.clauses, kept), (whole.clauses, positions), "{name}");
            }
        }
    }
}

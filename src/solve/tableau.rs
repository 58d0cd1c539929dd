//! [`Tableau`]: the state of the general simplex method: variables with bounds, some of them (basic) written as
//! linear combinations of the others.
//!
//! The unknowns are variables, and so is every linear part of a row that is not an unknown alone; a row then is a
//! bound on one variable. Rows with the same linear part up to a factor share their variable. Bounds are asserted
//! and retracted like a stack; the assignment and the combinations survive a retraction.
//! Source: Dutertre and de Moura, "A fast linear-arithmetic solver for DPLL(T)", CAV 2006.

use std::collections::BTreeMap;

use super::bound::{Bound, Column, Combination, Direction, combine};
use super::effort::{Effort, SolveError, cost};
use crate::exact::{Exponent, Form, Relation, Row, RowId, Unknown};

/// A variable of the tableau, by its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Variable(pub(super) usize);

/// A linear form as the tableau sees it: `factor * variable + constant`, or a constant.
#[derive(Clone, Debug)]
pub(super) struct Handle {
    pub(super) multiple: Option<(Variable, Exponent)>,
    pub(super) constant: Exponent,
}

/// A row as the tableau sees it.
#[derive(Clone, Debug)]
pub(super) struct Literal {
    pub(super) id: RowId,
    pub(super) handle: Handle,
    pub(super) relation: Relation,
}

/// `basic = sum of coefficient * variable`, over variables that are not basic, in their order.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) basic: Variable,
    pub(super) entries: Vec<(Variable, Exponent)>,
}

/// How far the stack of bounds reaches.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark(usize);

/// Invariants: every variable that is not basic lies within its bounds; the value of a basic one is its combination
/// of the others' values.
pub(super) struct Tableau<'a> {
    pub(super) effort: &'a Effort,
    pub(super) columns: Vec<Column>,
    pub(super) lines: Vec<Line>,
    unknowns: Vec<Variable>,
    shared: BTreeMap<Form, Variable>,
    trail: Vec<(Variable, Direction, Option<Bound>)>,
}

impl<'a> Tableau<'a> {
    /// A tableau over `unknowns` unknowns, all zero and without bounds.
    pub(super) fn new(unknowns: usize, effort: &'a Effort) -> Self {
        let mut tableau = Self {
            effort,
            columns: Vec::new(),
            lines: Vec::new(),
            unknowns: Vec::new(),
            shared: BTreeMap::new(),
            trail: Vec::new(),
        };
        for _ in 0..unknowns {
            tableau.add_unknown();
        }
        tableau
    }

    /// One more unknown, numbered after those that are there.
    pub(super) fn add_unknown(&mut self) -> Unknown {
        let variable = self.add_column(Column::default());
        self.unknowns.push(variable);
        Unknown(u32::try_from(self.unknowns.len() - 1).unwrap_or(u32::MAX))
    }

    fn add_column(&mut self, column: Column) -> Variable {
        self.columns.push(column);
        Variable(self.columns.len() - 1)
    }

    /// The values of the unknowns at the current point, in order.
    pub(super) fn values(&self) -> impl Iterator<Item = &Exponent> {
        self.unknowns.iter().map(|variable| &self.columns[variable.0].value)
    }

    /// The value of a form at the current point.
    pub(super) fn evaluate(&self, handle: &Handle) -> Exponent {
        match &handle.multiple {
            None => handle.constant.clone(),
            Some((variable, factor)) => factor * &self.columns[variable.0].value + &handle.constant,
        }
    }

    /// Takes a form in: finds the variable of its linear part, or makes one.
    ///
    /// # Errors
    /// If the form has an unknown that is not declared, or no effort is left.
    pub(super) fn handle(&mut self, form: &Form) -> Result<Handle, SolveError> {
        let constant = form.constant_part().clone();
        let Some((first, leading)) = form.coefficients().next() else {
            return Ok(Handle { multiple: None, constant });
        };
        let mut linear = form.plus(&-&constant);
        let factor = leading.clone();
        if factor != Exponent::ONE {
            linear = linear.scaled(&(Exponent::ONE / &factor));
        }
        let variable = if form.coefficients().count() == 1 {
            *self.unknowns.get(first.0 as usize).ok_or(SolveError::Undeclared(first))?
        } else if let Some(known) = self.shared.get(&linear) {
            *known
        } else {
            let variable = self.add_line(&linear)?;
            self.shared.insert(linear, variable);
            variable
        };
        Ok(Handle { multiple: Some((variable, factor)), constant })
    }

    /// Takes a row in, without asserting it.
    ///
    /// # Errors
    /// As [`Tableau::handle`].
    pub(super) fn literal(&mut self, id: RowId, row: &Row) -> Result<Literal, SolveError> {
        Ok(Literal { id, handle: self.handle(&row.form)?, relation: row.relation })
    }

    fn add_line(&mut self, linear: &Form) -> Result<Variable, SolveError> {
        let mut entries = Vec::new();
        let mut value = Exponent::ZERO;
        for (unknown, coefficient) in linear.coefficients() {
            let variable = *self.unknowns.get(unknown.0 as usize).ok_or(SolveError::Undeclared(unknown))?;
            let column = &self.columns[variable.0];
            value += &(coefficient * &column.value);
            let single = [(variable, Exponent::ONE)];
            let source = column.line.map_or(&single[..], |line| &self.lines[line].entries);
            self.effort.spend(entries.len() + source.len())?;
            entries = merge(&entries, coefficient, source);
        }
        let line = Some(self.lines.len());
        let basic = self.add_column(Column { value, line, ..Column::default() });
        self.lines.push(Line { basic, entries });
        Ok(basic)
    }

    /// Where the stack of bounds is now.
    pub(super) fn mark(&self) -> Mark {
        Mark(self.trail.len())
    }

    /// Takes back every bound asserted since the mark.
    pub(super) fn retract(&mut self, mark: Mark) {
        for (variable, direction, before) in self.trail.drain(mark.0..).rev() {
            let column = &mut self.columns[variable.0];
            match direction {
                Direction::Up => column.upper = before,
                Direction::Down => column.lower = before,
            }
        }
    }

    /// Asserts a row; the answer is the conflict with another bound of the same variable, if there is one.
    pub(super) fn assert(&mut self, literal: &Literal) -> Option<Combination> {
        let Literal { id, handle, relation } = literal;
        let Some((variable, factor)) = &handle.multiple else {
            let constant = &handle.constant;
            return match relation {
                Relation::Zero if constant.is_negative() => Some(vec![(*id, Exponent::integer(-1))]),
                Relation::Zero | Relation::AtMostZero => {
                    constant.is_positive().then(|| vec![(*id, Exponent::ONE)])
                }
            };
        };
        let inverse = Exponent::ONE / factor;
        let at = &-&handle.constant * &inverse;
        let directions: &[Direction] = match relation {
            Relation::Zero => &[Direction::Up, Direction::Down],
            Relation::AtMostZero => &[Direction::of(factor)],
        };
        for direction in directions {
            let weight = match direction {
                Direction::Up => inverse.clone(),
                Direction::Down => -&inverse,
            };
            let bound = Bound { at: at.clone(), row: *id, weight };
            let conflict = self.tighten(*variable, *direction, bound);
            if conflict.is_some() {
                return conflict;
            }
        }
        None
    }

    fn tighten(&mut self, variable: Variable, direction: Direction, bound: Bound) -> Option<Combination> {
        let column = &mut self.columns[variable.0];
        if column.bound(direction).is_some_and(|held| !direction.further(&held.at, &bound.at)) {
            return None;
        }
        if let Some(other) = column.bound(direction.opposite())
            && direction.further(&other.at, &bound.at)
        {
            return Some(combine([(other, Exponent::ONE), (&bound, Exponent::ONE)]));
        }
        let at = bound.at.clone();
        let outside = direction.further(&column.value, &at);
        let slot = match direction {
            Direction::Up => &mut column.upper,
            Direction::Down => &mut column.lower,
        };
        let before = slot.replace(bound);
        self.trail.push((variable, direction, before));
        if outside && self.columns[variable.0].line.is_none() {
            self.shift(variable, &at);
        }
        None
    }

    /// Gives a variable that is not basic another value.
    pub(super) fn shift(&mut self, variable: Variable, to: &Exponent) {
        self.effort.charge(self.lines.len());
        let change = to - &self.columns[variable.0].value;
        self.columns[variable.0].value = to.clone();
        for line in &self.lines {
            if let Some(coefficient) = line.coefficient(variable) {
                self.columns[line.basic.0].value += &(coefficient * &change);
            }
        }
    }

    /// Makes the basic variable of `line` take the value `to` by moving `entering`, which becomes basic in its place.
    /// It is done to the end even where the effort does not suffice.
    pub(super) fn pivot(&mut self, line: usize, entering: Variable, to: &Exponent) {
        let Line { basic: leaving, entries } = &self.lines[line];
        let leaving = *leaving;
        let Some(pivot) = self.lines[line].coefficient(entering) else { return };
        let inverse = Exponent::ONE / pivot;
        let negative = -&inverse;
        let rest = entries.iter().filter(|(variable, _)| *variable != entering);
        let mut solved: Vec<_> = rest.map(|(variable, c)| (*variable, c * &negative)).collect();
        let place = solved.partition_point(|(variable, _)| *variable < leaving);
        let step = (to - &self.columns[leaving.0].value) * &inverse;
        solved.insert(place, (leaving, inverse));

        let target = &self.columns[entering.0].value + &step;
        self.shift(entering, &target);
        self.columns[leaving.0].line = None;
        self.columns[entering.0].line = Some(line);
        for other in (0..self.lines.len()).filter(|other| *other != line) {
            let Some(position) = self.lines[other].position(entering) else { continue };
            let (_, factor) = self.lines[other].entries.remove(position);
            let entries = merge(&self.lines[other].entries, &factor, &solved);
            self.effort.charge(entries.iter().map(|(_, coefficient)| cost(coefficient)).sum());
            self.lines[other].entries = entries;
        }
        self.lines[line] = Line { basic: entering, entries: solved };
    }

    /// Makes a basic variable with a fixed value leave the basis for good; `first` ranks those that may take its place.
    /// The answer is the conflict if none can and the value is another.
    pub(super) fn eliminate<K: Ord>(
        &mut self,
        variable: Variable,
        first: impl Fn(Variable) -> K,
    ) -> Option<Combination> {
        let column = &self.columns[variable.0];
        let (Some(line), Some(bound), true) = (column.line, &column.upper, column.is_fixed()) else {
            return None;
        };
        let free = self.lines[line].entries.iter().map(|(entry, _)| *entry);
        let free = free.filter(|entry| !self.columns[entry.0].is_fixed());
        if let Some(entering) = free.min_by_key(|entry| (first(*entry), *entry)) {
            let to = bound.at.clone();
            self.pivot(line, entering, &to);
            return None;
        }
        column.violated().map(|direction| self.explain(line, direction))
    }

    /// Why a basic variable that lies beyond its bound in `direction` cannot come back: the rows of that bound and of
    /// the bounds that hold the others.
    pub(super) fn explain(&self, line: usize, direction: Direction) -> Combination {
        let Line { basic, entries } = &self.lines[line];
        let own = self.columns[basic.0].bound(direction).map(|bound| (bound, Exponent::ONE));
        combine(own.into_iter().chain(self.holding(entries, direction.opposite())))
    }

    /// The bounds that keep `sum of entries` from moving in `direction`, each with the size of its coefficient.
    pub(super) fn holding(
        &self,
        entries: &[(Variable, Exponent)],
        direction: Direction,
    ) -> impl Iterator<Item = (&Bound, Exponent)> {
        entries.iter().filter_map(move |(variable, coefficient)| {
            let bound = self.columns[variable.0].bound(direction.times(coefficient))?;
            Some((bound, coefficient.abs()))
        })
    }
}

impl Line {
    fn position(&self, variable: Variable) -> Option<usize> {
        self.entries.binary_search_by_key(&variable, |(entry, _)| *entry).ok()
    }

    /// The coefficient of a variable, if it occurs.
    pub(super) fn coefficient(&self, variable: Variable) -> Option<&Exponent> {
        self.position(variable).map(|position| &self.entries[position].1)
    }
}

/// `entries + factor * others`, both in the order of their variables.
fn merge(
    entries: &[(Variable, Exponent)],
    factor: &Exponent,
    others: &[(Variable, Exponent)],
) -> Vec<(Variable, Exponent)> {
    let mut sum = Vec::with_capacity(entries.len() + others.len());
    let mut rest = entries;
    for (variable, coefficient) in others {
        let before = rest.partition_point(|(entry, _)| entry < variable);
        sum.extend_from_slice(&rest[..before]);
        rest = &rest[before..];
        let mut total = factor * coefficient;
        if let Some(((entry, held), after)) = rest.split_first()
            && entry == variable
        {
            total += held;
            rest = after;
        }
        if !total.is_zero() {
            sum.push((*variable, total));
        }
    }
    sum.extend_from_slice(rest);
    sum
}

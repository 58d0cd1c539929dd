//! Another way to the same answers, slow and plain: every combination of alternatives is tried, and each linear system
//! is decided by Fourier-Motzkin elimination. It shares only the arithmetic with the solver.

use std::collections::BTreeSet;

use fscale::exact::{Exponent, Form, Program, Relation, Row, Unknown, UnknownKind};
use fscale::solve::Stage;

/// A union of systems of rows.
#[derive(Clone)]
pub(crate) struct Union(Vec<Vec<Row>>);

/// The values a form takes on a system: least and largest, nothing where there is none.
type Range = (Option<Exponent>, Option<Exponent>);

impl Union {
    /// Every combination of alternatives of a program, as far as it has a solution.
    pub(crate) fn of(program: &Program) -> Self {
        let plain: Vec<Row> = program.clauses.iter().flat_map(|clause| clause.rows.clone()).collect();
        let mut systems = vec![plain];
        for clause in program.clauses.iter().filter(|clause| !clause.choice.is_empty()) {
            let each = |system: &Vec<Row>, row: &Row| system.iter().chain([row]).cloned().collect();
            systems = systems
                .iter()
                .flat_map(|system| clause.choice.iter().map(|row| each(system, row)))
                .filter(|system: &Vec<Row>| is_possible(system))
                .collect();
        }
        systems.retain(|system| is_possible(system));
        Self(systems)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn with(&self, row: &Row) -> Self {
        let systems = self.0.iter().map(|system| system.iter().chain([row]).cloned().collect::<Vec<_>>());
        Self(systems.filter(|system| is_possible(system)).collect())
    }

    /// The largest value of a form; nothing if there is none.
    fn largest(&self, form: &Form) -> Option<Exponent> {
        let ends = self.0.iter().map(|system| range(system, form).1);
        ends.reduce(|a, b| Some(a?.max(b?)))?
    }

    /// The only value of an unknown, if there is only one.
    pub(crate) fn only_value(&self, unknown: Unknown) -> Option<Exponent> {
        let form = Form::unknown(unknown);
        let largest = self.largest(&form)?;
        (self.largest(&-&form)? == -&largest).then_some(largest)
    }

    /// Where the sum of the sizes of some forms is smallest.
    fn smallest(&self, forms: &[Form]) -> Self {
        // Split by signs, with a mark on each system for its sum of sizes.
        let mut parts = vec![(self.clone(), Form::zero())];
        for form in forms {
            parts = parts
                .iter()
                .flat_map(|(part, size)| {
                    let above = part.with(&Row::at_most_zero(-form));
                    let below = part.with(&Row::at_most_zero(form.clone()));
                    [(above, size + form), (below, size - form)]
                })
                .filter(|(part, _)| !part.is_empty())
                .collect();
        }
        let sizes: Vec<_> =
            parts.iter().map(|(part, size)| -part.largest(&-size).expect("bounded")).collect();
        let least = sizes.iter().min().expect("not empty").clone();
        let kept = parts.iter().zip(&sizes).filter(|(_, size)| **size == least);
        let kept = kept.flat_map(|((part, size), _)| part.with(&Row::zero(size.plus(&-&least))).0);
        Self(kept.collect())
    }

    /// The hyperparameters' values that a preference takes.
    pub(crate) fn preferred(&self, program: &Program, stages: &[Stage]) -> Vec<Exponent> {
        let mut left = self.clone();
        for stage in stages {
            left = match stage {
                Stage::Largest(form) => left.keep_largest(form),
                Stage::LargestOf(forms) => {
                    let values: Option<Vec<_>> = forms.iter().map(|form| left.largest(form)).collect();
                    let best = values.and_then(|values| {
                        let most = values.iter().max()?.clone();
                        forms.iter().zip(values).find(|(_, value)| *value == most).map(|(form, _)| form)
                    });
                    best.map_or(left.clone(), |form| left.keep_largest(form))
                }
                Stage::FewestNonZero(unknowns) => left.fewest_nonzero(unknowns),
                Stage::SmallestAbsolute(unknowns) => {
                    let forms: Vec<Form> = unknowns.iter().map(|unknown| Form::unknown(*unknown)).collect();
                    left.smallest(&forms)
                }
                Stage::Nearest(wanted) => {
                    let from =
                        |(unknown, wanted): &(Unknown, Exponent)| Form::unknown(*unknown).plus(&-wanted);
                    left.smallest(&wanted.iter().map(from).collect::<Vec<_>>())
                }
            };
        }
        hyperparameters(program)
            .map(|unknown| {
                let form = Form::unknown(unknown);
                let below = left.with(&Row::at_most_zero(form.clone())).largest(&form);
                let above = left.with(&Row::at_most_zero(-&form)).largest(&-&form).map(|value| -value);
                let value = match (below, above) {
                    (Some(below), Some(above)) if below.abs() <= above => below,
                    (Some(_), Some(above)) | (None, Some(above)) => above,
                    (Some(below), None) => below,
                    (None, None) => unreachable!("no value"),
                };
                left = left.with(&Row::zero(form.plus(&-&value)));
                value
            })
            .collect()
    }

    fn keep_largest(&self, form: &Form) -> Self {
        self.largest(form).map_or(self.clone(), |value| self.with(&Row::zero(form.plus(&-value))))
    }

    fn fewest_nonzero(&self, unknowns: &[Unknown]) -> Self {
        let mut sets: Vec<Vec<usize>> = (0..1_usize << unknowns.len())
            .map(|bits| (0..unknowns.len()).filter(|position| bits >> position & 1 == 1).collect())
            .collect();
        sets.sort_by_key(|set| (set.len(), set.clone()));
        let zeroed = sets.iter().map(|set| {
            let zero = (0..unknowns.len()).filter(|position| !set.contains(position));
            zero.fold(self.clone(), |left, position| left.with(&Row::zero(Form::unknown(unknowns[position]))))
        });
        zeroed.into_iter().find(|left| !left.is_empty()).expect("the full set")
    }
}

pub(crate) fn hyperparameters(program: &Program) -> impl Iterator<Item = Unknown> {
    let numbered = (0..).zip(&program.unknowns);
    numbered.filter(|(_, info)| info.kind != UnknownKind::Maximum).map(|(index, _)| Unknown(index))
}

fn is_possible(system: &[Row]) -> bool {
    eliminated(system, None).is_some()
}

/// The range of a form on a possible system.
fn range(system: &[Row], form: &Form) -> Range {
    let target = Unknown(1_000_000);
    let mut rows = system.to_vec();
    rows.push(Row::zero(form - &Form::unknown(target)));
    let (mut least, mut largest): Range = (None, None);
    for form in eliminated(&rows, Some(target)).expect("a possible system") {
        let slope = form.coefficient(target);
        let at = -form.constant_part() / &slope;
        if slope.is_positive() {
            largest = Some(largest.map_or(at.clone(), |held| held.min(at)));
        } else {
            least = Some(least.map_or(at.clone(), |held| held.max(at)));
        }
    }
    (least, largest)
}

/// Forms in `kept` alone that are at most zero exactly where the system has a solution; nothing if it has none.
fn eliminated(system: &[Row], kept: Option<Unknown>) -> Option<BTreeSet<Form>> {
    let mut equalities: Vec<Form> = Vec::new();
    let mut bounds: BTreeSet<Form> = BTreeSet::new();
    for row in system {
        match row.relation {
            Relation::Zero => equalities.push(row.form.clone()),
            Relation::AtMostZero => {
                bounds.insert(row.form.clone());
            }
        }
    }
    while let Some(equality) = equalities.pop() {
        let Some((unknown, slope)) = equality.coefficients().find(|(unknown, _)| Some(*unknown) != kept)
        else {
            // A constant, or the value of the kept unknown.
            bounds.insert(equality.clone());
            bounds.insert(-&equality);
            continue;
        };
        let substitute = |form: &Form| {
            let mut result = form.clone();
            result.add_scaled(&(-form.coefficient(unknown) / slope), &equality);
            result
        };
        equalities = equalities.iter().map(substitute).collect();
        bounds = bounds.iter().map(substitute).collect();
    }
    loop {
        bounds = bounds.iter().map(normalised).collect();
        if bounds.iter().any(|form| form.as_constant().is_some_and(Exponent::is_positive)) {
            return None;
        }
        bounds.retain(|form| form.as_constant().is_none());
        let next =
            bounds.iter().flat_map(Form::coefficients).map(|(unknown, _)| unknown).find(|u| Some(*u) != kept);
        let Some(unknown) = next else { return Some(bounds) };
        let (upper, rest): (Vec<_>, Vec<_>) =
            bounds.into_iter().partition(|form| form.coefficient(unknown).is_positive());
        let (lower, others): (Vec<_>, Vec<_>) =
            rest.into_iter().partition(|form| form.coefficient(unknown).is_negative());
        bounds = others.into_iter().collect();
        for above in &upper {
            for below in &lower {
                let mut sum = above.scaled(&-below.coefficient(unknown));
                sum.add_scaled(&above.coefficient(unknown), below);
                bounds.insert(normalised(&sum));
            }
        }
    }
}

/// The positive multiple whose first coefficient is one in size.
fn normalised(form: &Form) -> Form {
    form.coefficients().next().map_or(form.clone(), |(_, first)| form.scaled(&(Exponent::ONE / first.abs())))
}

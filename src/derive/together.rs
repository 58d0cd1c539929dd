//! The exponents in all scale variables at once, under the requirements along several directions of growth.

use super::answer::{Obstacle, Verdict};
use super::breaks::{Break, Joined, joined};
use super::directions::Direction;
use super::error::DeriveError;
use crate::exact::{
    self, Clause, Exponent, Form, Origin, Program, RequirementId, Row, Unknown, UnknownInfo, UnknownKind,
};
use crate::graph::Hyperparameters;
use crate::propagate::{Demands, Posed, Propagation, Question, Table};
use crate::solve::{self, Preference, Stage};

/// Directions under which exponents are sought at most, those of the variables alone included.
pub(super) const MOST_DIRECTIONS: usize = 16;

/// Looks for exponents that hold along every direction found so far, tries them along all, and adds the direction that
/// breaks them, until none does. `first` is broken, and not unique.
pub(super) fn search(open: &Posed, first: Table, broken: Vec<Break>) -> Result<Verdict, DeriveError> {
    let question = &open.question;
    let mut directions = units(question.scaling.variables.len());
    let mut next = broken.first().map(|held| held.direction.clone());
    while let Some(direction) = next.filter(|_| directions.len() < MOST_DIRECTIONS) {
        directions.push(direction);
        let combined = Combined::along(question, &directions, |demands| demands)?;
        let claim = solve::solve(&combined.program, &combined.preference())?;
        let certified = exact::check(&combined.program, claim)?;
        let Some(point) = certified.point() else {
            let obstacle = Obstacle::Breaks { table: first, breaks: broken, no_other: true };
            return Ok(Verdict::Infeasible(obstacle));
        };
        let hyperparameters = combined.hyperparameters(&open.propagation, point);
        match joined(open, &hyperparameters)? {
            Joined::Holds(refutations) => {
                let (variables, unique) = (&question.scaling.variables, certified.is_unique());
                let table = Table::new(&open.propagation, variables, &hyperparameters, unique);
                return Ok(Verdict::Feasible { table, refutations });
            }
            Joined::Breaks(breaks) => next = breaks.first().map(|held| held.direction.clone()),
        }
    }
    Ok(Verdict::Infeasible(Obstacle::Breaks { table: first, breaks: broken, no_other: false }))
}

/// The directions in which one variable grows alone.
pub(super) fn units(variables: usize) -> Vec<Direction> {
    let unit = |at| (0..variables).map(|i| Exponent::integer(i64::from(i == at))).collect();
    (0..variables).map(unit).collect()
}

/// The programs along several directions as one. Its unknowns are the hyperparameters in the first variable, in the second,
/// and so on; then the maxima along the first direction, along the second, and so on.
pub(super) struct Combined {
    pub(super) program: Program,
    variables: usize,
    /// How many hyperparameters there are in each variable.
    hyperparameters: usize,
    requirements: usize,
}

impl Combined {
    /// The demands of a question along some directions, as far as they are asked.
    pub(super) fn along(
        question: &Question,
        directions: &[Direction],
        asked: fn(Demands) -> Demands,
    ) -> Result<Self, DeriveError> {
        let variables = question.scaling.variables.len();
        let mut combined =
            Self { program: Program::default(), variables, hyperparameters: 0, requirements: 0 };
        for direction in directions {
            let demands = asked(question.towards(direction).posed()?.demands);
            if combined.program.unknowns.is_empty() {
                combined.declare(&demands.program, &question.scaling.variables);
            }
            combined.add(&demands, direction);
        }
        combined.program.clauses.sort_by_key(|clause| clause.origin);
        Ok(combined)
    }

    /// The hyperparameters, which come first among the unknowns of a propagation.
    fn declare(&mut self, program: &Program, variables: &[String]) {
        let is_given = |unknown: &&UnknownInfo| unknown.kind != UnknownKind::Maximum;
        let given: Vec<&UnknownInfo> = program.unknowns.iter().take_while(is_given).collect();
        self.hyperparameters = given.len();
        for variable in variables {
            self.program.unknowns.extend(given.iter().map(|unknown| UnknownInfo {
                name: format!("{} in {variable}", unknown.name),
                kind: unknown.kind,
            }));
        }
    }

    fn add(&mut self, demands: &Demands, direction: &Direction) {
        let base = self.program.unknowns.len();
        let maxima = demands.program.unknowns.iter().skip(self.hyperparameters);
        self.program.unknowns.extend(maxima.cloned());
        let moved =
            |unknown: Unknown| number(base + (unknown.0 as usize).saturating_sub(self.hyperparameters));
        let form = |form: &Form| {
            let mut sum = Form::constant(form.constant_part().clone());
            for (unknown, coefficient) in form.coefficients() {
                let index = unknown.0 as usize;
                if index >= self.hyperparameters {
                    sum.add_scaled(coefficient, &Form::unknown(moved(unknown)));
                    continue;
                }
                for (variable, growth) in direction.iter().enumerate() {
                    let own = number(variable * self.hyperparameters + index);
                    sum.add_scaled(&(coefficient * growth), &Form::unknown(own));
                }
            }
            sum
        };
        let row = |row: &Row| Row { form: form(&row.form), relation: row.relation };
        let clauses = demands.program.clauses.iter().map(|clause| Clause {
            origin: match clause.origin {
                Origin::Definition(unknown) => Origin::Definition(moved(unknown)),
                Origin::Requirement(id) => Origin::Requirement(RequirementId(self.requirements + id.0)),
            },
            rows: clause.rows.iter().map(row).collect(),
            choice: clause.choice.iter().map(row).collect(),
        });
        let clauses: Vec<Clause> = clauses.collect();
        self.program.clauses.extend(clauses);
        self.requirements += demands.requirements.len();
    }

    /// Few multipliers, small exponents.
    fn preference(&self) -> Preference {
        let numbered = || self.program.unknowns.iter().zip(0..);
        let of_kind = |kept: &dyn Fn(UnknownKind) -> bool| -> Vec<Unknown> {
            numbered().filter(|(info, _)| kept(info.kind)).map(|(_, index)| Unknown(index)).collect()
        };
        Preference {
            stages: vec![
                Stage::FewestNonZero(of_kind(&|kind| kind == UnknownKind::Multiplier)),
                Stage::SmallestAbsolute(of_kind(&|kind| kind != UnknownKind::Maximum)),
            ],
        }
    }

    /// Hyperparameters with their unknowns in one scale variable, in every variable with its position.
    pub(super) fn named<T: Copy>(&self, alone: &[(T, Unknown)]) -> Vec<(usize, T, Unknown)> {
        let in_variable = |variable: usize| {
            alone.iter().map(move |(of, unknown)| {
                (variable, *of, number(variable * self.hyperparameters + unknown.0 as usize))
            })
        };
        (0..self.variables).flat_map(in_variable).collect()
    }

    /// The hyperparameters in each variable at a solution.
    fn hyperparameters(&self, open: &Propagation, point: &[Exponent]) -> Vec<Hyperparameters> {
        let graph = &open.graph;
        // In an open propagation, the growth of the variables comes first.
        let before = open.growing();
        let of = |variable: usize, unknown: Unknown| {
            let index = variable * self.hyperparameters + unknown.0.saturating_sub(before) as usize;
            point.get(index).cloned().unwrap_or_default()
        };
        let in_variable = |variable| Hyperparameters {
            init: graph
                .parameter_ids()
                .map(|id| open.init[id.0].map_or(Exponent::ZERO, |u| of(variable, u)))
                .collect(),
            lr: graph
                .parameter_ids()
                .map(|id| open.lr[id.0].map_or(Exponent::ZERO, |u| of(variable, u)))
                .collect(),
            multiplier: graph.multiplier_ids().map(|id| of(variable, open.multiplier[id.0])).collect(),
        };
        (0..self.variables).map(in_variable).collect()
    }
}

fn number(index: usize) -> Unknown {
    Unknown(u32::try_from(index).unwrap_or(u32::MAX))
}

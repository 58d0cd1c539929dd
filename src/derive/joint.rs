//! [`derive_jointly`]: a scaling table in several scale variables, and whether it holds however they grow together
//! (theory, section 7).
//!
//! The exponents in each variable are derived while the others stay fixed, and put together as vectors. Whether the table
//! so made holds in every joint limit is then decided exactly: every magnitude is a maximum of forms in the growth rates of
//! the variables, and a requirement fails if a direction of growth breaks it. There is no such direction, which a checked
//! refutation proves; or there is one, which is checked by an evaluation along it. Where the exponents are not unique,
//! those of all variables are then solved for together, under the requirements along every direction found so far.

use super::{Direction, Directions, together};
use crate::derive::{Answer, DeriveError, Priority, Question, Search, Verdict, derive_by};
use crate::exact::{Exponent, Form, PowerSum, Refutation, RequirementId};
use crate::graph::{Hyperparameters, NodeId};
use crate::propagate::{
    Condition, Demands, Prediction, Propagation, Requirement, Stabilisers, propagate, propagate_openly,
    require,
};
use crate::rule::{Desiderata, Name, RequirementRule};
use std::collections::BTreeMap;

/// The answer in several scale variables.
#[derive(Clone, Debug)]
pub struct JointAnswer {
    /// The answer in each variable, the others fixed.
    pub alone: Vec<(Question, Answer)>,
    /// The exponents where the growth of every variable is left open.
    pub open: Propagation,
    /// The requirements on them.
    pub demands: Demands,
    /// What came out.
    pub verdict: JointVerdict,
}

/// Whether one table holds however the scale variables grow.
#[derive(Clone, Debug)]
pub enum JointVerdict {
    /// It does.
    Holds(JointTable),
    /// It holds in each variable alone, but not along all directions.
    Breaks {
        /// The table.
        table: JointTable,
        /// What fails, each along a direction.
        breaks: Vec<Break>,
        /// Whether it is proven that no other table holds either.
        no_other: bool,
    },
    /// In these variables (positions) there is no table, even with the others fixed.
    Impossible(Vec<usize>),
}

/// Exponents in several scale variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JointTable {
    /// The hyperparameters in each variable.
    pub hyperparameters: Vec<Hyperparameters>,
    /// What steadies the optimizer.
    pub stabilisers: Stabilisers,
    /// Whether no other exponents meet the requirements.
    pub unique: bool,
}

impl JointTable {
    pub(super) fn new(open: &Propagation, hyperparameters: Vec<Hyperparameters>, unique: bool) -> Self {
        let stabilisers = open.stabilisers(&hyperparameters);
        Self { hyperparameters, stabilisers, unique }
    }
}

/// A requirement that fails in a joint limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// The requirement.
    pub requirement: RequirementId,
    /// How the variables grow.
    pub direction: Direction,
    /// By how much its left side exceeds its right side there, in the driving variable.
    pub excess: Exponent,
}

/// Derives a table in several scale variables.
///
/// # Errors
/// As [`fn@crate::derive::derive`]; and if a requirement compares with a number, which says nothing of which variable it is the exponent.
pub fn derive_jointly(question: &Question) -> Result<JointAnswer, DeriveError> {
    derive_jointly_by(question, Priority::default())
}

/// The same, taking of several tables in a variable the one that a priority says.
///
/// # Errors
/// As [`derive_jointly`].
pub fn derive_jointly_by(question: &Question, priority: Priority) -> Result<JointAnswer, DeriveError> {
    let (open, demands) = opened(question)?;
    let mut alone = Vec::new();
    for variable in 0..question.scaling.variables.len() {
        let question = Question { scaling: question.scaling.only(variable), ..question.clone() };
        let answer = derive_by(&question, Search::default(), priority)?;
        alone.push((question, answer));
    }
    let verdict = verdict(question, &open, &demands, &alone)?;
    Ok(JointAnswer { alone, open, demands, verdict })
}

/// The exponents where the growth of every variable is left open, and what is asked of them: all of an answer that needs no
/// solver.
///
/// # Errors
/// If the question cannot be asked in several variables: as [`propagate_openly`], of numbers, or of the number of all layers where
/// there are depths that grow apart.
pub fn opened(question: &Question) -> Result<(Propagation, Demands), DeriveError> {
    let Question { graph, book, optimizer, desiderata, scaling } = question;
    let open = propagate_openly(graph, book, optimizer, scaling)?;
    refuse_depths_apart(&open, desiderata)?;
    let demands = require(&open, desiderata);
    refuse_numbers(&demands)?;
    Ok((open, demands))
}

/// The number of all layers is that of the deepest repeat, and of depths that grow apart none is known to be the deepest.
fn refuse_depths_apart(open: &Propagation, desiderata: &Desiderata) -> Result<(), DeriveError> {
    let depths = open.graph.repeat_ids().map(|id| open.sizes.dimension(open.graph.repeat(id).dimension));
    let depths: Vec<Form> = depths.collect();
    let is_deepest = |depth: &Form| depths.iter().all(|other| open.sizes.is_at_least_zero(&(depth - other)));
    if depths.is_empty() || depths.iter().any(is_deepest) {
        return Ok(());
    }
    let asks = |rule: &&RequirementRule| {
        rule.left.names().chain(rule.right.names()).any(|name| name == Name::LayersPerCopy)
    };
    match desiderata.requirements.iter().find(asks) {
        Some(rule) => Err(DeriveError::DepthsApart(rule.label.clone())),
        None => Ok(()),
    }
}

fn verdict(
    question: &Question,
    open: &Propagation,
    demands: &Demands,
    alone: &[(Question, Answer)],
) -> Result<JointVerdict, DeriveError> {
    let mut impossible = Vec::new();
    let (mut hyperparameters, mut unique) = (Vec::new(), true);
    for (variable, (_, answer)) in alone.iter().enumerate() {
        match &answer.verdict {
            Verdict::Feasible { table: found, .. } => {
                unique &= found.unique;
                hyperparameters.push(found.hyperparameters());
            }
            Verdict::Infeasible { .. } => impossible.push(variable),
        }
    }
    if !impossible.is_empty() {
        return Ok(JointVerdict::Impossible(impossible));
    }
    let table = JointTable::new(open, hyperparameters, unique);
    let breaks = breaks(question, open, demands, &table.hyperparameters)?;
    if breaks.is_empty() {
        return Ok(JointVerdict::Holds(table));
    }
    if table.unique {
        return Ok(JointVerdict::Breaks { table, breaks, no_other: true });
    }
    together::search(question, open, demands, table, breaks)
}

/// Every requirement that fails in some joint limit at given exponents.
///
/// # Errors
/// If it is too hard to tell.
pub fn breaks(
    question: &Question,
    open: &Propagation,
    demands: &Demands,
    hyperparameters: &[Hyperparameters],
) -> Result<Vec<Break>, DeriveError> {
    let limits = Directions::new(open, hyperparameters);
    let mut breaks = Vec::new();
    for clause in &demands.program.clauses {
        let Some(requirement) = clause.requirement() else { continue };
        if let Err(direction) = limits.breaking(clause)? {
            let stated = &demands.requirements[requirement.0];
            let (direction, excess) = excess_near(question, stated, hyperparameters, direction)?;
            breaks.push(Break { requirement, direction, excess });
        }
    }
    Ok(breaks)
}

/// Why requirements hold in every joint limit at given exponents: a refutation of each way in which one could fail, in
/// the order of [`LimitProgram::all_failures`](crate::propagate::LimitProgram::all_failures); nothing if one fails.
///
/// # Errors
/// If it is too hard to tell.
pub fn proofs(
    open: &Propagation,
    demands: &Demands,
    hyperparameters: &[Hyperparameters],
) -> Result<Option<Vec<Refutation>>, DeriveError> {
    let limits = Directions::new(open, hyperparameters);
    let mut proofs = Vec::new();
    for clause in demands.program.clauses.iter().filter(|clause| clause.requirement().is_some()) {
        match limits.breaking(clause)? {
            Ok(proven) => proofs.extend(proven),
            Err(_) => return Ok(None),
        }
    }
    Ok(Some(proofs))
}

/// By how much a requirement fails along a direction. What is only required where several variables grow (that a depth does not
/// outgrow a width is, a width that stays fixed is taken as large) fails nearby, where all do.
fn excess_near(
    question: &Question,
    stated: &Requirement,
    hyperparameters: &[Hyperparameters],
    direction: Direction,
) -> Result<(Direction, Exponent), DeriveError> {
    let inward = |by: Exponent| -> Direction {
        direction.iter().map(|growth| if growth.is_zero() { by.clone() } else { growth.clone() }).collect()
    };
    let nearby = (0..MOST_HALVINGS).map(|halvings| inward(Exponent::ratio(1, 2 << halvings)));
    for direction in [direction.clone()].into_iter().chain(nearby) {
        match excess_along(question, stated, hyperparameters, &direction) {
            Err(DeriveError::Inconsistent) => {}
            found => return found.map(|excess| (direction, excess)),
        }
    }
    Err(DeriveError::Inconsistent)
}

/// How close to a direction it is looked for another, in halvings.
const MOST_HALVINGS: u32 = 8;

/// By how much a requirement fails along a direction: found anew by a propagation along it.
fn excess_along(
    question: &Question,
    stated: &Requirement,
    hyperparameters: &[Hyperparameters],
    direction: &Direction,
) -> Result<Exponent, DeriveError> {
    let Question { graph, book, optimizer, desiderata, scaling } = question;
    let propagation = propagate(graph, book, optimizer, &scaling.towards(direction))?;
    let demands = require(&propagation, desiderata);
    let same = |other: &&Requirement| {
        (&other.label, other.on, &other.requires) == (&stated.label, stated.on, &stated.requires)
    };
    let found = demands.requirements.iter().find(same).ok_or(DeriveError::Inconsistent)?;
    let point = propagation.point(&Hyperparameters::towards(hyperparameters, direction));
    let value = |form: &Form| (form - &found.right).evaluate(|unknown| point.get(unknown.0 as usize));
    let excess = found.terms.iter().filter_map(|(form, _)| value(form)).max();
    excess.filter(|excess| !excess.is_zero()).ok_or(DeriveError::Inconsistent)
}

fn refuse_numbers(demands: &Demands) -> Result<(), DeriveError> {
    for clause in &demands.program.clauses {
        let numbered = |form: &Form| !form.constant_part().is_zero();
        if let Some(id) = clause.requirement()
            && clause.rows.iter().any(|row| numbered(&row.form))
        {
            return Err(DeriveError::Number(demands.requirements[id.0].requires.clone()));
        }
    }
    Ok(())
}

/// Every exponent at given hyperparameters in several scale variables, as sums of powers. Where exponents end along some
/// direction, it is told along which.
///
/// # Errors
/// If exponents cannot be propagated, or it is too hard to tell where they end.
pub fn predict_jointly(
    open: &Propagation,
    hyperparameters: &[Hyperparameters],
    variables: &[String],
) -> Result<Prediction<PowerSum>, DeriveError> {
    let mut prediction = open.predict_openly(hyperparameters);
    let limits = Directions::new(open, hyperparameters);
    let mut saturated: Vec<(NodeId, String)> = Vec::new();
    for Condition { node, form, what, ending, .. } in &open.conditions {
        if let Some(direction) = limits.beyond(form)? {
            let along = write_direction(variables, &direction);
            saturated.push((*node, format!("{}: {what} is above 0 along {along}", ending.name())));
        }
    }
    if !saturated.is_empty() {
        prediction = Prediction {
            divisors: Vec::new(),
            forward: vec![None; prediction.forward.len()],
            backward: vec![None; prediction.backward.len()],
            update_by: BTreeMap::new(),
            update: vec![None; prediction.update.len()],
            gradient: vec![None; prediction.gradient.len()],
            contribution: vec![None; prediction.contribution.len()],
            angle: vec![None; prediction.angle.len()],
            saturated,
            ..prediction
        };
    }
    Ok(prediction)
}

/// `n = N, m = N^1/2`.
#[must_use]
pub fn write_direction(variables: &[String], direction: &Direction) -> String {
    let growth = |(name, exponent): (&String, &Exponent)| {
        if exponent.is_zero() {
            format!("{name} fixed")
        } else if *exponent == Exponent::ONE {
            format!("{name} = N")
        } else {
            format!("{name} = N^{exponent}")
        }
    };
    variables.iter().zip(direction).map(growth).collect::<Vec<_>>().join(", ")
}

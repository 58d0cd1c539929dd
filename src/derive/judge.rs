//! [`fn@judge`]: which requirements given hyperparameters meet, and the smallest change after which they meet all of them.
//!
//! The exponents are evaluated where the hyperparameters put them. What to change is a question to the solver: keep every
//! requirement, and of the statements "this hyperparameter stays as it is" give up as few as possible. Of the smallest
//! changes so found, each is solved for the smallest total of absolute changes, and the first of the smallest is taken.

use crate::derive::{Answer, DeriveError, Question, Verdict, derive};
use crate::exact;
use crate::exact::{
    Clause, Exponent, Form, Origin, Program, Relation, RequirementId, Row, Unknown, UnknownKind,
};
use crate::graph::{Graph, Hyperparameters, MultiplierId, ParameterId};
use crate::propagate::{Demands, Propagation};
use crate::solve::{self, Extent, Limits, Preference, Stage};

/// What is found of given hyperparameters.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// The requirements, and what can be derived from them.
    pub answer: Answer,
    /// Every requirement, in order.
    pub judged: Vec<Judged>,
    /// What to change.
    pub remedy: Remedy,
}

impl Judgement {
    /// Whether every requirement holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.judged.iter().all(|judged| judged.excess.is_none())
    }
}

/// A requirement at given hyperparameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The requirement.
    pub requirement: RequirementId,
    /// The exponent of its left side.
    pub value: Exponent,
    /// By how much that is above what is required, below if negative; nothing if the requirement holds.
    pub excess: Option<Exponent>,
}

/// What to change so that every requirement holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Nothing.
    None,
    /// Some exponents.
    Change {
        /// Every one that changes.
        changes: Vec<Change>,
        /// How small the change is.
        size: Size,
    },
    /// No hyperparameters meet these requirements: they contradict each other.
    Impossible(Vec<RequirementId>),
}

/// How small a change is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// No change of fewer hyperparameters helps, and among those of as many none has a smaller total.
    Smallest,
    /// No change of fewer hyperparameters helps; of those of as many, not all were compared.
    Fewest,
    /// A smaller one was too hard to look for.
    Unknown,
}

/// A hyperparameter with its exponents before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Whose.
    pub of: Hyperparameter,
    /// As given.
    pub from: Exponent,
    /// As it must be.
    pub to: Exponent,
}

/// One hyperparameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hyperparameter {
    /// The initial standard deviation of a parameter.
    Init(ParameterId),
    /// The learning rate of a parameter.
    LearningRate(ParameterId),
    /// A declared multiplier.
    Multiplier(MultiplierId),
}

impl Hyperparameter {
    /// Its key in a hyperparameter file, and whose it is.
    #[must_use]
    pub fn name(self, graph: &Graph) -> (&'static str, &str) {
        match self {
            Self::Init(w) => ("init", &graph.parameter(w).name),
            Self::LearningRate(w) => ("lr", &graph.parameter(w).name),
            Self::Multiplier(id) => ("multiplier", &graph.multiplier(id).name),
        }
    }

    /// Its exponent.
    #[must_use]
    pub fn of(self, given: &Hyperparameters) -> &Exponent {
        match self {
            Self::Init(w) => given.init(w),
            Self::LearningRate(w) => given.lr(w),
            Self::Multiplier(id) => given.multiplier(id),
        }
    }
}

/// Most smallest changes that are compared by their totals.
const MOST_COMPARED: usize = 64;

/// Judges hyperparameters by the desiderata of a question: the `given` ones decide what holds, changes are told of those
/// that are `stored`, from which the given ones differ by multipliers folded into parameters.
///
/// # Errors
/// If nothing can be derived, or a defect of the solver is found.
pub fn judge(
    question: &Question,
    given: &Hyperparameters,
    stored: &Hyperparameters,
) -> Result<Judgement, DeriveError> {
    let answer = derive(question)?;
    let point = answer.propagation.point(given);
    let judged = evaluate(&answer.demands, &point);
    let remedy = if judged.iter().all(|judged| judged.excess.is_none()) {
        Remedy::None
    } else if let Verdict::Infeasible { conflict, .. } = &answer.verdict {
        Remedy::Impossible(conflict.clone())
    } else {
        change(&answer.propagation, &answer.demands.program, &point, stored)?
    };
    Ok(Judgement { answer, judged, remedy })
}

/// Every requirement with its value at a point.
fn evaluate(demands: &Demands, point: &[Exponent]) -> Vec<Judged> {
    let value = |form: &Form| form.evaluate(|unknown| point.get(unknown.0 as usize)).unwrap_or_default();
    let mut judged = Vec::new();
    for (index, asked) in demands.requirements.iter().enumerate() {
        let requirement = RequirementId(index);
        let clauses = demands.program.clauses.iter();
        let mut stated = clauses.filter(|clause| clause.requirement() == Some(requirement));
        let bounds = |clause: &Clause| {
            clause.choice.is_empty() && clause.rows.iter().all(|row| row.relation == Relation::AtMostZero)
        };
        let only_bounded = stated.all(bounds);
        let left = asked.terms.iter().map(|(form, _)| value(form)).max().unwrap_or_default();
        let excess = &left - &value(&asked.right);
        let holds = excess.is_zero() || (only_bounded && excess.is_negative());
        judged.push(Judged { requirement, value: left, excess: (!holds).then_some(excess) });
    }
    judged
}

/// The hyperparameters with their unknowns, in order.
fn unknowns(propagation: &Propagation) -> Vec<(Hyperparameter, Unknown)> {
    let graph = &propagation.graph;
    let init = graph.parameter_ids().zip(&propagation.init);
    let init = init.filter_map(|(w, unknown)| Some((Hyperparameter::Init(w), (*unknown)?)));
    let lr = graph.parameter_ids().zip(&propagation.lr);
    let lr = lr.filter_map(|(w, unknown)| Some((Hyperparameter::LearningRate(w), (*unknown)?)));
    let multiplier = graph.multiplier_ids().zip(&propagation.multiplier);
    let multiplier = multiplier.map(|(id, unknown)| (Hyperparameter::Multiplier(id), *unknown));
    init.chain(lr).chain(multiplier).collect()
}

/// The smallest change of the hyperparameters after which the program, which has a solution, has one there.
fn change(
    propagation: &Propagation,
    program: &Program,
    point: &[Exponent],
    stored: &Hyperparameters,
) -> Result<Remedy, DeriveError> {
    let hyperparameters = unknowns(propagation);
    let moves = shifted(program, point);
    let soft: Vec<RequirementId> =
        (behind(program)..).map(RequirementId).take(hyperparameters.len()).collect();
    let mut kept = moves.clone();
    for (stays, (_, unknown)) in soft.iter().zip(&hyperparameters) {
        let rows = vec![Row::zero(Form::unknown(*unknown))];
        kept.clauses.push(Clause { origin: Origin::Requirement(*stays), rows, choice: Vec::new() });
    }
    let first = solve::corrections(&kept, &soft, &Limits { count: 1, ..Limits::default() })?;
    let Some(fewest) = first.corrections.first() else {
        return remedy(
            &moves,
            &hyperparameters,
            stored,
            &hyperparameters,
            Stage::FewestNonZero,
            Size::Unknown,
        )
        .map(|(remedy, _)| remedy);
    };
    let limits = Limits { size: fewest.len(), count: MOST_COMPARED, ..Limits::default() };
    let all = solve::corrections(&kept, &soft, &limits)?;
    let compared = match all.extent {
        Extent::Everything => Size::Smallest,
        Extent::Below(size) if size > fewest.len() => Size::Smallest,
        Extent::Below(_) | Extent::Never => Size::Fewest,
    };
    let mut best: Option<(Remedy, Exponent)> = None;
    for correction in all.corrections.iter().filter(|correction| correction.len() == fewest.len()) {
        let free = soft.iter().zip(&hyperparameters).filter(|(stays, _)| correction.contains(stays));
        let free: Vec<(Hyperparameter, Unknown)> = free.map(|(_, held)| *held).collect();
        let found = remedy(&moves, &hyperparameters, stored, &free, Stage::SmallestAbsolute, compared)?;
        if best.as_ref().is_none_or(|(_, total)| found.1 < *total) {
            best = Some(found);
        }
    }
    best.map(|(remedy, _)| remedy).ok_or(DeriveError::Inconsistent)
}

/// A position behind those of all requirements.
fn behind(program: &Program) -> usize {
    let stated = program.clauses.iter().filter_map(Clause::requirement);
    stated.map(|id| id.0 + 1).max().unwrap_or_default()
}

/// The program in the changes of the hyperparameters: each unknown but a maximum counts from its value at the point.
fn shifted(program: &Program, point: &[Exponent]) -> Program {
    let mut shifted = program.clone();
    let is_maximum = |unknown: Unknown| {
        program.unknowns.get(unknown.0 as usize).is_some_and(|held| held.kind == UnknownKind::Maximum)
    };
    for row in shifted.clauses.iter_mut().flat_map(|clause| clause.rows.iter_mut().chain(&mut clause.choice))
    {
        let moved = row.form.coefficients().filter(|(unknown, _)| !is_maximum(*unknown));
        let by: Exponent =
            moved.filter_map(|(unknown, factor)| Some(factor * point.get(unknown.0 as usize)?)).sum();
        row.form = row.form.plus(&by);
    }
    shifted
}

/// The change of the free hyperparameters that a stage takes, checked, and its total; the others stay.
fn remedy(
    moves: &Program,
    hyperparameters: &[(Hyperparameter, Unknown)],
    stored: &Hyperparameters,
    free: &[(Hyperparameter, Unknown)],
    stage: fn(Vec<Unknown>) -> Stage,
    size: Size,
) -> Result<(Remedy, Exponent), DeriveError> {
    let mut program = moves.clone();
    let fixed = hyperparameters.iter().filter(|held| !free.contains(held));
    let rows: Vec<Row> = fixed.map(|(_, unknown)| Row::zero(Form::unknown(*unknown))).collect();
    let stays = Origin::Requirement(RequirementId(behind(moves)));
    program.clauses.push(Clause { origin: stays, rows, choice: Vec::new() });
    let free: Vec<Unknown> = free.iter().map(|(_, unknown)| *unknown).collect();
    let preference = Preference { stages: vec![stage(free.clone()), Stage::SmallestAbsolute(free)] };
    let certified = exact::check(&program, solve::solve(&program, &preference)?)?;
    let point = certified.point().ok_or(DeriveError::Inconsistent)?;
    let mut changes = Vec::new();
    let mut total = Exponent::ZERO;
    for (of, unknown) in hyperparameters {
        let Some(by) = point.get(unknown.0 as usize).filter(|by| !by.is_zero()) else { continue };
        let from = of.of(stored).clone();
        total += &by.abs();
        changes.push(Change { of: *of, to: &from + by, from });
    }
    Ok((Remedy::Change { changes, size }, total))
}

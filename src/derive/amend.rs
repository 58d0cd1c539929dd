//! [`Amendment`]: the smallest change of hyperparameters after which they meet every requirement, along all directions of growth.
//!
//! Keep every requirement, and of the statements "this hyperparameter stays as it is" give up as few as possible. Of the smallest
//! changes so found, each is solved for the smallest total of absolute changes, and the first of the smallest is taken. In
//! several scale variables the requirements are kept along the directions that break the hyperparameters, until those that were
//! changed hold along all.

use super::breaks::{Joined, joined};
use super::directions::Direction;
use super::error::DeriveError;
use super::together::{Combined, MOST_DIRECTIONS, units};
use crate::exact::{
    self, Clause, Exponent, Form, Origin, Powers, Program, RequirementId, Row, Unknown, UnknownKind,
};
use crate::graph::{Graph, Hyperparameters, MultiplierId, ParameterId};
use crate::propagate::{Demands, Posed, Propagation};
use crate::solve::{self, Extent, Limits, Preference, Stage};

/// What to change so that every requirement holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Amendment {
    /// Nothing.
    None,
    /// Some exponents.
    Change {
        /// Every one that changes.
        changes: Vec<Amended>,
        /// How small the change is.
        size: Smallness,
    },
    /// No hyperparameters meet these requirements: in one scale variable they contradict each other.
    Impossible {
        /// The position of the scale variable.
        variable: usize,
        /// The requirements, of the answer in it.
        conflict: Vec<RequirementId>,
    },
    /// In each scale variable some meet them, but none were found that do however these grow together.
    Apart {
        /// Whether it is proven that there are none.
        no_other: bool,
    },
}

/// How small a change is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Smallness {
    /// No change of fewer hyperparameters helps, and among those of as many none has a smaller total.
    Smallest,
    /// No change of fewer hyperparameters helps; of those of as many, not all were compared.
    Fewest,
    /// A smaller one was too hard to look for.
    Unknown,
}

/// A hyperparameter with its exponents before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amended {
    /// Whose.
    pub of: Hyperparameter,
    /// As given.
    pub from: Powers,
    /// As it must be.
    pub to: Powers,
}

impl Amended {
    /// Makes the change, in one scale variable; nothing if there is none.
    #[must_use]
    pub fn apply(&self, hyperparameters: &mut Hyperparameters) -> Option<()> {
        let to = self.to.0.first()?.clone();
        match self.of {
            Hyperparameter::Init(w) => hyperparameters.init[w.0] = to,
            Hyperparameter::LearningRate(w) => hyperparameters.lr[w.0] = to,
            Hyperparameter::Multiplier(id) => hyperparameters.multiplier[id.0] = to,
        }
        Some(())
    }
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

    fn of_mut(self, given: &mut Hyperparameters) -> &mut Exponent {
        match self {
            Self::Init(w) => &mut given.init[w.0],
            Self::LearningRate(w) => &mut given.lr[w.0],
            Self::Multiplier(id) => &mut given.multiplier[id.0],
        }
    }
}

impl Amendment {
    /// What hyperparameters, given in each scale variable, are after the change; nothing if there is none that helps.
    #[must_use]
    pub fn of(&self, given: &[Hyperparameters]) -> Option<Vec<Hyperparameters>> {
        let mut amended = given.to_vec();
        match self {
            Self::None => {}
            Self::Change { changes, .. } => {
                for Amended { of, from, to } in changes {
                    for (held, (from, to)) in amended.iter_mut().zip(from.0.iter().zip(&to.0)) {
                        *of.of_mut(held) += &(to - from);
                    }
                }
            }
            Self::Impossible { .. } | Self::Apart { .. } => return None,
        }
        Some(amended)
    }
}

/// Most smallest changes that are compared by their totals.
const MOST_COMPARED: usize = 64;

/// The smallest change after which every requirement holds, along all directions of growth.
pub(super) fn amend(
    posed: &Posed,
    broken: Option<&Direction>,
    given: &[Hyperparameters],
    stored: &[Hyperparameters],
) -> Result<Amendment, DeriveError> {
    let question = &posed.question;
    let variables = given.len();
    let mut directions = units(variables);
    let mut next = broken.cloned();
    loop {
        if let Some(direction) = next.filter(|direction| !directions.contains(direction)) {
            directions.push(direction);
        }
        let combined = Combined::along(question, &directions, Demands::ungauged)?;
        let named = combined.named(&unknowns(&posed.propagation));
        let Some((amendment, changed)) = change(&combined, &named, given, stored)? else {
            return Ok(Amendment::Apart { no_other: true });
        };
        if variables < 2 {
            return Ok(amendment);
        }
        match joined(posed, &changed)? {
            Joined::Holds(_) => return Ok(amendment),
            Joined::Breaks(_) if directions.len() >= MOST_DIRECTIONS => {
                return Ok(Amendment::Apart { no_other: false });
            }
            Joined::Breaks(breaks) => next = breaks.first().map(|broken| broken.direction.clone()),
        }
    }
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
    let growing = propagation.growing();
    // In an open propagation, the growth of the variables comes first.
    let own = |unknown: Unknown| Unknown(unknown.0.saturating_sub(growing));
    init.chain(lr).chain(multiplier).map(|(of, unknown)| (of, own(unknown))).collect()
}

/// A hyperparameter in a scale variable, by position, with its unknown.
type Named = (usize, Hyperparameter, Unknown);

/// The smallest change of the hyperparameters after which the combined program has a solution there, with what they are then;
/// nothing if it has no solution.
fn change(
    combined: &Combined,
    named: &[Named],
    given: &[Hyperparameters],
    stored: &[Hyperparameters],
) -> Result<Option<(Amendment, Vec<Hyperparameters>)>, DeriveError> {
    let mut point = vec![Exponent::ZERO; combined.program.unknowns.len()];
    for (variable, of, unknown) in named {
        if let (Some(given), Some(value)) = (given.get(*variable), point.get_mut(unknown.0 as usize)) {
            value.clone_from(of.of(given));
        }
    }
    let moves = shifted(&combined.program, &point);
    let soft: Vec<RequirementId> = (behind(&moves)..).map(RequirementId).take(named.len()).collect();
    let mut kept = moves.clone();
    for (stays, (.., unknown)) in soft.iter().zip(named) {
        let rows = vec![Row::zero(Form::unknown(*unknown))];
        kept.clauses.push(Clause { origin: Origin::Requirement(*stays), rows, choice: Vec::new() });
    }
    let told = |moved: Vec<Exponent>, size: Smallness| {
        let changes = changes(named, stored, &moved);
        let mut changed = given.to_vec();
        for (variable, of, unknown) in named {
            if let (Some(held), Some(by)) = (changed.get_mut(*variable), moved.get(unknown.0 as usize)) {
                *of.of_mut(held) += by;
            }
        }
        Some((Amendment::Change { changes, size }, changed))
    };
    let first = solve::corrections(&kept, &soft, &Limits { count: 1, ..Limits::default() })?;
    let Some(fewest) = first.corrections.first() else {
        let moved = moved(&moves, named, named, Stage::FewestNonZero)?;
        return Ok(moved.and_then(|(moved, _)| told(moved, Smallness::Unknown)));
    };
    let limits = Limits { size: fewest.len(), count: MOST_COMPARED, ..Limits::default() };
    let all = solve::corrections(&kept, &soft, &limits)?;
    let compared = match all.extent {
        Extent::Everything => Smallness::Smallest,
        Extent::Below(size) if size > fewest.len() => Smallness::Smallest,
        Extent::Below(_) | Extent::Never => Smallness::Fewest,
    };
    let mut best: Option<(Vec<Exponent>, Exponent)> = None;
    for correction in all.corrections.iter().filter(|correction| correction.len() == fewest.len()) {
        let free = soft.iter().zip(named).filter(|(stays, _)| correction.contains(stays));
        let free: Vec<Named> = free.map(|(_, held)| *held).collect();
        let Some(found) = moved(&moves, named, &free, Stage::SmallestAbsolute)? else { continue };
        if best.as_ref().is_none_or(|(_, total)| found.1 < *total) {
            best = Some(found);
        }
    }
    Ok(best.and_then(|(moved, _)| told(moved, compared)))
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

/// By how much each unknown moves, the free hyperparameters as a stage takes them and the others not at all, checked, and the
/// total; nothing if there is no such solution.
fn moved(
    moves: &Program,
    named: &[Named],
    free: &[Named],
    stage: fn(Vec<Unknown>) -> Stage,
) -> Result<Option<(Vec<Exponent>, Exponent)>, DeriveError> {
    let mut program = moves.clone();
    let fixed = named.iter().filter(|held| !free.contains(held));
    let rows: Vec<Row> = fixed.map(|(.., unknown)| Row::zero(Form::unknown(*unknown))).collect();
    let stays = Origin::Requirement(RequirementId(behind(moves)));
    program.clauses.push(Clause { origin: stays, rows, choice: Vec::new() });
    let free: Vec<Unknown> = free.iter().map(|(.., unknown)| *unknown).collect();
    let preference = Preference { stages: vec![stage(free.clone()), Stage::SmallestAbsolute(free)] };
    let certified = exact::check(&program, solve::solve(&program, &preference)?)?;
    let Some(point) = certified.point() else { return Ok(None) };
    let by = |(.., unknown): &Named| point.get(unknown.0 as usize).map(Exponent::abs);
    let total = named.iter().filter_map(by).sum();
    Ok(Some((point.to_vec(), total)))
}

/// Every hyperparameter that moves in some scale variable, in order.
fn changes(named: &[Named], stored: &[Hyperparameters], moved: &[Exponent]) -> Vec<Amended> {
    let mut changes: Vec<Amended> = Vec::new();
    for (_, of, _) in named.iter().filter(|(variable, ..)| *variable == 0) {
        let from = Powers(stored.iter().map(|held| of.of(held).clone()).collect());
        let mut to = from.clone();
        for (variable, _, unknown) in named.iter().filter(|(_, other, _)| other == of) {
            if let (Some(to), Some(by)) = (to.0.get_mut(*variable), moved.get(unknown.0 as usize)) {
                *to += by;
            }
        }
        if to != from {
            changes.push(Amended { of: *of, from, to });
        }
    }
    changes
}

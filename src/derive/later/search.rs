//! [`derive_later`]: hyperparameters that meet the requirements of every step.
//!
//! Every exponent of a training is, around a point, a linear form in the hyperparameters. Where a point breaks a requirement, the
//! form that breaks it becomes a row of a program: at most zero, or, where equality is asked, one of those that may be zero. The
//! program is solved exactly, the training walked at its solution, and so on, until nothing breaks. What is found has been walked
//! in exact numbers; that there is nothing else is proven of the rows that were generated only.

use std::collections::{BTreeMap, BTreeSet};

use super::horizon::horizon;
use super::judge::LaterJudgement;
use crate::derive::error::DeriveError;
use crate::exact::{
    Claim, Clause, Exponent, Form, Origin, Program, RequirementId, Row, Unknown, UnknownKind,
};
use crate::graph::{Hyperparameters, Kept, NodeId, ParameterId, Trades};
use crate::propagate::{
    Growth, LaterRequirement, Question, Trajectory, Unknowns, require_later, trajectory, trajectory_of_forms,
};
use crate::solve::{Preference, Stage, conflict, solve};

/// What comes out.
#[derive(Clone, Debug)]
pub enum LaterAnswer {
    /// A table that holds at every step.
    Feasible(Box<LaterTable>),
    /// None was found: rows that were generated contradict each other. A row is what a requirement is at some hyperparameters,
    /// and at others it may be less, so that is no proof.
    Contradiction(LaterConflict),
    /// None was found, nor a contradiction.
    Unsettled {
        /// How many points were tried.
        tried: usize,
        /// The requirements on what stays zero at every step, if there are such.
        asleep: Vec<LaterRequirement>,
    },
}

/// A table that holds at every step.
#[derive(Clone, Debug)]
pub struct LaterTable {
    /// The exponents.
    pub hyperparameters: Hyperparameters,
    /// The training with them.
    pub judgement: LaterJudgement,
    /// Whether no other table meets the rows that were generated, but for smaller starts.
    pub unique: bool,
    /// The parameters each of which may start smaller: the training was walked with that, and nothing breaks.
    pub smaller_starts: Vec<ParameterId>,
}

/// Requirements whose rows contradict each other.
#[derive(Clone, Debug)]
pub struct LaterConflict {
    /// All requirements.
    pub requirements: Vec<LaterRequirement>,
    /// Those in the conflict, each with the steps that its rows are of.
    pub conflict: Vec<(usize, Vec<usize>)>,
    /// Where exponents would end, that is part of it.
    pub endings: Vec<NodeId>,
}

/// Points that are tried before the search gives up.
const MOST_POINTS: usize = 200;

/// The parameterization that the search starts from.
const START: &str = "mup";

/// Derives the table with which the desiderata of a question hold at every step, in one scale variable. Of several it takes the one
/// with the largest inits, then the fewest multipliers, then the smallest exponents.
///
/// # Errors
/// If exponents cannot be propagated over steps, or a program is too hard.
pub fn derive_later(question: &Question) -> Result<LaterAnswer, DeriveError> {
    let mut search = Search::new(question);
    let start = search.start()?;
    // Near to where the search begins, forms are those that hold there; from a table that holds the preferred one is near.
    let nearest = search.nearest(&start);
    let first = match search.settle(start, &nearest)? {
        Settled::At(point) => point,
        Settled::Never(answer) => return Ok(answer),
    };
    let largest = search.largest();
    search.surround(&first)?;
    match solve(&search.program(), &largest)? {
        Claim::Feasible { point, .. } if point != first => match search.clone().settle(point, &largest)? {
            Settled::At(point) => search.found(&point),
            Settled::Never(_) => search.found(&first),
        },
        Claim::Feasible { .. } | Claim::Infeasible(_) => search.found(&first),
    }
}

/// What rows say so far.
enum Next {
    /// They hold at a point.
    Point(Vec<Exponent>),
    /// They hold at none.
    Contradiction(LaterConflict),
}

/// Where a search comes to.
enum Settled {
    /// A point that breaks nothing.
    At(Vec<Exponent>),
    /// There is none, or none was found.
    Never(LaterAnswer),
}

#[derive(Clone)]
struct Search<'a> {
    question: &'a Question,
    unknowns: Unknowns,
    requirements: Vec<LaterRequirement>,
    steps: usize,
    /// The forms that each requirement had after a step, somewhere.
    pieces: BTreeMap<(usize, usize), BTreeSet<Form>>,
    /// The equations of which it is not asked which form is zero: those that are known cannot be, so another one must.
    open: BTreeSet<(usize, usize)>,
    /// The forms that must be at most zero for exponents to go on at a node.
    limits: BTreeMap<NodeId, BTreeSet<Form>>,
}

impl<'a> Search<'a> {
    fn new(question: &'a Question) -> Self {
        Self {
            question,
            unknowns: Unknowns::of(&question.graph),
            requirements: require_later(&question.graph, &question.desiderata),
            steps: horizon(&question.graph),
            pieces: BTreeMap::new(),
            open: BTreeSet::new(),
            limits: BTreeMap::new(),
        }
    }

    /// Where the search starts: at the inits and rates that are known to be near.
    fn start(&self) -> Result<Vec<Exponent>, DeriveError> {
        let Question { graph, book, optimizer, scaling, .. } = self.question;
        let growth = Growth::along(scaling.along(0));
        let known = book.parameterization(START).map_err(|_| DeriveError::Inconsistent)?;
        let near = known.hyperparameters(graph, &growth, optimizer).hyperparameters;
        let mut point = vec![Exponent::ZERO; self.unknowns.all.len()];
        let mut put = |unknown: Option<Unknown>, value: &Exponent| {
            if let Some(unknown) = unknown {
                point[unknown.0 as usize] = value.clone();
            }
        };
        for id in graph.parameter_ids() {
            put(self.unknowns.init(id), near.init(id));
            put(self.unknowns.lr(id), near.lr(id));
        }
        graph.multiplier_ids().for_each(|id| put(Some(self.unknowns.multiplier(id)), near.multiplier(id)));
        Ok(point)
    }

    /// Generates rows until a point breaks nothing.
    fn settle(&mut self, mut point: Vec<Exponent>, preference: &Preference) -> Result<Settled, DeriveError> {
        for tried in 1..=MOST_POINTS {
            let walked = self.walk(&point)?;
            let (breaks, is_new) = self.generate(&walked, &point);
            if !breaks {
                return Ok(Settled::At(point));
            }
            if !is_new {
                // A form that was the largest somewhere is not as large here: rows tell nothing more.
                return Ok(Settled::Never(LaterAnswer::Unsettled { tried, asleep: self.asleep(&walked) }));
            }
            match self.next(preference)? {
                Next::Point(next) => point = next,
                Next::Contradiction(conflict) => {
                    return Ok(Settled::Never(LaterAnswer::Contradiction(conflict)));
                }
            }
        }
        Ok(Settled::Never(LaterAnswer::Unsettled { tried: MOST_POINTS, asleep: Vec::new() }))
    }

    /// The point that the rows so far prefer. Where they contradict each other by what may be zero in an equation, another form
    /// must be, that is not known yet: then it is only asked that none is larger.
    fn next(&mut self, preference: &Preference) -> Result<Next, DeriveError> {
        loop {
            let program = self.program();
            if let Claim::Feasible { point, .. } = solve(&program, preference)? {
                return Ok(Next::Point(point));
            }
            let conflict = self.contradiction(&program)?;
            let asked = conflict.conflict.iter().flat_map(|(index, steps)| {
                steps
                    .iter()
                    .map(|step| (*index, *step))
                    .filter(|(index, step)| self.requirements[*index].is_equation(*step, self.steps))
            });
            let asked: Vec<(usize, usize)> = asked.filter(|place| !self.open.contains(place)).collect();
            if asked.is_empty() {
                return Ok(Next::Contradiction(conflict));
            }
            self.open.extend(asked);
        }
    }

    fn walk(&self, point: &[Exponent]) -> Result<Trajectory, DeriveError> {
        let Question { graph, book, optimizer, scaling, .. } = self.question;
        let at = (&self.unknowns, point);
        Ok(trajectory_of_forms(graph, book, optimizer, &scaling.along(0), at, self.steps)?)
    }

    /// Adds the forms of all requirements at a point that breaks none.
    fn surround(&mut self, point: &[Exponent]) -> Result<(), DeriveError> {
        let walked = self.walk(point)?;
        let multipliers = self.unknowns.hyperparameters(point).multiplier;
        for (index, requirement) in self.requirements.iter().enumerate() {
            for step in 0..=walked.steps {
                let at = (&self.unknowns, multipliers.as_slice());
                let excess = requirement.excess(&self.question.graph, &walked, at, step);
                let form = excess.and_then(|excess| excess.form);
                self.pieces.entry((index, step)).or_default().extend(form);
            }
        }
        Ok(())
    }

    /// The requirements that cannot be met because what they speak of stays zero at every step: an exact saddle.
    fn asleep(&self, walked: &Trajectory) -> Vec<LaterRequirement> {
        let (graph, none) = (&self.question.graph, self.unknowns.hyperparameters(&[]).multiplier);
        let at = (&self.unknowns, none.as_slice());
        let sleeps = |requirement: &&LaterRequirement| {
            walked.ends.is_none()
                && requirement.is_equation(walked.steps, self.steps)
                && requirement.excess(graph, walked, at, walked.steps).is_none()
        };
        self.requirements.iter().filter(sleeps).cloned().collect()
    }

    /// Adds the rows that a training breaks: whether it breaks any, and whether one of them is new.
    fn generate(&mut self, walked: &Trajectory, point: &[Exponent]) -> (bool, bool) {
        let (mut breaks, mut is_new) = (false, false);
        if let Some(end) = &walked.ends {
            breaks = true;
            if let Some(form) = &end.form {
                is_new |= self.limits.entry(end.node).or_default().insert(form.clone());
            }
        }
        let multipliers = self.unknowns.hyperparameters(point).multiplier;
        for (index, requirement) in self.requirements.iter().enumerate() {
            for step in 0..=walked.steps {
                let at = (&self.unknowns, multipliers.as_slice());
                let is_equation = requirement.is_equation(step, self.steps);
                let Some(excess) = requirement.excess(&self.question.graph, walked, at, step) else {
                    breaks |= is_equation;
                    continue;
                };
                if excess.value.is_positive() || (is_equation && excess.value.is_negative()) {
                    breaks = true;
                    let held = self.pieces.entry((index, step)).or_default();
                    if excess.form.is_some_and(|form| held.insert(form)) {
                        is_new = true;
                        self.open.remove(&(index, step));
                    }
                }
            }
        }
        (breaks, is_new)
    }

    /// What is known so far as a program: every form at most zero, and of each equation one of its forms zero.
    fn program(&self) -> Program {
        let mut program = Program { unknowns: self.unknowns.all.clone(), clauses: Vec::new() };
        for ((index, step), forms) in &self.pieces {
            let rows = forms.iter().cloned().map(Row::at_most_zero).collect();
            let is_equation = self.requirements[*index].is_equation(*step, self.steps)
                && !self.open.contains(&(*index, *step));
            let choice = forms.iter().filter(|_| is_equation).cloned().map(Row::zero).collect();
            let origin = Origin::Requirement(RequirementId(*index));
            program.clauses.push(Clause { origin, rows, choice });
        }
        for (place, forms) in self.limits.values().enumerate() {
            let rows = forms.iter().cloned().map(Row::at_most_zero).collect();
            let origin = Origin::Requirement(RequirementId(self.requirements.len() + place));
            program.clauses.push(Clause { origin, rows, choice: Vec::new() });
        }
        let gauge = RequirementId(self.requirements.len() + self.limits.len());
        let rows = self.traded().into_iter().map(|unknown| Row::zero(Form::unknown(unknown))).collect();
        program.clauses.push(Clause { origin: Origin::Requirement(gauge), rows, choice: Vec::new() });
        program
    }

    /// The multipliers that weights could take the place of: a table is told with these at 1.
    fn traded(&self) -> Vec<Unknown> {
        let graph = &self.question.graph;
        if self.question.desiderata.gauge.is_none() {
            return Vec::new();
        }
        let mut trades = Trades::of(graph, Kept::Seen, 0);
        let traded = graph.multiplier_ids().filter(|id| !trades.ask(&trades.of_multiplier(*id)).is_empty());
        traded.map(|id| self.unknowns.multiplier(id)).collect()
    }

    /// As near to a point as possible.
    fn nearest(&self, point: &[Exponent]) -> Preference {
        let wanted = (0..).map(Unknown).zip(point.iter().cloned()).collect();
        Preference { stages: vec![Stage::Nearest(wanted)] }
    }

    /// The largest inits, then the fewest multipliers, then the smallest exponents.
    fn largest(&self) -> Preference {
        let starts = self.unknowns.starts().map(|(_, unknown)| Stage::Largest(Form::unknown(unknown)));
        let of = |kinds: &[UnknownKind]| -> Vec<Unknown> {
            let all = self.unknowns.all.iter().zip(0..);
            all.filter(|(info, _)| kinds.contains(&info.kind)).map(|(_, place)| Unknown(place)).collect()
        };
        let all = [UnknownKind::Init, UnknownKind::LearningRate, UnknownKind::Multiplier];
        let last = [Stage::FewestNonZero(of(&[UnknownKind::Multiplier])), Stage::SmallestAbsolute(of(&all))];
        Preference { stages: starts.chain(last).collect() }
    }

    /// The table at a point that breaks nothing.
    fn found(&self, point: &[Exponent]) -> Result<LaterAnswer, DeriveError> {
        let hyperparameters = self.unknowns.hyperparameters(point);
        let judgement = self.judged(&hyperparameters)?;
        if !judgement.holds() {
            return Err(DeriveError::Inconsistent);
        }
        let mut smaller_starts = Vec::new();
        for (id, _) in self.unknowns.starts() {
            let mut smaller = hyperparameters.clone();
            smaller.init[id.0] += &Exponent::integer(-1);
            if self.judged(&smaller)?.holds() {
                smaller_starts.push(id);
            }
        }
        let mut around = self.clone();
        around.surround(point)?;
        let unique =
            matches!(solve(&around.program(), &self.largest())?, Claim::Feasible { unique: Some(_), .. });
        let table = LaterTable { hyperparameters, judgement, unique, smaller_starts };
        Ok(LaterAnswer::Feasible(Box::new(table)))
    }

    fn judged(&self, hyperparameters: &Hyperparameters) -> Result<LaterJudgement, DeriveError> {
        let Question { graph, book, optimizer, scaling, .. } = self.question;
        let growth = scaling.along(0);
        let trajectory = trajectory(graph, book, optimizer, &growth, hyperparameters, self.steps)?;
        let multipliers = &hyperparameters.multiplier;
        Ok(LaterJudgement::of(graph, self.requirements.clone(), trajectory, multipliers))
    }

    fn contradiction(&self, program: &Program) -> Result<LaterConflict, DeriveError> {
        let all: Vec<RequirementId> = program.clauses.iter().filter_map(Clause::requirement).collect();
        let found = conflict(program, &all)?.ok_or(DeriveError::Inconsistent)?;
        let mut conflict = Vec::new();
        let mut endings = Vec::new();
        for id in found.requirements {
            if id.0 < self.requirements.len() {
                let of = |((index, step), _): (&(usize, usize), _)| (*index == id.0).then_some(*step);
                conflict.push((id.0, self.pieces.iter().filter_map(of).collect()));
            } else {
                endings.extend(self.limits.keys().nth(id.0 - self.requirements.len()));
            }
        }
        let requirements = self.requirements.clone();
        Ok(LaterConflict { requirements, conflict, endings })
    }
}

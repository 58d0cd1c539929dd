//! [`derive_later`]: hyperparameters that meet the requirements of every step.
//!
//! Every exponent of a training is, around a point, a linear form in the hyperparameters. Where a point breaks a requirement, the
//! form that breaks it becomes a row of a program: at most zero, or, where equality is asked, one of those that may be zero. The
//! program is solved exactly, the training walked at its solution, and so on, until nothing breaks. What is found has been walked
//! in exact numbers; that there is nothing else is proven of the rows that were generated only.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::horizon::horizon;
use super::judge::LaterJudgement;
use crate::derive::error::DeriveError;
use crate::exact::{
    Claim, Clause, Exponent, Form, Origin, Program, RequirementId, Row, Unknown, UnknownKind,
};
use crate::graph::{Hyperparameters, NodeId, ParameterId};
use crate::propagate::{
    Growth, LaterExcess, LaterRequirement, Question, Trajectory, TrajectoryEnd, Unknowns, gauged_later,
    require_later, trajectory, trajectory_of_forms,
};
use crate::solve::{Effort, Preference, SolveError, Stage, conflict, solve_within};

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

/// The work that all programs of a search may cost together, in steps of the solver.
const MOST_EFFORT: u64 = 100_000_000;

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
    match search.claim(&search.program(), &largest)? {
        Some(Claim::Feasible { point, .. }) if point != first => {
            match search.clone().settle(point, &largest)? {
                Settled::At(point) => search.found(&point),
                Settled::Never(_) => search.found(&first),
            }
        }
        Some(Claim::Feasible { .. } | Claim::Infeasible(_)) | None => search.found(&first),
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
    /// The multipliers that weights could take the place of, as a table is told: minus what the gauge says that they are.
    traded: Vec<Form>,
    requirements: Vec<LaterRequirement>,
    steps: usize,
    /// The forms that each requirement had after a step, somewhere.
    pieces: BTreeMap<(usize, usize), BTreeSet<Form>>,
    /// The equations of which it is not asked which form is zero: those that are known cannot be, so another one must.
    open: BTreeSet<(usize, usize)>,
    /// The forms that must be at most zero for exponents to go on at a node.
    limits: BTreeMap<NodeId, BTreeSet<Form>>,
    /// The work left for all programs together.
    effort: Rc<Effort>,
}

impl<'a> Search<'a> {
    fn new(question: &'a Question) -> Self {
        let unknowns = Unknowns::of(&question.graph);
        let growth = Growth::along(question.scaling.along(0));
        Self {
            question,
            traded: traded(question, &growth, &unknowns),
            unknowns,
            requirements: require_later(&question.graph, &question.desiderata, &growth),
            steps: horizon(&question.graph),
            pieces: BTreeMap::new(),
            open: BTreeSet::new(),
            limits: BTreeMap::new(),
            effort: Rc::new(Effort::limited(MOST_EFFORT)),
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
                return Ok(Settled::Never(LaterAnswer::Unsettled {
                    tried,
                    asleep: self.asleep(&walked, &point),
                }));
            }
            match self.next(preference)? {
                Some(Next::Point(next)) => point = next,
                Some(Next::Contradiction(conflict)) => {
                    return Ok(Settled::Never(LaterAnswer::Contradiction(conflict)));
                }
                None => {
                    return Ok(Settled::Never(LaterAnswer::Unsettled { tried, asleep: Vec::new() }));
                }
            }
        }
        Ok(Settled::Never(LaterAnswer::Unsettled { tried: MOST_POINTS, asleep: Vec::new() }))
    }

    /// The point that the rows so far prefer. Where they contradict each other by what may be zero in an equation, another form
    /// must be, that is not known yet: then it is only asked that none is larger. Nothing if the work for it is spent.
    fn next(&mut self, preference: &Preference) -> Result<Option<Next>, DeriveError> {
        loop {
            let program = self.program();
            match self.claim(&program, preference)? {
                Some(Claim::Feasible { point, .. }) => return Ok(Some(Next::Point(point))),
                Some(Claim::Infeasible(_)) => {}
                None => return Ok(None),
            }
            let conflict = self.contradiction(&program)?;
            let places = conflict.conflict.iter();
            let places = places.flat_map(|(index, steps)| steps.iter().map(|step| (*index, *step)));
            let asked: Vec<(usize, usize)> =
                places.filter(|place| self.is_equation(*place) && !self.open.contains(place)).collect();
            if asked.is_empty() {
                return Ok(Some(Next::Contradiction(conflict)));
            }
            self.open.extend(asked);
        }
    }

    /// What is so of a program; nothing if the work for it is spent.
    fn claim(&self, program: &Program, preference: &Preference) -> Result<Option<Claim>, DeriveError> {
        match solve_within(program, preference, &self.effort) {
            Ok(claim) => Ok(Some(claim)),
            Err(SolveError::TooHard { .. }) => Ok(None),
            Err(error @ SolveError::Undeclared(_)) => Err(error.into()),
        }
    }

    fn walk(&self, point: &[Exponent]) -> Result<Trajectory, DeriveError> {
        let Question { graph, book, optimizer, scaling, .. } = self.question;
        let at = (&self.unknowns, point);
        Ok(trajectory_of_forms(graph, book, optimizer, &scaling.along(0), at, self.steps)?)
    }

    /// By how much each requirement is exceeded after each step of a training.
    fn excesses(
        &self,
        walked: &Trajectory,
        point: &[Exponent],
    ) -> Vec<((usize, usize), Option<LaterExcess>)> {
        let multipliers = self.unknowns.hyperparameters(point).multiplier;
        let at = (&self.unknowns, multipliers.as_slice());
        let of = |(index, step): (usize, usize)| {
            let excess = self.requirements[index].excess(&self.question.graph, walked, at, step);
            ((index, step), excess)
        };
        let steps = |index| (0..=walked.steps).map(move |step| (index, step));
        (0..self.requirements.len()).flat_map(steps).map(of).collect()
    }

    /// Whether a requirement is asked as an equation after a step.
    fn is_equation(&self, (index, step): (usize, usize)) -> bool {
        self.requirements[index].is_equation(step, self.steps)
    }

    /// Adds the forms of all requirements at a point that breaks none.
    fn surround(&mut self, point: &[Exponent]) -> Result<(), DeriveError> {
        let walked = self.walk(point)?;
        for (place, excess) in self.excesses(&walked, point) {
            self.pieces.entry(place).or_default().extend(excess.and_then(|excess| excess.form));
        }
        Ok(())
    }

    /// The requirements that cannot be met because what they speak of stays zero at every step: an exact saddle.
    fn asleep(&self, walked: &Trajectory, point: &[Exponent]) -> Vec<LaterRequirement> {
        let sleeps = |((_, step), excess): &((usize, usize), Option<LaterExcess>)| {
            *step == self.steps && excess.is_none()
        };
        let excesses = self.excesses(walked, point).into_iter();
        let places = excesses.filter(sleeps).map(|(place, _)| place);
        let places = places.filter(|place| self.is_equation(*place));
        places.map(|(index, _)| self.requirements[index].clone()).collect()
    }

    /// Adds the rows that a training breaks: whether it breaks any, and whether one of them is new.
    fn generate(&mut self, walked: &Trajectory, point: &[Exponent]) -> (bool, bool) {
        let (mut breaks, mut is_new) = (walked.ends.is_some(), false);
        if let Some(TrajectoryEnd { node, form: Some(form), .. }) = &walked.ends {
            is_new |= self.limits.entry(*node).or_default().insert(form.clone());
        }
        for (place, excess) in self.excesses(walked, point) {
            let is_equation = self.is_equation(place);
            let Some(LaterExcess { value, form }) = excess else {
                breaks |= is_equation;
                continue;
            };
            if value.is_positive() || (is_equation && value.is_negative()) {
                breaks = true;
                let held = self.pieces.entry(place).or_default();
                if form.is_some_and(|form| held.insert(form)) {
                    is_new = true;
                    self.open.remove(&place);
                }
            }
        }
        (breaks, is_new)
    }

    /// What is known so far as a program: every form at most zero, and of each equation one of its forms zero.
    fn program(&self) -> Program {
        let mut program = Program { unknowns: self.unknowns.all.clone(), clauses: Vec::new() };
        for (place, forms) in &self.pieces {
            let rows = forms.iter().cloned().map(Row::at_most_zero).collect();
            let is_equation = self.is_equation(*place) && !self.open.contains(place);
            let choice = forms.iter().filter(|_| is_equation).cloned().map(Row::zero).collect();
            let origin = Origin::Requirement(RequirementId(place.0));
            program.clauses.push(Clause { origin, rows, choice });
        }
        for (place, forms) in self.limits.values().enumerate() {
            let rows = forms.iter().cloned().map(Row::at_most_zero).collect();
            let origin = Origin::Requirement(RequirementId(self.requirements.len() + place));
            program.clauses.push(Clause { origin, rows, choice: Vec::new() });
        }
        let gauge = RequirementId(self.requirements.len() + self.limits.len());
        let rows = self.traded.iter().cloned().map(Row::zero).collect();
        program.clauses.push(Clause { origin: Origin::Requirement(gauge), rows, choice: Vec::new() });
        program
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
        let unique = matches!(
            around.claim(&around.program(), &self.largest())?,
            Some(Claim::Feasible { unique: Some(_), .. })
        );
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

/// The multipliers that weights could take the place of, where the desiderata say how a table is told.
fn traded(question: &Question, growth: &Growth, unknowns: &Unknowns) -> Vec<Form> {
    let gauge = question.desiderata.gauge.iter();
    let gauged = gauge.flat_map(|gauge| gauged_later(&question.graph, gauge, growth));
    gauged.map(|(id, says)| &Form::unknown(unknowns.multiplier(id)) - &Form::constant(says)).collect()
}

//! [`fn@derive`]: the phases in order, from a question to a certified answer.

mod directions;
pub mod gauge;
mod joint;
pub mod judge;
mod prefer;
mod relax;
mod together;

use std::fmt;
use std::sync::Arc;

pub use directions::{Direction, Directions};
pub use joint::{
    Break, JointAnswer, JointTable, JointVerdict, breaks, derive_jointly, derive_jointly_by, opened,
    predict_jointly, proofs, write_direction,
};
pub use prefer::Priority;
pub use relax::{Relaxation, Relaxations, Remedy};

use crate::document::and;
use crate::exact;
use crate::exact::{CertificateError, Certified, Claim, Program, Refutation, RequirementId};
use crate::graph::{Graph, Scaling};
use crate::propagate::{Demands, Place, PropagateError, Propagation, ScalingTable, propagate, require};
use crate::rule::{Desiderata, Name, Optimizer, Regime, RequirementRule, RuleBook};
use crate::solve::{self, Enumeration, Freedom, Limits, MOST_STEPS, Preference, SolveError};
use prefer::prefer;

/// What is to be derived.
#[derive(Clone, Debug)]
pub struct Question {
    /// The network.
    pub graph: Arc<Graph>,
    /// The rules.
    pub book: Arc<RuleBook>,
    /// The optimizer of every parameter.
    pub optimizer: Arc<Optimizer>,
    /// What is asked.
    pub desiderata: Arc<Desiderata>,
    /// How the dimensions grow, in one scale variable.
    pub scaling: Scaling,
}

impl Question {
    /// A question about a network under these rules.
    #[must_use]
    pub fn new(
        graph: &Arc<Graph>,
        book: &Arc<RuleBook>,
        optimizer: &Optimizer,
        desiderata: &Desiderata,
        scaling: Scaling,
    ) -> Self {
        Self {
            graph: Arc::clone(graph),
            book: Arc::clone(book),
            optimizer: Arc::new(optimizer.clone()),
            desiderata: Arc::new(desiderata.clone()),
            scaling,
        }
    }
}

/// The answer, with everything it rests on.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The exponents as forms in the unknowns.
    pub propagation: Propagation,
    /// The requirements.
    pub demands: Demands,
    /// Table or conflict.
    pub verdict: Verdict,
}

/// Whether hyperparameters exist that meet the desiderata.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// They do.
    Feasible {
        /// The exponents.
        table: ScalingTable,
        /// The checked solution.
        certified: Certified,
        /// The program it solves: the demands, with the definitions that the choice among solutions speaks of.
        program: Program,
        /// Which of several solutions it is.
        priority: Priority,
        /// What other solutions there are around it, none if it is the only one; nothing if that is too hard to tell.
        freedom: Option<Freedom>,
    },
    /// They do not.
    Infeasible {
        /// Requirements that contradict each other.
        conflict: Vec<RequirementId>,
        /// Whether none of them can be spared; if not, that was too hard to tell of some.
        is_minimal: bool,
        /// The checked proof, for the program restricted to the conflict.
        certified: Certified,
        /// Changes that make the scaling possible.
        relaxations: Relaxations,
    },
}

impl Answer {
    /// Every conflict of the requirements, and every smallest set of them to give up, as far as a second or so allows. That
    /// exponents exist is always asked.
    ///
    /// # Errors
    /// If the solver fails.
    pub fn contradictions(&self) -> Result<Enumeration, DeriveError> {
        let soft = relax::soft(&self.propagation, &self.demands);
        let limits = Limits { size: usize::MAX, count: MOST_CORRECTIONS, effort: MOST_STEPS / 2 };
        Ok(solve::corrections(&self.demands.program, &soft, &limits)?)
    }
}

/// Most sets of requirements to give up.
const MOST_CORRECTIONS: usize = 1000;

/// How far to look for ways out of an impossible scaling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Search {
    /// Not at all: the conflict is enough.
    Conflict,
    /// For other dimensions that could grow along.
    Ties,
    /// For ties, multipliers, and as few changed requirements as suffice, at most so many.
    Fewest(usize),
    /// For ties, multipliers, and all changes of at most so many requirements.
    UpTo(usize),
}

impl Default for Search {
    fn default() -> Self {
        Self::Fewest(2)
    }
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeriveError {
    /// The scaling has several scale variables.
    SeveralVariables(Vec<String>),
    /// A requirement compares with a number where there are several scale variables.
    Number(String),
    /// A requirement speaks of contributions, of which an assumed alignment says nothing.
    Unassumed(String),
    /// A requirement speaks of the number of all layers, where depths grow in several scale variables.
    DepthsApart(String),
    /// Exponents cannot be propagated.
    Propagate(PropagateError),
    /// The program is too hard.
    Solve(SolveError),
    /// The solver's evidence does not hold: a defect of the solver.
    Certificate(CertificateError),
    /// The solver answered two questions about one program in contradiction: a defect of the solver.
    Inconsistent,
}

impl fmt::Display for DeriveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SeveralVariables(names) => {
                write!(f, "one scale variable is wanted here, not {}", and(names))
            }
            Self::Number(requires) => {
                write!(f, "`{requires}` does not say in which scale variable the number is an exponent")
            }
            Self::Unassumed(label) => {
                write!(f, "`{label}` asks for contributions, of which an assumed alignment says nothing")
            }
            Self::DepthsApart(label) => {
                write!(
                    f,
                    "`{label}` speaks of the number of all layers, and of depths that grow apart none is the largest"
                )
            }
            Self::Propagate(error) => error.fmt(f),
            Self::Solve(error) => error.fmt(f),
            Self::Certificate(error) => write!(f, "the solver's answer was rejected: {error}"),
            Self::Inconsistent => write!(f, "the solver contradicts itself"),
        }
    }
}

impl std::error::Error for DeriveError {}

impl DeriveError {
    /// What to do.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::SeveralVariables(_) => "tie the dimensions, like `d_model=n,heads=n^1/2`".into(),
            Self::Number(_) => {
                "derive in one scale variable: tie the dimensions, like `d_model=n,heads=n^1/2`".into()
            }
            Self::Unassumed(_) => {
                "ask for `--desiderata stable`, `mup` or `signal`, or leave `--alignment` out".into()
            }
            Self::DepthsApart(_) => {
                "let the depths grow in one scale variable, like `depth=n,layers=n^2`".into()
            }
            Self::Propagate(error) => error.hint(),
            Self::Solve(_) => "ask for fewer requirements or a smaller network".into(),
            Self::Certificate(_) | Self::Inconsistent => {
                "this is a defect of fscale: please report it with the input".into()
            }
        }
    }
}

impl From<PropagateError> for DeriveError {
    fn from(error: PropagateError) -> Self {
        Self::Propagate(error)
    }
}

impl From<SolveError> for DeriveError {
    fn from(error: SolveError) -> Self {
        Self::Solve(error)
    }
}

impl From<CertificateError> for DeriveError {
    fn from(error: CertificateError) -> Self {
        Self::Certificate(error)
    }
}

/// Derives the scaling table, or the conflict that forbids it. Of several tables it takes the one with the
/// largest forward magnitudes, then the largest updates, then the fewest multipliers, then the smallest
/// absolute exponents (theory, section 7).
pub fn derive(question: &Question) -> Result<Answer, DeriveError> {
    derive_within(question, Search::default())
}

/// The same, looking so far for ways out if the scaling is impossible.
pub fn derive_within(question: &Question, search: Search) -> Result<Answer, DeriveError> {
    derive_by(question, search, Priority::default())
}

/// The same, taking of several tables the one that a priority says.
///
/// # Errors
/// As [`derive`](fn@derive); and, if an alignment is assumed, if contributions are asked for.
pub fn derive_by(question: &Question, search: Search, priority: Priority) -> Result<Answer, DeriveError> {
    let (propagation, demands) = posed(question)?;
    let claim = solve::solve(&demands.program, &Preference::default())?;
    let verdict = match &claim {
        Claim::Feasible { unique: Some(_), .. } => {
            let certified = exact::check(&demands.program, claim)?;
            feasible(&propagation, certified, demands.program.clone(), priority)?
        }
        Claim::Feasible { unique: None, .. } => {
            let (preferred, preference) = prefer(&propagation, &demands, priority);
            let claim = solve::solve(&preferred.program, &preference)?;
            let certified = exact::check(&preferred.program, claim)?;
            feasible(&propagation, certified, preferred.program, priority)?
        }
        Claim::Infeasible(refutation) => {
            Some(infeasible(question, &propagation, &demands, refutation, search)?)
        }
    };
    // A feasible claim that is certified has a point, and an infeasible program a conflict.
    let verdict = verdict.ok_or(DeriveError::Inconsistent)?;
    Ok(Answer { propagation, demands, verdict })
}

fn feasible(
    propagation: &Propagation,
    certified: Certified,
    program: Program,
    priority: Priority,
) -> Result<Option<Verdict>, DeriveError> {
    let Some(table) = ScalingTable::new(propagation, &certified) else { return Ok(None) };
    let freedom = match certified.point() {
        Some(point) if !table.unique => solve::freedom(&program, point)?,
        Some(_) | None => Some(Freedom::default()),
    };
    Ok(Some(Verdict::Feasible { table, certified, program, priority, freedom }))
}

/// The exponents of a question and what is asked of them, which is all of an answer that needs no solver.
///
/// # Errors
/// If the question cannot be asked: in several scale variables, of contributions under an assumed alignment, or of a network
/// through which exponents cannot be propagated.
pub fn posed(question: &Question) -> Result<(Propagation, Demands), DeriveError> {
    let Question { graph, book, optimizer, desiderata, scaling } = question;
    if scaling.variables.len() > 1 {
        return Err(DeriveError::SeveralVariables(scaling.variables.clone()));
    }
    if let Regime::Assumed(_) = book.regime {
        refuse_contributions(desiderata)?;
    }
    let propagation = propagate(graph, book, optimizer, &scaling.along(0))?;
    let demands = require(&propagation, desiderata);
    Ok((propagation, demands))
}

/// A contribution says how an update meets the gradient, an alignment how it meets activations.
fn refuse_contributions(desiderata: &Desiderata) -> Result<(), DeriveError> {
    let asks = |rule: &&RequirementRule| {
        rule.left.names().chain(rule.right.names()).any(|name| name == Name::Contribution)
    };
    match desiderata.requirements.iter().find(asks) {
        Some(rule) => Err(DeriveError::Unassumed(rule.label.clone())),
        None => Ok(()),
    }
}

fn infeasible(
    question: &Question,
    propagation: &Propagation,
    demands: &Demands,
    refutation: &Refutation,
    search: Search,
) -> Result<Verdict, DeriveError> {
    let program = &demands.program;
    let order = nearby(propagation, demands);
    let solve::Conflict { requirements: conflict, refutation, is_minimal } =
        solve::conflict_of(program, refutation, &order)?.ok_or(DeriveError::Inconsistent)?;
    let restricted = program.restricted(|requirement| conflict.contains(&requirement));
    let certified = exact::check(&restricted, Claim::Infeasible(refutation))?;
    let relaxations = relax::relaxations(question, propagation, demands, search)?;
    Ok(Verdict::Infeasible { conflict, is_minimal, certified, relaxations })
}

/// The requirements in the order of the nodes they are on, from the data to the loss; those on parameters where these
/// are used first.
fn nearby(propagation: &Propagation, demands: &Demands) -> Vec<RequirementId> {
    let graph = &propagation.graph;
    let node = |id: &RequirementId| match demands.requirements[id.0].on {
        Place::Node(node) | Place::Use(_, node) => Some(node),
        Place::Parameter(parameter) => graph.uses(parameter).first().copied(),
    };
    let mut order: Vec<RequirementId> = (0..demands.requirements.len()).map(RequirementId).collect();
    order.sort_by_cached_key(node);
    order
}

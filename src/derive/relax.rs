//! [`relaxations`](super::Relaxations): the smallest changes that make an impossible scaling possible, each with the table it
//! then gives. Three kinds of change are tried: other dimensions that grow along, one more multiplier, and less asked.
//! The first two leave every requirement as it is.

use std::sync::Arc;

use super::error::DeriveError;
use super::prefer::Priority;
use super::prefer::prefer;
use crate::exact;
use crate::exact::{Change, Exponent, RequirementId};
use crate::graph::{DimensionId, Graph, Kind, Scaling, Site, Spot};
use crate::propagate::{Demands, Posed, Question, Table};
use crate::solve::{self, Depth, Effort, Extent, MOST_STEPS, SolveError};

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

/// Changes that make an impossible scaling possible.
#[derive(Clone, Debug)]
pub struct Relaxations {
    /// The smallest first: ties, then multipliers, then changes of requirements.
    pub found: Vec<Relaxation>,
    /// How many changes of requirements were found beyond those listed.
    pub unlisted: usize,
    /// Below how many changed requirements none is missing.
    pub extent: Extent,
    /// How many other dimensions were tied at most.
    pub tied: usize,
    /// Changes of which it is not known.
    pub undecided: Vec<Remedy>,
    /// How many ties and multipliers were not tried, since the network is too large to try them all.
    pub untried: usize,
}

/// How many changed networks may still be tried, and what solving them may cost together.
struct Budget {
    left: usize,
    effort: Effort,
}

impl Budget {
    /// A large network costs more to try, as the square of its size, so fewer changes of it are tried.
    fn of(demands: &Demands) -> Self {
        let rows = demands.program.clauses.iter().map(|clause| clause.rows.len() + clause.choice.len());
        let rows = rows.sum::<usize>().max(1);
        let effort = Effort::on(&demands.program, MOST_STEPS / PART);
        Self { left: MOST_TRIED.min(MOST_PAIRS / rows.saturating_mul(rows)), effort }
    }

    /// Whether one more may be tried; if not, that is written down.
    fn allows(&mut self, relaxations: &mut Relaxations) -> bool {
        match self.left.checked_sub(1).filter(|_| !self.effort.is_spent()) {
            Some(left) => self.left = left,
            None => relaxations.untried += 1,
        }
        relaxations.untried == 0
    }
}

/// The changed networks that are tried.
const MOST_TRIED: usize = 1000;

/// The pairs of rows of all changed networks that are tried together.
const MOST_PAIRS: usize = 1_000_000_000;

/// One in so many of the steps of a question may be spent on ways out.
const PART: u64 = 3;

/// One change, and the table it gives.
#[derive(Clone, Debug)]
pub struct Relaxation {
    /// The change.
    pub remedy: Remedy,
    /// The exponents then.
    pub table: Table,
}

/// A change of the question.
#[derive(Clone, Debug)]
pub enum Remedy {
    /// Less is asked: requirements dropped or turned into bounds.
    Changes(Vec<(RequirementId, Change)>),
    /// More dimensions grow along.
    Tie(Scaling),
    /// There is one more multiplier.
    Multiplier {
        /// The network with it, as its last one.
        graph: Arc<Graph>,
        /// Where: `on o`, `on y into x1`.
        at: String,
    },
}

/// Most changes of requirements that get a table.
const MOST_TABLES: usize = 12;

pub(super) fn relaxations(posed: &Posed, search: Search) -> Result<Relaxations, DeriveError> {
    let Posed { question, demands, .. } = posed;
    let mut relaxations = Relaxations {
        found: Vec::new(),
        unlisted: 0,
        extent: Extent::Below(0),
        tied: 0,
        undecided: Vec::new(),
        untried: 0,
    };
    let mut budget = Budget::of(demands);
    let depth = match search {
        Search::Conflict => return Ok(relaxations),
        Search::Ties => None,
        Search::Fewest(most) => Some(Depth::Fewest(most)),
        Search::UpTo(most) => Some(Depth::UpTo(most)),
    };
    // What is given is given for this scaling and this network.
    let is_given = question.given.is_some();
    if !is_given {
        tie(question, &mut budget, &mut relaxations)?;
    }
    if let Some(depth) = depth {
        if !is_given {
            multiply(question, &mut budget, &mut relaxations)?;
        }
        ask_less(posed, depth, &budget.effort, &mut relaxations)?;
    }
    Ok(relaxations)
}

/// Tries each other dimension with powers of 1/2, 1 and 2, then pairs of which neither suffices alone, then, if nothing was
/// found, threes.
fn tie(question: &Question, budget: &mut Budget, relaxations: &mut Relaxations) -> Result<(), DeriveError> {
    let graph = &question.graph;
    let scaled = question.scaling.along(0);
    let others: Vec<DimensionId> = graph
        .dimension_ids()
        .filter(|id| graph.dimension(*id).kind == Kind::Feature && !scaled.contains_key(id))
        .collect();
    let mut helpful: Vec<Vec<DimensionId>> = Vec::new();
    for size in 1..=MOST_TIED {
        if size == MOST_TIED && !relaxations.found.is_empty() {
            break;
        }
        relaxations.tied = size;
        for set in sets(&others, size).take(MOST_SETS) {
            if helpful.iter().any(|held| held.iter().all(|id| set.contains(id))) {
                continue;
            }
            let powers = if size == 1 {
                vec![Exponent::ONE, Exponent::HALF, Exponent::integer(2)]
            } else {
                vec![Exponent::ONE]
            };
            for power in powers {
                if !budget.allows(relaxations) {
                    continue;
                }
                let mut scaling = question.scaling.clone();
                scaling.powers.extend(set.iter().map(|id| (*id, 0, power.clone())));
                match table(&Question { scaling: scaling.clone(), ..question.clone() }, &budget.effort)? {
                    Tried::Impossible => {}
                    Tried::Unknown => relaxations.undecided.push(Remedy::Tie(scaling)),
                    Tried::Gives(table) => {
                        if power == Exponent::ONE {
                            helpful.push(set.clone());
                        }
                        relaxations.found.push(Relaxation { remedy: Remedy::Tie(scaling), table });
                    }
                }
            }
        }
    }
    Ok(())
}

/// Most sets of other dimensions that are looked at, tried or not.
const MOST_SETS: usize = 10_000;

/// Most other dimensions that are tied.
const MOST_TIED: usize = 3;

/// All sets of so many dimensions, in order.
fn sets(all: &[DimensionId], size: usize) -> Box<dyn Iterator<Item = Vec<DimensionId>> + '_> {
    if size == 0 {
        return Box::new(std::iter::once(Vec::new()));
    }
    Box::new(all.iter().enumerate().flat_map(move |(position, first)| {
        sets(&all[position + 1..], size - 1).map(move |rest| [vec![*first], rest].concat())
    }))
}

fn multiply(
    question: &Question,
    budget: &mut Budget,
    relaxations: &mut Relaxations,
) -> Result<(), DeriveError> {
    for spot in question.graph.spots() {
        if !budget.allows(relaxations) {
            continue;
        }
        let graph = Arc::new(question.graph.with_multiplier(spot));
        let at = match spot {
            Spot::On(_) | Spot::Into(_) => format!("on {}", question.graph.spot_name(spot)),
        };
        let tried = table(&Question { graph: Arc::clone(&graph), ..question.clone() }, &budget.effort)?;
        let remedy = Remedy::Multiplier { graph, at };
        match tried {
            Tried::Impossible => {}
            Tried::Unknown => relaxations.undecided.push(remedy),
            Tried::Gives(table) => relaxations.found.push(Relaxation { remedy, table }),
        }
    }
    Ok(())
}

fn ask_less(
    posed: &Posed,
    depth: Depth,
    effort: &Effort,
    relaxations: &mut Relaxations,
) -> Result<(), DeriveError> {
    let demands = &posed.demands;
    let (order, soft) = (nearby(posed), soft(posed));
    let solve::Relaxed { found, extent, undecided } =
        solve::relaxations(&demands.program, &soft, &order, depth, effort)?;
    relaxations.extent = extent;
    relaxations.unlisted = found.len().saturating_sub(MOST_TABLES);
    relaxations.undecided.extend(undecided.into_iter().map(Remedy::Changes));
    for changes in found.into_iter().take(MOST_TABLES) {
        let mut changed = demands.clone();
        changed.program = solve::changed(&demands.program, &changes);
        let remedy = Remedy::Changes(changes);
        match solved(posed, &changed, effort)? {
            Some(table) => relaxations.found.push(Relaxation { remedy, table }),
            None => relaxations.undecided.push(remedy),
        }
    }
    Ok(())
}

/// The requirements that may be given up, those on nodes near to each other side by side.
pub(super) fn soft(posed: &Posed) -> Vec<RequirementId> {
    let requirement = |id: &RequirementId| &posed.demands.requirements[id.0];
    let is_soft = |id: &RequirementId| !requirement(id).is_condition() && !requirement(id).is_gauge();
    nearby(posed).into_iter().filter(is_soft).collect()
}

/// What came of a change.
enum Tried {
    Impossible,
    Unknown,
    Gives(Table),
}

/// The table of a changed question. What cannot be propagated is no way out.
fn table(question: &Question, effort: &Effort) -> Result<Tried, DeriveError> {
    let posed = match question.posed() {
        Ok(posed) => posed,
        Err(_) => return Ok(Tried::Impossible),
    };
    match solve::is_possible(&posed.demands.program, &nearby(&posed), effort)? {
        Some(false) => Ok(Tried::Impossible),
        None => Ok(Tried::Unknown),
        Some(true) => Ok(solved(&posed, &posed.demands, effort)?.map_or(Tried::Unknown, Tried::Gives)),
    }
}

/// The table of demands that can be met, from a certified answer; nothing if it is too hard to choose.
fn solved(posed: &Posed, demands: &Demands, effort: &Effort) -> Result<Option<Table>, DeriveError> {
    let (preferred, preference) = prefer(posed, demands, Priority::default());
    let claim = match solve::solve_within(&preferred.program, &preference, effort) {
        Err(SolveError::TooHard { .. }) => return Ok(None),
        other => other?,
    };
    let certified = exact::check(&preferred.program, claim)?;
    let variable = posed.question.scaling.variables.first().map_or("n", String::as_str);
    let table = Table::certified(&posed.propagation, variable, &certified);
    Ok(Some(table.ok_or(DeriveError::Inconsistent)?))
}

/// The requirements in the order of the nodes they are on, from the data to the loss; those on parameters where these
/// are used first.
pub(super) fn nearby(posed: &Posed) -> Vec<RequirementId> {
    let graph = &posed.propagation.graph;
    let node = |id: &RequirementId| match posed.demands.requirements[id.0].on {
        Site::Node(node) | Site::Use(_, node) => Some(node),
        Site::Parameter(parameter) => graph.uses(parameter).first().copied(),
    };
    let mut order: Vec<RequirementId> = (0..posed.demands.requirements.len()).map(RequirementId).collect();
    order.sort_by_cached_key(node);
    order
}

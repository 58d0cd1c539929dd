//! [`Priority`]: which of several tables is taken.

use clap::ValueEnum;

use crate::exact::{Form, Terms, Unknown, UnknownKind};
use crate::graph::{Kept, Trades};
use crate::propagate::{Because, Demands, DerivationId, Posed, Propagation};
use crate::solve::{Preference, Stage};

/// What counts first where there are several tables. What that leaves open is decided as theory section 7 says: by the largest
/// forward magnitudes, then the largest updates, then the fewest multipliers, then the smallest absolute exponents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Priority {
    /// Forward magnitudes as large as possible, node after node
    #[default]
    LargestForward,
    /// As few multipliers as possible that change with the size
    FewestMultipliers,
    /// Updates as large as possible, node after node
    LargestUpdates,
    /// Learning rates as large as possible, parameter after parameter in the order of the network
    LargestLr,
    /// As few inits as possible that change with the size
    ConstantInit,
    /// As few learning rates as possible that change with the size
    ConstantLr,
    /// Multipliers as frameworks start them, then inits as near to fan-in as possible
    Standard,
    /// muP: no multiplier where a weight could take its place, then every weight's own step as large as possible
    Mup,
}

impl Priority {
    /// Its name, as `--prefer` takes it.
    #[must_use]
    pub fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    /// What counts, in the order in which it counts, in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::LargestForward => {
                "the largest forward magnitudes, node after node, then the largest updates, then the fewest multipliers, \
                 then the smallest exponents"
            }
            Self::FewestMultipliers => {
                "the fewest multipliers, then the largest forward magnitudes, node after node, then the largest updates, \
                 then the smallest exponents"
            }
            Self::LargestUpdates => {
                "the largest updates, node after node, then the largest forward magnitudes, then the fewest multipliers, \
                 then the smallest exponents"
            }
            Self::LargestLr => {
                "the largest learning rates, parameter after parameter, then the largest forward magnitudes, node after \
                 node, then the largest updates, then the fewest multipliers, then the smallest exponents"
            }
            Self::ConstantInit => {
                "the fewest inits that change, then the largest forward magnitudes, node after node, then the largest \
                 updates, then the fewest multipliers, then the smallest exponents"
            }
            Self::ConstantLr => {
                "the fewest learning rates that change, then the largest forward magnitudes, node after node, then the \
                 largest updates, then the fewest multipliers, then the smallest exponents"
            }
            Self::Standard => {
                "the multipliers nearest to those of the standard parameterization, then the inits nearest to its fan-in, each \
                 by the sum of all distances, then the largest forward magnitudes, node after node, then the largest updates, \
                 then the fewest multipliers, then the smallest exponents"
            }
            Self::Mup => {
                "muP's gauge, multipliers at 1 where a weight could take their place, then the largest step of every weight at \
                 its own output, then the largest forward magnitudes, node after node, then the largest updates, then the \
                 fewest multipliers, then the smallest exponents"
            }
        }
    }
}

/// The parameterization that [`Priority::Standard`] stays near to.
const STANDARD: &str = "standard";

/// The multipliers nearest to where the standard parameterization has them, then the inits.
fn near_standard(posed: &Posed) -> Vec<Stage> {
    let Posed { question, propagation, .. } = posed;
    let (graph, optimizer) = (&question.graph, &question.optimizer);
    let Ok(standard) = question.book.parameterization(STANDARD) else { return Vec::new() };
    let standard = standard.hyperparameters(graph, &propagation.growth, optimizer).hyperparameters;
    let multipliers =
        graph.multiplier_ids().map(|id| (propagation.multiplier[id.0], standard.multiplier(id).clone()));
    let inits = graph.parameter_ids();
    let inits = inits.filter_map(|id| Some((propagation.init[id.0]?, standard.init(id).clone())));
    vec![Stage::Nearest(multipliers.collect()), Stage::Nearest(inits.collect())]
}

/// Multipliers that weights could take the place of at 1, then what each weight moves its own output by as large as possible.
fn maximal_updates(propagation: &Propagation) -> Vec<Stage> {
    let graph = &propagation.graph;
    let mut trades = Trades::of(graph, Kept::Seen, 0);
    let traded = graph.multiplier_ids().filter(|id| !trades.ask(&trades.of_multiplier(*id)).is_empty());
    let traded: Vec<Unknown> = traded.map(|id| propagation.multiplier[id.0]).collect();
    let own = graph.parameter_ids().flat_map(|w| graph.uses(w).into_iter().map(move |y| (w, y)));
    let own = own.filter_map(|at| propagation.own.get(&at).or_else(|| propagation.update_by.get(&at)));
    let own: Vec<Vec<Form>> = own.map(forms).collect();
    [vec![Stage::SmallestAbsolute(traded)], largest(own)].concat()
}

/// The summands of a magnitude.
fn forms(terms: &Terms<DerivationId>) -> Vec<Form> {
    terms.iter().map(|(form, _)| form.clone()).collect()
}

/// Magnitudes as large as possible, one after the other.
fn largest(magnitudes: Vec<Vec<Form>>) -> Vec<Stage> {
    let changing =
        magnitudes.into_iter().filter(|forms| forms.iter().any(|form| form.as_constant().is_none()));
    changing.map(Stage::LargestOf).collect()
}

/// The preference of a priority, and the program with the definitions it speaks of. Magnitudes are made as large as possible
/// one node after the other, in the order of the graph.
pub(super) fn prefer(posed: &Posed, demands: &Demands, priority: Priority) -> (Demands, Preference) {
    let propagation = &posed.propagation;
    let forward = propagation.forward.iter().map(|magnitude| match magnitude.because {
        Because::Largest(unknown) => {
            propagation.ledger.definition(unknown).map_or_else(Vec::new, |d| forms(&d.terms))
        }
        Because::Given | Because::Derived(_) => vec![magnitude.form.clone()],
    });
    let forward: Vec<Vec<Form>> = forward.collect();
    let update: Vec<Vec<Form>> = propagation.update.iter().map(forms).collect();
    let of_kind = |kinds: &[UnknownKind]| -> Vec<Unknown> {
        let unknowns = propagation.ledger.unknowns.iter().zip(0..);
        unknowns
            .filter(|(unknown, _)| kinds.contains(&unknown.kind))
            .map(|(_, index)| Unknown(index))
            .collect()
    };
    let constant =
        |kind| vec![Stage::FewestNonZero(of_kind(&[kind])), Stage::SmallestAbsolute(of_kind(&[kind]))];
    let first = match priority {
        Priority::LargestForward => Vec::new(),
        Priority::FewestMultipliers => constant(UnknownKind::Multiplier),
        Priority::LargestUpdates => largest(update.clone()),
        Priority::LargestLr => of_kind(&[UnknownKind::LearningRate])
            .into_iter()
            .map(|lr| Stage::Largest(Form::unknown(lr)))
            .collect(),
        Priority::ConstantInit => constant(UnknownKind::Init),
        Priority::ConstantLr => constant(UnknownKind::LearningRate),
        Priority::Standard => near_standard(posed),
        Priority::Mup => maximal_updates(propagation),
    };
    let spoken = first.iter().flat_map(|stage| match stage {
        Stage::LargestOf(forms) => forms.clone(),
        Stage::Largest(form) => vec![form.clone()],
        Stage::FewestNonZero(_) | Stage::SmallestAbsolute(_) | Stage::Nearest(_) => Vec::new(),
    });
    let spoken: Vec<Form> = spoken.collect();
    let mut preferred = demands.clone();
    preferred.define(propagation, &[forward.concat(), update.concat(), spoken].concat());
    let all = [UnknownKind::Init, UnknownKind::LearningRate, UnknownKind::Multiplier];
    let last =
        [Stage::FewestNonZero(of_kind(&[UnknownKind::Multiplier])), Stage::SmallestAbsolute(of_kind(&all))];
    let stages = [first, largest(forward), largest(update), last.into()].concat();
    (preferred, Preference { stages })
}

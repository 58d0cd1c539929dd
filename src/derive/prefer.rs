//! [`Priority`]: which of several tables is taken.

use clap::ValueEnum;

use crate::exact::{Form, Terms, Unknown, UnknownKind};
use crate::propagate::{Because, Demands, DerivationId, Propagation};
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
}

impl Priority {
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
        }
    }
}

/// The preference of a priority, and the program with the definitions it speaks of. Magnitudes are made as large as possible
/// one node after the other, in the order of the graph.
pub(super) fn prefer(
    propagation: &Propagation,
    demands: &Demands,
    priority: Priority,
) -> (Demands, Preference) {
    let forms =
        |terms: &Terms<DerivationId>| -> Vec<Form> { terms.iter().map(|(form, _)| form.clone()).collect() };
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
    let mut preferred = demands.clone();
    preferred.define(propagation, &[forward.concat(), update.concat()].concat());
    let largest = |magnitudes: Vec<Vec<Form>>| -> Vec<Stage> {
        let changing =
            magnitudes.into_iter().filter(|forms| forms.iter().any(|form| form.as_constant().is_none()));
        changing.map(Stage::LargestOf).collect()
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
    };
    let all = [UnknownKind::Init, UnknownKind::LearningRate, UnknownKind::Multiplier];
    let last =
        [Stage::FewestNonZero(of_kind(&[UnknownKind::Multiplier])), Stage::SmallestAbsolute(of_kind(&all))];
    let stages = [first, largest(forward), largest(update), last.into()].concat();
    (preferred, Preference { stages })
}

//! The options that say of which steps exponents are, `--at` and `predict --steps`; and what answers about the first say of later ones.

use clap::{Args, ValueEnum, value_parser};

use crate::derive::later::{Outlook, outlook};
use crate::document::Diagnostic;
use crate::graph::Hyperparameters;
use crate::propagate::{Question, TrajectoryEnd};
use crate::report::format::document::{counted, power};

/// Of which steps an answer is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Moment {
    /// One step at initialization
    #[default]
    First,
    /// Any number of steps: the first after which one step more changes nothing
    Later,
}

/// Of which steps exponents are told.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct AtOption {
    /// Of which steps: one at initialization, or any number
    #[arg(long, value_enum, value_name = "STEPS", default_value_t)]
    at: Moment,
}

impl AtOption {
    pub(crate) fn is_later(self) -> bool {
        self.at == Moment::Later
    }

    /// Refuses the first option that is given and says nothing of later steps.
    pub(crate) fn refuse(self, options: &[(bool, &str)]) -> Result<(), Diagnostic> {
        match options.iter().find(|(is_given, _)| *is_given) {
            Some((_, option)) if self.is_later() => {
                let first = Diagnostic::new("at", format!("`{option}` is about the first step only"));
                Err(first.hint(format!("leave out `{option}` or `--at later`")))
            }
            _ => Ok(()),
        }
    }
}

/// How many steps are predicted.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct StepsOption {
    /// Tell the exponents after each of so many steps
    #[arg(long, value_name = "COUNT", value_parser = value_parser!(u32).range(1..=MOST_STEPS))]
    #[arg(conflicts_with_all = ["alignment", "at_sizes"])]
    steps: Option<u32>,
}

/// The most steps that are predicted: in more, exponents only repeat, and each step knows all before.
const MOST_STEPS: i64 = 8;

impl StepsOption {
    pub(crate) fn count(self) -> Option<usize> {
        self.steps.and_then(|steps| usize::try_from(steps).ok())
    }
}

/// The most nodes of a network whose later steps are walked unasked.
const MOST_NODES: usize = 500;

/// Whether later steps are told of an answer about the first unasked, in a network of so many nodes at most.
pub(crate) fn looks_ahead(question: &Question, most: usize) -> bool {
    let Question { graph, scaling, given, book, .. } = question;
    let is_plain = given.is_none() && book.regime.assumed().is_none() && scaling.large.is_empty();
    is_plain && scaling.variables.len() == 1 && graph.nodes().len() <= most
}

/// How a training at hyperparameters leaves the bounds of a question after the first step: `` `forward(y)` is n^1/2 too large after 1
/// step ``. Nothing if it does not, or if that is not looked at.
pub(crate) fn leaves(question: &Question, hyperparameters: &Hyperparameters) -> Option<String> {
    if !looks_ahead(question, MOST_NODES) {
        return None;
    }
    let Outlook { step, what, excess } = outlook(question, hyperparameters).ok()??;
    let at = counted(step as u64, "step");
    let variable = question.scaling.variables.first().map_or("n", String::as_str);
    Some(match what {
        Ok(what) => format!("`{what}` is {} too large after {at}", power(variable, &excess)),
        Err(TrajectoryEnd { node, says, .. }) => {
            format!("exponents end after {at} at `{}`, {says}", question.graph.node(node).name)
        }
    })
}

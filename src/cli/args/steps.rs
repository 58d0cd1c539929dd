//! The options that say of which steps exponents are: `--at`, and `predict --steps`.

use clap::{Args, ValueEnum, value_parser};

use crate::document::Diagnostic;

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

//! `fscale rule`: the documentation of a rule.

use clap::Args;

use super::Answer;
use super::options::{FormatOption, RulesOption, unknown};
use crate::diagnostic::Diagnostics;
use crate::report::library::{Documentation, Library};

/// Arguments of `rule`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Rule {
    /// An op, activation, optimizer, desiderata set, parameterization or architecture
    name: String,
    #[command(flatten)]
    rules: RulesOption,
    #[command(flatten)]
    format: FormatOption,
}

const EXAMPLES: &str = "\
Examples:
  fscale rule linear
  fscale rule adam --format markdown";

impl Rule {
    pub(super) fn run(&self) -> Result<Answer, Diagnostics> {
        let book = self.rules.read()?;
        let documentation = Documentation::of(&book, &self.name);
        if documentation.rules.is_empty() {
            let library = Library { book: &book };
            let names: Vec<&str> = library.rules().map(|(_, about)| about.name.as_str()).collect();
            return Err(unknown("rule", &self.name, &names).into());
        }
        self.format.print(&documentation)?;
        Ok(Answer::Yes)
    }
}

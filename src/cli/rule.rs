//! `fscale rule`: the documentation of a rule.

use clap::Args;

use super::options::{FormatOption, RulesOption, unknown};
use super::{Answer, output};
use crate::diagnostic::Diagnostics;
use crate::report::library::{Documentation, Library};

/// Arguments of `rule`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Rule {
    /// An op, activation, optimizer, desiderata set, parameterization or architecture
    name: String,
    /// Print the file of the rule instead, to start one of your own from
    #[arg(long, conflicts_with = "format")]
    source: bool,
    #[command(flatten)]
    rules: RulesOption,
    #[command(flatten)]
    format: FormatOption,
}

const EXAMPLES: &str = "\
Examples:
  fscale rule linear
  fscale rule adam --format markdown
  fscale rule transformer --source > mine.toml";

impl Rule {
    pub(super) fn run(&self) -> Result<Answer, Diagnostics> {
        let book = self.rules.read()?;
        let documentation = Documentation::of(&book, &self.name);
        if documentation.rules.is_empty() {
            let library = Library { book: &book };
            let names: Vec<&str> = library.rules().map(|(_, about)| about.name.as_str()).collect();
            return Err(unknown("rule", &self.name, &names).into());
        }
        if self.source {
            let mut texts = book.texts.iter().filter(|((_, name), _)| *name == self.name);
            texts.try_for_each(|(_, source)| output::print(&source.text))?;
            return Ok(Answer::Yes);
        }
        self.format.print(&documentation)?;
        Ok(Answer::Yes)
    }
}

//! `fscale list`: what is built in.

use clap::Args;

use super::Answer;
use crate::cli::args::options::{FormatOption, RulesOption};
use crate::document::Diagnostics;
use crate::report::answer::library::Library;

/// Arguments of `list`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct List {
    #[command(flatten)]
    rules: RulesOption,
    #[command(flatten)]
    format: FormatOption,
}

const EXAMPLES: &str = "\
Examples:
  fscale list
  fscale list --rules mine      the rules of a folder beside the built-in ones";

impl List {
    pub(super) fn run(&self) -> Result<Answer, Diagnostics> {
        let book = self.rules.read()?;
        self.format.print(&Library { book: &book })?;
        Ok(Answer::Yes)
    }
}

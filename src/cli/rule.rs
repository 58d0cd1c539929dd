//! `fscale rule`: the documentation of a rule.

use clap::Args;

use super::Reply;
use crate::cli::args::options::{FormatOption, RulesOption, unknown};
use crate::cli::io::output;
use crate::document::{Diagnostic, Diagnostics};
use crate::report::answer::library::{Documentation, Library};
use crate::report::reference::formats::{self, Formats};
use crate::rule::Folder;

/// Arguments of `rule`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Rule {
    /// An op, activation, optimizer, desiderata set, parameterization, alignment or architecture, or `notation` (the words
    /// of answers) or `format` (every key of every file); its kind may stand before it
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
  fscale rule notation                  the words of answers
  fscale rule format                    every key of every file
  fscale rule adam --format markdown
  fscale rule transformer --source > mine.toml
  fscale rule parameterizations/mup     not the desiderata set of that name";

impl Rule {
    pub(super) fn run(&self) -> Result<Reply, Diagnostics> {
        let book = self.rules.read()?;
        let (folder, name) = self.wanted();
        if name == formats::NAME && folder.is_none_or(|folder| folder == Folder::Reference) {
            if self.source {
                return Err(no_file().into());
            }
            self.format.print(&Formats { book: &book })?;
            return Ok(Reply::Yes);
        }
        let mut documentation = Documentation::of(&book, name);
        documentation.rules.retain(|rule| folder.is_none_or(|folder| rule.folder == folder));
        if documentation.rules.is_empty() {
            let library = Library { book: &book };
            let names: Vec<&str> = library.rules().map(|(_, name, _)| name).collect();
            return Err(unknown("rule", &self.name, &names).into());
        }
        if self.source {
            if let [_, _, ..] = documentation.rules.as_slice() {
                return Err(several(name, documentation.rules.iter().map(|rule| rule.folder)).into());
            }
            let of_kind = |kind: Folder| folder.is_none_or(|folder| folder == kind);
            let mut texts = book.texts.iter().filter(|((kind, held), _)| held == name && of_kind(*kind));
            texts.try_for_each(|(_, source)| output::print(&source.text))?;
            return Ok(Reply::Yes);
        }
        self.format.print(&documentation)?;
        Ok(Reply::Yes)
    }

    /// The name, and the kind if it stands before it: `parameterizations/mup`.
    fn wanted(&self) -> (Option<Folder>, &str) {
        let parts = self.name.split_once('/').and_then(|(kind, name)| {
            let folder = Folder::ALL.into_iter().find(|folder| folder.name() == kind)?;
            Some((Some(folder), name))
        });
        parts.unwrap_or((None, &self.name))
    }
}

/// The formats are told by the readers, and stand in no file.
fn no_file() -> Diagnostic {
    let message = format!("`{}` is made from the readers of the files: it has no file", formats::NAME);
    Diagnostic::new("no-source", message).hint("leave `--source` out")
}

/// Rules of several kinds have one name, and only one file can be printed.
fn several(name: &str, kinds: impl Iterator<Item = Folder>) -> Diagnostic {
    let files: Vec<String> = kinds.map(|kind| format!("`{}/{name}`", kind.name())).collect();
    let message = format!("`{name}` is the name of {} rules", files.len());
    Diagnostic::new("ambiguous-rule", message).hint(format!("write {}", files.join(" or ")))
}

//! `fscale list`: what is built in.

use clap::Args;

use super::Reply;
use crate::cli::args::options::{FormatOption, RulesOption, unknown};
use crate::cli::io::output;
use crate::document::Diagnostics;
use crate::report::answer::library::Library;
use crate::rule::schemas;

/// Arguments of `list`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct List {
    /// Print the JSON Schema of an answer instead: of a command, like `derive`, or of one of its answers, like `measure-steps`
    #[arg(long, value_name = "NAME", conflicts_with_all = ["rules", "format"])]
    schema: Option<String>,
    #[command(flatten)]
    rules: RulesOption,
    #[command(flatten)]
    format: FormatOption,
}

const EXAMPLES: &str = "\
Examples:
  fscale list
  fscale list --rules mine      the rules of a folder beside the built-in ones
  fscale list --schema derive   what `fscale derive --format json` prints, as a JSON Schema";

impl List {
    pub(super) fn run(&self) -> Result<Reply, Diagnostics> {
        if let Some(name) = &self.schema {
            return print_schema(name);
        }
        let book = self.rules.read()?;
        self.format.print(&Library { book: &book })?;
        Ok(Reply::Yes)
    }
}

fn print_schema(name: &str) -> Result<Reply, Diagnostics> {
    let Some(schema) = schemas().find(|schema| schema.name == name) else {
        let names: Vec<&str> = schemas().map(|schema| schema.name).collect();
        return Err(unknown("schema", name, &names).into());
    };
    output::print(schema.text)?;
    Ok(Reply::Yes)
}

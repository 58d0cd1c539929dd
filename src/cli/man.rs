//! `fscale man`: man pages.

use std::path::{Path, PathBuf};

use clap::{Args, Command, CommandFactory};
use clap_mangen::Man as Page;

use super::{Arguments, Reply};
use crate::cli::io::output;
use crate::document::{Diagnostic, Diagnostics};

/// Arguments of `man`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Man {
    /// Write a page for the program and one for each command into this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  fscale man | man -l -
  fscale man --out ~/.local/share/man/man1";

impl Man {
    pub(super) fn run(&self) -> Result<Reply, Diagnostics> {
        let mut program = Arguments::command();
        // Gives every command its full name.
        program.build();
        let Some(folder) = &self.out else {
            output::print(&String::from_utf8_lossy(&page(program)?))?;
            return Ok(Reply::Yes);
        };
        write_pages(&program, folder, "fscale")?;
        Ok(Reply::Yes)
    }
}

/// The page of a command and those of its own commands.
fn write_pages(command: &Command, folder: &Path, name: &str) -> Result<(), Diagnostics> {
    for command in command.get_subcommands() {
        write_pages(command, folder, &format!("{name}-{}", command.get_name()))?;
    }
    output::write_file(&folder.join(format!("{name}.1")), &page(command.clone())?)
}

fn page(command: Command) -> Result<Vec<u8>, Diagnostics> {
    let mut contents = Vec::new();
    match Page::new(command).render(&mut contents) {
        Ok(()) => Ok(contents),
        Err(error) => Err(Diagnostic::new("output", format!("cannot write a man page: {error}")).into()),
    }
}

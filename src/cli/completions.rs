//! `fscale completions`: completions for a shell.

use std::path::PathBuf;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Arguments, Reply};
use crate::cli::io::output;
use crate::document::Diagnostics;

/// Arguments of `completions`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Completions {
    /// The shell
    shell: Shell,
    /// Write to this file instead of stdout
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  fscale completions bash --out ~/.local/share/bash-completion/completions/fscale
  fscale completions zsh > _fscale";

impl Completions {
    pub(super) fn run(&self) -> Result<Reply, Diagnostics> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Arguments::command(), "fscale", &mut script);
        match &self.out {
            Some(path) => output::write_file(path, &script)?,
            None => output::print(&String::from_utf8_lossy(&script))?,
        }
        Ok(Reply::Yes)
    }
}

//! `fscale sweep slurm`: a batch script for Slurm.

use std::path::{Path, PathBuf};
use std::slice;

use clap::{Args, value_parser};

use super::planned;
use crate::cli::Reply;
use crate::cli::io::{output, target};
use crate::document::{Diagnostic, Diagnostics};
use crate::study::sweep::{Script, Share};

/// Arguments of `sweep slurm`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Slurm {
    /// The plan that `fscale sweep plan` wrote
    #[arg(value_name = "PLAN")]
    plan: PathBuf,
    /// How many shares: tasks of the job array
    #[arg(long, value_name = "COUNT", value_parser = value_parser!(u32).range(1..=i64::from(Share::MOST)))]
    shares: u32,
    /// How long a share may take, as Slurm writes it: `01:00:00`
    #[arg(long, value_name = "TIME")]
    time: Option<String>,
    /// The partition, or several with commas between them
    #[arg(long, value_name = "NAME")]
    partition: Option<String>,
    /// Processors of each share
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = value_parser!(u32).range(1..))]
    cpus: u32,
    /// MiB of memory of each share [default: what the largest tasks of the plan need]
    #[arg(long, value_name = "MIB", value_parser = value_parser!(u64).range(1..))]
    memory: Option<u64>,
    /// The folder for the results of the shares
    #[arg(long, value_name = "DIR", default_value = "results")]
    results: PathBuf,
    /// Write the script to this file [default: print it]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  fscale sweep slurm plan.json --shares 16 --cpus 4 --time 01:00:00 --out sweep.sbatch
  sbatch --wait sweep.sbatch && fscale sweep merge plan.json results";

impl Slurm {
    pub(super) fn run(&self) -> Result<Reply, Diagnostics> {
        if let Some(out) = &self.out {
            target::try_file("--out", out, slice::from_ref(&self.plan))?;
        }
        let sweep = planned(&self.plan)?;
        let script = Script {
            plan: text(&self.plan)?,
            results: text(&self.results)?,
            shares: self.shares,
            cpus: self.cpus,
            memory: self.memory,
            time: self.time.as_deref(),
            partition: self.partition.as_deref(),
        };
        let script = script
            .write(&sweep)
            .map_err(|error| Diagnostic::new("script", error.to_string()).hint(error.hint()))?;
        match &self.out {
            Some(out) => {
                output::write_file(out, script.as_bytes())?;
                output::tell(&format!("wrote {}: submit it with `sbatch`\n", out.display()))?;
            }
            None => output::print(&script)?,
        }
        Ok(Reply::Yes)
    }
}

/// A path that a script can name.
fn text(path: &Path) -> Result<&str, Diagnostic> {
    path.to_str().ok_or_else(|| {
        let message = format!("`{}` is not UTF-8", path.display());
        Diagnostic::new("script", message).hint("rename it")
    })
}

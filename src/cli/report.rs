//! `fscale report`: what can grow, derived, measured and drawn, as one page. The main job.

use std::path::PathBuf;
use std::{fs, iter};

use clap::Args;

use super::Reply;
use crate::cli::args::options::{DesiderataOption, NetworkOptions};
use crate::cli::io::output::write_file;
use crate::cli::io::progress::Progress;
use crate::cli::io::results::{Otherwise, Results};
use crate::cli::io::{output, target};
use crate::document::{Diagnostic, Diagnostics};
use crate::report::page::{self, Written};
use crate::simulate::{Ladder, Runs};
use crate::study::scalings::Study;

/// The file of finished runs, in the folder, while the report is in the making.
const UNFINISHED: &str = "unfinished.jsonl";
const PAGE: &str = "report.md";
const SELF_CONTAINED: &str = "report.html";

/// Arguments of `report`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Report {
    #[command(flatten)]
    network: NetworkOptions,
    /// The folder to write, made if it is not there
    #[arg(long, value_name = "DIR", default_value = "fscale-report")]
    out: PathBuf,
    /// The optimizers, one after the other
    #[arg(long, value_name = "NAMES", value_delimiter = ',', default_values = ["sgd", "adam"])]
    optimizer: Vec<String>,
    #[command(flatten)]
    desiderata: DesiderataOption,
    /// How many seeds
    #[arg(long, value_name = "COUNT", default_value_t = Runs::SEEDS)]
    seeds: u64,
    /// What all random numbers are derived from
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    seed: u64,
}

const EXAMPLES: &str = "\
Examples:
  fscale report                                      the built-in transformer, into fscale-report/
  fscale report net.toml --out net --optimizer adam
  fscale report mlp --out mlp --seeds 32

Writes report.md, report.html (self-contained), the figures as SVG and the measurements as CSV.
If it is interrupted, the same command goes on where it stopped.
Exit status: 0 everything measured agrees, 1 something disagrees, 2 bad input.";

impl Report {
    pub(super) fn run(&self) -> Result<Reply, Diagnostics> {
        let book = self.network.rules()?;
        self.try_out(&self.network.files(&book))?;
        let architecture = self.network.read(&book)?;
        let optimizers = self.optimizer.iter().map(|name| book.optimizer(name));
        let desiderata = self.desiderata.read(&book)?;
        let study = Study {
            architecture: &architecture,
            book: &book,
            optimizers: optimizers.collect::<Result<_, _>>()?,
            desiderata: &desiderata,
            standard: book.parameterization("standard")?,
            ladder: Ladder::default(),
            runs: Runs::default().seeds(self.seeds).base_seed(self.seed),
        };
        let (results, finished) =
            Results::open(&self.out.join(UNFINISHED), &architecture, Otherwise::BeginAnew)?;
        let bar = Progress::begin("runs", iter::empty());
        let findings = study.run(&finished, &|progress| {
            results.append(progress.ended);
            bar.foresee(progress.missing as u64, progress.missing_cost);
            bar.tell(progress.what);
            bar.ended(progress.cost);
        });
        bar.end();
        let findings = match findings {
            Ok(findings) => findings,
            Err(error) => {
                results.close()?;
                return Err(Diagnostic::new("study", error.to_string()).hint(error.why.hint()).into());
            }
        };
        let written = page::write(&findings.page(&study, &self.command()));
        if let Err(unwritten) = self.write(&written) {
            // The runs are kept for the next time, as far as they could be.
            return Diagnostics::both(Err(unwritten), results.close()).map(|(answer, ())| answer);
        }
        results.remove()?;
        let agreement = findings.summary(&study);
        let pages = format!("wrote {}/report.md and report.html", self.out.display());
        output::tell(&format!(
            "{pages}: {} agree, {} cross over, {} disagree\n",
            agreement.agrees, agreement.crossover, agreement.disagrees
        ))?;
        Ok(Reply::when(agreement.disagrees == 0))
    }

    /// Refuses what cannot be written, or is read. How figures and data will be called is not known yet.
    fn try_out(&self, inputs: &[PathBuf]) -> Result<(), Diagnostics> {
        let there = fs::read_dir(&self.out).into_iter().flatten().flatten().map(|entry| entry.path());
        let is_beside =
            |path: &PathBuf| path.extension().is_some_and(|ending| ending == "svg" || ending == "csv");
        let known = [PAGE, SELF_CONTAINED, UNFINISHED].map(|name| self.out.join(name));
        let mut files = known.into_iter().chain(there.filter(is_beside));
        files.try_for_each(|file| target::try_file("--out", &file, inputs))
    }

    /// Writes every file of the report, whichever of the others can be written.
    fn write(&self, written: &Written) -> Result<(), Diagnostics> {
        let page = output::write_or_print(&self.out.join(PAGE), &written.markdown);
        let html = write_file(&self.out.join(SELF_CONTAINED), written.html.as_bytes());
        let beside = written
            .beside
            .iter()
            .map(|file| write_file(&self.out.join(&file.name), file.contents.as_bytes()));
        let unwritten = [page, html].into_iter().chain(beside).filter_map(Result::err);
        Diagnostics(unwritten.flat_map(|wrong| wrong.0).collect()).or(())
    }

    /// What makes the same page again.
    fn command(&self) -> String {
        let mut command = format!("fscale report {}", self.network.name());
        if self.optimizer != ["sgd", "adam"] {
            command.push_str(&format!(" --optimizer {}", self.optimizer.join(",")));
        }
        if self.desiderata.desiderata != "fsc" {
            command.push_str(&format!(" --desiderata {}", self.desiderata.desiderata));
        }
        for relaxed in &self.desiderata.relax.relax {
            command.push_str(&format!(" --relax \"{relaxed}\""));
        }
        if self.seeds != Runs::SEEDS {
            command.push_str(&format!(" --seeds {}", self.seeds));
        }
        if self.seed != 0 {
            command.push_str(&format!(" --seed {}", self.seed));
        }
        command
    }
}

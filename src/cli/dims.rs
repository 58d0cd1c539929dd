//! `fscale dims`: every dimension alone and every declared tie.

use clap::Args;

use super::Reply;
use crate::cli::args::fixed::{AlignmentOption, PreferOption};
use crate::cli::args::options::{
    DesiderataOption, FormatOption, NetworkOptions, OptimizerOption, questioned,
};
use crate::cli::args::steps::AtOption;
use crate::cli::io::progress::waited;
use crate::derive::later::{LaterSurveyed, survey_later};
use crate::derive::{Survey, Surveyed};
use crate::document::Diagnostics;
use crate::report::answer::dims::Dims as Told;
use crate::report::answer::later::dims::DimsLater;

/// Arguments of `dims`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Dims {
    #[command(flatten)]
    network: NetworkOptions,
    #[command(flatten)]
    optimizer: OptimizerOption,
    #[command(flatten)]
    desiderata: DesiderataOption,
    #[command(flatten)]
    prefer: PreferOption,
    #[command(flatten)]
    alignment: AlignmentOption,
    #[command(flatten)]
    at: AtOption,
    #[command(flatten)]
    format: FormatOption,
}

const EXAMPLES: &str = "\
Examples:
  fscale dims                              the built-in transformer, sgd
  fscale dims mlp --optimizer adam
  fscale dims net.toml --format markdown
  fscale dims --optimizer adam --at later  after any number of steps, beside the first

Exit status: 0 every dimension and tie is scalable, 1 some are not, 2 bad input.";

impl Dims {
    pub(super) fn run(&self) -> Result<Reply, Diagnostics> {
        let book = self.alignment.assumed(self.network.rules()?)?;
        self.at.refuse(&[
            (book.regime.assumed().is_some(), "--alignment"),
            (self.prefer.prefer.is_some(), "--prefer"),
        ])?;
        let architecture = self.network.read(&book)?;
        let (optimizer, desiderata) = questioned(&book, &self.optimizer, &self.desiderata)?;
        let survey = waited("deriving", || {
            Survey::of(&architecture, &book, optimizer, &desiderata, self.prefer.prefer.unwrap_or_default())
        });
        if self.at.is_later() {
            let later = waited("walking every step", || survey_later(&survey));
            self.format.print(&DimsLater { survey: &survey, later: &later })?;
            return Ok(Reply::when(later.iter().all(LaterSurveyed::is_feasible)));
        }
        let all_scalable = survey.scalings().all(Surveyed::is_scalable);
        self.format.print(&Told(&survey))?;
        Ok(Reply::when(all_scalable))
    }
}

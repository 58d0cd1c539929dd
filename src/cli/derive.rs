//! `fscale derive`: the scaling table, or the minimal conflict.

use clap::Args;

use super::Answer;
use super::certificate::CertificateOption;
use super::options::{
    DesiderataOption, FormatOption, NetworkOptions, OptimizerOption, ScaleOption, derive_failed, question,
};
use crate::derive::{Verdict, derive};
use crate::diagnostic::Diagnostics;
use crate::report::derivation::Derived;

/// Arguments of `derive`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Derive {
    #[command(flatten)]
    network: NetworkOptions,
    #[command(flatten)]
    scale: ScaleOption,
    #[command(flatten)]
    optimizer: OptimizerOption,
    #[command(flatten)]
    desiderata: DesiderataOption,
    #[command(flatten)]
    certificate: CertificateOption,
    #[command(flatten)]
    format: FormatOption,
}

const EXAMPLES: &str = "\
Examples:
  fscale derive --scale d_k                                         keys and queries of size n
  fscale derive --scale d_model=n,heads=n,d_ff=n --optimizer adam   muP, from first principles
  fscale derive net.toml --scale width --desiderata stable --format latex

Exit status: 0 feasible, 1 infeasible, 2 bad input.";

impl Derive {
    pub(super) fn run(&self) -> Result<Answer, Diagnostics> {
        let book = self.network.rules()?;
        let architecture = self.network.read(&book)?;
        let graph = &architecture.graph;
        let scaling = self.scale.read(graph)?;
        let question = question(graph, &book, &self.optimizer, &self.desiderata, scaling)?;
        let answer = derive(&question).map_err(|error| derive_failed(&error))?;
        self.certificate.write(self.network.name(), &architecture, &question, &answer)?;
        self.format.print(&Derived { question: &question, answer: &answer })?;
        Ok(Answer::when(matches!(answer.verdict, Verdict::Feasible { .. })))
    }
}

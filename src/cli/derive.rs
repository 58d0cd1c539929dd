//! `fscale derive`: the scaling table, or the minimal conflict.

use clap::Args;

use super::Answer;
use super::options::{
    DesiderataOption, FormatOption, NetworkOptions, OptimizerOption, ScaleOption, derive_failed, question,
};
use crate::derive::{Verdict, derive};
use crate::diagnostic::Diagnostics;
use crate::joint::{JointVerdict, derive_jointly};
use crate::report::derivation::Derived;
use crate::report::joint::DerivedJointly;

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
    format: FormatOption,
}

const EXAMPLES: &str = "\
Examples:
  fscale derive --scale d_k                                         keys and queries of size n
  fscale derive --scale d_model=n,heads=n,d_ff=n --optimizer adam   muP, from first principles
  fscale derive net.toml --scale width --desiderata stable --format latex
  fscale derive --scale d_model=n,heads=n,d_ff=n,d_k=m              two sizes that grow apart

Exit status: 0 feasible, 1 infeasible, 2 bad input.";

impl Derive {
    pub(super) fn run(&self) -> Result<Answer, Diagnostics> {
        let book = self.network.rules()?;
        let architecture = self.network.read(&book)?;
        let graph = &architecture.graph;
        let scaling = self.scale.read_open(graph)?;
        let question = question(graph, &book, &self.optimizer, &self.desiderata, scaling)?;
        if question.scaling.variables.len() > 1 {
            let answer = derive_jointly(&question).map_err(|error| derive_failed(&error))?;
            self.format.print(&DerivedJointly { question: &question, answer: &answer })?;
            return Ok(Answer::when(matches!(answer.verdict, JointVerdict::Holds(_))));
        }
        let answer = derive(&question).map_err(|error| derive_failed(&error))?;
        self.format.print(&Derived { question: &question, answer: &answer })?;
        Ok(Answer::when(matches!(answer.verdict, Verdict::Feasible { .. })))
    }
}

//! `fscale dims`: every dimension alone and every declared tie.

use clap::Args;

use super::Answer;
use super::options::{DesiderataOption, FormatOption, NetworkOptions, OptimizerOption, question};
use crate::derive::derive;
use crate::diagnostic::Diagnostics;
use crate::graph::{Kind, Scaling};
use crate::report::dims::{Dims as Answers, Entry};

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
    format: FormatOption,
}

const EXAMPLES: &str = "\
Examples:
  fscale dims                              the built-in transformer, sgd
  fscale dims mlp --optimizer adam
  fscale dims net.toml --format markdown

Exit status: 0 every dimension and tie is scalable, 1 some are not, 2 bad input.";

impl Dims {
    pub(super) fn run(&self) -> Result<Answer, Diagnostics> {
        let book = self.network.rules()?;
        let architecture = self.network.read(&book)?;
        let graph = &architecture.graph;
        let entry = |name: String, called: Option<String>, scaling: Scaling| {
            let question = question(graph, &book, &self.optimizer, &self.desiderata, scaling)?;
            let answer = derive(&question);
            Ok::<_, Diagnostics>(Entry { question, name, called, answer })
        };
        let alone = graph.dimension_ids().filter(|id| match graph.dimension(*id).kind {
            Kind::Feature | Kind::Sample => true,
            Kind::Depth => false,
        });
        let dimensions: Vec<Entry<'_>> = alone
            .map(|id| entry(graph.dimension(id).name.clone(), None, Scaling::alone(id)))
            .collect::<Result<_, _>>()?;
        let ties: Vec<Entry<'_>> = architecture
            .ties
            .iter()
            .map(|tie| entry(tie.scaling.write(graph), Some(tie.name.clone()), tie.scaling.clone()))
            .collect::<Result<_, _>>()?;
        let optimizer = &self.optimizer.read(&book)?.about.name;
        let desiderata = &self.desiderata.read(&book)?.about.name;
        let title = format!("{}: what can grow, with {optimizer}, {desiderata}", graph.title);
        let all_scalable = dimensions.iter().chain(&ties).all(Entry::is_scalable);
        self.format.print(&Answers { title, dimensions, ties })?;
        Ok(Answer::when(all_scalable))
    }
}

//! `fscale equiv`: whether two parameterizations are the same up to gauge.

use clap::Args;

use super::Reply;
use crate::cli::args::hyperparameters::Stated;
use crate::cli::args::options::{FormatOption, RulesOption, architecture, gauge_failed};
use crate::cli::args::scale::{nothing_large, scaling};
use crate::derive::gauge::{self, Parameterizations, Sameness};
use crate::document::Diagnostics;
use crate::graph::Scaling;
use crate::report::answer::equivalence::Equivalence;

/// Arguments of `equiv`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Equiv {
    /// A hyperparameter file, or a built-in parameterization, like `mup`
    #[arg(value_name = "A")]
    first: String,
    /// Another
    #[arg(value_name = "B")]
    second: String,
    /// The architecture that they are for: built in, or a path
    #[arg(long, value_name = "ARCH", default_value = "transformer")]
    arch: String,
    /// Compare under a scaling, like `d_model=n,heads=n`, instead of each dimension alone
    #[arg(long, value_name = "SCALE")]
    scale: Option<String>,
    /// The optimizer of built-in parameterizations; a file names its own [default: that of the other, or sgd]
    #[arg(long, value_name = "NAME")]
    optimizer: Option<String>,
    #[command(flatten)]
    rules: RulesOption,
    #[command(flatten)]
    format: FormatOption,
}

const EXAMPLES: &str = "\
Examples:
  fscale equiv mine.toml theirs.toml --arch mlp
  fscale equiv mup mean-field --arch mlp --optimizer adam
  fscale equiv mine.toml mup --scale d_model=n,heads=n,d_ff=n

The multiplier, init and learning rate of a weight can be traded: t times as much, 1/t and 1/t^2 under sgd, 1/t under
adam; so can those of several weights, as far as a factor passes what lies between them. What changes by such trades only
is the same parameterization. Weight decay and epsilon are compared where both state them.

Exit status: 0 the same up to gauge, 1 not, 2 bad input.";

impl Equiv {
    pub(super) fn run(&self) -> Result<Reply, Diagnostics> {
        let book = self.rules.read()?;
        let architecture = architecture(&self.arch, &book)?;
        let graph = &architecture.graph;
        let names = [self.first.as_str(), self.second.as_str()];
        let [first, second] = names.map(|name| Stated::read(name, graph, &book));
        let (first, second) = Diagnostics::both(first, second)?;
        let wanted = |given: &Stated<'_>, other: &Stated<'_>| {
            let others = || if given.states().is_none() { other.states().map(str::to_owned) } else { None };
            self.optimizer.clone().or_else(others)
        };
        let [first_wanted, second_wanted] = [wanted(&first, &second), wanted(&second, &first)];
        let (first_optimizer, second_optimizer) = Diagnostics::both(
            first.optimizer(first_wanted.as_deref(), &book),
            second.optimizer(second_wanted.as_deref(), &book),
        )?;
        let scalings = match &self.scale {
            Some(text) => {
                vec![nothing_large(&scaling(text, graph)?, graph)?]
            }
            None => graph.dimension_ids().map(Scaling::alone).collect(),
        };
        let mut pairs = Vec::new();
        for scaling in &scalings {
            for (number, variable) in scaling.variables.iter().enumerate() {
                let alone = self.scale.is_none().then(|| scaling.powers.first()).flatten();
                let variable = alone.map_or(variable, |(dimension, ..)| &graph.dimension(*dimension).name);
                let exponents = [
                    first.along(graph, scaling, number, first_optimizer),
                    second.along(graph, scaling, number, second_optimizer),
                ];
                let stabilisers = [&first, &second].map(|given| given.stabilisers_along(scaling, number));
                pairs.push(Parameterizations { variable: variable.clone(), exponents, stabilisers });
            }
        }
        let outcome = gauge::compare(graph, &book, [first_optimizer, second_optimizer], &pairs)
            .map_err(|error| gauge_failed(&error))?;
        let answer = Reply::when(matches!(outcome, Sameness::Same { .. }));
        let scale = self.scale.as_deref();
        self.format.print(&Equivalence {
            graph,
            names,
            optimizer: first_optimizer,
            scale,
            stated: pairs.first().map(|pair| &pair.stabilisers),
            outcome: &outcome,
        })?;
        Ok(answer)
    }
}

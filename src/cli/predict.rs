//! `fscale predict`: every exponent at given hyperparameters.

use clap::Args;

use super::Reply;
use crate::cli::args::fixed::AlignmentOption;
use crate::cli::args::options::{FormatOption, NetworkOptions, derive_failed, hyperparameters};
use crate::cli::args::scale::ScaleOption;
use crate::derive::{DeriveError, predict};
use crate::document::Diagnostics;
use crate::propagate::{Growth, propagate};
use crate::report::answer::derivation::assumed;
use crate::report::answer::prediction::Predicted;
use crate::report::json::AskedObject;

/// Arguments of `predict`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Predict {
    #[command(flatten)]
    network: NetworkOptions,
    /// A built-in parameterization, like `standard`, or a hyperparameter file
    #[arg(long, value_name = "FILE")]
    hp: String,
    #[command(flatten)]
    scale: ScaleOption,
    /// The optimizer, for a built-in parameterization; a file names its own [default: sgd]
    #[arg(long, value_name = "NAME")]
    optimizer: Option<String>,
    #[command(flatten)]
    alignment: AlignmentOption,
    #[command(flatten)]
    format: FormatOption,
}

const EXAMPLES: &str = "\
Examples:
  fscale predict --hp standard --scale d_ff               what happens if nothing is changed
  fscale predict --hp mine.toml --scale d_model=n,heads=n
  fscale predict mlp --hp standard --scale width --optimizer adam --format json
  fscale predict --hp mine.toml --scale heads=n,d_k=m      two sizes that grow apart: sums of powers

A hyperparameter file:
  optimizer = \"sgd\"
  [init]
  W_O = { heads = \"-1/2\" }
  [lr]
  W_O = { heads = \"-1\" }
  [multiplier]
  attention = { d_k = \"-1\" }
  W_U = { d_model = \"-1\" }       a weight or bias may have a multiplier of its own

Exit status: 0 predicted, 1 a node saturates, 2 bad input.";

/// What of a parameter with a multiplier the exponents are of.
const FOLDED: &str =
    "multipliers of weights and biases are folded into them: a gradient is that of the product";

impl Predict {
    pub(super) fn run(&self) -> Result<Reply, Diagnostics> {
        let book = self.alignment.assumed(self.network.rules()?)?;
        let architecture = self.network.read(&book)?;
        let graph = &architecture.graph;
        let scaling = self.scale.read(graph)?;
        let given = hyperparameters(&self.hp, self.optimizer.as_deref(), graph, &scaling, &book)?;
        let (optimizer, has_own) = (given.optimizer, given.own.is_some());
        let prediction = propagate(graph, &book, optimizer, Growth::of_scaling(&scaling))
            .map_err(DeriveError::Propagate)
            .and_then(|propagation| predict(&propagation, &given.hyperparameters));
        let mut prediction = prediction.map_err(|error| derive_failed(&error))?;
        if has_own {
            prediction.notes.push(FOLDED.into());
        }
        let assumed = assumed(&book);
        let setting = format!("{}, hyperparameters of `{}`{assumed}", optimizer.about.name, self.hp);
        let asked = AskedObject {
            alignment: book.regime.assumed().map(str::to_owned),
            ..AskedObject::about(graph, Some(&scaling), optimizer)
        };
        self.format.print(&Predicted {
            graph,
            asked: &asked,
            scaling: &scaling,
            setting: &setting,
            prediction: &prediction,
        })?;
        Ok(Reply::when(prediction.saturated.is_empty()))
    }
}

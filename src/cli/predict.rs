//! `fscale predict`: every exponent at given hyperparameters.

use clap::Args;

use super::Answer;
use super::options::{FormatOption, NetworkOptions, ScaleOption, derive_failed, hyperparameters};
use crate::derive::DeriveError;
use crate::diagnostic::Diagnostics;
use crate::propagate::propagate;
use crate::report::prediction::Predicted;

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
    format: FormatOption,
}

const EXAMPLES: &str = "\
Examples:
  fscale predict --hp standard --scale d_ff               what happens if nothing is changed
  fscale predict --hp mine.toml --scale d_model=n,heads=n
  fscale predict mlp --hp standard --scale width --optimizer adam --format json

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
    pub(super) fn run(&self) -> Result<Answer, Diagnostics> {
        let book = self.network.rules()?;
        let architecture = self.network.read(&book)?;
        let graph = &architecture.graph;
        let scaling = self.scale.read(graph)?;
        let given = hyperparameters(&self.hp, self.optimizer.as_deref(), graph, &scaling, &book)?;
        let propagation = propagate(graph, &book, given.optimizer, &scaling.along(0))
            .map_err(|error| derive_failed(&DeriveError::Propagate(error)))?;
        let mut prediction = propagation.predict(&given.hyperparameters);
        if given.has_own {
            prediction.notes.push(FOLDED.into());
        }
        let setting = format!("{}, hyperparameters of `{}`", given.optimizer.about.name, self.hp);
        self.format.print(&Predicted {
            graph,
            scaling: &scaling,
            setting: &setting,
            prediction: &prediction,
        })?;
        Ok(Answer::when(prediction.saturated.is_empty()))
    }
}

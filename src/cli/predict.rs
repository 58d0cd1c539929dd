//! `fscale predict`: every exponent at given hyperparameters.

use clap::Args;

use super::Reply;
use crate::cli::args::fixed::AlignmentOption;
use crate::cli::args::hyperparameters::{hyperparameters, refuse_idle_desiderata};
use crate::cli::args::options::{FormatOption, NetworkOptions, derive_failed};
use crate::cli::args::scale::{ScaleOption, nothing_large};
use crate::cli::args::sizes::SizesOptions;
use crate::derive::{DeriveError, predict};
use crate::document::Diagnostics;
use crate::propagate::{Growth, propagate};
use crate::report::answer::derivation::assumed;
use crate::report::answer::prediction::Predicted;
use crate::report::json::AskedObject;
use crate::simulate::Runs;
use crate::study::verify::Verification;

/// Arguments of `predict`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Predict {
    #[command(flatten)]
    network: NetworkOptions,
    /// A built-in parameterization, like `standard`, a hyperparameter file, or what is `derived`
    #[arg(long, value_name = "FILE")]
    hp: String,
    /// The requirements that `--hp derived` meets [default: fsc]
    #[arg(long, value_name = "NAME")]
    desiderata: Option<String>,
    #[command(flatten)]
    scale: ScaleOption,
    /// The optimizer, for a built-in parameterization; a file names its own [default: sgd]
    #[arg(long, value_name = "NAME")]
    optimizer: Option<String>,
    #[command(flatten)]
    alignment: AlignmentOption,
    #[command(flatten)]
    sizes: SizesOptions,
    #[command(flatten)]
    format: FormatOption,
}

const EXAMPLES: &str = "\
Examples:
  fscale predict --hp standard --scale d_ff               what happens if nothing is changed
  fscale predict --hp mine.toml --scale d_model=n,heads=n
  fscale predict mlp --hp standard --scale width --optimizer adam --format json
  fscale predict --hp mine.toml --scale heads=n,d_k=m      two sizes that grow apart: sums of powers
  fscale predict --hp standard --scale d_ff --at-sizes d_ff=256..4096    powers as they are at these sizes

A hyperparameter file, with exponents per dimension:
  optimizer = \"adamw\"
  [init]
  matrices = { d_model = \"-1/2\" }  a class: input, matrices, output or vectors
  [lr]
  \"W_*\" = { d_model = \"-1\" }     a pattern wins over a class,
  W_O = { heads = \"-1\" }          a name over a pattern
  [multiplier]
  attention = { d_k = \"-1\" }
  W_U = { d_model = \"-1\" }        a weight or bias may have a multiplier of its own
  [weight_decay]
  W_O = { heads = \"1\" }
  [epsilon]
  W_O = { heads = \"-1\" }

`fscale derive --format toml` writes one.

Exit status: 0 predicted, 1 a node saturates, 2 bad input.";

/// What of a parameter with a multiplier the exponents are of.
const FOLDED: &str =
    "multipliers of weights and biases are folded into them: a gradient is that of the product";

impl Predict {
    pub(super) fn run(&self) -> Result<Reply, Diagnostics> {
        let book = self.alignment.assumed(self.network.rules()?)?;
        let architecture = self.network.read(&book)?;
        let graph = &architecture.graph;
        let scaling = nothing_large(&self.scale.read(graph)?, graph)?;
        refuse_idle_desiderata(&self.hp, self.desiderata.as_deref())?;
        let (optimizer, desiderata) =
            (self.optimizer.as_deref(), self.desiderata.as_deref().unwrap_or("fsc"));
        let given = hyperparameters(&self.hp, optimizer, desiderata, graph, &scaling, &book)?;
        let (optimizer, has_own) = (given.optimizer, given.own.is_some());
        let prediction = propagate(graph, &book, optimizer, Growth::of_scaling(&scaling))
            .map_err(DeriveError::Propagate)
            .and_then(|propagation| predict(&propagation, &given.hyperparameters));
        let mut prediction = prediction.map_err(|error| derive_failed(&error))?;
        if has_own {
            prediction.notes.push(FOLDED.into());
        }
        let verification =
            Verification { graph, book: &book, optimizer, scaling: &scaling, runs: Runs::default() };
        let at_sizes = self.sizes.read(verification, &given.hyperparameters, &prediction)?;
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
            stabilisers: &given.stabilisers,
            at_sizes: at_sizes.as_ref(),
        })?;
        Ok(Reply::when(prediction.saturated.is_empty()))
    }
}

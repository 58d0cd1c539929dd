//! `fscale predict`: every exponent at given hyperparameters.

use std::sync::Arc;

use clap::Args;

use super::Reply;
use crate::cli::args::fixed::AlignmentOption;
use crate::cli::args::hyperparameters::{Parameterized, hyperparameters, refuse_idle_desiderata};
use crate::cli::args::options::{FormatOption, NetworkOptions, derive_failed};
use crate::cli::args::scale::{ScaleOption, nothing_large, one_variable};
use crate::cli::args::sizes::SizesOptions;
use crate::cli::args::steps::{AtOption, StepsOption};
use crate::cli::io::progress::waited;
use crate::derive::{DeriveError, predict};
use crate::document::Diagnostics;
use crate::graph::{Graph, Hyperparameters, Scaling};
use crate::propagate::{Growth, propagate, trajectory};
use crate::report::answer::derivation::assumed;
use crate::report::answer::later::prediction::PredictedLater;
use crate::report::answer::prediction::Predicted;
use crate::report::json::{AskedObject, At};
use crate::rule::RuleBook;
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
    at: AtOption,
    #[command(flatten)]
    steps: StepsOption,
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
  fscale predict mlp --hp standard --scale width --steps 3        the exponents after each of three steps
  fscale predict --hp mine.toml --scale d_v --at later     those that stay, after any number of steps
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
        let given = hyperparameters((&self.hp, self.at), optimizer, desiderata, graph, &scaling, &book)?;
        let (optimizer, has_own) = (given.optimizer, given.own.is_some());
        if self.at.is_later() || self.steps.count().is_some() {
            return self.later(graph, &book, &scaling, &given);
        }
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
            movers: &optimizer.movers(graph),
            prediction: &prediction,
            stabilisers: &given.stabilisers,
            at_sizes: at_sizes.as_ref(),
        })?;
        Ok(Reply::when(prediction.saturated.is_empty()))
    }

    /// The exponents of later steps.
    fn later(
        &self,
        graph: &Arc<Graph>,
        book: &RuleBook,
        scaling: &Scaling,
        given: &Parameterized<'_>,
    ) -> Result<Reply, Diagnostics> {
        let told = [(book.regime.assumed().is_some(), "--alignment"), (self.sizes.is_asked(), "--at-sizes")];
        self.at.refuse(&told)?;
        one_variable(scaling)?;
        let (optimizer, steps) = (given.optimizer, self.steps.count().unwrap_or(SETTLED));
        let hyperparameters = given.hyperparameters.first().cloned();
        let hyperparameters = hyperparameters.unwrap_or_else(|| Hyperparameters::constant(graph));
        let growth = scaling.along(0);
        let walk = || trajectory(graph, book, optimizer, &growth, &hyperparameters, steps);
        let trajectory = waited("predicting", walk);
        let trajectory = trajectory.map_err(|error| derive_failed(&DeriveError::Propagate(error)))?;
        let setting = format!("{}, hyperparameters of `{}`", optimizer.about.name, self.hp);
        let asked = AskedObject { at: At::Later, ..AskedObject::about(graph, Some(scaling), optimizer) };
        self.format.print(&PredictedLater {
            graph,
            scaling,
            asked: &asked,
            setting: &setting,
            trajectory: &trajectory,
            each: self.steps.count().is_some(),
        })?;
        Ok(Reply::when(trajectory.ends.is_none()))
    }
}

/// Steps within which exponents settle, if they do at all soon.
const SETTLED: usize = 5;

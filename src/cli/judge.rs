//! `fscale judge`: which requirements given hyperparameters meet, and the smallest change that mends the rest.

use clap::Args;

use super::Reply;
use crate::cli::args::fixed::AlignmentOption;
use crate::cli::args::hyperparameters::{Parameterized, hyperparameters};
use crate::cli::args::options::{DesiderataOption, FormatOption, NetworkOptions, derive_failed};
use crate::cli::args::scale::{ScaleOption, nothing_large, one_variable};
use crate::cli::args::steps::{AtOption, leaves};
use crate::cli::io::progress::waited;
use crate::derive::amend::Amendment;
use crate::derive::judge::{Judgement, judge};
use crate::derive::later::judge_later;
use crate::derive::stabilisers::Steadied;
use crate::document::Diagnostics;
use crate::propagate::{Note, NoteTopic, Question};
use crate::report::answer::judgement::Judged;
use crate::report::answer::later::judgement::JudgedLater;

/// Arguments of `judge`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Judge {
    #[command(flatten)]
    network: NetworkOptions,
    /// A built-in parameterization, like `standard`, a hyperparameter file, or what is `derived`
    #[arg(long, value_name = "FILE")]
    hp: String,
    #[command(flatten)]
    scale: ScaleOption,
    #[command(flatten)]
    desiderata: DesiderataOption,
    /// The optimizer, for a built-in parameterization; a file names its own [default: sgd]
    #[arg(long, value_name = "NAME")]
    optimizer: Option<String>,
    #[command(flatten)]
    at: AtOption,
    #[command(flatten)]
    alignment: AlignmentOption,
    #[command(flatten)]
    format: FormatOption,
}

const EXAMPLES: &str = "\
Examples:
  fscale judge --hp standard --scale d_ff                      what the usual choice gets wrong
  fscale judge --hp mine.toml --scale d_model=n,heads=n,d_ff=n
  fscale judge llama --hp mine.toml --scale d_model --at later     what holds after any number of steps
  fscale judge mlp --hp ntk --scale width --desiderata stable  the kernel regime is stable
  fscale judge mlp --hp mine.toml --scale width --desiderata stable --alignment full
                                                               late in training, when updates meet what they are aligned with

The change that is told has as few hyperparameters as possible, and of those the smallest total. Of weight decay and epsilon
what a file states is judged: each must be what the rule of the optimizer makes of the rest.
With `--at later` these are not judged, and no change is told.

Exit status: 0 every requirement holds, 1 some fail, 2 bad input.";

impl Judge {
    pub(super) fn run(&self) -> Result<Reply, Diagnostics> {
        let book = self.alignment.assumed(self.network.rules()?)?;
        let architecture = self.network.read(&book)?;
        let graph = &architecture.graph;
        let scaling = nothing_large(&self.scale.read(graph)?, graph)?;
        let (optimizer, desiderata) = (self.optimizer.as_deref(), &self.desiderata.desiderata);
        let given = hyperparameters((&self.hp, self.at), optimizer, desiderata, graph, &scaling, &book)?;
        let desiderata = self.desiderata.read(&book)?;
        let question = Question::new(graph, &book, given.optimizer, &desiderata, scaling);
        if self.at.is_later() {
            return self.later(&question, &given);
        }
        let judgement = waited("judging", || judge(&question, &given.hyperparameters, &given.stored));
        let mut judgement = judgement.map_err(|error| derive_failed(&error))?;
        if let Some(says) = self.outlook(&question, &given, &judgement) {
            judgement.answer.note(Note::new(NoteTopic::FirstStep, says));
        }
        let steadied = Steadied::judge(given.stabilisers, &judgement, &given.hyperparameters);
        let steadied = steadied.map_err(|error| derive_failed(&error))?;
        let judged =
            Judged { question: &question, name: &self.hp, judgement: &judgement, steadied: &steadied };
        self.format.print(&judged)?;
        Ok(Reply::when(judgement.holds() && steadied.holds()))
    }

    /// How what is judged to hold, or the change after which it does, fares after the first step, if that is not well.
    fn outlook(
        &self,
        question: &Question,
        given: &Parameterized<'_>,
        judgement: &Judgement,
    ) -> Option<String> {
        let mut hyperparameters = given.hyperparameters.first()?.clone();
        let what = match &judgement.amendment {
            Amendment::None => "this holds",
            Amendment::Change { changes, .. } => {
                changes.iter().try_for_each(|change| change.apply(&mut hyperparameters))?;
                "what holds after this change does so"
            }
            Amendment::Impossible { .. } | Amendment::Apart { .. } => return None,
        };
        let says = leaves(question, &hyperparameters)?;
        Some(format!("{what} for the first step only: {says}; `--at later` judges every step"))
    }

    /// What holds at every step.
    fn later(&self, question: &Question, given: &Parameterized<'_>) -> Result<Reply, Diagnostics> {
        self.at.refuse(&[(question.book.regime.assumed().is_some(), "--alignment")])?;
        one_variable(&question.scaling)?;
        let Some(hyperparameters) = given.hyperparameters.first() else { return Ok(Reply::No) };
        let judgement = judge_later(question, hyperparameters).map_err(|error| derive_failed(&error))?;
        self.format.print(&JudgedLater {
            question,
            name: &self.hp,
            judgement: &judgement,
            has_stabilisers: !given.stabilisers.is_empty(),
        })?;
        Ok(Reply::when(judgement.holds()))
    }
}

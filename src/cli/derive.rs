//! `fscale derive`: the scaling table, or the minimal conflict.

use clap::Args;

use super::Reply;
use crate::cli::args::fixed::{AlignmentOption, AskedOptions, GivenBy};
use crate::cli::args::options::{FormatOption, NetworkOptions, OptimizerOption, derive_failed, gauge_failed};
use crate::cli::args::scale::ScaleOption;
use crate::cli::io::certificate::CertificateOption;
use crate::cli::io::progress::waited;
use crate::derive::gauge::{Gauge, in_gauge, with_own};
use crate::derive::{Priority, Search, derive_by};
use crate::document::Diagnostics;
use crate::exact::Powers;
use crate::propagate::Question;
use crate::report::answer::derivation::Derived;
use crate::report::answer::nearest::NearestTold;

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
    asked: AskedOptions,
    #[command(flatten)]
    alignment: AlignmentOption,
    /// Tell the table in a gauge: weights may then have multipliers of their own
    #[arg(long, value_enum, value_name = "GAUGE", conflicts_with = "given")]
    gauge: Option<Gauge>,
    /// Which table to take if there are several [default: largest-forward, with `--given` largest-lr]
    #[arg(long, value_enum, value_name = "PRIORITY")]
    prefer: Option<Priority>,
    /// Where requirements contradict each other, tell the rule that gives up least
    #[arg(long, conflicts_with = "given")]
    nearest: bool,
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
  fscale derive --scale d_v --nearest --optimizer adam             what gives up least, where nothing meets all
  fscale derive mlp --scale width --gauge constant-lr               the same rule, with multipliers instead of rates
  fscale derive --scale d_model=n,heads=n,d_ff=n,d_k=m              two sizes that grow apart
  fscale derive mlp --scale width --given standard --optimizer adam --alignment full
                                                                    the largest rates, if updates stay aligned

Exit status: 0 feasible, 1 infeasible (also with `--nearest`), 2 bad input.";

impl Derive {
    pub(super) fn run(&self) -> Result<Reply, Diagnostics> {
        let rules = self.network.rules()?;
        let files = self.network.files(&rules).into_iter();
        let files = files.chain(self.asked.file(&rules)).chain(self.alignment.file(&rules));
        self.certificate.try_file(&files.collect::<Vec<_>>())?;
        let book = self.alignment.assumed(rules)?;
        let architecture = self.network.read(&book)?;
        let graph = &architecture.graph;
        let scaling = self.scale.read(graph)?;
        let (optimizer, prefer) = (&self.optimizer.optimizer, self.prefer.unwrap_or(self.asked.priority()));
        let (desiderata, given) = self.asked.read(optimizer, graph, &scaling, &book)?;
        let optimizer = book.optimizer(optimizer)?;
        let own = given.as_ref().and_then(GivenBy::own).map(<[Powers]>::to_vec);
        let question = Question::new(graph, &book, optimizer, &desiderata, scaling);
        let question = question.given(given.map(|given| given.given));
        let answer = waited("deriving", || derive_by(&question, Search::default(), prefer));
        let mut answer = answer.map_err(|error| derive_failed(&error))?;
        let mut nearest = if self.nearest { answer.nearest.take() } else { None };
        let is_feasible = answer.is_feasible();
        if let Some(nearest) = &nearest {
            answer = nearest.answer.clone();
        }
        // The answer is printed whatever becomes of the file.
        let certificate = self.certificate.write(self.network.name(), &architecture, &answer);
        if let (Some(gauge), Some(table)) = (self.gauge, answer.proposed()) {
            let told = in_gauge(table, graph, optimizer, gauge);
            let (told, notes) = told.map_err(|error| gauge_failed(&error))?;
            answer.tell(told, notes);
        }
        if let (Some(own), Some(table)) = (own, answer.proposed()) {
            let told = with_own(table, graph, optimizer, &own).map_err(|error| gauge_failed(&error))?;
            answer.tell(told, Vec::new());
        }
        let told = match &mut nearest {
            Some(nearest) => {
                nearest.answer = answer;
                self.format.print(&NearestTold(nearest))
            }
            None => self.format.print(&Derived { answer: &answer }),
        };
        Diagnostics::both(told, certificate)?;
        Ok(Reply::when(is_feasible))
    }
}

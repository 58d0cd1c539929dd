//! `fscale derive`: the scaling table, or the minimal conflict.

use clap::Args;

use super::Answer;
use crate::cli::args::fixed::{AlignmentOption, AskedOptions, GivenBy};
use crate::cli::args::options::{
    FormatOption, NetworkOptions, OptimizerOption, ScaleOption, derive_failed, gauge_failed,
};
use crate::cli::io::certificate::CertificateOption;
use crate::cli::io::progress::waited;
use crate::derive::gauge::{Gauge, in_gauge, with_own};
use crate::derive::{
    DeriveError, JointVerdict, Priority, Question, Search, Verdict, derive_by, derive_jointly_by,
};
use crate::document::Diagnostics;
use crate::report::answer::derivation::Derived;
use crate::report::answer::joint::DerivedJointly;

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
  fscale derive mlp --scale width --gauge constant-lr               the same rule, with multipliers instead of rates
  fscale derive --scale d_model=n,heads=n,d_ff=n,d_k=m              two sizes that grow apart
  fscale derive mlp --scale width --given standard --optimizer adam --alignment full
                                                                    the largest rates, if updates stay aligned

Exit status: 0 feasible, 1 infeasible, 2 bad input.";

impl Derive {
    pub(super) fn run(&self) -> Result<Answer, Diagnostics> {
        let rules = self.network.rules()?;
        let files = self.network.files(&rules).into_iter();
        let files = files.chain(self.asked.file(&rules)).chain(self.alignment.file(&rules));
        self.certificate.try_file(&files.collect::<Vec<_>>())?;
        let book = self.alignment.assumed(rules)?;
        let architecture = self.network.read(&book)?;
        let graph = &architecture.graph;
        let scaling = self.scale.read_open(graph)?;
        let (optimizer, prefer) = (&self.optimizer.optimizer, self.prefer.unwrap_or(self.asked.priority()));
        let (desiderata, given) = self.asked.read(optimizer, graph, &scaling, &book)?;
        let optimizer = book.optimizer(optimizer)?;
        let question = Question::new(graph, &book, optimizer, &desiderata, scaling);
        if question.scaling.variables.len() > 1 {
            if self.gauge.is_some() {
                let several = DeriveError::SeveralVariables(question.scaling.variables.clone());
                return Err(derive_failed(&several).into());
            }
            let answer = waited("deriving", || derive_jointly_by(&question, prefer));
            let answer = answer.map_err(|error| derive_failed(&error))?;
            let told = self.format.print(&DerivedJointly { question: &question, answer: &answer });
            let name = self.network.name();
            let certificate = self.certificate.write_jointly(name, &architecture, &question, &answer);
            Diagnostics::both(told, certificate)?;
            return Ok(Answer::when(matches!(answer.verdict, JointVerdict::Holds(_))));
        }
        let answer = waited("deriving", || derive_by(&question, Search::default(), prefer));
        let mut answer = answer.map_err(|error| derive_failed(&error))?;
        // The answer is printed whatever becomes of the file.
        let certificate = self.certificate.write(self.network.name(), &architecture, &question, &answer);
        if let (Some(gauge), Verdict::Feasible { table, .. }) = (self.gauge, &mut answer.verdict) {
            let told = in_gauge(table, graph, &question.optimizer, gauge);
            let (told, notes) = told.map_err(|error| gauge_failed(&error))?;
            *table = told;
            answer.propagation.notes.extend(notes);
        }
        let own = given.as_ref().and_then(GivenBy::own);
        if let (Some(own), Verdict::Feasible { table, .. }) = (own, &mut answer.verdict) {
            *table =
                with_own(table, graph, &question.optimizer, own).map_err(|error| gauge_failed(&error))?;
        }
        let told = self.format.print(&Derived { question: &question, answer: &answer });
        Diagnostics::both(told, certificate)?;
        Ok(Answer::when(matches!(answer.verdict, Verdict::Feasible { .. })))
    }
}

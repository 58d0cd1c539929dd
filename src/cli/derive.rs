//! `fscale derive`: the scaling table, or the minimal conflict.

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

use super::Reply;
use crate::cli::args::fixed::{AlignmentOption, AskedOptions, GivenBy};
use crate::cli::args::hyperparameters::later;
use crate::cli::args::options::{NetworkOptions, OptimizerOption, derive_failed, gauge_failed};
use crate::cli::args::scale::{ScaleOption, nothing_large_later};
use crate::cli::args::steps::{AtOption, leaves, looks_ahead};
use crate::cli::io::certificate::CertificateOption;
use crate::cli::io::output;
use crate::cli::io::progress::waited;
use crate::derive::gauge::{Gauge, in_gauge, with_own};
use crate::derive::later::{LaterAnswer, derive_later};
use crate::derive::{Answer, Search, derive_by};
use crate::document::{Diagnostic, Diagnostics};
use crate::exact::Powers;
use crate::propagate::{Note, NoteTopic, Question};
use crate::report::answer::derivation::Derived;
use crate::report::answer::hyperparameter_file::{self, UnwrittenTable};
use crate::report::answer::later::derivation::DerivedLater;
use crate::report::answer::nearest::NearestTold;
use crate::report::{Format, Report, render};
use crate::study::sweep::words;

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
    at: AtOption,
    #[command(flatten)]
    alignment: AlignmentOption,
    /// Tell the table in a gauge: weights may then have multipliers of their own
    #[arg(long, value_enum, value_name = "GAUGE", conflicts_with = "given")]
    gauge: Option<Gauge>,
    /// Where requirements contradict each other, tell the rule that gives up least
    #[arg(long, conflicts_with = "given")]
    nearest: bool,
    #[command(flatten)]
    certificate: CertificateOption,
    /// How the answer looks
    #[arg(long, value_enum, default_value_t)]
    format: DerivedFormat,
}

/// How a derivation looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum DerivedFormat {
    /// As every answer.
    Told(Format),
    /// The table as a hyperparameter file.
    File,
}

impl Default for DerivedFormat {
    fn default() -> Self {
        Self::Told(Format::default())
    }
}

impl ValueEnum for DerivedFormat {
    fn value_variants<'a>() -> &'a [Self] {
        const ALL: [DerivedFormat; 6] = [
            DerivedFormat::Told(Format::Text),
            DerivedFormat::Told(Format::Markdown),
            DerivedFormat::Told(Format::Latex),
            DerivedFormat::Told(Format::Csv),
            DerivedFormat::Told(Format::Json),
            DerivedFormat::File,
        ];
        &ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        match self {
            Self::Told(format) => format.to_possible_value(),
            Self::File => Some(PossibleValue::new("toml").help("A hyperparameter file, for `--hp`")),
        }
    }
}

/// The most nodes of a network in which rules for all steps are looked for unasked.
const MOST_SEARCHED: usize = 60;

/// Why a file cannot be written.
fn unwritten(error: UnwrittenTable) -> Diagnostic {
    Diagnostic::new(error.code(), error.to_string()).hint(error.hint())
}

const EXAMPLES: &str = "\
Examples:
  fscale derive --scale d_k                                         keys and queries of size n
  fscale derive --scale d_model=n,heads=n,d_ff=n --optimizer adam   muP, from first principles
  fscale derive net.toml --scale width --desiderata stable --format latex
  fscale derive --scale d_v --nearest --optimizer adam             what gives up least, where nothing meets all
  fscale derive --scale d_model=n,heads=n,d_ff=n --desiderata stable --optimizer adam --prefer mup
                                                                    of all stable tables that of muP
  fscale derive mlp --scale width --gauge constant-lr               the same rule, with multipliers instead of rates
  fscale derive --scale d_model=n,heads=n,d_ff=n,d_k=m              two sizes that grow apart
  fscale derive mlp --scale width --given standard --optimizer adam --alignment full
                                                                    the largest rates, if updates stay aligned
  fscale derive --scale d_v --optimizer adam --at later             what holds after any number of steps
  fscale derive --scale d_k --optimizer adamw --format toml > hp.toml
                                                                    a file for `fscale judge --hp hp.toml --scale d_k`

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
        if self.format == DerivedFormat::File && !scaling.large.is_empty() {
            let wrong =
                Diagnostic::new("large", "a hyperparameter file has no powers of what is called large");
            return Err(wrong.hint("take the powers of n from `--format json`").into());
        }
        let (optimizer, prefer) = (&self.optimizer.optimizer, self.asked.priority());
        let (desiderata, given) = self.asked.read(optimizer, graph, &scaling, &book)?;
        let optimizer = book.optimizer(optimizer)?;
        let own = given.as_ref().and_then(GivenBy::own).map(<[Powers]>::to_vec);
        let question = Question::new(graph, &book, optimizer, &desiderata, scaling);
        let question = question.given(given.map(|given| given.given));
        if self.at.is_later() {
            return self.later(&question);
        }
        let answer = waited("deriving", || derive_by(&question, Search::default(), prefer));
        let mut answer = answer.map_err(|error| derive_failed(&error))?;
        let mut nearest = if self.nearest { answer.nearest.take() } else { None };
        let is_feasible = answer.is_feasible();
        if let Some(nearest) = &nearest {
            answer = nearest.answer.clone();
        }
        if let Some(says) = self.outlook(&answer).or_else(|| self.possible_later(&answer)) {
            answer.note(Note::new(NoteTopic::FirstStep, says));
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
                self.print(&nearest.answer, &NearestTold(nearest))
            }
            None => self.print(&answer, &Derived { answer: &answer }),
        };
        Diagnostics::both(told, certificate)?;
        Ok(Reply::when(is_feasible))
    }

    /// The rule at any number of steps of what is impossible at the first.
    fn possible_later(&self, answer: &Answer) -> Option<String> {
        answer.impossible().filter(|_| looks_ahead(&answer.question, MOST_SEARCHED))?;
        let question = &answer.question;
        let later = waited("looking at later steps", || derive_later(question)).ok()?;
        let LaterAnswer::Feasible(_) = &later else { return None };
        let rule = DerivedLater { question, answer: &later }.in_short();
        Some(format!(
            "this is impossible at the first step only: at any number of steps there is a rule, {rule}; `--at later` tells it"
        ))
    }

    /// How the table fares after the first step, if that is not well.
    fn outlook(&self, answer: &Answer) -> Option<String> {
        let hyperparameters = answer.table().ok()?.hyperparameters();
        let says = leaves(&answer.question, hyperparameters.first()?)?;
        Some(format!(
            "this holds for the first step only: {says}; `--at later` derives what holds at every step"
        ))
    }

    /// The table that holds at every step.
    fn later(&self, question: &Question) -> Result<Reply, Diagnostics> {
        let told = [
            (self.nearest, "--nearest"),
            (self.gauge.is_some(), "--gauge"),
            (question.given.is_some(), "--given"),
            (self.asked.prefer.prefer.is_some(), "--prefer"),
            (question.book.regime.assumed().is_some(), "--alignment"),
            (self.certificate.is_asked(), "--certificate"),
        ];
        self.at.refuse(&told)?;
        let scaling = nothing_large_later(&question.scaling, &question.graph)?;
        let question = &Question { scaling, ..question.clone() };
        let answer = later(question)?;
        let told = DerivedLater { question, answer: &answer };
        let text = match self.format {
            DerivedFormat::Told(format) => render(&told, format),
            DerivedFormat::File => told.file(&self.command(question)).map_err(unwritten)?,
        };
        output::print(&text)?;
        Ok(Reply::when(matches!(answer, LaterAnswer::Feasible(_))))
    }

    fn print(&self, answer: &Answer, told: &dyn Report) -> Result<(), Diagnostics> {
        let text = match self.format {
            DerivedFormat::Told(format) => render(told, format),
            DerivedFormat::File => {
                hyperparameter_file::write(answer, &self.command(&answer.question)).map_err(unwritten)?
            }
        };
        output::print(&text)
    }

    /// What asks for this answer again.
    fn command(&self, question: &Question) -> String {
        let mut command = vec!["fscale".to_owned(), "derive".into(), self.network.name().into()];
        let scale = question.scaling.write(&question.graph);
        let (optimizer, desiderata) = (&question.optimizer.about.name, &question.desiderata.about.name);
        let asked = [("--scale", &scale), ("--optimizer", optimizer), ("--desiderata", desiderata)];
        command.extend(asked.into_iter().flat_map(|(option, value)| [option.to_owned(), value.clone()]));
        let value = |value: Option<PossibleValue>| value.map(|value| value.get_name().to_owned());
        let further = [
            ("--given", self.asked.given.clone()),
            ("--alignment", question.book.regime.assumed().map(str::to_owned)),
            ("--gauge", value(self.gauge.and_then(|gauge| gauge.to_possible_value()))),
            ("--prefer", value(self.asked.prefer.prefer.and_then(|prefer| prefer.to_possible_value()))),
        ];
        for relaxed in &self.asked.relax.relax {
            command.extend(["--relax".into(), relaxed.clone()]);
        }
        command.extend(self.nearest.then(|| "--nearest".to_owned()));
        command.extend(["--at", "later"].into_iter().filter(|_| self.at.is_later()).map(str::to_owned));
        for (option, value) in further {
            command.extend(value.into_iter().flat_map(|value| [option.to_owned(), value]));
        }
        words(&command)
    }
}

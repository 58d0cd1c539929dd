//! Where a network is measured: which hyperparameters, of which optimizer.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use crate::architecture::Architecture;
use crate::cli::args::fixed::{AskedOptions, PreferOption};
use crate::cli::args::hyperparameters::{
    DERIVED, Stated, derived, hyperparameters, later, refuse_idle_desiderata,
};
use crate::cli::args::options::{RelaxOption, derive_failed};
use crate::cli::args::scale::{nothing_large, nothing_large_later};
use crate::cli::args::steps::AtOption;
use crate::derive::later::LaterAnswer;
use crate::derive::{Search, derive_by};
use crate::document::Diagnostics;
use crate::graph::Ray;
use crate::propagate::Question;
use crate::report::Report;
use crate::report::answer::derivation::{Derived, assumed};
use crate::report::answer::later::derivation::DerivedLater;
use crate::rule::RuleBook;
use crate::study::choice::{Choice, Provenance};

/// Which hyperparameters, of which optimizer.
#[derive(Args, Debug)]
pub(crate) struct ChoiceOptions {
    /// Measure at a built-in parameterization, like `standard`, at a hyperparameter file, or at what is `derived`
    #[arg(long, value_name = "FILE")]
    hp: Option<String>,
    /// Measure at the hyperparameters that these requirements give [default: fsc]
    #[arg(long, value_name = "NAME")]
    desiderata: Option<String>,
    /// Measure at the inits and multipliers of this parameterization or file, and the largest learning rates that
    /// `--desiderata` allows there [default: stable]
    #[arg(long, value_name = "FILE", conflicts_with = "hp")]
    given: Option<String>,
    #[command(flatten)]
    relax: RelaxOption,
    #[command(flatten)]
    prefer: PreferOption,
    #[command(flatten)]
    at: AtOption,
    /// The optimizer; a hyperparameter file names its own [default: sgd]
    #[arg(long, value_name = "NAME")]
    pub(crate) optimizer: Option<String>,
}

impl ChoiceOptions {
    /// The files that are read.
    pub(crate) fn files(&self, book: &RuleBook) -> Vec<PathBuf> {
        let named = self.hp.iter().chain(&self.given);
        named.filter_map(|named| Stated::file(named, book)).collect()
    }

    /// Where to measure. If the hyperparameters are to be derived and there are none, the conflict is the answer:
    /// it is printed, and there is nothing to measure.
    pub(crate) fn read(
        &self,
        book: &Arc<RuleBook>,
        architecture: &Architecture,
        course: &Ray,
        print: impl Fn(&dyn Report) -> Result<(), Diagnostics>,
    ) -> Result<Option<Choice>, Diagnostics> {
        let graph = &architecture.graph;
        self.prefer.refuse_idle(self.hp.as_deref())?;
        if let Some(hp) = self.hp.as_deref() {
            refuse_idle_desiderata(hp, self.desiderata.as_deref())?;
        }
        if let Some(hp) = self.hp.as_deref().filter(|hp| *hp != DERIVED) {
            self.at.refuse(&[(true, "--hp")])?;
            let open = nothing_large(&course.open, graph)?;
            let optimizer = self.optimizer.as_deref();
            let given = hyperparameters((hp, self.at), optimizer, "fsc", graph, &open, book)?;
            let words = format!("hyperparameters of `{hp}`");
            let alignment = book.regime.assumed().map(str::to_owned);
            let origin = Provenance { words, alignment, ..Provenance::default() };
            let hyperparameters = course.of(&given.hyperparameters);
            let optimizer = given.optimizer.clone();
            return Ok(Some(Choice { optimizer, hyperparameters, origin }));
        }
        let optimizer = self.optimizer.as_deref().unwrap_or("sgd");
        let asked = AskedOptions {
            desiderata: self.desiderata.clone(),
            given: self.given.clone(),
            relax: self.relax.clone(),
            prefer: self.prefer,
        };
        let (desiderata, given) = asked.read(optimizer, graph, &course.open, book)?;
        let optimizer = book.optimizer(optimizer)?;
        let question = Question::new(graph, book, optimizer, &desiderata, course.open.clone());
        let question = question.given(given.map(|given| given.given));
        if self.at.is_later() {
            return self.later(&question, course, print);
        }
        let answer = derive_by(&question, Search::default(), asked.priority());
        let answer = answer.map_err(|error| derive_failed(&error))?;
        if self.hp.is_some() {
            derived(&answer)?;
        }
        let Some(table) = answer.feasible() else {
            print(&Derived { answer: &answer })?;
            return Ok(None);
        };
        let name = &desiderata.told();
        let words = match &self.given {
            Some(given) => format!("learning rates of {name} for `{given}`{}", assumed(book)),
            None => format!("hyperparameters of {name}{}", assumed(book)),
        };
        let words = match self.prefer.prefer {
            Some(priority) => format!("{words}, {} preferred", priority.name()),
            None => words,
        };
        let origin = Provenance {
            words,
            desiderata: Some(name.clone()),
            given: self.given.clone(),
            alignment: book.regime.assumed().map(str::to_owned),
        };
        let (optimizer, hyperparameters) = (optimizer.clone(), course.of(&table.hyperparameters()));
        Ok(Some(Choice { optimizer, hyperparameters, origin }))
    }

    /// The same with what is derived of any number of steps.
    fn later(
        &self,
        question: &Question,
        course: &Ray,
        print: impl Fn(&dyn Report) -> Result<(), Diagnostics>,
    ) -> Result<Option<Choice>, Diagnostics> {
        self.at.refuse(&[
            (self.given.is_some(), "--given"),
            (self.prefer.prefer.is_some(), "--prefer"),
            (question.book.regime.assumed().is_some(), "--alignment"),
        ])?;
        let scaling = nothing_large_later(&question.scaling, &question.graph)?;
        let question = &Question { scaling, ..question.clone() };
        let answer = later(question)?;
        let LaterAnswer::Feasible(found) = &answer else {
            print(&DerivedLater { question, answer: &answer })?;
            return Ok(None);
        };
        let name = question.desiderata.told();
        let words = format!("hyperparameters of {name} at any number of steps");
        let origin = Provenance { words, desiderata: Some(name), ..Provenance::default() };
        let hyperparameters = course.of(std::slice::from_ref(&found.hyperparameters));
        Ok(Some(Choice { optimizer: (*question.optimizer).clone(), hyperparameters, origin }))
    }
}

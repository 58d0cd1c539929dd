//! [`Survey`]: every dimension alone and every declared tie, scalable or not.

use std::sync::Arc;

use super::answer::Answer;
use super::ask::derive_by;
use super::error::DeriveError;
use super::prefer::Priority;
use super::relax::Search;
use crate::architecture::Architecture;
use crate::graph::{Graph, Kind, Scaling};
use crate::propagate::Question;
use crate::rule::{Desiderata, Optimizer, RuleBook};

/// All scalings of an architecture with their answers.
#[derive(Clone, Debug)]
pub struct Survey {
    /// The network.
    pub graph: Arc<Graph>,
    /// The rules.
    pub book: Arc<RuleBook>,
    /// What trains the network.
    pub optimizer: Arc<Optimizer>,
    /// What is asked of hyperparameters.
    pub desiderata: Arc<Desiderata>,
    /// Dimensions alone, by name, in the order of the file.
    pub dimensions: Vec<Surveyed>,
    /// Declared ties, by their scaling as text.
    pub ties: Vec<Surveyed>,
}

/// One scaling with its answer.
#[derive(Clone, Debug)]
pub struct Surveyed {
    /// What was asked.
    pub question: Question,
    /// The dimension, or the scaling as text.
    pub name: String,
    /// What people call it; of a tie only.
    pub called: Option<String>,
    /// How the dimensions grow where it is measured: what is called large stays as it is.
    pub measured: Scaling,
    /// The answer, or why there is none.
    pub answer: Result<Answer, DeriveError>,
}

impl Survey {
    /// Asks about every dimension alone, those that count layers apart, and about every declared tie.
    #[must_use]
    pub fn of(
        architecture: &Architecture,
        book: &Arc<RuleBook>,
        optimizer: &Optimizer,
        desiderata: &Desiderata,
        priority: Priority,
    ) -> Self {
        let graph = &architecture.graph;
        let surveyed = |name: String, called: Option<String>, scaling: Scaling| {
            let question = Question::new(graph, book, optimizer, desiderata, scaling);
            let answer = derive_by(&question, Search::default(), priority);
            let measured = question.scaling.grown();
            Surveyed { question, name, called, measured, answer }
        };
        let alone = graph.dimension_ids().filter(|id| match graph.dimension(*id).kind {
            Kind::Feature | Kind::Sample => true,
            Kind::Depth => graph.repeats.iter().any(|repeat| repeat.dimension == *id),
        });
        let dimensions = alone.map(|id| {
            let scaling = Scaling::alone(id).large_as_declared(&graph.dimensions);
            surveyed(graph.dimension(id).name.clone(), None, scaling)
        });
        let ties = architecture.ties.iter();
        let ties =
            ties.map(|tie| surveyed(tie.scaling.write(graph), Some(tie.name.clone()), tie.scaling.clone()));
        Self {
            graph: Arc::clone(graph),
            book: Arc::clone(book),
            optimizer: Arc::new(optimizer.clone()),
            desiderata: Arc::new(desiderata.clone()),
            dimensions: dimensions.collect(),
            ties: ties.collect(),
        }
    }

    /// Dimensions, then ties.
    pub fn scalings(&self) -> impl Iterator<Item = &Surveyed> {
        self.dimensions.iter().chain(&self.ties)
    }
}

impl Surveyed {
    /// Whether the scaling is possible.
    #[must_use]
    pub fn is_scalable(&self) -> bool {
        self.answer.as_ref().is_ok_and(Answer::is_feasible)
    }
}

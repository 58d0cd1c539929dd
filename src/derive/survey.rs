//! [`Survey`]: every dimension alone and every declared tie, scalable or not.

use super::{Answer, DeriveError, Question, Verdict, derive};
use crate::architecture::Architecture;
use crate::graph::{Kind, Scaling};
use crate::rule::{Desiderata, Optimizer, RuleBook};

/// All scalings of an architecture with their answers.
#[derive(Clone, Debug)]
pub struct Survey<'a> {
    /// The network.
    pub architecture: &'a Architecture,
    /// The rules.
    pub book: &'a RuleBook,
    /// What trains the network.
    pub optimizer: &'a Optimizer,
    /// What is asked of hyperparameters.
    pub desiderata: &'a Desiderata,
    /// Dimensions alone, by name, in the order of the file.
    pub dimensions: Vec<Surveyed<'a>>,
    /// Declared ties, by their scaling as text.
    pub ties: Vec<Surveyed<'a>>,
}

/// One scaling with its answer.
#[derive(Clone, Debug)]
pub struct Surveyed<'a> {
    /// What was asked.
    pub question: Question<'a>,
    /// The dimension, or the scaling as text.
    pub name: String,
    /// What people call it; of a tie only.
    pub called: Option<String>,
    /// The answer, or why there is none.
    pub answer: Result<Answer<'a>, DeriveError>,
}

impl<'a> Survey<'a> {
    /// Asks about every dimension alone, those that count layers apart, and about every declared tie.
    #[must_use]
    pub fn of(
        architecture: &'a Architecture,
        book: &'a RuleBook,
        optimizer: &'a Optimizer,
        desiderata: &'a Desiderata,
    ) -> Self {
        let graph = &architecture.graph;
        let surveyed = |name: String, called: Option<String>, scaling: Scaling| {
            let question = Question { graph, book, optimizer, desiderata, scaling };
            let answer = derive(&question);
            Surveyed { question, name, called, answer }
        };
        let alone = graph.dimension_ids().filter(|id| match graph.dimension(*id).kind {
            Kind::Feature | Kind::Sample => true,
            Kind::Depth => graph.repeats.iter().any(|repeat| repeat.dimension == *id),
        });
        let dimensions = alone.map(|id| surveyed(graph.dimension(id).name.clone(), None, Scaling::alone(id)));
        let ties = architecture.ties.iter();
        let ties =
            ties.map(|tie| surveyed(tie.scaling.write(graph), Some(tie.name.clone()), tie.scaling.clone()));
        Self {
            architecture,
            book,
            optimizer,
            desiderata,
            dimensions: dimensions.collect(),
            ties: ties.collect(),
        }
    }

    /// Dimensions, then ties.
    pub fn scalings(&self) -> impl Iterator<Item = &Surveyed<'a>> {
        self.dimensions.iter().chain(&self.ties)
    }
}

impl Surveyed<'_> {
    /// Whether the scaling is possible.
    #[must_use]
    pub fn is_scalable(&self) -> bool {
        self.answer.as_ref().is_ok_and(|answer| matches!(answer.verdict, Verdict::Feasible { .. }))
    }
}

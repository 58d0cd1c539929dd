//! [`AskedObject`]: what an answer is about. Every command names it by the same keys.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::graph::{Graph, Scaling};
use crate::propagate::Question;
use crate::rule::Optimizer;
use crate::study::choice::{Choice, Provenance};

/// What was asked.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct AskedObject {
    /// The name of the architecture.
    pub architecture: String,
    /// How it grows, as `--scale` says it; `null` if each dimension is asked about alone.
    pub scaling: Option<String>,
    /// What trains it.
    pub optimizer: String,
    /// The requirements by which hyperparameters are derived or judged; `null` if there are none.
    pub desiderata: Option<String>,
    /// The requirements of which less is asked: `U on W_V`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub relaxed: Vec<String>,
    /// Of which steps the exponents are.
    pub at: At,
    /// The alignment that is assumed of every response, if one is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alignment: Option<String>,
    /// The parameterization whose inits and multipliers are given, if some are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given: Option<String>,
}

/// Steps of training.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum At {
    /// One step at initialization.
    #[default]
    First,
    /// Any number of steps.
    Later,
}

impl AskedObject {
    /// About a network, without requirements.
    #[must_use]
    pub fn about(graph: &Graph, scaling: Option<&Scaling>, optimizer: &Optimizer) -> Self {
        Self {
            architecture: graph.name.clone(),
            scaling: scaling.map(|scaling| scaling.write(graph)),
            optimizer: optimizer.about.name.clone(),
            desiderata: None,
            relaxed: Vec::new(),
            at: At::First,
            alignment: None,
            given: None,
        }
    }

    /// About a network at hyperparameters.
    #[must_use]
    pub fn measured(graph: &Graph, scaling: &Scaling, choice: &Choice) -> Self {
        let Provenance { desiderata, alignment, given, .. } = choice.origin.clone();
        Self { desiderata, alignment, given, ..Self::about(graph, Some(scaling), &choice.optimizer) }
    }
}

impl From<&Question> for AskedObject {
    fn from(question: &Question) -> Self {
        let Question { graph, optimizer, desiderata, scaling, given, book, .. } = question;
        Self {
            desiderata: Some(desiderata.about.name.clone()),
            relaxed: desiderata.relaxed.iter().map(ToString::to_string).collect(),
            given: given.as_ref().map(|given| given.name.clone()),
            alignment: book.regime.assumed().map(str::to_owned),
            ..Self::about(graph, Some(scaling), optimizer)
        }
    }
}

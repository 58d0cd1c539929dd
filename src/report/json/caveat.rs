//! [`CaveatObject`]: a note as data.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{GrowthObject, Named};
use crate::exact::{Exponent, PowerSum};
use crate::graph::Graph;
use crate::propagate::{Note, NoteColumn};
use crate::rule::Approximation;

/// What is to be known of an answer beside its exponents.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct CaveatObject {
    /// How it bears on the answer: `approximation`, where exponents that it touches are one; `meaning`, what the exponents are those
    /// of; `outside`, what the theory leaves out.
    pub kind: String,
    /// What it is about, like `gradient_noise` or `tied`.
    pub topic: String,
    /// The same in words, as it stands among `notes`.
    pub says: String,
    /// The parameters whose rows of the table it touches.
    pub rows: Vec<String>,
    /// The columns of those rows: `lr`, `weight_decay`, `epsilon`.
    pub columns: Vec<String>,
    /// What another theory says of hyperparameters, by name: not derived here, not certified, and not in the table.
    #[serde(default, skip_serializing_if = "Named::is_empty")]
    pub beside: Named<GrowthObject>,
    /// Where that stands.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// How far off the exponents were measured, where they are an approximation and that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measured: Option<OffObject>,
}

/// How far exponents were from a simulation.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct OffObject {
    /// What was measured: `gradient` or `backward`.
    pub quantity: String,
    /// Measured slopes were no farther from told exponents.
    pub off: Exponent,
    /// In what, and at which sizes.
    pub measured: String,
    /// What measures it.
    pub command: String,
}

impl CaveatObject {
    /// A note on an answer about a network, in these scale variables.
    #[must_use]
    pub fn of(note: &Note, graph: &Graph, variables: &[String]) -> Self {
        let beside = note.beside.iter().map(|(column, powers)| {
            let growth = GrowthObject::of(&PowerSum::from(powers), variables, &[]);
            (column.name().to_owned(), growth)
        });
        let measured = note.measured.clone();
        let measured = measured.map(|Approximation { quantity, off, measured, command, .. }| OffObject {
            quantity: quantity.name().into(),
            off,
            measured,
            command,
        });
        let names = |columns: &[NoteColumn]| columns.iter().map(|column| column.name().to_owned()).collect();
        Self {
            kind: note.topic.kind().name().into(),
            topic: note.topic.name().into(),
            says: note.says.clone(),
            rows: note.parameters.iter().map(|id| graph.parameter(*id).name.clone()).collect(),
            columns: names(&note.columns),
            beside: beside.collect(),
            source: note.source.clone(),
            measured,
        }
    }
}

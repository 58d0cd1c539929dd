//! Everything wrong with an input, as `--diagnostic-format json` tells it on stderr.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::{Diagnostic, Diagnostics, Place};

/// What `--diagnostic-format json` writes.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct DiagnosticsAnswer {
    /// Everything wrong, in the order of the text.
    pub diagnostics: Vec<DiagnosticObject>,
}

/// One thing wrong.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct DiagnosticObject {
    /// A stable name of the kind of mistake, like `unknown-op`.
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// Where; `null` if it is not in a text.
    pub place: Option<PlaceObject>,
    /// More facts.
    pub notes: Vec<String>,
    /// What to do.
    pub hint: Option<String>,
}

/// A place in a text: counted from 1, columns in characters.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct PlaceObject {
    /// Path or name of the text.
    pub file: String,
    /// Line number.
    pub line: usize,
    /// Column of the first character.
    pub column: usize,
    /// How many characters are meant.
    pub length: usize,
    /// The line itself.
    pub excerpt: String,
}

impl From<&Diagnostics> for DiagnosticsAnswer {
    fn from(diagnostics: &Diagnostics) -> Self {
        Self { diagnostics: diagnostics.0.iter().map(DiagnosticObject::from).collect() }
    }
}

impl From<&Diagnostic> for DiagnosticObject {
    fn from(diagnostic: &Diagnostic) -> Self {
        let Diagnostic { code, message, place, notes, hint } = diagnostic.clone();
        Self { code: code.into(), message, place: place.map(PlaceObject::from), notes, hint }
    }
}

impl From<Place> for PlaceObject {
    fn from(place: Place) -> Self {
        let Place { file, line, column, length, excerpt } = place;
        Self { file, line, column, length, excerpt }
    }
}

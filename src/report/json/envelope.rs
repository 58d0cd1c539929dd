//! [`Envelope`]: an answer with the version of its shape and of the program.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::is_obeyed;

/// Version of the shape of the answers.
pub const SCHEMA: u32 = 1;

/// What every document begins with, and its answer.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Envelope<T> {
    /// Version of the shape of the answers.
    pub schema: u32,
    /// Version of the program that wrote it.
    pub fscale: String,
    /// The answer; its keys stand beside these two.
    #[serde(flatten)]
    pub answer: T,
}

impl<T> Envelope<T> {
    /// An answer of this program.
    #[must_use]
    pub fn of(answer: T) -> Self {
        Self { schema: SCHEMA, fscale: env!("CARGO_PKG_VERSION").into(), answer }
    }
}

impl<T: Serialize> Envelope<T> {
    /// The document, indented, with a newline at the end; every letter that a terminal would obey is escaped.
    #[must_use]
    pub fn write(&self) -> String {
        // Texts and numbers can always be written.
        escaped(serde_json::to_string_pretty(self).unwrap_or_default() + "\n")
    }
}

/// The same JSON with every letter escaped that a terminal would obey: such letters stand in texts only.
fn escaped(json: String) -> String {
    let is_meant = |letter: char| letter == '\n' || !is_obeyed(letter);
    if json.chars().all(is_meant) {
        return json;
    }
    let mut text = String::new();
    for letter in json.chars() {
        if is_meant(letter) {
            text.push(letter);
        } else {
            let _ = write!(text, "\\u{:04x}", u32::from(letter));
        }
    }
    text
}

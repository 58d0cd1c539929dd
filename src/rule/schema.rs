//! The JSON Schemas of the answers: files of `rules/schema`, made from the types in [`crate::report::json`].

use serde_json::Value;

use super::book::EMBEDDED;

/// The name of their folder, which is no kind of rule.
pub const SCHEMAS: &str = "schema";

/// A JSON Schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnswerSchema {
    /// Its name: the command, and which of its answers.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
}

/// The schema of every answer, by name.
pub fn schemas() -> impl Iterator<Item = AnswerSchema> {
    let mut schemas: Vec<AnswerSchema> = EMBEDDED
        .get_dir(SCHEMAS)
        .into_iter()
        .flat_map(|folder| folder.files())
        .filter_map(|file| {
            let name = file.path().file_stem()?.to_str()?;
            Some(AnswerSchema { name, text: file.contents_utf8()? })
        })
        .collect();
    schemas.sort_by_key(|schema| schema.name);
    schemas.into_iter()
}

impl AnswerSchema {
    /// What it is of, in a line: its title.
    #[must_use]
    pub fn summary(&self) -> String {
        let schema: Value = serde_json::from_str(self.text).unwrap_or_default();
        schema["title"].as_str().unwrap_or_default().to_owned()
    }
}

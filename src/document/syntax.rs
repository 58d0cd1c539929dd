//! From the text of a file to TOML, with the parser's complaints in our words.

use toml_edit::Document;

use super::mistakes::quote;
use crate::document::{Diagnostic, Diagnostics, Source};

/// Largest file read, in bytes.
const LARGEST_FILE: usize = 1 << 20;

/// The TOML of a file. What is not TOML has one mistake only: nothing can be known of the rest.
pub(crate) fn document(source: &Source) -> Result<Document<&str>, Diagnostics> {
    let size = source.text.len();
    if size > LARGEST_FILE {
        let diagnostic = Diagnostic::new("file-too-large", format!("the file has {size} bytes"))
            .at(source.place(0..0))
            .hint(format!("write at most {LARGEST_FILE} bytes"));
        return Err(diagnostic.into());
    }
    Document::parse(source.text.as_str()).map_err(|error| {
        let span = error.span().unwrap_or(size..size);
        not_toml(error.message(), source.text.get(span.clone()).unwrap_or_default(), {
            source.text.get(..span.start).unwrap_or_default()
        })
        .at(source.place(span))
        .into()
    })
}

/// What the parser says of the text `at` its place, in our words where its own mislead.
fn not_toml(message: &str, at: &str, before: &str) -> Diagnostic {
    if message == "duplicate key" && at == "loss" {
        return Diagnostic::new("duplicate-key", "the key `loss` stands twice").hint(
            "write `[[loss]]` above each of several losses: they are added up, each times its `weight`",
        );
    }
    if message == "duplicate key" {
        return Diagnostic::new("duplicate-key", format!("the key {} stands twice", quote(at)))
            .hint("remove one; a table that may stand several times is written `[[node]]`");
    }
    let syntax = |message: &str| Diagnostic::new("syntax", format!("not valid TOML: {message}"));
    if message.starts_with("string values must be quoted") {
        return syntax("a text stands without quotes")
            .hint(format!("write {}", quote(&format!("{:?}", at.trim()))));
    }
    if before.trim_end_matches([' ', '\t']).ends_with('=') && message.starts_with("invalid literal string") {
        return syntax("a value is missing after `=`").hint("write a value: a number, or a text in quotes");
    }
    if message.contains("expected `\"`") {
        return syntax("a text has no closing quote").hint("close it with `\"` on the same line");
    }
    if message.contains("overflow") {
        return syntax(message).hint("write a smaller number");
    }
    syntax(message).hint("write `key = value`, `[table]` or `[[table]]`")
}

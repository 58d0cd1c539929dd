//! The keys at the top of an architecture file.

use super::{loss, parameters, ties};
use crate::architecture::space::DepthUse;
use crate::architecture::{dimension, op_keys, repeat};
use crate::document::{Diagnostic, Key, Mistakes, Record, Value, Wanted, quote};
use crate::rule;

/// Keys that an architecture file may have. `summary`, `why`, `source` and `example` are read by the module of rules.
pub(in crate::architecture) const KEYS: [Key; 13] = [
    Key::required("name", Value::TEXT, "its name: letters, digits, `-` and `_`", r#""my-network""#),
    Key::optional("title", Value::TEXT, "what answers call it; its name if absent", r#""A network of mine""#),
    Key::optional(
        "summary",
        Value::TEXT,
        "what it is, in a line; a built-in one has it",
        r#""one hidden layer""#,
    ),
    Key::optional("why", Value::TEXT, "why it is so; a built-in one has it", r#""As small as can be.""#),
    Key::optional(
        "source",
        Value::TEXT,
        "where it is published; a built-in one has it",
        r#""arXiv:1234.56789""#,
    ),
    Key::required(
        "dimensions",
        Value::Named("d_model", || dimension::KEYS.to_vec()),
        "its sizes, by the names that `--scale` takes",
        "",
    ),
    Key::required(
        "axes",
        Value::Entries("d", Wanted::Text),
        "letters for the axes of its tensors, each over a dimension",
        r#""d_model""#,
    ),
    Key::required("node", Value::Cases("op", op_keys::cases), "what is computed", ""),
    Key::optional(
        "repeat",
        Value::Tables(|| repeat::KEYS.to_vec()),
        "a block of nodes that is computed layer after layer",
        "",
    ),
    Key::optional(
        "tie",
        Value::Tables(|| ties::KEYS.to_vec()),
        "a scaling that people use with it; `fscale dims` answers it too",
        "",
    ),
    Key::optional(
        "parameters",
        Value::Named("W_O", || parameters::KEYS.to_vec()),
        "how parameters start, which are not trained, and which are several matrices",
        "",
    ),
    Key::required(
        "loss",
        Value::OneOrMore(|| loss::KEYS.to_vec()),
        "what training minimises; several `[[loss]]` are added up",
        "",
    ),
    Key::optional(
        "example",
        Value::Tables(rule::example_of_architecture),
        "a derivation and its outcome, which `fscale check` tries",
        "",
    ),
];

/// Longest name of an architecture, in characters.
const LONGEST_NAME: usize = 64;

/// Longest title, in characters.
const LONGEST_TITLE: usize = 200;

/// Name and title of an architecture, and whether it repeats a block.
pub(in crate::architecture) struct Header {
    /// The name, if it is right.
    pub(in crate::architecture) name: Option<String>,
    /// The title; the name if none is declared.
    pub(in crate::architecture) title: Option<String>,
    /// What uses dimensions of kind depth.
    pub(in crate::architecture) depth: DepthUse,
}

impl Header {
    /// Reads name and title, and refuses unknown keys.
    pub(in crate::architecture) fn read(file: &Record, mistakes: &mut Mistakes) -> Self {
        file.refuse_unknown(KEYS, mistakes);
        let name = read_name(file, mistakes);
        let title = if file.has("title") { read_title(file, mistakes) } else { name.clone() };
        let depth = if file.has("repeat") { DepthUse::ByRepeat } else { DepthUse::None };
        Self { name, title, depth }
    }
}

fn read_name(file: &Record, mistakes: &mut Mistakes) -> Option<String> {
    let text = file.required_text("name", mistakes)?;
    let allowed = |c: u8| c.is_ascii_alphanumeric() || c == b'-' || c == b'_';
    let starts = text.value.starts_with(|c: char| c.is_ascii_alphabetic());
    if starts && text.value.len() <= LONGEST_NAME && text.value.bytes().all(allowed) {
        return Some(text.value.into());
    }
    mistakes.add(
        &text.span,
        Diagnostic::new("bad-name", format!("{} is not a name of an architecture", quote(text.value)))
            .note(format!("it has letters, digits, `-` and `_`, a letter first, at most {LONGEST_NAME}"))
            .hint("write `name = \"my-network\"`, and other words under `title`"),
    );
    None
}

fn read_title(file: &Record, mistakes: &mut Mistakes) -> Option<String> {
    let text = file.text("title", mistakes)?;
    let length = text.value.chars().count();
    if length == 0 || length > LONGEST_TITLE || text.value.chars().any(char::is_control) {
        mistakes.add(
            &text.span,
            Diagnostic::new("bad-title", "the title cannot be shown on one line")
                .hint(format!("write 1 to {LONGEST_TITLE} characters on one line")),
        );
        return None;
    }
    Some(text.value.into())
}

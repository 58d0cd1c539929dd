//! The keys at the top of an architecture file.

use crate::architecture::space::DepthUse;
use crate::document::{Diagnostic, Mistakes, Record, quote};

/// Keys that an architecture file may have. `summary`, `why`, `source` and `example` are read by the module of rules.
const KEYS: [&str; 13] = [
    "name",
    "title",
    "summary",
    "why",
    "source",
    "dimensions",
    "axes",
    "node",
    "repeat",
    "tie",
    "parameters",
    "loss",
    "example",
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
        file.refuse_unknown(&KEYS, mistakes);
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

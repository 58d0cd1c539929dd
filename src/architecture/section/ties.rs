//! `[[tie]]`: scalings that people use with an architecture.

use crate::document::{Key, Mistakes, Record, Value, quote};
use std::collections::BTreeMap;

use crate::architecture::Tie;
use crate::document::Diagnostic;
use crate::graph::{Dimension, Scaling};

/// Most ties of one file.
const MOST_TIES: usize = 100;

/// Keys of a tie.
pub(super) const KEYS: [Key; 2] = [
    Key::required("name", Value::TEXT, "what people call it", r#""width by heads""#),
    Key::required("scale", Value::TEXT, "how dimensions grow, as in `--scale`", r#""d_model=n,heads=n""#),
];

/// Longest name of a tie, in characters.
const LONGEST_NAME: usize = 100;

/// Reads every `[[tie]]`: a name of its own, and a scaling of the declared dimensions.
pub(in crate::architecture) fn ties(
    file: &Record,
    dimensions: &[Dimension],
    mistakes: &mut Mistakes,
) -> Vec<Tie> {
    let mut ties = Vec::new();
    let mut lines: BTreeMap<String, usize> = BTreeMap::new();
    let mut records = file.tables("tie", "a tie", mistakes).unwrap_or_default();
    if let Some(record) = records.get(MOST_TIES) {
        let message = format!("the file declares {} ties", records.len());
        let hint = format!("declare at most {MOST_TIES}");
        mistakes.add(&record.span, Diagnostic::new("too-many-ties", message).hint(hint));
        records.truncate(MOST_TIES);
    }
    for record in records {
        record.refuse_unknown(KEYS, mistakes);
        let name = record.required_text("name", mistakes);
        if let Some(name) = &name {
            let line = mistakes.line(name.span.start);
            if name.value.trim().is_empty()
                || name.value.chars().count() > LONGEST_NAME
                || name.value.chars().any(char::is_control)
            {
                let message = format!("the tie's name {} cannot be shown", quote(name.value));
                let hint = format!("write 1 to {LONGEST_NAME} characters, like `name = \"width by heads\"`");
                mistakes.add(&name.span, Diagnostic::new("bad-name", message).hint(hint));
            } else if let Some(first) = lines.get(name.value) {
                let message = format!("the tie {} is declared twice", quote(name.value));
                mistakes.add(
                    &name.span,
                    Diagnostic::new("duplicate-tie", message)
                        .note(format!("the first stands on line {first}"))
                        .hint("rename one"),
                );
            } else {
                lines.insert(name.value.into(), line);
            }
        }
        let Some(scale) = record.required_text("scale", mistakes) else {
            continue;
        };
        match Scaling::over(scale.value, dimensions) {
            Ok(scaling) => {
                ties.extend(name.map(|name| Tie { name: name.value.into(), scaling }));
            }
            Err(why) => {
                mistakes.add(&scale.span, Diagnostic::new("bad-scale", why.to_string()).hint(why.hint()));
            }
        }
    }
    ties
}

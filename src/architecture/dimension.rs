//! [`DeclaredDimension`]: an entry of `[dimensions]`.

use crate::document::{Key, Mistakes, Record, Text, Value, Wanted, Word, quote};
use std::ops::Range;

use crate::document::Diagnostic;
use crate::graph::Kind;

/// Largest size.
const LARGEST_SIZE: i64 = 1 << 40;

/// Longest symbol, in characters.
const LONGEST_SYMBOL: usize = 32;

const KINDS: [(&str, Kind, &str); 3] = [
    (
        "feature",
        Kind::Feature,
        "features: sums over them are of independent terms, and grow like a square root",
    ),
    (
        "sample",
        Kind::Sample,
        "samples and positions: the loss averages over them, weights are shared along them",
    ),
    ("depth", Kind::Depth, "layers of a repeated block"),
];

/// Keys of a dimension.
pub(super) const KEYS: [Key; 4] = [
    Key::required("kind", Value::Word(|| Word::all(&KINDS)), "what it counts", r#""feature""#),
    Key::required("size", Value::Plain(Wanted::Whole), "its size where it is not scaled", "64"),
    Key::optional(
        "large",
        Value::TRUTH,
        "whether rules are to hold where it is large, though it does not grow",
        "true",
    ),
    Key::optional("symbol", Value::TEXT, "how formulas write it; as its name if absent", r#""d""#),
];

/// A dimension as declared; what is wrong is absent.
pub(super) struct DeclaredDimension {
    /// Its name as written.
    pub(super) name: String,
    /// The place of the name.
    pub(super) span: Range<usize>,
    /// What it counts.
    pub(super) kind: Option<Kind>,
    /// Its size where it is not scaled.
    pub(super) size: Option<usize>,
    /// Whether it is called large.
    pub(super) large: bool,
    /// How formulas write it; the name if none is declared.
    pub(super) symbol: String,
}

impl DeclaredDimension {
    /// Reads the dimension called `key` in `table`.
    pub(super) fn read(key: &Text, table: &Record, mistakes: &mut Mistakes) -> Self {
        key.refuse_bad_name(mistakes);
        let what = format!("dimension {}", quote(key.value));
        let mut dimension = Self {
            name: key.value.into(),
            span: key.span.clone(),
            kind: None,
            size: None,
            large: false,
            symbol: key.value.into(),
        };
        if let Some(record) = table.table(key.value, Wanted::Dimension, what, mistakes) {
            record.refuse_unknown(KEYS, mistakes);
            dimension.kind = read_kind(&record, mistakes);
            dimension.size = read_size(&record, mistakes);
            dimension.large = record.truth("large", mistakes).unwrap_or_default();
            if let Some(symbol) = read_symbol(&record, mistakes) {
                dimension.symbol = symbol;
            }
        }
        dimension
    }
}

fn read_kind(record: &Record, mistakes: &mut Mistakes) -> Option<Kind> {
    let text = record.required_text("kind", mistakes)?;
    let kind = KINDS.iter().find(|(name, ..)| *name == text.value).map(|(_, kind, _)| *kind);
    if kind.is_none() {
        let hint = mistakes.suggest(text.value, KINDS.map(|(name, ..)| name), || {
            "kinds are `feature`, `sample` and `depth`".into()
        });
        mistakes.add(
            &text.span,
            Diagnostic::new("unknown-kind", format!("unknown kind {}", quote(text.value))).hint(hint),
        );
    }
    kind
}

fn read_size(record: &Record, mistakes: &mut Mistakes) -> Option<usize> {
    let Some((item, span)) = record.item("size") else {
        record.missing("size", Wanted::Whole, mistakes);
        return None;
    };
    let Some(size) = item.as_integer() else {
        record.wrong_type("size", Wanted::Whole, mistakes);
        return None;
    };
    if !(1..=LARGEST_SIZE).contains(&size) {
        let message = format!("the size of {} is {size}", record.what);
        mistakes.add(
            &span,
            Diagnostic::new("bad-size", message)
                .hint("write a whole number from 1 to 2^40, like `size = 64`"),
        );
        return None;
    }
    usize::try_from(size).ok()
}

fn read_symbol(record: &Record, mistakes: &mut Mistakes) -> Option<String> {
    let text = record.text("symbol", mistakes)?;
    let length = text.value.chars().count();
    if length == 0 || length > LONGEST_SYMBOL || text.value.chars().any(char::is_control) {
        mistakes.add(
            &text.span,
            Diagnostic::new("bad-symbol", format!("the symbol of {} cannot be shown", record.what))
                .hint(format!("write 1 to {LONGEST_SYMBOL} characters, like `symbol = \"d\"`")),
        );
        return None;
    }
    Some(text.value.into())
}

//! [`Space`]: the dimensions and axes that a file declares, and the texts of axes over them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::diagnostic::Diagnostic;
use crate::document::{Mistakes, quote};
use crate::document::{Record, Text, Wanted};
use crate::graph::{Axis, AxisId, Dimension, DimensionId, Kind};

/// Most dimensions of one file.
const MOST_DIMENSIONS: usize = 1000;

/// Largest size of a dimension.
const LARGEST_SIZE: i64 = 1 << 40;

/// Longest symbol of a dimension, in characters.
const LONGEST_SYMBOL: usize = 32;

const KINDS: [(&str, Kind); 3] =
    [("feature", Kind::Feature), ("sample", Kind::Sample), ("depth", Kind::Depth)];

/// The declared dimensions and axes. What was declared wrongly is kept without the wrong part, so that it
/// is known by name and causes no second mistake where it is used.
pub(super) struct Space {
    dimensions: Vec<DeclaredDimension>,
    axes: Vec<DeclaredAxis>,
    letters: BTreeMap<char, AxisId>,
}

struct DeclaredDimension {
    name: String,
    span: Range<usize>,
    kind: Option<Kind>,
    size: Option<usize>,
    symbol: String,
}

struct DeclaredAxis {
    letter: char,
    span: Range<usize>,
    dimension: Option<DimensionId>,
}

/// The axes of one tensor as a text spells them, each with its place.
#[derive(Clone, Debug)]
pub(super) struct Labels {
    /// The axes, none twice.
    pub(super) axes: Vec<AxisId>,
    /// The place of each.
    pub(super) spans: Vec<Range<usize>>,
    /// The place of all.
    pub(super) span: Range<usize>,
}

impl Labels {
    /// Each axis with its place.
    pub(super) fn iter(&self) -> impl Iterator<Item = (AxisId, &Range<usize>)> {
        self.axes.iter().copied().zip(&self.spans)
    }
}

impl Space {
    /// Reads `[dimensions]` and `[axes]`.
    pub(super) fn read(file: &Record, mistakes: &mut Mistakes) -> Self {
        let mut space = Self { dimensions: Vec::new(), axes: Vec::new(), letters: BTreeMap::new() };
        for key in ["dimensions", "axes"] {
            if !file.has(key) {
                file.missing(key, Wanted::Table, mistakes);
            }
        }
        if let Some(table) = file.table("dimensions", "`[dimensions]`".into(), mistakes) {
            space.read_dimensions(&table, mistakes);
        }
        if let Some(table) = file.table("axes", "`[axes]`".into(), mistakes) {
            space.read_axes(&table, mistakes);
        }
        space
    }

    fn read_dimensions(&mut self, table: &Record, mistakes: &mut Mistakes) {
        let keys = table.keys(mistakes.source());
        if let Some(key) = keys.get(MOST_DIMENSIONS) {
            let message = format!("the file declares {} dimensions", keys.len());
            mistakes.add(
                &key.span,
                Diagnostic::new("too-many-dimensions", message)
                    .hint(format!("declare at most {MOST_DIMENSIONS}")),
            );
        }
        for key in keys.into_iter().take(MOST_DIMENSIONS) {
            let Some(key) = key.name(mistakes) else {
                continue;
            };
            let what = format!("dimension {}", quote(key.value));
            let mut dimension = DeclaredDimension {
                name: key.value.into(),
                span: key.span.clone(),
                kind: None,
                size: None,
                symbol: key.value.into(),
            };
            if let Some(record) = table.table(key.value, what, mistakes) {
                record.refuse_unknown(&["kind", "size", "symbol"], mistakes);
                dimension.kind = read_kind(&record, mistakes);
                dimension.size = read_size(&record, mistakes);
                if let Some(symbol) = read_symbol(&record, mistakes) {
                    dimension.symbol = symbol;
                }
            }
            self.dimensions.push(dimension);
        }
    }

    fn read_axes(&mut self, table: &Record, mistakes: &mut Mistakes) {
        for key in table.keys(mistakes.source()) {
            let mut letters = key.value.chars();
            let (Some(letter), None) = (letters.next().filter(char::is_ascii_alphabetic), letters.next())
            else {
                mistakes.add(
                    &key.span,
                    Diagnostic::new("bad-axis", format!("the axis {} is not one letter", quote(key.value)))
                        .hint("name an axis by one letter, like `t = \"context\"`"),
                );
                continue;
            };
            let dimension = table.text(key.value, mistakes).and_then(|name| self.named(&name, mistakes));
            if let Some(dimension) = dimension
                && self.kind_of(dimension) == Some(Kind::Depth)
            {
                let name = self.name_of(dimension);
                let message = format!("axis `{letter}` runs over `{name}`, which counts layers");
                mistakes.add(
                    &key.span,
                    Diagnostic::new("depth-axis", message)
                        .hint(format!("declare `{name}` as `feature` or `sample`, or remove the axis")),
                );
            }
            self.letters.insert(letter, AxisId(self.axes.len()));
            self.axes.push(DeclaredAxis { letter, span: key.span.clone(), dimension });
        }
    }

    /// The dimension of that name; an unknown one is a mistake.
    pub(super) fn named(&self, name: &Text, mistakes: &mut Mistakes) -> Option<DimensionId> {
        let position = self.dimensions.iter().position(|dimension| dimension.name == name.value);
        if position.is_none() {
            let names = self.dimensions.iter().map(|dimension| dimension.name.as_str());
            let hint = mistakes.suggest(name.value, names, || {
                "declare it under `[dimensions]`, like `d_model = { kind = \"feature\", size = 64 }`".into()
            });
            mistakes.add(
                &name.span,
                Diagnostic::new("unknown-dimension", format!("unknown dimension {}", quote(name.value)))
                    .hint(hint),
            );
        }
        position.map(DimensionId)
    }

    /// Reads the axes of one tensor: the bytes `part` of `text`. Spaces do not count.
    /// An unknown letter, or one that stands twice, is a mistake.
    pub(super) fn labels(&self, text: &Text, part: Range<usize>, mistakes: &mut Mistakes) -> Option<Labels> {
        let mut labels = Labels { axes: Vec::new(), spans: Vec::new(), span: text.part(part.clone()) };
        let mut right = true;
        let tensor = text.value.get(part.clone()).unwrap_or_default();
        for (offset, letter) in tensor.char_indices().filter(|(_, letter)| *letter != ' ') {
            let start = part.start + offset;
            let span = text.part(start..start + letter.len_utf8());
            let Some(axis) = self.letters.get(&letter) else {
                mistakes.add(&span, self.unknown_axis(letter));
                right = false;
                continue;
            };
            if labels.axes.contains(axis) {
                mistakes.add(
                    &span,
                    Diagnostic::new("repeated-axis", format!("axis `{letter}` stands twice in one tensor"))
                        .hint(
                            "declare another letter over the same dimension under `[axes]`, and use it here",
                        ),
                );
                right = false;
                continue;
            }
            labels.axes.push(*axis);
            labels.spans.push(span);
        }
        right.then_some(labels)
    }

    fn unknown_axis(&self, letter: char) -> Diagnostic {
        let message = format!("unknown axis {}", quote(&letter.to_string()));
        let diagnostic = Diagnostic::new("unknown-axis", message);
        if letter.is_ascii_alphabetic() {
            diagnostic.hint(format!("declare it under `[axes]`, like `{letter} = \"d_model\"`"))
        } else {
            diagnostic.hint("axes are single letters declared under `[axes]`")
        }
    }

    /// Refuses axes that no text of the file uses, and dimensions over which no axis runs.
    /// `used` are the letters of all texts of axes; a depth may be used by a repeat instead of an axis.
    pub(super) fn refuse_unused(
        &self,
        used: &BTreeSet<char>,
        depth_is_used: DepthUse,
        mistakes: &mut Mistakes,
    ) {
        for axis in self.axes.iter().filter(|axis| !used.contains(&axis.letter)) {
            let message = format!("axis `{}` is not used", axis.letter);
            mistakes.add(&axis.span, Diagnostic::new("unused-axis", message).hint("remove it from `[axes]`"));
        }
        for (position, dimension) in self.dimensions.iter().enumerate() {
            let has_axis = self.axes.iter().any(|axis| axis.dimension == Some(DimensionId(position)));
            let repeats = dimension.kind == Some(Kind::Depth) && depth_is_used == DepthUse::ByRepeat;
            if has_axis || repeats || dimension.kind.is_none() {
                continue;
            }
            let message = format!("dimension {} is not used", quote(&dimension.name));
            mistakes.add(
                &dimension.span,
                Diagnostic::new("unused-dimension", message)
                    .hint("remove it from `[dimensions]`, or declare an axis over it under `[axes]`"),
            );
        }
    }

    /// The kind of the dimension that an axis runs over, where it is known.
    pub(super) fn kind(&self, axis: AxisId) -> Option<Kind> {
        self.dimension(axis).and_then(|dimension| self.kind_of(dimension))
    }

    /// The dimension that an axis runs over, where it is known.
    pub(super) fn dimension(&self, axis: AxisId) -> Option<DimensionId> {
        self.axes.get(axis.0).and_then(|axis| axis.dimension)
    }

    /// The declared size of the dimension that an axis runs over, where it is known.
    pub(super) fn size(&self, axis: AxisId) -> Option<usize> {
        self.dimension(axis).and_then(|dimension| self.dimensions.get(dimension.0)?.size)
    }

    fn kind_of(&self, dimension: DimensionId) -> Option<Kind> {
        self.dimensions.get(dimension.0).and_then(|dimension| dimension.kind)
    }

    /// The name of a dimension.
    pub(super) fn name_of(&self, dimension: DimensionId) -> &str {
        self.dimensions.get(dimension.0).map_or("", |dimension| &dimension.name)
    }

    /// The name of the dimension that an axis runs over.
    pub(super) fn dimension_name(&self, axis: AxisId) -> &str {
        self.dimension(axis).map_or("", |dimension| self.name_of(dimension))
    }

    /// The letter of an axis.
    pub(super) fn letter(&self, axis: AxisId) -> char {
        self.axes.get(axis.0).map_or('?', |axis| axis.letter)
    }

    /// The letters of axes, in order.
    pub(super) fn letters(&self, axes: &[AxisId]) -> String {
        axes.iter().map(|axis| self.letter(*axis)).collect()
    }

    /// Whether two lists of axes run over the same dimensions in the same order, as far as is known.
    pub(super) fn same_dimensions(&self, a: &[AxisId], b: &[AxisId]) -> bool {
        let agree = |(a, b): (&AxisId, &AxisId)| match (self.dimension(*a), self.dimension(*b)) {
            (Some(a), Some(b)) => a == b,
            (None, _) | (_, None) => true,
        };
        a.len() == b.len() && a.iter().zip(b).all(agree)
    }

    /// The dimensions, with a stand-in for what was declared wrongly.
    pub(super) fn dimensions(&self) -> Vec<Dimension> {
        let dimension = |declared: &DeclaredDimension| Dimension {
            name: declared.name.clone(),
            kind: declared.kind.unwrap_or(Kind::Feature),
            size: declared.size.unwrap_or(1),
            symbol: declared.symbol.clone(),
        };
        self.dimensions.iter().map(dimension).collect()
    }

    /// The axes, if each has its dimension.
    pub(super) fn axes(&self) -> Option<Vec<Axis>> {
        let axis = |declared: &DeclaredAxis| {
            declared.dimension.map(|dimension| Axis { letter: declared.letter, dimension })
        };
        self.axes.iter().map(axis).collect()
    }
}

/// Whether a dimension of kind depth has a use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DepthUse {
    /// The file repeats a block.
    ByRepeat,
    /// It repeats none.
    None,
}

fn read_kind(record: &Record, mistakes: &mut Mistakes) -> Option<Kind> {
    let text = record.required_text("kind", mistakes)?;
    let kind = KINDS.iter().find(|(name, _)| *name == text.value).map(|(_, kind)| *kind);
    if kind.is_none() {
        let hint = mistakes.suggest(text.value, KINDS.map(|(name, _)| name), || {
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

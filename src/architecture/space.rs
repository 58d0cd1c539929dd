//! [`Space`]: the dimensions and axes that a file declares, and the texts of axes over them.

use crate::document::{Mistakes, Record, Text, Wanted, quote};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::dimension::DeclaredDimension;
use crate::document::Diagnostic;
use crate::graph::{Axis, AxisId, Dimension, DimensionId, Kind};

/// Most dimensions of one file.
const MOST_DIMENSIONS: usize = 1000;

/// Axes kept of one file: more than there are letters.
const MOST_AXES: usize = 100;

/// The declared dimensions and axes. What was declared wrongly is kept without the wrong part, so that it
/// is known by name and causes no second mistake where it is used.
pub(super) struct Space {
    dimensions: Vec<DeclaredDimension>,
    axes: Vec<DeclaredAxis>,
    letters: BTreeMap<char, AxisId>,
    /// Whether `[dimensions]` could be read at all: otherwise no name of one is judged.
    has_dimensions: bool,
    /// Whether `[axes]` could be read at all: otherwise no letter is judged.
    has_axes: bool,
    /// Whether every axis has its dimension: only then does the absence of an axis over a dimension mean anything.
    complete: bool,
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
        let mut space = Self {
            dimensions: Vec::new(),
            axes: Vec::new(),
            letters: BTreeMap::new(),
            has_dimensions: false,
            has_axes: false,
            complete: false,
        };
        for key in ["dimensions", "axes"] {
            if !file.has(key) {
                file.missing(key, Wanted::Table, mistakes);
            }
        }
        if let Some(table) = file.table("dimensions", Wanted::Table, "`[dimensions]`".into(), mistakes) {
            space.has_dimensions = true;
            space.read_dimensions(&table, mistakes);
        }
        if let Some(table) = file.table("axes", Wanted::Table, "`[axes]`".into(), mistakes) {
            space.has_axes = true;
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
            self.dimensions.push(DeclaredDimension::read(&key, table, mistakes));
        }
    }

    fn read_axes(&mut self, table: &Record, mistakes: &mut Mistakes) {
        self.complete = true;
        for key in table.keys(mistakes.source()) {
            let mut letters = key.value.chars();
            let letter = letters.next().filter(|_| letters.next().is_none());
            if !letter.is_some_and(|letter| letter.is_ascii_alphabetic()) {
                mistakes.add(
                    &key.span,
                    Diagnostic::new("bad-axis", format!("the axis {} is not one letter", quote(key.value)))
                        .hint("name an axis by one letter from a to z or A to Z, like `t = \"context\"`"),
                );
            }
            let Some(letter) = letter.filter(|_| self.axes.len() < MOST_AXES) else {
                self.complete = false;
                continue;
            };
            let dimension = table.text(key.value, mistakes).and_then(|name| self.named(&name, mistakes));
            self.complete &= dimension.is_some();
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
        if position.is_none() && self.has_dimensions {
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

    /// Reads a text that is the axes of one tensor. Spaces do not count.
    /// An unknown letter, or one that stands twice, is a mistake.
    pub(super) fn labels(&self, text: &Text, mistakes: &mut Mistakes) -> Option<Labels> {
        self.part(text, 0..text.value.len(), &mut BTreeSet::new(), mistakes)
    }

    /// The same for the bytes `part` of a text of several tensors. A letter among `told` is not complained of again.
    pub(super) fn part(
        &self,
        text: &Text,
        part: Range<usize>,
        told: &mut BTreeSet<char>,
        mistakes: &mut Mistakes,
    ) -> Option<Labels> {
        let mut labels = Labels { axes: Vec::new(), spans: Vec::new(), span: text.part(part.clone()) };
        let mut right = true;
        let tensor = text.value.get(part.clone()).unwrap_or_default();
        for (offset, letter) in tensor.char_indices().filter(|(_, letter)| *letter != ' ') {
            let start = part.start + offset;
            let span = text.part(start..start + letter.len_utf8());
            let wrong = match self.letters.get(&letter) {
                None => self.unknown_axis(letter),
                Some(axis) if labels.axes.contains(axis) => repeated_axis(letter),
                Some(axis) => {
                    labels.axes.push(*axis);
                    labels.spans.push(span);
                    continue;
                }
            };
            right = false;
            if told.insert(letter) && self.has_axes {
                mistakes.add(&span, wrong);
            }
        }
        right.then_some(labels)
    }

    fn unknown_axis(&self, letter: char) -> Diagnostic {
        let message = format!("unknown axis {}", quote(&letter.to_string()));
        let diagnostic = Diagnostic::new("unknown-axis", message);
        if letter.is_ascii_alphabetic() {
            diagnostic.hint(format!("declare it under `[axes]`, like `{letter} = \"d_model\"`"))
        } else {
            diagnostic.hint("write letters declared under `[axes]` and nothing between them, like `btd`")
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
        for (position, axis) in self.axes.iter().enumerate() {
            if used.contains(&axis.letter)
                || !axis.letter.is_ascii_alphabetic()
                || self.kind(AxisId(position)) == Some(Kind::Depth)
            {
                continue;
            }
            let message = format!("axis `{}` is not used", axis.letter);
            let is_used = |other: &DeclaredAxis| used.contains(&other.letter);
            let over = axis.dimension.filter(|over| {
                !self.axes.iter().any(|other| other.dimension == Some(*over) && is_used(other))
            });
            let hint = match over {
                Some(over) => {
                    let name = quote(self.name_of(over));
                    format!(
                        "remove it from `[axes]`, and {name}, which nothing uses then, from `[dimensions]`"
                    )
                }
                None => "remove it from `[axes]`".into(),
            };
            mistakes.add(&axis.span, Diagnostic::new("unused-axis", message).hint(hint));
        }
        for (position, dimension) in self.dimensions.iter().enumerate().filter(|_| self.complete) {
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

    /// The declared size of a dimension, where it is known.
    pub(super) fn size_of(&self, dimension: DimensionId) -> Option<usize> {
        self.dimensions.get(dimension.0).and_then(|dimension| dimension.size)
    }

    /// The kind of a dimension, where it is known.
    pub(super) fn kind_of(&self, dimension: DimensionId) -> Option<Kind> {
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
            large: declared.large,
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

fn repeated_axis(letter: char) -> Diagnostic {
    Diagnostic::new("repeated-axis", format!("axis `{letter}` stands twice in one tensor"))
        .hint("declare another letter over the same dimension under `[axes]`, and use it here")
}

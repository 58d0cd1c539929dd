//! [`Document`]: what an answer says, before it is known how it will look.
//!
//! Words may hold code between backticks, as diagnostics do; each format renders it in its own way.

pub use crate::exact::power;
use crate::exact::{Exponent, PowerSum};

/// Blocks in the order in which they are read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document(pub Vec<Block>);

/// A part of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// What the following blocks are about.
    Heading(String),
    /// Running words.
    Paragraph(String),
    /// Items, each with the words beneath it.
    List(Vec<String>),
    /// Lines whose spaces matter.
    Verbatim(Vec<String>),
    /// A table.
    Grid(Grid),
}

/// A table: rows of as many cells as there are columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid {
    /// The scale variable in which powers are written.
    pub variable: String,
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows.
    pub rows: Vec<Vec<Cell>>,
}

/// A column of a grid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name for machines, as in the head of a CSV file.
    pub key: String,
    /// Its name for people.
    pub title: String,
}

/// A cell of a grid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// There is nothing to say.
    Empty,
    /// The name of a node, parameter, rule, ...
    Name(String),
    /// Words; what stands between commas is kept together.
    Words(String),
    /// Running words.
    Sentence(String),
    /// A magnitude with this exponent in the scale variable of the grid.
    Power(Exponent),
    /// A magnitude in several scale variables.
    Powers(NamedSum),
    /// A number as it is to be printed.
    Number(String),
}

/// A sum of powers with the names of its scale variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedSum {
    /// The names.
    pub variables: Vec<String>,
    /// The sums it is divided by, by their number.
    pub divisors: Vec<PowerSum>,
    /// The sum.
    pub sum: PowerSum,
}

impl NamedSum {
    /// As the theory writes it, each power of a variable or of a sum by `power`: `n^-1/2 m + m^2`, `n (n + m)^-1`.
    #[must_use]
    pub fn write(&self, power: impl Fn(&str, &Exponent) -> String) -> String {
        self.sum.write(&self.variables, &self.divisors, &power)
    }
}

impl Document {
    /// Adds a block.
    pub fn push(&mut self, block: Block) {
        self.0.push(block);
    }

    /// Adds a paragraph.
    pub fn say(&mut self, words: impl Into<String>) {
        self.0.push(Block::Paragraph(words.into()));
    }
}

impl Grid {
    /// A grid without rows; columns are pairs of key and title.
    #[must_use]
    pub fn new(variable: &str, columns: &[(&str, &str)]) -> Self {
        let column = |(key, title): &(&str, &str)| Column { key: (*key).into(), title: (*title).into() };
        Self { variable: variable.into(), columns: columns.iter().map(column).collect(), rows: Vec::new() }
    }
}

impl Cell {
    /// A name.
    pub fn name(name: impl Into<String>) -> Self {
        Self::Name(name.into())
    }

    /// Words.
    pub fn words(words: impl Into<String>) -> Self {
        Self::Words(words.into())
    }

    /// Running words.
    pub fn sentence(words: impl Into<String>) -> Self {
        Self::Sentence(words.into())
    }

    /// A sum of powers, in one variable or in several; or nothing.
    #[must_use]
    pub fn powers(sum: Option<&PowerSum>, variables: &[String], divisors: &[PowerSum]) -> Self {
        match sum {
            None => Self::Empty,
            Some(sum) => match (variables, sum.largest()) {
                ([_], Some([exponent])) => Self::Power(exponent.clone()),
                _ => Self::Powers(NamedSum {
                    variables: variables.to_vec(),
                    divisors: divisors.to_vec(),
                    sum: sum.clone(),
                }),
            },
        }
    }

    /// A power, or nothing.
    #[must_use]
    pub fn power(exponent: Option<&Exponent>) -> Self {
        exponent.map_or(Self::Empty, |exponent| Self::Power(exponent.clone()))
    }
}

/// So many things: `1 seed`, `8 seeds`.
#[must_use]
pub fn counted(count: u64, thing: &str) -> String {
    if count == 1 { format!("1 {thing}") } else { format!("{count} {thing}s") }
}

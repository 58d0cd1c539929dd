//! [`Page`]: words, tables, figures and data as one Markdown page and one self-contained HTML page.
//!
//! Nothing in it depends on when or where it is written. Measured numbers are rounded, so that what differs
//! between machines in the last digits does not show.
#![allow(clippy::disallowed_types, reason = "slopes are measured")]

mod agreement;
mod contents;
mod heading;
mod html;
mod impossible;
mod number;

pub use agreement::Agreement;

use super::figure::{self, Figure};
use crate::report::format::document::{Block, Document, Grid};
use crate::report::format::{csv, markdown};

/// What a page says, in the order in which it is read.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// Its title.
    pub title: String,
    /// Everything below it.
    pub parts: Vec<Element>,
}

/// A part of a page.
#[derive(Clone, Debug, PartialEq)]
pub enum Element {
    /// What the following parts are about.
    Heading(Level, String),
    /// Words and tables. Its headings are set as [`Level::Section`].
    Text(Document),
    /// A figure, which becomes a file of its own.
    Figure {
        /// The name of the file, without its ending: letters, digits, `-`, `_`.
        name: String,
        /// What it shows, for those who cannot see it.
        description: String,
        /// The figure.
        figure: Figure,
    },
    /// Data, which become a file of their own; the page only links it.
    Data {
        /// The name of the file, without its ending: letters, digits, `-`, `_`.
        name: String,
        /// The words of the link.
        words: String,
        /// The data.
        grid: Grid,
    },
}

/// How deep a heading is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Below the title.
    Section,
    /// Below a section.
    Subsection,
}

/// The page as files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The page as Markdown; links lead to `beside`.
    pub markdown: String,
    /// The page as HTML, with the figures inside.
    pub html: String,
    /// The files that belong beside it: figures and data.
    pub beside: Vec<File>,
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name with its ending.
    pub name: String,
    /// What is in it.
    pub contents: String,
}

impl Page {
    /// A page without parts.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), parts: Vec::new() }
    }

    /// Adds a heading.
    pub fn head(&mut self, level: Level, words: impl Into<String>) {
        self.parts.push(Element::Heading(level, words.into()));
    }

    /// Adds a paragraph. Words may hold code between backticks.
    pub fn say(&mut self, words: impl Into<String>) {
        self.parts.push(Element::Text(Document(vec![Block::Paragraph(words.into())])));
    }

    /// Adds a table.
    pub fn tabulate(&mut self, grid: Grid) {
        self.parts.push(Element::Text(Document(vec![Block::Grid(grid)])));
    }
}

/// A part in Markdown.
enum Piece {
    /// Words, tables, links.
    Markdown(String),
    /// A figure.
    Drawing {
        /// The name of its file.
        file: String,
        /// What it shows.
        description: String,
        /// The figure.
        svg: String,
    },
}

/// The page as Markdown and as HTML, with the files beside it. The same page gives the same bytes.
#[must_use]
pub fn write(page: &Page) -> Written {
    let title = Piece::Markdown(format!("# {}\n", plain(&page.title)));
    let pieces: Vec<Piece> = [title].into_iter().chain(page.parts.iter().map(piece)).collect();
    let markdown = pieces.iter().map(|piece| match piece {
        Piece::Markdown(text) => text.clone(),
        Piece::Drawing { file, description, .. } => format!("![{description}]({file})\n"),
    });
    let markdown = markdown.collect::<Vec<_>>().join("\n");
    let html = html::html(&page.title, &pieces);
    let data = page.parts.iter().filter_map(|part| match part {
        Element::Data { name, grid, .. } => Some(File { name: data_file(name), contents: csv::csv(grid) }),
        Element::Heading(..) | Element::Text(_) | Element::Figure { .. } => None,
    });
    let mut beside: Vec<File> = data.collect();
    beside.extend(pieces.into_iter().filter_map(|piece| match piece {
        Piece::Drawing { file, svg, .. } => Some(File { name: file, contents: svg }),
        Piece::Markdown(_) => None,
    }));
    beside.sort_by(|a, b| a.name.cmp(&b.name));
    Written { markdown, html, beside }
}

fn piece(part: &Element) -> Piece {
    match part {
        Element::Heading(Level::Section, words) => Piece::Markdown(format!("## {}\n", plain(words))),
        Element::Heading(Level::Subsection, words) => Piece::Markdown(format!("### {}\n", plain(words))),
        Element::Text(document) => Piece::Markdown(markdown::markdown(document)),
        Element::Figure { name, description, figure } => Piece::Drawing {
            file: format!("{name}.svg"),
            description: plain(description),
            svg: figure::draw(figure),
        },
        Element::Data { name, words, .. } => {
            Piece::Markdown(format!("[{}]({})\n", plain(words), data_file(name)))
        }
    }
}

fn data_file(name: &str) -> String {
    format!("{name}.csv")
}

/// Words as Markdown, on one line.
fn plain(words: &str) -> String {
    markdown::markdown(&Document(vec![Block::Paragraph(words.into())])).trim_end().to_owned()
}

#[cfg(test)]
mod tests;

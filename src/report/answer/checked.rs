//! The answer of `check`: a file is well formed, and this is what it holds.

use crate::report::Report;
use crate::report::format::document::{Cell, Document, Grid};
use crate::report::json::{AnyAnswer, CheckAnswer};

/// A file without mistakes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Its path.
    pub file: String,
    /// What it describes, in words: `an architecture`.
    pub describes: &'static str,
    /// How much of what it holds.
    pub counts: Vec<(&'static str, usize)>,
}

impl Report for Checked {
    fn document(&self) -> Document {
        let mut document = Document::default();
        let counts: Vec<String> =
            self.counts.iter().map(|(what, count)| format!("{what}: {count}")).collect();
        let counts = if counts.is_empty() { String::new() } else { format!(" ({})", counts.join(", ")) };
        document.say(format!("{}: well formed, {}{counts}", self.file, self.describes));
        document
    }

    fn data(&self) -> Grid {
        let mut grid = Grid::new("n", &["file", "describes", "what", "count"].map(|key| (key, key)));
        for (what, count) in &self.counts {
            grid.rows.push(vec![
                Cell::words(&self.file),
                Cell::words(self.describes),
                Cell::words(*what),
                Cell::Number(count.to_string()),
            ]);
        }
        grid
    }

    fn json(&self) -> AnyAnswer {
        AnyAnswer::Check(CheckAnswer {
            file: self.file.clone(),
            well_formed: true,
            describes: self.describes.into(),
            counts: self.counts.iter().map(|(what, count)| ((*what).into(), *count)).collect(),
        })
    }
}

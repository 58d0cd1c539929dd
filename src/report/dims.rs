//! The answer of `dims`: every dimension alone and every declared tie, scalable or not.

use serde_json::{Map, Value, json};

use super::Report;
use super::derivation::Derived;
use super::document::{Block, Cell, Document, Grid};
use super::json::object;
use crate::derive::{Answer, DeriveError, Question, Verdict};

/// All scalings of an architecture with their answers.
#[derive(Clone, Debug)]
pub struct Dims<'a> {
    /// What is common to all, in words: architecture, optimizer, desiderata.
    pub title: String,
    /// Dimensions alone, by name, in the order of the file.
    pub dimensions: Vec<Entry<'a>>,
    /// Declared ties, by their scaling as text.
    pub ties: Vec<Entry<'a>>,
}

/// One scaling with its answer.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// What was asked.
    pub question: Question<'a>,
    /// The dimension, or the scaling as text.
    pub name: String,
    /// What people call it; of a tie only.
    pub called: Option<String>,
    /// The answer, or why there is none.
    pub answer: Result<Answer<'a>, DeriveError>,
}

impl Entry<'_> {
    /// Whether the scaling is possible.
    #[must_use]
    pub fn is_scalable(&self) -> bool {
        self.answer.as_ref().is_ok_and(|answer| matches!(answer.verdict, Verdict::Feasible { .. }))
    }

    /// Whether it is scalable, in a word.
    fn verdict(&self) -> &'static str {
        match &self.answer {
            Ok(answer) => match answer.verdict {
                Verdict::Feasible { .. } => "scalable",
                Verdict::Infeasible { .. } => "impossible",
            },
            Err(_) => "refused",
        }
    }

    /// Whether its rule is the only one.
    fn solution(&self) -> Cell {
        match &self.answer {
            Ok(Answer { verdict: Verdict::Feasible { table, .. }, .. }) => {
                Cell::words(if table.unique { "unique" } else { "one of several" })
            }
            Ok(_) | Err(_) => Cell::Empty,
        }
    }

    fn rule(&self) -> String {
        match &self.answer {
            Ok(answer) => {
                let derived = Derived { question: &self.question, answer };
                match &answer.verdict {
                    Verdict::Feasible { .. } => derived.in_short(),
                    Verdict::Infeasible { .. } => format!("conflict: {}", derived.in_short()),
                }
            }
            Err(error) => format!("{error}; {}", error.hint()),
        }
    }

    fn json(&self) -> Value {
        match &self.answer {
            Ok(answer) => Value::Object(Derived { question: &self.question, answer }.verdict_json()),
            Err(error) => json!({"status": "refused", "because": error.to_string(), "hint": error.hint()}),
        }
    }
}

impl Report for Dims<'_> {
    fn document(&self) -> Document {
        let mut document = Document::default();
        document.push(Block::Heading(self.title.clone()));
        let keys = ["scaling", "verdict", "solution"].map(|key| (key, key));
        let columns: Vec<(&str, &str)> = keys.into_iter().chain([("rule", "rule or conflict")]).collect();
        for entries in [&self.dimensions, &self.ties] {
            let mut grid = Grid::new("n", &columns);
            for entry in entries {
                grid.rows.push(vec![
                    Cell::name(&entry.name),
                    Cell::words(entry.verdict()),
                    entry.solution(),
                    Cell::words(entry.rule()),
                ]);
            }
            if !grid.rows.is_empty() {
                document.push(Block::Grid(grid));
            }
        }
        document
    }

    fn data(&self) -> Grid {
        let keys = ["scaling", "name", "verdict", "solution", "rule"];
        let mut grid = Grid::new("n", &keys.map(|key| (key, key)));
        for entry in self.dimensions.iter().chain(&self.ties) {
            grid.rows.push(vec![
                Cell::name(&entry.name),
                entry.called.as_ref().map_or(Cell::Empty, Cell::words),
                Cell::words(entry.verdict()),
                entry.solution(),
                Cell::words(entry.rule()),
            ]);
        }
        grid
    }

    fn json(&self) -> Map<String, Value> {
        let answers = |entries: &[Entry<'_>]| {
            Value::Object(object(entries.iter().map(|entry| (entry.name.clone(), entry.json()))))
        };
        object([("dimensions", answers(&self.dimensions)), ("ties", answers(&self.ties))])
    }
}

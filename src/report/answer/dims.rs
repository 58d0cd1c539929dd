//! The answer of `dims`: every dimension alone and every declared tie, scalable or not.

use crate::derive::{Answer, Survey, Surveyed};
use crate::propagate::Note;
use crate::report::Report;
use crate::report::answer::derivation::{Derived, assumed};
use crate::report::answer::nearest;
use crate::report::format::document::{Block, Cell, Document, Grid};
use crate::report::json::{
    AnyAnswer, AskedObject, DimsAnswer, DimsEntry, Named, RefusedObject, VerdictObject,
};

/// All scalings of an architecture with their answers.
#[derive(Clone, Copy, Debug)]
pub struct Dims<'a>(pub &'a Survey);

impl Dims<'_> {
    /// What is common to all, in words: architecture, optimizer, desiderata.
    pub(super) fn title(&self) -> String {
        let Survey { graph, book, optimizer, desiderata, .. } = self.0;
        let (optimizer, desiderata) = (&optimizer.about.name, desiderata.told());
        let assumed = assumed(book);
        format!("{}: what can grow, with {optimizer}, {desiderata}{assumed}", graph.title)
    }

    /// The same by keys.
    pub(super) fn asked(&self) -> AskedObject {
        let Survey { graph, book, optimizer, desiderata, .. } = self.0;
        AskedObject {
            desiderata: Some(desiderata.about.name.clone()),
            relaxed: desiderata.relaxed.iter().map(ToString::to_string).collect(),
            alignment: book.regime.assumed().map(str::to_owned),
            ..AskedObject::about(graph, None, optimizer)
        }
    }

    /// Where the answers are approximations, and what they leave out, each note once.
    fn notes(&self) -> Vec<Note> {
        let mut notes: Vec<Note> = Vec::new();
        let answers = self.0.scalings().filter_map(|surveyed| surveyed.answer.as_ref().ok());
        for note in answers.flat_map(Answer::notes) {
            if notes.iter().all(|told| told.says != note.says) {
                notes.push(note);
            }
        }
        notes
    }
}

impl Surveyed {
    /// Whether it is scalable, in a word.
    pub(super) fn verdict(&self) -> &'static str {
        match &self.answer {
            Ok(answer) if answer.is_feasible() => "scalable",
            Ok(_) => "impossible",
            Err(_) => "refused",
        }
    }

    /// Whether its rule is the only one.
    fn solution(&self) -> Cell {
        match &self.answer {
            Ok(answer) => answer.feasible().map_or(Cell::Empty, |table| {
                Cell::words(match (table.unique, table.smaller_starts.is_empty()) {
                    (true, true) => "unique",
                    (true, false) => "unique up to smaller starts",
                    (false, _) => "one of several",
                })
            }),
            Err(_) => Cell::Empty,
        }
    }

    fn rule(&self) -> String {
        match &self.answer {
            Ok(answer) => {
                let derived = Derived { answer };
                if answer.is_feasible() {
                    return derived.in_short();
                }
                let ties = derived.conflict().and_then(|conflict| conflict.ways_out.ties_in_short());
                let ties = ties.map(|ties| format!("; {ties}")).unwrap_or_default();
                format!("conflict: {}{ties}", derived.in_short())
            }
            Err(error) => format!("{error}; {}", error.hint()),
        }
    }

    /// The nearest rule where there is none, with what it gives up; empty if there is one.
    fn nearest(&self) -> String {
        let nearest = self.answer.as_ref().ok().and_then(|answer| answer.nearest.as_deref());
        nearest.map(nearest::in_short).unwrap_or_default()
    }

    fn json(&self) -> DimsEntry {
        match &self.answer {
            Ok(answer) => match (Derived { answer }).verdict() {
                VerdictObject::Feasible(feasible) => DimsEntry::Feasible(feasible),
                VerdictObject::Infeasible(infeasible) => DimsEntry::Infeasible(infeasible),
            },
            Err(error) => {
                DimsEntry::Refused(RefusedObject { because: error.to_string(), hint: error.hint() })
            }
        }
    }
}

impl Report for Dims<'_> {
    fn document(&self) -> Document {
        let mut document = Document::default();
        document.push(Block::Heading(self.title()));
        let keys = ["scaling", "verdict", "solution"].map(|key| (key, key));
        for entries in [&self.0.dimensions, &self.0.ties] {
            let mut columns = keys.to_vec();
            columns.push(("rule", "rule or conflict"));
            let has_nearest = entries.iter().any(|entry| !entry.nearest().is_empty());
            columns.extend(has_nearest.then_some(("nearest", "nearest rule")));
            let mut grid = Grid::new("n", &columns);
            for entry in entries {
                let mut row = vec![
                    Cell::name(&entry.name),
                    Cell::words(entry.verdict()),
                    entry.solution(),
                    Cell::words(entry.rule()),
                ];
                row.extend(has_nearest.then(|| Cell::words(entry.nearest())));
                grid.rows.push(row);
            }
            if !grid.rows.is_empty() {
                document.push(Block::Grid(grid));
            }
        }
        for note in self.notes() {
            document.say(format!("note: {note}"));
        }
        document
    }

    fn data(&self) -> Grid {
        let keys = ["scaling", "name", "verdict", "solution", "rule", "nearest"];
        let mut grid = Grid::new("n", &keys.map(|key| (key, key)));
        for entry in self.0.scalings() {
            grid.rows.push(vec![
                Cell::name(&entry.name),
                entry.called.as_ref().map_or(Cell::Empty, Cell::words),
                Cell::words(entry.verdict()),
                entry.solution(),
                Cell::words(entry.rule()),
                Cell::words(entry.nearest()),
            ]);
        }
        grid
    }

    fn json(&self) -> AnyAnswer {
        let answers = |entries: &[Surveyed]| -> Named<DimsEntry> {
            entries.iter().map(|entry| (entry.name.clone(), entry.json())).collect()
        };
        AnyAnswer::Dims(DimsAnswer {
            asked: self.asked(),
            dimensions: answers(&self.0.dimensions),
            ties: answers(&self.0.ties),
        })
    }
}

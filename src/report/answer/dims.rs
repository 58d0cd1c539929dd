//! The answer of `dims`: every dimension alone and every declared tie, scalable or not.

use std::sync::Arc;

use crate::architecture::Architecture;
use crate::derive::{Answer, DeriveError, Question, Verdict, derive};
use crate::graph::{Kind, Scaling};
use crate::report::Report;
use crate::report::answer::derivation::{Derived, assumed};
use crate::report::format::document::{Block, Cell, Document, Grid};
use crate::report::json::{
    AnyAnswer, AskedObject, DimsAnswer, DimsEntry, Named, RefusedObject, VerdictObject,
};
use crate::rule::{Desiderata, Optimizer, RuleBook};

/// All scalings of an architecture with their answers.
#[derive(Clone, Debug)]
pub struct Dims {
    /// What is common to all, in words: architecture, optimizer, desiderata.
    pub title: String,
    /// The same by keys.
    pub asked: AskedObject,
    /// Dimensions alone, by name, in the order of the file.
    pub dimensions: Vec<Entry>,
    /// Declared ties, by their scaling as text.
    pub ties: Vec<Entry>,
}

/// One scaling with its answer.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What was asked.
    pub question: Question,
    /// The dimension, or the scaling as text.
    pub name: String,
    /// What people call it; of a tie only.
    pub called: Option<String>,
    /// The answer, or why there is none.
    pub answer: Result<Answer, DeriveError>,
}

impl Dims {
    /// Asks about every dimension alone, those that count layers apart, and about every declared tie.
    #[must_use]
    pub fn ask(
        architecture: &Architecture,
        book: &Arc<RuleBook>,
        optimizer: &Optimizer,
        desiderata: &Desiderata,
    ) -> Self {
        let graph = &architecture.graph;
        let entry = |name: String, called: Option<String>, scaling: Scaling| {
            let question = Question::new(graph, book, optimizer, desiderata, scaling);
            let answer = derive(&question);
            Entry { question, name, called, answer }
        };
        let alone = graph.dimension_ids().filter(|id| match graph.dimension(*id).kind {
            Kind::Feature | Kind::Sample => true,
            Kind::Depth => graph.repeats.iter().any(|repeat| repeat.dimension == *id),
        });
        let dimensions = alone.map(|id| entry(graph.dimension(id).name.clone(), None, Scaling::alone(id)));
        let ties = architecture.ties.iter();
        let ties =
            ties.map(|tie| entry(tie.scaling.write(graph), Some(tie.name.clone()), tie.scaling.clone()));
        let asked = AskedObject {
            desiderata: Some(desiderata.about.name.clone()),
            alignment: book.regime.assumed().map(str::to_owned),
            ..AskedObject::about(graph, None, optimizer)
        };
        let (optimizer, desiderata) = (&optimizer.about.name, &desiderata.about.name);
        let assumed = assumed(book);
        Self {
            asked,
            title: format!("{}: what can grow, with {optimizer}, {desiderata}{assumed}", graph.title),
            dimensions: dimensions.collect(),
            ties: ties.collect(),
        }
    }

    /// Where the answers are approximations, each note once.
    fn notes(&self) -> Vec<&str> {
        let mut notes: Vec<&str> = Vec::new();
        let answers = self.entries().filter_map(|entry| entry.answer.as_ref().ok());
        for note in answers.flat_map(|answer| &answer.propagation.notes) {
            if !notes.contains(&note.as_str()) {
                notes.push(note);
            }
        }
        notes
    }

    /// Dimensions, then ties.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.dimensions.iter().chain(&self.ties)
    }
}

impl Entry {
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
                    Verdict::Infeasible { .. } => {
                        let ties = derived.conflict().and_then(|conflict| conflict.ways_out.ties_in_short());
                        let ties = ties.map(|ties| format!("; {ties}")).unwrap_or_default();
                        format!("conflict: {}{ties}", derived.in_short())
                    }
                }
            }
            Err(error) => format!("{error}; {}", error.hint()),
        }
    }

    fn json(&self) -> DimsEntry {
        match &self.answer {
            Ok(answer) => match (Derived { question: &self.question, answer }).verdict() {
                VerdictObject::Feasible(feasible) => DimsEntry::Feasible(feasible),
                VerdictObject::Infeasible(infeasible) => DimsEntry::Infeasible(infeasible),
            },
            Err(error) => {
                DimsEntry::Refused(RefusedObject { because: error.to_string(), hint: error.hint() })
            }
        }
    }
}

impl Report for Dims {
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
        for note in self.notes() {
            document.say(format!("note: {note}"));
        }
        document
    }

    fn data(&self) -> Grid {
        let keys = ["scaling", "name", "verdict", "solution", "rule"];
        let mut grid = Grid::new("n", &keys.map(|key| (key, key)));
        for entry in self.entries() {
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

    fn json(&self) -> AnyAnswer {
        let answers = |entries: &[Entry]| -> Named<DimsEntry> {
            entries.iter().map(|entry| (entry.name.clone(), entry.json())).collect()
        };
        AnyAnswer::Dims(DimsAnswer {
            asked: self.asked.clone(),
            dimensions: answers(&self.dimensions),
            ties: answers(&self.ties),
        })
    }
}

//! The answer of `check` to a certificate: what it states is proven, or where it is not.

use crate::certificate::Flaw;
use crate::exact::Status;
use crate::report::Report;
use crate::report::format::document::{Block, Cell, Document, Grid};
use crate::report::json::{AnyAnswer, AskedObject, CertificateAnswer, FlawObject, ProvenStatus};

/// A certificate that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Its path.
    pub file: String,
    /// What it is about: architecture, scaling, optimizer and desiderata.
    pub about: String,
    /// The same by keys.
    pub asked: AskedObject,
    /// What it states.
    pub states: Status,
    /// Why that is not proven.
    pub flaw: Option<Flaw>,
}

impl Verified {
    fn statement(&self) -> String {
        let states = match self.states {
            Status::Unique => "possible, and the table is the only one",
            Status::UniqueUpToStarts => "possible, and the table is the only one, up to smaller starts",
            Status::Feasible => "possible",
            Status::Infeasible => "impossible",
        };
        format!("{}: {states}", self.about)
    }
}

fn name(status: Status) -> &'static str {
    match status {
        Status::Unique => "unique",
        Status::UniqueUpToStarts => "unique up to smaller starts",
        Status::Feasible => "feasible",
        Status::Infeasible => "infeasible",
    }
}

impl Report for Verified {
    fn document(&self) -> Document {
        let mut document = Document::default();
        match &self.flaw {
            None => document.say(format!("{}: proven", self.file)),
            Some(_) => document.say(format!("{}: not proven", self.file)),
        }
        document.say(self.statement());
        if let Some(Flaw { pointer, message }) = &self.flaw {
            document.push(Block::List(vec![format!("`{pointer}`: {message}")]));
        }
        document
    }

    fn data(&self) -> Grid {
        let mut grid =
            Grid::new("n", &["file", "states", "proven", "pointer", "message"].map(|key| (key, key)));
        let flaw = self.flaw.as_ref();
        grid.rows.push(vec![
            Cell::words(&self.file),
            Cell::words(name(self.states)),
            Cell::words(flaw.is_none().to_string()),
            flaw.map_or(Cell::Empty, |flaw| Cell::words(&flaw.pointer)),
            flaw.map_or(Cell::Empty, |flaw| Cell::words(&flaw.message)),
        ]);
        grid
    }

    fn json(&self) -> AnyAnswer {
        let flaw = |Flaw { pointer, message }: Flaw| FlawObject { pointer, message };
        AnyAnswer::Certificate(CertificateAnswer {
            file: self.file.clone(),
            about: self.about.clone(),
            asked: self.asked.clone(),
            states: match self.states {
                Status::Unique => ProvenStatus::Unique,
                Status::UniqueUpToStarts => ProvenStatus::UniqueUpToStarts,
                Status::Feasible => ProvenStatus::Feasible,
                Status::Infeasible => ProvenStatus::Infeasible,
            },
            proven: self.flaw.is_none(),
            flaw: self.flaw.clone().map(flaw),
        })
    }
}

//! The answer of `dims --at later`: every dimension alone and every declared tie, at any number of steps beside the first.

use super::derivation::DerivedLater;
use crate::derive::later::{LaterAnswer, LaterSurveyed};
use crate::derive::{Survey, Surveyed};
use crate::report::Report;
use crate::report::answer::dims::Dims;
use crate::report::format::document::{Block, Cell, Document, Grid};
use crate::report::json::{
    AnyAnswer, AskedObject, At, DimsLaterAnswer, DimsLaterEntry, FirstName, LaterEntryObject,
    LaterVerdictObject, Named, RefusedObject,
};

/// All scalings of an architecture with their answers, of the first step and of any number.
#[derive(Clone, Copy, Debug)]
pub struct DimsLater<'a> {
    /// Of the first step.
    pub survey: &'a Survey,
    /// Of any number, one of each scaling.
    pub later: &'a [LaterSurveyed],
}

impl DimsLater<'_> {
    /// Dimensions and ties, each with both answers.
    fn entries(&self) -> [Vec<(&Surveyed, &LaterSurveyed)>; 2] {
        let (dimensions, ties) = self.later.split_at(self.survey.dimensions.len());
        [self.survey.dimensions.iter().zip(dimensions).collect(), self.survey.ties.iter().zip(ties).collect()]
    }
}

fn verdict(later: &LaterSurveyed) -> &'static str {
    match later {
        LaterSurveyed::Answer(answer) => match **answer {
            LaterAnswer::Feasible(_) => "scalable",
            LaterAnswer::Contradiction(_) => "none found",
            LaterAnswer::Unsettled { ref asleep, .. } if !asleep.is_empty() => "never wakes",
            LaterAnswer::Unsettled { .. } => "not settled",
        },
        LaterSurveyed::Refused { .. } => "refused",
    }
}

fn rule(asked: &Surveyed, later: &LaterSurveyed) -> String {
    match later {
        LaterSurveyed::Answer(answer) => DerivedLater { question: &asked.question, answer }.in_short(),
        LaterSurveyed::Refused { because, hint } => format!("{because}; {hint}"),
    }
}

fn row(asked: &Surveyed, later: &LaterSurveyed) -> Vec<Cell> {
    vec![
        Cell::name(&asked.name),
        Cell::words(asked.verdict()),
        Cell::words(verdict(later)),
        Cell::words(rule(asked, later)),
    ]
}

fn entry((asked, later): (&Surveyed, &LaterSurveyed)) -> (String, DimsLaterEntry) {
    let later = match later {
        LaterSurveyed::Answer(answer) => {
            match (DerivedLater { question: &asked.question, answer }).verdict() {
                LaterVerdictObject::Feasible(settled) => LaterEntryObject::Feasible(settled),
                LaterVerdictObject::Unsettled(unsettled) => LaterEntryObject::Unsettled(unsettled),
            }
        }
        LaterSurveyed::Refused { because, hint } => {
            LaterEntryObject::Refused(RefusedObject { because: because.clone(), hint: hint.clone() })
        }
    };
    let first = match &asked.answer {
        Ok(answer) if answer.is_feasible() => FirstName::Feasible,
        Ok(_) => FirstName::Infeasible,
        Err(_) => FirstName::Refused,
    };
    (asked.name.clone(), DimsLaterEntry { first, later })
}

impl Report for DimsLater<'_> {
    fn document(&self) -> Document {
        let mut document = Document::default();
        document.push(Block::Heading(format!("{}, any number of steps", Dims(self.survey).title())));
        let columns = [
            ("scaling", "scaling"),
            ("first", "first step"),
            ("later", "any number"),
            ("rule", "rule, or why none was found"),
        ];
        for entries in self.entries() {
            let mut grid = Grid::new("n", &columns);
            grid.rows = entries.into_iter().map(|(asked, later)| row(asked, later)).collect();
            if !grid.rows.is_empty() {
                document.push(Block::Grid(grid));
            }
        }
        document.say(
            "A rule was walked through every step in exact numbers; that none was found is no proof that there is none",
        );
        document
    }

    fn data(&self) -> Grid {
        let mut grid = Grid::new("n", &["scaling", "first", "later", "rule"].map(|key| (key, key)));
        let entries = self.entries().into_iter().flatten();
        grid.rows = entries.map(|(asked, later)| row(asked, later)).collect();
        grid
    }

    fn json(&self) -> AnyAnswer {
        let [dimensions, ties] = self.entries();
        let named = |entries: Vec<(&Surveyed, &LaterSurveyed)>| -> Named<DimsLaterEntry> {
            entries.into_iter().map(entry).collect()
        };
        AnyAnswer::DimsLater(DimsLaterAnswer {
            asked: AskedObject { at: At::Later, ..Dims(self.survey).asked() },
            dimensions: named(dimensions),
            ties: named(ties),
        })
    }

    fn names_its_words(&self) -> bool {
        true
    }
}

//! The answer of `judge`: which requirements hold, by how much the others fail, and what to change.

use crate::derive::Question;
use crate::derive::judge::{self, Change, Judgement, Remedy, Size};
use crate::exact::RequirementId;
use crate::report::Report;
use crate::report::answer::derivation::assumed;
use crate::report::format::document::{Block, Cell, Document, Grid, counted};
use crate::report::json::{
    AnyAnswer, ChangedObject, JudgeAnswer, JudgedObject, MendingObject, MendingSize, Named, RequirementObject,
};

/// A judgement with what it is of.
#[derive(Clone, Copy, Debug)]
pub struct Judged<'a> {
    /// By what it was judged.
    pub question: &'a Question,
    /// What the hyperparameters are called.
    pub name: &'a str,
    /// What was found.
    pub judgement: &'a Judgement,
}

impl Judged<'_> {
    fn variable(&self) -> &str {
        self.question.scaling.variables.first().map_or("n", String::as_str)
    }

    fn title(&self) -> String {
        let Question { graph, optimizer, desiderata, scaling, .. } = self.question;
        let (title, scale) = (&graph.title, scaling.write(graph));
        let (optimizer, desiderata) = (&optimizer.about.name, &desiderata.about.name);
        let assumed = assumed(&self.question.book);
        format!("{title}: `{}` under `{scale}` with {optimizer}, {desiderata}{assumed}", self.name)
    }

    /// Label, on whom, and what is required.
    fn asked(&self, id: RequirementId) -> [&str; 3] {
        let Some(asked) = self.judgement.answer.demands.requirements.get(id.0) else { return [""; 3] };
        [&asked.label, asked.on.name(&self.question.graph), &asked.requires]
    }

    fn row(&self, judged: &judge::Judged) -> Vec<Cell> {
        let [label, on, requires] = self.asked(judged.requirement);
        vec![Cell::words(label), Cell::name(on), Cell::words(requires), Cell::Power(judged.value.clone())]
    }

    fn holding(&self) -> Grid {
        let columns = [("label", "label"), ("on", "on"), ("requires", "holds"), ("value", "value")];
        let mut grid = Grid::new(self.variable(), &columns);
        let holding = self.judgement.judged.iter().filter(|judged| judged.excess.is_none());
        grid.rows.extend(holding.map(|judged| self.row(judged)));
        grid
    }

    fn failing(&self) -> Grid {
        let columns =
            [("label", "label"), ("on", "on"), ("requires", "fails"), ("value", "value"), ("by", "off by")];
        let mut grid = Grid::new(self.variable(), &columns);
        for judged in &self.judgement.judged {
            let Some(excess) = &judged.excess else { continue };
            let by = Cell::Power(excess.clone());
            grid.rows.push(self.row(judged).into_iter().chain([by]).collect());
        }
        grid
    }

    fn changes(&self, changes: &[Change]) -> Grid {
        let columns = [("hyperparameter", "change"), ("of", "of"), ("from", "from"), ("to", "to")];
        let mut grid = Grid::new(self.variable(), &columns);
        for Change { of, from, to } in changes {
            let (key, name) = of.name(&self.question.graph);
            let powers = [from, to].map(|exponent| Cell::Power(exponent.clone()));
            grid.rows.push([Cell::words(key), Cell::name(name)].into_iter().chain(powers).collect());
        }
        grid
    }

    fn remedy(&self) -> Vec<Block> {
        match &self.judgement.remedy {
            Remedy::None => Vec::new(),
            Remedy::Change { changes, size } => {
                let count = counted(changes.len() as u64, "hyperparameter");
                let how = match size {
                    Size::Smallest => "the smallest change after which all of them hold",
                    Size::Fewest => {
                        "a change of as few hyperparameters as possible after which all of them hold"
                    }
                    Size::Unknown => {
                        "a change after which all of them hold; whether there is a smaller one was too hard to say"
                    }
                };
                let words = format!("{how}, {count}:");
                vec![Block::Paragraph(words), Block::Grid(self.changes(changes))]
            }
            Remedy::Impossible(conflict) => {
                let words = "no change mends them all: these requirements contradict each other";
                let item = |id: &RequirementId| {
                    let [label, on, requires] = self.asked(*id);
                    format!("{label} on `{on}` requires `{requires}`")
                };
                let Question { graph, optimizer, desiderata, scaling, .. } = self.question;
                let scale = scaling.write(graph);
                let (optimizer, desiderata) = (&optimizer.about.name, &desiderata.about.name);
                let assumed = self.question.book.regime.assumed();
                let assumed = assumed.map_or_else(String::new, |name| format!(" --alignment {name}"));
                let hint = format!(
                    "see `fscale explain --scale {scale} --optimizer {optimizer} --desiderata {desiderata}{assumed}`"
                );
                let list = Block::List(conflict.iter().map(item).collect());
                vec![Block::Paragraph(words.into()), list, Block::Paragraph(hint)]
            }
        }
    }
}

impl Report for Judged<'_> {
    fn document(&self) -> Document {
        let mut document = Document::default();
        document.push(Block::Heading(self.title()));
        let all = self.judgement.judged.len();
        let (failing, holding) = (self.failing(), self.holding());
        let required = counted(all as u64, "requirement");
        document.say(match failing.rows.len() {
            0 => format!("every one of {required} holds"),
            count => format!("{count} of {required} fail"),
        });
        let blocks = [failing, holding].into_iter().filter(|grid| !grid.rows.is_empty()).map(Block::Grid);
        let mut blocks: Vec<Block> = blocks.collect();
        let at = blocks.len().min(1);
        if !self.judgement.holds() {
            blocks.splice(at..at, self.remedy());
        }
        document.0.extend(blocks);
        for note in &self.judgement.answer.propagation.notes {
            document.say(format!("note: {note}"));
        }
        document
    }

    /// One requirement in a row.
    fn data(&self) -> Grid {
        let keys = ["label", "on", "requires", "value", "holds", "by"].map(|key| (key, key));
        let mut grid = Grid::new(self.variable(), &keys);
        for judged in &self.judgement.judged {
            let holds = if judged.excess.is_none() { "yes" } else { "no" };
            let rest = [Cell::words(holds), Cell::power(judged.excess.as_ref())];
            grid.rows.push(self.row(judged).into_iter().chain(rest).collect());
        }
        grid
    }

    fn json(&self) -> AnyAnswer {
        let requirement = |id: RequirementId| {
            let [label, on, requires] = self.asked(id).map(str::to_owned);
            RequirementObject { label, on, requires }
        };
        let judged = |judged: &judge::Judged| JudgedObject {
            requirement: requirement(judged.requirement),
            value: judged.value.clone(),
            holds: judged.excess.is_none(),
            by: judged.excess.clone(),
        };
        let (change, conflict) = match &self.judgement.remedy {
            Remedy::None => (None, None),
            Remedy::Change { changes, size } => (Some(self.mending(changes, *size)), None),
            Remedy::Impossible(conflict) => (None, Some(conflict.iter().copied().map(requirement).collect())),
        };
        AnyAnswer::Judge(JudgeAnswer {
            asked: self.question.into(),
            holds: self.judgement.holds(),
            requirements: self.judgement.judged.iter().map(judged).collect(),
            change,
            conflict,
            notes: self.judgement.answer.propagation.notes.clone(),
        })
    }
}

impl Judged<'_> {
    fn mending(&self, changes: &[Change], size: Size) -> MendingObject {
        let of = |wanted: &str| -> Named<ChangedObject> {
            let named = changes.iter().map(|change| (change.of.name(&self.question.graph), change));
            let named = named.filter(|((key, _), _)| *key == wanted);
            let changed =
                |change: &Change| ChangedObject { from: change.from.clone(), to: change.to.clone() };
            named.map(|((_, name), change)| (name.to_owned(), changed(change))).collect()
        };
        let size = match size {
            Size::Smallest => MendingSize::Smallest,
            Size::Fewest => MendingSize::Fewest,
            Size::Unknown => MendingSize::Unknown,
        };
        MendingObject { init: of("init"), lr: of("lr"), multiplier: of("multiplier"), size }
    }
}

//! The answer of `judge`: which requirements hold, by how much the others fail, and what to change.

use serde_json::{Map, Value, json};

use crate::derive::amend::{Amended, Amendment, Smallness};
use crate::derive::judge::{self, Judgement};
use crate::derive::write_direction;
use crate::exact::{Exponent, PowerSum, Powers, RequirementId};
use crate::propagate::{Posed, Question};
use crate::report::Report;
use crate::report::answer::derivation::{asked, assumed};
use crate::report::format::document::{Block, Cell, Document, Grid, counted};
use crate::report::format::json::{exponent, object, optional, powers};

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

    fn variables(&self) -> &[String] {
        &self.question.scaling.variables
    }

    fn is_several(&self) -> bool {
        self.variables().len() > 1
    }

    fn notes(&self) -> &[String] {
        self.judgement.posed().map_or(&[], |posed| &posed.propagation.notes)
    }

    /// Label, on whom, and what is required.
    fn asked(&self, id: RequirementId) -> [&str; 3] {
        self.judgement.posed().map_or([""; 3], |posed| self.stated(posed, id))
    }

    fn stated<'p>(&'p self, posed: &'p Posed, id: RequirementId) -> [&'p str; 3] {
        let Some(asked) = posed.demands.requirements.get(id.0) else { return [""; 3] };
        [&asked.label, asked.on.name(&self.question.graph), &asked.requires]
    }

    fn cell(&self, powers: &Powers) -> Cell {
        Cell::powers(Some(&PowerSum::from(powers)), self.variables(), &[])
    }

    fn row(&self, judged: &judge::Judged) -> Vec<Cell> {
        let [label, on, requires] = self.asked(judged.requirement);
        let value = Cell::powers(judged.value.as_ref(), self.variables(), &self.judgement.divisors);
        vec![Cell::words(label), Cell::name(on), Cell::words(requires), value]
    }

    fn holding(&self) -> Grid {
        let columns = [("label", "label"), ("on", "on"), ("requires", "holds"), ("value", "value")];
        let mut grid = Grid::new(self.variable(), &columns);
        let holding = self.judgement.judged.iter().filter(|judged| judged.failure.is_none());
        grid.rows.extend(holding.map(|judged| self.row(judged)));
        grid
    }

    /// The scale variable that others grow with: the only one, or `N`.
    fn driver(&self) -> &str {
        if self.is_several() { "N" } else { self.variable() }
    }

    /// By how much a requirement fails, and along which direction of growth if there are several.
    fn failure(&self, judged: &judge::Judged) -> Vec<Cell> {
        let failure = judged.failure.as_ref();
        let mut cells = vec![Cell::power(failure.map(|failure| &failure.excess))];
        if self.is_several() {
            let along = failure.map(|failure| write_direction(self.variables(), &failure.direction));
            cells.push(along.map_or(Cell::Empty, Cell::words));
        }
        cells
    }

    fn failing(&self) -> Grid {
        let columns =
            [("label", "label"), ("on", "on"), ("requires", "fails"), ("value", "value"), ("by", "off by")];
        let mut columns = columns.to_vec();
        columns.extend(self.is_several().then_some(("along", "along")));
        let mut grid = Grid::new(self.driver(), &columns);
        for judged in &self.judgement.judged {
            if judged.failure.is_some() {
                grid.rows.push(self.row(judged).into_iter().chain(self.failure(judged)).collect());
            }
        }
        grid
    }

    fn changes(&self, changes: &[Amended]) -> Grid {
        let columns = [("hyperparameter", "change"), ("of", "of"), ("from", "from"), ("to", "to")];
        let mut grid = Grid::new(self.variable(), &columns);
        for Amended { of, from, to } in changes {
            let (key, name) = of.name(&self.question.graph);
            let powers = [from, to].map(|powers| self.cell(powers));
            grid.rows.push([Cell::words(key), Cell::name(name)].into_iter().chain(powers).collect());
        }
        grid
    }

    fn remedy(&self) -> Vec<Block> {
        match &self.judgement.amendment {
            Amendment::None => Vec::new(),
            Amendment::Change { changes, size } => {
                let count = counted(changes.len() as u64, "hyperparameter");
                let how = match size {
                    Smallness::Smallest => "the smallest change after which all of them hold",
                    Smallness::Fewest => {
                        "a change of as few hyperparameters as possible after which all of them hold"
                    }
                    Smallness::Unknown => {
                        "a change after which all of them hold; whether there is a smaller one was too hard to say"
                    }
                };
                let words = format!("{how}, {count}:");
                vec![Block::Paragraph(words), Block::Grid(self.changes(changes))]
            }
            Amendment::Apart { no_other } => {
                let words = if *no_other {
                    "no change mends them all: no hyperparameters meet these requirements however the sizes grow together"
                } else {
                    "in each variable alone there are hyperparameters that meet them; none were found that do however \
                     the sizes grow together"
                };
                vec![Block::Paragraph(words.into())]
            }
            Amendment::Impossible { variable, conflict } => {
                let Some(alone) = self.judgement.answer.alone.get(*variable) else { return Vec::new() };
                let words = "no change mends them all: these requirements contradict each other";
                let item = |id: &RequirementId| {
                    let [label, on, requires] = self.stated(&alone.posed, *id);
                    format!("{label} on `{on}` requires `{requires}`")
                };
                let Question { graph, optimizer, desiderata, scaling, .. } = &alone.posed.question;
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
        for note in self.notes() {
            document.say(format!("note: {note}"));
        }
        document
    }

    /// One requirement in a row.
    fn data(&self) -> Grid {
        let mut keys = vec!["label", "on", "requires", "value", "holds", "by"];
        keys.extend(self.is_several().then_some("along"));
        let keys: Vec<(&str, &str)> = keys.into_iter().map(|key| (key, key)).collect();
        let mut grid = Grid::new(self.driver(), &keys);
        for judged in &self.judgement.judged {
            let holds = Cell::words(if judged.failure.is_none() { "yes" } else { "no" });
            let rest = [holds].into_iter().chain(self.failure(judged));
            grid.rows.push(self.row(judged).into_iter().chain(rest).collect());
        }
        grid
    }

    fn json(&self) -> Map<String, Value> {
        let requirement = |judged: &judge::Judged| {
            let [label, on, requires] = self.asked(judged.requirement);
            let failure = judged.failure.as_ref();
            let value = powers(judged.value.as_ref(), self.variables(), &self.judgement.divisors);
            let mut entry = object([
                ("label", json!(label)),
                ("on", json!(on)),
                ("requires", json!(requires)),
                ("value", value),
                ("holds", json!(failure.is_none())),
                ("by", optional(failure.map(|failure| &failure.excess))),
            ]);
            if self.is_several() {
                let along = failure.map(|failure| self.direction_json(&failure.direction));
                entry.insert("along".into(), along.unwrap_or_default());
            }
            Value::Object(entry)
        };
        let requirements: Vec<Value> = self.judgement.judged.iter().map(requirement).collect();
        let named = |posed: &Posed, id: &RequirementId| {
            let [label, on, requires] = self.stated(posed, *id);
            json!({"label": label, "on": on, "requires": requires})
        };
        let (change, conflict) = match &self.judgement.amendment {
            Amendment::None | Amendment::Apart { .. } => (Value::Null, Value::Null),
            Amendment::Change { changes, size } => (self.change_json(changes, *size), Value::Null),
            Amendment::Impossible { variable, conflict } => {
                let alone = self.judgement.answer.alone.get(*variable);
                let named = alone.map(|alone| conflict.iter().map(|id| named(&alone.posed, id)).collect());
                (Value::Null, named.unwrap_or_default())
            }
        };
        let mut told = asked(self.question);
        told.extend(object([
            ("holds", json!(self.judgement.holds())),
            ("requirements", Value::Array(requirements)),
            ("change", change),
            ("conflict", conflict),
            ("notes", json!(self.notes())),
        ]));
        told
    }
}

impl Judged<'_> {
    fn direction_json(&self, direction: &[Exponent]) -> Value {
        let direction = self.variables().iter().zip(direction);
        Value::Object(object(direction.map(|(name, growth)| (name.clone(), exponent(growth)))))
    }

    fn change_json(&self, changes: &[Amended], size: Smallness) -> Value {
        let told = |held: &Powers| powers(Some(&PowerSum::from(held)), self.variables(), &[]);
        let of = |wanted: &str| {
            let named = changes.iter().map(|change| (change.of.name(&self.question.graph), change));
            let named = named.filter(|((key, _), _)| *key == wanted);
            Value::Object(object(named.map(|((_, name), Amended { from, to, .. })| {
                (name.to_owned(), json!({"from": told(from), "to": told(to)}))
            })))
        };
        let size = match size {
            Smallness::Smallest => "smallest",
            Smallness::Fewest => "fewest",
            Smallness::Unknown => "unknown",
        };
        json!({"init": of("init"), "lr": of("lr"), "multiplier": of("multiplier"), "size": size})
    }
}

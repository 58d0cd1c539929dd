//! The answer of `judge`: which requirements hold, by how much the others fail, and what to change.

use crate::derive::amend::{Amended, Amendment, Smallness};
use crate::derive::judge::{Failure, Judgement};
use crate::derive::stabilisers::{JudgedStabiliser, Steadied};
use crate::derive::{Alone, write_direction};
use crate::document::and;
use crate::exact::{Exponent, PowerSum, Powers, RequirementId};
use crate::graph::Stabiliser;
use crate::propagate::{Note, Posed, Question};
use crate::report::Report;
use crate::report::answer::derivation::assumed;
use crate::report::explain::requirement::stated;
use crate::report::format::document::{Block, Cell, Document, Grid, counted, power};
use crate::report::json::{
    AlongObject, AnyAnswer, ChangedObject, GrowthObject, JudgeAnswer, JudgedObject, MendingObject,
    MendingSize, Named, RequirementObject,
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
    /// What was found of weight decay and epsilon, as far as they are stated.
    pub steadied: &'a Steadied,
}

/// What is judged, as it is told: a requirement, or a weight decay or epsilon that is stated.
struct Line<'a> {
    label: &'a str,
    on: &'a str,
    requires: &'a str,
    value: Option<PowerSum>,
    failure: Option<&'a Failure>,
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

    fn notes(&self) -> Vec<Note> {
        let approximated = self.judgement.posed().map_or(&[][..], |posed| &posed.propagation.notes);
        approximated.iter().cloned().chain(self.question.unasked()).chain(self.question.noise()).collect()
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

    /// Everything that is judged, in order.
    fn lines(&self) -> Vec<Line<'_>> {
        let required = self.judgement.judged.iter().map(|judged| {
            let [label, on, requires] = self.asked(judged.requirement);
            let (value, failure) = (judged.value.clone(), judged.failure.as_ref());
            Line { label, on, requires, value, failure }
        });
        let stated = self.steadied.judged.iter().map(|judged| Line {
            label: judged.stated.stabiliser.key(),
            on: self.named(judged),
            requires: &judged.requires,
            value: Some(PowerSum::from(&judged.stated.exponents)),
            failure: judged.failure.as_ref(),
        });
        required.chain(stated).collect()
    }

    fn named(&self, judged: &JudgedStabiliser) -> &str {
        &self.question.graph.parameter(judged.stated.parameter).name
    }

    fn row(&self, line: &Line<'_>) -> Vec<Cell> {
        let value = Cell::powers(line.value.as_ref(), self.variables(), &self.judgement.divisors);
        vec![Cell::words(line.label), Cell::name(line.on), Cell::words(line.requires), value]
    }

    fn holding(&self) -> Grid {
        let columns = [("label", "label"), ("on", "on"), ("requires", "holds"), ("value", "value")];
        let mut grid = Grid::new(self.variable(), &columns);
        let lines = self.lines();
        grid.rows.extend(lines.iter().filter(|line| line.failure.is_none()).map(|line| self.row(line)));
        grid
    }

    /// The scale variable that others grow with: the only one, or `N`.
    fn driver(&self) -> &str {
        if self.is_several() { "N" } else { self.variable() }
    }

    /// By how much a requirement fails, and along which direction of growth if there are several.
    fn failure(&self, failure: Option<&Failure>) -> Vec<Cell> {
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
        for line in self.lines().iter().filter(|line| line.failure.is_some()) {
            grid.rows.push(self.row(line).into_iter().chain(self.failure(line.failure)).collect());
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
        for (judged, to) in self.following() {
            let from = PowerSum::from(&judged.stated.exponents);
            let from = Cell::powers(Some(&from), self.variables(), &[]);
            let to = Cell::powers(Some(to), self.variables(), &self.steadied.divisors);
            let key = Cell::words(judged.stated.stabiliser.key());
            grid.rows.push(vec![key, Cell::name(self.named(judged)), from, to]);
        }
        grid
    }

    /// The weight decays and epsilons that follow from the change, if that is something else than they are.
    fn following(&self) -> impl Iterator<Item = (&JudgedStabiliser, &PowerSum)> {
        self.steadied.judged.iter().filter_map(|judged| Some((judged, judged.to.as_ref()?)))
    }

    /// What each of these must be, in words: those that must be the same together.
    fn followed(&self) -> Vec<String> {
        let mut groups: Vec<(Stabiliser, bool, &PowerSum, Vec<&str>)> = Vec::new();
        for (judged, to) in self.following() {
            let kind = (judged.stated.stabiliser, judged.follows_rate);
            match groups.iter_mut().find(|(of, rate, same, _)| ((*of, *rate), *same) == (kind, to)) {
                Some((.., names)) => names.push(self.named(judged)),
                None => groups.push((kind.0, kind.1, to, vec![self.named(judged)])),
            }
        }
        let group = |(stabiliser, follows_rate, to, names): &(Stabiliser, bool, &PowerSum, Vec<&str>)| {
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            let names = and(&names);
            let what = match stabiliser {
                Stabiliser::WeightDecay if *follows_rate => {
                    format!("the decay of {names}, coupled to the learning rate,")
                }
                Stabiliser::WeightDecay => format!("the weight decay of {names}"),
                Stabiliser::Epsilon => format!("the epsilon of {names}"),
            };
            if to.largest().is_some_and(|powers| powers.iter().all(Exponent::is_zero)) {
                return format!("{what} should not change");
            }
            format!("{what} should grow like {}", to.write(self.variables(), &self.steadied.divisors, &power))
        };
        groups.iter().map(group).collect()
    }

    fn changed(&self, how: &str, changes: &[Amended]) -> Vec<Block> {
        let count = counted((changes.len() + self.following().count()) as u64, "hyperparameter");
        let mut blocks = vec![Block::Paragraph(format!("{how}, {count}:"))];
        blocks.push(Block::Grid(self.changes(changes)));
        let followed = self.followed();
        blocks.extend((!followed.is_empty()).then_some(Block::List(followed)));
        blocks
    }

    fn remedy(&self) -> Vec<Block> {
        match &self.judgement.amendment {
            Amendment::None if self.following().next().is_none() => Vec::new(),
            Amendment::None => {
                let how =
                    "with the other hyperparameters as they are, all of them hold after this change alone";
                self.changed(how, &[])
            }
            Amendment::Change { changes, size } => {
                let how = match size {
                    Smallness::Smallest => "the smallest change after which all of them hold",
                    Smallness::Fewest => {
                        "a change of as few hyperparameters as possible after which all of them hold"
                    }
                    Smallness::Unknown => {
                        "a change after which all of them hold; whether there is a smaller one was too hard to say"
                    }
                };
                let follows = self.following().next().is_some();
                let follows =
                    if follows { ", with the weight decay and epsilon that follow from it" } else { "" };
                self.changed(&format!("{how}{follows}"), changes)
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
        let all = self.judgement.judged.len() + self.steadied.judged.len();
        let (failing, holding) = (self.failing(), self.holding());
        let required = counted(all as u64, "requirement");
        document.say(match failing.rows.len() {
            0 => format!("every one of {required} holds"),
            count => format!("{count} of {required} fail"),
        });
        let blocks = [failing, holding].into_iter().filter(|grid| !grid.rows.is_empty()).map(Block::Grid);
        let mut blocks: Vec<Block> = blocks.collect();
        let at = blocks.len().min(1);
        if !self.judgement.holds() || !self.steadied.holds() {
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
        for line in &self.lines() {
            let holds = Cell::words(if line.failure.is_none() { "yes" } else { "no" });
            let rest = [holds].into_iter().chain(self.failure(line.failure));
            grid.rows.push(self.row(line).into_iter().chain(rest).collect());
        }
        grid
    }

    fn json(&self) -> AnyAnswer {
        let (change, conflict) = match &self.judgement.amendment {
            Amendment::None if self.following().next().is_some() => {
                (Some(self.mending(&[], Smallness::Smallest)), None)
            }
            Amendment::None | Amendment::Apart { .. } => (None, None),
            Amendment::Change { changes, size } => (Some(self.mending(changes, *size)), None),
            Amendment::Impossible { variable, conflict } => {
                let alone = self.judgement.answer.alone.get(*variable);
                let of = |alone: &Alone| conflict.iter().map(|id| stated(&alone.posed, *id)).collect();
                (None, alone.map(of))
            }
        };
        AnyAnswer::Judge(JudgeAnswer {
            asked: self.question.into(),
            holds: self.judgement.holds() && self.steadied.holds(),
            requirements: self.lines().iter().map(|line| self.judged_object(line)).collect(),
            change,
            conflict,
            notes: self.notes().iter().map(ToString::to_string).collect(),
        })
    }

    fn names_its_words(&self) -> bool {
        true
    }
}

impl Judged<'_> {
    fn judged_object(&self, line: &Line<'_>) -> JudgedObject {
        let [label, on, requires] = [line.label, line.on, line.requires].map(str::to_owned);
        let failure = line.failure;
        let along = || {
            let direction =
                failure.map(|failure| self.variables().iter().cloned().zip(failure.direction.clone()));
            AlongObject { along: direction.map(Iterator::collect) }
        };
        let growth = |sum| GrowthObject::of(sum, self.variables(), &self.judgement.divisors);
        JudgedObject {
            requirement: RequirementObject { label, on, requires },
            value: line.value.as_ref().map(growth),
            holds: failure.is_none(),
            by: failure.map(|failure| failure.excess.clone()),
            along: self.is_several().then(along),
        }
    }

    fn mending(&self, changes: &[Amended], size: Smallness) -> MendingObject {
        let growth = |powers: &Powers| GrowthObject::of(&PowerSum::from(powers), self.variables(), &[]);
        let of = |wanted: &str| -> Named<ChangedObject> {
            let named = changes.iter().map(|change| (change.of.name(&self.question.graph), change));
            let named = named.filter(|((key, _), _)| *key == wanted);
            let changed =
                |Amended { from, to, .. }: &Amended| ChangedObject { from: growth(from), to: growth(to) };
            named.map(|((_, name), change)| (name.to_owned(), changed(change))).collect()
        };
        let size = match size {
            Smallness::Smallest => MendingSize::Smallest,
            Smallness::Fewest => MendingSize::Fewest,
            Smallness::Unknown => MendingSize::Unknown,
        };
        let following = |wanted: Stabiliser| -> Named<ChangedObject> {
            let following = self.following().filter(|(judged, _)| judged.stated.stabiliser == wanted);
            let changed = following.map(|(judged, to)| {
                let to = GrowthObject::of(to, self.variables(), &self.steadied.divisors);
                let object = ChangedObject { from: growth(&judged.stated.exponents), to };
                (self.named(judged).to_owned(), object)
            });
            changed.collect()
        };
        MendingObject {
            init: of("init"),
            lr: of("lr"),
            multiplier: of("multiplier"),
            weight_decay: following(Stabiliser::WeightDecay),
            epsilon: following(Stabiliser::Epsilon),
            size,
        }
    }
}

//! The answer of `judge --at later`: which requirements hold at every step, and when the others fail.

use crate::derive::later::{LaterFailure, LaterJudgement};
use crate::propagate::{LaterRequirement, Question};
use crate::report::Report;
use crate::report::format::document::{Block, Cell, Document, Grid, counted};
use crate::report::json::{
    AnyAnswer, AskedObject, At, GrowthObject, JudgeLaterAnswer, JudgedLaterObject, SaturatedObject,
};

/// A judgement over several steps with what it is of.
#[derive(Clone, Copy, Debug)]
pub struct JudgedLater<'a> {
    /// By what it was judged.
    pub question: &'a Question,
    /// What the hyperparameters are called.
    pub name: &'a str,
    /// What was found.
    pub judgement: &'a LaterJudgement,
    /// Whether weight decay or epsilon are stated, which are not judged.
    pub has_stabilisers: bool,
}

impl JudgedLater<'_> {
    fn failure(&self, index: usize) -> Option<&LaterFailure> {
        self.judgement.failures.iter().find(|failure| failure.requirement == index)
    }

    fn row(&self, index: usize) -> Vec<Cell> {
        let LaterRequirement { label, on, requires, .. } = &self.judgement.requirements[index];
        let mut row =
            vec![Cell::words(label), Cell::name(on.name(&self.question.graph)), Cell::words(requires)];
        if let Some(failure) = self.failure(index) {
            row.push(Cell::Number(failure.step.to_string()));
            row.push(match &failure.excess {
                Some(excess) => Cell::Power(excess.clone()),
                None => Cell::words("it is zero"),
            });
        }
        row
    }

    fn grid(&self, fails: bool) -> Grid {
        let columns = [("label", "label"), ("on", "on"), ("requires", if fails { "fails" } else { "holds" })];
        let more = [("step", "after step"), ("by", "off by")];
        let columns: Vec<(&str, &str)> =
            columns.into_iter().chain(more.into_iter().filter(|_| fails)).collect();
        let variable = self.question.scaling.variables.first().map_or("n", String::as_str);
        let mut grid = Grid::new(variable, &columns);
        let all = 0..self.judgement.requirements.len();
        let told = all.filter(|index| self.failure(*index).is_some() == fails);
        grid.rows.extend(told.map(|index| self.row(index)));
        grid
    }

    fn title(&self) -> String {
        let Question { graph, optimizer, desiderata, scaling, .. } = self.question;
        let scale = scaling.write(graph);
        let (optimizer, desiderata) = (&optimizer.about.name, desiderata.told());
        format!(
            "{}: `{}` under `{scale}` with {optimizer}, {desiderata}, any number of steps",
            graph.title, self.name
        )
    }
}

impl Report for JudgedLater<'_> {
    fn document(&self) -> Document {
        let mut document = Document::default();
        document.push(Block::Heading(self.title()));
        let (all, failing) = (self.judgement.requirements.len(), self.judgement.failures.len());
        let steps = counted(self.judgement.steps as u64, "step");
        if let Some(end) = &self.judgement.trajectory.ends {
            let at = counted(self.judgement.trajectory.steps as u64 + 1, "step");
            let node = &self.question.graph.node(end.node).name;
            document.say(format!("exponents end after {at}: `{node}`, {}", end.says));
        }
        if failing == 0 && self.judgement.trajectory.ends.is_some() {
            document.say(format!("all {all} requirements hold until then"));
        } else if failing == 0 {
            document.say(format!("all {all} requirements hold at each of {steps}"));
        } else {
            let until = if self.judgement.trajectory.ends.is_some() {
                "until then".into()
            } else {
                format!("within {steps}")
            };
            document.say(format!("{failing} of {all} requirements fail {until}"));
            document.push(Block::Grid(self.grid(true)));
        }
        document.push(Block::Grid(self.grid(false)));
        document.say("Bounds are asked at every step, equations at the last two, as bounds before");
        if self.has_stabilisers {
            document.say(
                "note: weight decay and epsilon are judged of the first step only, without `--at later`",
            );
        }
        document
    }

    fn data(&self) -> Grid {
        let columns = ["label", "on", "requires", "step", "by"].map(|key| (key, key));
        let mut grid = Grid::new("n", &columns);
        for index in 0..self.judgement.requirements.len() {
            let mut row = self.row(index);
            row.resize(columns.len(), Cell::Empty);
            grid.rows.push(row);
        }
        grid
    }

    fn json(&self) -> AnyAnswer {
        let graph = &self.question.graph;
        let judged = self.judgement.requirements.iter().zip(&self.judgement.last).enumerate();
        let judged = judged.map(|(index, (requirement, last))| JudgedLaterObject {
            label: requirement.label.clone(),
            on: requirement.on.name(graph).to_owned(),
            requires: requirement.requires.clone(),
            holds: self.failure(index).is_none(),
            step: self.failure(index).map(|failure| failure.step),
            by: self.failure(index).and_then(|failure| failure.excess.clone()).map(GrowthObject::Alone),
            last: last.clone().map(GrowthObject::Alone),
        });
        let saturated = self.judgement.trajectory.ends.iter().map(|end| SaturatedObject {
            node: graph.node(end.node).name.clone(),
            because: end.says.clone(),
        });
        AnyAnswer::JudgeLater(JudgeLaterAnswer {
            asked: AskedObject { at: At::Later, ..self.question.into() },
            hyperparameters: self.name.to_owned(),
            holds: self.judgement.holds(),
            steps: self.judgement.steps,
            requirements: judged.collect(),
            saturated: saturated.collect(),
        })
    }

    fn names_its_words(&self) -> bool {
        true
    }
}

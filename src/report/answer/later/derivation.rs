//! The answer of `derive --at later`: the table that holds at every step, or what kept it from being found.

use crate::derive::later::{LaterAnswer, LaterConflict, LaterTable};
use crate::document::and;
use crate::propagate::{LaterRequirement, Question, Table};
use crate::report::answer::derivation::title;
use crate::report::answer::hyperparameter_file::{UnwrittenTable, comment, write_table};
use crate::report::answer::scaling_table;
use crate::report::format::document::{Block, Cell, Document, Grid, counted};
use crate::report::json::{
    AnyAnswer, AskedObject, At, DeriveLaterAnswer, LaterRequirementObject, LaterVerdictObject, SettledObject,
    UnsettledObject,
};
use crate::report::{Format, Report, render};

/// A question about any number of steps with its answer.
#[derive(Clone, Copy, Debug)]
pub struct DerivedLater<'a> {
    /// What was asked.
    pub question: &'a Question,
    /// What came out.
    pub answer: &'a LaterAnswer,
}

/// What is known of uniqueness.
const UNIQUE: &str = "the only solution up to smaller starts, as far as the rows that were generated tell";

impl DerivedLater<'_> {
    /// The table, if one was found.
    #[must_use]
    pub fn found(&self) -> Option<Table> {
        match self.answer {
            LaterAnswer::Feasible(found) => Some(self.table(found)),
            LaterAnswer::Contradiction(_) | LaterAnswer::Unsettled { .. } => None,
        }
    }

    fn table(&self, found: &LaterTable) -> Table {
        let Question { graph, optimizer, scaling, .. } = self.question;
        let variable = scaling.variables.first().map_or("n", String::as_str);
        let LaterTable { hyperparameters, judgement, unique, smaller_starts } = found;
        let stabilisers = &judgement.trajectory.stabilisers;
        let table = Table::at_steps(graph, variable, hyperparameters, optimizer, stabilisers);
        let mut table = table.starting_smaller(smaller_starts.clone());
        table.unique = *unique;
        table
    }

    /// The table as a hyperparameter file; what kept it from being found as comments, if none was. `command` is what asked for it.
    ///
    /// # Errors
    /// If the file could not say it.
    pub fn file(&self, command: &str) -> Result<String, UnwrittenTable> {
        let LaterAnswer::Feasible(found) = self.answer else {
            return Ok(render(self, Format::Text).lines().map(comment).collect());
        };
        let heading = format!("{}, any number of steps", title(self.question));
        write_table(&self.table(found), self.question, &[&heading, command, &self.says(found)], &[])
    }

    /// What is so of the table.
    fn says(&self, found: &LaterTable) -> String {
        let judgement = &found.judgement;
        let (count, steps) = (judgement.requirements.len(), judgement.steps);
        let settled = match judgement.trajectory.settled() {
            Some(settled) => format!("settled after {}", counted(settled as u64, "step")),
            None => "not settled".into(),
        };
        let how_many =
            if found.unique { UNIQUE } else { "a solution; whether there are others is not known" };
        format!(
            "{how_many}; each of the {count} requirements was walked through {steps} steps in exact numbers and holds at every \
             one ({settled})"
        )
    }

    /// The same as data.
    pub(super) fn verdict(&self) -> LaterVerdictObject {
        match self.answer {
            LaterAnswer::Feasible(found) => LaterVerdictObject::Feasible(SettledObject {
                table: scaling_table::json(&self.table(found)),
                steps: found.judgement.steps,
                settled: found.judgement.trajectory.settled(),
            }),
            LaterAnswer::Contradiction(conflict) => LaterVerdictObject::Unsettled(UnsettledObject {
                conflict: self.objects(conflict),
                asleep: Vec::new(),
                tried: None,
            }),
            LaterAnswer::Unsettled { tried, asleep } => LaterVerdictObject::Unsettled(UnsettledObject {
                conflict: Vec::new(),
                asleep: asleep.iter().map(|requirement| self.object(requirement, Vec::new())).collect(),
                tried: Some(*tried),
            }),
        }
    }

    /// The table in one line, or why there is none.
    #[must_use]
    pub fn in_short(&self) -> String {
        match self.answer {
            LaterAnswer::Feasible(found) => scaling_table::in_short(&self.table(found)),
            LaterAnswer::Contradiction(conflict) => {
                let object = |object: LaterRequirementObject| format!("{} on {}", object.label, object.on);
                let names: Vec<String> = self.objects(conflict).into_iter().map(object).collect();
                format!("rows contradict each other: {}", names.join(", "))
            }
            LaterAnswer::Unsettled { asleep, .. } if !asleep.is_empty() => {
                let name = |requirement: &LaterRequirement| {
                    format!("{} on {}", requirement.label, requirement.on.name(&self.question.graph))
                };
                let names: Vec<String> = asleep.iter().map(name).collect();
                format!("stays zero: {}", names.join(", "))
            }
            LaterAnswer::Unsettled { tried, .. } => {
                format!("the search ended after {}", counted(*tried as u64, "point"))
            }
        }
    }

    fn smaller(&self, found: &LaterTable) -> Option<String> {
        let name = |id: &_| format!("`{}`", self.question.graph.parameter(*id).name);
        let names: Vec<String> = found.smaller_starts.iter().map(name).collect();
        let each = if names.len() > 1 { "each " } else { "" };
        (!names.is_empty()).then(|| format!("{} may {each}start smaller", and(&names)))
    }

    /// A conflict, requirement by requirement; nothing of a search without one.
    fn conflict(&self, conflict: Option<&LaterConflict>) -> Grid {
        let columns = [("label", "label"), ("on", "on"), ("requires", "requires"), ("steps", "after steps")];
        let mut grid = Grid::new("n", &columns);
        for object in conflict.map(|conflict| self.objects(conflict)).unwrap_or_default() {
            let steps: Vec<String> = object.steps.iter().map(ToString::to_string).collect();
            grid.rows.push(vec![
                Cell::words(object.label),
                Cell::name(object.on),
                Cell::words(object.requires),
                Cell::words(steps.join(", ")),
            ]);
        }
        grid
    }

    fn object(&self, requirement: &LaterRequirement, steps: Vec<usize>) -> LaterRequirementObject {
        LaterRequirementObject {
            label: requirement.label.clone(),
            on: requirement.on.name(&self.question.graph).to_owned(),
            requires: requirement.requires.clone(),
            steps,
        }
    }

    fn objects(&self, conflict: &LaterConflict) -> Vec<LaterRequirementObject> {
        let object =
            |(index, steps): &(usize, Vec<usize>)| self.object(&conflict.requirements[*index], steps.clone());
        conflict.conflict.iter().map(object).collect()
    }
}

impl Report for DerivedLater<'_> {
    fn document(&self) -> Document {
        let mut document = Document::default();
        document.push(Block::Heading(format!("{}, any number of steps", title(self.question))));
        match self.answer {
            LaterAnswer::Feasible(found) => {
                document.say(self.says(found));
                scaling_table::grids(&self.table(found)).into_iter().for_each(|block| document.push(block));
                if let Some(smaller) = self.smaller(found) {
                    document.say(smaller);
                }
            }
            LaterAnswer::Contradiction(conflict) => {
                document.say("no table was found: the rows that were generated of these requirements contradict each other");
                document.push(Block::Grid(self.conflict(Some(conflict))));
                document.say("note: that is no proof: a row is what a requirement is at some hyperparameters, and may be less at others");
            }
            LaterAnswer::Unsettled { asleep, .. } if !asleep.is_empty() => {
                document.say(
                    "no table was found: of what starts at zero something never wakes, whatever the rates",
                );
                let line = |requirement: &LaterRequirement| {
                    let on = requirement.on.name(&self.question.graph);
                    format!("{} on `{on}`: `{}`, and it stays zero", requirement.label, requirement.requires)
                };
                document.push(Block::List(asleep.iter().map(line).collect()));
            }
            LaterAnswer::Unsettled { tried, .. } => {
                let tried = counted(*tried as u64, "point");
                document
                    .say(format!("no table was found, nor a contradiction: the search ended after {tried}"));
                document.say("note: that is no proof that there is none");
            }
        }
        document
    }

    fn data(&self) -> Grid {
        match self.answer {
            LaterAnswer::Feasible(found) => scaling_table::data(&self.table(found)),
            LaterAnswer::Contradiction(conflict) => self.conflict(Some(conflict)),
            LaterAnswer::Unsettled { .. } => self.conflict(None),
        }
    }

    fn json(&self) -> AnyAnswer {
        let asked = AskedObject { at: At::Later, ..self.question.into() };
        AnyAnswer::DeriveLater(DeriveLaterAnswer { asked, verdict: self.verdict() })
    }

    fn names_its_words(&self) -> bool {
        true
    }
}

//! The answer of `derive`: the scaling table, or why there is none; in one scale variable and in several.

use std::collections::BTreeSet;
use std::fmt;

use crate::derive::{Alone, Answer, Break, Impossible, Obstacle, Outcome, Verdict, write_direction};
use crate::document::and;
use crate::exact::Unknown;
use crate::graph::ParameterId;
use crate::propagate::{Note, NoteTopic, Question, Table};
use crate::report::answer::{evidence, nearest, scaling_table};
use crate::report::explain::conflict::Conflict;
use crate::report::explain::freedom;
use crate::report::explain::large::{self, if_fixed};
use crate::report::explain::requirement::stated;
use crate::report::explain::ways_out::WaysOut;
use crate::report::format::document::{Block, Cell, Document, Grid, power};
use crate::report::json::{
    AnyAnswer, BreakObject, BreaksObject, CaveatObject, ConflictObject, DeriveAnswer, FeasibleObject,
    FreedomObject, InfeasibleObject, VerdictObject,
};
use crate::report::{Format, Report, render};
use crate::rule::RuleBook;

/// A question with its answer.
#[derive(Clone, Copy, Debug)]
pub struct Derived<'a> {
    /// What came out.
    pub answer: &'a Answer,
}

/// What was asked, in a line.
pub(crate) fn title(question: &Question) -> String {
    let Question { graph, optimizer, desiderata, scaling, given, .. } = question;
    let scale = scaling.write(graph);
    let assumed = assumed(&question.book);
    let given = given.as_ref().map_or_else(String::new, |given| format!(", `{}` given", given.name));
    let (optimizer, desiderata) = (&optimizer.about.name, desiderata.told());
    format!("{}: `{scale}` with {optimizer}, {desiderata}{assumed}{given}", graph.title)
}

/// The alignment that is assumed, as a title tells it.
#[must_use]
pub fn assumed(book: &RuleBook) -> String {
    book.regime.assumed().map_or_else(String::new, |name| format!(", alignment `{name}`"))
}

/// The conflict of an impossible scale variable, with what it speaks of.
pub(crate) fn conflict_of<'a>(alone: &'a Alone, impossible: &'a Impossible) -> Conflict<'a> {
    let Impossible { conflict, is_minimal, certified, relaxations } = impossible;
    Conflict {
        is_minimal: *is_minimal,
        posed: &alone.posed,
        requirements: conflict,
        certified,
        ways_out: WaysOut {
            posed: &alone.posed,
            relaxations,
            scaling: &alone.posed.question.scaling,
            variable: alone.variable(),
        },
    }
}

/// What holds of an impossible scale variable, in words.
fn impossible_blocks(alone: &Alone, impossible: &Impossible) -> Vec<Block> {
    let conflict = conflict_of(alone, impossible);
    let mut blocks = conflict.blocks();
    blocks.extend(conflict.others());
    blocks.extend(conflict.ways_out.blocks());
    blocks
}

fn note(note: &Note) -> Block {
    Block::Paragraph(format!("note: {note}"))
}

impl<'a> Derived<'a> {
    /// What was asked.
    #[must_use]
    pub fn question(&self) -> &'a Question {
        &self.answer.question
    }

    fn variables(&self) -> &'a [String] {
        &self.answer.question.scaling.variables
    }

    fn is_several(&self) -> bool {
        self.variables().len() > 1
    }

    /// The first scale variable.
    #[must_use]
    pub fn variable(&self) -> &'a str {
        self.variables().first().map_or("n", String::as_str)
    }

    /// The conflict, if there is no table in some scale variable; of several the first.
    #[must_use]
    pub fn conflict(&self) -> Option<Conflict<'a>> {
        self.answer.impossible().map(|(alone, impossible)| conflict_of(alone, impossible))
    }

    /// What was asked, in a line.
    #[must_use]
    pub fn title(&self) -> String {
        title(self.question())
    }

    /// The rule in a line, or the conflict in a line.
    #[must_use]
    pub fn in_short(&self) -> String {
        match self.answer.proposed() {
            Some(table) => scaling_table::in_short(table),
            None => self.conflict().map(|conflict| conflict.in_short()).unwrap_or_default(),
        }
    }

    /// What is to be noted, in words.
    #[must_use]
    pub fn noted(&self) -> Vec<Block> {
        self.answer.notes().iter().filter(|note| note.topic != NoteTopic::FirstStep).map(note).collect()
    }

    /// Of which steps the table is, if not of all.
    fn first_step(&self) -> Option<Block> {
        let notes = self.answer.notes();
        let first = notes.iter().find(|note| note.topic == NoteTopic::FirstStep)?;
        Some(Block::Paragraph(first.says.clone()))
    }

    /// The same as data.
    fn caveats(&self, notes: &[Note]) -> Vec<CaveatObject> {
        notes.iter().map(|note| CaveatObject::of(note, &self.question().graph, self.variables())).collect()
    }

    /// The answer without a title: table or conflict.
    #[must_use]
    pub fn blocks(&self) -> Vec<Block> {
        let mut blocks = match &self.answer.verdict {
            Verdict::Feasible { table, .. } => self.table_blocks(table),
            Verdict::Infeasible(Obstacle::Breaks { table, breaks, no_other }) => {
                self.break_blocks(table, breaks, *no_other)
            }
            Verdict::Infeasible(Obstacle::Alone(variables)) => {
                let mut blocks = self.alone_blocks(variables);
                blocks.extend(if_fixed(self.answer));
                return blocks;
            }
        };
        blocks.extend(if_fixed(self.answer));
        blocks.extend(self.noted());
        blocks
    }

    fn table_blocks(&self, table: &Table) -> Vec<Block> {
        let told = table.parameters.iter().any(|row| row.multiplier.is_some());
        let told = if told { ", told in another gauge" } else { "" };
        let outcome = self.answer.alone.first().map(|alone| &alone.outcome);
        let (how_many, freedom) = match outcome {
            _ if table.unique && table.smaller_starts.is_empty() => ("the only solution".into(), Vec::new()),
            _ if table.unique => ("the only solution up to smaller starts".into(), self.starts(table)),
            Some(Outcome::Feasible { program, priority, freedom, .. }) if !self.is_several() => {
                let chosen = format!("one of several solutions, chosen by {}", priority.words());
                (chosen, freedom::blocks(freedom.as_ref(), program))
            }
            Some(_) | None => ("one of several solutions".into(), Vec::new()),
        };
        let joint = if self.is_several() {
            let named = and(self.variables());
            let count = self.answer.posed().map_or(0, |posed| posed.demands.requirements.len());
            format!(
                ", and it holds however {named} grow together: each of the {count} requirements is proven along every \
                 direction of growth"
            )
        } else {
            String::new()
        };
        let mut blocks = vec![Block::Paragraph(format!("{how_many}{joint}{told}"))];
        blocks.extend(self.first_step());
        blocks.extend(scaling_table::grids(table));
        blocks.extend(freedom);
        blocks
    }

    /// Which parameters may start smaller, and of which one must not.
    fn starts(&self, table: &Table) -> Vec<Block> {
        let name = |id: &ParameterId| format!("`{}`", table.graph().parameter(*id).name);
        let names: Vec<String> = table.smaller_starts.iter().map(name).collect();
        let each = if names.len() > 1 { " each" } else { "" };
        let mut told = format!("{} may{each} start smaller", and(&names));
        for alone in &self.answer.alone {
            let variable =
                if self.is_several() { format!(" in {}", alone.variable()) } else { String::new() };
            match &alone.outcome {
                Outcome::Feasible { kept: Some(kept), program, .. } => {
                    for set in kept {
                        let named = |unknown: &Unknown| {
                            let name = program.unknowns.get(unknown.0 as usize).map_or("", |info| &info.name);
                            format!("`{name}`")
                        };
                        let set: Vec<String> = set.iter().map(named).collect();
                        told.push_str(&format!(", as long as one of {} stays{variable}", and(&set)));
                    }
                }
                Outcome::Feasible { kept: None, .. } => {
                    told.push_str(&format!("; which of them together was too hard to tell{variable}"));
                }
                Outcome::Infeasible(_) => {}
            }
        }
        vec![Block::Paragraph(told)]
    }

    fn break_blocks(&self, table: &Table, breaks: &[Break], no_other: bool) -> Vec<Block> {
        let named = and(self.variables());
        let whether = if no_other {
            "no table holds however they grow together"
        } else {
            "together, along some directions of growth, this one does not hold, and none was found that does"
        };
        let each = format!("these exponents hold in each of {named} alone, the others fixed; {whether}:");
        let items = breaks.iter().map(|held| self.broken(held)).collect();
        let mut blocks = vec![Block::Paragraph(each), Block::List(items)];
        blocks.extend(scaling_table::grids(table));
        let tie = "a table for one way of growing together is that of a tie, like `d_model=n,d_k=n^1/2`";
        blocks.push(Block::Paragraph(tie.into()));
        blocks
    }

    /// `S on x2 requires update(x2) = 0: along n = N, m = N^1/2 it is too large by N^1/2`.
    fn broken(&self, held: &Break) -> String {
        let Some(posed) = self.answer.posed() else { return String::new() };
        let requirement = &posed.demands.requirements[held.requirement.0];
        let compared = if held.excess.is_positive() { "too large" } else { "too small" };
        format!(
            "{} on `{}` requires `{}`: along {} it is {compared} by {}",
            requirement.label,
            requirement.on.name(&posed.propagation.graph),
            requirement.requires,
            write_direction(self.variables(), &held.direction),
            power("N", &held.excess.abs())
        )
    }

    fn alone_blocks(&self, variables: &[usize]) -> Vec<Block> {
        let mut blocks = Vec::new();
        let impossible = variables.iter().filter_map(|variable| {
            let alone = self.answer.alone.get(*variable)?;
            Some((alone, alone.impossible()?))
        });
        // What is told of a variable alone has its notes already.
        let mut told: BTreeSet<&str> = BTreeSet::new();
        for (alone, impossible) in impossible {
            if self.is_several() {
                let scale = alone.posed.question.scaling.write(&alone.posed.question.graph);
                let words = format!("not even `{scale}` alone, with the rest fixed, is possible:");
                blocks.push(Block::Paragraph(words));
            }
            blocks.extend(impossible_blocks(alone, impossible));
            let notes = &alone.posed.propagation.notes;
            blocks.extend(notes.iter().map(note));
            told.extend(notes.iter().map(|note| note.says.as_str()));
        }
        blocks.extend(nearest::blocks(self.answer.nearest.as_deref()));
        let notes = self.answer.notes();
        blocks.extend(notes.iter().filter(|note| !told.contains(note.says.as_str())).map(note));
        blocks
    }

    /// The answer; of a table without its proof.
    #[must_use]
    pub fn verdict(&self) -> VerdictObject {
        let noted = self.answer.notes();
        let (notes, caveats) = (noted.iter().map(ToString::to_string).collect(), self.caveats(&noted));
        match &self.answer.verdict {
            Verdict::Feasible { table, .. } => VerdictObject::Feasible(FeasibleObject {
                table: scaling_table::json(table),
                freedom: self.freedom(),
                given_up: Vec::new(),
                notes,
                caveats,
                certificate: None,
            }),
            Verdict::Infeasible(Obstacle::Breaks { table, breaks, no_other }) => {
                VerdictObject::Infeasible(InfeasibleObject::Breaks(BreaksObject {
                    breaks: breaks.iter().filter_map(|held| self.break_object(held)).collect(),
                    no_other: *no_other,
                    alone: scaling_table::json(table),
                    notes,
                    caveats,
                }))
            }
            Verdict::Infeasible(Obstacle::Alone(_)) => {
                VerdictObject::Infeasible(self.conflict_object(notes, caveats))
            }
        }
    }

    fn conflict_object(&self, notes: Vec<String>, caveats: Vec<CaveatObject>) -> InfeasibleObject {
        // Where there is no table in some scale variable, there is a conflict in it.
        let Some((alone, impossible)) = self.answer.impossible() else {
            return InfeasibleObject::Breaks(BreaksObject::default());
        };
        let scaling = self.is_several().then(|| alone.posed.question.scaling.write(&self.question().graph));
        let conflict = conflict_of(alone, impossible).json();
        let nearest = self.answer.nearest.as_deref().and_then(nearest::json).map(Box::new);
        InfeasibleObject::Conflict(ConflictObject {
            impossible: scaling,
            notes,
            caveats,
            nearest,
            ..conflict
        })
    }

    /// What may be added to the exponents, in one scale variable.
    fn freedom(&self) -> Option<FreedomObject> {
        let outcome = self.answer.alone.first().map(|alone| &alone.outcome);
        match outcome {
            Some(Outcome::Feasible { program, freedom, kept, .. }) if !self.is_several() => {
                freedom.as_ref().map(|freedom| freedom::json(freedom, kept.as_deref(), program))
            }
            Some(_) | None => None,
        }
    }

    fn break_object(&self, held: &Break) -> Option<BreakObject> {
        let posed = self.answer.posed()?;
        let direction = self.variables().iter().cloned().zip(held.direction.iter().cloned());
        Some(BreakObject {
            requirement: stated(posed, held.requirement),
            direction: direction.collect(),
            by: held.excess.clone(),
        })
    }

    /// The grid of a conflict, if there is one: a requirement in a row.
    fn conflict_data(&self, conflict: &Conflict<'_>) -> Grid {
        let keys = ["label", "on", "requires"];
        let mut grid = Grid::new(self.variable(), &keys.map(|key| (key, key)));
        for id in conflict.requirements {
            let requirement = &conflict.posed.demands.requirements[id.0];
            grid.rows.push(vec![
                Cell::words(&requirement.label),
                Cell::name(requirement.on.name(&self.question().graph)),
                Cell::words(&requirement.requires),
            ]);
        }
        grid
    }

    /// The whole answer, for machines.
    #[must_use]
    pub fn object(&self) -> DeriveAnswer {
        let mut verdict = self.verdict();
        if let (VerdictObject::Feasible(feasible), false, Some(alone)) =
            (&mut verdict, self.is_several(), self.answer.alone.first())
        {
            let (program, certified) = alone.certified();
            let evidence = evidence::json(certified, &program, &alone.posed.demands, &self.question().graph);
            feasible.certificate = Some(evidence);
        }
        let fixed = large::json(self.answer).map(Box::new);
        DeriveAnswer { asked: self.question().into(), verdict, fixed }
    }
}

impl fmt::Display for Answer {
    /// What `fscale derive` prints.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&render(&Derived { answer: self }, Format::Text))
    }
}

impl Report for Derived<'_> {
    fn document(&self) -> Document {
        let mut document = Document::default();
        document.push(Block::Heading(self.title()));
        document.0.extend(self.blocks());
        document
    }

    fn data(&self) -> Grid {
        match (self.answer.proposed(), self.conflict()) {
            (Some(table), _) => scaling_table::data(table),
            (None, Some(conflict)) if !self.is_several() => self.conflict_data(&conflict),
            // Of several scale variables in which there may be conflicts, none is the answer.
            (None, _) => {
                let keys = ["parameter", "init", "lr", "weight_decay", "epsilon", "value"];
                Grid::new("n", &keys.map(|key| (key, key)))
            }
        }
    }

    fn json(&self) -> AnyAnswer {
        AnyAnswer::Derive(self.object())
    }
}

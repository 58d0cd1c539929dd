//! The answer of `derive`: the scaling table, or the conflict that forbids it.

use crate::derive::{Answer, Question, Relaxations, Verdict};
use crate::exact::{Certified, RequirementId};
use crate::report::Report;
use crate::report::answer::{evidence, scaling_table};
use crate::report::explain::conflict::Conflict;
use crate::report::explain::freedom;
use crate::report::explain::ways_out::WaysOut;
use crate::report::format::document::{Block, Cell, Document, Grid};
use crate::report::json::{AnyAnswer, DeriveAnswer, FeasibleObject, InfeasibleObject, VerdictObject};
use crate::rule::RuleBook;

/// A question with its answer.
#[derive(Clone, Copy, Debug)]
pub struct Derived<'a> {
    /// What was asked.
    pub question: &'a Question,
    /// What came out.
    pub answer: &'a Answer,
}

/// What was asked, in a line.
pub(crate) fn title(question: &Question) -> String {
    let Question { graph, optimizer, desiderata, scaling, .. } = question;
    let scale = scaling.write(graph);
    let assumed = assumed(&question.book);
    let given =
        desiderata.given.as_ref().map_or_else(String::new, |given| format!(", `{}` given", given.name));
    let (optimizer, desiderata) = (&optimizer.about.name, &desiderata.about.name);
    format!("{}: `{scale}` with {optimizer}, {desiderata}{assumed}{given}", graph.title)
}

/// The alignment that is assumed, as a title tells it.
#[must_use]
pub fn assumed(book: &RuleBook) -> String {
    book.regime.assumed().map_or_else(String::new, |name| format!(", alignment `{name}`"))
}

impl<'a> Derived<'a> {
    /// The scale variable.
    #[must_use]
    pub fn variable(&self) -> &'a str {
        self.question.scaling.variables.first().map_or("n", String::as_str)
    }

    /// The conflict, if the answer is no.
    #[must_use]
    pub fn conflict(&self) -> Option<Conflict<'a>> {
        match &self.answer.verdict {
            Verdict::Feasible { .. } => None,
            Verdict::Infeasible { conflict, is_minimal, certified, relaxations } => {
                Some(self.conflict_of(conflict, *is_minimal, certified, relaxations))
            }
        }
    }

    fn conflict_of(
        &self,
        requirements: &'a [RequirementId],
        is_minimal: bool,
        certified: &'a Certified,
        relaxations: &'a Relaxations,
    ) -> Conflict<'a> {
        let ways_out = WaysOut {
            answer: self.answer,
            relaxations,
            scaling: &self.question.scaling,
            variable: self.variable(),
        };
        Conflict { answer: self.answer, requirements, is_minimal, certified, ways_out }
    }

    /// What was asked, in a line.
    #[must_use]
    pub fn title(&self) -> String {
        title(self.question)
    }

    /// The rule in a line, or the conflict in a line.
    #[must_use]
    pub fn in_short(&self) -> String {
        match (&self.answer.verdict, self.conflict()) {
            (Verdict::Feasible { table, .. }, _) => {
                scaling_table::in_short(table, &self.question.graph, self.variable())
            }
            (Verdict::Infeasible { .. }, conflict) => {
                conflict.map(|conflict| conflict.in_short()).unwrap_or_default()
            }
        }
    }

    /// The answer without a title: table or conflict.
    #[must_use]
    pub fn blocks(&self) -> Vec<Block> {
        let mut blocks = self.verdict_blocks();
        let notes = self.answer.propagation.notes.iter();
        blocks.extend(notes.map(|note| Block::Paragraph(format!("note: {note}"))));
        blocks
    }

    fn verdict_blocks(&self) -> Vec<Block> {
        match (&self.answer.verdict, self.conflict()) {
            (Verdict::Feasible { table, program, priority, freedom: around, .. }, _) => {
                let how_many = if table.unique {
                    "the only solution".into()
                } else {
                    format!("one of several solutions, chosen by {}", priority.words())
                };
                let told = table.parameters.iter().any(|row| row.multiplier.is_some());
                let told = if told { ", told in another gauge" } else { "" };
                let mut blocks = vec![Block::Paragraph(format!("{how_many}{told}"))];
                blocks.extend(scaling_table::grids(table, &self.question.graph, self.variable()));
                if !table.unique {
                    blocks.extend(freedom::blocks(around.as_ref(), program));
                }
                blocks
            }
            (Verdict::Infeasible { .. }, conflict) => conflict.map_or_else(Vec::new, |conflict| {
                let mut blocks = conflict.blocks();
                blocks.extend(conflict.ways_out.blocks());
                blocks
            }),
        }
    }

    /// The answer; of a table without its proof.
    #[must_use]
    pub fn verdict(&self) -> VerdictObject {
        let graph = &self.question.graph;
        match &self.answer.verdict {
            Verdict::Feasible { table, program, freedom: around, .. } => {
                VerdictObject::Feasible(FeasibleObject {
                    table: scaling_table::json(table, graph),
                    freedom: around.as_ref().map(|freedom| freedom::json(freedom, program)),
                    notes: self.answer.propagation.notes.clone(),
                    certificate: None,
                })
            }
            Verdict::Infeasible { conflict, is_minimal, certified, relaxations } => {
                let conflict = self.conflict_of(conflict, *is_minimal, certified, relaxations);
                VerdictObject::Infeasible(InfeasibleObject::Conflict(conflict.json()))
            }
        }
    }

    /// The whole answer.
    #[must_use]
    pub fn object(&self) -> DeriveAnswer {
        let mut verdict = self.verdict();
        if let (VerdictObject::Feasible(feasible), Verdict::Feasible { certified, program, .. }) =
            (&mut verdict, &self.answer.verdict)
        {
            let evidence = evidence::json(certified, program, &self.answer.demands, &self.question.graph);
            feasible.certificate = Some(evidence);
        }
        DeriveAnswer { asked: self.question.into(), verdict }
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
        let Question { graph, .. } = self.question;
        let Some(conflict) = self.conflict() else {
            let Verdict::Feasible { table, .. } = &self.answer.verdict else {
                return Grid::new(self.variable(), &[]);
            };
            return scaling_table::data(table, graph, self.variable());
        };
        let keys = ["label", "on", "requires"];
        let mut grid = Grid::new(self.variable(), &keys.map(|key| (key, key)));
        for id in conflict.requirements {
            let requirement = &self.answer.demands.requirements[id.0];
            grid.rows.push(vec![
                Cell::words(&requirement.label),
                Cell::name(requirement.on.name(graph)),
                Cell::words(&requirement.requires),
            ]);
        }
        grid
    }

    fn json(&self) -> AnyAnswer {
        AnyAnswer::Derive(self.object())
    }
}

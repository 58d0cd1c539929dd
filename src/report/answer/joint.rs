//! The answer of `derive` in several scale variables: the table and whether it holds in every joint limit.

use std::collections::BTreeSet;

use crate::derive::{Break, JointAnswer, JointTable, JointVerdict, Question, write_direction};
use crate::document::and;
use crate::exact::{Exponent, PowerSum};
use crate::graph::{Graph, ParameterId, Start};
use crate::propagate::Stabilisers;
use crate::report::Report;
use crate::report::answer::derivation::{Derived, title};
use crate::report::format::document::{Block, Cell, Document, Grid, power};
use crate::report::json::{
    AnyAnswer, BreakObject, BreaksObject, DeriveAnswer, FeasibleObject, Growth, InfeasibleObject,
    RequirementObject, TableObject, TableRow, VerdictObject,
};

/// A question in several scale variables with its answer.
#[derive(Clone, Copy, Debug)]
pub struct DerivedJointly<'a> {
    /// What was asked.
    pub question: &'a Question,
    /// What came out.
    pub answer: &'a JointAnswer,
}

/// The exponents of one parameter; nothing where it has no such hyperparameter, or where that is no sum of powers.
struct Row {
    parameter: ParameterId,
    init: Option<PowerSum>,
    lr: Option<PowerSum>,
    epsilon: Option<PowerSum>,
    weight_decay: Option<PowerSum>,
}

impl<'a> DerivedJointly<'a> {
    fn graph(&self) -> &'a Graph {
        &self.question.graph
    }

    fn variables(&self) -> &'a [String] {
        &self.question.scaling.variables
    }

    /// `n, m and l`.
    fn named(&self) -> String {
        and(self.variables())
    }

    fn table(&self) -> Option<&'a JointTable> {
        match &self.answer.verdict {
            JointVerdict::Holds(table) | JointVerdict::Breaks { table, .. } => Some(table),
            JointVerdict::Impossible(_) => None,
        }
    }

    fn divisors(&self) -> &'a [PowerSum] {
        self.table().map_or(&[], |table| &table.stabilisers.divisors)
    }

    fn rows(&self, table: &JointTable) -> Vec<Row> {
        let given = &table.hyperparameters;
        let Stabilisers { epsilon, weight_decay, .. } = &table.stabilisers;
        let row = |parameter: ParameterId| {
            let single = |exponents: Vec<Exponent>| Some(PowerSum::single(exponents));
            let init = match self.graph().parameter(parameter).start {
                Start::One | Start::Zero => None,
                Start::Gaussian => single(given.iter().map(|held| held.init(parameter).clone()).collect()),
            };
            let trained = self.graph().parameter(parameter).is_trained();
            let rates = || single(given.iter().map(|held| held.lr(parameter).clone()).collect());
            let lr = trained.then(rates).flatten();
            let of = |held: &[Option<PowerSum>]| held.get(parameter.0).cloned().flatten();
            Row { parameter, init, lr, epsilon: of(epsilon), weight_decay: of(weight_decay) }
        };
        self.graph().parameter_ids().map(row).collect()
    }

    fn multipliers(&self, table: &'a JointTable) -> impl Iterator<Item = (&'a str, PowerSum)> + use<'a> {
        let graph = self.graph();
        graph.multiplier_ids().map(move |id| {
            let exponents = table.hyperparameters.iter().map(|held| held.multiplier(id).clone());
            (graph.multiplier(id).name.as_str(), PowerSum::single(exponents.collect()))
        })
    }

    /// Whether the optimizer has an epsilon, and a weight decay.
    fn stabilised(&self) -> [bool; 2] {
        let open = &self.answer.open;
        [open.epsilon.iter().any(Option::is_some), open.weight_decay.iter().any(Option::is_some)]
    }

    fn cell(&self, sum: Option<&PowerSum>) -> Cell {
        Cell::powers(sum, self.variables(), self.divisors())
    }

    fn grids(&self, table: &'a JointTable) -> Vec<Block> {
        let [stabilised, decays] = self.stabilised();
        let mut columns = vec![("parameter", "parameter"), ("init", "init"), ("lr", "learning rate")];
        columns.extend(decays.then_some(("weight_decay", "weight decay")));
        columns.extend(stabilised.then_some(("epsilon", "epsilon")));
        let mut parameters = Grid::new("n", &columns);
        for row in self.rows(table) {
            let mut cells = vec![Cell::name(&self.graph().parameter(row.parameter).name)];
            cells.extend([self.cell(row.init.as_ref()), self.cell(row.lr.as_ref())]);
            cells.extend(decays.then(|| self.cell(row.weight_decay.as_ref())));
            cells.extend(stabilised.then(|| self.cell(row.epsilon.as_ref())));
            parameters.rows.push(cells);
        }
        let mut multipliers = Grid::new("n", &[("multiplier", "multiplier"), ("value", "value")]);
        for (name, sum) in self.multipliers(table) {
            multipliers.rows.push(vec![Cell::name(name), self.cell(Some(&sum))]);
        }
        let grids = [parameters, multipliers];
        grids.into_iter().filter(|grid| !grid.rows.is_empty()).map(Block::Grid).collect()
    }

    /// `S on x2 requires update(x2) = 0: along n = N, m = N^1/2 it exceeds that by N^1/2`.
    fn broken(&self, held: &Break) -> String {
        let requirement = &self.answer.demands.requirements[held.requirement.0];
        let compared = if held.excess.is_positive() { "too large" } else { "too small" };
        format!(
            "{} on `{}` requires `{}`: along {} it is {compared} by {}",
            requirement.label,
            requirement.on.name(self.graph()),
            requirement.requires,
            write_direction(self.variables(), &held.direction),
            power("N", &held.excess.abs())
        )
    }

    fn verdict(&self) -> Vec<Block> {
        let named = self.named();
        match &self.answer.verdict {
            JointVerdict::Holds(table) => {
                let how_many = if table.unique { "the only solution" } else { "one of several solutions" };
                let count = self.answer.demands.requirements.len();
                let proven = format!(
                    "{how_many}, and it holds however {named} grow together: each of the {count} requirements is \
                     proven along every direction of growth"
                );
                [Block::Paragraph(proven)].into_iter().chain(self.grids(table)).collect()
            }
            JointVerdict::Breaks { table, breaks, no_other } => {
                let whether = if *no_other {
                    "no table holds however they grow together"
                } else {
                    "together, along some directions of growth, this one does not hold, and none was found that does"
                };
                let each =
                    format!("these exponents hold in each of {named} alone, the others fixed; {whether}:");
                let items = breaks.iter().map(|held| self.broken(held)).collect();
                let mut blocks = vec![Block::Paragraph(each), Block::List(items)];
                blocks.extend(self.grids(table));
                let tie =
                    "a table for one way of growing together is that of a tie, like `d_model=n,d_k=n^1/2`";
                blocks.push(Block::Paragraph(tie.into()));
                blocks
            }
            JointVerdict::Impossible(variables) => {
                let mut blocks = Vec::new();
                for variable in variables {
                    let Some((question, answer)) = self.answer.alone.get(*variable) else { continue };
                    let scale = question.scaling.write(self.graph());
                    let alone = format!("not even `{scale}` alone, with the rest fixed, is possible:");
                    blocks.push(Block::Paragraph(alone));
                    blocks.extend(Derived { question, answer }.blocks());
                }
                blocks
            }
        }
    }

    fn table_object(&self, table: &'a JointTable) -> TableObject {
        let growth = |sum: &PowerSum| Growth::of(sum, self.variables(), self.divisors());
        let row = |row: Row| {
            let [init, lr, weight_decay, epsilon] =
                [&row.init, &row.lr, &row.weight_decay, &row.epsilon].map(|sum| sum.as_ref().map(growth));
            let name = self.graph().parameter(row.parameter).name.clone();
            (name, TableRow { init, lr, multiplier: None, weight_decay, epsilon })
        };
        TableObject {
            unique: table.unique,
            parameters: self.rows(table).into_iter().map(row).collect(),
            multipliers: self.multipliers(table).map(|(name, sum)| (name.into(), growth(&sum))).collect(),
        }
    }

    fn break_object(&self, held: &Break) -> BreakObject {
        let requirement = &self.answer.demands.requirements[held.requirement.0];
        BreakObject {
            requirement: RequirementObject {
                label: requirement.label.clone(),
                on: requirement.on.name(self.graph()).into(),
                requires: requirement.requires.clone(),
            },
            direction: self.variables().iter().cloned().zip(held.direction.iter().cloned()).collect(),
            by: held.excess.clone(),
        }
    }

    fn verdict_object(&self) -> VerdictObject {
        let notes = self.answer.open.notes.clone();
        match &self.answer.verdict {
            JointVerdict::Holds(table) => VerdictObject::Feasible(FeasibleObject {
                table: self.table_object(table),
                freedom: None,
                notes,
                certificate: None,
            }),
            JointVerdict::Breaks { table, breaks, no_other } => {
                VerdictObject::Infeasible(InfeasibleObject::Breaks(BreaksObject {
                    breaks: breaks.iter().map(|held| self.break_object(held)).collect(),
                    no_other: *no_other,
                    alone: self.table_object(table),
                    notes,
                }))
            }
            JointVerdict::Impossible(variables) => {
                let (question, answer) = &self.answer.alone[variables[0]];
                let mut verdict = Derived { question, answer }.verdict();
                if let VerdictObject::Infeasible(InfeasibleObject::Conflict(conflict)) = &mut verdict {
                    conflict.impossible = Some(question.scaling.write(self.graph()));
                    conflict.notes = notes;
                }
                verdict
            }
        }
    }
}

impl Report for DerivedJointly<'_> {
    fn document(&self) -> Document {
        let mut document = Document::default();
        document.push(Block::Heading(title(self.question)));
        document.0.extend(self.verdict());
        // What is told of a variable alone has its notes already.
        let told: BTreeSet<&String> = match &self.answer.verdict {
            JointVerdict::Impossible(variables) => {
                let alone = variables.iter().filter_map(|variable| self.answer.alone.get(*variable));
                alone.flat_map(|(_, answer)| &answer.propagation.notes).collect()
            }
            JointVerdict::Holds(_) | JointVerdict::Breaks { .. } => BTreeSet::new(),
        };
        for note in self.answer.open.notes.iter().filter(|note| !told.contains(note)) {
            document.say(format!("note: {note}"));
        }
        document
    }

    fn data(&self) -> Grid {
        let keys = ["parameter", "init", "lr", "weight_decay", "epsilon", "value"];
        let mut grid = Grid::new("n", &keys.map(|key| (key, key)));
        let Some(table) = self.table() else { return grid };
        for row in self.rows(table) {
            grid.rows.push(vec![
                Cell::name(&self.graph().parameter(row.parameter).name),
                self.cell(row.init.as_ref()),
                self.cell(row.lr.as_ref()),
                self.cell(row.weight_decay.as_ref()),
                self.cell(row.epsilon.as_ref()),
                Cell::Empty,
            ]);
        }
        for (name, sum) in self.multipliers(table) {
            let mut cells = vec![Cell::name(name)];
            cells.extend([Cell::Empty, Cell::Empty, Cell::Empty, Cell::Empty, self.cell(Some(&sum))]);
            grid.rows.push(cells);
        }
        grid
    }

    fn json(&self) -> AnyAnswer {
        AnyAnswer::Derive(DeriveAnswer { asked: self.question.into(), verdict: self.verdict_object() })
    }
}

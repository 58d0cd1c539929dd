//! The answer of `measure --random`: how often prediction and simulation agree, and where they do not.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::graph::{DimensionId, Graph, Scaling};
use crate::report::Report;
use crate::report::answer::hyperparameters;
use crate::report::answer::measurement::{
    EXACT_FINDINGS, FINDINGS, NAMES, exact_findings, findings, names, quantity,
};
use crate::report::explain::crossover::Sizes;
use crate::report::format::document::{Block, Cell, Document, Grid, counted};
use crate::report::json::{AnyAnswer, AskedObject, TrialAnswer, TrialCase};
use crate::simulate::{MeasuredQuantity, SlopeVerdict};
use crate::study::Summary;
use crate::study::trial::{Case, Trial};

/// A trial that has been made.
#[derive(Clone, Copy, Debug)]
pub struct Tried<'a> {
    /// What was tried.
    pub trial: &'a Trial<'a>,
    /// The cases, those of a dimension one after the other.
    pub cases: &'a [Case],
}

/// The columns that say which case is meant.
const CASE: [(&str, &str); 2] = [("dimension", "dimension"), ("case", "case")];

impl Tried<'_> {
    fn of(&self, dimension: DimensionId) -> impl Iterator<Item = &Case> {
        self.cases.iter().filter(move |case| case.dimension == dimension)
    }

    /// What was compared, with the cells of [`CASE`]. Cases are counted from 1 in each dimension.
    fn compared(&self) -> impl Iterator<Item = ([Cell; 2], &Arc<Graph>, &MeasuredQuantity)> {
        self.trial.dimensions.iter().flat_map(|dimension| {
            let graph = self.trial.graph_of(*dimension);
            let name = &graph.dimension(*dimension).name;
            self.of(*dimension).zip(1..).flat_map(move |(case, number): (_, usize)| {
                let compared = case.measurement.quantities.iter().filter(|held| held.verdict.is_some());
                compared.map(move |held| ([Cell::name(name), Cell::Number(number.to_string())], graph, held))
            })
        })
    }

    fn title(&self) -> String {
        let Trial { graph, optimizer, runs, .. } = self.trial;
        format!(
            "{}: random hyperparameters with {}, {} from {}",
            graph.title,
            optimizer.about.name,
            counted(runs.seeds, "seed"),
            runs.base_seed
        )
    }

    /// Where predictions are approximations, and in how many of the cases that it concerns something disagrees.
    fn notes(&self) -> Vec<String> {
        let mut cases: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for case in self.cases {
            for note in &case.notes {
                let (all, off) = cases.entry(note).or_default();
                *all += 1;
                *off += usize::from(Summary::of(&case.measurement).disagrees > 0);
            }
        }
        let told = |(note, (all, off)): (&str, (usize, usize))| match off {
            0 => format!("{note}; in {} no slope disagrees", counted(all as u64, "case")),
            _ => format!("{note}; in {off} of {} a slope disagrees", counted(all as u64, "case")),
        };
        self.surer().into_iter().chain(cases.into_iter().map(told)).collect()
    }

    /// Which cases took more seeds than were asked for.
    fn surer(&self) -> Option<String> {
        let surer: Vec<u64> =
            self.cases.iter().map(|case| case.seeds).filter(|seeds| *seeds > self.trial.runs.seeds).collect();
        let seeds = counted(*surer.first()?, "seed");
        let cases = counted(surer.len() as u64, "case");
        Some(format!(
            "a slope disagreed, or may have, in {cases} of {}, measured again with {seeds}",
            self.cases.len()
        ))
    }

    /// A row for each dimension, and one for all.
    fn verdicts(&self) -> Grid {
        let columns = ["dimension", "cases", "compared", "agrees", "crossover", "disagrees"];
        let columns: Vec<(&str, &str)> =
            columns.map(|key| (key, key)).into_iter().chain([("share", "share that agrees")]).collect();
        let mut grid = Grid::new("n", &columns);
        let mut count = |name: Cell, cases: &[&Case]| {
            let summary: Summary = cases.iter().map(|case| Summary::of(&case.measurement)).sum();
            let Summary { agrees, crossover, disagrees, .. } = summary;
            let counts = [cases.len(), summary.compared(), agrees, crossover, disagrees];
            let counts = counts.map(|count| Cell::Number(count.to_string()));
            grid.rows.push([name].into_iter().chain(counts).chain([Cell::Number(share(&summary))]).collect());
        };
        for dimension in &self.trial.dimensions {
            let name = Cell::name(&self.trial.graph.dimension(*dimension).name);
            count(name, &self.of(*dimension).collect::<Vec<_>>());
        }
        count(Cell::words("all"), &self.cases.iter().collect::<Vec<_>>());
        grid
    }
}

/// Whether prediction and measurement are anything but equal.
fn is_off(measured: &&MeasuredQuantity) -> bool {
    matches!(measured.verdict, Some(SlopeVerdict::Crossover | SlopeVerdict::Disagrees))
}

/// The share that agrees, in percent, rounded down: 99.9% is not all.
fn share(summary: &Summary) -> String {
    let permille = (summary.agrees * 1000).checked_div(summary.compared());
    permille.map_or_else(|| "-".into(), |share| format!("{}.{}%", share / 10, share % 10))
}

impl Report for Tried<'_> {
    fn document(&self) -> Document {
        let mut document = Document::default();
        document.push(Block::Heading(self.title()));
        document.push(Block::Grid(self.verdicts()));
        let columns: Vec<(&str, &str)> = CASE.into_iter().chain(NAMES).chain(FINDINGS).collect();
        let mut off = Grid::new("n", &columns);
        for (case, graph, measured) in self.compared().filter(|(.., measured)| is_off(measured)) {
            let row = case.into_iter().chain(names(measured, graph)).chain(findings(measured));
            off.rows.push(row.collect());
        }
        if off.rows.is_empty() {
            document.say("every measured slope agrees with its predicted exponent");
        } else {
            document.say("not in agreement; `--format json` tells the hyperparameters of every case:");
            document.push(Block::Grid(off));
        }
        self.notes().into_iter().for_each(|note| document.say(format!("note: {note}")));
        document
    }

    /// Every compared quantity in a row: predicted against measured.
    fn data(&self) -> Grid {
        let columns: Vec<(&str, &str)> = CASE.into_iter().chain(NAMES).chain(EXACT_FINDINGS).collect();
        let mut grid = Grid::new("n", &columns);
        for (case, graph, measured) in self.compared() {
            let row = case.into_iter().chain(names(measured, graph)).chain(exact_findings(measured));
            grid.rows.push(row.collect());
        }
        grid
    }

    fn json(&self) -> AnyAnswer {
        let case = |case: &Case| {
            let graph = self.trial.graph_of(case.dimension);
            let Summary { agrees, crossover, disagrees, .. } = Summary::of(&case.measurement);
            let scaling = Scaling::alone(case.dimension);
            let sizes = Sizes::of(graph, &scaling, &case.measurement.values);
            let off = case.measurement.quantities.iter().filter(is_off);
            TrialCase {
                dimension: graph.dimension(case.dimension).name.clone(),
                hyperparameters: hyperparameters::json(&case.hyperparameters, graph),
                values: case.measurement.values.clone(),
                seeds: case.seeds,
                quantities: off.map(|measured| quantity(measured, graph, sizes)).collect(),
                agrees,
                crossover,
                disagrees,
            }
        };
        let summary: Summary = self.cases.iter().map(|case| Summary::of(&case.measurement)).sum();
        AnyAnswer::Trial(TrialAnswer {
            title: self.title(),
            asked: AskedObject::about(self.trial.graph, None, self.trial.optimizer),
            seeds: self.trial.runs.seeds,
            seed: self.trial.runs.base_seed,
            cases: self.cases.iter().map(case).collect(),
            notes: self.notes(),
            summary: summary.into(),
        })
    }

    fn names_its_words(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_rounded_down() {
        let share = |agrees, crossover| share(&Summary { agrees, crossover, ..Summary::default() });
        assert_eq!(
            [share(9999, 1), share(3, 0), share(1, 2), share(0, 0)],
            ["99.9%", "100.0%", "33.3%", "-"]
        );
    }
}

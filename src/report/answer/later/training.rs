//! The answer of `measure --steps`: losses, magnitudes and alignments over the steps of training.
#![allow(clippy::disallowed_types, reason = "measured magnitudes and slopes are floating-point numbers")]

use crate::graph::{Graph, Scaling};
use crate::report::Report;
use crate::report::answer::hyperparameters;
use crate::report::answer::measurement::named;
use crate::report::explain::crossover::Sizes;
use crate::report::explain::reason::reasons;
use crate::report::format::document::{Block, Cell, Document, Grid, counted};
use crate::report::json::{
    AlignedObject, AnyAnswer, AskedObject, NearestName, StepsAnswer, StepsObject, finite,
};
use crate::simulate::{FittedSlope, MeasuredQuantity, Nearest, Runs, Term, Trained, Watched};
use crate::study::Summary;
use crate::study::choice::Choice;
use crate::study::steps::SteppedMeasurement;

/// A training with what it is of.
#[derive(Clone, Copy, Debug)]
pub struct TrainedReport<'a> {
    /// The network.
    pub graph: &'a Graph,
    /// How it grew, in one scale variable.
    pub scaling: &'a Scaling,
    /// With which hyperparameters.
    pub choice: &'a Choice,
    /// With which seeds.
    pub runs: &'a Runs,
    /// What was measured.
    pub trained: &'a Trained,
    /// The same beside what is predicted of every step; or why nothing is.
    pub against: Result<&'a SteppedMeasurement, &'a str>,
}

/// What the exponents of alignments are.
const LEGEND: &str = "Alignments: the exponent of rms(A x) / (rms(A) rms(x)) in the number of terms that A x sums; 1 if all \
                      have one sign, 1/2 if they are independent. dW x: update x activation, W dx: initial weight x change, \
                      dW dx: update x change. At largest: the same at the largest size alone, constants included. Where the \
                      number of terms does not grow, there is no exponent";

/// What of the optimizer is not simulated.
const NOTE: &str = "one batch, the same at every step; no weight decay and a negligible epsilon";

impl TrainedReport<'_> {
    fn title(&self) -> String {
        let steps = self.trained.steps.last().copied().unwrap_or_default();
        format!(
            "{}: {} of {} along `{}`, {}, {} from {}",
            self.graph.title,
            counted(steps as u64, "step"),
            self.choice.optimizer.about.name,
            self.scaling.write(self.graph),
            self.choice.origin.words,
            counted(self.runs.seeds, "seed"),
            self.runs.base_seed
        )
    }

    fn places(&self, of: impl Fn(Watched) -> bool) -> impl Iterator<Item = (usize, Watched)> {
        let watched = self.trained.watched.iter().copied().enumerate();
        watched.filter(move |(_, watched)| of(*watched))
    }

    fn steps(&self) -> std::ops::Range<usize> {
        0..self.trained.steps.len()
    }

    /// Columns that stand before one for each step.
    fn columns(&self, first: &[&str], last: &[&str]) -> Grid {
        let steps: Vec<String> = self.trained.steps.iter().map(|step| format!("step {step}")).collect();
        let all = first.iter().copied().chain(steps.iter().map(String::as_str)).chain(last.iter().copied());
        let pairs: Vec<(&str, &str)> = all.map(|name| (name, name)).collect();
        Grid::new("n", &pairs)
    }

    /// The slope after each step.
    fn slopes(&self, place: usize) -> Vec<f64> {
        let slope = |step| self.trained.slope(place, step).map_or(f64::NAN, |slope| slope.slope);
        self.steps().map(slope).collect()
    }

    fn losses(&self) -> Grid {
        let mut grid = self.columns(&["size"], &[]);
        for (place, _) in self.places(|watched| watched == Watched::Loss) {
            for (index, value) in self.trained.values.iter().enumerate() {
                let losses = self.steps().map(|step| self.trained.magnitudes(place, step)[index]);
                let cells = losses.map(|loss| Cell::Number(significant(loss)));
                grid.rows.push([Cell::Number(value.to_string())].into_iter().chain(cells).collect());
            }
        }
        grid
    }

    /// The exponents of alignments after each step, and what the last is nearest to.
    fn alignments(&self) -> Grid {
        let mut grid = self.columns(&["weight", "term"], &["stderr", "at largest", "nearest"]);
        let last = self.trained.steps.len().saturating_sub(1);
        for (place, watched) in self.places(is_aligned) {
            let Watched::Aligned(term, w, node) = watched else { continue };
            let slope = self.trained.slope(place, last);
            let nearest = slope.and_then(|slope| Nearest::of(slope.slope)).map(Nearest::name);
            let (name, used) = (&self.graph.parameter(w).name, &self.graph.node(node).name);
            let is_alone = self.graph.uses(w).len() == 1;
            let name = if is_alone { name.clone() } else { format!("{name} at {used}") };
            let mut row = vec![Cell::name(name), Cell::words(words(term))];
            row.extend(self.slopes(place).into_iter().map(decimal));
            row.push(decimal(slope.map_or(f64::NAN, |slope| slope.stderr)));
            row.push(decimal(self.trained.at_largest(place, last).unwrap_or(f64::NAN)));
            row.push(nearest.map_or(Cell::Empty, Cell::words));
            grid.rows.push(row);
        }
        grid
    }

    /// The exponents of magnitudes after each step, beside those that are predicted: one if they are the same at every step.
    fn magnitudes(&self) -> Grid {
        let last: &[&str] = if self.against.is_ok() { &["predicted", "verdict"] } else { &[] };
        let mut grid = self.columns(&["name", "quantity"], last);
        for (place, watched) in self.places(|watched| !is_aligned(watched)) {
            let (quantity, node, parameter) = self.named(watched);
            let Some(name) = node.or(parameter) else { continue };
            let slopes = self.slopes(place).into_iter().map(decimal);
            let first = [Cell::name(name), Cell::words(quantity)];
            let mut row: Vec<Cell> = first.into_iter().chain(slopes).collect();
            if self.against.is_ok() {
                row.extend(self.found(watched));
            }
            grid.rows.push(row);
        }
        grid
    }

    /// What is watched after each step, beside its prediction.
    fn measured(&self, watched: Watched) -> Vec<&MeasuredQuantity> {
        let (Ok(against), Some(quantity)) = (self.against, watched.quantity()) else { return Vec::new() };
        let of = |measured: &&MeasuredQuantity| measured.quantity.after(0) == quantity;
        against.measurement.quantities.iter().filter(of).collect()
    }

    /// The predicted exponents, and the worst verdict.
    fn found(&self, watched: Watched) -> [Cell; 2] {
        let measured = self.measured(watched);
        let mut exponents: Vec<String> = measured
            .iter()
            .map(|measured| measured.predicted.as_ref().map_or("zero".into(), ToString::to_string))
            .collect();
        if exponents.windows(2).all(|pair| pair[0] == pair[1]) {
            exponents.truncate(1);
        }
        let verdict = measured.iter().filter_map(|measured| measured.verdict).max();
        [
            Cell::words(exponents.join(", ")),
            verdict.map_or(Cell::Empty, |verdict| Cell::words(verdict.name())),
        ]
    }

    /// How many slopes are as predicted, and why others are not.
    fn conclusion(&self, document: &mut Document) {
        let against = match self.against {
            Ok(against) => against,
            Err(why) => return document.say(format!("nothing is predicted: {why}")),
        };
        let Summary { agrees, crossover, disagrees, .. } = Summary::of(&against.measurement);
        document.say(format!(
            "{agrees} slopes agree with the exponent of their step, {crossover} are in a crossover, {disagrees} disagree"
        ));
        let sizes = Sizes::of(self.graph, self.scaling, &self.trained.values);
        let reasons = reasons(&against.measurement.quantities, sizes);
        if !reasons.is_empty() {
            document.push(Block::List(reasons));
        }
        if !against.awake.is_empty() {
            let names = against.awake.iter().map(|quantity| quantity.words(self.graph));
            document.say(format!("predicted to be zero, and not: {}", names.collect::<Vec<_>>().join(", ")));
        }
    }

    fn object(&self, place: usize, watched: Watched) -> StepsObject {
        let last = self.trained.steps.len().saturating_sub(1);
        let (quantity, node, parameter) = self.named(watched);
        let slopes: Vec<Option<FittedSlope>> =
            self.steps().map(|step| self.trained.slope(place, step)).collect();
        let of = |of: fn(&FittedSlope) -> f64| {
            slopes.iter().map(|slope| slope.as_ref().map(of).and_then(finite)).collect()
        };
        let magnitudes = |step| self.trained.magnitudes(place, step).into_iter().map(finite).collect();
        let aligned = || {
            let slope = slopes.last().copied().flatten();
            let nearest = slope.and_then(|slope| Nearest::of(slope.slope)).map(nearest);
            AlignedObject { nearest, at_largest: self.trained.at_largest(place, last).and_then(finite) }
        };
        StepsObject {
            quantity: quantity.into(),
            node: node.map(str::to_owned),
            parameter: parameter.map(str::to_owned),
            slopes: of(|slope| slope.slope),
            stderrs: of(|slope| slope.stderr),
            magnitudes: self.steps().map(magnitudes).collect(),
            predicted: self.measured(watched).iter().map(|measured| measured.predicted.clone()).collect(),
            verdicts: self.measured(watched).iter().map(|measured| measured.verdict.map(named)).collect(),
            aligned: is_aligned(watched).then(aligned),
        }
    }

    /// What an entry is of: quantity, node, parameter.
    fn named(&self, watched: Watched) -> (&'static str, Option<&str>, Option<&str>) {
        let node = |id| Some(self.graph.node(id).name.as_str());
        match watched {
            Watched::Loss => ("loss", None, None),
            Watched::Forward(id) => ("forward", node(id), None),
            Watched::Change(id) => ("change", node(id), None),
            Watched::Backward(id) => ("backward", node(id), None),
            Watched::Gradient(id) => ("gradient", None, Some(&self.graph.parameter(id).name)),
            Watched::Aligned(term, w, id) => (key(term), node(id), Some(&self.graph.parameter(w).name)),
        }
    }
}

fn is_aligned(watched: Watched) -> bool {
    match watched {
        Watched::Aligned(..) => true,
        Watched::Loss
        | Watched::Forward(_)
        | Watched::Change(_)
        | Watched::Backward(_)
        | Watched::Gradient(_) => false,
    }
}

fn words(term: Term) -> &'static str {
    match term {
        Term::Update => "dW x",
        Term::Weight => "W dx",
        Term::Both => "dW dx",
    }
}

fn key(term: Term) -> &'static str {
    match term {
        Term::Update => "update_alignment",
        Term::Weight => "weight_alignment",
        Term::Both => "both_alignment",
    }
}

fn nearest(nearest: Nearest) -> NearestName {
    match nearest {
        Nearest::Full => NearestName::Full,
        Nearest::None => NearestName::None,
        Nearest::Between => NearestName::Between,
        Nearest::Below => NearestName::Below,
    }
}

fn decimal(number: f64) -> Cell {
    if number.is_finite() { Cell::Number(format!("{number:.2}")) } else { Cell::Empty }
}

/// Three digits.
fn significant(number: f64) -> String {
    if (1e-3..1e4).contains(&number) { format!("{number:.3}") } else { format!("{number:.2e}") }
}

impl Report for TrainedReport<'_> {
    fn document(&self) -> Document {
        let mut document = Document::default();
        document.push(Block::Heading(self.title()));
        document.say(NOTE);
        document.say(LEGEND);
        document.push(Block::Grid(self.alignments()));
        document.say("Exponents of magnitudes; a change is against step 0");
        document.push(Block::Grid(self.magnitudes()));
        self.conclusion(&mut document);
        document.say("Loss");
        document.push(Block::Grid(self.losses()));
        let diverged: Vec<String> = self.trained.diverged().iter().map(ToString::to_string).collect();
        if !diverged.is_empty() {
            document.say(format!("the loss has no end at size {}", diverged.join(", ")));
        }
        document
    }

    fn data(&self) -> Grid {
        let keys = ["quantity", "node", "parameter", "step", "slope", "stderr", "size", "magnitude"];
        let mut grid = Grid::new("n", &keys.map(|key| (key, key)));
        for (place, watched) in self.places(|_| true) {
            let (quantity, node, parameter) = self.named(watched);
            for (step, count) in self.trained.steps.iter().enumerate() {
                let slope = self.trained.slope(place, step);
                let [slope, stderr] = slope.map_or([f64::NAN; 2], |slope| [slope.slope, slope.stderr]);
                for (size, magnitude) in self.trained.values.iter().zip(self.trained.magnitudes(place, step))
                {
                    let exact = |number: f64| {
                        if number.is_finite() { Cell::Number(number.to_string()) } else { Cell::Empty }
                    };
                    let name = |held: Option<&str>| held.map_or(Cell::Empty, Cell::name);
                    grid.rows.push(vec![
                        Cell::words(quantity),
                        name(node),
                        name(parameter),
                        Cell::Number(count.to_string()),
                        exact(slope),
                        exact(stderr),
                        Cell::Number(size.to_string()),
                        exact(magnitude),
                    ]);
                }
            }
        }
        grid
    }

    fn json(&self) -> AnyAnswer {
        AnyAnswer::Steps(StepsAnswer {
            title: self.title(),
            asked: AskedObject::measured(self.graph, self.scaling, self.choice),
            hyperparameters: hyperparameters::json(&self.choice.hyperparameters, self.graph),
            seeds: self.runs.seeds,
            seed: self.runs.base_seed,
            values: self.trained.values.clone(),
            steps: self.trained.steps.clone(),
            quantities: self.places(|_| true).map(|(place, watched)| self.object(place, watched)).collect(),
            summary: self.against.ok().map(|against| Summary::of(&against.measurement).into()),
            diverged: self.trained.diverged(),
            notes: vec![NOTE.into()],
        })
    }

    fn names_its_words(&self) -> bool {
        true
    }
}

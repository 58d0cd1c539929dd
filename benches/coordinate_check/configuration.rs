//! [`Configuration`]: which networks are checked, and [`Check`]: one of them under one optimizer, by fscale.

use std::sync::Arc;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use fscale::architecture::Architecture;
use fscale::derive::gauge::folded;
use fscale::document::Source;
use fscale::graph::{Graph, Hyperparameters, Scaling};
use fscale::propagate;
use fscale::rule::RuleBook;
use fscale::simulate::{
    Finished, MeasuredQuantity, Method, Point, Points, Runs, Simulation, Timings, Updates, compare,
};
use fscale::study::verify::Verification;
use serde_json::{Value, json};

const ONE_BLOCK: &str = include_str!("one_block.toml");
const FOUR_BLOCKS: &str = include_str!("four_blocks.toml");

/// Width as it is grown in practice: more heads of the same size.
const WIDTH: &str = "d_model=n,heads=n,d_ff=n";

pub(crate) const CONFIGURATIONS: [Configuration; 4] = [
    Configuration { name: "A", blocks: 1, file: ONE_BLOCK, scale: WIDTH, from: 64, to: 4096, seeds: 2 },
    Configuration { name: "B", blocks: 1, file: ONE_BLOCK, scale: WIDTH, from: 64, to: 1024, seeds: 4 },
    Configuration { name: "C", blocks: 1, file: ONE_BLOCK, scale: "d_k", from: 8, to: 4096, seeds: 4 },
    Configuration { name: "D", blocks: 4, file: FOUR_BLOCKS, scale: WIDTH, from: 64, to: 512, seeds: 4 },
];

/// A network that grows by doubling.
pub(crate) struct Configuration {
    pub(crate) name: &'static str,
    pub(crate) blocks: usize,
    file: &'static str,
    pub(crate) scale: &'static str,
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) seeds: u64,
}

impl Configuration {
    /// Every size, doubling.
    pub(crate) fn values(&self) -> Vec<usize> {
        std::iter::successors(Some(self.from), |size| Some(2 * size))
            .take_while(|size| *size <= self.to)
            .collect()
    }
}

/// A configuration under one optimizer, at the standard parameterization.
pub(crate) struct Check {
    pub(crate) configuration: &'static Configuration,
    pub(crate) optimizer: &'static str,
    pub(crate) graph: Arc<Graph>,
    book: Arc<RuleBook>,
    scaling: Scaling,
    hyperparameters: Hyperparameters,
}

/// What a measurement took.
#[derive(Clone, Copy)]
pub(crate) struct Taken {
    pub(crate) seconds: f64,
    /// Where the time went; nothing is known of other programs.
    pub(crate) spent: Option<Timings>,
}

impl Check {
    pub(crate) fn new(configuration: &'static Configuration, optimizer: &'static str) -> Self {
        let book = Arc::new(RuleBook::embedded().unwrap());
        let source = Source::new(configuration.name, configuration.file);
        let graph = Architecture::parse(&source, &book.activations()).unwrap().graph;
        let scaling = Scaling::parse(configuration.scale, &graph).unwrap();
        let rule = book.optimizer(optimizer).unwrap();
        let growth = propagate::Growth::along(scaling.along(0));
        let standard = book.parameterization("standard").unwrap().hyperparameters(&graph, &growth, rule);
        let hyperparameters = folded(&standard, rule).unwrap();
        Self { configuration, optimizer, graph, book, scaling, hyperparameters }
    }

    /// Every size at every value.
    pub(crate) fn points(&self, values: &[usize]) -> Vec<Point> {
        Points::of(&self.graph, &self.scaling, values).unwrap().all
    }

    /// The check as the script reads it, with a job to do.
    pub(crate) fn question(&self, job: &str, values: &[usize], seeds: u64) -> Value {
        let graph = &self.graph;
        let size = |point: &Point| -> Value {
            let named = |id| (graph.dimension(id).name.clone(), point.size(id).into());
            Value::Object(graph.dimension_ids().map(named).collect())
        };
        json!({
            "job": job,
            "optimizer": self.optimizer,
            "blocks": self.configuration.blocks,
            "seeds": seeds,
            "points": self.points(values).iter().map(size).collect::<Vec<_>>(),
        })
    }

    /// The entries of all weights at a point.
    pub(crate) fn weights(&self, point: &Point) -> usize {
        let size = |axis: &_| point.size(self.graph.dimension_of(*axis));
        let entries = |id| self.graph.parameter(id).axes.iter().map(size).product::<usize>();
        self.graph.parameter_ids().map(entries).sum()
    }

    /// The tokens of a point.
    pub(crate) fn tokens(&self, point: &Point) -> usize {
        ["batch", "context"].map(|name| point.size(self.graph.find_dimension(name).unwrap())).iter().product()
    }

    fn verification(
        &self,
        values: &[usize],
        seeds: u64,
        method: Method,
        updates: Updates,
    ) -> Verification<'_> {
        Verification {
            graph: &self.graph,
            book: &self.book,
            optimizer: self.book.optimizer(self.optimizer).unwrap(),
            scaling: &self.scaling,
            runs: Runs::at(values).seeds(seeds).simulated(Simulation {
                method,
                updates,
                ..Simulation::default()
            }),
        }
    }

    /// Makes all runs.
    pub(crate) fn take(&self, values: &[usize], method: Method, updates: Updates) -> Taken {
        Timings::take(since_start);
        let verification = self.verification(values, self.configuration.seeds, method, updates);
        let (start, before) = (Instant::now(), Timings::now());
        verification.experiment(&self.hyperparameters).run(&Finished::none(), &|_| {}).unwrap();
        let (seconds, after) = (start.elapsed().as_secs_f64(), Timings::now());
        let spent = Timings {
            operations: after.operations - before.operations,
            normals: after.normals - before.normals,
            products: after.products - before.products,
            random: after.random - before.random,
        };
        Taken { seconds, spent: Some(spent) }
    }

    /// Every magnitude at every value, the mean of logarithms over the seeds.
    pub(crate) fn magnitudes(&self, values: &[usize], seeds: u64) -> Vec<MeasuredQuantity> {
        let verification = self.verification(values, seeds, Method::Direct, Updates::Each);
        let samples = verification.experiment(&self.hyperparameters).run(&Finished::none(), &|_| {}).unwrap();
        compare(&samples, &BTreeMap::new(), &[]).quantities
    }
}

/// The time since this was asked first.
fn since_start() -> Duration {
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}

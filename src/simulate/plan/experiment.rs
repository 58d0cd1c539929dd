//! [`Experiment`]: a network, how it scales, and which sizes and seeds to run.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::checked::Plan;
use super::error::SimulateError;
use super::layout::Layout;
use super::simulation::{Manner, Precision};
use crate::graph::{Graph, Hyperparameters, Scaling};
use crate::rule::{Function, Step};
use crate::simulate::random::Source;
use crate::simulate::run::{Ended, Finished, Run, Samples, Seed, base_rates, quantities, record};

/// One network at several sizes with several seeds.
#[derive(Clone, Debug)]
pub struct Experiment<'a> {
    /// The network.
    pub graph: &'a Graph,
    /// How init, learning rates and multipliers change with the scale variable.
    pub hyperparameters: &'a Hyperparameters,
    /// How each parameter moves, in order.
    pub steps: Vec<Step>,
    /// The function of each activation, by name.
    pub functions: BTreeMap<String, Function>,
    /// How dimensions grow; one scale variable.
    pub scaling: &'a Scaling,
    /// Sizes of the first scaled dimension: increasing, at least two.
    pub values: Vec<usize>,
    /// How many seeds, from 0 on.
    pub seeds: u64,
    /// What all random numbers are derived from, together with the seed.
    pub base_seed: u64,
    /// In which way it is simulated.
    pub manner: Manner,
}

/// The most runs that an experiment may have.
const MOST_RUNS: u64 = 1_000_000;

impl Experiment<'_> {
    /// The most characters of an exponent of its hyperparameters.
    pub const LONGEST_EXPONENT: usize = 1000;

    /// Every run, in the order in which they are started.
    pub fn runs(&self) -> impl Iterator<Item = Run> + use<> {
        let seeds = self.seeds;
        (0..self.values.len())
            .flat_map(move |value| (0..seeds).map(move |seed| Run { value, seed: Seed(seed) }))
    }

    /// Makes every check, also of memory, that [`Experiment::run`] makes before the first run.
    ///
    /// # Errors
    /// What is wrong with the experiment, see [`SimulateError`].
    pub fn check(&self) -> Result<(), SimulateError> {
        self.checked().map(|_| ())
    }

    /// The runs that have not been made, in the order in which they are started.
    #[must_use]
    pub fn missing(&self, finished: &Finished) -> Vec<Run> {
        let (name, quantities) = (self.name(), quantities(self.graph, self.manner.updates).len());
        let is_missing = |run: &Run| self.known(&name, quantities, *run, finished).is_none();
        self.runs().filter(is_missing).collect()
    }

    /// Runs everything that is not in `finished`, and gives it together with what is, see [`Experiment::make`].
    ///
    /// # Errors
    /// What is wrong with the experiment, see [`SimulateError`].
    pub fn run(
        &self,
        finished: &Finished,
        ended: &(dyn Fn(Ended<'_>) + Sync),
    ) -> Result<Samples, SimulateError> {
        let (plan, _) = self.checked()?;
        let mut runs = self.make(&self.missing(finished), ended)?;
        let known = self.recorded(finished).map(|(run, magnitudes)| (run, magnitudes.to_vec()));
        runs.extend(known);
        let growth = plan.sizes.points.iter().map(|point| point.growth).collect();
        let quantities = quantities(self.graph, self.manner.updates);
        Ok(Samples { values: self.values.clone(), growth, quantities, runs })
    }

    /// Makes some of [`Experiment::runs`], given in order, and gives their magnitudes. They are spread over the threads of the
    /// current rayon pool, and started in order; each calls `ended` from its thread. Results depend neither on threads
    /// nor on which other runs are made.
    ///
    /// # Errors
    /// What is wrong with the experiment, see [`SimulateError`].
    pub fn make(
        &self,
        runs: &[Run],
        ended: &(dyn Fn(Ended<'_>) + Sync),
    ) -> Result<BTreeMap<Run, Vec<f64>>, SimulateError> {
        let (plan, bytes) = self.checked()?;
        let (name, quantities) = (self.name(), quantities(self.graph, self.manner.updates));
        let source = |seed: Seed| Source { base: self.base_seed, seed };
        let rates = |seed: &Seed| {
            let rates = match self.manner.precision {
                Precision::F32 => base_rates::<f32>(&plan, source(*seed)),
                Precision::F64 => base_rates::<f64>(&plan, source(*seed)),
            }?;
            Ok((*seed, rates))
        };
        let one = |run: &Run, rates: &[f64]| {
            let point = &plan.sizes.points[run.value];
            let magnitudes = match self.manner.precision {
                Precision::F32 => record::<f32>(&plan, point, source(run.seed), rates, &quantities),
                Precision::F64 => record::<f64>(&plan, point, source(run.seed), rates, &quantities),
            }?;
            ended(Ended { experiment: &name, size: point.value, seed: run.seed, magnitudes: &magnitudes });
            Ok((*run, magnitudes))
        };
        let (mut made, mut rest) = (BTreeMap::new(), runs);
        let mut known: BTreeMap<Seed, Vec<f64>> = BTreeMap::new();
        while !rest.is_empty() {
            let (wave, later) = rest.split_at(self.wave(rest, &bytes));
            let seeds: BTreeSet<Seed> = wave.iter().map(|run| run.seed).collect();
            known.retain(|seed, _| seeds.contains(seed));
            let new: Vec<Seed> = seeds.into_iter().filter(|seed| !known.contains_key(seed)).collect();
            known.extend(new.par_iter().map(rates).collect::<Result<Vec<_>, _>>()?);
            let next = AtomicUsize::new(0);
            // A thread that is free takes the next run, whichever part of the wave it was given.
            let taken = wave.par_iter().with_max_len(1).map(|_| {
                let run = &wave[next.fetch_add(1, Ordering::Relaxed)];
                one(run, &known[&run.seed])
            });
            made.extend(taken.collect::<Result<Vec<_>, _>>()?);
            rest = later;
        }
        Ok(made)
    }

    /// The runs that have been made, in the order in which they are started, each with its magnitudes.
    pub fn recorded<'f>(&self, finished: &'f Finished) -> impl Iterator<Item = (Run, &'f [f64])> {
        let (name, quantities) = (self.name(), quantities(self.graph, self.manner.updates).len());
        self.runs().filter_map(move |run| Some((run, self.known(&name, quantities, run, finished)?)))
    }

    /// The magnitudes of a run that has been made; those of other quantities do not count.
    fn known<'f>(
        &self,
        name: &str,
        quantities: usize,
        run: Run,
        finished: &'f Finished,
    ) -> Option<&'f [f64]> {
        let size = *self.values.get(run.value)?;
        finished.get(name, size, run.seed).filter(|magnitudes| magnitudes.len() == quantities)
    }

    /// The experiment with every constant, and the bytes of a run at each value.
    pub(crate) fn checked(&self) -> Result<(Plan<'_>, Vec<u128>), SimulateError> {
        let plan = Plan::of(self)?;
        if self.seeds == 0 {
            return Err(SimulateError::NoSeeds);
        }
        if self.seeds.saturating_mul(self.values.len() as u64) > MOST_RUNS {
            return Err(SimulateError::TooManySeeds(self.seeds));
        }
        let bytes = self.check_memory(&plan)?;
        Ok((plan, bytes))
    }

    /// The bytes of a run at each value.
    fn check_memory(&self, plan: &Plan<'_>) -> Result<Vec<u128>, SimulateError> {
        let fits = |(point, value): (_, &usize)| {
            let needed = plan.written_out(point, |plan| Layout::of(plan, point).bytes(plan, point));
            if needed > u128::from(self.manner.memory) {
                return Err(SimulateError::Memory { value: *value, needed, allowed: self.manner.memory });
            }
            Ok(needed)
        };
        plan.sizes.points.iter().zip(&self.values).map(fits).collect()
    }

    /// How many of the first runs may be started together: as many as fit in memory, since a thread that waits for a part
    /// of one run takes up another.
    fn wave(&self, runs: &[Run], bytes: &[u128]) -> usize {
        let mut held = 0_u128;
        let fits = |run: &&Run| {
            held = held.saturating_add(bytes[run.value]);
            held <= u128::from(self.manner.memory)
        };
        runs.iter().take_while(fits).count().max(1)
    }
}

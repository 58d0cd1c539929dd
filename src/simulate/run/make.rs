//! The runs of an experiment: which are missing, and how they are made, as many at once as fit in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::finished::{Ended, Finished};
use super::quantity::quantities;
use super::rates::base_rates;
use super::record::record;
use super::samples::Samples;
use crate::simulate::plan::{Experiment, Precision, Run, SimulateError};
use crate::simulate::random::{Seed, Source};

impl Experiment<'_> {
    /// The runs that have not been made, in the order in which they are started.
    #[must_use]
    pub fn missing(&self, finished: &Finished) -> Vec<Run> {
        let (name, quantities) = (self.name(), quantities(self.graph, self.runs.simulation.updates).len());
        let is_missing = |run: &Run| self.known(&name, quantities, *run, finished).is_none();
        self.runs.each().filter(is_missing).collect()
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
        let growth = plan.points.all.iter().map(|point| point.growth).collect();
        let quantities = quantities(self.graph, self.runs.simulation.updates);
        Ok(Samples { values: self.runs.values.clone(), growth, quantities, runs })
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
        let (name, quantities) = (self.name(), quantities(self.graph, self.runs.simulation.updates));
        let source = |seed: Seed| Source { base: self.runs.base_seed, seed };
        let rates = |seed: &Seed| {
            let rates = match self.runs.simulation.precision {
                Precision::F32 => base_rates::<f32>(&plan, source(*seed)),
                Precision::F64 => base_rates::<f64>(&plan, source(*seed)),
            }?;
            Ok((*seed, rates))
        };
        let one = |run: &Run, rates: &[f64]| {
            let point = &plan.points.all[run.value];
            let magnitudes = match self.runs.simulation.precision {
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
        let (name, quantities) = (self.name(), quantities(self.graph, self.runs.simulation.updates).len());
        self.runs.each().filter_map(move |run| Some((run, self.known(&name, quantities, run, finished)?)))
    }

    /// The magnitudes of a run that has been made; those of other quantities do not count.
    fn known<'f>(
        &self,
        name: &str,
        quantities: usize,
        run: Run,
        finished: &'f Finished,
    ) -> Option<&'f [f64]> {
        let size = *self.runs.values.get(run.value)?;
        finished.get(name, size, run.seed).filter(|magnitudes| magnitudes.len() == quantities)
    }

    /// How many of the first runs may be started together: as many as fit in memory, since a thread that waits for a part
    /// of one run takes up another.
    fn wave(&self, runs: &[Run], bytes: &[u128]) -> usize {
        let mut held = 0_u128;
        let fits = |run: &&Run| {
            held = held.saturating_add(bytes[run.value]);
            held <= u128::from(self.runs.simulation.memory)
        };
        runs.iter().take_while(fits).count().max(1)
    }
}

//! [`Training`]: real steps of real optimizers, at every size and seed, and what is seen of alignment on the way.
//!
//! `later` is what an optimizer remembers, `watched` what is measured, `look` how at a step, `trained` what comes out. The batch is the same at every step, so that
//! a change is one of the network. Every weight is held, entry by entry: no step is to first order here.

mod later;
mod look;
mod trained;
mod watched;

use std::collections::BTreeMap;

use rayon::prelude::*;

use self::later::Memory;
use self::look::Look;
pub use self::trained::{NEAR, Nearest, Trained};
pub use self::watched::{Term, Watched, watched};
use crate::graph::ParameterId;
use crate::rule::Later;
use crate::simulate::array::Real;
use crate::simulate::plan::{Experiment, Plan, Point, Precision, Run, Schedule, SimulateError};
use crate::simulate::random::{Seed, Source};
use crate::simulate::run::{Network, Nobody, Pass, base_rates};
use crate::simulate::weight::Split;

/// A network that is trained at several sizes with several seeds.
#[derive(Clone, Debug)]
pub struct Training<'a> {
    /// The network with its hyperparameters, sizes and seeds.
    pub experiment: Experiment<'a>,
    /// What the optimizer of each parameter does at later steps, in order.
    pub later: Vec<Later>,
    /// How many steps.
    pub steps: usize,
    /// How much the first step of each parameter moves the node that it moves most, at the base point.
    pub largest_update: f64,
}

/// Up to so many steps each is looked at.
const EACH: usize = 4;

impl Training<'_> {
    /// The steps after which is measured: each of a few; of more, powers of 2 and the last.
    #[must_use]
    pub fn looked_at(&self) -> Vec<usize> {
        if self.steps <= EACH {
            return (1..=self.steps).collect();
        }
        let powers = std::iter::successors(Some(1_usize), |step| step.checked_mul(2));
        powers.take_while(|step| *step < self.steps).chain([self.steps]).collect()
    }

    /// What a run at each size costs: about how many multiplications with an addition it makes.
    ///
    /// # Errors
    /// As [`Training::run`].
    pub fn costs(&self) -> Result<Vec<u64>, SimulateError> {
        let plan = Plan::of(&self.experiment)?;
        let cost = |point: &Point| {
            let work = plan.written_out(point, |plan| look::work(plan, point));
            work.saturating_mul(self.steps as u64)
        };
        Ok(plan.points.all.iter().map(cost).collect())
    }

    /// Trains every run; each calls `ended` with its size from its thread. Results do not depend on threads.
    ///
    /// # Errors
    /// What is wrong with the experiment, see [`SimulateError`]; and if a run does not fit in memory.
    pub fn run(&self, ended: &(dyn Fn(usize) + Sync)) -> Result<Trained, SimulateError> {
        let experiment = &self.experiment;
        let (plan, _) = experiment.checked()?;
        let watched = watched(experiment.graph);
        let mut runs = BTreeMap::new();
        for (value, point) in plan.points.all.iter().enumerate() {
            let needed = plan.written_out(point, |plan| look::bytes(plan, point));
            let allowed = experiment.runs.simulation.memory;
            if needed > u128::from(allowed) {
                return Err(SimulateError::Memory { value: point.value, needed, allowed });
            }
            let together = usize::try_from(u128::from(allowed) / needed.max(1)).unwrap_or(usize::MAX).max(1);
            let seeds: Vec<Seed> = (0..experiment.runs.seeds).map(Seed).collect();
            for wave in seeds.chunks(together) {
                let one = |seed: &Seed| {
                    let source = Source { base: experiment.runs.base_seed, seed: *seed };
                    let seen = match experiment.runs.simulation.precision {
                        Precision::F32 => self.train::<f32>(&plan, point, source, &watched),
                        Precision::F64 => self.train::<f64>(&plan, point, source, &watched),
                    }?;
                    ended(point.value);
                    Ok((Run { value, seed: *seed }, seen))
                };
                runs.extend(wave.par_iter().map(one).collect::<Result<Vec<_>, _>>()?);
            }
        }
        let growth = plan.points.all.iter().map(|point| point.growth).collect();
        let summed = look::summed(experiment.graph, &plan.points.all);
        Ok(Trained {
            values: experiment.runs.values.clone(),
            growth,
            summed,
            steps: self.looked_at(),
            watched,
            runs,
        })
    }

    /// What is seen of one run after each step that is looked at.
    fn train<R: Real>(
        &self,
        plan: &Plan<'_>,
        point: &Point,
        source: Source,
        watched: &[Watched],
    ) -> Result<Vec<Vec<f64>>, SimulateError> {
        let base_rates = base_rates::<R>(plan, source)?;
        plan.written_out(point, |plan| {
            let mut network = Network::<R>::draw_whole(plan, point, source)?;
            let schedule = Schedule::new(plan.graph, Vec::new());
            let rate =
                |id: ParameterId| self.largest_update * base_rates[plan.parameter(id).0] * plan.lr(id, point);
            let rates: Vec<f64> = plan.graph.parameter_ids().map(rate).collect();
            let later = |id: ParameterId| Memory::new(self.later[plan.parameter(id).0], network.tensor(id));
            let mut memories: Vec<Memory<R>> = plan.graph.parameter_ids().map(later).collect();
            let matrices = |id: ParameterId| plan.split(id).map(|split| split.apart());
            let splits: Vec<Option<Split>> = plan.graph.parameter_ids().map(matrices).collect();
            let mut pass = Pass::of(&network, &schedule, &mut Nobody);
            let look = Look::begin(plan, &network, &pass);
            let looked_at = self.looked_at();
            let mut seen = Vec::with_capacity(looked_at.len());
            for step in 1..=self.steps {
                let trained = plan.graph.parameter_ids().zip(&mut memories);
                for (id, memory) in trained.filter(|(id, _)| plan.graph.parameter(*id).is_trained()) {
                    let gradient = pass.gradient(&network, id);
                    let mut change = memory.step(&gradient, network.tensor(id), splits[id.0].as_ref());
                    change.scale(-rates[id.0]);
                    network.change(id, &change);
                }
                pass = Pass::of(&network, &schedule, &mut Nobody);
                if looked_at.contains(&step) {
                    let found = look.at(&network, &pass);
                    seen.push(
                        watched
                            .iter()
                            .map(|watched| found.get(watched).copied().unwrap_or(f64::NAN))
                            .collect(),
                    );
                }
            }
            Ok(seen)
        })
    }
}

//! [`Finished`]: runs that have ended and need not be made again, each named by the experiment it belongs to.

use std::collections::BTreeMap;

use crate::exact::Exponent;
use crate::graph::Op;
use crate::rule::{Function, Step};
use crate::simulate::plan::{Experiment, Method, Precision, Updates};
use crate::simulate::random::Seed;

/// A run that has ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ended<'a> {
    /// [`Experiment::name`].
    pub experiment: &'a str,
    /// The size of the first scaled dimension.
    pub size: usize,
    /// With which random numbers.
    pub seed: Seed,
    /// What was measured, in the order of [`crate::simulate::quantities`].
    pub magnitudes: &'a [f64],
}

/// Runs of any number of experiments on one network.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Finished(BTreeMap<String, Runs>);

/// The magnitudes of each run of an experiment.
type Runs = BTreeMap<(usize, Seed), Vec<f64>>;

impl Finished {
    /// No runs.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Adds a run. Of several runs of one name, the last counts: they are equal.
    pub fn add(&mut self, ended: Ended<'_>) {
        let Ended { experiment, size, seed, magnitudes } = ended;
        let runs = match self.0.get_mut(experiment) {
            Some(runs) => runs,
            None => self.0.entry(experiment.to_owned()).or_default(),
        };
        runs.insert((size, seed), magnitudes.to_vec());
    }

    /// Whether there is no run.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether another result of the same run is there: one that differs in any bit.
    #[must_use]
    pub fn contradicts(&self, ended: Ended<'_>) -> bool {
        let bits = |magnitudes: &[f64]| magnitudes.iter().map(|held| held.to_bits()).collect::<Vec<_>>();
        let known = self.get(ended.experiment, ended.size, ended.seed);
        known.is_some_and(|known| bits(known) != bits(ended.magnitudes))
    }

    /// The magnitudes of a run, if it is there.
    pub(crate) fn get(&self, experiment: &str, size: usize, seed: Seed) -> Option<&[f64]> {
        self.0.get(experiment)?.get(&(size, seed)).map(Vec::as_slice)
    }
}

impl Experiment<'_> {
    /// What tells this experiment from any other on the same network, whichever sizes and seeds it has: all that the
    /// magnitudes of a run depend on, apart from its size and seed; and from the memory, which decides whether it is computed
    /// in slices: these have other random numbers of the same law.
    #[must_use]
    pub fn name(&self) -> String {
        let Self { graph, hyperparameters, .. } = self;
        let exponents = |exponents: &[Exponent]| words(exponents.iter().map(ToString::to_string));
        let activations = graph.nodes().filter_map(|id| {
            let Op::Activation(activation) = &graph.node(id).op else { return None };
            self.functions.get_key_value(&activation.0)
        });
        let functions: BTreeMap<&String, &Function> = activations.collect();
        let functions =
            functions.iter().map(|(name, function)| format!("{name} {}", named(&Function::NAMES, function)));
        let parts = [
            self.scaling.write(graph),
            format!("from {}", self.values.first().copied().unwrap_or_default()),
            format!("steps {}", words(self.steps.iter().map(|step| named(&Step::NAMES, step).to_owned()))),
            format!("functions {}", words(functions)),
            format!("init {}", exponents(&hyperparameters.init)),
            format!("lr {}", exponents(&hyperparameters.lr)),
            format!("multiplier {}", exponents(&hyperparameters.multiplier)),
            format!("base seed {}", self.base_seed),
            named(&Precision::NAMES, &self.simulation.precision).to_owned(),
            format!("method {}", named(&Method::NAMES, &self.simulation.method)),
            format!("updates {}", named(&Updates::NAMES, &self.simulation.updates)),
        ];
        parts.join("; ")
    }
}

fn words(words: impl Iterator<Item = String>) -> String {
    words.collect::<Vec<_>>().join(" ")
}

/// The name of one of a closed set.
fn named<T: PartialEq>(names: &[(&'static str, T)], wanted: &T) -> &'static str {
    names.iter().find(|(_, known)| known == wanted).map_or("", |(name, _)| name)
}

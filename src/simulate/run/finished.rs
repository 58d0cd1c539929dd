//! [`Finished`]: runs that have ended and need not be made again, each named by the experiment it belongs to.

use std::collections::BTreeMap;

use crate::exact::Exponent;
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
pub struct Finished(BTreeMap<String, Recorded>);

/// The magnitudes of each run of an experiment.
type Recorded = BTreeMap<(usize, Seed), Vec<f64>>;

impl Finished {
    /// No runs.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Adds a run. Of several runs of one name, the last counts: they are equal.
    pub fn add(&mut self, ended: Ended<'_>) {
        let Ended { experiment, size, seed, magnitudes } = ended;
        let recorded = match self.0.get_mut(experiment) {
            Some(recorded) => recorded,
            None => self.0.entry(experiment.to_owned()).or_default(),
        };
        recorded.insert((size, seed), magnitudes.to_vec());
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
        let activations =
            graph.nodes().filter_map(|id| self.functions.get_key_value(graph.node(id).op.activation()?));
        let functions: BTreeMap<&String, &Function> = activations.collect();
        let functions =
            functions.iter().map(|(name, function)| format!("{name} {}", named(&Function::NAMES, function)));
        let parts = [
            self.scaling.write(graph),
            format!("from {}", self.runs.values.first().copied().unwrap_or_default()),
            format!("steps {}", words(self.steps.iter().map(|step| named(&Step::NAMES, step).to_owned()))),
            format!("functions {}", words(functions)),
            format!("init {}", exponents(&hyperparameters.init)),
            format!("lr {}", exponents(&hyperparameters.lr)),
            format!("multiplier {}", exponents(&hyperparameters.multiplier)),
            format!("base seed {}", self.runs.base_seed),
            named(&Precision::NAMES, &self.runs.simulation.precision).to_owned(),
            format!("method {}", named(&Method::NAMES, &self.runs.simulation.method)),
            format!("updates {}", named(&Updates::NAMES, &self.runs.simulation.updates)),
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

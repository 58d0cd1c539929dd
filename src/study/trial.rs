//! [`Trial`]: prediction against simulation on random hyperparameters, far from any that keep training stable.
//!
//! Rules that only hold where everything is of order 1 could agree with derived tables by accident; at random
//! exponents every term of every rule counts.

use std::sync::Arc;

use rand::seq::IndexedRandom;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use thiserror::Error;

use crate::derive::{DeriveError, predict};
use crate::exact::Exponent;
use crate::graph::{
    DimensionId, Graph, Hyperparameters, Kind, Quantity, QuantityKind, Role, Scaling, Shortcut,
};
use crate::propagate::{Growth, Prediction, propagate};
use crate::rule::{Optimizer, RuleBook};
use crate::simulate::{
    Crossover, Ended, Experiment, Finished, Ladder, Measurement, Precision, Runs, Samples, SimulateError,
    SlopeVerdict, compare,
};
use crate::study::verify::{Verification, VerifyError, quantities};

/// What is tried: every dimension alone, each at several random hyperparameters.
#[derive(Clone, Debug)]
pub struct Trial<'a> {
    /// The network.
    pub graph: &'a Arc<Graph>,
    /// The same with one layer in each repeat, where dimensions other than numbers of layers are scaled: what comes to a layer
    /// from the one before it is another power of the size, and the sum over layers crosses over late.
    pub single: &'a Arc<Graph>,
    /// The rules.
    pub book: &'a RuleBook,
    /// The optimizer of every parameter.
    pub optimizer: &'a Optimizer,
    /// The dimensions, scaled one at a time.
    pub dimensions: Vec<DimensionId>,
    /// How many random hyperparameters for each dimension.
    pub cases: usize,
    /// At which sizes, with which seeds and how each case is simulated; the random exponents are derived from the base seed too.
    ///
    /// Where no sizes of the scaled dimension are named: a quarter of the largest number of features of a node at the sizes of
    /// the file, times 1, 4, 16, 64, 256, 1024: what is large must be large compared with everything else, and powers that
    /// differ by 1/2 must come apart. For layers those of [`Ladder`]. The largest are left out where a run would need more than
    /// 4 GiB, whatever the machine has.
    ///
    /// Where a slope disagrees, four times as many seeds tell whether that was chance; where a predicted magnitude leaves the range
    /// of single precision, it is simulated in double precision.
    pub runs: Runs,
}

/// One dimension scaled at one choice of hyperparameters.
#[derive(Clone, Debug)]
pub struct Case {
    /// The dimension.
    pub dimension: DimensionId,
    /// The random exponents.
    pub hyperparameters: Hyperparameters,
    /// How many seeds it was simulated with.
    pub seeds: u64,
    /// What was measured, beside what was predicted.
    pub measurement: Measurement,
    /// What of the prediction is an approximation.
    pub notes: Vec<String>,
}

/// A case before it is measured.
struct Drawn {
    dimension: DimensionId,
    hyperparameters: Hyperparameters,
    /// What its simulations are derived from.
    base_seed: u64,
}

/// Why a trial could not be made.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TrialError {
    /// A case cannot be predicted or simulated.
    #[error(transparent)]
    Verify(VerifyError),
    /// Almost all random exponents make a signal explode.
    #[error("with `{dimension}` scaled, almost all random exponents make a signal explode")]
    Explosive {
        /// The scaled dimension.
        dimension: String,
    },
}

impl TrialError {
    /// What to do.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Verify(error) => error.hint(),
            Self::Explosive { .. } => "try other dimensions, with `--scale`".into(),
        }
    }
}

impl From<DeriveError> for TrialError {
    fn from(error: DeriveError) -> Self {
        Self::Verify(error.into())
    }
}

impl From<SimulateError> for TrialError {
    fn from(error: SimulateError) -> Self {
        Self::Verify(error.into())
    }
}

/// Bytes that a run at sizes nobody named may need: what the machine has must not decide what is measured.
const MOST_BYTES: u64 = 4 << 30;

/// Sizes that are kept whatever they need: a power and what it competes with cannot be told from fewer.
const FEWEST_VALUES: usize = 3;

/// So many times the seeds are simulated where a slope disagrees: a trial compares so many quantities that a few are further off
/// by chance than a confidence interval allows.
const SURER: u64 = 4;

/// Draws refused in a row before a trial gives up.
const MOST_REFUSED: usize = 100_000;

impl Trial<'_> {
    /// The dimensions that a trial scales: those of features, but for the sizes of outputs, and the layers of residual
    /// repeats. At the output the error contains the output itself, which is not independent of the last weight; a chain
    /// must be much wider than deep.
    #[must_use]
    pub fn dimensions(graph: &Graph) -> Vec<DimensionId> {
        let of_output = |id: &DimensionId| {
            graph
                .outputs()
                .any(|output| graph.node(output).axes.iter().any(|axis| graph.dimension_of(*axis) == *id))
        };
        let residual = |id: DimensionId| {
            let mut of_id = graph.repeats.iter().filter(|repeat| repeat.dimension == id).peekable();
            of_id.peek().is_some() && of_id.all(|repeat| repeat.shortcut == Shortcut::Residual)
        };
        let scaled = |id: &DimensionId| match graph.dimension(*id).kind {
            Kind::Feature => true,
            Kind::Sample => false,
            Kind::Depth => residual(*id),
        };
        graph.dimension_ids().filter(scaled).filter(|id| !of_output(id)).collect()
    }

    /// Makes the trial; `made` is told each case as it ends. Runs that are in `finished` are not made again; `ended`
    /// is called whenever another run has ended, from the thread that ran it. Nothing is simulated unless everything
    /// can be.
    pub fn run(
        &self,
        finished: &Finished,
        ended: &(dyn Fn(Ended<'_>) + Sync),
        mut made: impl FnMut(&Case),
    ) -> Result<(), TrialError> {
        let cases = self.draw_all()?;
        for case in &cases {
            let scaling = Scaling::alone(case.dimension);
            self.verification(case, &scaling)?.experiment(&case.hyperparameters).check()?;
        }
        for case in cases {
            let scaling = Scaling::alone(case.dimension);
            let verification = self.verification(&case, &scaling)?;
            // A sum over parameters hides the small ones: each parameter's own response is compared (theory, section 11).
            let prediction = verification.predict(&case.hyperparameters)?;
            let mut predicted = quantities(&prediction);
            predicted.retain(|quantity, _| !quantity.is_total() && quantity.kind() != QuantityKind::Angle);
            let mut experiment = verification.experiment(&case.hyperparameters);
            let mut samples = experiment.run(finished, ended)?;
            let mut measurement = compare(&samples, &predicted, &experiment.graph.of_role(Role::Logits));
            let runs = experiment.runs.clone().seeds(self.runs.seeds.saturating_mul(SURER));
            let surer = Experiment { runs, ..experiment.clone() };
            if is_doubtful(&measurement) && surer.check().is_ok() {
                let known = joined(finished, &experiment.name(), &samples);
                experiment = surer;
                samples = experiment.run(&known, ended)?;
                measurement = compare(&samples, &predicted, &experiment.graph.of_role(Role::Logits));
            }
            let (seeds, notes) = (experiment.runs.seeds, prediction.notes);
            let Drawn { dimension, ref hyperparameters, .. } = case;
            made(&Case { dimension, hyperparameters: hyperparameters.clone(), seeds, measurement, notes });
        }
        Ok(())
    }

    /// The cases of every dimension. Exponents are drawn from {0, -1/2, -1} for inits and multipliers and
    /// {1/2, 0, -1/2, -1} for learning rates; a draw that saturates a node or makes a forward magnitude grow is drawn
    /// again.
    fn draw_all(&self) -> Result<Vec<Drawn>, TrialError> {
        let mut cases = Vec::new();
        for dimension in &self.dimensions {
            let scaling = Scaling::alone(*dimension);
            let graph = self.graph_of(*dimension);
            let propagation = propagate(graph, self.book, self.optimizer, Growth::along(scaling.along(0)))
                .map_err(DeriveError::Propagate)?;
            let mut random = ChaCha8Rng::seed_from_u64(self.runs.base_seed);
            random.set_stream(dimension.0 as u64);
            for _ in 0..self.cases {
                let mut tame = None;
                for drawn in (0..MOST_REFUSED).map(|_| draw(graph, &mut random)) {
                    if is_tame(&predict(&propagation, std::slice::from_ref(&drawn))?) {
                        tame = Some(drawn);
                        break;
                    }
                }
                let Some(hyperparameters) = tame else {
                    let dimension = graph.dimension(*dimension).name.clone();
                    return Err(TrialError::Explosive { dimension });
                };
                cases.push(Drawn { dimension: *dimension, hyperparameters, base_seed: random.random() });
            }
        }
        Ok(cases)
    }

    fn verification<'v>(
        &'v self,
        case: &Drawn,
        scaling: &'v Scaling,
    ) -> Result<Verification<'v>, DeriveError> {
        let graph = self.graph_of(case.dimension);
        let mut runs = self.runs.clone().base_seed(case.base_seed);
        let usual = runs.values.is_empty();
        if usual {
            runs.values = usual_values(graph, scaling);
        }
        let mut verification =
            Verification { graph, book: self.book, optimizer: self.optimizer, scaling, runs };
        let ends = verification.runs.values.first().zip(verification.runs.values.last());
        let growth = ends.and_then(|(first, last)| last.checked_div(*first)).unwrap_or(1);
        let prediction = verification.predict(&case.hyperparameters)?;
        if quantities(&prediction).values().any(|predicted| !is_single(&predicted.exponent, growth)) {
            verification.runs.simulation.precision = Precision::F64;
        }
        if usual {
            verification.runs.simulation.memory = MOST_BYTES;
            while verification.runs.values.len() > FEWEST_VALUES
                && !fits(&verification, &case.hyperparameters)
            {
                verification.runs.values.pop();
            }
            verification.runs.simulation.memory = self.runs.simulation.memory;
        }
        Ok(verification)
    }

    /// The network that a dimension is scaled in.
    #[must_use]
    pub fn graph_of(&self, dimension: DimensionId) -> &Arc<Graph> {
        match self.graph.dimension(dimension).kind {
            Kind::Depth => self.graph,
            Kind::Feature | Kind::Sample => self.single,
        }
    }
}

/// Sizes of the scaled dimension where nobody names them, see [`Trial::runs`].
fn usual_values(graph: &Graph, scaling: &Scaling) -> Vec<usize> {
    if scaling.powers.iter().any(|(id, ..)| graph.dimension(*id).kind == Kind::Depth) {
        return Ladder::default().values(graph, scaling);
    }
    let features = |node| {
        let axes = graph.node(node).axes.iter().filter(|axis| graph.kind_of(**axis) == Kind::Feature);
        axes.map(|axis| graph.dimension(graph.dimension_of(*axis)).size).fold(1, usize::saturating_mul)
    };
    let largest = graph.nodes().map(features).max().unwrap_or(1);
    [1, 4, 16, 64, 256, 1024].map(|times| largest.div_ceil(4).saturating_mul(times)).to_vec()
}

/// Whether the power of a growth stays far within the range of single precision, from 2^-126 to 2^127.
fn is_single(exponent: &Exponent, growth: usize) -> bool {
    let doublings = i64::from(growth.checked_ilog2().unwrap_or(0)) + 1;
    let power = exponent * &Exponent::integer(doublings);
    let most = Exponent::integer(80);
    power <= most && -&power <= most
}

/// Whether any slope is not what was predicted, or may be only because seeds are few.
fn is_doubtful(measurement: &Measurement) -> bool {
    measurement.quantities.iter().any(|measured| {
        measured.verdict == Some(SlopeVerdict::Disagrees) || measured.crossover == Some(Crossover::Seeds)
    })
}

/// The runs that have ended before, with those of one experiment.
fn joined(finished: &Finished, experiment: &str, samples: &Samples) -> Finished {
    let mut all = finished.clone();
    for (run, magnitudes) in &samples.runs {
        let size = samples.values[run.value];
        all.add(Ended { experiment, size, seed: run.seed, magnitudes });
    }
    all
}

/// Whether a run at the largest size fits in memory.
fn fits(verification: &Verification<'_>, hyperparameters: &Hyperparameters) -> bool {
    !matches!(verification.experiment(hyperparameters).check(), Err(SimulateError::Memory { .. }))
}

/// Random exponents.
fn draw(graph: &Graph, random: &mut impl Rng) -> Hyperparameters {
    let [inits, rates] = [["0", "-1/2", "-1"].as_slice(), &["1/2", "0", "-1/2", "-1"]];
    let mut pick = |from: &[&str]| -> Exponent {
        from.choose(random).and_then(|text| text.parse().ok()).unwrap_or_default()
    };
    let parameters = &graph.parameters;
    let init =
        parameters.iter().map(|parameter| if parameter.has_init() { pick(inits) } else { Exponent::ZERO });
    let init = init.collect();
    let lr = parameters.iter().map(|_| pick(rates)).collect();
    let multiplier = graph.multipliers.iter().map(|_| pick(inits)).collect();
    Hyperparameters { init, lr, multiplier }
}

/// Exponents end nowhere and no forward magnitude grows.
fn is_tame(prediction: &Prediction) -> bool {
    let grows = |quantity: Quantity| {
        quantity.kind() == QuantityKind::Forward && prediction.of(quantity).is_some_and(Exponent::is_positive)
    };
    prediction.saturated.is_empty() && !prediction.quantities().any(grows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::architecture::Architecture;
    use crate::simulate::Simulation;

    /// The sizes and the precision at which the width of the MLP is scaled, with a batch and an exponent of all inits.
    fn planned(batch: usize, init: &str) -> (Vec<usize>, Precision) {
        let book = RuleBook::embedded().unwrap();
        let text = &book.architecture("mlp").unwrap().text;
        let mut graph = Arc::unwrap_or_clone(Architecture::parse(text, &book.activations()).unwrap().graph);
        let samples = graph.find_dimension("batch").unwrap();
        graph.dimensions[samples.0].size = batch;
        let (graph, single) = (&Arc::new(graph.clone()), &graph.unrolled(|_| 1).graph);
        let dimension = graph.find_dimension("width").unwrap();
        let trial = Trial {
            graph,
            single,
            book: &book,
            optimizer: book.optimizer("sgd").unwrap(),
            dimensions: vec![dimension],
            cases: 1,
            runs: Runs::default().seeds(1).simulated(Simulation { memory: 1, ..Simulation::default() }),
        };
        let mut hyperparameters = Hyperparameters::constant(trial.graph_of(dimension));
        hyperparameters.init.fill(init.parse().unwrap());
        let scaling = Scaling::alone(dimension);
        let verification = trial.verification(&Drawn { dimension, hyperparameters, base_seed: 0 }, &scaling);
        let verification = verification.unwrap();
        assert_eq!(verification.runs.simulation.memory, 1);
        (verification.runs.values, verification.runs.simulation.precision)
    }

    #[test]
    fn sizes_nobody_named_fit_in_memory_that_does_not_depend_on_the_machine() {
        assert_eq!(planned(32, "0").0, [16, 64, 256, 1024, 4096, 16384]);
        assert_eq!(planned(2048, "0").0, [16, 64, 256, 1024, 4096]);
        assert_eq!(planned(1 << 30, "0").0, [16, 64, 256]);
    }

    #[test]
    fn what_leaves_the_range_of_single_precision_is_simulated_in_double() {
        assert_eq!(planned(32, "-1/2").1, Precision::F32);
        assert_eq!(planned(32, "-6").1, Precision::F64);
    }
}

//! [`Measuring`]: an experiment with everything that its answer tells beside what is measured.

use std::collections::BTreeMap;

use crate::cli::Reply;
use crate::cli::args::options::derive_failed;
use crate::cli::io::output;
use crate::cli::io::stream::{MeasuredFormatOption, Stream};
use crate::document::Diagnostics;
use crate::graph::{Quantity, Role};
use crate::propagate::Prediction;
use crate::report::answer::lines;
use crate::report::answer::measurement::Measured;
use crate::simulate::{
    Experiment, Finished, MeasuredQuantity, Measurement, Precision, PredictedSlope, Runs, Samples,
    SlopeVerdict, Small, compare,
};
use crate::study::Summary;
use crate::study::choice::Choice;
use crate::study::verify::{Verification, quantities};

/// A measurement that is asked for.
pub(crate) struct Measuring<'a> {
    verification: &'a Verification<'a>,
    choice: &'a Choice,
    prediction: Prediction,
}

impl<'a> Measuring<'a> {
    /// What is to be verified, where, with what is predicted there.
    pub(crate) fn of(verification: &'a Verification<'a>, choice: &'a Choice) -> Result<Self, Diagnostics> {
        let prediction =
            verification.predict(&choice.hyperparameters).map_err(|error| derive_failed(&error))?;
        Ok(Self { verification, choice, prediction })
    }

    /// What is to be simulated.
    pub(crate) fn experiment(&self) -> Experiment<'a> {
        self.verification.experiment(&self.choice.hyperparameters)
    }

    /// Begins an answer that is told run by run, if the format is one, with the runs that have been made.
    pub(crate) fn begin(
        &self,
        finished: &Finished,
        format: &MeasuredFormatOption,
    ) -> Result<Option<Stream>, Diagnostics> {
        if format.whole().is_some() {
            return Ok(None);
        }
        let nothing = Measurement { values: self.verification.runs.values.clone(), quantities: Vec::new() };
        output::print(&lines::begin(&self.measured(&self.verification.runs, &nothing, &[])))?;
        Ok(Some(Stream::begin(&self.experiment(), finished)))
    }

    /// What is predicted of what is simulated.
    pub(crate) fn predicted(&self) -> BTreeMap<Quantity, PredictedSlope> {
        quantities(&self.prediction)
    }

    /// Tells what was measured: all of it, or what is not told run by run. The experiment is the one that was made, with a
    /// note on how far it came.
    pub(crate) fn answer(
        &self,
        experiment: &Experiment<'_>,
        samples: &Samples,
        note: Option<String>,
        format: &MeasuredFormatOption,
    ) -> Result<Reply, Diagnostics> {
        let measurement = compare(samples, &self.predicted(), &experiment.graph.of_role(Role::Logits));
        let summary = Summary::of(&measurement);
        let mut notes: Vec<String> = self.prediction.notes.iter().cloned().chain(note).collect();
        if summary.crossover + summary.disagrees > 0 {
            notes.extend(smallness(experiment));
        }
        notes.extend(underflow(experiment, &measurement));
        let measured = self.measured(&experiment.runs, &measurement, &notes);
        format.print(&measured, || lines::end(&measured))?;
        Ok(Reply::when(summary.disagrees == 0 && self.prediction.saturated.is_empty()))
    }

    fn measured<'m>(
        &'m self,
        runs: &'m Runs,
        measurement: &'m Measurement,
        notes: &'m [String],
    ) -> Measured<'m> {
        let Self { verification, choice, prediction } = self;
        Measured {
            graph: verification.graph,
            scaling: verification.scaling,
            choice,
            runs,
            prediction,
            measurement,
            notes,
        }
    }
}

/// That what disagrees since it vanishes may only be too small for the precision.
fn underflow(experiment: &Experiment<'_>, measurement: &Measurement) -> Option<String> {
    let vanishes = |measured: &MeasuredQuantity| {
        measured.verdict == Some(SlopeVerdict::Disagrees) && measured.magnitudes.contains(&0.0)
    };
    let is_single = experiment.runs.simulation.precision == Precision::F32;
    (is_single && measurement.quantities.iter().any(vanishes)).then(|| {
        "a magnitude is zero: in single precision everything below 1e-38 is; `--precision f64` holds smaller ones".into()
    })
}

/// That the sizes are too small to tell, if they are, and larger ones that can be simulated.
fn smallness(experiment: &Experiment<'_>) -> Vec<String> {
    let Experiment { graph, scaling, runs, .. } = experiment;
    let Some(small) = Small::of(graph, scaling, &runs.values) else { return Vec::new() };
    let fits = |values: &Vec<usize>| {
        let runs = Runs { values: values.clone(), ..runs.clone() };
        Experiment { runs, ..experiment.clone() }.check().is_ok()
    };
    let larger = Small::mended(graph, scaling).filter(fits);
    let larger = larger.map(|values| {
        let values: Vec<String> = values.iter().map(ToString::to_string).collect();
        format!("try `--values {}`", values.join(","))
    });
    [small.to_string()].into_iter().chain(larger).collect()
}

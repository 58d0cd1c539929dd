//! [`compared`]: a training held against the exponents that are predicted of each of its steps.

use std::collections::BTreeMap;

use crate::graph::{Graph, Quantity, Role};
use crate::propagate::Trajectory;
use crate::simulate::{Measurement, PredictedSlope, Trained, compare};

/// Steps that are predicted of a training: what further ones do only repeats, where it settles.
pub const PREDICTED: usize = 5;

/// A training beside its prediction.
#[derive(Clone, Debug)]
pub struct SteppedMeasurement {
    /// Every quantity after every step that was looked at.
    pub measurement: Measurement,
    /// What is predicted to be zero, and is not.
    pub awake: Vec<Quantity>,
}

/// What was seen of a training, beside what is predicted of every step.
#[must_use]
pub fn compared(graph: &Graph, trained: &Trained, trajectory: &Trajectory) -> SteppedMeasurement {
    let samples = trained.samples();
    let slope = |quantity: Quantity| {
        let summands = trajectory.summands(trajectory.known(quantity)?);
        let exponent = summands.first()?.clone();
        Some((quantity, PredictedSlope { exponent, summands: summands.to_vec() }))
    };
    let predicted: BTreeMap<Quantity, PredictedSlope> =
        samples.quantities.iter().filter_map(|quantity| slope(*quantity)).collect();
    let measurement = compare(&samples, &predicted, &graph.of_role(Role::Logits));
    let is_zero =
        |quantity: &Quantity| trajectory.known(*quantity).is_some_and(|known| trajectory.of(known).is_none());
    let awake = measurement.quantities.iter().filter(|measured| is_zero(&measured.quantity));
    let awake = awake.filter(|measured| measured.magnitudes.iter().any(|magnitude| *magnitude > 0.0));
    let awake = awake.map(|measured| measured.quantity).collect();
    SteppedMeasurement { measurement, awake }
}

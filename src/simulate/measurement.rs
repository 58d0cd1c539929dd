//! [`Measurement`]: measured magnitudes against size, beside what was predicted.

use crate::exponent::Exponent;
use crate::graph::{NodeId, ParameterId};

/// Every quantity of theory section 1 at every size.
#[derive(Clone, Debug, PartialEq)]
pub struct Measurement {
    /// Sizes of the first scaled dimension, increasing.
    pub values: Vec<usize>,
    /// What was measured, in a fixed order.
    pub quantities: Vec<MeasuredQuantity>,
}

/// Which quantity is meant, with its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quantity {
    /// rms of the node.
    Forward(NodeId),
    /// rms of the derivative of the loss by the node.
    Backward(NodeId),
    /// rms of the first-order response of the node to the step of one parameter.
    UpdateBy(ParameterId, NodeId),
    /// rms of the first-order response of the node to the step of all parameters.
    Update(NodeId),
    /// rms of the gradient of the parameter.
    Gradient(ParameterId),
    /// Loss decrease caused by the parameter.
    Contribution(ParameterId),
    /// Cosine of the angle at a cut node (theory, section 8).
    Angle(NodeId),
}

/// One quantity over the sizes.
#[derive(Clone, Debug, PartialEq)]
pub struct MeasuredQuantity {
    /// Which.
    pub quantity: Quantity,
    /// Geometric mean over seeds, one for each size; 0 where it vanishes.
    pub magnitudes: Vec<f64>,
    /// Least-squares slope of log magnitude on log size over the largest sizes; NaN if not defined.
    pub slope: f64,
    /// Standard error of the slope over seeds.
    pub stderr: f64,
    /// The predicted exponent; nothing if none was asked for or the prediction does not reach the quantity.
    pub predicted: Option<Exponent>,
    /// Whether both agree; nothing without a prediction.
    pub verdict: Option<Verdict>,
}

/// What a comparison of slope and exponent says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// They are equal within the tolerance.
    Agrees,
    /// The local slope still drifts towards the prediction: the sizes are too small to tell.
    Crossover,
    /// They differ.
    Disagrees,
}

//! [`Measurement`]: measured magnitudes against size, beside what was predicted.

use super::cause::Cause;
use super::crossover::Crossover;
use super::verdict::SlopeVerdict;
use crate::exact::Exponent;
use crate::graph::Quantity;

/// Every quantity of theory section 1 at every size.
#[derive(Clone, Debug, PartialEq)]
pub struct Measurement {
    /// Sizes of the first scaled dimension, increasing.
    pub values: Vec<usize>,
    /// What was measured, in a fixed order.
    pub quantities: Vec<MeasuredQuantity>,
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
    /// The 95% confidence interval of the slope, lower end first; nothing where one seed or an undefined slope does not
    /// tell.
    pub interval: Option<[f64; 2]>,
    /// The predicted exponent; nothing if none was asked for or the prediction does not reach the quantity.
    pub predicted: Option<Exponent>,
    /// Whether both agree; nothing without a prediction.
    pub verdict: Option<SlopeVerdict>,
    /// Why there is a crossover, where there is one.
    pub crossover: Option<Crossover>,
    /// What a disagreement most likely comes from, where there is one.
    pub cause: Option<Cause>,
}

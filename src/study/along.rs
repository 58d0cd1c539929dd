//! [`Along`]: a question that is measured, along one way of growing; and [`Slopes`], what came out.
#![allow(clippy::disallowed_types, reason = "measured slopes are floating-point numbers")]

use std::sync::Arc;

use thiserror::Error;

use super::Summary;
use super::verify::{Verification, VerifyError};
use crate::exact::Exponent;
use crate::graph::{Graph, Hyperparameters, Ray, RayError};
use crate::propagate::{Question, Table};
use crate::simulate::{Finished, Ladder, Measurement, Runs, SlopeVerdict};

/// A question that is measured along one way of growing: one scale variable grows, or all do like powers of one.
///
/// ```
/// use fscale::{Network, Runs};
///
/// let question = Network::builtin("mlp")?.scale("width=n,d_in=m")?;
/// let runs = Runs::at([16, 32, 64]).seeds(2);
/// assert!(question.along("n").measure(runs.clone())?.agrees());
/// assert!(question.along("m=n^2").measure(runs.clone())?.agrees());
/// assert!(question.along("l").measure(runs).is_err()); // there is no such variable
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Along<'q> {
    question: &'q Question,
    ray: Result<Ray, RayError>,
    at: Option<Result<Vec<Hyperparameters>, MeasureError>>,
}

/// Slopes slopes beside predicted exponents.
///
/// ```
/// use fscale::{Network, Runs};
///
/// let question = Network::builtin("mlp")?.scale("width")?;
/// let slopes = question.along("n").measure(Runs::at([16, 32, 64]).seeds(2))?;
/// let trend = slopes.trends().find(|trend| trend.quantity == "forward(h1)").unwrap();
/// assert_eq!(trend.predicted.unwrap().to_string(), "0");
/// assert!(trend.slope.abs() < 0.2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Slopes {
    graph: Arc<Graph>,
    measurement: Measurement,
}

/// How one quantity grows.
///
/// ```
/// use fscale::{Network, Runs};
///
/// let question = Network::builtin("mlp")?.scale("width")?;
/// for trend in question.along("n").measure(Runs::at([16, 32, 64]).seeds(2))?.trends().take(3) {
///     println!("{}: {:.2} ± {:.2}", trend.quantity, trend.slope, trend.stderr);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Trend<'m> {
    /// Which, as the theory writes it: `forward(q)`, `update(W_Q, q)`.
    pub quantity: String,
    /// Least-squares slope of log magnitude on log size over the largest sizes; NaN if not defined.
    pub slope: f64,
    /// Its standard error over seeds.
    pub stderr: f64,
    /// The predicted exponent, if the prediction reaches the quantity.
    pub predicted: Option<&'m Exponent>,
    /// Whether both agree; nothing without a prediction.
    pub verdict: Option<SlopeVerdict>,
}

/// Why a question cannot be measured.
///
/// ```
/// use fscale::{MeasureError, Network, Runs};
///
/// let question = Network::builtin("transformer")?.scale("d_v")?;
/// let wrong = question.along("n").measure(Runs::default()).unwrap_err();
/// assert!(matches!(wrong, MeasureError::Infeasible(_)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MeasureError {
    /// There is no such way of growing.
    #[error(transparent)]
    Ray(#[from] RayError),
    /// There is no table to measure at.
    #[error(transparent)]
    Infeasible(#[from] crate::derive::Infeasible),
    /// The table is of another network, or of other scale variables.
    #[error("the table is of another network or of other scale variables")]
    OtherTable,
    /// It cannot be predicted or simulated.
    #[error(transparent)]
    Verify(#[from] VerifyError),
}

impl Question {
    /// The question as it is measured along one way of growing: `n` grows and other scale variables are fixed, or `n=m^2`.
    #[must_use]
    pub fn along(&self, way: &str) -> Along<'_> {
        Along { question: self, ray: Ray::parse(way, &self.scaling), at: None }
    }
}

impl Along<'_> {
    /// At the hyperparameters of a table of this network in these scale variables, instead of those that are derived.
    ///
    /// ```
    /// use fscale::{MeasureError, Network, Runs};
    ///
    /// let other = Network::builtin("transformer")?.scale("d_k")?.derive()?;
    /// let question = Network::builtin("mlp")?.scale("width")?;
    /// let wrong = question.along("n").at(other.table()?).measure(Runs::default()).unwrap_err();
    /// assert_eq!(wrong, MeasureError::OtherTable);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn at(self, table: &Table) -> Self {
        let Question { graph, scaling, .. } = self.question;
        let is_own = table.variables == scaling.variables
            && table.parameters.len() == graph.parameters.len()
            && table.multipliers.len() == graph.multipliers.len();
        let at = if is_own { Ok(table.hyperparameters()) } else { Err(MeasureError::OtherTable) };
        Self { at: Some(at), ..self }
    }

    /// Simulates the network at increasing sizes. Where `runs` name none, those are few, so that a
    /// trend is seen in seconds; `fscale measure` goes further.
    ///
    /// # Errors
    /// If there is no such way of growing, no table or another network's, or the network cannot be simulated at these sizes.
    pub fn measure(self, runs: Runs) -> Result<Slopes, MeasureError> {
        let Self { question, ray, at } = self;
        let ray = ray?;
        let hyperparameters = match at {
            Some(at) => at?,
            None => {
                let answer = question.derive().map_err(VerifyError::from)?;
                answer.table()?.hyperparameters()
            }
        };
        let Question { graph, book, optimizer, .. } = question;
        let verification = Verification {
            graph,
            book,
            optimizer,
            scaling: &ray.scaling,
            runs: runs.or_on(&Ladder::SHORT, graph, &ray.scaling),
        };
        let measurement = verification.measure(&ray.of(&hyperparameters), &Finished::none(), &|_| {})?;
        Ok(Slopes { graph: Arc::clone(graph), measurement })
    }
}

impl Slopes {
    /// Whether no slope differs from its exponent, but where it is known why it is not there yet.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.summary().disagrees == 0
    }

    /// How many slopes agree with the prediction.
    #[must_use]
    pub fn summary(&self) -> Summary {
        Summary::of(&self.measurement)
    }

    /// Every quantity with its slope, in the order of the network.
    pub fn trends(&self) -> impl Iterator<Item = Trend<'_>> {
        self.measurement.quantities.iter().map(|measured| Trend {
            quantity: measured.quantity.write(&self.graph),
            slope: measured.slope,
            stderr: measured.stderr,
            predicted: measured.predicted.as_ref(),
            verdict: measured.verdict,
        })
    }
}

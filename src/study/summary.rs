//! [`Summary`]: how many of the quantities of a measurement agree.

use std::iter::Sum;

use crate::simulate::{Measurement, SlopeVerdict};

/// How many quantities got which verdict.
///
/// ```
/// use fscale::{Network, Runs};
///
/// let question = Network::builtin("mlp")?.scale("width")?;
/// let summary = question.along("n").measure(Runs::at([16, 32, 64]).seeds(2))?.summary();
/// assert_eq!(summary.disagrees, 0);
/// assert!(summary.compared() > 20);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Slope and exponent are equal within the tolerance.
    pub agrees: usize,
    /// The slope is not yet the exponent, and it is known why.
    pub crossover: usize,
    /// They differ.
    pub disagrees: usize,
    /// Nothing was predicted.
    pub unpredicted: usize,
}

impl Summary {
    /// The verdicts of a measurement, counted.
    #[must_use]
    pub fn of(measurement: &Measurement) -> Self {
        let mut summary = Self::default();
        for quantity in &measurement.quantities {
            *match quantity.verdict {
                Some(SlopeVerdict::Agrees) => &mut summary.agrees,
                Some(SlopeVerdict::Crossover) => &mut summary.crossover,
                Some(SlopeVerdict::Disagrees) => &mut summary.disagrees,
                None => &mut summary.unpredicted,
            } += 1;
        }
        summary
    }

    /// How many quantities were compared with a prediction.
    #[must_use]
    pub fn compared(&self) -> usize {
        self.agrees + self.crossover + self.disagrees
    }
}

impl Sum for Summary {
    fn sum<I: Iterator<Item = Self>>(summaries: I) -> Self {
        summaries.fold(Self::default(), |sum, of| Self {
            agrees: sum.agrees + of.agrees,
            crossover: sum.crossover + of.crossover,
            disagrees: sum.disagrees + of.disagrees,
            unpredicted: sum.unpredicted + of.unpredicted,
        })
    }
}

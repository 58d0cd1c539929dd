//! [`SizeRange`]: sizes that people use, over which quantities grow by powers that are not yet their exponents.

use std::collections::BTreeMap;

use thiserror::Error;

use crate::graph::{Graph, Quantity, Scaling};
use crate::simulate::{Experiment, LocalPower, PredictedSlope, Samples, local_powers};

/// From which size to which, of the first scaled dimension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SizeRange {
    /// The name of the dimension.
    pub dimension: String,
    /// The smallest size and the largest.
    pub sizes: [usize; 2],
}

/// Why a range of sizes cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SizeRangeError {
    /// It is not of the form `d_ff=256..4096`.
    #[error("`{found}` is not a range of sizes: whole numbers, like {example}")]
    Form {
        /// What it is.
        found: String,
        /// What it could be.
        example: String,
    },
    /// It does not grow.
    #[error("a range of sizes goes from 1 or more to a larger one, not from {from} to {to}")]
    Order {
        /// The name of the dimension.
        dimension: String,
        /// Where it begins.
        from: usize,
        /// Where it ends.
        to: usize,
    },
    /// It is of another dimension than the scaling.
    #[error("`{found}` is not the first dimension that grows, which is `{expected}`")]
    Dimension {
        /// That of the range.
        found: String,
        /// The first of the scaling.
        expected: String,
    },
}

impl SizeRangeError {
    /// What to do.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Form { example, .. } => format!("write it like {example}"),
            Self::Order { dimension, from, to } => {
                let (small, large) = (from.min(to).max(&1), from.max(to).max(&2));
                let large = if small == large { small.saturating_mul(2) } else { *large };
                format!("write `{dimension}={small}..{large}`")
            }
            Self::Dimension { expected, .. } => {
                format!("write sizes of `{expected}`; tied dimensions grow with it")
            }
        }
    }
}

impl SizeRange {
    /// Reads `d_ff=256..4096`; `d_ff` must be the first dimension of the scaling.
    ///
    /// # Errors
    /// If it is written otherwise, does not grow, or is of another dimension.
    pub fn parse(text: &str, graph: &Graph, scaling: &Scaling) -> Result<Self, SizeRangeError> {
        let first = scaling.powers.first().map(|(id, ..)| graph.dimension(*id).name.clone());
        let example = format!("`{}=256..4096`", first.as_deref().unwrap_or("d_ff"));
        let form = || SizeRangeError::Form { found: text.to_owned(), example: example.clone() };
        let (name, range) = text.split_once('=').ok_or_else(form)?;
        let (from, to) = range.split_once("..").ok_or_else(form)?;
        let size = |text: &str| text.trim().parse::<usize>().map_err(|_| form());
        let (found, sizes) = (name.trim().to_owned(), [size(from)?, size(to)?]);
        match first {
            Some(expected) if expected != found => Err(SizeRangeError::Dimension { found, expected }),
            _ if sizes[0] == 0 || sizes[0] >= sizes[1] => {
                Err(SizeRangeError::Order { dimension: found, from: sizes[0], to: sizes[1] })
            }
            Some(_) | None => Ok(Self { dimension: found, sizes }),
        }
    }

    /// The sizes at which constants are fitted, where nobody names them: the smallest of the range, doubled as often as that
    /// stays below half of the largest, but at least twice and at most three times. With powers that are not whole they are
    /// multiplied by 4 or 8 instead, as far as they can be simulated.
    #[must_use]
    pub fn simulated(&self, experiment: &Experiment<'_>) -> Vec<usize> {
        let [first, last] = self.sizes;
        let mut sizes = Experiment { runs: experiment.runs.clone(), ..experiment.clone() };
        sizes.runs.values = vec![first];
        while let Some(larger) = super::until::larger(&sizes) {
            let is_enough = larger.len() > MOST || larger.len() > LEAST && larger.last() > Some(&(last / 2));
            if is_enough {
                break;
            }
            sizes.runs.values = larger;
        }
        sizes.runs.values
    }

    /// How every quantity grows over the range, by constants fitted to samples.
    #[must_use]
    pub fn powers(
        &self,
        samples: &Samples,
        predicted: &BTreeMap<Quantity, PredictedSlope>,
    ) -> Vec<LocalPower> {
        local_powers(samples, predicted, self.sizes)
    }
}

/// The fewest sizes that are simulated: two constants and what tells that they fit.
const LEAST: usize = 3;

/// The most.
const MOST: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::architecture::Architecture;
    use crate::rule::RuleBook;

    #[test]
    fn a_range_is_of_the_first_dimension_and_grows() {
        let book = RuleBook::embedded().unwrap();
        let text = &book.architecture("transformer").unwrap().text;
        let graph = Architecture::parse(text, &book.activations()).unwrap().graph;
        let scaling = Scaling::parse("d_ff=n,d_model=n", &graph).unwrap();
        let read = |text| SizeRange::parse(text, &graph, &scaling);
        let expected = SizeRange { dimension: "d_ff".into(), sizes: [256, 4096] };
        assert_eq!(read(" d_ff = 256 .. 4096 "), Ok(expected));
        for text in ["d_ff", "d_ff=256", "d_ff=256-4096", "d_ff=..", "d_ff=1/2..3", "256..4096", "d_ff=-1..2"]
        {
            assert!(matches!(read(text), Err(SizeRangeError::Form { .. })), "{text}");
        }
        let largest = format!("d_ff={}..5", usize::MAX);
        for (text, hint) in [
            ("d_ff=4096..256", "write `d_ff=256..4096`"),
            ("d_ff=0..256", "write `d_ff=1..256`"),
            ("d_ff=8..8", "write `d_ff=8..16`"),
            (largest.as_str(), "write `d_ff=5..18446744073709551615`"),
        ] {
            assert_eq!(read(text).unwrap_err().hint(), hint);
        }
        assert!(matches!(read("d_model=1..2"), Err(SizeRangeError::Dimension { .. })));
    }
}

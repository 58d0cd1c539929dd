//! [`Small`]: sizes at which powers that differ have not come apart, so that a slope need not be the exponent.

use std::fmt;

use super::ladder::Ladder;
use crate::graph::{DimensionId, Graph, Kind, Scaling};

/// The largest size must be so many times the smallest.
const FACTOR: usize = 16;

/// The largest size must be so many times every feature dimension that does not grow.
const BESIDE: usize = 4;

/// How often the sizes of the report are doubled further in search of larger ones.
const MOST_DOUBLINGS: u32 = 16;

/// What is small about sizes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Small {
    /// There are two: the slope between them cannot be seen to change.
    Two,
    /// The largest is no large multiple of the smallest.
    Factor,
    /// The largest is no large multiple of a feature dimension that does not grow.
    Beside {
        /// The dimension.
        dimension: String,
        /// Its size.
        size: usize,
    },
}

impl fmt::Display for Small {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Two => write!(f, "sizes are few: the slope between two cannot be seen to change"),
            Self::Factor => write!(f, "sizes are small: the largest is below {FACTOR} times the smallest"),
            Self::Beside { dimension, size } => write!(
                f,
                "sizes are small: the largest is below {BESIDE} times `{dimension}`, which stays at {size}"
            ),
        }
    }
}

impl Small {
    /// What is small about sizes of the first dimension of a scaling, if anything is.
    #[must_use]
    pub fn of(graph: &Graph, scaling: &Scaling, values: &[usize]) -> Option<Self> {
        let (Some(smallest), Some(largest)) = (values.first(), values.last()) else { return None };
        if values.len() < 3 {
            return Some(Self::Two);
        }
        if largest / smallest < FACTOR {
            return Some(Self::Factor);
        }
        let (leader, ..) = scaling.powers.first()?;
        if graph.dimension(*leader).kind != Kind::Feature {
            return None;
        }
        let grows = |id: &DimensionId| scaling.powers.iter().any(|(grown, ..)| grown == id);
        let fixed = graph.dimension_ids().filter(|id| !grows(id)).map(|id| graph.dimension(id));
        let widest = fixed.filter(|fixed| fixed.kind == Kind::Feature).max_by_key(|fixed| fixed.size)?;
        let is_beside = largest / BESIDE < widest.size;
        is_beside.then(|| Self::Beside { dimension: widest.name.clone(), size: widest.size })
    }

    /// Sizes of which nothing is small: those of the report, doubled further where that is needed.
    #[must_use]
    pub fn mended(graph: &Graph, scaling: &Scaling) -> Option<Vec<usize>> {
        let Ladder { doublings_alone, doublings_tied, .. } = Ladder::default();
        let larger = |more: u32| {
            let ladder = Ladder {
                doublings_alone: doublings_alone + more,
                doublings_tied: doublings_tied + more,
                ..Ladder::default()
            };
            ladder.values(graph, scaling)
        };
        let is_large = |values: &Vec<usize>| !values.is_empty() && Self::of(graph, scaling, values).is_none();
        (0..=MOST_DOUBLINGS).map(larger).find(is_large)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::testing::{TWO_SIZES, graph};

    #[test]
    fn sizes_are_small_beside_each_other_and_beside_what_stays() {
        let graph = graph(TWO_SIZES);
        let beside = || Small::Beside { dimension: "m".into(), size: 64 };
        let aligned: [(&str, &[usize], Option<Small>); 8] = [
            ("h", &[4, 256], Some(Small::Two)),
            ("h", &[256, 512, 1024], Some(Small::Factor)),
            ("h", &[4, 16, 255], Some(beside())),
            ("h", &[4, 16, 256], None),
            ("m", &[1, 4, 16], None),
            ("h=n,m=n", &[4, 16, 64], None),
            ("b", &[2, 8, 32], None),
            ("b", &[2, 8, 31], Some(Small::Factor)),
        ];
        for (scale, values, expected) in aligned {
            let scaling = Scaling::parse(scale, &graph).unwrap();
            assert_eq!(Small::of(&graph, &scaling, values), expected, "{scale} {values:?}");
        }
    }

    #[test]
    fn what_mends_is_not_small_and_stays_whole() {
        let wide = graph(&TWO_SIZES.replace("size = 64", "size = 2048"));
        let aligned: [(&str, &[usize]); 4] = [
            ("m", &[64, 128, 256, 512, 1024, 2048, 4096]),
            ("h", &[64, 128, 256, 512, 1024, 2048, 4096, 8192]),
            ("b=n,h=n", &[2, 4, 8, 16, 32, 64, 128, 256]),
            ("h=n,m=n^1/3", &[4, 32, 256]),
        ];
        for (scale, values) in aligned {
            let scaling = Scaling::parse(scale, &wide).unwrap();
            assert_eq!(Small::mended(&wide, &scaling).as_deref(), Some(values), "{scale}");
        }
    }
}

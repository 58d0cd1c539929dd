//! [`Points`]: how large every dimension is at each measured value of the first scaled one.

use std::collections::BTreeMap;

use num_integer::{Integer, Roots};

use super::error::SimulateError;
use crate::exact::Exponent;
use crate::graph::{DimensionId, Graph, Kind, Scaling};

/// The largest size: a thousand times what can be measured in minutes.
const MOST: usize = 1 << 32;

/// The sizes of all dimensions at the measured values. At the first value, the base point, every dimension
/// but the first scaled one has the size of the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Points {
    /// One for each value, in order.
    pub all: Vec<Point>,
}

/// The sizes at one value.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// The size of the first scaled dimension.
    pub value: usize,
    /// The scale variable, 1 at the base point: (value / first value)^(1 / power of the first dimension).
    pub growth: f64,
    /// The size of each dimension of the graph, in order.
    pub sizes: Vec<usize>,
}

impl Point {
    /// The size of a dimension.
    #[must_use]
    pub fn size(&self, dimension: DimensionId) -> usize {
        self.sizes[dimension.0]
    }
}

impl Points {
    /// The sizes at increasing values (at least two, from 1 on) of the first dimension of a scaling with one
    /// scale variable. A tied dimension has its file size times (value / first value)^(its power / the power
    /// of the first); where that is no whole number, the error names values that work.
    pub fn of(graph: &Graph, scaling: &Scaling, values: &[usize]) -> Result<Self, SimulateError> {
        let [_] = scaling.variables.as_slice() else {
            return Err(SimulateError::SeveralVariables(scaling.variables.clone()));
        };
        let (Some((leader, _, power)), Some(&first)) = (scaling.powers.first(), values.first()) else {
            return Err(SimulateError::TooFewValues(values.len()));
        };
        if values.len() < 2 {
            return Err(SimulateError::TooFewValues(values.len()));
        }
        if first == 0 {
            return Err(SimulateError::NotIncreasing(first));
        }
        if let Some(pair) = values.windows(2).find(|pair| pair[1] <= pair[0]) {
            return Err(SimulateError::NotIncreasing(pair[1]));
        }
        let inverse = power.reciprocal().unwrap_or(Exponent::ONE);
        let powers: BTreeMap<DimensionId, Exponent> =
            scaling.powers.iter().map(|(id, _, power)| (*id, power * &inverse)).collect();
        let point = |value: usize| -> Result<Point, SimulateError> {
            let mut sizes: Vec<usize> = graph.dimensions.iter().map(|dimension| dimension.size).collect();
            for (id, power) in &powers {
                sizes[id.0] = if id == leader {
                    value
                } else {
                    let dimension = graph.dimension(*id);
                    grown(dimension.size, first, value, power).map_err(|why| match why {
                        NoSize::NotWhole => SimulateError::NotWhole {
                            dimension: dimension.name.clone(),
                            base: dimension.size,
                            value,
                            working: working(first, powers.values()),
                        },
                        NoSize::TooLarge => {
                            SimulateError::TooLarge { dimension: dimension.name.clone(), value }
                        }
                    })?
                };
            }
            let scaled = scaling.powers.iter().map(|(id, ..)| *id);
            let mut layers = scaled.filter(|id| graph.dimension(*id).kind == Kind::Depth);
            if let Some(id) = layers.find(|id| sizes[id.0] == 1) {
                return Err(SimulateError::OneLayer(graph.dimension(id).name.clone()));
            }
            if let Some(place) = sizes.iter().position(|size| *size > MOST) {
                return Err(SimulateError::TooLarge {
                    dimension: graph.dimensions[place].name.clone(),
                    value,
                });
            }
            #[allow(clippy::cast_precision_loss, reason = "the ratio needs no more digits")]
            let growth = (value as f64 / first as f64).powf(inverse.approximate());
            Ok(Point { value, growth, sizes })
        };
        Ok(Self { all: values.iter().map(|value| point(*value)).collect::<Result<_, _>>()? })
    }

    /// The first point: where inits are fan-in normalised and multipliers have their base.
    #[must_use]
    pub fn base(&self) -> &Point {
        &self.all[0]
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NoSize {
    NotWhole,
    TooLarge,
}

/// `size * (value / first)^power`, exactly. With `power = a / b` in lowest terms the root of the ratio must be
/// rational: both its reduced parts are powers of `b`, and what remains below divides `size`.
fn grown(size: usize, first: usize, value: usize, power: &Exponent) -> Result<usize, NoSize> {
    let (Some((a, b)), divisor) = (power.parts(), value.gcd(&first)) else {
        return Err(NoSize::NotWhole);
    };
    let (above, below) = (value / divisor, first / divisor);
    let (Some(above), Some(below)) = (root(above, b), root(below, b)) else {
        return Err(NoSize::NotWhole);
    };
    let below = raised(below, a).filter(|below| size.is_multiple_of(*below)).ok_or(NoSize::NotWhole)?;
    let above = raised(above, a).ok_or(NoSize::TooLarge)?;
    (size / below).checked_mul(above).ok_or(NoSize::TooLarge)
}

/// The whole number whose power of `degree` this is, if there is one.
fn root(number: usize, degree: i64) -> Option<usize> {
    let degree = u32::try_from(degree).unwrap_or(u32::MAX);
    let root = if degree >= usize::BITS { 1 } else { number.nth_root(degree) };
    (raised(root, degree.into()) == Some(number)).then_some(root)
}

/// `number^power`, if it fits.
fn raised(number: usize, power: i64) -> Option<usize> {
    if number == 1 { Some(1) } else { number.checked_pow(u32::try_from(power).ok()?) }
}

/// Three values from `first` on at which every dimension has a whole size: the ratios are powers of two with
/// the common denominator of all powers.
fn working<'a>(first: usize, powers: impl Iterator<Item = &'a Exponent>) -> Vec<usize> {
    let denominators = powers.map(|power| power.parts().map(|(_, b)| b));
    let common = denominators.into_iter().try_fold(1_i64, |common, b| {
        let factor = b? / common.gcd(&b?);
        common.checked_mul(factor)
    });
    let value = |step: i64| {
        let shift = u32::try_from(common?.checked_mul(step)?).ok()?;
        first.checked_mul(1_usize.checked_shl(shift)?)
    };
    let values: Vec<usize> = (0..3).map_while(value).collect();
    if values.len() < 2 { Vec::new() } else { values }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::testing::{TWO_SIZES, graph};

    fn sizes(scaling: &str, values: &[usize]) -> Result<Points, SimulateError> {
        let graph = graph(TWO_SIZES);
        Points::of(&graph, &Scaling::parse(scaling, &graph).unwrap(), values)
    }

    #[test]
    fn tied_dimensions_grow_from_their_file_size() {
        let aligned = [
            ("m", vec![[16, 4], [48, 4]]),
            ("m=n,h=n", vec![[64, 4], [128, 8], [192, 12], [208, 13]]),
            ("m=n,h=n^1/2", vec![[64, 4], [256, 8], [576, 12], [784, 14]]),
            ("h=n^1/2,m=n", vec![[2, 64], [4, 256], [5, 400]]),
            ("m=n^2/3,h=n^1/3", vec![[64, 4], [256, 8]]),
            ("m=n,h=n", vec![[64, 4], [80, 5]]),
        ];
        for (scaling, expected) in aligned {
            let flipped = scaling.starts_with('h');
            let values: Vec<usize> = expected.iter().map(|sizes| sizes[0]).collect();
            let found = sizes(scaling, &values).unwrap();
            let found: Vec<[usize; 2]> = found
                .all
                .iter()
                .map(|point| {
                    let [m, h] = [point.sizes[1], point.sizes[2]];
                    if flipped { [h, m] } else { [m, h] }
                })
                .collect();
            assert_eq!(found, expected, "{scaling}");
        }
    }

    #[test]
    fn the_scale_variable_is_the_ratio_to_the_power_of_the_first_dimension() {
        let found = sizes("h=n^1/2,m=n", &[2, 8]).unwrap();
        assert!((found.all[1].growth - 16.0).abs() < 1e-12);
    }

    #[test]
    fn a_size_that_is_not_whole_is_refused_with_values_that_work() {
        let error = sizes("m=n,h=n^1/2", &[64, 128]).unwrap_err();
        assert_eq!(error.to_string(), "dimension `h`, 4 at the first value, has no whole size at `128`");
        assert_eq!(error.hint(), "these work: `--values 64,256,1024`");
        assert!(sizes("m=n,h=n^1/2", &[64, 256, 1024]).is_ok());
        let error = sizes("m=n,h=n^1/63", &[64, 128]).unwrap_err();
        assert_eq!(
            error.hint(),
            "use powers with small denominators, or other sizes in the architecture file"
        );
    }

    #[test]
    fn sizes_that_make_no_sequence_are_refused() {
        let aligned = [
            ("m", vec![], SimulateError::TooFewValues(0)),
            ("m", vec![64], SimulateError::TooFewValues(1)),
            ("m", vec![0, 64], SimulateError::NotIncreasing(0)),
            ("m", vec![64, 64], SimulateError::NotIncreasing(64)),
            ("m", vec![64, 32], SimulateError::NotIncreasing(32)),
            ("m=n,h=l", vec![64, 128], SimulateError::SeveralVariables(vec!["n".into(), "l".into()])),
            ("m", vec![1, MOST + 1], SimulateError::TooLarge { dimension: "m".into(), value: MOST + 1 }),
            ("m=n,h=n^64", vec![1, 2], SimulateError::TooLarge { dimension: "h".into(), value: 2 }),
            (
                "m=n,h=n",
                vec![1, usize::MAX],
                SimulateError::TooLarge { dimension: "h".into(), value: usize::MAX },
            ),
        ];
        for (scaling, values, expected) in aligned {
            assert_eq!(sizes(scaling, &values), Err(expected), "{scaling} {values:?}");
        }
    }
}

//! [`Model`] and [`PowerSum`]: sums of powers of the scale variable.

/// How the summands of a magnitude add up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adds {
    /// In squares: they are independent of each other, as signals and responses along different paths mostly are.
    Squares,
    /// In amplitudes: they are aligned, as responses along the same backward signal are.
    Amplitudes,
}

impl Adds {
    /// Every way with its name.
    pub const NAMES: [(&'static str, Self); 2] =
        [("squares", Self::Squares), ("amplitudes", Self::Amplitudes)];

    /// The power of a magnitude that adds up.
    pub(crate) fn power(self) -> f64 {
        match self {
            Self::Squares => 2.0,
            Self::Amplitudes => 1.0,
        }
    }

    /// The name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Squares => "squares",
            Self::Amplitudes => "amplitudes",
        }
    }
}

/// A magnitude `M` as a function of the scale variable `n`: `M^p = sum of c_k n^(p e_k)`, where `p` is 2 or 1,
/// perhaps divided by `1 + c n^(p d)` with a negative `d`, and every `c` is positive.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Model {
    /// The exponents `e_k`, the largest first.
    pub(crate) terms: Vec<f64>,
    /// The exponent `d`.
    pub(crate) divisor: Option<f64>,
    /// Whether `p` is 2 or 1.
    pub(crate) adds: Adds,
}

impl Model {
    pub(crate) fn coefficients(&self) -> usize {
        self.terms.len() + usize::from(self.divisor.is_some())
    }

    /// The logarithms of the summands at a logarithm of the scale variable.
    fn summands<'a>(&'a self, x: f64, coefficients: &'a [f64]) -> impl Iterator<Item = f64> + 'a {
        let power = self.adds.power();
        self.terms.iter().zip(coefficients).map(move |(exponent, held)| held + power * exponent * x)
    }

    /// The logarithm of what the sum is divided by, beyond 1.
    fn divided(&self, x: f64, coefficients: &[f64]) -> Option<f64> {
        let (exponent, held) = (self.divisor?, coefficients.last()?);
        Some(held + self.adds.power() * exponent * x)
    }

    /// The logarithm of the magnitude.
    pub(crate) fn value(&self, x: f64, coefficients: &[f64]) -> f64 {
        let divided = self.divided(x, coefficients).map_or(0.0, |log| log.exp().ln_1p());
        (log_sum(self.summands(x, coefficients)) - divided) / self.adds.power()
    }

    /// Its derivatives by the logarithms of the coefficients.
    pub(crate) fn gradient(&self, x: f64, coefficients: &[f64]) -> Vec<f64> {
        let sum = log_sum(self.summands(x, coefficients));
        let shares = self.summands(x, coefficients).map(|log| (log - sum).exp());
        let divided = self.divided(x, coefficients).map(|log| -(1.0 + (-log).exp()).recip());
        shares.chain(divided).map(|share| share / self.adds.power()).collect()
    }
}

/// The logarithm of a sum of numbers given by theirs.
fn log_sum(logs: impl Iterator<Item = f64>) -> f64 {
    let logs: Vec<f64> = logs.collect();
    let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    largest + logs.iter().map(|log| (log - largest).exp()).sum::<f64>().ln()
}

/// A model with its coefficients.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PowerSum {
    /// The powers.
    pub(crate) model: Model,
    /// The logarithm of each coefficient.
    pub(crate) coefficients: Vec<f64>,
}

/// The largest logarithm of a scale variable that is looked at.
const FARTHEST: f64 = 200.0;

/// Steps of a bisection: more than doubles make use of.
const MOST_STEPS: usize = 100;

impl PowerSum {
    /// The logarithm of the magnitude at a logarithm of the scale variable.
    pub(crate) fn value(&self, x: f64) -> f64 {
        self.model.value(x, &self.coefficients)
    }

    /// The share of each summand in the sum, at a logarithm of the scale variable.
    pub(crate) fn shares(&self, x: f64) -> Vec<f64> {
        let sum = log_sum(self.model.summands(x, &self.coefficients));
        self.model.summands(x, &self.coefficients).map(|log| (log - sum).exp()).collect()
    }

    /// The slope at a logarithm of the scale variable.
    pub(crate) fn slope(&self, x: f64) -> f64 {
        let shares = self.shares(x);
        let sum: f64 = shares.iter().zip(&self.model.terms).map(|(share, exponent)| share * exponent).sum();
        let divided =
            self.model.divided(x, &self.coefficients).map_or(0.0, |log| (1.0 + (-log).exp()).recip());
        sum - divided * self.model.divisor.unwrap_or_default()
    }

    /// The logarithm of the scale variable at which the first summand is as large as all others together, or, where it
    /// is the only one, at which it is divided by 2. The odds of the first summand grow with the scale variable, since
    /// its exponent is the largest.
    pub(crate) fn crossing(&self) -> f64 {
        first_where(|x| {
            let mut summands = self.model.summands(x, &self.coefficients);
            let first = summands.next().unwrap_or_default();
            let against = self.model.divided(x, &self.coefficients).unwrap_or_default();
            if self.model.terms.len() > 1 { first >= log_sum(summands) } else { against <= 0.0 }
        })
    }
}

/// How a quantity grows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Law {
    /// As a sum of powers.
    Sum(PowerSum),
    /// As sums of powers that are added up: in amplitudes for a norm of 1, in squares for one of 2.
    Rows {
        /// The sums.
        rows: Vec<PowerSum>,
        /// The power in which they add up.
        norm: f64,
    },
}

impl Law {
    /// The logarithm of the magnitude at a logarithm of the scale variable.
    pub(crate) fn value(&self, x: f64) -> f64 {
        match self {
            Self::Sum(sum) => sum.value(x),
            Self::Rows { rows, norm } => log_sum(rows.iter().map(|row| norm * row.value(x))) / norm,
        }
    }

    /// The slope at a logarithm of the scale variable.
    pub(crate) fn slope(&self, x: f64) -> f64 {
        match self {
            Self::Sum(sum) => sum.slope(x),
            Self::Rows { rows, norm } => {
                let whole = norm * self.value(x);
                rows.iter().map(|row| (norm * row.value(x) - whole).exp() * row.slope(x)).sum()
            }
        }
    }

    /// The logarithm of the scale variable from which on the slope is so near to an exponent, if it ever is.
    pub(crate) fn ruled_from(&self, exponent: f64, near: f64) -> Option<f64> {
        let is_near = |x: f64| (self.slope(x) - exponent).abs() <= near;
        is_near(FARTHEST).then(|| first_where(is_near))
    }
}

/// Where something becomes so that stays so, by bisection.
fn first_where(holds: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (-FARTHEST, FARTHEST);
    for _ in 0..MOST_STEPS {
        let middle = f64::midpoint(low, high);
        if holds(middle) { high = middle } else { low = middle }
    }
    high
}

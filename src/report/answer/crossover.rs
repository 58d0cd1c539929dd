//! Why a measured slope is not yet its exponent: in words, and for machines.
#![allow(clippy::disallowed_types, reason = "crossing sizes are floating-point numbers")]

use crate::exact::Exponent;
use crate::graph::{Graph, Scaling};
use crate::report::format::document::power;
use crate::report::json::{AddsName, CrossoverObject, CrossoverSum, finite};
use crate::simulate::{Adds, Crossover, FittedSum};

/// What the sizes of a measurement are sizes of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes<'a> {
    /// The first scaled dimension.
    dimension: &'a str,
    /// The scale variable.
    variable: &'a str,
    /// The sizes that were measured.
    values: &'a [usize],
}

impl<'a> Sizes<'a> {
    pub(crate) fn of(graph: &'a Graph, scaling: &'a Scaling, values: &'a [usize]) -> Self {
        let dimension = scaling.powers.first().map_or("n", |(id, ..)| graph.dimension(*id).name.as_str());
        let variable = scaling.variables.first().map_or("n", String::as_str);
        Self { dimension, variable, values }
    }

    /// Why, as the end of a sentence that begins with the quantity.
    pub(crate) fn words(&self, crossover: &Crossover) -> String {
        match crossover {
            Crossover::Terms(sum) => {
                let (first, others) = self.powers(&sum.terms);
                format!("crosses at {} ({first} over {})", self.place(sum), others.join(" and "))
            }
            Crossover::Correction { sum, divisor } => self.corrected(sum, divisor.as_ref()),
            Crossover::Parts => "is made of quantities none of which disagrees".into(),
            Crossover::Seeds => {
                "holds the exponent in its confidence interval, which is wide: try more seeds".into()
            }
        }
    }

    fn corrected(&self, sum: &FittedSum, divisor: Option<&Exponent>) -> String {
        let (first, others) = self.powers(&sum.terms);
        match divisor {
            None => {
                format!(
                    "is {first} with a correction like {}, as large at {}",
                    others.join(" and "),
                    self.place(sum)
                )
            }
            Some(divisor) => {
                let over =
                    if others.is_empty() { String::new() } else { format!(" over {}", others.join(" and ")) };
                let divisor = power(self.variable, divisor);
                format!(
                    "crosses at {} ({first}{over}, divided by a correction like 1 + {divisor})",
                    self.place(sum)
                )
            }
        }
    }

    fn powers(&self, terms: &[Exponent]) -> (String, Vec<String>) {
        let mut powers = terms.iter().map(|exponent| power(self.variable, exponent));
        (powers.next().unwrap_or_default(), powers.collect())
    }

    /// `d_k = 35 ± 4`, and where that lies.
    fn place(&self, sum: &FittedSum) -> String {
        let FittedSum { size, stderr, .. } = sum;
        let place = format!("{} = {} ± {}", self.dimension, rounded(*size), rounded(*stderr));
        if self.is_beyond(sum) { format!("{place}, beyond the largest size") } else { place }
    }

    #[allow(clippy::cast_precision_loss, reason = "sizes stay far below 2^52")]
    fn is_beyond(&self, sum: &FittedSum) -> bool {
        self.values.last().is_some_and(|largest| sum.size > *largest as f64)
    }

    /// For machines.
    pub(crate) fn json(&self, crossover: &Crossover) -> CrossoverObject {
        match crossover {
            Crossover::Terms(sum) => CrossoverObject::Terms(self.sum(sum, None)),
            Crossover::Correction { sum, divisor } => {
                CrossoverObject::Correction(self.sum(sum, divisor.as_ref()))
            }
            Crossover::Parts => CrossoverObject::Parts,
            Crossover::Seeds => CrossoverObject::Seeds,
        }
    }

    fn sum(&self, sum: &FittedSum, divisor: Option<&Exponent>) -> CrossoverSum {
        CrossoverSum {
            terms: sum.terms.clone(),
            divisor: divisor.cloned(),
            adds: match sum.adds {
                Adds::Squares => AddsName::Squares,
                Adds::Amplitudes => AddsName::Amplitudes,
            },
            size: finite(sum.size),
            stderr: finite(sum.stderr),
            beyond: self.is_beyond(sum),
            shares: sum.shares.iter().copied().map(finite).collect(),
        }
    }
}

/// Two significant digits, like `35` or `1.2e3`.
fn rounded(size: f64) -> String {
    if (1.0..100.0).contains(&size) { format!("{size:.0}") } else { format!("{size:.1e}") }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::simulate::Adds;

    fn sum(terms: &[&str], size: f64) -> FittedSum {
        FittedSum {
            terms: terms.iter().map(|text| text.parse().unwrap()).collect(),
            adds: Adds::Squares,
            size,
            stderr: size / 8.0,
            shares: vec![0.75, 0.25],
        }
    }

    #[test]
    fn a_crossover_is_told_with_its_size_and_where_that_lies() {
        let sizes = Sizes { dimension: "d_k", variable: "n", values: &[16, 1024] };
        let corrected = |terms: &[&str], divisor: Option<&str>| {
            let divisor = divisor.map(|text| text.parse().unwrap());
            Crossover::Correction { sum: sum(terms, 64.0), divisor }
        };
        let aligned = [
            (Crossover::Terms(sum(&["1/2", "0"], 64.0)), "crosses at d_k = 64 ± 8 (n^1/2 over 1)"),
            (
                Crossover::Terms(sum(&["1", "1/2", "0"], 4096.0)),
                "crosses at d_k = 4.1e3 ± 5.1e2, beyond the largest size (n over n^1/2 and 1)",
            ),
            (corrected(&["0", "-1/2"], None), "is 1 with a correction like n^-1/2, as large at d_k = 64 ± 8"),
            (
                corrected(&["0"], Some("-1")),
                "crosses at d_k = 64 ± 8 (1, divided by a correction like 1 + n^-1)",
            ),
            (
                corrected(&["1", "0"], Some("-1")),
                "crosses at d_k = 64 ± 8 (n over 1, divided by a correction like 1 + n^-1)",
            ),
        ];
        for (crossover, expected) in aligned {
            assert_eq!(sizes.words(&crossover), expected);
        }
    }

    #[test]
    fn machines_are_told_the_terms_the_size_and_the_shares() {
        let sizes = Sizes { dimension: "d_k", variable: "n", values: &[16, 1024] };
        let told = |crossover| serde_json::to_value(sizes.json(&crossover)).unwrap();
        let terms = told(Crossover::Terms(sum(&["1/2", "0"], 4096.0)));
        assert_eq!((&terms["because"], &terms["terms"]), (&json!("terms"), &json!(["1/2", "0"])));
        assert_eq!((&terms["size"], &terms["stderr"]), (&json!(4096.0), &json!(512.0)));
        assert_eq!((&terms["beyond"], &terms["adds"]), (&json!(true), &json!("squares")));
        assert_eq!((&terms["divisor"], &terms["shares"]), (&Value::Null, &json!([0.75, 0.25])));
        assert_eq!(told(Crossover::Seeds), json!({"because": "seeds"}));
    }
}

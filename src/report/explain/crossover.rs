//! Why measured slopes are not yet their exponents: in words, and for machines.
#![allow(clippy::disallowed_types, reason = "crossing sizes are floating-point numbers")]

use crate::document::and;
use crate::exact::Exponent;
use crate::graph::{Graph, Scaling};
use crate::report::explain::reason::Reason;
use crate::report::format::document::power;
use crate::report::json::{AddsName, CrossoverObject, CrossoverRows, CrossoverSum, finite};
use crate::simulate::{Adds, Crossover, FittedRows, FittedSum, TOLERANCE};

/// What the sizes of a measurement are sizes of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes<'a> {
    /// The network.
    pub(crate) graph: &'a Graph,
    /// The first scaled dimension.
    pub(crate) dimension: &'a str,
    /// The scale variable.
    pub(crate) variable: &'a str,
    /// The sizes that were measured.
    pub(crate) values: &'a [usize],
}

impl<'a> Sizes<'a> {
    pub(crate) fn of(graph: &'a Graph, scaling: &'a Scaling, values: &'a [usize]) -> Self {
        let dimension = scaling.powers.first().map_or("n", |(id, ..)| graph.dimension(*id).name.as_str());
        let variable = scaling.variables.first().map_or("n", String::as_str);
        Self { graph, dimension, variable, values }
    }

    /// Why.
    pub(crate) fn reason(&self, crossover: &Crossover) -> Reason {
        match crossover {
            Crossover::Terms(sum) => {
                let (first, others) = self.powers(&sum.terms);
                let why = format!("crossing over from {} to {first}", others.join(" and "));
                Reason::new(why).aside(format!("at {}", self.place(sum)))
            }
            Crossover::Correction { sum, divisor } => self.corrected(sum, divisor.as_ref()),
            Crossover::Rows(rows) => self.led(rows),
            Crossover::Parts => Reason::new("made of quantities none of which disagrees"),
            Crossover::Hidden => {
                Reason::new("its change is as predicted, and still smaller than what it began with")
            }
            Crossover::Seeds => {
                let why = "off by what may be chance";
                Reason::new(why).advice("try more `--seeds`, or `--until 0.1`")
            }
        }
    }

    /// Responses that are led by some of their parts.
    fn led(&self, rows: &FittedRows) -> Reason {
        let names: Vec<String> =
            rows.leading.iter().map(|id| format!("`{}`", self.graph.parameter(*id).name)).collect();
        let why = "sums of the responses to each parameter, none of which disagrees, in time led by";
        let (size, ruled_from) = (rounded(rows.size), rounded(rows.ruled_from));
        Reason::new(format!("{why} {}", and(&names))).aside(format!(
            "from {} = {size}, its slope within {TOLERANCE} of the exponent from {ruled_from}",
            self.dimension,
        ))
    }

    fn corrected(&self, sum: &FittedSum, divisor: Option<&Exponent>) -> Reason {
        let (first, others) = self.powers(&sum.terms);
        let Some(divisor) = divisor else {
            let why = format!("{first} with a correction like {}", others.join(" and "));
            return Reason::new(why).aside(format!("as large at {}", self.place(sum)));
        };
        let from = if others.is_empty() {
            "becoming".into()
        } else {
            format!("crossing over from {} to", others.join(" and "))
        };
        let divisor = power(self.variable, divisor);
        Reason::new(format!("{from} {first}, divided by a correction like 1 + {divisor}"))
            .aside(format!("at {}", self.place(sum)))
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
            Crossover::Rows(rows) => CrossoverObject::Rows(CrossoverRows {
                leading: rows.leading.iter().map(|id| self.graph.parameter(*id).name.clone()).collect(),
                size: finite(rows.size),
                ruled_from: finite(rows.ruled_from),
                share: finite(rows.share),
            }),
            Crossover::Parts => CrossoverObject::Parts,
            Crossover::Hidden => CrossoverObject::Hidden,
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
pub(crate) fn rounded(size: f64) -> String {
    if (1.0..100.0).contains(&size) { format!("{size:.0}") } else { format!("{size:.1e}") }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use std::sync::Arc;

    use super::*;
    use crate::architecture::Architecture;
    use crate::rule::RuleBook;
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

    fn graph() -> Graph {
        let book = RuleBook::embedded().unwrap();
        let text = &book.architecture("transformer").unwrap().text;
        Arc::unwrap_or_clone(Architecture::parse(text, &book.activations()).unwrap().graph)
    }

    #[test]
    fn a_crossover_is_told_with_its_size_and_where_that_lies() {
        let graph = graph();
        let sizes = Sizes { graph: &graph, dimension: "d_k", variable: "n", values: &[16, 1024] };
        let corrected = |terms: &[&str], divisor: Option<&str>| {
            let divisor = divisor.map(|text| text.parse().unwrap());
            Crossover::Correction { sum: sum(terms, 64.0), divisor }
        };
        let aligned = [
            (Crossover::Terms(sum(&["1/2", "0"], 64.0)), "crossing over from 1 to n^1/2", "at d_k = 64 ± 8"),
            (
                Crossover::Terms(sum(&["1", "1/2", "0"], 4096.0)),
                "crossing over from n^1/2 and 1 to n",
                "at d_k = 4.1e3 ± 5.1e2, beyond the largest size",
            ),
            (corrected(&["0", "-1/2"], None), "1 with a correction like n^-1/2", "as large at d_k = 64 ± 8"),
            (
                corrected(&["0"], Some("-1")),
                "becoming 1, divided by a correction like 1 + n^-1",
                "at d_k = 64 ± 8",
            ),
            (
                corrected(&["1", "0"], Some("-1")),
                "crossing over from 1 to n, divided by a correction like 1 + n^-1",
                "at d_k = 64 ± 8",
            ),
            (
                Crossover::Rows(FittedRows {
                    leading: vec![graph.find_parameter("W_Q").unwrap(), graph.find_parameter("W_K").unwrap()],
                    size: 512.0,
                    ruled_from: 8192.0,
                    share: 0.6,
                }),
                "sums of the responses to each parameter, none of which disagrees, in time led by `W_Q` and `W_K`",
                "from d_k = 5.1e2, its slope within 0.1 of the exponent from 8.2e3",
            ),
        ];
        for (crossover, why, aside) in aligned {
            let reason = sizes.reason(&crossover);
            assert_eq!((reason.why.as_str(), reason.aside.as_deref()), (why, Some(aside)));
        }
    }

    #[test]
    fn machines_are_told_the_terms_the_size_and_the_shares() {
        let graph = graph();
        let sizes = Sizes { graph: &graph, dimension: "d_k", variable: "n", values: &[16, 1024] };
        let told = |crossover| serde_json::to_value(sizes.json(&crossover)).unwrap();
        let terms = told(Crossover::Terms(sum(&["1/2", "0"], 4096.0)));
        assert_eq!((&terms["because"], &terms["terms"]), (&json!("terms"), &json!(["1/2", "0"])));
        assert_eq!((&terms["size"], &terms["stderr"]), (&json!(4096.0), &json!(512.0)));
        assert_eq!((&terms["beyond"], &terms["adds"]), (&json!(true), &json!("squares")));
        assert_eq!((&terms["divisor"], &terms["shares"]), (&Value::Null, &json!([0.75, 0.25])));
        assert_eq!(told(Crossover::Seeds), json!({"because": "seeds"}));
    }
}

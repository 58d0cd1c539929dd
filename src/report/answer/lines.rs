//! A measurement as lines of JSON, each run told as it ends: what is measured, the runs, the quantities with their
//! slopes, and how many agree.
#![allow(clippy::disallowed_types, reason = "measured magnitudes are floating-point numbers")]

use serde::Serialize;

use crate::graph::{Graph, Quantity};
use crate::report::answer::measurement::{Measured, quantity};
use crate::report::json::{AnyAnswer, Envelope, RunLine, finite};
use crate::simulate::Seed;

/// The first line: schema, version, and what is measured.
#[must_use]
pub fn begin(measured: &Measured<'_>) -> String {
    line(&Envelope::of(measured.begin()))
}

/// The line of a run: the magnitude of each quantity, `null` where it is no number.
#[must_use]
pub fn run(graph: &Graph, quantities: &[Quantity], size: usize, seed: Seed, magnitudes: &[f64]) -> String {
    let named = quantities.iter().map(|quantity| quantity.write(graph));
    let quantities = named.zip(magnitudes.iter().copied().map(finite)).collect();
    line(&RunLine { value: size, seed: seed.0, quantities })
}

/// The lines behind the runs: one for each quantity, and the last one.
#[must_use]
pub fn end(measured: &Measured<'_>) -> String {
    let quantities = measured.measurement.quantities.iter();
    let quantities = quantities.map(|held| line(&quantity(held, measured.graph, measured.sizes())));
    quantities.chain([line(&measured.end())]).collect()
}

/// A whole answer on one line.
#[must_use]
pub fn whole(answer: AnyAnswer) -> String {
    line(&Envelope::of(answer))
}

fn line(entries: &impl Serialize) -> String {
    // Texts and numbers can always be written.
    serde_json::to_string(entries).unwrap_or_default() + "\n"
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::architecture::Architecture;
    use crate::rule::RuleBook;
    use crate::simulate::{Updates, quantities};

    #[test]
    fn no_two_quantities_have_the_same_label() {
        let book = RuleBook::embedded().unwrap();
        let text = &book.architecture("transformer").unwrap().text;
        let graph = Architecture::parse(text, &book.activations()).unwrap().graph;
        let quantities = quantities(&graph, Updates::Each);
        let labels: BTreeSet<String> = quantities.iter().map(|quantity| quantity.write(&graph)).collect();
        assert_eq!(labels.len(), quantities.len());
        assert!(labels.contains("update(W_Q, q)") && labels.contains("update(q)"), "{labels:?}");
    }

    #[test]
    fn what_is_no_number_is_null() {
        let book = RuleBook::embedded().unwrap();
        let text = &book.architecture("mlp").unwrap().text;
        let graph = Architecture::parse(text, &book.activations()).unwrap().graph;
        let quantities = &quantities(&graph, Updates::Each)[..3];
        let told = run(&graph, quantities, 64, Seed(3), &[0.5, f64::NAN, f64::INFINITY]);
        let expected =
            r#"{"value":64,"seed":3,"quantities":{"forward(u)":0.5,"backward(u)":null,"forward(z1)":null}}"#;
        assert_eq!(told, format!("{expected}\n"));
    }
}

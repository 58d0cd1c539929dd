//! How far off the approximations are: what rules of ops tell is measured again, by the command that they name.
#![allow(clippy::disallowed_types, reason = "measured slopes are floats")]

use std::process::Command;

use fscale::exact::Exponent;
use fscale::rule::{Approximation, RuleBook};
use serde_json::Value;

/// What is told may be rounded up by so much from what is measured.
const ROUNDED: f64 = 1.0 / 20.0;

/// The largest distance of a slope from its exponent, of a quantity by its name.
fn farthest(command: &str, quantity: &str) -> f64 {
    let mut words = command.split_whitespace();
    assert_eq!(words.next(), Some("fscale"), "{command}");
    let output =
        Command::new(env!("CARGO_BIN_EXE_fscale")).args(words).args(["--format", "json"]).output().unwrap();
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let of = |measured: &Value| -> Option<f64> {
        let predicted: Exponent = measured["predicted"].as_str()?.parse().ok()?;
        Some((measured["slope"].as_f64()? - predicted.approximate()).abs())
    };
    let all = answer["quantities"].as_array().unwrap().iter();
    let distances: Vec<f64> =
        all.filter(|measured| measured["quantity"] == quantity).filter_map(of).collect();
    assert!(!distances.is_empty(), "{command} measures no {quantity}");
    distances.into_iter().fold(0.0, f64::max)
}

#[test]
fn approximations_are_as_far_off_as_is_told() {
    let book = RuleBook::embedded().unwrap();
    let told: Vec<&Approximation> = book.ops.values().flat_map(|rule| &rule.approximations).collect();
    assert!(told.len() >= 4);
    for Approximation { of, quantity, off, command, .. } in told {
        let (measured, off) = (farthest(command, quantity.name()), off.approximate());
        assert!(measured <= off, "{}: {measured} is more than {off}", of.name());
        assert!(off <= measured + ROUNDED, "{}: {off} is far more than {measured}", of.name());
    }
}

#[test]
fn a_norm_before_the_last_weight_takes_away_what_the_output_makes_of_its_error() {
    let command = "fscale measure transformer --hp standard --optimizer adam --scale d_out --values 64,256,1024,4096 --seeds 16";
    assert!(farthest(command, "gradient") <= 1.0 / 20.0);
}

//! Under the derived rules nothing that should stay the same changes with size. Read from the measurements that the main
//! job wrote to `figures/`; that they are what it writes today is the test `fresh`.
#![allow(clippy::disallowed_types, reason = "compares measured slopes")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// A slope within this of 0 is flat: over a factor of 64 it changes a magnitude by less than a half.
const FLAT: f64 = 0.1;

/// The columns of a CSV file, by name, without quotes in any cell.
fn rows(file: &str) -> Vec<BTreeMap<String, String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("figures").join(file);
    let text = fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    let keys: Vec<&str> = lines.next().unwrap().split(',').collect();
    let row = |line: &str| {
        let cells = line.split(',').map(str::to_owned);
        keys.iter().map(|key| (*key).to_owned()).zip(cells).collect()
    };
    lines.map(row).collect()
}

#[test]
fn what_a_derived_rule_keeps_constant_is_flat_in_the_simulation() {
    for dimension in ["d_k", "heads", "d_ff", "context"] {
        for optimizer in ["sgd", "adam"] {
            let rows = rows(&format!("{dimension}-with-{optimizer}-derived.csv"));
            let asked = |row: &&BTreeMap<String, String>| {
                ["update", "forward", "contribution"].contains(&row["quantity"].as_str())
                    && row["predicted"] == "0"
            };
            let flat: Vec<_> = rows.iter().filter(asked).collect();
            let named = |quantity: &str| flat.iter().filter(|row| row["quantity"] == quantity).count();
            assert!(named("update") > 50 && named("forward") >= 12 && named("contribution") == 8);
            for row in flat {
                let slope: f64 = row["slope"].parse().unwrap();
                let quantity = format!("{} of {} by {}", row["quantity"], row["node"], row["parameter"]);
                assert!(slope.abs() < FLAT, "{dimension}, {optimizer}: the slope of {quantity} is {slope}");
            }
        }
    }
}

#[test]
fn what_the_standard_parameterization_does_not_keep_constant_shows() {
    for (dimension, parameter, node) in [("d_k", "W_Q", "q"), ("heads", "W_O", "y"), ("d_ff", "W_2", "z")] {
        let rows = rows(&format!("{dimension}-with-sgd-standard.csv"));
        let own = rows
            .iter()
            .find(|row| row["quantity"] == "update" && row["parameter"] == parameter && row["node"] == node);
        let slope: f64 = own.unwrap()["slope"].parse().unwrap();
        assert!(
            slope.abs() > 0.4,
            "{dimension}: the slope of the update of {node} by {parameter} is {slope}"
        );
    }
}

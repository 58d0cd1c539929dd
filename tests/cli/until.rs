//! Measurements that go on until every slope is known.

use std::fs;

use super::{answer, fscale};

const COMMON: [&str; 7] = ["measure", "mlp", "--scale", "width", "--values", "8,16,32", "--seeds"];

#[test]
fn seeds_are_added_until_every_slope_is_known_and_the_same_runs_are_not_made_twice() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("runs.jsonl");
    let arguments = [COMMON.as_slice(), &["2", "--until", "0.4"]].concat();
    let answer = answer(&arguments);
    for quantity in answer["quantities"].as_array().unwrap() {
        let [low, high] = [0, 1].map(|end| quantity["interval"][end].as_f64().unwrap());
        let slope = quantity["slope"].as_f64().unwrap();
        assert!(slope - low <= 0.4 && high - slope <= 0.4 && low <= high, "{quantity}");
    }
    let seeds = answer["seeds"].as_u64().unwrap();
    assert!(seeds > 8, "{seeds}");
    let sizes = answer["values"].as_array().unwrap().len();
    let note = format!("every slope is known to ± 0.4, from {seeds} seeds at {sizes} sizes");
    assert_eq!(answer["notes"][0], note.as_str());
    let text = fscale(&arguments).stdout;
    let results = [arguments.as_slice(), &["--results", path.to_str().unwrap()]].concat();
    assert_eq!(fscale(&results).stdout, text);
    let kept = fs::read(&path).unwrap();
    assert_eq!(fscale(&results).stdout, text);
    assert!(fs::read(&path).unwrap() == kept, "nothing is run twice");
}

#[test]
fn a_budget_ends_what_cannot_be_known_and_says_what_is_not() {
    let arguments = [COMMON.as_slice(), &["4", "--until", "0.000001", "--budget", "1s"]].concat();
    let outcome = fscale(&arguments);
    assert!(outcome.status < 2 && outcome.stderr.is_empty(), "{}", outcome.stderr);
    let note = outcome.stdout.split_once("note: not known to ± 0.000001 from ").unwrap().1;
    let note = note.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(note.contains("forward of `h1`, ") && note.contains("update of `out` by `W_1`, "), "{note}");
}

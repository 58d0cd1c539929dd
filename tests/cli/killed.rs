//! Measurements that are killed at any moment, again and again: nothing is lost, and nothing is done twice.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::{Outcome, fscale};

const MEASURE: [&str; 9] =
    ["measure", "mlp", "--scale", "width", "--values", "32,64,128", "--seeds", "24", "--hp=standard"];
const RUNS: usize = 3 * 24;

/// How often a measurement is killed at least.
const KILLS: usize = 25;

/// Moments that look like chance and are the same in every test.
struct Moments(u64);

impl Moments {
    /// The next one, before `end`.
    fn next(&mut self, end: Duration) -> Duration {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        end * u32::try_from(self.0 >> 40).unwrap() / (1 << 24)
    }
}

fn measure(more: &[&str]) -> Outcome {
    let outcome = fscale(&[MEASURE.as_slice(), more].concat());
    assert_eq!(outcome.stderr, "");
    outcome
}

/// Starts the measurement and kills it then.
fn kill(path: &Path, then: Duration) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_fscale"))
        .args(MEASURE)
        .args(["--results", path.to_str().unwrap()])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(then);
    child.kill().unwrap();
    child.wait().unwrap();
}

/// The runs whose lines are whole, each of which must be there once.
fn runs(path: &Path) -> BTreeSet<(u64, u64)> {
    let text = fs::read_to_string(path).unwrap_or_default();
    let whole = text.split_inclusive('\n').filter(|line| line.ends_with('\n')).skip(1);
    let mut runs = BTreeSet::new();
    for line in whole {
        let run: serde_json::Value = serde_json::from_str(line).unwrap();
        let run = (run["value"].as_u64().unwrap(), run["seed"].as_u64().unwrap());
        assert!(runs.insert(run), "{run:?} is there twice");
    }
    runs
}

#[test]
fn a_measurement_that_is_killed_at_any_moment_ends_with_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let begun = Instant::now();
    let whole = measure(&[]);
    let took = begun.elapsed();
    let (mut moments, mut kills, mut chains) = (Moments(1), 0, 0);
    while kills < KILLS {
        chains += 1;
        let path = folder.path().join(format!("{chains}.jsonl"));
        let mut before = BTreeSet::new();
        for _ in 0..5 {
            kill(&path, moments.next(took));
            kills += 1;
            let after = runs(&path);
            assert!(before.is_subset(&after), "a run is lost");
            before = after;
        }
        let results = ["--results", path.to_str().unwrap()];
        assert_eq!(measure(&results).stdout, whole.stdout);
        assert_eq!(runs(&path).len(), RUNS);
        let kept = fs::read(&path).unwrap();
        assert_eq!(measure(&results).stdout, whole.stdout);
        assert!(fs::read(&path).unwrap() == kept, "something is run twice");
    }
}

/// The lines of a killed measurement, told again with those that were missing.
#[test]
fn lines_are_the_same_on_any_number_of_threads_and_after_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("runs.jsonl");
    let on = |threads: &str| {
        let program = Command::new(env!("CARGO_BIN_EXE_fscale"))
            .args(MEASURE)
            .args(["--format", "jsonl"])
            .env("RAYON_NUM_THREADS", threads)
            .output();
        String::from_utf8(program.unwrap().stdout).unwrap()
    };
    let whole = on("1");
    assert_eq!(on("7"), whole);
    kill(&path, Duration::from_millis(60));
    let results = ["--format", "jsonl", "--results", path.to_str().unwrap()];
    assert_eq!(measure(&results).stdout, whole);

    let lines: Vec<serde_json::Value> =
        whole.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["schema"], &lines[0]["values"]), (&1.into(), &serde_json::json!([32, 64, 128])));
    let told =
        lines[1..=RUNS].iter().map(|run| (run["value"].as_u64().unwrap(), run["seed"].as_u64().unwrap()));
    let order = [32, 64, 128].into_iter().flat_map(|value| (0..24).map(move |seed| (value, seed)));
    assert!(told.eq(order));
    assert!(lines[1]["quantities"]["forward(h1)"].is_f64(), "{}", lines[1]);

    let object: serde_json::Value = serde_json::from_str(&measure(&["--format", "json"]).stdout).unwrap();
    let (quantities, last) = lines[1 + RUNS..].split_at(lines.len() - RUNS - 2);
    assert_eq!(object["quantities"].as_array().unwrap(), quantities);
    assert_eq!(last[0]["summary"], object["summary"]);
}

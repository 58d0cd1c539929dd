//! Long work that was interrupted goes on where it stopped, and ends with the same bytes.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::{Outcome, fscale};

/// The first two thirds of a file, so that its last line is a half one.
fn truncate(path: &Path) {
    let text = fs::read(path).unwrap();
    fs::write(path, &text[..text.len() * 2 / 3]).unwrap();
}

fn lines(path: &Path) -> Vec<String> {
    fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn an_interrupted_measurement_goes_on_where_it_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("runs.jsonl");
    let measure = |more: &[&str]| {
        let common = ["measure", "mlp", "--scale", "width", "--values", "8,16,32", "--seeds", "3"];
        fscale(&common.iter().chain(more).copied().collect::<Vec<_>>())
    };
    let results = ["--results", path.to_str().unwrap()];
    let whole = measure(&[]);
    assert_eq!(measure(&results).stdout, whole.stdout);
    assert_eq!(lines(&path).len(), 1 + 9);
    truncate(&path);
    assert_eq!(measure(&results).stdout, whole.stdout);
    assert_eq!(lines(&path).len(), 1 + 9);
    let kept = lines(&path);
    assert_eq!(measure(&results).stdout, whole.stdout);
    assert_eq!(lines(&path), kept, "nothing is run twice");
}

#[test]
fn an_interrupted_trial_goes_on_where_it_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("runs.jsonl");
    let tried = |more: &[&str]| {
        let common =
            ["measure", "mlp", "--random", "1", "--values", "4,8,16", "--seeds", "2", "--format", "json"];
        fscale(&common.iter().chain(more).copied().collect::<Vec<_>>())
    };
    let whole = tried(&[]);
    assert_eq!(whole.stderr, "");
    let results = ["--results", path.to_str().unwrap()];
    assert_eq!(tried(&results).stdout, whole.stdout);
    let runs = lines(&path).len();
    // Slopes disagree at such sizes: each case is measured again with four times the seeds.
    assert!(
        whole.stdout.contains("a slope disagreed, or may have, in 2 cases of 2, measured again with 8 seeds")
    );
    assert_eq!(runs, 1 + 2 * 3 * 8, "dimensions, sizes, seeds");
    truncate(&path);
    assert_eq!(tried(&results).stdout, whole.stdout);
    assert_eq!(lines(&path).len(), runs);
}

#[test]
fn an_interrupted_figure_goes_on_where_it_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("runs.jsonl");
    let drawing = folder.path().join("width.svg");
    let drawn = |more: &[&str]| {
        let out = drawing.to_str().unwrap();
        let common =
            ["figure", "mlp", "--scale", "width", "--values", "4,8,16", "--seeds", "2", "--out", out];
        let outcome = fscale(&common.iter().chain(more).copied().collect::<Vec<_>>());
        assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""));
        fs::read(&drawing).unwrap()
    };
    let whole = drawn(&[]);
    let results = ["--results", path.to_str().unwrap()];
    assert!(drawn(&results) == whole);
    assert_eq!(lines(&path).len(), 1 + 2 * 3 * 2, "standard and derived, sizes, seeds");
    truncate(&path);
    assert!(drawn(&results) == whole);
    assert_eq!(lines(&path).len(), 1 + 2 * 3 * 2);
}

/// A file can hold several experiments on a network; none is taken for another.
#[test]
fn runs_of_another_experiment_are_not_taken() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("runs.jsonl");
    let results = ["--results", path.to_str().unwrap()];
    let measure = |more: &[&str]| {
        let common = ["measure", "mlp", "--scale", "width", "--values", "8,16", "--seeds", "2"];
        fscale(&common.iter().chain(more).copied().collect::<Vec<_>>())
    };
    let others: [&[&str]; 6] = [
        &[],
        &["--seed", "1"],
        &["--hp", "standard"],
        &["--optimizer", "adam"],
        &["--precision", "f64"],
        &["--hp", "standard", "--optimizer", "normalized"],
    ];
    for (number, other) in (1..).zip(others) {
        let alone = measure(other);
        let beside = measure(&[other, &results].concat());
        assert_eq!((beside.stdout, beside.stderr), (alone.stdout, alone.stderr), "{other:?}");
        assert_eq!(lines(&path).len(), 1 + 4 * number, "{other:?}");
    }
    let other = fscale(&["measure", "--scale", "d_k", "--values", "8,16", "--results", results[1]]);
    assert_eq!((other.status, other.stdout.as_str()), (2, ""));
    assert!(other.stderr.contains("holds no results of this architecture and version"), "{}", other.stderr);
}

/// Millions of numbers where there can be none take no more memory than their text.
#[cfg(target_os = "linux")]
#[test]
fn a_file_with_an_endless_line_is_refused_in_little_memory() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (plan, runs, wide, begun) =
        (path("plan.json"), path("runs.jsonl"), path("wide.json"), path("begun.jsonl"));
    let options = ["mlp", "--scale", "width", "--values", "8,16", "--seeds", "1"];
    assert_eq!(fscale(&[["sweep", "plan"].as_slice(), &options, &["--out", &plan]].concat()).stderr, "");
    assert_eq!(fscale(&[["measure"].as_slice(), &options, &["--results", &begun]].concat()).stderr, "");
    let numbers = "1,".repeat(16 << 20);
    let text = fs::read_to_string(&begun).unwrap();
    let run = text.lines().nth(1).unwrap().replace("\"magnitudes\":[", &format!("\"magnitudes\":[{numbers}"));
    let first = text.lines().next().unwrap();
    fs::write(&runs, format!("{first}\n{run}\n")).unwrap();
    let text = fs::read_to_string(&plan).unwrap();
    fs::write(&wide, text.replace("\"init\": {", &format!("\"init\": {{\"a\":[{numbers}1],"))).unwrap();
    fs::write(&begun, text.replace('\n', "").repeat(1 << 13)).unwrap();
    let measure = [["measure"].as_slice(), &options].concat();
    let cases: [(&[&str], &str); 4] = [
        (
            &[measure.as_slice(), &["--results", &runs]].concat(),
            "holds more on line 2 than a run of this network has",
        ),
        (&[measure.as_slice(), &["--results", &begun]].concat(), "holds no results of this architecture"),
        (&["sweep", "merge", &plan, &runs], "holds more on line 2 than a run of this network has"),
        (&["sweep", "merge", &wide, &runs], "invalid type: sequence, expected a string"),
    ];
    for (arguments, said) in cases {
        let script = "ulimit -v 400000; exec \"$0\" \"$@\"";
        let output = Command::new("bash")
            .args(["-c", script, env!("CARGO_BIN_EXE_fscale")])
            .args(arguments)
            .env("RAYON_NUM_THREADS", "1")
            .output()
            .unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && stderr.contains(said), "{said}: {stderr}");
    }
}

/// Small enough to be reported on in seconds.
pub(super) const NET: &str = r#"
name = "net"
title = "Net"
dimensions.batch = { kind = "sample", size = 2 }
dimensions.d_in = { kind = "feature", size = 4 }
dimensions.width = { kind = "feature", size = 4 }
dimensions.d_out = { kind = "feature", size = 2 }
axes = { b = "batch", i = "d_in", w = "width", o = "d_out" }
node = [
    { name = "u", op = "input", axes = "bi" },
    { name = "h", op = "linear", input = "u", weight = "W_1", einsum = "wi,bi->bw" },
    { name = "r", op = "relu", input = "h" },
    { name = "out", op = "linear", input = "r", weight = "W_2", einsum = "ow,bw->bo" },
]
loss = { op = "mse", output = "out" }
"#;

/// A folder with a network in it, to be reported on.
struct Reported {
    folder: tempfile::TempDir,
}

impl Reported {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("net.toml"), NET).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn unfinished(&self, out: &str) -> std::path::PathBuf {
        self.folder.path().join(out).join("unfinished.jsonl")
    }

    /// Starts the report and ends it by force when so many runs are in the file of finished ones.
    fn kill(&self, out: &str, runs: usize) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_fscale"))
            .args(["report", &self.path("net.toml"), "--seeds", "2", "--out", &self.path(out)])
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let begun = Instant::now();
        let finished = || fs::read_to_string(self.unfinished(out)).map_or(0, |text| text.lines().count());
        while finished() < 1 + runs {
            assert!(child.try_wait().unwrap().is_none(), "the report ended before it was interrupted");
            assert!(begun.elapsed() < Duration::from_secs(120), "the report does not come on");
            std::thread::sleep(Duration::from_millis(1));
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }

    fn report(&self, out: &str, more: &[&str]) -> Outcome {
        let (net, out) = (self.path("net.toml"), self.path(out));
        let common = ["report", &net, "--seeds", "2", "--out", &out];
        let outcome = fscale(&common.iter().chain(more).copied().collect::<Vec<_>>());
        assert_eq!(outcome.stderr, "");
        outcome
    }

    /// Every file of a report.
    fn files(&self, out: &str) -> BTreeMap<String, Vec<u8>> {
        let entries = fs::read_dir(self.folder.path().join(out)).unwrap().map(Result::unwrap);
        let file =
            |entry: fs::DirEntry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap());
        entries.map(file).collect()
    }
}

#[test]
fn an_interrupted_report_goes_on_where_it_stopped() {
    let reported = Reported::new();
    reported.report("whole", &[]);
    let whole = reported.files("whole");
    assert!(whole.contains_key("report.md") && !whole.contains_key("unfinished.jsonl"));
    reported.kill("killed", 20);
    let unfinished = reported.unfinished("killed");
    assert!(!reported.files("killed").contains_key("report.md"));
    truncate(&unfinished);
    let kept = lines(&unfinished).len() - 1;
    reported.kill("killed", kept + 3);
    reported.report("killed", &[]);
    assert!(reported.files("killed") == whole, "an interrupted report differs from a whole one");
}

/// What is left of a report is of no use to another one: it must not get into it.
#[test]
fn a_report_does_not_take_runs_of_another() {
    let reported = Reported::new();
    reported.report("other-seed", &["--seed", "1"]);
    reported.kill("seed", 20);
    reported.report("seed", &["--seed", "1"]);
    assert!(reported.files("seed") == reported.files("other-seed"));
    reported.kill("network", 20);
    let path = reported.path("net.toml");
    fs::write(&path, NET.replace("\"width\"", "\"wide\"").replace("dimensions.width", "dimensions.wide"))
        .unwrap();
    reported.report("network", &[]);
    reported.report("other-network", &[]);
    assert!(reported.files("network") == reported.files("other-network"));
}

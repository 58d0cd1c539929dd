//! What was computed is told, whatever becomes of the files beside the answer.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::resume::NET;
use super::{Outcome, fscale};

/// The program where no file can become larger than so many units, of 512 or 1024 bytes: as on a disk that is full then.
fn limited(units: &str, arguments: &[&str]) -> Outcome {
    let script = "trap '' XFSZ; ulimit -f $0; exec \"$@\"";
    let output = Command::new("bash")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["-c", script, units, env!("CARGO_BIN_EXE_fscale")])
        .args(arguments)
        .output()
        .unwrap();
    Outcome::of(output)
}

/// Whole lines alone: those of the runs that could be kept.
fn kept(path: &Path) -> usize {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.ends_with("}\n"), "half a line is left");
    text.lines().count() - 1
}

const UNFINISHED: &str = "error[results]: `FILE` does not hold every run: file too large\n  = hint: make room and run the \
                          same again: it goes on after the runs that the file holds\n";

#[test]
fn a_measurement_is_told_where_its_runs_cannot_be_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (net, path) = (folder.path().join("net.toml"), folder.path().join("runs.jsonl"));
    fs::write(&net, NET).unwrap();
    let common = ["measure", net.to_str().unwrap(), "--values", "4,8,16", "--seeds"];
    let cases: [&[&str]; 4] = [
        &["40", "--scale", "width"],
        &["40", "--scale", "width", "--format", "jsonl"],
        &["2", "--scale", "width", "--until", "0.4"],
        &["2", "--random", "1"],
    ];
    for more in cases {
        let alone = [common.as_slice(), more].concat();
        let results = [alone.as_slice(), &["--results", path.to_str().unwrap()]].concat();
        let whole = fscale(&alone);
        let full = limited("4", &results);
        assert!(full.stdout == whole.stdout && whole.stdout.len() > 500, "{more:?}: {}", full.stdout);
        let said = full.stderr.replace(path.to_str().unwrap(), "FILE");
        assert_eq!((full.status, said.as_str()), (2, UNFINISHED), "{more:?}");
        let before = kept(&path);
        let again = fscale(&results);
        assert_eq!((again.status, again.stderr.as_str()), (whole.status, ""), "{more:?}");
        assert!(again.stdout == whole.stdout && before > 0 && kept(&path) > before, "{more:?}");
        fs::remove_file(&path).unwrap();
    }
}

#[test]
fn a_figure_that_cannot_be_written_is_printed() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (drawing, runs) = (path("a.svg"), path("runs.jsonl"));
    let figure =
        ["figure", "mlp", "--scale", "width", "--values", "4,8,16", "--seeds", "20", "--out", &drawing];
    let results = [figure.as_slice(), &["--results", &runs]].concat();
    assert_eq!(fscale(&figure).status, 0);
    let whole = fs::read_to_string(&drawing).unwrap();
    fs::write(&drawing, "another").unwrap();
    let full = limited("16", &results);
    assert!(full.status == 2 && full.stdout == whole, "{}", full.stderr);
    let said = full.stderr.replace(&drawing, "DRAWING").replace(&runs, "FILE");
    let unwritten = "error[output]: cannot write `DRAWING`: file too large\n  = note: what it lacks is printed instead\n  \
                     = hint: give a file in a folder that can be written\n";
    assert_eq!(said, format!("{unwritten}\n{UNFINISHED}"));
    assert_eq!(fs::read_to_string(&drawing).unwrap(), "another", "a file stays until the new one is whole");
    assert!(kept(Path::new(&runs)) > 0 && fs::read_dir(folder.path()).unwrap().count() == 2);
}

#[test]
fn a_report_that_cannot_be_written_is_printed_and_its_runs_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(path("net.toml"), NET).unwrap();
    let (net, whole, full) = (path("net.toml"), path("whole"), path("full"));
    let report = |out| ["report", &net, "--seeds", "2", "--out", out];
    assert_eq!(fscale(&report(&whole)).stderr, "");
    let page = fs::read_to_string(Path::new(&whole).join("report.md")).unwrap();
    let outcome = limited("4", &report(&full));
    assert!(outcome.status == 2 && outcome.stdout == page, "{}", outcome.stderr);
    let said = outcome.stderr.replace(&full, "full");
    assert!(said.starts_with("error[output]: cannot write `full/report.md`: file too large\n"), "{said}");
    assert!(
        said.contains("`full/report.html`: file too large\n") && said.contains("unfinished.jsonl"),
        "{said}"
    );
    assert!(kept(&Path::new(&full).join("unfinished.jsonl")) > 0);
    assert_eq!(fscale(&report(&full)).stderr, "");
    for entry in fs::read_dir(&whole).unwrap() {
        let file = entry.unwrap();
        assert!(fs::read(Path::new(&full).join(file.file_name())).unwrap() == fs::read(file.path()).unwrap());
    }
}

#[test]
fn runs_of_a_share_that_cannot_be_kept_are_printed() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let options = ["mlp", "--scale", "width", "--values", "4,8,16", "--seeds", "20"];
    let (plan, runs, rest) = (path("plan.json"), path("runs.jsonl"), path("rest.jsonl"));
    let planned = fscale(&[["sweep", "plan"].as_slice(), &options, &["--out", &plan]].concat());
    assert_eq!(planned.stderr, "");
    let full = limited("16", &["sweep", "run", &plan, "--shard", "0/1", "--out", &runs]);
    let said = full.stderr.replace(&runs, "FILE");
    let note = "file too large\n  = note: what it lacks is printed instead\n";
    assert_eq!((full.status, said), (2, UNFINISHED.replace("file too large\n", note)));
    fs::write(&rest, &full.stdout).unwrap();
    assert_eq!((kept(Path::new(&runs)) > 0, kept(Path::new(&runs)) + kept(Path::new(&rest))), (true, 60));
    let merged = fscale(&["sweep", "merge", &plan, &runs, &rest]);
    assert!(
        merged.stdout == fscale(&[["measure"].as_slice(), &options].concat()).stdout,
        "{}",
        merged.stderr
    );
}

#[cfg(target_os = "linux")]
#[test]
fn an_answer_is_told_where_its_proof_cannot_be_written() {
    let cases: [&[&str]; 3] = [
        &["derive", "mlp", "--scale", "width"],
        &["derive", "--scale", "heads=n,d_k=m"],
        &["explain", "--scale", "d_v"],
    ];
    for command in cases {
        let full = fscale(&[command, &["--certificate", "/dev/full"]].concat());
        assert_eq!(full.stdout, fscale(command).stdout, "{command:?}");
        let said = "error[output]: cannot write `/dev/full`: no space left on device\n  = hint: give a file in a folder \
                    that can be written\n";
        assert_eq!((full.status, full.stderr.as_str()), (2, said), "{command:?}");
    }
}

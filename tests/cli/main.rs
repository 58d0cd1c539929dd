//! The program as its users meet it: answers, formats, exit statuses, diagnostics, files.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod alignment;
mod answers;
mod apart;
mod at_sizes;
mod bounds;
mod diagnostics;
mod files;
mod formats;
mod gauge;
mod hyperparameters;
mod killed;
mod later;
#[cfg(unix)]
mod lost;
mod measured;
mod outputs;
#[cfg(unix)]
mod pipes;
mod proofs;
mod reference;
mod resume;
mod several;
mod slurm;
mod sweep;
mod until;

use assert_cmd::Command;

/// What a run of the program left.
struct Outcome {
    status: i32,
    stdout: String,
    stderr: String,
}

/// The program in the root of the repository.
fn fscale(arguments: &[&str]) -> Outcome {
    let output = Command::new(env!("CARGO_BIN_EXE_fscale"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(arguments)
        .output()
        .unwrap();
    Outcome::of(output)
}

impl Outcome {
    fn of(output: std::process::Output) -> Self {
        Self {
            // A process that was ended by a signal has no status.
            status: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// The answer of a run that has one, as JSON.
fn answer(arguments: &[&str]) -> serde_json::Value {
    let arguments: Vec<&str> = arguments.iter().copied().chain(["--format", "json"]).collect();
    let outcome = fscale(&arguments);
    assert_eq!(outcome.stderr, "", "{arguments:?}");
    serde_json::from_str(&outcome.stdout).unwrap()
}

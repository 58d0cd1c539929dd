//! The file of finished runs that lets a long measurement be resumed: a line of JSON for the experiment, then one for
//! each run.
#![allow(clippy::disallowed_types, reason = "measured magnitudes are floating-point numbers")]

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use serde_json::{Value, json};

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::simulate::{Run, Seed};

/// Largest file of results that is read, in bytes.
const LARGEST_FILE: u64 = 1 << 28;

/// An open file of results.
pub(super) struct Results {
    path: PathBuf,
    file: Mutex<File>,
    failure: Mutex<Option<io::Error>>,
}

impl Results {
    /// Opens the file, or begins it, for an experiment with some values. A line that was not finished is dropped.
    ///
    /// # Errors
    /// If it cannot be read or written, holds something else, or belongs to another experiment.
    pub(super) fn open(
        path: &Path,
        experiment: &Value,
        values: &[usize],
    ) -> Result<(Self, BTreeMap<Run, Vec<f64>>), Diagnostics> {
        let failed = |error: io::Error| failed(path, &error);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(failed)?;
        let mut bytes = Vec::new();
        (&mut file).take(LARGEST_FILE + 1).read_to_end(&mut bytes).map_err(failed)?;
        if bytes.len() as u64 > LARGEST_FILE {
            return Err(wrong(path, "is larger than 256 MiB", "begin another file").into());
        }
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let text = std::str::from_utf8(&bytes[..whole])
            .map_err(|_| wrong(path, "does not hold results", "give a file that `--results` wrote"))?;
        let done = read(path, text, experiment, values)?;
        file.set_len(whole as u64).map_err(failed)?;
        file.seek(SeekFrom::End(0)).map_err(failed)?;
        if whole == 0 {
            file.write_all(format!("{experiment}\n").as_bytes()).map_err(failed)?;
        }
        let results = Self { path: path.into(), file: Mutex::new(file), failure: Mutex::new(None) };
        Ok((results, done))
    }

    /// Appends a finished run, in one write.
    pub(super) fn append(&self, run: Run, value: usize, magnitudes: &[f64]) {
        let magnitudes: Vec<Value> = magnitudes.iter().map(|held| written(*held)).collect();
        let line = json!({"value": value, "seed": run.seed.0, "magnitudes": magnitudes});
        let Ok(mut file) = self.file.lock() else { return };
        let result = file.write_all(format!("{line}\n").as_bytes());
        if let (Err(error), Ok(mut failure)) = (result, self.failure.lock()) {
            failure.get_or_insert(error);
        }
    }

    /// Whether every run was appended.
    pub(super) fn close(self) -> Result<(), Diagnostics> {
        match self.failure.into_inner() {
            Ok(Some(error)) => Err(failed(&self.path, &error).into()),
            Ok(None) | Err(_) => Ok(()),
        }
    }
}

fn failed(path: &Path, error: &io::Error) -> Diagnostic {
    wrong(path, &format!("cannot be used: {error}"), "give a file that can be written")
}

fn wrong(path: &Path, message: &str, hint: &str) -> Diagnostic {
    Diagnostic::new("results", format!("`{}` {message}", path.display())).hint(hint)
}

fn read(
    path: &Path,
    text: &str,
    experiment: &Value,
    values: &[usize],
) -> Result<BTreeMap<Run, Vec<f64>>, Diagnostics> {
    let mut done = BTreeMap::new();
    for (number, line) in text.lines().enumerate() {
        let bad = || {
            let message = format!("does not hold a result on line {}", number + 1);
            wrong(path, &message, "remove the line, or begin another file")
        };
        let entry: Value = serde_json::from_str(line).map_err(|_| bad())?;
        if number == 0 {
            if entry != *experiment {
                return Err(wrong(path, "belongs to another experiment", "begin another file").into());
            }
            continue;
        }
        let (value, seed) = (entry["value"].as_u64(), entry["seed"].as_u64());
        let magnitudes = entry["magnitudes"].as_array();
        let magnitudes =
            magnitudes.and_then(|held| held.iter().map(read_number).collect::<Option<Vec<f64>>>());
        let (Some(value), Some(seed), Some(magnitudes)) = (value, seed, magnitudes) else {
            return Err(bad().into());
        };
        // Values of an earlier run that are not asked for now are kept in the file and left alone.
        if let Some(position) = values.iter().position(|held| *held as u64 == value) {
            done.insert(Run { value: position, seed: Seed(seed) }, magnitudes);
        }
    }
    Ok(done)
}

/// JSON has no infinities: they are written as texts.
fn written(number: f64) -> Value {
    if number.is_finite() { json!(number) } else { json!(number.to_string()) }
}

fn read_number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_appended_is_there_again_to_the_bit_and_a_half_line_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("runs.jsonl");
        let experiment = json!({"architecture": "a"});
        let (results, done) = Results::open(&path, &experiment, &[4, 8]).unwrap();
        assert!(done.is_empty());
        let magnitudes = vec![0.1 + 0.2, f64::INFINITY, 5e-324];
        let run = Run { value: 1, seed: Seed(3) };
        results.append(run, 8, &magnitudes);
        results.close().unwrap();
        OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{\"value\": 4, \"se").unwrap();
        let (_, done) = Results::open(&path, &experiment, &[8]).unwrap();
        assert_eq!(done, BTreeMap::from([(Run { value: 0, seed: Seed(3) }, magnitudes)]));
    }

    #[test]
    fn results_of_another_experiment_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("runs.jsonl");
        Results::open(&path, &json!({"architecture": "a"}), &[4]).unwrap();
        let error = Results::open(&path, &json!({"architecture": "b"}), &[4]).err().unwrap();
        assert!(error.to_string().contains("belongs to another experiment"));
    }
}

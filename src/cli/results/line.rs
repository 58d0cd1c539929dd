//! The lines of a file of results: one for the network, then one for each run.
#![allow(clippy::disallowed_types, reason = "measured magnitudes are floating-point numbers")]

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use serde_json::{Value, json};

use super::flaw::Flaw;
use super::regular;
use crate::architecture::Architecture;
use crate::simulate::{Ended, Seed};

/// Largest file of results that is read, in bytes: what is in it is held in memory.
const LARGEST_FILE: u64 = 4 << 30;

/// The first line: what the runs of one file have in common. Each run names the rest.
pub(super) fn network(architecture: &Architecture) -> Value {
    json!({"fscale": env!("CARGO_PKG_VERSION"), "architecture": architecture.source.text})
}

/// Every run of a file, with the number of its line. Half a line at the end is passed over: it may be in the making.
pub(in crate::cli) fn each<E: From<Flaw>>(
    path: &Path,
    architecture: &Architecture,
    run: impl FnMut(usize, Ended<'_>) -> Result<(), E>,
) -> Result<(), E> {
    regular(path)?;
    let file = File::open(path).map_err(Flaw::Unreadable)?;
    read(&file, &network(architecture), run).map(drop)
}

/// How many bytes the whole lines of a file have.
pub(super) fn read<E: From<Flaw>>(
    file: &File,
    network: &Value,
    mut run: impl FnMut(usize, Ended<'_>) -> Result<(), E>,
) -> Result<u64, E> {
    if file.metadata().map_err(Flaw::Unusable)?.len() > LARGEST_FILE {
        return Err(Flaw::TooLarge.into());
    }
    let mut lines = BufReader::new(file);
    let (mut whole, mut line) = (0, Vec::new());
    for number in 1.. {
        line.clear();
        lines.read_until(b'\n', &mut line).map_err(Flaw::Unusable)?;
        if line.last() != Some(&b'\n') {
            // Half a first line is ours only if it begins as the whole one does.
            let ours = number > 1 || network.to_string().as_bytes().starts_with(&line);
            if !ours {
                return Err(Flaw::Foreign.into());
            }
            break;
        }
        whole += line.len() as u64;
        let entry: Option<Value> = serde_json::from_slice(&line).ok();
        match (number, entry) {
            (1, Some(entry)) if entry == *network => {}
            (1, _) => return Err(Flaw::Foreign.into()),
            (_, entry) => {
                let (experiment, size, seed, magnitudes) =
                    entry.as_ref().and_then(held).ok_or(Flaw::Line(number))?;
                run(number, Ended { experiment, size, seed, magnitudes: &magnitudes })?;
            }
        }
    }
    Ok(whole)
}

/// The line of a run.
pub(super) fn line(ended: Ended<'_>) -> String {
    let Ended { experiment, size, seed, magnitudes } = ended;
    let magnitudes: Vec<Value> = magnitudes.iter().map(|held| written(*held)).collect();
    let line = json!({"experiment": experiment, "value": size, "seed": seed.0, "magnitudes": magnitudes});
    format!("{line}\n")
}

/// The run of a line, if it holds one: of which experiment, at which size, with which seed, and its magnitudes.
fn held(entry: &Value) -> Option<(&str, usize, Seed, Vec<f64>)> {
    let size = usize::try_from(entry["value"].as_u64()?).ok()?;
    let magnitudes = entry["magnitudes"].as_array()?.iter().map(read_number);
    let magnitudes = magnitudes.collect::<Option<Vec<f64>>>()?;
    Some((entry["experiment"].as_str()?, size, Seed(entry["seed"].as_u64()?), magnitudes))
}

/// JSON has no infinities: they are written as texts.
fn written(number: f64) -> Value {
    if number.is_finite() { json!(number) } else { json!(number.to_string()) }
}

fn read_number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

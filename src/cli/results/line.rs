//! The lines of a file of results: one for the network, then one for each run. None is read that is longer than a line of
//! this network can be, and what is read is held as numbers: a line takes no more than a few times its length in memory.
#![allow(clippy::disallowed_types, reason = "measured magnitudes are floating-point numbers")]

use std::borrow::Cow;
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use serde::de::{Deserializer, Error, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::flaw::Flaw;
use super::regular;
use crate::architecture::Architecture;
use crate::graph::Graph;
use crate::simulate::{Ended, Experiment, Seed, most_quantities};

/// Largest file of results that is read, in bytes: what is in it is held in memory.
const LARGEST_FILE: u64 = 4 << 30;

/// Bytes of a number, in whatever way it is written.
const LONGEST_NUMBER: usize = 32;

/// Bytes of a line beside exponents and magnitudes: how dimensions grow, names of functions.
const LONGEST_REST: usize = 1 << 20;

/// A letter may be written as an escape of six.
const LONGEST_LETTER: usize = 6;

/// The first line: what the runs of one file have in common. Each run names the rest.
#[derive(Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
struct Network<'l> {
    #[serde(borrow)]
    fscale: Cow<'l, str>,
    #[serde(borrow)]
    architecture: Cow<'l, str>,
}

/// Another line.
#[derive(Deserialize)]
struct Line<'l> {
    #[serde(borrow)]
    experiment: Cow<'l, str>,
    value: usize,
    seed: u64,
    magnitudes: Vec<Magnitude>,
}

/// A number. JSON has no infinities: they are written as texts.
struct Magnitude(f64);

impl<'de> Deserialize<'de> for Magnitude {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ANumber).map(Self)
    }
}

struct ANumber;

impl Visitor<'_> for ANumber {
    type Value = f64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<f64, E> {
        Ok(number)
    }

    #[allow(clippy::cast_precision_loss, reason = "who writes a whole number means the nearest magnitude")]
    fn visit_u64<E: Error>(self, number: u64) -> Result<f64, E> {
        Ok(number as f64)
    }

    #[allow(clippy::cast_precision_loss, reason = "who writes a whole number means the nearest magnitude")]
    fn visit_i64<E: Error>(self, number: i64) -> Result<f64, E> {
        Ok(number as f64)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<f64, E> {
        text.parse().map_err(E::custom)
    }
}

impl<'a> Network<'a> {
    fn of(architecture: &'a Architecture) -> Self {
        Self {
            fscale: env!("CARGO_PKG_VERSION").into(),
            architecture: architecture.source.text.as_str().into(),
        }
    }
}

/// The first line of a network.
pub(super) fn network(architecture: &Architecture) -> String {
    format!("{}\n", json!(Network::of(architecture)))
}

/// The line of a run.
pub(super) fn line(ended: Ended<'_>) -> String {
    let Ended { experiment, size, seed, magnitudes } = ended;
    let magnitudes: Vec<Value> = magnitudes.iter().map(|held| written(*held)).collect();
    let line = json!({"experiment": experiment, "value": size, "seed": seed.0, "magnitudes": magnitudes});
    format!("{line}\n")
}

fn written(number: f64) -> Value {
    if number.is_finite() { json!(number) } else { json!(number.to_string()) }
}

/// Every run of a file, with the number of its line. Half a line at the end is passed over: it may be in the making.
pub(in crate::cli) fn each<E: From<Flaw>>(
    path: &Path,
    architecture: &Architecture,
    run: impl FnMut(usize, Ended<'_>) -> Result<(), E>,
) -> Result<(), E> {
    regular(path)?;
    let file = File::open(path).map_err(Flaw::Unreadable)?;
    read(&file, architecture, run).map(drop)
}

/// How many bytes the whole lines of a file have.
pub(super) fn read<E: From<Flaw>>(
    file: &File,
    architecture: &Architecture,
    mut run: impl FnMut(usize, Ended<'_>) -> Result<(), E>,
) -> Result<u64, E> {
    if file.metadata().map_err(Flaw::Unusable)?.len() > LARGEST_FILE {
        return Err(Flaw::TooLarge.into());
    }
    let (mut lines, mut line) = (BufReader::new(file), Vec::new());
    let first = network(architecture);
    let is_first = next(&mut lines, &mut line, LONGEST_LETTER * first.len()).map_err(Flaw::Unusable)?;
    if line.last() != Some(&b'\n') {
        // Half a first line is ours only if it begins as the whole one does.
        return if first.as_bytes().starts_with(&line) { Ok(0) } else { Err(Flaw::Foreign.into()) };
    }
    if !is_first || serde_json::from_slice(&line).ok() != Some(Network::of(architecture)) {
        return Err(Flaw::Foreign.into());
    }
    let mut whole = line.len() as u64;
    let (most, longest) = (most_quantities(&architecture.graph), longest(&architecture.graph));
    for number in 2.. {
        if !next(&mut lines, &mut line, longest).map_err(Flaw::Unusable)? {
            return Err(Flaw::Long(number).into());
        }
        if line.last() != Some(&b'\n') {
            break;
        }
        whole += line.len() as u64;
        let held: Line<'_> = serde_json::from_slice(&line).map_err(|_| Flaw::Line(number))?;
        if held.magnitudes.len() > most {
            return Err(Flaw::Long(number).into());
        }
        let magnitudes: Vec<f64> = held.magnitudes.into_iter().map(|Magnitude(number)| number).collect();
        let (size, seed) = (held.value, Seed(held.seed));
        run(number, Ended { experiment: &held.experiment, size, seed, magnitudes: &magnitudes })?;
    }
    Ok(whole)
}

/// Reads the next line. Whether it is no longer than this; what is longer is not read to its end.
fn next(lines: &mut impl BufRead, line: &mut Vec<u8>, longest: usize) -> io::Result<bool> {
    line.clear();
    lines.take(longest as u64 + 1).read_until(b'\n', line)?;
    Ok(line.len() <= longest)
}

/// Bytes that no line of a run on a network exceeds.
fn longest(graph: &Graph) -> usize {
    let exponents = 2 * graph.parameters.len() + graph.multipliers.len();
    let exponents = exponents * (1 + Experiment::LONGEST_EXPONENT);
    most_quantities(graph) * LONGEST_NUMBER + exponents + LONGEST_REST
}

//! Finished runs as a text that lets long work be resumed: a line of JSON for the network, then one for each run.
//!
//! No line is read that is longer than a line of the network can be, and what is read is held as numbers: a line takes no more
//! than a few times its length in memory.
#![allow(clippy::disallowed_types, reason = "measured magnitudes are floating-point numbers")]

use std::borrow::Cow;
use std::fmt;
use std::io::{self, BufRead, Read};
use std::iter;

use serde::de::{Deserializer, Error, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use thiserror::Error;

use crate::architecture::Architecture;
use crate::graph::Graph;
use crate::simulate::{Ended, Experiment, Finished, Seed, most_quantities};

/// Longest text that is read, in bytes: what is in it is held in memory.
const LONGEST_TEXT: u64 = 4 << 30;

/// Bytes of a number, in whatever way it is written.
const LONGEST_NUMBER: usize = 32;

/// Bytes of a line beside exponents and magnitudes: how dimensions grow, names of functions.
const LONGEST_REST: usize = 1 << 20;

/// A letter may be written as an escape of six.
const LONGEST_LETTER: usize = 6;

/// Why a text does not hold the runs of a network.
#[derive(Debug, Error)]
pub enum ResultsError {
    /// It cannot be read to its end.
    #[error("cannot be used: {0}")]
    Read(io::Error),
    /// It is longer than what is held in memory.
    #[error("is larger than 4 GiB")]
    TooLarge,
    /// It holds the runs of another network, or of another version of this program, or something else.
    #[error("holds no results of this architecture and version")]
    Foreign,
    /// A line that holds no run.
    #[error("does not hold a result on line {0}")]
    Line(usize),
    /// A line that is longer, or holds more magnitudes, than one of any run on the network.
    #[error("holds more on line {0} than a run of this network has")]
    Long(usize),
    /// A line that says something else of a run than one before it.
    #[error("holds another result on line {0} than before it of the same run")]
    Contradiction(usize),
}

impl ResultsError {
    /// What to do.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Read(_) => "give a file that can be written",
            Self::TooLarge | Self::Foreign => "begin another file",
            Self::Line(_) | Self::Long(_) => "remove the line, or begin another file",
            Self::Contradiction(_) => "remove the line that is wrong, or begin another file",
        }
    }
}

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
#[must_use]
pub fn network(architecture: &Architecture) -> String {
    format!("{}\n", json!(Network::of(architecture)))
}

/// The line of a run.
#[must_use]
pub fn line(ended: Ended<'_>) -> String {
    let Ended { experiment, size, seed, magnitudes } = ended;
    let magnitudes: Vec<Value> = magnitudes.iter().map(|held| written(*held)).collect();
    let line = json!({"experiment": experiment, "value": size, "seed": seed.0, "magnitudes": magnitudes});
    format!("{line}\n")
}

fn written(number: f64) -> Value {
    if number.is_finite() { json!(number) } else { json!(number.to_string()) }
}

/// The runs of an experiment that are finished, in order, as a text.
#[must_use]
pub fn whole(architecture: &Architecture, experiment: &Experiment<'_>, finished: &Finished) -> String {
    let name = experiment.name();
    let runs = experiment.recorded(finished).map(|(run, magnitudes)| {
        let size = experiment.runs.values.get(run.value).copied().unwrap_or_default();
        line(Ended { experiment: &name, size, seed: run.seed, magnitudes })
    });
    iter::once(network(architecture)).chain(runs).collect()
}

/// Reads a text of so many bytes, and hands on every run with the number of its line. Half a line at the end is passed over: it
/// may be in the making. Returns how many bytes the whole lines have.
///
/// # Errors
/// The first line that is not one of a run on the network, or what is made of a run.
pub fn read<E: From<ResultsError>>(
    mut text: impl BufRead,
    length: u64,
    architecture: &Architecture,
    mut run: impl FnMut(usize, Ended<'_>) -> Result<(), E>,
) -> Result<u64, E> {
    if length > LONGEST_TEXT {
        return Err(ResultsError::TooLarge.into());
    }
    let mut line = Vec::new();
    let first = network(architecture);
    let is_first = next(&mut text, &mut line, LONGEST_LETTER * first.len())?;
    if line.last() != Some(&b'\n') {
        // Half a first line is ours only if it begins as the whole one does.
        return if first.as_bytes().starts_with(&line) { Ok(0) } else { Err(ResultsError::Foreign.into()) };
    }
    if !is_first || serde_json::from_slice(&line).ok() != Some(Network::of(architecture)) {
        return Err(ResultsError::Foreign.into());
    }
    let mut whole = line.len() as u64;
    let (most, longest) = (most_quantities(&architecture.graph), longest(&architecture.graph));
    for number in 2.. {
        if !next(&mut text, &mut line, longest)? {
            return Err(ResultsError::Long(number).into());
        }
        if line.last() != Some(&b'\n') {
            break;
        }
        whole += line.len() as u64;
        let held: Line<'_> = serde_json::from_slice(&line).map_err(|_| ResultsError::Line(number))?;
        if held.magnitudes.len() > most {
            return Err(ResultsError::Long(number).into());
        }
        let magnitudes: Vec<f64> = held.magnitudes.into_iter().map(|Magnitude(number)| number).collect();
        let (size, seed) = (held.value, Seed(held.seed));
        run(number, Ended { experiment: &held.experiment, size, seed, magnitudes: &magnitudes })?;
    }
    Ok(whole)
}

/// The runs of a text of so many bytes, and how many bytes its whole lines have.
///
/// # Errors
/// As for [`read`], and if a line says something else of a run than one before it.
pub fn finished(
    text: impl BufRead,
    length: u64,
    architecture: &Architecture,
) -> Result<(Finished, u64), ResultsError> {
    let mut finished = Finished::none();
    let whole = read(text, length, architecture, |number, ended| {
        if finished.contradicts(ended) {
            return Err(ResultsError::Contradiction(number));
        }
        finished.add(ended);
        Ok(())
    })?;
    Ok((finished, whole))
}

/// Reads the next line. Whether it is no longer than this; what is longer is not read to its end.
fn next(text: &mut impl BufRead, line: &mut Vec<u8>, longest: usize) -> Result<bool, ResultsError> {
    line.clear();
    text.take(longest as u64 + 1).read_until(b'\n', line).map_err(ResultsError::Read)?;
    Ok(line.len() <= longest)
}

/// Bytes that no line of a run on a network exceeds.
fn longest(graph: &Graph) -> usize {
    let exponents = 2 * graph.parameters.len() + graph.multipliers.len();
    let exponents = exponents * (1 + Experiment::LONGEST_EXPONENT);
    most_quantities(graph) * LONGEST_NUMBER + exponents + LONGEST_REST
}

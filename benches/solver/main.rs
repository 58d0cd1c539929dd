//! How long a system takes, in one run with z3 and HiGHS: here a claim, its check and, where there is no solution, an
//! irreducible conflict and its check; there the bare answer. Medians in milliseconds; the peers' divided by ours follow.
//!
//! `cargo bench --bench solver`, with a `python3` (or what `FSCALE_PYTHON` names) that has `z3-solver` and `scipy`.
#![allow(clippy::unwrap_used, reason = "a benchmark that cannot run should stop")]
#![allow(clippy::disallowed_types, reason = "times are measured")]

mod systems;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use fscale::certificate;
use fscale::desiderata::{Claim, Program, Relation};
use fscale::exponent::Exponent;
use fscale::solve;
use systems::{System, systems};

const SIZES: [usize; 4] = [50, 200, 500, 1000];

/// Times of which the median is taken.
const ROUNDS: usize = 9;

fn main() {
    println!("system                   unknowns   rows conflict      ours        z3     highs   ratios");
    for size in SIZES {
        let folder = tempfile::tempdir().unwrap();
        let mut ours = Vec::new();
        for System { family, feasible, program } in systems(size) {
            let name = format!("{family}-{}-{size}", if feasible { "feasible" } else { "infeasible" });
            std::fs::write(folder.path().join(format!("{name}.json")), written(&program)).unwrap();
            let mut times = Vec::new();
            let mut conflict = 0;
            for _ in 0..ROUNDS {
                let start = Instant::now();
                conflict = answered(&program, feasible);
                times.push(start.elapsed().as_secs_f64() * 1e3);
            }
            times.sort_by(f64::total_cmp);
            let (unknowns, rows) = (program.unknowns.len(), program.clauses.len());
            let line = format!("{name:24} {unknowns:>8} {rows:>6} {conflict:>8} {:>9.3}", times[ROUNDS / 2]);
            ours.push((name, line, times[ROUNDS / 2]));
        }
        let peers = peers(folder.path());
        for (name, mut line, time) in ours {
            let mut ratios = String::new();
            for peer in ["z3", "highs"] {
                match peers.get(&(name.clone(), peer.to_owned())) {
                    Some(theirs) => {
                        write!(line, " {theirs:>9.3}").unwrap();
                        write!(ratios, " {:>8.1}", theirs / time).unwrap();
                    }
                    None => write!(line, " {:>9}", "-").unwrap(),
                }
            }
            println!("{line}{ratios}");
        }
    }
}

/// Answers a system with everything that shows the answer right; the size of the conflict.
fn answered(program: &Program, feasible: bool) -> usize {
    let claim = solve::decide(program).unwrap();
    let certified = certificate::check(program, claim).unwrap();
    match certified.claim() {
        Claim::Feasible { .. } => {
            assert!(feasible);
            0
        }
        Claim::Infeasible(refutation) => {
            assert!(!feasible);
            let conflict = solve::irreducible(program, refutation).unwrap();
            let restricted = program.restricted(|id| conflict.requirements.binary_search(&id).is_ok());
            certificate::check(&restricted, Claim::Infeasible(conflict.refutation)).unwrap();
            conflict.requirements.len()
        }
    }
}

/// A system as the script of the peers reads it: the number of unknowns, and rows of entries, constant and relation.
fn written(program: &Program) -> String {
    let number = |value: &Exponent| {
        let (numerator, denominator) = value.parts().unwrap();
        format!("[{numerator},{denominator}]")
    };
    let rows = program.clauses.iter().flat_map(|clause| &clause.rows).map(|row| {
        let entries = row.form.coefficients();
        let entries: Vec<_> =
            entries.map(|(unknown, value)| format!("[{},{}]", unknown.0, number(value))).collect();
        let relation = match row.relation {
            Relation::Zero => "=",
            Relation::AtMostZero => "<=",
        };
        format!("[[{}],{},\"{relation}\"]", entries.join(","), number(row.form.constant_part()))
    });
    format!("[{},[{}]]", program.unknowns.len(), rows.collect::<Vec<_>>().join(",\n"))
}

/// The peers' medians by system and peer; none, with a message, where they cannot run.
fn peers(folder: &Path) -> BTreeMap<(String, String), f64> {
    let python = std::env::var("FSCALE_PYTHON").unwrap_or_else(|_| "python3".into());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/solver/peers.py");
    let output = match Command::new(&python).arg(script).arg(folder).output() {
        Ok(output) => output,
        Err(error) => {
            eprintln!("the peers are skipped: `{python}` does not run: {error}");
            return BTreeMap::new();
        }
    };
    eprint!("{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut times = BTreeMap::new();
    for line in text.lines() {
        let mut words = line.split(' ');
        if let (Some(name), Some(peer), Some(Ok(time))) =
            (words.next(), words.next(), words.next().map(str::parse))
        {
            times.insert((name.into(), peer.into()), time);
        }
    }
    times
}

//! How long a system takes, side by side with z3 and HiGHS: here a claim, its check and, where there is no solution, an
//! irreducible conflict and its check; there the bare answer. The rounds alternate between the three. Medians in
//! milliseconds; the peers' divided by ours follow.
//!
//! `cargo bench --bench solver [-- NAME...]`, with a `python3` (or what `FSCALE_PYTHON` names) that has `z3-solver` and
//! `scipy`. With names, only the systems whose name contains one of them.
#![allow(clippy::unwrap_used, reason = "a benchmark that cannot run should stop")]
#![allow(clippy::disallowed_types, reason = "times are measured")]

mod peers;
mod systems;

use std::fmt::Write as _;
use std::time::Instant;

use fscale::exact::{Claim, Exponent, Program, Relation};
use fscale::{exact, solve};
use peers::{PEERS, Peers};
use systems::{FAMILIES, system};

const SIZES: [usize; 4] = [50, 200, 500, 1000];

/// Times of which the median is taken.
const ROUNDS: usize = 9;

fn main() {
    let names: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let folder = tempfile::tempdir().unwrap();
    let mut peers = Peers::start();
    println!("system                   unknowns   rows conflict      ours        z3     highs     ratios");
    for size in SIZES {
        for (family, feasible) in FAMILIES.into_iter().flat_map(|family| [(family, true), (family, false)]) {
            let name = format!("{family}-{}-{size}", if feasible { "feasible" } else { "infeasible" });
            if !names.is_empty() && !names.iter().any(|wanted| name.contains(wanted)) {
                continue;
            }
            let Some(program) = system(family, feasible, size) else { continue };
            let path = folder.path().join(format!("{name}.json"));
            std::fs::write(&path, written(&program)).unwrap();
            println!("{}", line(&name, &program, feasible, &mut peers, path.to_str().unwrap()));
        }
    }
}

/// Measures one system.
fn line(name: &str, program: &Program, feasible: bool, peers: &mut Peers, path: &str) -> String {
    let mut ours = Vec::new();
    let mut theirs = PEERS.map(|_| Some(Vec::new()));
    let mut conflict = 0;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        conflict = answered(program, feasible);
        ours.push(start.elapsed().as_secs_f64() * 1e3);
        for (peer, times) in PEERS.iter().zip(&mut theirs) {
            let Some(taken) = times else { continue };
            match peers.time(peer, path, feasible) {
                Some(time) => taken.push(time),
                None => *times = None,
            }
        }
    }
    let ours = median(ours);
    let (unknowns, rows) = (program.unknowns.len(), program.clauses.len());
    let mut line = format!("{name:24} {unknowns:>8} {rows:>6} {conflict:>8} {ours:>9.3}");
    let mut ratios = String::new();
    for times in theirs {
        match times.map(median) {
            Some(time) => {
                write!(line, " {time:>9.3}").unwrap();
                write!(ratios, " {:>8.1}", time / ours).unwrap();
            }
            None => {
                write!(line, " {:>9}", "-").unwrap();
                write!(ratios, " {:>8}", "-").unwrap();
            }
        }
    }
    line + &ratios
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// Answers a system with everything that shows the answer right; the size of the conflict.
fn answered(program: &Program, feasible: bool) -> usize {
    let claim = solve::decide(program).unwrap();
    let certified = exact::check(program, claim).unwrap();
    match certified.claim() {
        Claim::Feasible { .. } => {
            assert!(feasible);
            0
        }
        Claim::Infeasible(refutation) => {
            assert!(!feasible);
            let conflict = solve::conflict_of(program, refutation, &[]).unwrap().unwrap();
            let restricted = program.restricted(|id| conflict.requirements.binary_search(&id).is_ok());
            exact::check(&restricted, Claim::Infeasible(conflict.refutation)).unwrap();
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

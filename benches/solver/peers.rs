//! [`Peers`]: the other solvers, in a process of their own that answers one question at a time.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// Their names, in the order of the columns.
pub(crate) const PEERS: [&str; 2] = ["z3", "highs"];

/// Those of [`PEERS`] that run here.
pub(crate) struct Peers {
    process: Option<Process>,
    present: Vec<String>,
}

struct Process {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Peers {
    /// Starts the process; without peers, with a message, where it cannot run.
    pub(crate) fn start() -> Self {
        let python = std::env::var("FSCALE_PYTHON").unwrap_or_else(|_| "python3".into());
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/solver/peers.py");
        let started = Command::new(&python).arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut process = match started {
            Ok(mut child) => {
                let questions = child.stdin.take().unwrap();
                let answers = BufReader::new(child.stdout.take().unwrap());
                Some(Process { child, questions, answers })
            }
            Err(error) => {
                eprintln!("the peers are skipped: `{python}` does not run: {error}");
                None
            }
        };
        let said = process.as_mut().map(Process::read).unwrap_or_default();
        Self { process, present: said.split_whitespace().map(str::to_owned).collect() }
    }

    /// How many milliseconds a peer takes for the system in a file. Nothing if it is not there; nor, with a message, if
    /// its answer is wrong or missing.
    pub(crate) fn time(&mut self, peer: &str, path: &str, feasible: bool) -> Option<f64> {
        if !self.present.iter().any(|present| present == peer) {
            return None;
        }
        let process = self.process.as_mut()?;
        writeln!(process.questions, "{peer} {path}").unwrap();
        let said = process.read();
        let (time, answer) = said.trim().split_once(' ')?;
        if answer != if feasible { "feasible" } else { "infeasible" } {
            eprintln!("{peer} says {answer} after {time} ms:");
            return None;
        }
        time.parse().ok()
    }
}

impl Process {
    fn read(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        line
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

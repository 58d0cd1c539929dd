//! [`PyTorch`]: the usual framework, in a process of its own that makes one check at a time.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

/// The process of the framework, where it runs.
pub(crate) struct PyTorch {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
    /// The version of the framework.
    pub(crate) version: String,
}

impl PyTorch {
    /// Starts the process; nothing, with a message, where it cannot run.
    pub(crate) fn start(threads: usize) -> Option<Self> {
        let python = std::env::var("FSCALE_PYTHON").unwrap_or_else(|_| "python3".into());
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/coordinate_check/pytorch.py");
        let mut command = Command::new(&python);
        command.args([script, &threads.to_string()]).stdin(Stdio::piped()).stdout(Stdio::piped());
        // Keeps what is freed, with glibc: or else large arrays are given back and mapped anew, a quarter of the time.
        command.env("MALLOC_MMAP_THRESHOLD_", (1_u64 << 32).to_string());
        command.env("MALLOC_TRIM_THRESHOLD_", (1_u64 << 34).to_string());
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) => {
                eprintln!("PyTorch is left out: `{python}` does not run: {error}");
                return None;
            }
        };
        let questions = child.stdin.take().unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        let mut started = Self { child, questions, answers, version: String::new() };
        started.version = started.read();
        if started.version.is_empty() {
            eprintln!("PyTorch is left out: name a Python that has it by `FSCALE_PYTHON`");
            return None;
        }
        Some(started)
    }

    /// The answer to a question.
    pub(crate) fn ask(&mut self, question: &Value) -> Value {
        writeln!(self.questions, "{question}").unwrap();
        serde_json::from_str(&self.read()).unwrap()
    }

    fn read(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        line.trim().to_owned()
    }
}

impl Drop for PyTorch {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

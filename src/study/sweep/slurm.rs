//! [`Script`]: a batch script for Slurm, a job array of which each task runs a share.

use thiserror::Error;

use super::Sweep;

/// What a job array is to run, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script<'a> {
    /// The file of the plan.
    pub plan: &'a str,
    /// The folder for the results of the shares.
    pub results: &'a str,
    /// How many shares.
    pub shares: u32,
    /// Processors of each share.
    pub cpus: u32,
    /// MiB of memory of each share, if not what the tasks need.
    pub memory: Option<u64>,
    /// How long a share may take, as Slurm writes it.
    pub time: Option<&'a str>,
    /// The partition.
    pub partition: Option<&'a str>,
}

/// Why there is no such script.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ScriptError {
    /// The name of a file has a character that no line of a script can hold.
    #[error("the name `{0}` has a control character")]
    Control(String),
    /// Not a time as Slurm writes it.
    #[error("`{0}` is no time")]
    Time(String),
    /// Not a list of partitions.
    #[error("`{0}` is no partition")]
    Partition(String),
}

impl ScriptError {
    /// What to do.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Control(_) => "rename it",
            Self::Time(_) => "write minutes, `hours:minutes:seconds` or `days-hours`, like `--time 01:00:00`",
            Self::Partition(_) => {
                "write names of letters, digits, `_`, `-` and `.`, like `--partition short`"
            }
        }
    }
}

/// MiB that a process takes beside the arrays of its runs.
const BESIDE: u64 = 256;

impl Script<'_> {
    /// The script.
    ///
    /// # Errors
    /// If something in it cannot be written.
    pub fn write(&self, sweep: &Sweep) -> Result<String, ScriptError> {
        let (plan, results) = (word(self.plan)?, word(self.results)?);
        if let Some(time) = self.time.filter(|time| !is_time(time)) {
            return Err(ScriptError::Time(time.into()));
        }
        if let Some(partition) = self.partition.filter(|partition| !is_list(partition)) {
            return Err(ScriptError::Partition(partition.into()));
        }
        let leader = sweep.planned().scaling.powers.first();
        let leader = leader.map_or("", |(id, ..)| sweep.architecture().graph.dimension(*id).name.as_str());
        let options = [
            Some(format!("job-name=fscale-{leader}")),
            Some(format!("array=0-{}", self.shares.saturating_sub(1))),
            Some("ntasks=1".into()),
            Some(format!("cpus-per-task={}", self.cpus)),
            Some(format!("mem={}M", self.memory.unwrap_or_else(|| needed(sweep, self.cpus)))),
            self.time.map(|time| format!("time={time}")),
            self.partition.map(|partition| format!("partition={partition}")),
        ];
        let options: String =
            options.into_iter().flatten().map(|option| format!("#SBATCH --{option}\n")).collect();
        let shares = self.shares;
        Ok(format!(
            "\
#!/bin/bash
{options}
# Submit this file from the folder in which the plan was written. When every share has ended, merge:
#
#   fscale sweep merge {plan} {results}
#
# A share that was cut off goes on where it stopped when it is submitted again, as in `sbatch --array=3 FILE`.

set -euo pipefail
export RAYON_NUM_THREADS=\"${{SLURM_CPUS_PER_TASK:-{cpus}}}\"
exec fscale sweep run {plan} --shard \"$SLURM_ARRAY_TASK_ID/{shares}\" --out {results}
",
            cpus = self.cpus
        ))
    }
}

/// MiB for as many of the largest runs at once as there are processors.
fn needed(sweep: &Sweep, cpus: u32) -> u64 {
    let largest = sweep.tasks().iter().map(|task| task.cost.bytes).max().unwrap_or(0);
    let bytes = largest.saturating_mul(cpus.into()).min(sweep.planned().runs.simulation.memory.max(largest));
    bytes.div_ceil(1 << 20) + BESIDE
}

/// A file as one word of a shell, which is not taken for an option.
fn word(name: &str) -> Result<String, ScriptError> {
    if name.chars().any(char::is_control) {
        return Err(ScriptError::Control(
            name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect(),
        ));
    }
    let name = if name.starts_with('-') { format!("./{name}") } else { name.to_owned() };
    Ok(words(&[name]))
}

/// Words of a shell: what holds anything but letters, digits and some signs stands in single quotes.
#[must_use]
pub fn words(words: &[String]) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "_-./=+:,@%".contains(letter);
    let quoted = words.iter().map(|word| {
        if !word.is_empty() && word.chars().all(is_plain) {
            word.clone()
        } else {
            format!("'{}'", word.replace('\'', r"'\''"))
        }
    });
    quoted.collect::<Vec<_>>().join(" ")
}

/// `minutes`, `minutes:seconds`, `hours:minutes:seconds`, `days-hours`, `days-hours:minutes` or with seconds.
fn is_time(text: &str) -> bool {
    let (days, clock) = match text.split_once('-') {
        Some((days, clock)) => (Some(days), clock),
        None => (None, text),
    };
    let is_number =
        |part: &str| !part.is_empty() && part.len() <= 6 && part.bytes().all(|c| c.is_ascii_digit());
    let parts: Vec<&str> = clock.split(':').collect();
    parts.len() <= 3 && days.into_iter().chain(parts).all(is_number)
}

fn is_list(text: &str) -> bool {
    let is_name = |name: &str| {
        let is_letter = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        !name.is_empty() && !name.starts_with('-') && name.chars().all(is_letter)
    };
    text.split(',').all(is_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_survive_a_shell() {
        let cases = [
            ("plan.json", "plan.json"),
            ("my plan.json", "'my plan.json'"),
            ("$(rm)", "'$(rm)'"),
            ("it's", r"'it'\''s'"),
            ("", "''"),
            ("ü", "'ü'"),
            ("--out", "--out"),
        ];
        for (given, quoted) in cases {
            assert_eq!(words(&[given.into()]), quoted);
        }
        assert_eq!(word("-x.json"), Ok("./-x.json".into()));
        assert_eq!(word("a\nb"), Err(ScriptError::Control("a b".into())));
    }

    #[test]
    fn times_and_partitions_are_those_of_slurm() {
        let times = ["30", "30:00", "01:00:00", "2-0", "2-12:30", "2-12:30:15"];
        assert!(times.iter().all(|time| is_time(time)));
        let none = ["", "1h", "1:2:3:4", "1--2", ":30", "1-", "1 2", "9999999"];
        assert!(none.iter().all(|time| !is_time(time)));
        assert!(is_list("short") && is_list("short,gpu-a_1.x"));
        assert!(!is_list("") && !is_list("a b") && !is_list("a,") && !is_list("-a") && !is_list("a\nb"));
    }
}

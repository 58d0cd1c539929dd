//! Which share a scheduler has given to this process, told by the variables that it sets.

use thiserror::Error;

use super::share::{Share, ShareError};

/// A share with the scheduler that gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The share.
    pub share: Share,
    /// Who gave it: `Slurm`.
    pub scheduler: &'static str,
}

/// Why the variables give no share.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EnvironmentError {
    /// Several schedulers have set theirs.
    #[error("several schedulers give a share: `{}` are set", .0.join("`, `"))]
    Several(Vec<&'static str>),
    /// A variable holds no number, or one that is too large.
    #[error("`{variable}` holds no number: `{held}`")]
    NoNumber {
        /// The variable.
        variable: &'static str,
        /// What it holds.
        held: String,
    },
    /// The scheduler does not say how many shares there are, and nobody else does.
    #[error("{0} does not say how many shares there are")]
    NoCount(&'static str),
    /// The scheduler numbers fewer or more processes than there are shares, so that a number says nothing.
    #[error("the scheduler numbers {told} processes, and there are {shares} shares")]
    Part {
        /// How many it numbers.
        told: u32,
        /// How many shares there are.
        shares: u32,
    },
    /// The number is not one of a share.
    #[error("the scheduler gives no share: {0}")]
    Array(ShareError),
}

impl EnvironmentError {
    /// What to do.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Several(_) | Self::NoNumber { .. } | Self::Part { .. } | Self::Array(_) => {
                "name the share, like `--shard 0/4`"
            }
            Self::NoCount(_) => "say how many there are, like `--shares 4`",
        }
    }
}

/// How many shares there are, where no scheduler says so.
const COUNT: &str = "FSCALE_SHARES";

/// A scheduler that numbers processes.
struct Scheduler {
    name: &'static str,
    /// The number of a process.
    index: &'static str,
    /// The number of the first one, if it is not always the same, with the distance of two; else what is always the
    /// first.
    first: First,
    /// How many there are.
    count: Option<&'static str>,
}

enum First {
    Always(u32),
    /// The variables of the first and of the step.
    Told(&'static str, &'static str),
}

const SCHEDULERS: [Scheduler; 3] = [
    Scheduler {
        name: "Slurm",
        index: "SLURM_ARRAY_TASK_ID",
        first: First::Told("SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_STEP"),
        count: Some("SLURM_ARRAY_TASK_COUNT"),
    },
    Scheduler { name: "Kubernetes", index: "JOB_COMPLETION_INDEX", first: First::Always(0), count: None },
    Scheduler { name: "GNU parallel", index: "PARALLEL_SEQ", first: First::Always(1), count: None },
];

impl Found {
    /// The share that the variables give, if a scheduler has set some. How many there are is what was named, or else what
    /// `FSCALE_SHARES` or the scheduler says.
    ///
    /// # Errors
    /// If they give none.
    pub fn in_environment(
        variable: &dyn Fn(&str) -> Option<String>,
        shares: Option<u32>,
    ) -> Result<Option<Self>, EnvironmentError> {
        let number = |name: &'static str| -> Result<Option<u32>, EnvironmentError> {
            let Some(held) = variable(name) else { return Ok(None) };
            let read = held.trim().parse().map(Some);
            read.map_err(|_| EnvironmentError::NoNumber { variable: name, held })
        };
        let set = SCHEDULERS.iter().filter(|scheduler| variable(scheduler.index).is_some());
        let set: Vec<&Scheduler> = set.collect();
        let scheduler = match set.as_slice() {
            [] => return Ok(None),
            [scheduler] => scheduler,
            several => {
                let variables = several.iter().map(|scheduler| scheduler.index);
                return Err(EnvironmentError::Several(variables.collect()));
            }
        };
        let index = number(scheduler.index)?.unwrap_or_default();
        let (first, step) = match scheduler.first {
            First::Always(first) => (first, 1),
            First::Told(first, step) => (number(first)?.unwrap_or(0), number(step)?.unwrap_or(1).max(1)),
        };
        let told = match scheduler.count {
            Some(count) => number(count)?,
            None => None,
        };
        let count = match shares {
            Some(shares) => Some(shares),
            None => number(COUNT)?.or(told),
        };
        let count = count.ok_or(EnvironmentError::NoCount(scheduler.name))?;
        if let Some(told) = told.filter(|told| *told != count) {
            return Err(EnvironmentError::Part { told, shares: count });
        }
        let distance = index.checked_sub(first).filter(|distance| distance.is_multiple_of(step));
        let index = distance.map(|distance| distance / step);
        let share = index.ok_or(ShareError::Index(index.unwrap_or_default(), count));
        let share = share.and_then(|index| Share::new(index, count)).map_err(EnvironmentError::Array)?;
        Ok(Some(Self { share, scheduler: scheduler.name }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Variables that are set, `--shares`, and what comes of it.
    type Case<'a> = (&'a [(&'a str, &'a str)], Option<u32>, &'a str);

    fn found(set: &[(&str, &str)], shares: Option<u32>) -> Result<String, String> {
        let variable =
            |name: &str| set.iter().find(|(known, _)| *known == name).map(|(_, held)| (*held).to_owned());
        match Found::in_environment(&variable, shares) {
            Ok(None) => Ok("none".into()),
            Ok(Some(found)) => Ok(format!("{} by {}", found.share, found.scheduler)),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn every_scheduler_gives_its_share() {
        let slurm = |id, count, first, step| {
            [
                ("SLURM_ARRAY_TASK_ID", id),
                ("SLURM_ARRAY_TASK_COUNT", count),
                ("SLURM_ARRAY_TASK_MIN", first),
                ("SLURM_ARRAY_TASK_STEP", step),
            ]
        };
        let cases: [Case<'_>; 10] = [
            (&[], None, "none"),
            (&[("FSCALE_SHARES", "4")], Some(4), "none"),
            (&slurm("3", "4", "0", "1"), None, "3/4 by Slurm"),
            (&slurm("1", "4", "1", "1"), None, "0/4 by Slurm"),
            (&slurm("9", "4", "3", "2"), None, "3/4 by Slurm"),
            (&slurm("3", "4", "0", "1"), Some(4), "3/4 by Slurm"),
            (&[("JOB_COMPLETION_INDEX", "0")], Some(2), "0/2 by Kubernetes"),
            (&[("JOB_COMPLETION_INDEX", "1"), ("FSCALE_SHARES", "2")], None, "1/2 by Kubernetes"),
            (&[("JOB_COMPLETION_INDEX", "1"), ("FSCALE_SHARES", "2")], Some(3), "1/3 by Kubernetes"),
            (&[("PARALLEL_SEQ", "8")], Some(8), "7/8 by GNU parallel"),
        ];
        for (set, shares, expected) in cases {
            assert_eq!(found(set, shares), Ok(expected.into()), "{set:?}");
        }
    }

    #[test]
    fn what_gives_no_share_is_refused() {
        let cases: [Case<'_>; 8] = [
            (
                &[
                    ("SLURM_ARRAY_TASK_ID", "3"),
                    ("SLURM_ARRAY_TASK_MIN", "3"),
                    ("SLURM_ARRAY_TASK_COUNT", "1"),
                ],
                Some(8),
                "the scheduler numbers 1 processes, and there are 8 shares",
            ),
            (&[("JOB_COMPLETION_INDEX", "1")], None, "Kubernetes does not say how many shares there are"),
            (&[("PARALLEL_SEQ", "x")], Some(2), "`PARALLEL_SEQ` holds no number: `x`"),
            (&[("PARALLEL_SEQ", "99999999999")], Some(2), "`PARALLEL_SEQ` holds no number: `99999999999`"),
            (
                &[("PARALLEL_SEQ", "1"), ("JOB_COMPLETION_INDEX", "1")],
                Some(2),
                "several schedulers give a share: `JOB_COMPLETION_INDEX`, `PARALLEL_SEQ` are set",
            ),
            (
                &[("PARALLEL_SEQ", "3")],
                Some(2),
                "the scheduler gives no share: 2 shares are numbered 0 to 1, not 2",
            ),
            (
                &[("SLURM_ARRAY_TASK_ID", "7"), ("SLURM_ARRAY_TASK_COUNT", "3")],
                None,
                "the scheduler gives no share: 3 shares are numbered 0 to 2, not 7",
            ),
            (
                &[("JOB_COMPLETION_INDEX", "0")],
                Some(0),
                "the scheduler gives no share: there may be 1 to 1000000 shares",
            ),
        ];
        for (set, shares, expected) in cases {
            assert_eq!(found(set, shares), Err(expected.into()), "{set:?}");
        }
    }
}

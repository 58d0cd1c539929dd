//! `--until` and `--budget`: how well every slope is to be known, and how long that may take.
#![allow(clippy::disallowed_types, reason = "how well a slope is known is a floating-point number")]

use std::str::FromStr;
use std::time::{Duration, Instant};

use crate::cli::io::progress::Progress;
use crate::cli::io::results::Results;
use crate::report::format::document::counted;
use crate::simulate::{Ended, Until};
use crate::study::until::Watch;

/// How well every slope is to be known: half its 95% confidence interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct HalfWidth(f64);

impl FromStr for HalfWidth {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = text.parse().ok().filter(|number: &f64| *number > 0.0 && number.is_finite());
        number.map(Self).ok_or_else(|| "it is no number above 0, like 0.03".into())
    }
}

/// How long a measurement may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Budget(Duration);

impl FromStr for Budget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let units = [("s", 1), ("m", 60), ("h", 3600), ("", 1)];
        let seconds = units.into_iter().find_map(|(unit, seconds)| {
            let number: u64 = text.strip_suffix(unit)?.parse().ok()?;
            number.checked_mul(seconds)
        });
        let duration = seconds.filter(|seconds| *seconds > 0).map(Duration::from_secs);
        duration.map(Self).ok_or_else(|| "it is no time above 0, like 90s, 5m or 2h".into())
    }
}

impl HalfWidth {
    /// Half of the interval of every slope is to be at most this.
    pub(crate) fn until(self) -> Until {
        Until { half_width: self.0 }
    }
}

impl Budget {
    /// When the time is up, from now on; nothing if that is beyond all clocks.
    pub(crate) fn end(self) -> Option<Instant> {
        Instant::now().checked_add(self.0)
    }
}

/// Who watches over a measurement: the clock, the file of finished runs, and a bar.
pub(crate) struct Watcher {
    pub(crate) results: Option<Results>,
    /// When the time is up.
    pub(crate) end: Option<Instant>,
    progress: Option<Progress>,
}

impl Watcher {
    pub(crate) fn new(results: Option<Results>, end: Option<Instant>) -> Self {
        Self { results, end, progress: None }
    }
}

impl Watch for Watcher {
    fn is_over(&self) -> bool {
        self.end.is_some_and(|end| Instant::now() >= end)
    }

    fn begin(&mut self, costs: &[u64], open: Option<usize>) {
        let progress = Progress::begin("runs", costs.iter().copied());
        match open {
            None => progress.tell("measuring"),
            Some(open) => progress.tell(&format!("({} not yet known)", counted(open as u64, "slope"))),
        }
        self.progress = Some(progress);
    }

    fn ended(&self, ended: Ended<'_>, cost: u64) {
        if let Some(results) = &self.results {
            results.append(ended);
        }
        if let Some(progress) = &self.progress {
            progress.ended(cost);
        }
    }

    fn end(&mut self) {
        if let Some(progress) = self.progress.take() {
            progress.end();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_a_time_in_seconds_minutes_or_hours() {
        let seconds = |text: &str| text.parse::<Budget>().map(|Budget(time)| time.as_secs()).ok();
        let aligned = [("90s", 90), ("5m", 300), ("2h", 7200), ("45", 45)];
        for (text, expected) in aligned {
            assert_eq!(seconds(text), Some(expected), "{text}");
        }
        for text in ["", "0", "0s", "-1", "1.5h", "5 m", "s", "99999999999999999h", "3d"] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }

    #[test]
    fn a_half_width_is_a_number_above_zero() {
        assert_eq!("0.03".parse(), Ok(HalfWidth(0.03)));
        for text in ["0", "-0.1", "NaN", "inf", "", "1/2"] {
            assert!(text.parse::<HalfWidth>().is_err(), "{text}");
        }
    }
}

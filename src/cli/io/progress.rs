//! How far long work has come, and how long it will take: a bar on stderr, if somebody watches it.

use std::io::{IsTerminal, stderr};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use indicatif::{HumanDuration, ProgressBar, ProgressState, ProgressStyle};

use crate::cli::io::threads::is_one_more_startable;

/// Work of many parts, some of which take much longer than others.
pub(crate) struct Progress {
    bar: ProgressBar,
    /// What the parts are: `runs`.
    parts: &'static str,
    begun: Instant,
    work: Arc<Mutex<Work>>,
}

/// What is done and what is to be done. A part counts as much as it costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Work {
    parts: u64,
    all_parts: u64,
    cost: u128,
    whole_cost: u128,
    /// How long it had taken when the last part ended.
    took: Duration,
}

/// How finely the bar is divided.
const LENGTH: u64 = 10_000;

/// After how long it is shown that work goes on.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often the time left is shown anew.
const TICK: Duration = Duration::from_millis(500);

impl Progress {
    /// Work whose parts have these costs. Nothing is shown if stderr is no terminal.
    pub(crate) fn begin(parts: &'static str, costs: impl Iterator<Item = u64>) -> Self {
        let mut work = Work::default();
        for cost in costs {
            work.all_parts += 1;
            work.whole_cost += u128::from(cost);
        }
        let work = Arc::new(Mutex::new(work));
        let (begun, bar) = (Instant::now(), ProgressBar::hidden());
        let progress = Self { bar, parts, begun, work };
        if stderr().is_terminal() { progress.shown() } else { progress }
    }

    fn shown(self) -> Self {
        let (begun, work) = (self.begun, Arc::clone(&self.work));
        let left = move |_: &ProgressState, text: &mut dyn std::fmt::Write| {
            let _ = match locked(&work).left(begun.elapsed()) {
                Some(left) => write!(text, "about {} left", HumanDuration(left)),
                None => write!(text, "no end in sight yet"),
            };
        };
        let template = format!("{{wide_bar}} {{prefix}} {}, {{left}} {{msg}}", self.parts);
        let Ok(style) = ProgressStyle::with_template(&template) else { return self };
        let bar = ProgressBar::new(LENGTH).with_style(style.with_key("left", left));
        bar.set_prefix(format!("0/{}", locked(&self.work).all_parts));
        if is_one_more_startable() {
            bar.enable_steady_tick(TICK);
        }
        Self { bar, ..self }
    }

    /// There are so many parts, of that cost in all.
    pub(crate) fn foresee(&self, parts: u64, cost: u64) {
        let mut work = locked(&self.work);
        (work.all_parts, work.whole_cost) = (parts, cost.into());
    }

    /// A part of that cost has ended.
    pub(crate) fn ended(&self, cost: u64) {
        // Whoever draws the bar looks at the work: it must not be held while the bar is changed.
        let work = {
            let mut work = locked(&self.work);
            work.end(cost, self.begun.elapsed());
            *work
        };
        self.bar.set_prefix(format!("{}/{}", work.parts, work.all_parts));
        self.bar.set_position(work.position());
    }

    /// What is done at the moment.
    pub(crate) fn tell(&self, what: &str) {
        self.bar.set_message(what.to_owned());
    }

    /// Everything has ended, or will not be done.
    pub(crate) fn end(self) {
        self.bar.finish_and_clear();
    }
}

/// Does work of which it is not known how long it takes. If that is more than a second, a line on stderr says what goes on, and
/// for how long, unless stderr is no terminal.
pub(crate) fn waited<T>(what: &'static str, work: impl FnOnce() -> T) -> T {
    if !stderr().is_terminal() {
        return work();
    }
    let (end, ended) = channel();
    let spinner = thread::Builder::new().spawn(move || spin(what, &ended));
    let done = work();
    drop(end);
    // The line is gone before the answer is printed.
    let _ = spinner.map(JoinHandle::join);
    done
}

/// Shows the line until the other end is dropped.
fn spin(what: &'static str, ended: &Receiver<()>) {
    let goes_on = |time| ended.recv_timeout(time) == Err(RecvTimeoutError::Timeout);
    if !goes_on(PATIENCE) {
        return;
    }
    let bar = ProgressBar::new_spinner().with_message(what).with_elapsed(PATIENCE);
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
        bar.set_style(style);
    }
    bar.tick();
    while goes_on(TICK) {
        bar.tick();
    }
    bar.finish_and_clear();
}

/// What a thread has panicked over is only shown, and shown wrongly at most.
fn locked(work: &Mutex<Work>) -> MutexGuard<'_, Work> {
    work.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Work {
    fn end(&mut self, cost: u64, took: Duration) {
        self.parts += 1;
        self.cost += u128::from(cost);
        self.took = took;
    }

    /// How long the rest will take, if it goes on as fast as until the last part ended; nothing before the first one.
    fn left(&self, elapsed: Duration) -> Option<Duration> {
        let whole = self.took.as_millis().saturating_mul(self.whole_cost).checked_div(self.cost)?;
        let whole = Duration::from_millis(u64::try_from(whole).unwrap_or(u64::MAX));
        Some(whole.saturating_sub(elapsed))
    }

    /// What is done, of [`LENGTH`].
    fn position(&self) -> u64 {
        let position = self.cost.saturating_mul(LENGTH.into()).checked_div(self.whole_cost);
        position.and_then(|position| u64::try_from(position).ok()).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_ten_times_the_cost_is_given_ten_times_the_time() {
        let mut work = Work { all_parts: 3, whole_cost: 1 + 1 + 10, ..Work::default() };
        let seconds = Duration::from_secs;
        assert_eq!(work.left(seconds(5)), None);
        work.end(1, seconds(3));
        assert_eq!(work.left(seconds(3)), Some(seconds(33)));
        work.end(1, seconds(6));
        assert_eq!(work.left(seconds(6)), Some(seconds(30)));
        assert_eq!(work.left(seconds(16)), Some(seconds(20)), "the time left falls while a part is done");
        assert_eq!(work.left(seconds(99)), Some(seconds(0)));
        assert_eq!((work.parts, work.position()), (2, LENGTH / 6));
    }

    #[test]
    fn work_beyond_all_bounds_has_an_estimate_too() {
        let mut work = Work { whole_cost: u128::MAX, ..Work::default() };
        work.end(u64::MAX, Duration::MAX);
        assert!(work.left(Duration::ZERO) > Some(Duration::from_secs(1 << 40)));
        assert_eq!(Work::default().position(), 0);
    }
}

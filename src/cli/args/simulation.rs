//! The options of how networks are simulated: precision, method, memory.

use std::fmt::Write;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};

use crate::cli::io::output;
use crate::simulate::{Method, Precision, Simulation, Timings, Updates};

/// How networks are simulated.
#[derive(Args, Debug)]
pub(crate) struct SimulationOptions {
    /// In which precision arrays are stored
    #[arg(long, value_enum, default_value_t)]
    precision: Bits,
    /// How weights are held: with all entries, by nothing but what they have been multiplied with, or as takes less work
    #[arg(long, value_enum, default_value_t)]
    method: Held,
    /// Record the response of each node to each parameter, or only to all together, which is faster
    #[arg(long, value_enum, default_value_t)]
    updates: Recorded,
    #[command(flatten)]
    memory: MemoryOption,
}

/// How much memory simulations may take.
#[derive(Args, Debug)]
pub(crate) struct MemoryOption {
    /// Memory that simulations may take, like `6GiB` or `500MB`: weights for which there is none are drawn again for every
    /// product, by any method, and what still does not fit is computed in slices [default: a quarter of the machine's]
    #[arg(long, value_name = "SIZE", value_parser = bytes)]
    memory: Option<u64>,
}

/// The precision in which arrays are stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
enum Bits {
    /// 32 bits
    #[default]
    F32,
    /// 64 bits
    F64,
}

/// How weights are held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
enum Held {
    /// Each weight as takes less work
    #[default]
    Auto,
    /// Exact in law, linear in the width: no weight is ever drawn, only what it makes of what it is multiplied with
    Law,
    /// Every entry is drawn
    Direct,
}

/// Whose steps responses are recorded for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
enum Recorded {
    /// Those of each parameter, and of all together
    #[default]
    Each,
    /// Those of all together
    Total,
}

impl SimulationOptions {
    pub(crate) fn read(&self) -> Simulation {
        Simulation {
            precision: match self.precision {
                Bits::F32 => Precision::F32,
                Bits::F64 => Precision::F64,
            },
            method: match self.method {
                Held::Auto => Method::Auto,
                Held::Law => Method::Law,
                Held::Direct => Method::Direct,
            },
            updates: match self.updates {
                Recorded::Each => Updates::Each,
                Recorded::Total => Updates::Total,
            },
            memory: self.memory.read(),
        }
    }
}

impl MemoryOption {
    /// The memory asked for, or a quarter of the machine's.
    fn read(&self) -> u64 {
        self.memory.unwrap_or_else(|| {
            let mut system = sysinfo::System::new();
            system.refresh_memory();
            let limit = system.cgroup_limits().map_or(u64::MAX, |limits| limits.total_memory);
            match system.total_memory().min(limit) {
                0 => Simulation::default().memory,
                total => total / 4,
            }
        })
    }

    /// The usual way, in so much memory.
    pub(crate) fn simulation(&self) -> Simulation {
        Simulation { memory: self.read(), ..Simulation::default() }
    }
}

/// A number of bytes: digits and a unit.
fn bytes(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let number: u64 = digits.parse().map_err(|_| "write a size like `6GiB`".to_owned())?;
    let unit: u64 = match text[digits.len()..].trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kib" => 1 << 10,
        "m" | "mib" => 1 << 20,
        "g" | "gib" => 1 << 30,
        "t" | "tib" => 1 << 40,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "tb" => 1_000_000_000_000,
        _ => return Err("the units are `KiB`, `MiB`, `GiB`, `TiB`, `KB`, `MB`, `GB` and `TB`".to_owned()),
    };
    number.checked_mul(unit).ok_or_else(|| "that is more than any machine has".to_owned())
}

/// Whether it is told where the time goes.
#[derive(Args, Debug)]
pub(crate) struct TimingsOption {
    /// Tell on stderr where the time went: products of matrices, random numbers, the rest
    #[arg(long)]
    timings: bool,
}

/// A stopwatch, if one is asked for.
pub(crate) struct Stopwatch(Option<Instant>);

impl TimingsOption {
    pub(crate) fn start(&self) -> Stopwatch {
        if !self.timings {
            return Stopwatch(None);
        }
        let _ = since_start();
        Timings::take(since_start);
        Stopwatch(Some(Instant::now()))
    }
}

/// The time since this was asked first.
fn since_start() -> Duration {
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}

impl Stopwatch {
    /// Tells what was done since it was started.
    #[allow(clippy::disallowed_types, clippy::cast_precision_loss, reason = "times are measured")]
    pub(crate) fn stop(self) {
        let Some(start) = self.0 else { return };
        let (wall, spent) = (start.elapsed().as_secs_f64(), Timings::now());
        let threads = rayon::current_num_threads() as f64;
        let giga = |count: u64, seconds: f64| count as f64 * 1e-9 / seconds.max(1e-9);
        let share = |seconds: f64| 100.0 * seconds / (wall * threads);
        let rest = (wall * threads - spent.products - spent.random).max(0.0);
        let mut text = format!("simulated for {wall:.3} s on {threads} threads\n");
        let mut line = |what: &str, seconds: f64, more: String| {
            let _ =
                writeln!(text, "  {what:<15}{seconds:>9.3} s of thread time {:>5.1}%{more}", share(seconds));
        };
        line(
            "products",
            spent.products,
            format!(
                ", {:.2} GFLOP at {:.0} GFLOP/s a thread, {:.0} GFLOP/s over all",
                giga(spent.operations, 1.0),
                giga(spent.operations, spent.products),
                giga(spent.operations, wall)
            ),
        );
        let normals = giga(spent.normals, 1.0);
        line(
            "random numbers",
            spent.random,
            format!(", {normals:.3} G at {:.2} G/s a thread", giga(spent.normals, spent.random)),
        );
        line("the rest", rest, String::new());
        output::complain(&text);
    }
}

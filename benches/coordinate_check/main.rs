//! How long a coordinate check takes beside PyTorch, on the same networks, sizes, seeds and threads: the rms of every
//! intermediate, of its gradient, and of its change in one step of all weights together or of each alone. The rounds
//! alternate between the programs; the best of each counts. fscale is a library here, PyTorch a process that has
//! imported everything before.
//!
//! `cargo bench --bench coordinate_check [-- NAME...]`, with a `python3` (or what `FSCALE_PYTHON` names) that has
//! `torch`; without, only fscale is timed. With names, only these configurations, see [`CONFIGURATIONS`]. Both use as
//! many threads as there are processors, or as `RAYON_NUM_THREADS` says: those of the usual rayon pool here.
//!
//! The bound is what it takes to draw all weights, multiply them and take their gradients, see [`Speed`]; where a
//! weight is never drawn, as in `auto`, it can take less. There is none for each weight alone. `bound` is at the speed
//! that `FSCALE_GFLOPS` and `FSCALE_GNORMALS` say, `here` at that of this machine. Shares are those of the time of all
//! threads, in percent. At the end, magnitudes are compared, see [`compare`].
#![allow(clippy::unwrap_used, reason = "a benchmark that cannot run should stop")]
#![allow(clippy::disallowed_types, reason = "times are measured")]

mod compare;
mod configuration;
mod machine;
mod peers;

use compare::compare;
use configuration::{CONFIGURATIONS, Check, Configuration, Taken};
use fscale::simulate::{Method, Timings, Updates};
use machine::Speed;
use peers::PyTorch;

/// Times of which the best is taken, unless `FSCALE_ROUNDS` says how many; at 0 magnitudes are only compared.
const ROUNDS: usize = 5;

const OPTIMIZERS: [&str; 2] = ["sgd", "sign"];

/// Whose steps are recorded, and what the script calls it.
const STEPS: [(&str, &str, Updates); 2] =
    [("together", "total", Updates::Total), ("each", "each", Updates::Each)];

const METHODS: [(&str, Method); 2] = [("direct", Method::Direct), ("auto", Method::Auto)];

fn main() {
    let names: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let rounds = std::env::var("FSCALE_ROUNDS").map_or(ROUNDS, |text| text.parse().unwrap());
    let threads = rayon::current_num_threads();
    let mut pytorch = PyTorch::start(threads);
    let version = pytorch.as_ref().map_or("left out", |pytorch| &pytorch.version);
    println!("{threads} threads, best of {rounds} rounds, PyTorch {version}");
    let is_wanted = |configuration: &&Configuration| {
        names.is_empty() || names.iter().any(|wanted| wanted == configuration.name)
    };
    let wanted: Vec<_> = CONFIGURATIONS.iter().filter(is_wanted).collect();
    for Configuration { name, blocks, scale, from, to, seeds, .. } in &wanted {
        println!("{name}: {scale} from {from} to {to}, blocks: {blocks}, seeds: {seeds}");
    }
    let speeds = [Speed::said(), Speed::measured()];
    for (name, speed) in ["bound", "here"].iter().zip(speeds) {
        println!("{name}: {:.0} GFLOP/s, {:.2} G normals/s", speed.products, speed.normals);
    }
    println!("\n{HEADER}");
    let checks = wanted.iter().flat_map(|wanted| OPTIMIZERS.map(|optimizer| Check::new(wanted, optimizer)));
    let checks: Vec<Check> = checks.collect();
    for check in &checks {
        for (steps, job, updates) in STEPS {
            let best = best(check, (job, updates), rounds, pytorch.as_mut());
            // Where each weight steps alone, what is needed depends on the way.
            let bounds = match updates {
                Updates::Total => Some(speeds.map(|speed| speed.bound(check))),
                Updates::Each => None,
            };
            print(check, steps, best, bounds);
        }
    }
    println!();
    for check in &checks {
        pytorch.iter_mut().for_each(|pytorch| println!("{}", compare(check, pytorch)));
    }
}

/// The best times of PyTorch and of the [`METHODS`] of fscale, in turn.
fn best(
    check: &Check,
    (job, updates): (&str, Updates),
    rounds: usize,
    mut pytorch: Option<&mut PyTorch>,
) -> [Option<Taken>; 3] {
    let values = check.configuration.values();
    let question = check.question(job, &values, check.configuration.seeds);
    let mut best: [Option<Taken>; 3] = [None; 3];
    for _ in 0..rounds {
        let theirs = pytorch.as_mut().map(|pytorch| {
            let seconds = pytorch.ask(&question)["seconds"].as_f64().unwrap();
            Taken { seconds, spent: None }
        });
        let [direct, auto] = METHODS.map(|(_, method)| Some(check.take(&values, method, updates)));
        for (best, taken) in best.iter_mut().zip([theirs, direct, auto]) {
            let faster = |taken: &Taken| best.is_none_or(|best| taken.seconds < best.seconds);
            *best = taken.filter(faster).or(*best);
        }
    }
    best
}

const HEADER: &str = "check optimizer steps    program   seconds    bound     here  /bound   /here  faster products \
                      random   rest";

/// A line for each program.
fn print(check: &Check, steps: &str, best: [Option<Taken>; 3], bounds: Option<[f64; 2]>) {
    let theirs = best[0].map(|taken| taken.seconds);
    let programs = ["pytorch", METHODS[0].0, METHODS[1].0];
    for (program, taken) in programs.into_iter().zip(best) {
        let Some(Taken { seconds, spent }) = taken else { continue };
        let [bound, here] = [0, 1].map(|place| bounds.map(|bounds| bounds[place]));
        let faster = theirs.filter(|_| spent.is_some()).map(|theirs| theirs / seconds);
        let [products, random, rest] = shares(seconds, spent);
        let line = [
            cell(Some(seconds), 9, 3),
            cell(bound, 8, 3),
            cell(here, 8, 3),
            cell(bound.map(|bound| seconds / bound), 7, 2),
            cell(here.map(|here| seconds / here), 7, 2),
            cell(faster, 7, 2),
            cell(products, 8, 0),
            cell(random, 6, 0),
            cell(rest, 6, 0),
        ];
        let (name, optimizer) = (check.configuration.name, check.optimizer);
        println!("{name:5} {optimizer:9} {steps:8} {program:7} {}", line.join(" "));
    }
}

/// How much of the time of all threads went into products, random numbers and the rest, in percent.
fn shares(seconds: f64, spent: Option<Timings>) -> [Option<f64>; 3] {
    let Some(Timings { products, random, .. }) = spent else { return [None; 3] };
    #[allow(clippy::cast_precision_loss, reason = "there are few threads")]
    let all = seconds * rayon::current_num_threads() as f64;
    [products, random, all - products - random].map(|part| Some(100.0 * part / all))
}

/// A number with so many digits after the point, in a column so wide.
fn cell(number: Option<f64>, width: usize, digits: usize) -> String {
    number.map_or_else(|| format!("{:>width$}", "-"), |number| format!("{number:>width$.digits$}"))
}

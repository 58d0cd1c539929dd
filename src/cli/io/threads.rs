//! Threads of simulations: as many as are asked for and can be started. Results are the same whatever their number.

use std::env;
use std::hint::black_box;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use rayon::ThreadPoolBuilder;

/// Most threads that are started, whatever is asked for.
const MOST: usize = 1024;

/// Bytes that a thread takes beside its stack: what products of matrices are packed into.
const ROOM: usize = 64 << 20;

/// Starts the threads, before any work: where they cannot be started later, there is no way back. Where memory or the number
/// of processes is limited, half of those that can be started leave room for the work; at last this thread does it alone.
pub(crate) fn start() {
    let wanted = wanted();
    let started = startable(wanted);
    let builder = ThreadPoolBuilder::new();
    let builder = match (started >= wanted, started / 2) {
        (true, _) => builder.num_threads(wanted),
        (false, 0 | 1) => builder.num_threads(1).use_current_thread(),
        (false, half) => builder.num_threads(half),
    };
    // Whoever calls twice finds them started.
    let _ = builder.build_global();
}

/// Whether one more thread can be started.
pub(crate) fn is_one_more_startable() -> bool {
    startable(1) == 1
}

/// As many as `RAYON_NUM_THREADS` says, or else as there are processors.
fn wanted() -> usize {
    let said = env::var("RAYON_NUM_THREADS").ok().and_then(|said| said.parse().ok()).filter(|said| *said > 0);
    let processors = || thread::available_parallelism().map_or(1, usize::from);
    said.unwrap_or_else(processors).min(MOST)
}

/// How many of so many threads can be there at once, each with the memory that its products of matrices take. They have ended
/// when this is known.
fn startable(wanted: usize) -> usize {
    let (release, released) = channel::<()>();
    let released = Arc::new(Mutex::new(released));
    let (ready, is_ready) = channel();
    let start = |_| {
        let (released, ready) = (Arc::clone(&released), ready.clone());
        let wait = move || {
            let mut room: Vec<u8> = Vec::new();
            let has_room = black_box(&mut room).try_reserve_exact(ROOM).is_ok();
            let _ = ready.send(has_room);
            // It ends for all when what could send is gone.
            let _ = released.lock().map(|released| released.recv());
        };
        let thread = thread::Builder::new().spawn(wait).ok()?;
        Some((thread, is_ready.recv().unwrap_or(false)))
    };
    let started: Vec<(JoinHandle<()>, bool)> = (0..wanted).map_while(start).collect();
    drop(release);
    let count = started.iter().filter(|(_, has_room)| *has_room).count();
    for (thread, _) in started {
        let _ = thread.join();
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_threads_can_be_started_more_than_once() {
        assert_eq!((startable(3), startable(3), startable(0)), (3, 3, 0));
    }
}

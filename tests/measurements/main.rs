//! The simulation, and predictions held against it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, in its helpers too"
)]

mod adapters;
mod approximations;
mod blocks;
mod depth;
mod flat;
mod later;
mod looped;
mod losses;
mod optimizers;
mod positions;
mod precision;
mod simulate;
mod sizes;
mod sweep;
mod tied;
mod trial;

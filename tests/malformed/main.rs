//! Files that are wrong: what is said of each, and that nothing breaks a reader.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, in its helpers too"
)]

mod diagnostics;
mod mutation;

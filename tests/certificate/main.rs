//! Claims and certificates: what is true is proven, what is not is refused, and the calculus is done a second time.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, in its helpers too"
)]

mod claims;
mod file;
mod rewriting;
mod second;

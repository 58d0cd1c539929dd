//! What the theory says, as data: `rules/*.toml`, checked on load, embedded, and overridable.

mod closed;

pub use closed::{Function, Step};

//! Reading TOML: typed access to its tables, and everything wrong with it, each with its place.

mod mistakes;
mod record;

pub(crate) use mistakes::{Mistakes, quote, quote_all};
pub(crate) use record::{Record, Text, Wanted, document};

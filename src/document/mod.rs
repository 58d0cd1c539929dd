//! Reading TOML: typed access to its tables, and everything wrong with it, each with its place.

mod mistakes;
mod record;
mod syntax;
mod text;

pub(crate) use mistakes::{Mistakes, Sound, and, quote, quote_all, shorten};
pub(crate) use record::{Record, Wanted};
pub(crate) use syntax::document;
pub(crate) use text::Text;

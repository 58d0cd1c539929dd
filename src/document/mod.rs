//! Reading TOML: typed access to its tables, and everything wrong with it, each with its place. Reading JSON likewise, up
//! to the first mistake.

mod diagnostic;
mod json;
mod key;
mod mistakes;
mod pointer;
mod record;
mod syntax;
mod text;

pub(crate) use diagnostic::is_obeyed;
pub use diagnostic::{Diagnostic, Diagnostics, Place, Source, nearest};
pub(crate) use json::json;
pub(crate) use key::{Case, Key, Keys, Need, Value, Word};
pub(crate) use mistakes::{Mistakes, Sound, and, quote, quote_all, shorten};
pub(crate) use pointer::place;
pub(crate) use record::{Record, Wanted};
pub(crate) use syntax::document;
pub(crate) use text::{Text, is_match};

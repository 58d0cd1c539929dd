//! Certificates: what the solver says, checked by something smaller, and written down so that others can check it too.
//!
//! | file | what |
//! |---|---|
//! | `check` | whether a claim about a program is true: the only way to a [`Certified`] answer |
//! | `form`, `number`, `layout` | the document that holds a statement with its evidence |
//! | `statement` | what is stated of a network: its program and table |
//! | `evidence` | the claim, written flat |
//! | `file` | writes a [`Certificate`], reads it, and verifies it against the network it names |
//!
//! Nothing here uses the solver or anything that does: the program is derived anew from the network, and then there is
//! only arithmetic.
//!
#![doc = include_str!("format.md")]

mod check;
mod evidence;
mod file;
mod form;
mod layout;
mod number;
mod statement;

pub use check::{CertificateError, Certified, Part, Status, check, check_parts};
pub use file::{Certificate, Flaw};
pub use statement::{Asked, fingerprint};

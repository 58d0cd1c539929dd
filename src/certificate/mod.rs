//! Certificates: what the solver says, checked by something smaller, and written down so that others can check it too.
//!
//! | file | what |
//! |---|---|
//! | `form`, `number`, `layout` | the document that holds a statement with its evidence |
//! | `statement` | what is stated of a network: its program and table |
//! | `kind` | what a document says it is |
//! | `evidence` | the claim, written flat |
//! | `first` | the one way to write a claim |
//! | `compare`, `work`, `flaw` | what is stated against what follows; what a check costs; what is wrong, and where |
//! | `file` | writes a [`Certificate`], reads it, and verifies it against the network it names |
//! | `several` | the same in several scale variables |
//! | `verify` | the same of what names built-in rules only: [`verify()`] |
//!
//! Nothing here uses the solver or anything that does: the program is derived anew from the network, and then there is
//! only arithmetic.
//!
#![doc = include_str!("format.md")]

mod compare;
mod evidence;
mod file;
mod first;
mod flaw;
mod form;
mod kind;
mod layout;
mod number;
mod several;
mod statement;
mod verify;
mod work;

pub use file::{Certificate, Proven};
pub use flaw::Flaw;
pub use statement::{Asked, Names, Words, fingerprint};
pub use verify::{Unproven, unproven, verify};

//! Files, streams and terminals: nothing else of the program touches them.

pub(super) mod certificate;
pub(super) mod entry;
pub(super) mod input;
pub(super) mod output;
pub(super) mod progress;
pub(super) mod results;
pub(super) mod stream;
pub(super) mod target;
pub(super) mod threads;

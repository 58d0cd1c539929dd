//! The sections of an architecture file beside its nodes: what it is called, its loss, its ties, how parameters start.

pub(super) mod header;
pub(super) mod loss;
pub(super) mod parameters;
pub(super) mod ties;

//! [`Alike`]: which line has certain entries.
#![allow(
    clippy::disallowed_types,
    reason = "a hash map whose order nobody sees: it is asked for single keys only"
)]

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Lines by a digest of their entries: of those with the same digest, the latest noted.
#[derive(Debug, Default)]
pub(super) struct Alike(HashMap<u64, usize, BuildHasherDefault<Digested>>);

impl Alike {
    pub(super) fn with(&self, digest: u64) -> Option<usize> {
        self.0.get(&digest).copied()
    }

    pub(super) fn note(&mut self, digest: u64, line: usize) {
        self.0.insert(digest, line);
    }
}

/// Hashes a digest to itself.
#[derive(Debug, Default)]
struct Digested(u64);

impl Hasher for Digested {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, digest: u64) {
        self.0 = digest;
    }
}

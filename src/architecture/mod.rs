//! What the user wrote: an architecture file, read with every error at once, each with its place.

mod hyperparameters;

pub use hyperparameters::Hyperparameters;

use crate::diagnostic::{Diagnostics, Source};
use crate::graph::{Graph, Scaling};

/// A checked architecture file.
#[derive(Clone, Debug)]
pub struct Architecture {
    /// The network it describes.
    pub graph: Graph,
    /// Scalings people use with it, in the order of the file.
    pub ties: Vec<Tie>,
    /// The text it was read from.
    pub source: Source,
}

/// A scaling declared with the architecture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tie {
    /// What people call it.
    pub name: String,
    /// How the dimensions grow.
    pub scaling: Scaling,
}

impl Architecture {
    /// Reads and checks an architecture file. `activations` are the names of the activations that rules describe.
    pub fn parse(source: &Source, activations: &[&str]) -> Result<Self, Diagnostics> {
        let _ = (source, activations);
        Err(Diagnostics::none())
    }
}

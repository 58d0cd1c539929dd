//! fscale

pub mod architecture;
pub mod certificate;
pub mod derive;
pub mod desiderata;
pub mod diagnostic;
pub mod exponent;
pub mod graph;
pub mod propagate;
pub mod report;
pub mod rule;
pub mod simulate;
pub mod solve;
pub mod table;

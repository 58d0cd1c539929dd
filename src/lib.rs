//! fscale

pub mod architecture;
pub mod desiderata;
pub mod diagnostic;
pub mod exponent;
pub mod graph;
pub mod rule;
pub mod simulate;

//! What is asked of the exponents, as constraints that remember where they come from.

mod limits;
mod require;

pub use limits::{Failing, LimitProgram};
pub use require::{Demands, Requirement, require};

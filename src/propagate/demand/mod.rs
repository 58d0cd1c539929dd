//! What is asked of the exponents, as constraints that remember where they come from.

mod later;
mod limits;
mod require;
mod sides;

pub use later::{LaterExcess, LaterRequirement, gauged_later, require_later};
pub use limits::{Failing, LimitProgram};
pub use require::{Demands, Requirement, require};
pub(in crate::propagate) use require::{unasked, unknown};

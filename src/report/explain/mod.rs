//! Why: where exponents come from, why requirements contradict each other, and what to give up; why slopes are not their
//! exponents.

pub(crate) mod cause;
pub mod chain;
pub mod conflict;
pub mod contradictions;
pub(crate) mod crossover;
pub mod freedom;
pub(crate) mod large;
pub mod proof;
pub(crate) mod reason;
pub(crate) mod requirement;
pub mod ways_out;

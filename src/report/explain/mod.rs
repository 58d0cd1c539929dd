//! Why: where exponents come from, why requirements contradict each other, and what to give up.

pub mod chain;
pub mod conflict;
pub mod contradictions;
pub mod freedom;
pub mod proof;
pub(crate) mod requirement;
pub mod ways_out;

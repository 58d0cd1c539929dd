//! Why: where exponents come from, what requirements say in hyperparameters and sizes, and proofs that can be added up by hand.
//! What is said is data; how it looks is the business of reports.

pub mod chain;
pub mod proof;
pub mod words;

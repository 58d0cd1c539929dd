//! Answers about any number of steps.

pub mod derivation;
pub mod dims;
pub mod judgement;
pub mod prediction;
pub mod training;

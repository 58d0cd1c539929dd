//! The answers, one file each: what an answer says, before it is known how it will look.

pub mod at_sizes;
pub mod checked;
pub mod derivation;
pub mod dims;
pub mod equivalence;
pub mod evidence;
pub mod explanation;
pub mod hyperparameter_file;
pub mod hyperparameters;
pub mod judgement;
pub mod later;
pub mod library;
pub mod lines;
pub mod measurement;
pub mod nearest;
pub mod prediction;
pub mod reached;
pub mod scaling_table;
pub mod trial;
pub mod verified;

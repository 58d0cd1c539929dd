//! Arguments that several commands share, and what they stand for.

pub(super) mod choice;
pub(super) mod fixed;
pub(super) mod hyperparameters;
pub(super) mod kind;
pub(super) mod measurement;
pub(super) mod options;
pub(super) mod scale;
pub(super) mod simulation;
pub(super) mod sizes;
pub(super) mod steps;

pub(super) mod until;
pub(super) mod usage;

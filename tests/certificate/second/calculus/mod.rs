//! A second, independent implementation of the exponent calculus (theory, sections 1 to 4, 6
//! and 7), written from the text alone and used as an oracle for the program.
//!
//! Read side by side with the theory: `forward` is section 2, `backward` section 3, `response`
//! section 4, `optimizer` section 6, `desiderata` section 7. No repeats and no tied weights:
//! every parameter is used once. `plain` tells which networks the rules are doubtful on.

mod backward;
mod desiderata;
mod exponent;
mod forward;
mod network;
mod optimizer;
mod plain;
mod predict;
mod read;
mod response;
mod setting;

pub(crate) use desiderata::{Requirement, is_met, requirements};
pub(crate) use exponent::{Exponent, Magnitude};
pub(crate) use network::Network;
pub(crate) use optimizer::Optimizer;
pub(crate) use plain::{has_plain_requirements, is_plain};
pub(crate) use predict::{Prediction, predict};
pub(crate) use setting::Hyperparameters;

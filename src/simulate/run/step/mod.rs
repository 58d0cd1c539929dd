//! The steps of optimizers: which way a parameter moves, from its gradient.

mod blocks;
mod direction;
mod factored;
mod gradient;
mod signs;
mod spectral;

pub(crate) use self::direction::Direction;
pub(crate) use self::gradient::Gradient;
pub(crate) use self::signs::sign;

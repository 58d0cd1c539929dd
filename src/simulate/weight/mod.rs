//! Weights: Gaussian matrices that are only multiplied, whether their entries are stored, drawn again for every product or
//! known by nothing but what they have been asked; and the nodes that use them.

mod conditioned;
mod direct;
mod gaussian;
mod linear;
mod sizes;
#[cfg(test)]
mod tests;
mod uses;

pub(super) use self::gaussian::{Way, Weight};
pub(super) use self::linear::{Linear, Side, Split};
pub(super) use self::sizes::Sizes;
pub(super) use self::uses::Use;

//! Scalars in front of ops: where they stand and could stand, what stands behind a node, and what can be traded.

mod behind;
mod free;
mod multiplier;
mod trade;

pub(super) use behind::Behind;
pub use free::Spot;
pub use multiplier::{BaseValue, Multiplier, MultiplierId};
pub use trade::{Kept, Trades};

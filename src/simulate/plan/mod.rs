//! Plans: an experiment, checked, with every constant of it at every size, and what a run will cost.

mod chain;
mod checked;
mod cost;
mod error;
mod experiment;
mod ladder;
mod layout;
mod memory;
mod needs;
mod points;
mod region;
mod simulation;
mod small;

pub(super) use self::checked::Plan;
pub use self::cost::{Cost, Costs};
pub use self::error::SimulateError;
pub use self::experiment::Experiment;
pub use self::ladder::Ladder;
pub(super) use self::layout::Layout;
pub use self::layout::Method;
pub(super) use self::needs::Needs;
pub use self::points::{Point, Sizes};
pub(super) use self::region::{Part, Region, Schedule};
pub use self::simulation::{Manner, Precision, Updates};
pub use self::small::Small;

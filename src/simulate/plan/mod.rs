//! Plans: an experiment, checked, with every constant of it at every size, and what a run will cost.

mod chain;
mod check;
mod constants;
mod cost;
mod error;
mod experiment;
mod ladder;
mod layout;
mod memory;
mod needs;
mod points;
mod questions;
mod region;
mod runs;
mod simulation;
mod small;

pub(super) use self::constants::Plan;
pub use self::cost::{Cost, Costs};
pub use self::error::SimulateError;
pub use self::experiment::Experiment;
pub use self::ladder::Ladder;
pub(super) use self::layout::Layout;
pub(super) use self::needs::Needs;
pub use self::points::{Point, Points};
pub(super) use self::region::{Part, Region, Schedule};
pub use self::runs::{Run, Runs};
pub use self::simulation::{Method, Precision, Simulation, Updates};
pub use self::small::Small;

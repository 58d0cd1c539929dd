//! What the network computes: a directed acyclic graph of nodes (petgraph), over a closed vocabulary
//! of [`Op`]s, with the only traversal that the interpreters use.

mod alike;
mod axes;
mod class;
mod cut;
mod echo;
mod free;
mod hyperparameters;
mod independence;
mod label;
mod multiplier;
mod network;
pub mod op;
mod parameter;
mod repeat;
mod scaling;
mod unroll;
mod zero;

pub use alike::Alike;
pub use axes::{Axis, AxisId, Dimension, DimensionId, Kind};
pub use class::ParameterClass;
pub use echo::Echo;
pub use free::Spot;
pub use hyperparameters::{Hyperparameters, Unfolded};
pub use independence::Origin;
pub use multiplier::{BaseValue, Multiplier, MultiplierId};
pub use network::{Consumer, Graph, Loss, LossOp, Node, NodeId, Role};
pub use op::{Einsum, Op};
pub use parameter::{Parameter, ParameterId, ParameterKind, Start, Training};
pub use repeat::{Repeat, RepeatId, Shortcut, Unit};
pub use scaling::{Scaling, ScalingError};
pub use unroll::Unrolled;

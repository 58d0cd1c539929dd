//! What the network computes: a directed acyclic graph of nodes (petgraph), over a closed vocabulary
//! of [`Op`]s, with the only traversal that the interpreters use.

mod alike;
mod axes;
mod class;
mod cut;
mod echo;
mod fan_in;
mod hyperparameters;
mod independence;
mod label;
mod loss;
mod network;
pub mod op;
mod parameter;
mod quantity;
mod repeat;
mod samples;
mod scalar;
mod scaling;
mod unroll;
mod zero;

pub use alike::Alike;
pub use axes::{Axis, AxisId, Dimension, DimensionId, Kind, RepeatId};
pub use class::ParameterClass;
pub use echo::Echo;
pub use hyperparameters::{Hyperparameters, Stabiliser, StatedStabilisers, Unfolded};
pub use independence::Root;
pub use loss::{Loss, LossOp};
pub use network::{Consumer, Graph, Node, NodeId, Role};
pub use op::{Einsum, Op};
pub use parameter::{Motion, Parameter, ParameterId, ParameterKind, Start};
pub use quantity::{Quantity, QuantityKind, Site};
pub use repeat::{Repeat, Shortcut, Unit};
pub use samples::LossSamples;
pub use scalar::{BaseValue, Kept, Multiplier, MultiplierId, Spot, Trades};
pub use scaling::{Outside, Ray, RayError, Scaling, ScalingError};
pub use unroll::{Beside, Unrolled};

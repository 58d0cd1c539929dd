//! Every step, not only the first: the exponents of a network in training (theory, section 12).
//!
//! A tensor is a tropical vector over directions that are known, its *atoms*; a weight is its initial values and a piece for each
//! step. The network is walked forward, backward, and a step is made, as in training.
//!
//! | file | what |
//! |---|---|
//! | `power`, `piece`, `unknowns` | what stands for an exponent: a number, or one that knows of which hyperparameters it is made |
//! | `atom`, `tensor` | directions and how they are aligned; sums over them |
//! | `under_way` | the network after some steps |
//! | `map`, `meet`, `bend` | linear maps; two tensors that meet; elementwise functions |
//! | `forward`, `backward` | the walk, and what each parameter learns |
//! | `trajectory` | what comes out |

mod atom;
mod backward;
mod bend;
mod forward;
mod layer;
mod map;
mod meet;
mod piece;
mod power;
mod tensor;
mod trajectory;
mod under_way;
mod unknowns;

pub use trajectory::{Trajectory, TrajectoryEnd, trajectory, trajectory_of_forms};
pub use unknowns::Unknowns;

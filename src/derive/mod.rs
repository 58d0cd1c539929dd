//! [`fn@derive`]: from a question to a certified answer, and what goes with it.
//!
//! In each scale variable exponents are derived while the others stay fixed, and put together as vectors. In one scale variable
//! that is the answer. In several it is decided exactly whether the table so made holds in every joint limit (theory, section
//! 7): every magnitude is a maximum of forms in the growth of the variables, and a requirement fails if a direction of growth
//! breaks it. There is no such direction, which a checked refutation proves; or there is one, which is checked by an evaluation
//! along it. Where the exponents are not unique, those of all variables are then solved for together, under the requirements
//! along every direction found so far.
//!
//! | file | what |
//! |---|---|
//! | `ask` | a question through all phases |
//! | `alone`, `outcome` | the answer in one scale variable |
//! | `directions`, `breaks`, `together` | ways in which scale variables grow together; what fails along one; exponents that hold along all |
//! | `prefer`, `relax` | which of several tables is taken; what makes an impossible scaling possible |
//! | `nearest` | the rule that gives up least where there is none |
//! | `answer` | what came out |
//! | `later` | the same questions of any number of steps |
//! | `judge`, `stabilisers`, `gauge` | given hyperparameters against the requirements, with weight decay and epsilon; what can be traded |

mod alone;
pub mod amend;
mod answer;
mod ask;
mod breaks;
mod certified;
mod directions;
mod error;
pub mod gauge;
pub mod judge;
pub mod later;
mod nearest;
mod outcome;
mod predict;
mod prefer;
mod relax;
pub mod stabilisers;
mod survey;
mod together;

pub use alone::Alone;
pub use answer::{Answer, GivenUp, Infeasible, NearestRule, Obstacle, Verdict};
pub use ask::{derive, derive_by, derive_within};
pub use breaks::{Break, Joined, joined, write_direction};
pub use certified::Proof;
pub use directions::{Direction, Directions};
pub use error::DeriveError;
pub use outcome::{Impossible, Outcome};
pub use predict::predict;
pub use prefer::Priority;
pub use relax::{Relaxation, Relaxations, Remedy, Search};
pub use survey::{Survey, Surveyed};

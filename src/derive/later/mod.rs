//! Any number of steps (theory, section 12): which requirements hold then, and the table with which they do.
//!
//! | file | what |
//! |---|---|
//! | `horizon` | how many steps tell of all |
//! | `judge` | given hyperparameters against the requirements of every step |
//! | `outlook` | whether a table of the first step stays within bounds |
//! | `search` | hyperparameters that meet them: rows are generated where a training breaks a requirement, and solved for exactly |
//! | `survey` | every dimension and every tie of a network |

mod horizon;
mod judge;
mod outlook;
mod search;
mod survey;

pub use horizon::horizon;
pub use judge::{LaterFailure, LaterJudgement, judge_later};
pub use outlook::{Outlook, outlook};
pub use search::{LaterAnswer, LaterConflict, LaterTable, derive_later};
pub use survey::{LaterSurveyed, survey_later};

//! Interpreter one: exponents. The graph is walked forward, backward and forward again, and every rule is
//! linear in the unknown hyperparameter exponents but for maxima, each of which becomes an unknown of its own.
//!
//! | file | what |
//! |---|---|
//! | `walk` | the walk, phase after phase |
//! | `propagation`, `ledger`, `subject` | what it leaves: every exponent, every derivation with its unknowns and words |
//! | `growth`, `condition` | how the dimensions grow; what must hold for exponents to exist |
//! | `demand`, `question` | what is asked of exponents; a question, and how it is posed |
//! | `sums`, `evaluate`, `expressed` | the exponents at given hyperparameters, along one direction of growth or for all |
//! | `steps` | every step, not only the first |
//! | `table`, `parameterize` | the table of a solution; the exponents of a named parameterization |
//!
//! One walk serves both questions: evaluated at given hyperparameters it *predicts*, and with requirements on
//! it, it *derives* them.

mod condition;
mod demand;
mod error;
mod evaluate;
mod expressed;
mod growth;
mod ledger;
mod note;
mod outside;
mod parameterize;
mod propagation;
mod question;
mod steps;
mod subject;
mod sums;
mod table;
mod walk;

pub use condition::{Condition, Ending};
pub use demand::{
    Demands, Failing, LaterExcess, LaterRequirement, LimitProgram, Requirement, gauged_later, require,
    require_later,
};
pub use error::PropagateError;
pub use evaluate::Prediction;
pub use expressed::Expressed;
pub use growth::Growth;
pub use ledger::{Because, Definition, Derivation, DerivationId, Ledger, Magnitude, Part};
pub use note::{Note, NoteColumn, NoteKind, NoteTopic};
pub use propagation::Propagation;
pub use question::{Given, Identity, Posed, Question};
pub use steps::{Trajectory, TrajectoryEnd, Unknowns, trajectory, trajectory_of_forms};
pub use subject::{PartName, Subject};
pub use sums::{Stabilisers, Sums};
pub use table::{Law, ParameterRow, Table};
pub use walk::propagate;

//! What is asked of the exponents, as constraints that remember where they come from.

mod claim;
mod limits;
mod program;
mod require;

pub use claim::{Claim, Refutation, RowId, Side, UniquenessProof};
pub use limits::{Failing, LimitProgram};
pub use program::{Change, Clause, Origin, Program, Relation, RequirementId, Row, UnknownInfo, UnknownKind};
pub use require::{Demands, Place, Requirement, require};

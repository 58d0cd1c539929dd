//! Exact arithmetic, and what must be read to believe an answer: rationals, affine forms in the unknown ones, maxima of
//! forms, sums of powers; programs of linear rows, claims about them, and the checker of claims.

mod approximate;
mod check;
mod claim;
mod denominator;
mod echelon;
mod form;
mod parse;
mod powers;
mod program;
mod rational;
mod sum;
mod terms;
mod text;

pub use check::{CertificateError, Certified, ClaimPart, Status, check, check_parts};
pub use claim::{Claim, Refutation, RowId, Side, UniquenessProof};
pub use denominator::{common_denominator, coprime};
pub use echelon::Echelon;
pub use form::{Form, Unknown};
pub use parse::ParseExponentError;
pub use powers::{LARGE, LARGE_NAME, Powers, apart, power, told};
pub use program::{Change, Clause, Origin, Program, Relation, RequirementId, Row, UnknownInfo, UnknownKind};
pub use rational::Exponent;
pub use sum::{PowerSum, Summand};
pub use terms::Terms;

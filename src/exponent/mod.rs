//! Exact scaling exponents: rationals, affine forms in the unknown ones, maxima of forms, and sums of powers.

mod approximate;
mod exact;
mod form;
mod parse;
mod rational;
mod sum;
mod terms;

pub use exact::{common_denominator, coprime};
pub use form::{Form, Unknown};
pub use parse::ParseExponentError;
pub use rational::Exponent;
pub use sum::{PowerSum, Summand};
pub use terms::Terms;

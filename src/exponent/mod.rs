//! Exact scaling exponents: rationals, affine forms in the unknown ones, and maxima of forms.

mod approximate;
mod exact;
mod form;
mod parse;
mod rational;
mod terms;

pub use exact::coprime;
pub use form::{Form, Unknown};
pub use parse::ParseExponentError;
pub use rational::Exponent;
pub use terms::Terms;

//! Exact scaling exponents: rationals, affine forms in the unknown ones, and maxima of forms.

mod approximate;
mod form;
mod rational;
mod terms;

pub use form::{Form, Unknown};
pub use rational::{Exponent, ParseExponentError};
pub use terms::Terms;

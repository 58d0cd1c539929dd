//! Arrays: tensors in two precisions, products of matrices that do not depend on the number of threads, einsums; and how
//! long they take.

pub(super) mod buffer;
mod einsum;
mod inner;
mod product;
mod real;
mod tensor;
pub(super) mod timings;

pub(super) use self::einsum::{Labelled, STACK, arrange, einsum, permuted, refit, stacked, terms};
pub(super) use self::inner::{inner_products, rounded_inner_products};
pub(super) use self::product::{
    MatMut, MatRef, Onto, TILE, lower_times, multiply, row_major, row_major_mut, tile,
};
pub(super) use self::real::Real;
pub(super) use self::tensor::{PIECE, ROUNDINGS, Tensor, add, dot, in_pieces, rms, settle};
pub use self::timings::{Clock, Timings};

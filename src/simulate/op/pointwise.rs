//! Elementwise functions.

use crate::rule::Function;
use crate::simulate::array::{Real, Tensor, in_pieces};

/// A function of each entry.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pointwise(pub(super) Function);

impl Pointwise {
    pub(super) fn forward<R: Real>(&self, x: &Tensor<R>) -> Tensor<R> {
        let function = self.0;
        if function == Function::Relu {
            return x.map(|x| if x > R::zero() { x } else { R::zero() });
        }
        x.map(|x| R::narrow(function.value(x.wide())))
    }

    /// Its own transpose: pulls a derivative and pushes any number of stacked tangents alike.
    pub(super) fn slope<R: Real>(&self, x: &Tensor<R>, tangents: &Tensor<R>) -> Tensor<R> {
        let function = self.0;
        let mut result = tangents.clone();
        if function == Function::Relu {
            for copy in result.data.chunks_exact_mut(x.data.len()) {
                in_pieces(copy, |first, piece| {
                    for (entry, x) in piece.iter_mut().zip(&x.data[first..]) {
                        *entry = if *x > R::zero() { *entry } else { R::zero() };
                    }
                });
            }
            return result;
        }
        let slopes = x.map(|x| R::narrow(function.derivative(x.wide())));
        for copy in result.data.chunks_exact_mut(slopes.data.len()) {
            in_pieces(copy, |first, piece| {
                piece.iter_mut().zip(&slopes.data[first..]).for_each(|(entry, slope)| *entry *= *slope);
            });
        }
        result
    }
}

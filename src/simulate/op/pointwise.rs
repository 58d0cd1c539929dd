//! Elementwise functions.

use crate::rule::Function;
use crate::simulate::tensor::{Real, Tensor};

/// A function of each entry.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::simulate) struct Pointwise(pub(super) Function);

impl Pointwise {
    pub(super) fn forward<R: Real>(&self, x: &Tensor<R>) -> Tensor<R> {
        x.map(|x| R::narrow(self.0.value(x.wide())))
    }

    /// Its own transpose: pulls a derivative and pushes any number of stacked tangents alike.
    pub(super) fn slope<R: Real>(&self, x: &Tensor<R>, tangents: &Tensor<R>) -> Tensor<R> {
        let slopes = x.map(|x| R::narrow(self.0.derivative(x.wide())));
        let mut result = tangents.clone();
        for copy in result.data.chunks_exact_mut(slopes.data.len()) {
            copy.iter_mut().zip(&slopes.data).for_each(|(entry, slope)| *entry = *entry * *slope);
        }
        result
    }
}

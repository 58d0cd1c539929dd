//! [`Weight`]: a Gaussian matrix that is only ever multiplied with something.
//!
//! However it is held, it answers the same questions: `W X` and `W^T B`. [`Held::Stored`] keeps its entries,
//! [`Held::Drawn`] draws them anew for every product, tile by tile, and [`Held::Asked`] keeps nothing but the questions
//! that were asked, with their answers: see `conditioned`.

use std::cell::RefCell;
use std::ops::Range;

use rayon::prelude::*;

use super::conditioned::Conditioned;
use super::direct::{self, draw};
use super::linear::Side;
use super::sizes::Sizes;
use crate::simulate::array::{Real, buffer};
use crate::simulate::random::Normals;

/// How the entries of a weight are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Way {
    /// All of them, in memory.
    Stored,
    /// None of them: they are drawn again whenever they are needed.
    Drawn,
    /// None of them: what has been asked is answered in law.
    Asked,
}

/// A stack of matrices of independent normal entries.
pub(crate) struct Weight<R: Real> {
    sizes: Sizes,
    deviation: f64,
    normals: Normals,
    held: Held<R>,
}

impl<R: Real> Drop for Weight<R> {
    fn drop(&mut self) {
        if let Held::Stored(entries) = &mut self.held {
            buffer::give(std::mem::take(entries));
        }
    }
}

enum Held<R: Real> {
    /// Every entry is zero.
    Zero,
    Stored(Vec<R>),
    Drawn,
    Asked(RefCell<Vec<Conditioned<R>>>),
}

impl<R: Real> Weight<R> {
    /// A weight whose entry at each position is the normal number at that position times the deviation; if it is held
    /// in law, any weight with such entries.
    pub(crate) fn new(sizes: Sizes, deviation: f64, normals: Normals, way: Way) -> Self {
        let held = match way {
            Way::Stored | Way::Drawn | Way::Asked if deviation == 0.0 => Held::Zero,
            Way::Stored => Held::Stored(direct::entries(&sizes, &normals, deviation)),
            Way::Drawn => Held::Drawn,
            Way::Asked => {
                let one = |_| Conditioned::new(sizes.rows(), sizes.columns(), deviation);
                Held::Asked(RefCell::new((0..sizes.places()).map(one).collect()))
            }
        };
        Self { sizes, deviation, normals, held }
    }

    /// The part of the weight within a range along the axis at a place, with its entries.
    pub(crate) fn slice(&self, place: usize, range: Range<usize>) -> Self {
        let shape = self.sizes.shape();
        let inner: usize = shape[place + 1..].iter().product();
        let sizes = self.sizes.with(place, range.len());
        let length = range.len() * inner;
        let mut entries = buffer::any(sizes.shape().iter().product());
        let deviation = R::narrow(self.deviation);
        let (normals, size) = (&self.normals, shape[place]);
        let stored = match &self.held {
            Held::Stored(all) => Some(all),
            Held::Zero | Held::Drawn | Held::Asked(_) => None,
        };
        entries.par_chunks_mut(length).enumerate().for_each(|(number, part)| {
            let first = (number * size + range.start) * inner;
            match stored {
                Some(all) => part.copy_from_slice(&all[first..first + length]),
                None => draw(normals, first as u64, part, deviation),
            }
        });
        Self { sizes, deviation: self.deviation, normals: self.normals, held: Held::Stored(entries) }
    }

    pub(crate) fn sizes(&self) -> &Sizes {
        &self.sizes
    }

    /// The standard deviation of its entries.
    pub(crate) fn deviation(&self) -> f64 {
        self.deviation
    }

    /// What each matrix makes of its rows: `input` holds, for each matrix, rows of the length that is summed, and so does
    /// the answer with rows of the other length.
    pub(crate) fn times(&self, side: Side, input: &[R]) -> Vec<R> {
        let places = self.sizes.places();
        let length = self.sizes.along(side);
        let count = input.len() / (places * length);
        let produced = self.sizes.along(side.other());
        let mut result = buffer::any(places * count * produced);
        let blocks = input.chunks_exact(count * length).zip(result.chunks_exact_mut(count * produced));
        for (place, (input, result)) in blocks.enumerate() {
            match &self.held {
                Held::Zero => result.fill(R::zero()),
                Held::Stored(entries) => {
                    let size = self.sizes.rows() * self.sizes.columns();
                    let entries = &entries[place * size..][..size];
                    direct::Direct::Stored { entries }.times(&self.sizes, side, input, result);
                }
                Held::Drawn => {
                    let drawn =
                        direct::Direct::Drawn { normals: &self.normals, deviation: self.deviation, place };
                    drawn.times(&self.sizes, side, input, result);
                }
                Held::Asked(matrices) => {
                    let mut matrices = matrices.borrow_mut();
                    let taken = matrices.iter().map(Conditioned::drawn).sum();
                    matrices[place].times(side, input, result, &self.normals, taken);
                }
            }
        }
        result
    }
}

#[cfg(test)]
impl<R: Real> Weight<R> {
    /// The entries, if they are stored, matrix after matrix.
    pub(crate) fn entries(&mut self) -> Option<&mut Vec<R>> {
        match &mut self.held {
            Held::Stored(entries) => Some(entries),
            Held::Zero | Held::Drawn | Held::Asked(_) => None,
        }
    }
}

//! [`Direction`]: the direction in which a parameter moves, from its gradient.
//!
//! The gradient of a weight is `G = sum_s b_s x_s^T` over samples, with as many terms as there are samples: it is kept
//! as its factors. A gradient step moves `W x` by `G x = sum_s b_s <x_s, x>`, which needs inner products of samples and no
//! gradient; so does the norm of `G`. Signs need every entry of `G`: they are computed tile by tile and used at once.
//!
//! Where a step is a fraction of the parameter `W`, its norm is that which its law expects, see `Network::norm`.

use super::blocks::{Block, Blocks};
use super::factored::factored;
use super::gradient::Gradient;
use super::signs::{Signs, sign};
use super::spectral::{self, Spectrum, large, spectral, tall};
use crate::rule::Step;
use crate::simulate::array::{Real, Tensor, dot};
use crate::simulate::weight::{Side, Use, Weight};

/// The step of a parameter, or of a slice of one, at learning rate 1: it moves by minus the direction.
pub(crate) struct Direction<'p, R: Real> {
    /// The sum of the squares of the entries of the gradient `G`.
    pub(crate) square: f64,
    /// How many entries it has.
    pub(crate) entries: f64,
    /// `<G, Phi(G)>`: how much the loss decreases, to first order. That of signs is known when they have moved a node.
    pub(crate) decrease: f64,
    moves: Moves<'p, R>,
}

/// `Phi(G)`.
enum Moves<'p, R: Real> {
    /// Nothing moves.
    Still,
    /// A tensor of the shape of the parameter.
    Tensor(Tensor<R>),
    /// A number times the gradient.
    Along(Gradient<'p, R>, f64),
    /// The signs of the gradient; scaled to a Frobenius norm, if there is one.
    Signs(Gradient<'p, R>, Option<f64>),
    /// `L^T R` for each matrix of a weight: a row of each for each singular value; and its rows and columns.
    Frames(Vec<[Vec<R>; 2]>, [usize; 2]),
    /// Those of the blocks of each matrix, which has so many rows and columns.
    Blocks(Vec<(Block, Moves<'p, R>)>, Blocks, [usize; 2]),
}

impl<'p, R: Real> Direction<'p, R> {
    /// The direction of a weight of one use that is zero, from the value of the operand and the derivative by the node.
    pub(crate) fn of_zero(
        applied: Use<'p, R>,
        operand: &'p Tensor<R>,
        back: &'p Tensor<R>,
        step: Step,
    ) -> Self {
        let gradient = Gradient::of(applied.weight.sizes(), [(applied, operand, back)]);
        Self::of_gradient(gradient, step, None, 0.0)
    }

    /// The direction of a matrix whose Frobenius norm is `weight`. That of a zero gradient is zero, whatever the optimizer.
    /// `norm` is that of the whole gradient, if only a slice of it is here.
    pub(crate) fn of_gradient(gradient: Gradient<'p, R>, step: Step, norm: Option<f64>, weight: f64) -> Self {
        let own = gradient.norm();
        let (square, entries) = (own * own, gradient.entries());
        if own == 0.0 {
            return Self { square, entries, decrease: 0.0, moves: Moves::Still };
        }
        let along = |factor: f64, gradient| (square * factor, Moves::Along(gradient, factor));
        let spectral = |spectrum, factor| of_blocks(&gradient, |block| of_spectrum(block, spectrum, factor));
        let (decrease, moves) = match step {
            Step::Gradient => along(1.0, gradient),
            Step::Normalized => along(norm.unwrap_or(own).recip(), gradient),
            Step::RelativeGradient => along(weight / norm.unwrap_or(own), gradient),
            Step::Sign => (0.0, Moves::Signs(gradient, None)),
            Step::RelativeSign => (0.0, Moves::Signs(gradient, Some(weight))),
            Step::Factored => of_blocks(&gradient, |block| of_factored(block, weight / entries.sqrt())),
            Step::Orthogonal => spectral(Spectrum::Ones, |_, _| 1.0),
            Step::OrthogonalTall => spectral(Spectrum::Ones, tall),
            Step::OrthogonalLarge => spectral(Spectrum::Ones, large),
            Step::KroneckerRoots => spectral(Spectrum::Roots, |_, _| 1.0),
            Step::RotatedSign => spectral(Spectrum::Signs, |_, _| 1.0),
        };
        Self { square, entries, decrease, moves }
    }

    /// The direction of a parameter that is no matrix, or is used as several different ones: a column.
    pub(crate) fn of_tensor(gradient: Tensor<R>, step: Step, norm: Option<f64>, weight: f64) -> Self {
        let square = dot(&gradient.data, &gradient.data);
        let norm = norm.unwrap_or(square.sqrt());
        let unit = if norm > 0.0 { norm.recip() } else { 1.0 };
        #[allow(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
        let entries = gradient.data.len() as f64;
        let (mut phi, factor) = match step {
            Step::Gradient => (gradient.clone(), 1.0),
            Step::Sign => (gradient.map(sign), 1.0),
            Step::RelativeSign => {
                let signs = gradient.map(sign);
                let count = dot(&signs.data, &signs.data);
                (signs, weight / count.max(1.0).sqrt())
            }
            Step::Factored => (gradient.map(sign), weight / entries.max(1.0).sqrt()),
            Step::RelativeGradient => (gradient.clone(), unit * weight),
            Step::Normalized | Step::Orthogonal | Step::KroneckerRoots | Step::RotatedSign => {
                (gradient.clone(), unit)
            }
            Step::OrthogonalTall => (gradient.clone(), unit * tall(entries, 1.0)),
            Step::OrthogonalLarge => (gradient.clone(), unit * large(entries, 1.0)),
        };
        phi.scale(factor);
        let decrease = dot(&gradient.data, &phi.data);
        Self { square, entries, decrease, moves: Moves::Tensor(phi) }
    }

    /// Minus every entry of the direction of a parameter that is no matrix: a stack of one.
    pub(crate) fn tensor(&self) -> Option<Tensor<R>> {
        let Moves::Tensor(phi) = &self.moves else { return None };
        let mut moved = phi.map(|entry| -entry);
        moved.shape.insert(0, 1);
        Some(moved)
    }

    /// How a node that applies the matrix responds to its step, the operand held fixed: a stack of one. The node has the
    /// given shape.
    pub(crate) fn moved(&mut self, applied: Use<'_, R>, operand: &Tensor<R>, shape: &[usize]) -> Tensor<R> {
        let mut moved = match &self.moves {
            Moves::Still | Moves::Tensor(_) => Tensor::zeros(shape),
            Moves::Along(gradient, factor) => {
                applied.applied(-1.0, operand, |side, rows| gradient.times(side, rows, *factor))
            }
            Moves::Signs(gradient, norm) => {
                let mut found = Signs::default();
                let mut moved = applied.applied(-1.0, operand, |side, rows| {
                    let (moved, signs) = gradient.signs_times(side, rows);
                    found = signs;
                    moved
                });
                let factor = norm.map_or(1.0, |norm| norm / found.count.max(1.0).sqrt());
                moved.scale(factor);
                self.decrease = found.sum * factor;
                moved
            }
            Moves::Frames(..) | Moves::Blocks(..) => {
                applied.applied(-1.0, operand, |side, rows| self.moves.times(applied.weight, side, rows))
            }
        };
        moved.shape.insert(0, 1);
        moved
    }

    /// What the direction makes of the tangents of the operand of a node that applies a weight that is zero, stacked.
    pub(crate) fn applied(&self, zero: Use<'_, R>, stack: &Tensor<R>) -> Tensor<R> {
        zero.applied(1.0, stack, |side, rows| self.moves.times(zero.weight, side, rows))
    }

    /// What the transposed direction makes of what comes back to such a node.
    pub(crate) fn transposed(&self, zero: Use<'_, R>, back: &Tensor<R>) -> Tensor<R> {
        zero.transposed(back, |side, rows| self.moves.times(zero.weight, side, rows))
    }
}

impl<R: Real> Moves<'_, R> {
    /// What the direction of a weight, or its transpose, makes of rows. Where nothing moves, the weight is one that is zero.
    fn times(&self, weight: &Weight<R>, side: Side, input: &[R]) -> Vec<R> {
        match self {
            Self::Still | Self::Tensor(_) => weight.times(side, input),
            Self::Along(gradient, factor) => gradient.times(side, input, *factor),
            Self::Signs(gradient, norm) => {
                let (mut rows, signs) = gradient.signs_times(side, input);
                let factor = norm.map_or(1.0, |norm| norm / signs.count.max(1.0).sqrt());
                rows.iter_mut().for_each(|entry| *entry *= R::narrow(factor));
                rows
            }
            Self::Frames(frames, sizes) => spectral::times(frames, side, input, *sizes),
            Self::Blocks(of, blocks, [rows, columns]) => {
                let (length, produced) = match side {
                    Side::Columns => (*columns, *rows),
                    Side::Rows => (*rows, *columns),
                };
                let mut result = vec![R::zero(); input.len() / length * produced];
                for (block, moves) in of {
                    let part = moves.times(weight, side, &blocks.part(*block, side, input, length));
                    blocks.add(*block, side.other(), &part, produced, &mut result);
                }
                result
            }
        }
    }
}

/// The step of each block of a gradient, with the decreases of all together.
fn of_blocks<'p, R: Real>(
    gradient: &Gradient<'_, R>,
    step: impl Fn(&Gradient<'_, R>) -> (f64, Moves<'p, R>),
) -> (f64, Moves<'p, R>) {
    let blocks = gradient.blocks();
    if blocks == Blocks::ONE {
        return step(gradient);
    }
    let mut decrease = 0.0;
    let moves = blocks.each().map(|block| {
        let (of_block, moves) = step(&gradient.block(block));
        decrease += of_block;
        (block, moves)
    });
    let moves = moves.collect();
    (decrease, Moves::Blocks(moves, blocks, [gradient.rows(), gradient.columns()]))
}

/// The step of a block by its singular values, times a function of its numbers of rows and columns.
#[allow(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn of_spectrum<'p, R: Real>(
    block: &Gradient<'_, R>,
    spectrum: Spectrum,
    factor: fn(f64, f64) -> f64,
) -> (f64, Moves<'p, R>) {
    let (rows, columns) = (block.rows(), block.columns());
    let (frames, decrease) = spectral(block, spectrum, factor(rows as f64, columns as f64));
    (decrease, Moves::Frames(frames, [rows, columns]))
}

/// The factored step of a block of a weight with entries of the given root mean square.
fn of_factored<'p, R: Real>(block: &Gradient<'_, R>, rms: f64) -> (f64, Moves<'p, R>) {
    let divided = factored(block);
    let factor = rms / (divided.norm() / block.entries().sqrt()).max(1.0);
    (block.inner(&divided) * factor, Moves::Along(divided, factor))
}

#[cfg(test)]
impl<R: Real> Direction<'_, R> {
    /// Every entry of the direction, in the order in which the parameter is held.
    pub(crate) fn entries(&self, count: usize) -> Vec<R> {
        self.moves.entries(count)
    }
}

#[cfg(test)]
impl<R: Real> Moves<'_, R> {
    fn entries(&self, count: usize) -> Vec<R> {
        match self {
            Self::Still => vec![R::zero(); count],
            Self::Tensor(phi) => phi.data.clone(),
            Self::Along(gradient, factor) => {
                gradient.all().into_iter().map(|entry| entry * R::narrow(*factor)).collect()
            }
            Self::Signs(gradient, norm) => {
                let signs: Vec<R> = gradient.all().into_iter().map(sign).collect();
                let factor = norm.map_or(1.0, |norm| norm / dot(&signs, &signs).sqrt());
                signs.into_iter().map(|sign| sign * R::narrow(factor)).collect()
            }
            Self::Frames(frames, [rows, columns]) => {
                let whole = |frame: &[Vec<R>; 2]| -> Vec<R> {
                    let identity = (0..columns * columns)
                        .map(|i| R::narrow(f64::from(u8::from(i % (columns + 1) == 0))));
                    let identity: Vec<R> = identity.collect();
                    let frame = std::slice::from_ref(frame);
                    let transposed = spectral::times(frame, Side::Columns, &identity, [*rows, *columns]);
                    (0..rows * columns).map(|i| transposed[i % columns * rows + i / columns]).collect()
                };
                frames.iter().flat_map(whole).collect()
            }
            Self::Blocks(of, blocks, [rows, columns]) => {
                let [of_rows, of_columns] = blocks.of;
                let (height, width) = (rows / of_rows, columns / of_columns);
                let each: Vec<Vec<R>> =
                    of.iter().map(|(_, moves)| moves.entries(count / of_rows / of_columns)).collect();
                let entry = |i: usize| {
                    let (row, column) = (i / columns % rows, i % columns);
                    let block = &each[row / height * of_columns + column / width];
                    let place = i / (rows * columns) * height + row % height;
                    block[place * width + column % width]
                };
                (0..count).map(entry).collect()
            }
        }
    }
}

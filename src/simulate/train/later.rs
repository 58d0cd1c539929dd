//! [`Memory`]: what an optimizer remembers of earlier gradients, and the step it makes of that and of the new one.

use crate::rule::Later;
use crate::simulate::array::{Real, Tensor, dot};
use crate::simulate::run::sign;
use crate::simulate::weight::Split;

/// Decay of the first and second moment of Adam (arXiv:1412.6980, Algorithm 1).
const ADAM: [f64; 2] = [0.9, 0.999];
/// What Lion interpolates its momentum with, and the decay of that (arXiv:2302.06675, Algorithm 2).
const LION: [f64; 2] = [0.9, 0.99];
/// Adafactor: its decay is 1 - t^-0.8, and an update of rms above 1 is clipped (arXiv:1804.04235, Algorithms 4 and 5).
const ADAFACTOR: f64 = 0.8;

/// What is remembered of one parameter. Epsilons are negligible: a division of zero by zero is zero.
pub(super) struct Memory<R: Real> {
    later: Later,
    step: i32,
    first: Option<Tensor<R>>,
    second: Option<Tensor<R>>,
    /// Running means of squares over the rows and columns of each matrix of a weight.
    factors: Vec<[Vec<f64>; 2]>,
}

impl<R: Real> Memory<R> {
    /// Nothing is remembered of a parameter yet.
    pub(super) fn new(later: Later, parameter: &Tensor<R>) -> Self {
        let zeros = || Some(Tensor::zeros(&parameter.shape));
        let (first, second) = match later {
            Later::Gradient | Later::Signs | Later::Norm => (None, None),
            Later::Moments => (zeros(), zeros()),
            Later::SignOfMomentum => (zeros(), None),
            Later::Squares | Later::FactoredSquares => (None, zeros()),
        };
        Self { later, step: 0, first, second, factors: Vec::new() }
    }

    /// The step at learning rate 1, from the gradient; the parameter moves by minus it.
    pub(super) fn step(
        &mut self,
        gradient: &Tensor<R>,
        parameter: &Tensor<R>,
        split: Option<&Split>,
    ) -> Tensor<R> {
        self.step += 1;
        match self.later {
            Later::Gradient => gradient.clone(),
            Later::Signs => gradient.map(sign),
            Later::Norm => {
                let norm = dot(&gradient.data, &gradient.data).sqrt();
                let mut unit = gradient.clone();
                unit.scale(if norm > 0.0 { norm.recip() } else { 0.0 });
                unit
            }
            Later::Moments => {
                let [decay, square_decay] = ADAM;
                let first = averaged(&mut self.first, gradient, decay, |g| g);
                let second = averaged(&mut self.second, gradient, square_decay, |g| g * g);
                let corrected = |decay: f64| 1.0 - decay.powi(self.step);
                let scale = corrected(square_decay).sqrt() / corrected(decay);
                let mut ratio = over_root(&first, &second);
                ratio.scale(scale);
                ratio
            }
            Later::Squares => {
                let second = summed(&mut self.second, gradient);
                over_root(gradient, &second)
            }
            Later::SignOfMomentum => {
                let [inner, decay] = LION;
                let mut blend = self.first.clone();
                let blended = averaged(&mut blend, gradient, inner, |g| g);
                averaged(&mut self.first, gradient, decay, |g| g);
                blended.map(sign)
            }
            Later::FactoredSquares => {
                let decay = 1.0 - f64::from(self.step).powf(-ADAFACTOR);
                let mut update = match split {
                    Some(split) => self.factored(gradient, split, decay),
                    None => {
                        let second = averaged(&mut self.second, gradient, decay, |g| g * g);
                        over_root(gradient, &second)
                    }
                };
                let clipped = update.rms().max(1.0).recip();
                update.scale(clipped * parameter.rms());
                update
            }
        }
    }

    /// The gradient over the root of the matrix of rank one with the running means of squares over rows and columns.
    fn factored(&mut self, gradient: &Tensor<R>, split: &Split, decay: f64) -> Tensor<R> {
        let order = split.order();
        let mut ordered = gradient.permuted(&order).into_owned();
        let size =
            |places: &[usize]| -> usize { places.iter().map(|place| gradient.shape[*place]).product() };
        let (rows, columns) = (size(&split.produced), size(&split.contracted));
        let matrices = ordered.data.chunks_exact_mut((rows * columns).max(1));
        if self.factors.is_empty() {
            self.factors = vec![[vec![0.0; rows], vec![0.0; columns]]; matrices.len()];
        }
        for (matrix, [of_rows, of_columns]) in matrices.zip(&mut self.factors) {
            remember(matrix, of_rows, of_columns, decay);
            let mean = of_rows.iter().sum::<f64>() / count(rows);
            for (row, square) in matrix.chunks_exact_mut(columns.max(1)).zip(of_rows.iter()) {
                for (entry, column) in row.iter_mut().zip(of_columns.iter()) {
                    let expected = (square * column / mean).sqrt();
                    *entry = if expected > 0.0 { R::narrow(entry.wide() / expected) } else { R::zero() };
                }
            }
        }
        let mut inverse = vec![0; order.len()];
        order.iter().enumerate().for_each(|(to, from)| inverse[*from] = to);
        ordered.permuted(&inverse).into_owned()
    }
}

/// Moves running means of squares over rows and columns towards those of a matrix.
fn remember<R: Real>(matrix: &[R], of_rows: &mut [f64], of_columns: &mut [f64], decay: f64) {
    let columns = of_columns.len().max(1);
    let (per_row, per_column) = ((1.0 - decay) / count(columns), (1.0 - decay) / count(of_rows.len()));
    of_columns.iter_mut().for_each(|mean| *mean *= decay);
    for (row, mean) in matrix.chunks_exact(columns).zip(of_rows.iter_mut()) {
        *mean = *mean * decay + dot(row, row) * per_row;
        for (entry, mean) in row.iter().zip(of_columns.iter_mut()) {
            *mean += entry.wide().powi(2) * per_column;
        }
    }
}

/// Moves a running mean towards a function of the gradient, and gives it.
fn averaged<R: Real>(
    mean: &mut Option<Tensor<R>>,
    gradient: &Tensor<R>,
    decay: f64,
    of: impl Fn(R) -> R,
) -> Tensor<R> {
    let mean = mean.get_or_insert_with(|| Tensor::zeros(&gradient.shape));
    let (kept, added) = (R::narrow(decay), R::narrow(1.0 - decay));
    mean.data.iter_mut().zip(&gradient.data).for_each(|(mean, g)| *mean = *mean * kept + of(*g) * added);
    mean.clone()
}

/// Adds the squares of a gradient to those before.
fn summed<R: Real>(sum: &mut Option<Tensor<R>>, gradient: &Tensor<R>) -> Tensor<R> {
    let sum = sum.get_or_insert_with(|| Tensor::zeros(&gradient.shape));
    sum.data.iter_mut().zip(&gradient.data).for_each(|(sum, g)| *sum += *g * *g);
    sum.clone()
}

/// Entry by entry over the root of another tensor; zero where that is zero.
fn over_root<R: Real>(above: &Tensor<R>, below: &Tensor<R>) -> Tensor<R> {
    let mut ratio = above.clone();
    ratio.data.iter_mut().zip(&below.data).for_each(|(entry, square)| {
        *entry = if *square > R::zero() { *entry / square.sqrt() } else { R::zero() };
    });
    ratio
}

#[allow(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn count(number: usize) -> f64 {
    number.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every number here is a few roundings from the exact one.
    const TOLERANCE: f64 = 1e-12;

    fn column(entries: &[f64]) -> Tensor<f64> {
        Tensor { shape: vec![entries.len()], data: entries.to_vec() }
    }

    /// The steps made of gradients, one after the other, for a parameter with entries 2.
    fn steps(later: Later, gradients: &[&[f64]]) -> Vec<Vec<f64>> {
        let parameter = column(&vec![2.0; gradients[0].len()]);
        let mut memory = Memory::new(later, &parameter);
        gradients
            .iter()
            .map(|gradient| memory.step(&column(gradient), &parameter, None).data.clone())
            .collect()
    }

    #[test]
    fn later_steps_are_those_of_the_optimizers() {
        let root = 2.0_f64.sqrt();
        // (0.09 - 0.1) / (1 - 0.81) over the root of 1; rms 1 of the second moments 1 and then t^-0.8 of the way to 9.
        let adam = (0.9 * 0.1 - 0.1) / (1.0 - 0.81);
        let mixed = 1.0 + (9.0 - 1.0) * 2.0_f64.powf(-0.8);
        let clipped = (3.0 / mixed.sqrt()).max(1.0);
        let cases: [(Later, &[f64], Vec<f64>); 7] = [
            (Later::Gradient, &[1.0, -3.0], vec![1.0, -3.0]),
            (Later::Signs, &[0.5, -3.0], vec![1.0, -1.0]),
            (Later::Norm, &[0.5, -3.0], vec![1.0, -1.0]),
            (Later::Moments, &[1.0, -1.0], vec![1.0, adam]),
            (Later::Squares, &[3.0, 3.0], vec![1.0, 1.0 / root]),
            // 0.9 * 0.01 - 0.1 * 0.05 is above 0, 0.9 * 0.01 - 0.1 is not.
            (Later::SignOfMomentum, &[1.0, -0.05], vec![1.0, 1.0]),
            (Later::FactoredSquares, &[1.0, 3.0], vec![2.0, 2.0 * 3.0 / mixed.sqrt() / clipped]),
        ];
        for (later, gradients, expected) in cases {
            let columns: Vec<[f64; 1]> = gradients.iter().map(|gradient| [*gradient]).collect();
            let columns: Vec<&[f64]> = columns.iter().map(<[f64; 1]>::as_slice).collect();
            let found: Vec<f64> = steps(later, &columns).concat();
            for (found, expected) in found.iter().zip(&expected) {
                assert!((found - expected).abs() <= TOLERANCE, "{later:?}: {found} for {expected}");
            }
        }
    }

    #[test]
    fn a_gradient_of_zero_moves_nothing() {
        for (name, later) in Later::NAMES {
            assert_eq!(steps(later, &[&[0.0, 0.0], &[0.0, 0.0]]), [[0.0, 0.0], [0.0, 0.0]], "{name}");
        }
    }

    /// Each of two heads has a gradient of its own, and rows of one are those of the other in another order.
    #[test]
    fn a_factored_step_is_one_of_each_matrix() {
        let split = Split { shared: Vec::new(), produced: vec![1, 0], contracted: vec![2], blocks: [1, 0] };
        let (rows, columns) = ([[2.0, -0.5], [0.1, 4.0]], [[1.0, -3.0], [0.25, 6.0]]);
        let entry = |(row, head, column): (usize, usize, usize)| rows[head][row] * columns[head][column];
        let places = |i: usize| (i / 4, i / 2 % 2, i % 2);
        let gradient = column_of([2, 2, 2], (0..8).map(|i| entry(places(i))).collect());
        let parameter = column_of([2, 2, 2], vec![0.5; 8]);
        let step = |split: &Split| {
            Memory::new(Later::FactoredSquares, &parameter)
                .step(&gradient, &parameter, Some(split))
                .data
                .clone()
        };
        let off = |step: &[f64]| {
            let pairs = step.iter().zip(&gradient.data);
            pairs.map(|(step, entry)| (step - 0.5 * entry.signum()).abs()).fold(0.0, f64::max)
        };
        assert!(off(&step(&split.apart())) <= TOLERANCE);
        assert!(off(&step(&Split { blocks: [0, 0], ..split })) > 0.1);
    }

    fn column_of(shape: [usize; 3], data: Vec<f64>) -> Tensor<f64> {
        Tensor { shape: shape.to_vec(), data }
    }

    /// A gradient `b x^T` has row and column means whose product is its square: what is left are signs.
    #[test]
    fn a_factored_step_of_a_product_is_its_signs_times_the_rms_of_the_parameter() {
        let (rows, columns) = ([2.0, -0.5], [1.0, -3.0, 0.25]);
        let gradient: Vec<f64> = rows.iter().flat_map(|b| columns.iter().map(move |x| b * x)).collect();
        let matrix = |data: Vec<f64>| Tensor { shape: vec![2, 3], data };
        let parameter = matrix(vec![0.5; 6]);
        let split = Split { shared: Vec::new(), produced: vec![0], contracted: vec![1], blocks: [0, 0] };
        let mut memory = Memory::new(Later::FactoredSquares, &parameter);
        for _ in 0..3 {
            let step = memory.step(&matrix(gradient.clone()), &parameter, Some(&split));
            for (step, entry) in step.data.iter().zip(&gradient) {
                assert!((step - 0.5 * entry.signum()).abs() <= TOLERANCE, "{step} for {entry}");
            }
        }
    }
}

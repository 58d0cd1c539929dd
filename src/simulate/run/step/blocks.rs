//! [`Blocks`]: a matrix cut into blocks that step by themselves, like the heads that one weight produces or contracts.

use crate::simulate::array::{Real, Tensor};
use crate::simulate::weight::Side;

/// How a matrix is cut: into so many equal parts of its rows and of its columns, each pair of which is a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Blocks {
    pub(crate) of: [usize; 2],
}

/// The place of a block: which part of the rows, which part of the columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block([usize; 2]);

impl Blocks {
    /// The whole matrix.
    pub(crate) const ONE: Self = Self { of: [1, 1] };

    /// Every block, those of the first part of the rows first.
    pub(crate) fn each(self) -> impl Iterator<Item = Block> {
        let [of_rows, of_columns] = self.of;
        (0..of_rows).flat_map(move |row| (0..of_columns).map(move |column| Block([row, column])))
    }

    /// The part of vectors along a side of the matrix that belongs to a block. They have the given length, and stand in the last
    /// axes of a tensor, or of an array of them.
    pub(super) fn cut<R: Real>(
        self,
        block: Block,
        side: Side,
        vectors: &Tensor<R>,
        length: usize,
    ) -> Tensor<R> {
        let data = self.part(block, side, &vectors.data, length);
        Tensor { shape: vec![data.len()], data }
    }

    /// The same of vectors that lie one after the other.
    pub(super) fn part<R: Real>(self, block: Block, side: Side, vectors: &[R], length: usize) -> Vec<R> {
        let (first, width) = self.range(block, side, length);
        vectors.chunks_exact(length).flat_map(|vector| vector[first..first + width].iter().copied()).collect()
    }

    /// Adds parts of vectors, as [`Blocks::part`] makes them, to those vectors.
    pub(super) fn add<R: Real>(self, block: Block, side: Side, parts: &[R], length: usize, onto: &mut [R]) {
        let (first, width) = self.range(block, side, length);
        for (vector, part) in onto.chunks_exact_mut(length).zip(parts.chunks_exact(width)) {
            vector[first..first + width].iter_mut().zip(part).for_each(|(sum, entry)| *sum += *entry);
        }
    }

    /// Where the part of a block begins in a vector, and its length.
    fn range(self, Block([row, column]): Block, side: Side, length: usize) -> (usize, usize) {
        let [of_rows, of_columns] = self.of;
        let (place, parts) = match side {
            Side::Rows => (row, of_rows),
            Side::Columns => (column, of_columns),
        };
        let width = length / parts;
        (place * width, width)
    }
}

#[cfg(test)]
mod tests {
    use nalgebra::DMatrix;

    use super::*;
    use crate::rule::Step;
    use crate::simulate::run::pass::Pass;
    use crate::simulate::run::step::Direction;
    use crate::simulate::testing::{graphs, with_network};

    /// `U V^T` of every block of a gradient that is given axis by axis, in the order of the weight.
    fn directly(gradient: &Tensor<f64>, rows: &[usize], columns: &[usize], whole: f64) -> Tensor<f64> {
        let others: Vec<usize> =
            (0..gradient.shape.len()).filter(|place| ![rows, columns].concat().contains(place)).collect();
        let order = [others.as_slice(), rows, columns].concat();
        let ordered = gradient.permuted(&order).into_owned();
        let size =
            |places: &[usize]| -> usize { places.iter().map(|place| gradient.shape[*place]).product() };
        let (height, width) = (size(rows), size(columns));
        let polar = |block: &[f64]| -> Vec<f64> {
            let svd = DMatrix::from_row_slice(height, width, block).svd(true, true);
            let kept = svd.singular_values.map(|value| f64::from(u8::from(value > 1e-9 * whole)));
            let polar = svd.u.unwrap() * DMatrix::from_diagonal(&kept) * svd.v_t.unwrap();
            polar.transpose().iter().copied().collect()
        };
        let data = ordered.data.chunks_exact(height * width).flat_map(polar).collect();
        let mut inverse = vec![0; order.len()];
        order.iter().enumerate().for_each(|(to, from)| inverse[*from] = to);
        Tensor { shape: ordered.shape.clone(), data }.permuted(&inverse).into_owned()
    }

    #[test]
    fn every_block_of_a_weight_is_a_matrix_whose_step_is_orthogonal() {
        /// Small singular values magnify the rounding of the gradient.
        const TOLERANCE: f64 = 1e-7;
        let graph = &graphs()["heads"];
        with_network::<f64>(graph, Step::Orthogonal, |plan, network| {
            let pass = Pass::whole(&network);
            // Places of the rows and columns of one matrix, among the axes of the weight.
            let matrices: [(&str, &[usize], &[usize]); 4] =
                [("W_V", &[0], &[2]), ("W_Y", &[1], &[3]), ("W_Z", &[1], &[3]), ("W_O", &[0], &[2])];
            for (name, rows, columns) in matrices {
                let id = graph.parameter_ids().find(|id| graph.parameter(*id).name == name).unwrap();
                let order = plan.split(id).unwrap().order();
                let gradient = pass.factors(&network, id).unwrap();
                let count = gradient.all().len();
                let shape = network.weight(id).unwrap().sizes().shape();
                let mut inverse = vec![0; order.len()];
                order.iter().enumerate().for_each(|(to, from)| inverse[*from] = to);
                let as_held = |data| Tensor { shape: shape.clone(), data }.permuted(&inverse).into_owned();
                let whole = gradient.norm();
                let expected = directly(&as_held(gradient.all()), rows, columns, whole);
                let found =
                    as_held(Direction::of_gradient(gradient, Step::Orthogonal, None, 0.0).entries(count));
                let off =
                    found.data.iter().zip(&expected.data).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
                assert!(off < TOLERANCE, "{name}: off by {off}");
            }
        });
    }

    #[test]
    fn the_parts_of_all_blocks_are_the_vectors() {
        let blocks = Blocks { of: [2, 3] };
        let vectors: Vec<f64> = (0..12).map(f64::from).collect();
        let mut sum = vec![0.0; 12];
        for block in blocks.each().filter(|Block([row, _])| *row == 1) {
            let part = blocks.part(block, Side::Columns, &vectors, 6);
            assert_eq!(part.len(), 4);
            blocks.add(block, Side::Columns, &part, 6, &mut sum);
        }
        assert_eq!(sum, vectors);
        let second = blocks.part(Block([1, 2]), Side::Rows, &vectors, 6);
        assert_eq!(second, [3.0, 4.0, 5.0, 9.0, 10.0, 11.0]);
        assert_eq!(blocks.each().count(), 6);
    }
}

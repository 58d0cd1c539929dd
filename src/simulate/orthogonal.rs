//! The orthogonal step: `U V^T` over the non-zero singular values of a gradient `U S V^T`.
//!
//! The gradient of a weight is `L R^T`, with a column of `L` (what flows back) and of `R` (what flows in) for
//! each sample. With few samples and thin factorisations `L = Q_L T_L`, `R = Q_R T_R`, only the small matrix
//! `T_L T_R^T` needs singular vectors.

use nalgebra::{DMatrix, SVD};

use super::einsum::{Labelled, arrange, einsum};
use super::network::Network;
use super::pass::Pass;
use super::tensor::{Real, Tensor};
use crate::graph::{AxisId, Einsum, NodeId, ParameterId, ParameterKind};

/// Roundings below which a singular value, relative to the largest, counts as zero.
const ROUNDINGS: f64 = 128.0;

/// Iterations granted to each singular value decomposition.
const ITERATIONS: usize = 10_000;

/// The orthogonalised gradient of a weight: for each place along the axes that input, weight and result share,
/// the matrix of produced by contracted axes. Nothing for a parameter that is no matrix (bias, gain).
///
/// A decomposition that does not converge, which only numbers that are not finite can cause, gives NaN.
pub(super) fn orthogonal<R: Real>(
    network: &Network<'_, R>,
    pass: &Pass<R>,
    id: ParameterId,
    gradient: &Tensor<R>,
) -> Option<Tensor<R>> {
    let graph = network.graph;
    if graph.parameter(id).kind != ParameterKind::Weight {
        return None;
    }
    let with_einsum = |node: NodeId| graph.node(node).op.einsum().map(|einsum| (node, einsum));
    let uses: Vec<(NodeId, &Einsum)> = graph.uses(id).into_iter().filter_map(with_einsum).collect();
    let split = Split::of(uses.first()?.1);
    let shape =
        |places: &[usize]| -> Vec<usize> { places.iter().map(|place| gradient.shape[*place]).collect() };
    let extent = |places: &[usize]| -> usize { shape(places).iter().product() };
    let size = Size {
        batch: extent(&split.shared),
        rows: extent(&split.produced),
        columns: extent(&split.contracted),
    };
    let order = [split.shared.as_slice(), &split.produced, &split.contracted].concat();
    let factors = uses.iter().map(|(node, einsum)| split.factor(network, pass, *node, einsum));
    let few = |factors: &Vec<Factor<R>>| {
        factors.iter().map(|factor| size.samples(factor)).sum::<usize>() < size.rows.min(size.columns)
    };
    let factors = factors
        .collect::<Option<Vec<_>>>()
        .filter(few)
        .unwrap_or_else(|| vec![split.trivial(gradient, &size)]);
    let blocks = (0..size.batch).flat_map(|block| size.orthogonal(block, &factors).data).collect();
    let blocks = Tensor { shape: shape(&order), data: blocks };
    let mut inverse = vec![0; order.len()];
    order.iter().enumerate().for_each(|(to, from)| inverse[*from] = to);
    Some(blocks.permuted(&inverse).into_owned())
}

/// The places of a weight's axes, by what its use does with them.
#[derive(Debug, PartialEq)]
struct Split {
    shared: Vec<usize>,
    produced: Vec<usize>,
    contracted: Vec<usize>,
}

/// A part `left right^T` of a gradient: both have the shared axes first and the samples last.
struct Factor<R> {
    left: Tensor<R>,
    right: Tensor<R>,
}

impl Split {
    fn of(einsum: &Einsum) -> Self {
        let [weight, input] = &einsum.operands;
        let places = |in_input: &dyn Fn(&AxisId) -> bool| -> Vec<usize> {
            (0..weight.len()).filter(|place| in_input(&weight[*place])).collect()
        };
        Self {
            shared: places(&|axis| input.contains(axis) && einsum.result.contains(axis)),
            produced: places(&|axis| !input.contains(axis)),
            contracted: places(&|axis| input.contains(axis) && !einsum.result.contains(axis)),
        }
    }

    /// The factor of the gradient that comes from a use. A use may contract what the first one produces (an
    /// embedding that is also the readout); nothing if it splits the axes in yet another way.
    fn factor<R: Real>(
        &self,
        network: &Network<'_, R>,
        pass: &Pass<R>,
        node: NodeId,
        einsum: &Einsum,
    ) -> Option<Factor<R>> {
        let [weight, input] = &einsum.operands;
        let samples: Vec<AxisId> = input.iter().copied().filter(|axis| !weight.contains(axis)).collect();
        let arranged = |tensor: &Tensor<R>, axes: &[AxisId], places: &[usize]| {
            let named = self.shared.iter().chain(places).map(|place| weight[*place]);
            let to: Vec<AxisId> = named.chain(samples.iter().copied()).collect();
            arrange(tensor.clone(), axes, &to)
        };
        let [operand] = network.graph.operands(node)[..] else { return None };
        let mut back = pass.back[node.index()].clone()?;
        back.scale(network.kernels[node.index()].factor());
        let value = &pass.values[operand.index()];
        let found = Self::of(einsum);
        if found == *self {
            Some(Factor {
                left: arranged(&back, &einsum.result, &self.produced),
                right: arranged(value, input, &self.contracted),
            })
        } else if found.shared == self.shared && found.contracted == self.produced {
            Some(Factor {
                left: arranged(value, input, &self.produced),
                right: arranged(&back, &einsum.result, &self.contracted),
            })
        } else {
            None
        }
    }

    /// The factor of a gradient that is itself one side, the longer one; the other is the identity.
    fn trivial<R: Real>(&self, gradient: &Tensor<R>, size: &Size) -> Factor<R> {
        let arranged = |rows: &[usize], columns: &[usize]| {
            gradient.permuted(&[&self.shared, rows, columns].concat()).into_owned()
        };
        if size.rows >= size.columns {
            let left = arranged(&self.produced, &self.contracted);
            Factor { left, right: identities(size.batch, size.columns) }
        } else {
            let right = arranged(&self.contracted, &self.produced);
            Factor { left: identities(size.batch, size.rows), right }
        }
    }
}

/// An identity matrix of so many rows, so many times.
fn identities<R: Real>(batch: usize, rows: usize) -> Tensor<R> {
    let mut identities = Tensor::zeros(&[batch, rows, rows]);
    for block in identities.copies_mut(batch) {
        block.iter_mut().step_by(rows + 1).for_each(|entry| *entry = R::one());
    }
    identities
}

/// The sizes of a gradient seen as a stack of matrices.
struct Size {
    batch: usize,
    rows: usize,
    columns: usize,
}

impl Size {
    fn samples<R>(&self, factor: &Factor<R>) -> usize {
        factor.left.data.len() / (self.batch * self.rows)
    }

    fn orthogonal<R: Real>(&self, block: usize, factors: &[Factor<R>]) -> Tensor<R> {
        let side = |rows: usize, choose: &dyn Fn(&Factor<R>) -> &Tensor<R>| {
            let samples = factors.iter().map(|factor| self.samples(factor)).sum();
            let mut matrix = DMatrix::zeros(rows, samples);
            let mut first = 0;
            for factor in factors {
                let samples = self.samples(factor);
                let entries = &choose(factor).data[block * rows * samples..][..rows * samples];
                for (place, entry) in entries.iter().enumerate() {
                    matrix[(place / samples, first + place % samples)] = entry.wide();
                }
                first += samples;
            }
            matrix
        };
        let left = side(self.rows, &|factor| &factor.left);
        let right = side(self.columns, &|factor| &factor.right);
        match polar(left, right, R::epsilon().wide()) {
            Some([u, v]) if u.ncols() > 0 => {
                let [row, column, rank] = [AxisId(0), AxisId(1), AxisId(2)];
                let (u, v) = (tensor(&u), tensor(&v));
                einsum(Labelled::new(&[row, rank], &u), Labelled::new(&[column, rank], &v), &[row, column])
            }
            Some(_) => Tensor::zeros(&[self.rows, self.columns]),
            None => Tensor::filled(&[self.rows, self.columns], R::nan()),
        }
    }
}

/// The singular vectors of `left right^T` that belong to non-zero singular values, as columns.
fn polar(left: DMatrix<f64>, right: DMatrix<f64>, epsilon: f64) -> Option<[DMatrix<f64>; 2]> {
    let finite = |matrix: &DMatrix<f64>| matrix.iter().all(|entry| entry.is_finite());
    if !finite(&left) || !finite(&right) {
        return None;
    }
    let (left, right) = (left.qr(), right.qr());
    let core = left.r() * right.r().transpose();
    #[allow(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
    let tolerance = ROUNDINGS * epsilon * (core.nrows().max(core.ncols()) as f64).sqrt();
    let decomposed = SVD::try_new(core, true, true, f64::EPSILON, ITERATIONS)?;
    let floor = tolerance * decomposed.singular_values.max();
    let kept: Vec<usize> =
        (0..decomposed.singular_values.len()).filter(|i| decomposed.singular_values[*i] > floor).collect();
    let u = decomposed.u?.select_columns(&kept);
    let v = decomposed.v_t?.transpose().select_columns(&kept);
    Some([left.q() * u, right.q() * v])
}

fn tensor<R: Real>(matrix: &DMatrix<f64>) -> Tensor<R> {
    let rows = matrix.row_iter().flat_map(|row| row.iter().copied().collect::<Vec<_>>());
    Tensor { shape: vec![matrix.nrows(), matrix.ncols()], data: rows.map(R::narrow).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::Step;
    use crate::simulate::testing::{graphs, with_network};

    /// Singular vectors of matrices of this size are good to about 1e-13.
    const TOLERANCE: f64 = 1e-12;

    fn matrix(rows: usize, columns: usize) -> DMatrix<f64> {
        #[allow(clippy::cast_precision_loss)]
        DMatrix::from_fn(rows, columns, |i, j| ((i * 31 + j * 17 + i * j * 7) % 19) as f64 - 9.0)
    }

    #[test]
    fn the_polar_factor_has_singular_values_one_and_the_rank_of_the_product() {
        for (rows, columns, samples) in [(7, 5, 3), (3, 9, 4), (4, 4, 4), (6, 2, 8), (1, 5, 2)] {
            let (left, right) = (matrix(rows, samples), matrix(columns, samples) * 0.5);
            let product = &left * right.transpose();
            let [u, v] = polar(left, right, f64::EPSILON).unwrap();
            let polar = &u * v.transpose();
            let rank = rows.min(columns).min(samples);
            assert_eq!(u.ncols(), rank, "{rows} {columns} {samples}");
            assert!((u.transpose() * &u - DMatrix::identity(rank, rank)).norm() < TOLERANCE);
            // <G, U V^T> is the sum of the singular values.
            let nuclear = product.singular_values().sum();
            assert!((product.dot(&polar) - nuclear).abs() < TOLERANCE * nuclear);
        }
    }

    #[test]
    fn directions_without_gradient_are_left_alone() {
        let left = matrix(6, 4);
        let mut right = matrix(5, 4);
        right.fill_column(3, 0.0);
        let [u, _] = polar(left.clone(), right, f64::EPSILON).unwrap();
        assert_eq!(u.ncols(), 3);
        let [u, _] = polar(left, DMatrix::zeros(5, 4), f64::EPSILON).unwrap();
        assert_eq!(u.ncols(), 0);
    }

    #[test]
    fn numbers_that_are_not_finite_have_no_polar_factor() {
        let mut left = matrix(3, 3);
        left[(0, 0)] = f64::NAN;
        assert!(polar(left, matrix(3, 3), f64::EPSILON).is_none());
    }

    #[test]
    fn the_step_of_a_network_is_that_of_its_gradient() {
        for (name, graph) in graphs() {
            with_network::<f64>(&graph, Step::Orthogonal, |_, network| {
                let pass = Pass::of(&network);
                for id in
                    graph.parameter_ids().filter(|id| graph.parameter(*id).kind == ParameterKind::Weight)
                {
                    let gradient = pass.gradient(&network, id);
                    let found = orthogonal(&network, &pass, id, &gradient).unwrap();
                    let einsum = graph.node(graph.uses(id)[0]).op.einsum().unwrap();
                    let Split { shared, produced, contracted } = Split::of(einsum);
                    let order = [shared.as_slice(), &produced, &contracted].concat();
                    let extent =
                        |places: &[usize]| -> usize { places.iter().map(|i| gradient.shape[*i]).product() };
                    let (gradient, found) = (gradient.permuted(&order), found.permuted(&order));
                    let batch = extent(&shared);
                    for (gradient, found) in gradient.copies(batch).zip(found.copies(batch)) {
                        let gradient =
                            DMatrix::from_row_slice(extent(&produced), extent(&contracted), gradient);
                        let found = DMatrix::from_row_slice(extent(&produced), extent(&contracted), found);
                        let svd = gradient.svd(true, true);
                        let largest = svd.singular_values.max();
                        let kept =
                            svd.singular_values.map(|value| f64::from(u8::from(value > 1e-11 * largest)));
                        let direct = svd.u.unwrap() * DMatrix::from_diagonal(&kept) * svd.v_t.unwrap();
                        let parameter = &graph.parameter(id).name;
                        // Small singular values magnify the rounding of the gradient.
                        assert!((direct - found).norm() < 1e-8, "{name}, {parameter}");
                    }
                }
            });
        }
    }
}

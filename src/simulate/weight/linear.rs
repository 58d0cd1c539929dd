//! [`Linear`]: a linear node as products of a matrix with the rows of its samples.

use std::borrow::Cow;

use crate::graph::{AxisId, Einsum, Graph, Parameter, ParameterId};
use crate::simulate::array::{Real, STACK, Tensor, arrange, permuted};

/// Along which axes of its matrix a weight is summed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Side {
    /// Along the columns: `W x`.
    Columns,
    /// Along the rows: `W^T x`, as in a readout that is also the embedding.
    Rows,
}

impl Side {
    /// The other one.
    pub(crate) fn other(self) -> Self {
        match self {
            Self::Columns => Self::Rows,
            Self::Rows => Self::Columns,
        }
    }
}

/// The axes of a weight, as a stack of matrices: shared ones number the matrices, the first use produces the rows from
/// the columns. Each list holds places among the axes of the weight. First among the rows and among the columns are the axes that
/// number blocks of a matrix, each of which steps by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Split {
    pub(crate) shared: Vec<usize>,
    pub(crate) produced: Vec<usize>,
    pub(crate) contracted: Vec<usize>,
    /// How many axes of the rows, and of the columns, number blocks.
    pub(crate) blocks: [usize; 2],
}

impl Split {
    /// How one use splits the axes of a weight with blocks numbered by those at some places.
    fn of(einsum: &Einsum, blocks: &[usize]) -> Self {
        let [weight, input] = &einsum.operands;
        let places = |choose: &dyn Fn(&AxisId) -> bool| -> Vec<usize> {
            let mut chosen: Vec<usize> = (0..weight.len()).filter(|place| choose(&weight[*place])).collect();
            chosen.sort_by_key(|place| !blocks.contains(place));
            chosen
        };
        let number = |side: &[usize]| side.iter().filter(|place| blocks.contains(place)).count();
        let shared = (0..weight.len())
            .filter(|place| input.contains(&weight[*place]) && einsum.result.contains(&weight[*place]));
        let produced = places(&|axis| !input.contains(axis));
        let contracted = places(&|axis| input.contains(axis) && !einsum.result.contains(axis));
        let blocks = [number(&produced), number(&contracted)];
        Self { shared: shared.collect(), produced, contracted, blocks }
    }

    /// The split of a weight by its first use; nothing if another use splits its axes in yet another way than this one
    /// or its transpose.
    pub(crate) fn of_weight(graph: &Graph, id: ParameterId) -> Option<Self> {
        let uses: Option<Vec<&Einsum>> =
            graph.uses(id).into_iter().map(|node| graph.node(node).op.einsum()).collect();
        let uses = uses?;
        let Parameter { axes, blocks, .. } = graph.parameter(id);
        let blocks: Vec<usize> = (0..axes.len()).filter(|place| blocks.contains(&axes[*place])).collect();
        let first = Self::of(uses.first()?, &blocks);
        uses.iter().all(|einsum| first.side(einsum).is_some()).then_some(first)
    }

    /// The places in the order in which the matrices are held.
    pub(crate) fn order(&self) -> Vec<usize> {
        [self.shared.as_slice(), &self.produced, &self.contracted].concat()
    }

    /// The same with every block as a matrix of its own.
    pub(crate) fn apart(&self) -> Self {
        let (of_rows, rows) = self.produced.split_at(self.blocks[0]);
        let (of_columns, columns) = self.contracted.split_at(self.blocks[1]);
        Self {
            shared: [self.shared.as_slice(), of_rows, of_columns].concat(),
            produced: rows.to_vec(),
            contracted: columns.to_vec(),
            blocks: [0, 0],
        }
    }

    /// Along which side a use sums.
    fn side(&self, einsum: &Einsum) -> Option<Side> {
        let [rows, columns] = [&self.produced[..self.blocks[0]], &self.contracted[..self.blocks[1]]];
        let found = Self::of(einsum, &[rows, columns].concat());
        if found == *self {
            Some(Side::Columns)
        } else if found.shared == self.shared && found.contracted == self.produced {
            Some(Side::Rows)
        } else {
            None
        }
    }
}

/// One use of a weight by a linear node.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Linear {
    pub(crate) side: Side,
    /// The number in front of it.
    pub(crate) factor: f64,
    input: Ends,
    result: Ends,
}

/// The axes of an operand or a result, as the node names them and as rows: shared axes, samples, features.
#[derive(Clone, Debug, PartialEq)]
struct Ends {
    axes: Vec<AxisId>,
    shared: Vec<AxisId>,
    rows: Vec<AxisId>,
}

impl Ends {
    /// The axes of a stack or of a single tensor, as they are and as rows.
    fn named(&self, is_stack: bool) -> (Vec<AxisId>, Vec<AxisId>) {
        let stack: &[AxisId] = if is_stack { &[STACK] } else { &[] };
        ([stack, &self.axes].concat(), [self.shared.as_slice(), stack, &self.rows].concat())
    }

    fn to_rows<'a, R: Real>(&self, tensor: &'a Tensor<R>) -> Cow<'a, Tensor<R>> {
        let (axes, rows) = self.named(tensor.shape.len() > self.axes.len());
        permuted(tensor, &axes, &rows)
    }

    fn take_back<R: Real>(&self, rows: Tensor<R>) -> Tensor<R> {
        let (axes, order) = self.named(rows.shape.len() > self.axes.len());
        arrange(rows, &order, &axes)
    }
}

impl Linear {
    /// A use of a weight that is split in this way; nothing if the use splits it in another one.
    pub(crate) fn new(split: &Split, einsum: &Einsum, factor: f64) -> Option<Self> {
        let side = split.side(einsum)?;
        let [weight, input] = &einsum.operands;
        let named = |places: &[usize]| -> Vec<AxisId> { places.iter().map(|place| weight[*place]).collect() };
        let (from, to) = match side {
            Side::Columns => (&split.contracted, &split.produced),
            Side::Rows => (&split.produced, &split.contracted),
        };
        let shared = named(&split.shared);
        let samples: Vec<AxisId> = input.iter().copied().filter(|axis| !weight.contains(axis)).collect();
        let ends = |axes: &[AxisId], features: &[usize]| Ends {
            axes: axes.to_vec(),
            shared: shared.clone(),
            rows: [samples.clone(), named(features)].concat(),
        };
        Some(Self { side, factor, input: ends(input, from), result: ends(&einsum.result, to) })
    }

    /// The input, or a stack of its tangents, as rows: a matrix of samples by features for each shared place.
    pub(crate) fn input<'a, R: Real>(&self, input: &'a Tensor<R>) -> Cow<'a, Tensor<R>> {
        self.input.to_rows(input)
    }

    /// The result, or a stack of its tangents, as rows.
    pub(crate) fn result<'a, R: Real>(&self, result: &'a Tensor<R>) -> Cow<'a, Tensor<R>> {
        self.result.to_rows(result)
    }

    /// Rows that the weight makes of those of [`Linear::input`], as the result of the node. `like` are these rows.
    pub(crate) fn as_result<R: Real>(&self, like: &Tensor<R>, sizes: &[usize], rows: Vec<R>) -> Tensor<R> {
        self.result.take_back(reshaped(like, sizes, rows, self.input.features(self.shared())))
    }

    /// Rows that the transposed weight makes of those of [`Linear::result`], as an input of the node.
    pub(crate) fn as_input<R: Real>(&self, like: &Tensor<R>, sizes: &[usize], rows: Vec<R>) -> Tensor<R> {
        self.input.take_back(reshaped(like, sizes, rows, self.result.features(self.shared())))
    }

    /// How many matrices there are: axes.
    fn shared(&self) -> usize {
        self.input.rows.iter().filter(|axis| self.result.rows.contains(axis)).count()
    }
}

impl Ends {
    /// How many axes the features have, if so many are samples.
    fn features(&self, samples: usize) -> usize {
        self.rows.len() - samples
    }
}

/// Rows with the samples of other rows, and features of the given sizes in place of their last axes.
fn reshaped<R: Real>(like: &Tensor<R>, sizes: &[usize], rows: Vec<R>, features: usize) -> Tensor<R> {
    let kept = &like.shape[..like.shape.len() - features];
    Tensor { shape: [kept, sizes].concat(), data: rows }
}

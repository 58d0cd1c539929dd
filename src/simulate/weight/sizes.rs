//! [`Sizes`]: those of a weight as a stack of matrices.

use super::linear::{Side, Split};

/// The sizes of a stack of matrices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sizes {
    /// The size of each axis that numbers the matrices.
    pub(crate) shared: Vec<usize>,
    /// The size of each axis of the rows.
    pub(crate) produced: Vec<usize>,
    /// The size of each axis of the columns.
    pub(crate) contracted: Vec<usize>,
    /// How many axes of the rows, and of the columns, number blocks: the first of them.
    pub(crate) axes_of_blocks: [usize; 2],
}

impl Sizes {
    /// Those of a weight of a shape that is split in this way.
    pub(crate) fn of(split: &Split, shape: &[usize]) -> Self {
        let select = |places: &[usize]| places.iter().map(|place| shape[*place]).collect();
        Self {
            shared: select(&split.shared),
            produced: select(&split.produced),
            contracted: select(&split.contracted),
            axes_of_blocks: split.blocks,
        }
    }

    /// The size of each axis, in the order in which entries are held.
    pub(crate) fn shape(&self) -> Vec<usize> {
        [self.shared.as_slice(), &self.produced, &self.contracted].concat()
    }

    /// The same with another size of the axis at a place.
    pub(super) fn with(&self, mut place: usize, size: usize) -> Self {
        let mut sizes = self.clone();
        for axes in [&mut sizes.shared, &mut sizes.produced, &mut sizes.contracted] {
            if place < axes.len() {
                axes[place] = size;
                break;
            }
            place -= axes.len();
        }
        sizes
    }

    /// How many matrices.
    pub(crate) fn places(&self) -> usize {
        self.shared.iter().product()
    }

    /// Into how many blocks the rows of each are cut, and the columns: every pair is a matrix that steps by itself.
    pub(crate) fn blocks(&self) -> [usize; 2] {
        let [of_rows, of_columns] = self.axes_of_blocks;
        [self.produced[..of_rows].iter().product(), self.contracted[..of_columns].iter().product()]
    }

    /// How many rows each has.
    pub(crate) fn rows(&self) -> usize {
        self.produced.iter().product()
    }

    /// How many columns each has.
    pub(crate) fn columns(&self) -> usize {
        self.contracted.iter().product()
    }

    /// The length of what is summed along a side.
    pub(crate) fn along(&self, side: Side) -> usize {
        match side {
            Side::Columns => self.columns(),
            Side::Rows => self.rows(),
        }
    }

    /// The sizes of the axes that are left when a side is summed.
    pub(crate) fn across(&self, side: Side) -> &[usize] {
        match side {
            Side::Columns => &self.produced,
            Side::Rows => &self.contracted,
        }
    }
}

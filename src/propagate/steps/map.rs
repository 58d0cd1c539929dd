//! Linear maps: what the initial values of a weight make of a tensor, and what was learned (theory, section 12).

use super::atom::{Made, common, remove};
use super::power::Power;
use super::tensor::Tensor;
use super::under_way::{Piece, Steps};
use crate::exact::Exponent;
use crate::graph::op::Einsum;
use crate::graph::{AxisId, DimensionId, NodeId, ParameterId, Start};

/// A weight in one of its two directions at a node that uses it: it sums over some of its axes, and makes others.
#[derive(Clone, Debug)]
pub(super) struct Direction {
    node: NodeId,
    parameter: ParameterId,
    /// The axes of the weight that the image has and the tensor lacks, by place.
    out: Vec<usize>,
    /// Those that are summed, by place.
    into: Vec<usize>,
    /// The dimensions of what is made.
    made: Vec<DimensionId>,
    /// The dimensions of what is summed.
    summed: Vec<DimensionId>,
    /// The dimensions of axes of the weight that tensor and image both have: there is a matrix for each.
    blocks: Vec<DimensionId>,
}

impl Direction {
    /// The places of the axes that the image has.
    pub(super) fn into_out(self) -> Vec<usize> {
        self.out
    }
}

impl<P: Power> Steps<'_, P> {
    /// A linear node forward, or backward.
    pub(super) fn direction(&self, z: NodeId, einsum: &Einsum, back: bool) -> Option<Direction> {
        let parameter = self.graph.parameter_at(z)?;
        let weight = &einsum.operands[0];
        let places = |axes: &[AxisId]| -> Vec<usize> {
            let held = weight.iter().enumerate().filter(|(_, axis)| axes.contains(axis));
            held.map(|(place, _)| place).collect()
        };
        let (produced, contracted) = (einsum.produced(), einsum.contracted());
        let is_block = |axis: &AxisId| !produced.contains(axis) && !contracted.contains(axis);
        let blocks: Vec<AxisId> = weight.iter().copied().filter(is_block).collect();
        let (out, into) = if back { (&contracted, &produced) } else { (&produced, &contracted) };
        Some(Direction {
            node: z,
            parameter,
            out: places(out),
            into: places(into),
            made: self.features(out),
            summed: self.features(into),
            blocks: self.features(&blocks),
        })
    }

    /// `W_0 u` with the multiplier, as the weight starts.
    pub(super) fn initial(&mut self, way: &Direction, u: &Tensor<P>) -> Tensor<P> {
        let (Some(init), Some(rms)) = (self.chosen.init[way.parameter.0].clone(), u.rms()) else {
            return Tensor::zero();
        };
        let init = init.plus(&self.multiplier(way.node));
        match self.graph.parameter(way.parameter).start {
            Start::Gaussian | Start::One | Start::Zero => self.random_image(way, u, &init, &rms),
            Start::Constant => self.sum_image(way, u, &init),
            Start::Identity => u.times(&init),
        }
    }

    /// What random entries of size `init` make of a tensor of size `rms`: a generic image, and what the tensor got from the same weight
    /// the other way, returned.
    fn random_image(&mut self, way: &Direction, u: &Tensor<P>, init: &P, rms: &P) -> Tensor<P> {
        let mut image = Tensor::zero();
        let (summed, made) = (self.atoms.size(&way.summed), self.atoms.size(&way.made));
        let half = Exponent::HALF;
        let axes = self.axes_of_image(way, u);
        let of = self.atoms.vector(u);
        let Direction { parameter, out, into, .. } = way.clone();
        let atom = self.atoms.atom(Made::Map { parameter, out: out.clone(), of }, axes, P::zero());
        image.add(atom, init.plus(&summed.times(&half)).plus(rms));
        for (atom, power) in u.atoms() {
            if let Made::Map { parameter: by, out: had, of } = self.atoms.made(atom)
                && (*by, had) == (parameter, &into)
            {
                let returned = power.plus(init).plus(&summed).minus(&made.times(&half));
                image.add_times(&returned, &self.atoms.direction(*of).clone());
            }
        }
        image
    }

    /// What equal entries of size `init` make of a tensor: its sum over the axes that are summed, the same for all that are made.
    fn sum_image(&mut self, way: &Direction, u: &Tensor<P>, init: &P) -> Tensor<P> {
        let sum = self.summed(u, &way.summed);
        self.spread(&sum, &way.made).times(init)
    }

    /// The feature axes of what a weight makes: its own, and those that it leaves alone.
    fn axes_of_image(&self, way: &Direction, u: &Tensor<P>) -> Vec<DimensionId> {
        let mut axes = [way.made.as_slice(), &way.blocks].concat();
        for (atom, _) in u.atoms() {
            let mut kept = self.atoms.axes(atom).to_vec();
            let gone = [common(&kept, &way.summed), common(&kept, &axes)];
            gone.iter().for_each(|gone| remove(&mut kept, gone));
            axes.extend(kept);
        }
        axes
    }

    /// What the steps so far have put into the weight, applied to a tensor.
    pub(super) fn learned(&mut self, way: &Direction, u: &Tensor<P>) -> Tensor<P> {
        let mut image = Tensor::zero();
        if u.is_zero() {
            return image;
        }
        let by = self.multiplier(way.node).plus(&self.atoms.size(&way.summed));
        for piece in self.pieces[way.parameter.0].clone() {
            let Piece { step, out, b, x, own } = piece;
            let (made, met) = if out == way.out { (b, x) } else { (x, b) };
            let size = own.plus(&by);
            if let Some(inner) = self.atoms.inner(&met, u, Some(&self.all_summed(way))) {
                image.add_times(&size.plus(&inner), &made);
            }
            if !way.blocks.is_empty()
                && let Some(inner) = self.atoms.inner(&met, u, Some(&way.summed))
            {
                // Each matrix has an inner product of its own sign.
                let axes = self.axes_of_image(way, u);
                let made = Made::Fresh { node: way.node, step, back: out != way.out };
                let atom = self.atoms.atom(made, axes, P::zero());
                image.add(atom, size.plus(&inner));
            }
        }
        image
    }

    fn all_summed(&self, way: &Direction) -> Vec<DimensionId> {
        [way.summed.as_slice(), &way.blocks].concat()
    }
}

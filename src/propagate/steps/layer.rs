//! Layers side by side: a branch sees the stream that all of them have in common, and the stream the sum of all of them.

use super::atom::{Made, common, remove};
use super::power::Power;
use super::tensor::Tensor;
use super::under_way::{StepEnding, Steps, Why};
use crate::exact::Exponent;
use crate::graph::{AxisId, Beside, DimensionId, NodeId, Quantity};

impl<P: Power> Steps<'_, P> {
    /// A tensor with the axes of one node as another sees it: summed over layers that that has in common, or the same for each of
    /// those that it is one of.
    pub(super) fn seen(&mut self, by: NodeId, of: NodeId, tensor: &Tensor<P>) -> Tensor<P> {
        let [gone, new] = [(of, by), (by, of)].map(|(has, lacks)| self.layers_of(has, lacks));
        match (gone.is_empty(), new.is_empty()) {
            (true, true) => tensor.clone(),
            (false, _) => self.summed(tensor, &gone),
            (true, false) => self.spread(tensor, &new),
        }
    }

    /// What comes back to a node from one that uses it: summed over layers that it is common to, unless its weight has done that.
    pub(super) fn seen_back(&mut self, x: NodeId, z: NodeId, tensor: &Tensor<P>) -> Tensor<P> {
        let made = self.graph.node(z).op.linear_einsum().map_or_else(Vec::new, |einsum| einsum.produced());
        if made.iter().any(|axis| self.numbers_layers(*axis)) {
            return tensor.clone();
        }
        self.seen(x, z, tensor)
    }

    /// Refuses a stream that layers make larger than it enters them, so that the first of them see less of it than the last; and one
    /// that they make larger each time anew, forward or on the way back.
    pub(super) fn refuse_explosion(&self) -> Result<(), StepEnding<P>> {
        for Beside { streams: [before, between, after], .. } in self.beside {
            let forward: fn(NodeId) -> Quantity = Quantity::forward;
            let ways = [
                (Why::Uneven, &self.values, before, between),
                (Why::Explodes(forward), &self.values, between, after),
                (Why::Explodes(Quantity::change), &self.changes, between, after),
                (Why::Explodes(Quantity::backward), &self.backward, between, before),
            ];
            for (why, tensors, once, again) in ways {
                let [once, more] = [once, again].map(|node| tensors[node.index()].rms());
                let excess = once.zip(more).map(|(once, more)| more.minus(&once));
                if let Some(excess) = excess.filter(|excess| excess.value().is_positive()) {
                    return Err(StepEnding { node: *after, large: *again, excess, why });
                }
            }
        }
        Ok(())
    }

    fn layers_of(&self, has: NodeId, lacks: NodeId) -> Vec<DimensionId> {
        let lacked = &self.graph.node(lacks).axes;
        let own = |axis: &&AxisId| self.graph.node(has).axes.contains(axis) && !lacked.contains(axis);
        self.beside
            .iter()
            .map(|beside| &beside.layers)
            .filter(own)
            .map(|axis| self.graph.dimension_of(*axis))
            .collect()
    }

    /// The sum over some dimensions: a direction that is constant along them stays as it is, any other has a sum of random sign.
    pub(super) fn summed(&mut self, u: &Tensor<P>, dimensions: &[DimensionId]) -> Tensor<P> {
        let mut image = Tensor::zero();
        let all = self.atoms.size(dimensions);
        for (atom, power) in u.atoms() {
            let over = common(dimensions, self.atoms.axes(atom));
            if over.is_empty() {
                image.add(atom, power.plus(&all));
                continue;
            }
            let mut kept = self.atoms.axes(atom).to_vec();
            remove(&mut kept, &over);
            let size = power.plus(&all).minus(&self.atoms.size(&over).times(&Exponent::HALF));
            let of = self.atoms.vector(&Tensor::of(atom, P::zero()));
            let sum = self.atoms.atom(Made::Sum { over, of }, kept, P::zero());
            image.add(sum, size);
        }
        image
    }

    /// The same for each entry along some dimensions: a sum over them is aligned with what it is the sum of.
    pub(super) fn spread(&self, u: &Tensor<P>, dimensions: &[DimensionId]) -> Tensor<P> {
        let mut spread = u.clone();
        for (atom, power) in u.atoms() {
            if let Made::Sum { over, of } = self.atoms.made(atom)
                && common(over, dimensions).len() == over.len()
            {
                let random = self.atoms.size(over).times(&Exponent::HALF);
                spread.add_times(&power.minus(&random), self.atoms.direction(*of));
            }
        }
        spread
    }
}

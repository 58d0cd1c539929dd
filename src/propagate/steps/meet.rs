//! Nodes where tensors meet: bilinear nodes, products, and slopes (theory, section 12).

use super::atom::{AtomId, Made, ONES, Slot, common};
use super::power::Power;
use super::tensor::Tensor;
use super::under_way::Steps;
use crate::exact::Exponent;
use crate::graph::op::Einsum;
use crate::graph::{AxisId, DimensionId, Kind, NodeId};

/// What is summed where two of the three tensors of a node make the third.
#[derive(Clone, Debug)]
pub(super) struct Meeting<P> {
    node: NodeId,
    slot: Slot,
    /// The dimensions of features that are summed.
    features: Vec<DimensionId>,
    /// The exponent of the number of samples that are summed, for each slot that could be made: results, first, second.
    samples: [P; 3],
}

impl<P: Power> Steps<'_, P> {
    /// A bilinear node or product, towards one of its tensors.
    pub(super) fn meeting(&self, node: NodeId, einsum: &Einsum, slot: Slot) -> Meeting<P> {
        let axes = |slot: Slot| match slot {
            Slot::Result => &einsum.result,
            Slot::First => &einsum.operands[0],
            Slot::Second => &einsum.operands[1],
        };
        let summed = |slot: Slot| -> Vec<AxisId> {
            let [one, other] = slot.others().map(axes);
            let more = other.iter().filter(|axis| !one.contains(axis));
            one.iter().chain(more).copied().filter(|axis| !axes(slot).contains(axis)).collect()
        };
        let samples = |slot| self.count(&self.graph.only(Kind::Sample, &summed(slot)));
        Meeting {
            node,
            slot,
            features: self.features(&summed(slot)),
            samples: [samples(Slot::Result), samples(Slot::First), samples(Slot::Second)],
        }
    }

    /// What two tensors, in the order of their slots, make of the third, with the multiplier.
    pub(super) fn meet(&mut self, at: &Meeting<P>, u: &Tensor<P>, v: &Tensor<P>) -> Tensor<P> {
        let mut made = Tensor::zero();
        if u.is_zero() || v.is_zero() {
            return made;
        }
        let multiplier = self.multiplier(at.node);
        let full = self.atoms.size(&at.features).plus(&at.samples[at.slot as usize]);
        self.pairs(at, u, v, &full, &mut made);
        let [of_u, of_v] = at.slot.others();
        self.returned(at, (of_u, u), v, &full, &mut made);
        self.returned(at, (of_v, v), u, &full, &mut made);
        made.times(&multiplier)
    }

    /// Every atom of one with every atom of the other: what is constant leaves the other, what is aligned leaves a constant, and
    /// any two leave a direction of their own.
    fn pairs(&mut self, at: &Meeting<P>, u: &Tensor<P>, v: &Tensor<P>, full: &P, made: &mut Tensor<P>) {
        let mut generic: Option<P> = None;
        let mut axes: Vec<DimensionId> = Vec::new();
        for (a, power) in u.atoms() {
            for (b, other) in v.atoms() {
                let product = power.plus(other);
                let has_none =
                    |atom: AtomId, steps: &Self| common(steps.atoms.axes(atom), &at.features).is_empty();
                let constant = [(a, b), (b, a)].into_iter().find(|(one, _)| *one == ONES);
                if let Some((_, atom)) = constant.filter(|(_, atom)| has_none(*atom, self)) {
                    made.add(atom, product.plus(full));
                    continue;
                }
                if constant.is_none()
                    && let Some(kinship) = self.atoms.kinship(a, b)
                {
                    made.add(ONES, product.plus(full).plus(&kinship));
                }
                let both = self.atoms.both(a, b, None);
                let summed = common(&both, &at.features);
                let half = self.atoms.size(&summed).times(&Exponent::HALF);
                let size = product.plus(full).minus(&half);
                generic = Some(match generic {
                    Some(largest) => largest.or_larger(size),
                    None => size,
                });
                let mut left = both;
                for gone in summed.iter().chain(&common(&left, &axes)) {
                    if let Some(place) = left.iter().position(|held| held == gone) {
                        left.remove(place);
                    }
                }
                axes.extend(left);
            }
        }
        if let (Some(generic), Some(one), Some(other)) = (generic, u.rms(), v.rms()) {
            let of = [self.atoms.vector(u), self.atoms.vector(v)];
            let excess = generic.minus(&one).minus(&other);
            let image = Made::Image { node: at.node, slot: at.slot, of };
            let atom = self.atoms.atom(image, axes, excess);
            made.add(atom, generic);
        }
    }

    /// What one of the two got from this node earlier comes back, where the other still is what it was.
    fn returned(
        &mut self,
        at: &Meeting<P>,
        (slot, u): (Slot, &Tensor<P>),
        v: &Tensor<P>,
        full: &P,
        made: &mut Tensor<P>,
    ) {
        for (atom, power) in u.atoms() {
            let Made::Image { node, slot: shape, of } = *self.atoms.made(atom) else { continue };
            if (node, shape) != (at.node, slot) {
                continue;
            }
            // Of the other two tensors, one is to be made, the other is here again.
            let place = usize::from(shape.others()[0] != at.slot);
            let (wanted, met) = (of[place], of[1 - place]);
            let met = self.atoms.direction(met).clone();
            let Some(kin) = self.atoms.kin(&met, v) else { continue };
            let excess = self.atoms.excess(atom).clone();
            let samples = &at.samples[slot as usize];
            let size = power.minus(&excess).plus(full).plus(samples).plus(&kin);
            made.add_times(&size, &self.atoms.direction(wanted).clone());
        }
    }

    /// A tensor times a slope, entry by entry: what is constant leaves the other, what is aligned leaves a constant. Of what is left
    /// besides nothing is known that the tensor itself does not say.
    pub(super) fn sloped(&mut self, u: &Tensor<P>, slope: &Tensor<P>) -> Tensor<P> {
        let mut made = Tensor::zero();
        for (a, power) in u.atoms() {
            for (b, other) in slope.atoms() {
                let product = power.plus(other);
                if a == ONES || b == ONES {
                    made.add(if a == ONES { b } else { a }, product);
                } else if let Some(kinship) = self.atoms.kinship(a, b) {
                    made.add(ONES, product.plus(&kinship));
                }
            }
        }
        made
    }
}

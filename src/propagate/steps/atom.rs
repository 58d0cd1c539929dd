//! [`Atoms`]: the directions that tensors are made of, and how far two of them are aligned (theory, section 12).

use std::collections::BTreeMap;

use super::power::Power;
use super::tensor::Tensor;
use crate::exact::Exponent;
use crate::graph::{DimensionId, NodeId, ParameterId};

/// Position of an atom in [`Atoms`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct AtomId(usize);

/// Position of a direction in [`Atoms`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct VectorId(usize);

/// Constant over features.
pub(crate) const ONES: AtomId = AtomId(0);

/// What makes a direction of rms 1.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Made {
    /// Nothing: it is constant over features.
    Ones,
    /// Data: an input, or what an output is to be.
    Data(NodeId),
    /// `W_0 u`: the generic image of a tensor by the initial values of a weight. The places of the axes of the weight that the
    /// image has, in order: those it makes forward, those it contracts on the way back.
    Map {
        /// The weight.
        parameter: ParameterId,
        /// Which of its axes the image has.
        out: Vec<usize>,
        /// What it is the image of.
        of: VectorId,
    },
    /// The generic image of two of the three tensors that meet at a bilinear node or a product, of the shape of the third: the
    /// result (what comes back to it), and both operands.
    Image {
        /// The node.
        node: NodeId,
        /// Which of the three it has the shape of.
        slot: Slot,
        /// What the other two are, in the order of slots.
        of: [VectorId; 2],
    },
    /// The sum of a direction over some of its axes, as equal weights make it.
    Sum {
        /// The dimensions that are summed.
        over: Vec<DimensionId>,
        /// What it is the sum of.
        of: VectorId,
    },
    /// What comes back through a window: overlapping places added up.
    Folded {
        /// The window.
        node: NodeId,
        /// What came back to it.
        of: VectorId,
    },
    /// A direction of which nothing is known: it is aligned with none.
    Fresh {
        /// The node that it is met at first.
        node: NodeId,
        /// The step whose parameters it is made by.
        step: usize,
        /// Whether it comes back.
        back: bool,
    },
}

/// One of the three tensors that meet at a bilinear node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Slot {
    /// The result.
    Result,
    /// The first operand.
    First,
    /// The second operand.
    Second,
}

impl Slot {
    pub(crate) fn operand(position: usize) -> Self {
        if position == 0 { Self::First } else { Self::Second }
    }

    /// The other two, in order.
    pub(crate) fn others(self) -> [Self; 2] {
        match self {
            Self::Result => [Self::First, Self::Second],
            Self::First => [Self::Result, Self::Second],
            Self::Second => [Self::Result, Self::First],
        }
    }
}

#[derive(Clone, Debug)]
struct Atom<P> {
    made: Made,
    /// The dimensions of its feature axes, in order.
    axes: Vec<DimensionId>,
    /// By what a generic image is larger than what it is the image of.
    excess: P,
}

/// Every atom, and every direction that one is the image of.
#[derive(Clone, Debug)]
pub(crate) struct Atoms<P> {
    /// The exponent of the size of each dimension.
    sizes: Vec<P>,
    atoms: Vec<Atom<P>>,
    ids: BTreeMap<Made, AtomId>,
    vectors: Vec<Tensor<P>>,
    vector_ids: BTreeMap<Vec<(AtomId, Exponent)>, VectorId>,
    aligned: BTreeMap<(VectorId, VectorId), P>,
    /// The kinship of atoms that was asked for, and half the number of entries that either of two has.
    kin: BTreeMap<(AtomId, AtomId), Option<P>>,
    halves: BTreeMap<(AtomId, AtomId), P>,
}

impl<P: Power> Atoms<P> {
    /// Of dimensions that grow like this.
    pub(crate) fn new(sizes: Vec<P>) -> Self {
        let mut atoms = Self {
            sizes,
            atoms: Vec::new(),
            ids: BTreeMap::new(),
            vectors: Vec::new(),
            vector_ids: BTreeMap::new(),
            aligned: BTreeMap::new(),
            kin: BTreeMap::new(),
            halves: BTreeMap::new(),
        };
        atoms.atom(Made::Ones, Vec::new(), P::zero());
        atoms
    }

    /// The atom that is made so.
    pub(crate) fn atom(&mut self, made: Made, axes: Vec<DimensionId>, excess: P) -> AtomId {
        if let Some(known) = self.ids.get(&made) {
            return *known;
        }
        let id = AtomId(self.atoms.len());
        self.ids.insert(made.clone(), id);
        self.atoms.push(Atom { made, axes, excess });
        id
    }

    /// The direction of a tensor that is not zero.
    pub(crate) fn vector(&mut self, tensor: &Tensor<P>) -> VectorId {
        let direction = tensor.direction();
        let key: Vec<(AtomId, Exponent)> =
            direction.atoms().map(|(atom, power)| (atom, power.value().clone())).collect();
        if let Some(known) = self.vector_ids.get(&key) {
            return *known;
        }
        let id = VectorId(self.vectors.len());
        self.vector_ids.insert(key, id);
        self.vectors.push(direction);
        id
    }

    /// The tensor of rms 1 along a direction.
    pub(crate) fn direction(&self, id: VectorId) -> &Tensor<P> {
        &self.vectors[id.0]
    }

    pub(crate) fn made(&self, id: AtomId) -> &Made {
        &self.atoms[id.0].made
    }

    /// The dimensions of the feature axes of an atom.
    pub(crate) fn axes(&self, id: AtomId) -> &[DimensionId] {
        &self.atoms[id.0].axes
    }

    /// By what it was larger than what it is the image of.
    pub(crate) fn excess(&self, id: AtomId) -> &P {
        &self.atoms[id.0].excess
    }

    /// The exponent of the number of entries along dimensions.
    pub(crate) fn size(&self, dimensions: &[DimensionId]) -> P {
        let mut size = P::zero();
        for dimension in dimensions {
            size.add_scaled(&Exponent::ONE, &self.sizes[dimension.0]);
        }
        size
    }

    /// The alignment of two directions that have to do with each other: 0 of the same, that of what they are images of by the same
    /// map. Nothing where it is that of random directions.
    pub(crate) fn kinship(&mut self, a: AtomId, b: AtomId) -> Option<P> {
        if a == b {
            return Some(P::zero());
        }
        let sources = self.sources(a, b)?;
        let key = if a < b { (a, b) } else { (b, a) };
        if let Some(known) = self.kin.get(&key) {
            return known.clone();
        }
        let mut kinship = P::zero();
        for (u, v) in sources.into_iter().flatten() {
            kinship = kinship.plus(&self.alignment(u, v));
        }
        self.kin.insert(key, Some(kinship.clone()));
        Some(kinship)
    }

    /// What two atoms are images of, one beside the other, if they are so by the same map.
    fn sources(&self, a: AtomId, b: AtomId) -> Option<[Option<(VectorId, VectorId)>; 2]> {
        match (self.made(a), self.made(b)) {
            (
                Made::Map { parameter, out, of },
                Made::Map { parameter: other, out: other_out, of: other_of },
            ) => (parameter == other && out == other_out).then_some([Some((*of, *other_of)), None]),
            (
                Made::Image { node, slot, of: [p, q] },
                Made::Image { node: other, slot: other_slot, of: [other_p, other_q] },
            ) => {
                (node == other && slot == other_slot).then_some([Some((*p, *other_p)), Some((*q, *other_q))])
            }
            (Made::Folded { node, of }, Made::Folded { node: other, of: other_of }) => {
                (node == other).then_some([Some((*of, *other_of)), None])
            }
            (Made::Sum { over, of }, Made::Sum { over: other, of: other_of }) => {
                (over == other).then_some([Some((*of, *other_of)), None])
            }
            (
                Made::Ones
                | Made::Data(_)
                | Made::Map { .. }
                | Made::Sum { .. }
                | Made::Image { .. }
                | Made::Folded { .. }
                | Made::Fresh { .. },
                _,
            ) => None,
        }
    }

    /// The cosine of two directions, over all their axes.
    fn alignment(&mut self, u: VectorId, v: VectorId) -> P {
        if u == v {
            return P::zero();
        }
        let key = if u < v { (u, v) } else { (v, u) };
        if let Some(known) = self.aligned.get(&key) {
            return known.clone();
        }
        let (left, right) = (self.vectors[key.0.0].clone(), self.vectors[key.1.0].clone());
        // Two directions are never both zero.
        let cosine = self.inner(&left, &right, None).unwrap_or_else(P::zero);
        self.aligned.insert(key, cosine.clone());
        cosine
    }

    /// The mean product of two tensors over some axes, or all: nothing if one is zero.
    pub(crate) fn inner(
        &mut self,
        left: &Tensor<P>,
        right: &Tensor<P>,
        over: Option<&[DimensionId]>,
    ) -> Option<P> {
        let mut found: Option<P> = None;
        for (a, power) in left.atoms() {
            for (b, other) in right.atoms() {
                // No cosine is larger than 1.
                if !power.sum_is_larger(other, found.as_ref()) {
                    continue;
                }
                let random = match over {
                    None => P::zero().minus(&self.half(a, b)),
                    Some(_) => self.size(&self.both(a, b, over)).times(&Exponent::ratio(-1, 2)),
                };
                let cosine = match self.kinship(a, b) {
                    Some(kinship) => kinship.or_larger(random),
                    None => random,
                };
                let product = power.plus(other).plus(&cosine);
                found = Some(match found {
                    Some(largest) => largest.or_larger(product),
                    None => product,
                });
            }
        }
        found
    }

    /// Half the exponent of the number of entries along all axes that either of two atoms has.
    fn half(&mut self, a: AtomId, b: AtomId) -> P {
        let key = if a < b { (a, b) } else { (b, a) };
        if let Some(known) = self.halves.get(&key) {
            return known.clone();
        }
        let half = self.size(&self.both(a, b, None)).times(&Exponent::HALF);
        self.halves.insert(key, half.clone());
        half
    }

    /// The mean product of the parts of two tensors that have to do with each other; nothing if no parts have.
    pub(crate) fn kin(&mut self, left: &Tensor<P>, right: &Tensor<P>) -> Option<P> {
        let mut found: Option<P> = None;
        for (a, power) in left.atoms() {
            for (b, other) in right.atoms() {
                if !power.sum_is_larger(other, found.as_ref()) {
                    continue;
                }
                if let Some(kinship) = self.kinship(a, b) {
                    let product = power.plus(other).plus(&kinship);
                    found = Some(match found {
                        Some(largest) => largest.or_larger(product),
                        None => product,
                    });
                }
            }
        }
        found
    }

    /// The dimensions that either of two atoms has, of those that are summed.
    pub(crate) fn both(&self, a: AtomId, b: AtomId, over: Option<&[DimensionId]>) -> Vec<DimensionId> {
        let mut both = self.axes(a).to_vec();
        let mut held = both.clone();
        for dimension in self.axes(b) {
            match held.iter().position(|known| known == dimension) {
                Some(place) => {
                    held.remove(place);
                }
                None => both.push(*dimension),
            }
        }
        match over {
            Some(over) => common(&both, over),
            None => both,
        }
    }
}

/// Takes some dimensions out, each once.
pub(crate) fn remove(from: &mut Vec<DimensionId>, some: &[DimensionId]) {
    for gone in some {
        if let Some(place) = from.iter().position(|held| held == gone) {
            from.remove(place);
        }
    }
}

/// What of some dimensions is among others.
pub(crate) fn common(some: &[DimensionId], others: &[DimensionId]) -> Vec<DimensionId> {
    let mut left = others.to_vec();
    let is_among = |dimension: &DimensionId| {
        let place = left.iter().position(|other| other == dimension);
        place.map(|place| left.remove(place)).is_some()
    };
    some.iter().copied().filter(is_among).collect()
}

//! [`Tensor`]: a tropical vector, the exponents of a tensor along directions that are known (theory, section 12).

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::atom::AtomId;
use super::power::{Power, largest};

/// A tensor as a sum over atoms, each with the exponent of its share: its rms is the largest. Without an atom it is zero.
#[derive(Clone, Debug)]
pub(crate) struct Tensor<P>(BTreeMap<AtomId, P>);

impl<P: Power> Tensor<P> {
    pub(crate) fn zero() -> Self {
        Self(BTreeMap::new())
    }

    pub(crate) fn of(atom: AtomId, power: P) -> Self {
        Self(BTreeMap::from([(atom, power)]))
    }

    /// Whether it is zero, exactly.
    pub(crate) fn is_zero(&self) -> bool {
        self.0.is_empty()
    }

    /// The exponent of its rms; nothing of zero.
    pub(crate) fn rms(&self) -> Option<P> {
        largest(self.0.values().cloned())
    }

    pub(crate) fn atoms(&self) -> impl Iterator<Item = (AtomId, &P)> {
        self.0.iter().map(|(atom, power)| (*atom, power))
    }

    /// The share of an atom.
    pub(crate) fn share(&self, atom: AtomId) -> Option<&P> {
        self.0.get(&atom)
    }

    /// Adds a share; of two of one atom the larger is seen.
    pub(crate) fn add(&mut self, atom: AtomId, power: P) {
        match self.0.entry(atom) {
            Entry::Vacant(empty) => {
                empty.insert(power);
            }
            Entry::Occupied(mut held) => {
                if power.order(held.get()).is_gt() {
                    held.insert(power);
                }
            }
        }
    }

    /// Adds another tensor times a power.
    pub(crate) fn add_times(&mut self, by: &P, other: &Self) {
        for (atom, power) in other.atoms() {
            self.add(atom, power.plus(by));
        }
    }

    /// The sum of both.
    pub(crate) fn and(mut self, other: &Self) -> Self {
        self.add_times(&P::zero(), other);
        self
    }

    /// The tensor times a power.
    pub(crate) fn times(&self, by: &P) -> Self {
        Self(self.0.iter().map(|(atom, power)| (*atom, power.plus(by))).collect())
    }

    /// Its direction: the tensor over its rms.
    pub(crate) fn direction(&self) -> Self {
        self.rms().map_or_else(Self::zero, |rms| self.times(&P::zero().minus(&rms)))
    }
}

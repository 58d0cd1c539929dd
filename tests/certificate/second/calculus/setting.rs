//! Section 1: what a prediction is given: the sizes under a scaling, and the hyperparameters.

use std::collections::BTreeMap;

use super::exponent::{Exponent, half, zero};
use super::network::{DimensionKind, Network, Node, ParameterKind};
use super::optimizer::Optimizer;

/// Exponents in the scale variable; a missing name has exponent 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hyperparameters {
    pub(crate) optimizer: Optimizer,
    pub(crate) init: BTreeMap<String, Exponent>,
    pub(crate) lr: BTreeMap<String, Exponent>,
    pub(crate) multiplier: BTreeMap<String, Exponent>,
}

impl Hyperparameters {
    pub(crate) fn init(&self, parameter: &str) -> Exponent {
        self.init.get(parameter).copied().unwrap_or_else(zero)
    }

    pub(crate) fn lr(&self, parameter: &str) -> Exponent {
        self.lr.get(parameter).copied().unwrap_or_else(zero)
    }
}

/// A network under a scaling, with its hyperparameters.
pub(crate) struct Setting<'a> {
    pub(crate) network: &'a Network,
    /// The power of each dimension; a missing one stays fixed.
    pub(crate) powers: &'a BTreeMap<String, Exponent>,
    pub(crate) hyper: &'a Hyperparameters,
}

impl Setting<'_> {
    /// `|A|`: the exponent of the size of an axis set, features and samples alike.
    pub(crate) fn size(&self, axes: &[char]) -> Exponent {
        self.feature(axes) + self.sample(axes)
    }

    /// `|A feature|`
    pub(crate) fn feature(&self, axes: &[char]) -> Exponent {
        self.size_of_kind(axes, DimensionKind::Feature)
    }

    /// `|A sample|`
    pub(crate) fn sample(&self, axes: &[char]) -> Exponent {
        self.size_of_kind(axes, DimensionKind::Sample)
    }

    fn size_of_kind(&self, axes: &[char], kind: DimensionKind) -> Exponent {
        axes.iter()
            .filter(|&&axis| self.network.kind(axis) == kind)
            .map(|axis| &self.network.axes[axis])
            .map(|dimension| self.powers.get(dimension).copied().unwrap_or_else(zero))
            .sum()
    }

    /// The size exponent of a contraction under the central limit theorem over features and the
    /// law of large numbers over samples (section 2).
    pub(crate) fn contraction(&self, axes: &[char]) -> Exponent {
        half(self.feature(axes)) + self.sample(axes)
    }

    /// The exponent of the multiplier that is part of a node, 0 if it has none.
    pub(crate) fn multiplier(&self, node: &Node) -> Exponent {
        let named = node.multiplier.as_ref();
        named.and_then(|name| self.hyper.multiplier.get(name).copied()).unwrap_or_else(zero)
    }

    /// `init` of the parameter of this kind used at node y, if there is one.
    pub(crate) fn init_at(&self, y: usize, kind: ParameterKind) -> Option<Exponent> {
        let parameters = self.network.parameters.iter();
        parameters
            .filter(|parameter| parameter.node == y && parameter.kind == kind)
            .map(|parameter| self.hyper.init(&parameter.name))
            .next()
    }
}

//! [`Sizes`]: `|A|`, the exponent of the number of entries along axes.

use std::collections::BTreeMap;

use crate::exponent::Exponent;
use crate::graph::{AxisId, DimensionId, Graph, Kind, NodeId};

/// The exponents of all sizes under one scaling.
#[derive(Clone, Debug)]
pub struct Sizes<'a> {
    graph: &'a Graph,
    powers: BTreeMap<DimensionId, Exponent>,
}

impl<'a> Sizes<'a> {
    /// Dimensions grow with these powers of the scale variable; those not named stay fixed.
    #[must_use]
    pub fn new(graph: &'a Graph, powers: BTreeMap<DimensionId, Exponent>) -> Self {
        Self { graph, powers }
    }

    /// The power of the scale variable with which each scaled dimension grows.
    #[must_use]
    pub fn powers(&self) -> &BTreeMap<DimensionId, Exponent> {
        &self.powers
    }

    /// `|A|`: the exponent of the product of the sizes of the axes.
    #[must_use]
    pub fn of(&self, axes: &[AxisId]) -> Exponent {
        axes.iter().filter_map(|axis| self.powers.get(&self.graph.dimension_of(*axis))).sum()
    }

    /// `|d|`: the exponent of the size of a dimension.
    #[must_use]
    pub fn dimension(&self, dimension: DimensionId) -> Exponent {
        self.powers.get(&dimension).cloned().unwrap_or_default()
    }

    /// The axes of a kind.
    #[must_use]
    pub fn only(&self, kind: Kind, axes: &[AxisId]) -> Vec<AxisId> {
        axes.iter().copied().filter(|axis| self.graph.kind_of(*axis) == kind).collect()
    }

    /// `N(y)`: the exponent of the feature size of a node.
    #[must_use]
    pub fn features(&self, node: NodeId) -> Exponent {
        self.of(&self.only(Kind::Feature, &self.graph.node(node).axes))
    }

    /// The exponent of the number of samples of a node.
    #[must_use]
    pub fn samples(&self, node: NodeId) -> Exponent {
        self.of(&self.only(Kind::Sample, &self.graph.node(node).axes))
    }
}

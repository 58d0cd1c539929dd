//! [`Sizes`]: `|A|`, the exponent of the number of entries along axes.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::exact::{Exponent, Form, Unknown};
use crate::graph::{AxisId, DimensionId, Graph, Kind, NodeId, Scaling};

/// The exponents of all sizes: numbers along one direction of growth, or forms in the growth of several scale variables
/// where that is left open.
#[derive(Clone, Debug)]
pub struct Sizes {
    graph: Arc<Graph>,
    growth: BTreeMap<DimensionId, Form>,
    /// The growth of each scale variable, if it is left open: unknowns of which nothing is said but that none is below 0.
    open: Vec<Unknown>,
}

impl Sizes {
    /// Dimensions grow with these powers of one scale variable; those not named stay fixed.
    #[must_use]
    pub fn new(graph: &Arc<Graph>, powers: BTreeMap<DimensionId, Exponent>) -> Self {
        let growth = powers.into_iter().map(|(dimension, power)| (dimension, power.into())).collect();
        Self { graph: Arc::clone(graph), growth, open: Vec::new() }
    }

    /// Dimensions grow as `scaling` says, its scale variables with the growth that the unknowns stand for.
    #[must_use]
    pub fn open(graph: &Arc<Graph>, scaling: &Scaling, variables: &[Unknown]) -> Self {
        let mut growth: BTreeMap<DimensionId, Form> = BTreeMap::new();
        for (dimension, variable, power) in &scaling.powers {
            if let Some(unknown) = variables.get(*variable) {
                growth.entry(*dimension).or_default().add_scaled(power, &Form::unknown(*unknown));
            }
        }
        Self { graph: Arc::clone(graph), growth, open: variables.to_vec() }
    }

    /// Whether a dimension grows.
    #[must_use]
    pub fn grows(&self, dimension: DimensionId) -> bool {
        self.growth.contains_key(&dimension)
    }

    /// The growth of each scale variable, where it is left open.
    #[must_use]
    pub fn variables(&self) -> &[Unknown] {
        &self.open
    }

    /// `|A|`: the exponent of the product of the sizes of the axes.
    #[must_use]
    pub fn of(&self, axes: &[AxisId]) -> Form {
        let mut sum = Form::zero();
        for growth in axes.iter().filter_map(|axis| self.growth.get(&self.graph.dimension_of(*axis))) {
            sum.add_scaled(&Exponent::ONE, growth);
        }
        sum
    }

    /// The same as a number, along one direction of growth.
    #[must_use]
    pub fn along(&self, axes: &[AxisId]) -> Exponent {
        self.of(axes).constant_part().clone()
    }

    /// `|d|`: the exponent of the size of a dimension.
    #[must_use]
    pub fn dimension(&self, dimension: DimensionId) -> Form {
        self.growth.get(&dimension).cloned().unwrap_or_default()
    }

    /// The axes of a kind.
    #[must_use]
    pub fn only(&self, kind: Kind, axes: &[AxisId]) -> Vec<AxisId> {
        axes.iter().copied().filter(|axis| self.graph.kind_of(*axis) == kind).collect()
    }

    /// `N(y)`: the exponent of the feature size of a node.
    #[must_use]
    pub fn features(&self, node: NodeId) -> Form {
        self.of(&self.only(Kind::Feature, &self.graph.node(node).axes))
    }

    /// Whether a form in sizes is at least zero however the scale variables grow. `false` may mean that it depends: of `n`
    /// and `m` neither is larger.
    #[must_use]
    pub fn is_at_least_zero(&self, form: &Form) -> bool {
        !form.constant_part().is_negative()
            && form.coefficients().all(|(unknown, c)| self.open.contains(&unknown) && !c.is_negative())
    }
}

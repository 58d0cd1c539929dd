//! [`Growth`]: how fast every dimension grows, and with it `|A|`, the exponent of the number of entries along axes.

use std::collections::BTreeMap;

use crate::exact::{Exponent, Form, Unknown};
use crate::graph::{AxisId, DimensionId, Graph, Kind, NodeId, Scaling};

/// The exponents of all sizes: numbers along one direction of growth, or forms in the growth of several scale variables
/// where that is left open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Growth {
    of: BTreeMap<DimensionId, Form>,
    /// The growth of each scale variable, if it is left open: unknowns of which nothing is said but that none is below 0.
    open: Vec<Unknown>,
    /// The names of these variables.
    names: Vec<String>,
}

impl Growth {
    /// Dimensions grow with these powers of one scale variable; those not named stay fixed.
    #[must_use]
    pub fn along(powers: BTreeMap<DimensionId, Exponent>) -> Self {
        let of = powers.into_iter().map(|(dimension, power)| (dimension, power.into())).collect();
        Self { of, open: Vec::new(), names: Vec::new() }
    }

    /// Dimensions grow as `scaling` says: along it if it has one scale variable; the growth of several is left open.
    #[must_use]
    pub fn of_scaling(scaling: &Scaling) -> Self {
        if scaling.variables.len() > 1 { Self::open(scaling) } else { Self::along(scaling.along(0)) }
    }

    /// Dimensions grow as `scaling` says, each scale variable with a growth of its own that is left open: an unknown, and
    /// the first of a propagation.
    #[must_use]
    pub fn open(scaling: &Scaling) -> Self {
        let open: Vec<Unknown> = (0..).map(Unknown).take(scaling.variables.len()).collect();
        let mut of: BTreeMap<DimensionId, Form> = BTreeMap::new();
        for (dimension, variable, power) in &scaling.powers {
            if let Some(unknown) = open.get(*variable) {
                of.entry(*dimension).or_default().add_scaled(power, &Form::unknown(*unknown));
            }
        }
        Self { of, open, names: scaling.variables.clone() }
    }

    /// Whether a dimension grows.
    #[must_use]
    pub fn grows(&self, dimension: DimensionId) -> bool {
        self.of.contains_key(&dimension)
    }

    /// The growth of each scale variable, where it is left open.
    #[must_use]
    pub fn variables(&self) -> &[Unknown] {
        &self.open
    }

    /// The names of these variables.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// `|A|`: the exponent of the product of the sizes of the axes.
    #[must_use]
    pub fn of(&self, graph: &Graph, axes: &[AxisId]) -> Form {
        let mut sum = Form::zero();
        for growth in axes.iter().filter_map(|axis| self.of.get(&graph.dimension_of(*axis))) {
            sum.add_scaled(&Exponent::ONE, growth);
        }
        sum
    }

    /// `|d|`: the exponent of the size of a dimension.
    #[must_use]
    pub fn dimension(&self, dimension: DimensionId) -> Form {
        self.of.get(&dimension).cloned().unwrap_or_default()
    }

    /// `N(y)`: the exponent of the feature size of a node.
    #[must_use]
    pub fn features(&self, graph: &Graph, node: NodeId) -> Form {
        self.of(graph, &graph.only(Kind::Feature, &graph.node(node).axes))
    }

    /// Whether a form in sizes is at least zero however the scale variables grow. `false` may mean that it depends: of `n`
    /// and `m` neither is larger.
    #[must_use]
    pub fn is_at_least_zero(&self, form: &Form) -> bool {
        !form.constant_part().is_negative()
            && form.coefficients().all(|(unknown, c)| self.open.contains(&unknown) && !c.is_negative())
    }
}

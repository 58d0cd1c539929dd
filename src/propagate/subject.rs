//! [`Subject`]: what a derivation is about: a quantity of the step, or something on the way to one.

use crate::exact::Form;
use crate::graph::{
    Alike, AxisId, DimensionId, Graph, MultiplierId, NodeId, ParameterId, Quantity, QuantityKind,
};

/// What an exponent is the exponent of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A quantity of the theory.
    Quantity(Quantity),
    /// rms of what of a node varies along an axis.
    Variation(NodeId, AxisId),
    /// The whole of a node compared with what of it varies along an axis: above 0, its positions become alike.
    Likeness(NodeId, AxisId),
    /// How much of what the first node made is left in the second, where its weight meets it again.
    Share(NodeId, NodeId),
    /// By what the second node multiplies what the first one took, where both have the same weight and the second meets what the
    /// first made.
    Echo(NodeId, NodeId),
    /// What of the backward signal of a node a change of it that is alike along some axes meets: not what a softmax takes away.
    BackwardAlike(NodeId, Alike),
    /// The part of the backward signal that comes back to the first node through the second.
    Part(NodeId, NodeId),
    /// The largest part of it that does not come back through the second node, as a change of the first that is alike along
    /// some axes meets it.
    Elsewhere(NodeId, NodeId, Alike),
    /// Mean absolute value of the gradient of a parameter.
    AbsoluteGradient(ParameterId),
    /// rms of the response of a node to the step of a parameter used there.
    Birth(ParameterId, NodeId),
    /// Average eigenvalue of the component of that rank of the response of a node to a parameter's step.
    Component(ParameterId, NodeId, Form),
    /// The effective rank of a component at a node where scale variables grow apart, so that neither the rank before it nor
    /// its feature size is the smaller one; with a minus, since the largest of several is what is kept.
    Rank(NodeId),
    /// The response of a node to a parameter's step that is aligned with nothing downstream.
    Generic(ParameterId, NodeId),
    /// The response of the first node that reaches the second without alignment.
    Sideways(ParameterId, NodeId, NodeId),
    /// rms of the response of a node in a repeat to the step of the copy of a parameter in its own layer.
    OwnUpdateBy(ParameterId, NodeId),
    /// The optimizer's epsilon for a parameter.
    Epsilon(ParameterId),
    /// The weight decay of a parameter.
    WeightDecay(ParameterId),
    /// What a layer of a repeat makes of a vector of its stream at the first node, by way of the second: the exponent of that
    /// part of its Jacobian, in the first layer.
    Gain(NodeId, NodeId),
    /// The same quantity in the first layer of a repeat.
    First(Box<Subject>),
}

/// A summand of a derivation: a hyperparameter, a size, or something derived before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartName {
    /// Exponent of an initial standard deviation.
    Init(ParameterId),
    /// Exponent of a learning rate.
    LearningRate(ParameterId),
    /// Exponent of a multiplier.
    Multiplier(MultiplierId),
    /// Exponent of a number of entries.
    Size(Vec<AxisId>),
    /// Half the exponent by which a component of lower rank concentrates: the feature size against the rank.
    Concentration(NodeId, Form),
    /// The fraction of non-zero entries.
    Density(NodeId),
    /// Exponent of a number of layers.
    Layers(DimensionId),
    /// A derived quantity.
    Of(Subject),
}

impl From<Quantity> for Subject {
    fn from(quantity: Quantity) -> Self {
        Self::Quantity(quantity)
    }
}

impl Subject {
    /// The same quantity in the first layer of a repeat.
    #[must_use]
    pub fn of_first_layer(self) -> Self {
        Self::First(Box::new(self))
    }

    /// The node whose whole backward signal this is, as all changes or as those alike along some axes meet it.
    #[must_use]
    pub fn coming_back(&self) -> Option<NodeId> {
        if let Self::BackwardAlike(node, _) = self {
            return Some(*node);
        }
        let Self::Quantity(quantity) = self else { return None };
        quantity.site().node().filter(|_| quantity.kind() == QuantityKind::Backward)
    }

    /// As the theory writes it: `update(W_Q, a)`.
    #[must_use]
    pub fn write(&self, graph: &Graph) -> String {
        let node = |id: &NodeId| graph.node(*id).name.as_str();
        let parameter = |id: &ParameterId| graph.parameter(*id).name.as_str();
        match self {
            Self::Quantity(quantity) => quantity.write(graph),
            Self::Variation(y, axis) => format!("variation({}, {})", node(y), graph.axes[axis.0].letter),
            Self::Likeness(y, axis) => {
                format!(
                    "{} - {}",
                    Quantity::forward(*y).write(graph),
                    Self::Variation(*y, *axis).write(graph)
                )
            }
            Self::Share(e, y) => format!("share of {} in {}", node(e), node(y)),
            Self::Echo(e, y) => format!("echo of {} in {}", node(e), node(y)),
            Self::BackwardAlike(y, alike) => {
                let letters: String = alike.iter().map(|axis| graph.axes[axis.0].letter).collect();
                format!("backward({}, alike over {letters})", node(y))
            }
            Self::Part(x, z) => format!("part({}, {})", node(x), node(z)),
            Self::Elsewhere(x, z, alike) if alike.is_empty() => {
                format!("largest part of backward({}) not from {}", node(x), node(z))
            }
            Self::Elsewhere(x, z, alike) => {
                let whole = Self::BackwardAlike(*x, alike.clone()).write(graph);
                format!("largest part of {whole} not from {}", node(z))
            }
            Self::AbsoluteGradient(w) => format!("absolute_gradient({})", parameter(w)),
            Self::Birth(w, y) => format!("response of {} to {}", node(y), parameter(w)),
            Self::Component(w, y, rank) => format!("component({}, {}, rank {rank})", parameter(w), node(y)),
            Self::Rank(y) => format!("-rank at {}", node(y)),
            Self::Generic(w, y) => format!("generic({}, {})", parameter(w), node(y)),
            Self::Sideways(w, x, z) => format!("sideways({}, {} to {})", parameter(w), node(x), node(z)),
            Self::OwnUpdateBy(w, y) => {
                format!("{} in its own layer", Quantity::update_by(*w, *y).write(graph))
            }
            Self::Epsilon(w) => format!("epsilon({})", parameter(w)),
            Self::WeightDecay(w) => format!("weight_decay({})", parameter(w)),
            Self::Gain(x, z) => format!("gain({} through {})", node(x), node(z)),
            Self::First(subject) => format!("{} in the first layer", subject.write(graph)),
        }
    }
}

impl PartName {
    /// What has been derived of a quantity, or of something on the way to one.
    pub fn of(subject: impl Into<Subject>) -> Self {
        Self::Of(subject.into())
    }

    /// As the theory writes it: `init(W_Q)`, `|d_model|`.
    #[must_use]
    pub fn write(&self, graph: &Graph) -> String {
        match self {
            Self::Init(w) => format!("init({})", graph.parameter(*w).name),
            Self::LearningRate(w) => format!("lr({})", graph.parameter(*w).name),
            Self::Multiplier(m) => format!("multiplier({})", graph.multiplier(*m).name),
            Self::Size(axes) => {
                let name = |axis: &AxisId| graph.dimension(graph.dimension_of(*axis)).name.as_str();
                format!("|{}|", axes.iter().map(name).collect::<Vec<_>>().join(" "))
            }
            Self::Concentration(y, rank) => format!("(N({}) - {rank})", graph.node(*y).name),
            Self::Layers(dimension) => format!("|{}|", graph.dimension(*dimension).name),
            Self::Density(y) => format!("density({})", graph.node(*y).name),
            Self::Of(subject) => subject.write(graph),
        }
    }
}

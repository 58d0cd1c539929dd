//! What the names of a rule stand for at a node, and the application of a rule there.

use super::under_way::Walk;
use crate::exact::Form;
use crate::graph::{AxisId, Consumer, DimensionId, Kind, NodeId, ParameterId, Quantity};
use crate::propagate::PropagateError;
use crate::propagate::ledger::{Because, DerivationId, Magnitude, Part};
use crate::propagate::subject::{PartName, Subject};
use crate::rule::{Name, Sum};

/// A node, and which of its operands is called `x`.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) z: NodeId,
    pub(super) operand: usize,
}

/// What a name stands for.
pub(super) enum Bound {
    /// The node has no such thing, and a factor that is not there is 1.
    Absent,
    /// An exponent.
    Is(PartName, Magnitude),
}

/// Names that stand for something else than usual in one application.
pub(super) type Given<'a> = &'a [(Name, PartName, Magnitude)];

impl Walk<'_> {
    /// One linear form of a rule at a place.
    pub(super) fn apply(
        &mut self,
        subject: impl Into<Subject>,
        rule: &str,
        sum: &Sum,
        place: Place,
        given: Given<'_>,
    ) -> Result<(Form, DerivationId), PropagateError> {
        let mut parts = Vec::with_capacity(sum.terms.len());
        for (coefficient, name) in &sum.terms {
            let bound = match given.iter().find(|(held, ..)| held == name) {
                Some((_, part, magnitude)) => Bound::Is(part.clone(), magnitude.clone()),
                None => self.bind(*name, place).ok_or_else(|| PropagateError::Meaningless {
                    node: self.graph.node(place.z).name.clone(),
                    rule: rule.into(),
                    name: name.written().into(),
                })?,
            };
            if let Bound::Is(part, Magnitude { form, because }) = bound {
                parts.push(Part { coefficient: coefficient.clone(), name: part, form, because });
            }
            // Passes through one layer use its parameters like samples do.
            let shared = self.graph.parameter_at(place.z).filter(|_| *name == Name::Shared);
            if let Some((name, form)) = shared.and_then(|w| self.passes(w, place.z)) {
                parts.push(Part { coefficient: coefficient.clone(), name, form, because: Because::Given });
            }
        }
        if self.done.ledger.is_full() {
            return Err(PropagateError::TooLarge { nodes: self.graph.nodes().len() });
        }
        Ok(self.done.ledger.derive(subject, rule, parts, sum.constant.clone()))
    }

    fn bind(&self, name: Name, place: Place) -> Option<Bound> {
        let Place { z, operand } = place;
        let graph = self.graph;
        let parameter = graph.parameter_at(z);
        let operands = graph.operands(z);
        let of = |subject: Quantity, magnitudes: &[Magnitude], index: usize| {
            magnitudes.get(index).map(|magnitude| Bound::Is(PartName::of(subject), magnitude.clone()))
        };
        let is = |(name, magnitude)| Some(Bound::Is(name, magnitude));
        let forward = |x: NodeId| is(self.forward_named(x));
        let lacked = |kind| {
            let labels = graph.labels(Consumer { node: z, position: operand })?;
            let lacks = |axis: &AxisId| !labels.contains(axis);
            let axes: Vec<AxisId> = graph.node(z).axes.iter().copied().filter(lacks).collect();
            Some(self.size(self.graph.only(kind, &axes)))
        };
        let contracted = || self.contracted(z);
        let only = |kind, axes: Vec<AxisId>| self.size(self.graph.only(kind, &axes));
        match name {
            Name::ForwardX => forward(*operands.get(operand)?),
            Name::ForwardQ => forward(*operands.get(1_usize.checked_sub(operand)?)?),
            Name::BackwardZ | Name::BackwardY => is(self.backward_named(z)),
            Name::Init => parameter.map(|w| match self.done.init[w.0] {
                Some(unknown) => Bound::Is(PartName::Init(w), Magnitude::given(Form::unknown(unknown))),
                None => Bound::Absent,
            }),
            Name::LearningRate => parameter.map(|w| match self.done.lr[w.0] {
                Some(unknown) => {
                    Bound::Is(PartName::LearningRate(w), Magnitude::given(Form::unknown(unknown)))
                }
                None => Bound::Absent,
            }),
            Name::Multiplier => Some(match graph.node(z).op.multiplier() {
                Some(m) => Bound::Is(
                    PartName::Multiplier(m),
                    Magnitude::given(Form::unknown(self.done.multiplier[m.0])),
                ),
                None => Bound::Absent,
            }),
            Name::Gradient => parameter.and_then(|w| of(Quantity::gradient(w), &self.done.gradient, w.0)),
            Name::AbsoluteGradient => parameter.and_then(|w| {
                self.absolute_gradient
                    .get(w.0)
                    .map(|magnitude| Bound::Is(PartName::of(Subject::AbsoluteGradient(w)), magnitude.clone()))
            }),
            Name::Contracted => Some(self.size(contracted())),
            Name::ContractedFeature => Some(only(Kind::Feature, contracted())),
            Name::ContractedSample => Some(only(Kind::Sample, contracted())),
            Name::Produced => parameter.map(|w| self.size(self.produced(w, z))),
            Name::FeaturesZ => Some(only(Kind::Feature, graph.node(z).axes.clone())),
            Name::FeaturesX => {
                let x = *operands.get(operand)?;
                Some(only(Kind::Feature, graph.node(x).axes.clone()))
            }
            Name::Rows | Name::Columns => parameter.map(|w| {
                let [rows, columns] = graph.matrix(w);
                self.size(if name == Name::Rows { rows } else { columns })
            }),
            Name::Entries => parameter.map(|w| self.size(graph.parameter(w).axes.clone())),
            Name::Shared => parameter.map(|w| only(Kind::Sample, graph.shared_along(w, z))),
            Name::SharedFeature => parameter.map(|w| only(Kind::Feature, graph.shared_along(w, z))),
            Name::Layers => {
                let repeat = graph.node(z).op.repeat();
                repeat.map(|repeat| self.layers(graph.repeat(repeat).dimension))
            }
            Name::Over => {
                let summed = graph.node(z).op.summed();
                (!summed.is_empty()).then(|| self.size(summed))
            }
            Name::LackedFeature => lacked(Kind::Feature),
            Name::LackedSample => lacked(Kind::Sample),
            Name::AbsoluteX
            | Name::ForwardY
            | Name::Eigenvalue
            | Name::Rank
            | Name::Sideways
            | Name::Share
            | Name::Update
            | Name::UpdateBy
            | Name::Contribution
            | Name::LayersPerCopy
            | Name::Behind
            | Name::Copies
            | Name::Gain => None,
        }
    }

    /// The forward magnitude of a node, of the first layer while rules are applied to that.
    pub(super) fn forward_named(&self, x: NodeId) -> (PartName, Magnitude) {
        let subject = Subject::from(Quantity::forward(x));
        match self.first.as_ref().and_then(|first| first.forward.get(&x)) {
            Some(magnitude) => (PartName::Of(subject.of_first_layer()), magnitude.clone()),
            None => (PartName::Of(subject), self.done.forward[x.index()].clone()),
        }
    }

    /// The backward magnitude likewise.
    pub(super) fn backward_named(&self, z: NodeId) -> (PartName, Magnitude) {
        let subject = Subject::from(Quantity::backward(z));
        let of_first = match &self.first {
            Some(first) => first.backward.get(&z),
            // What comes back through an entry to the node before it comes from the first layer.
            None => self.entering.get(&z),
        };
        match of_first {
            Some(magnitude) => (PartName::Of(subject.of_first_layer()), magnitude.clone()),
            None => (PartName::Of(subject), self.done.backward[z.index()].clone()),
        }
    }

    /// The exponent of a number of layers.
    fn layers(&self, dimension: DimensionId) -> Bound {
        Bound::Is(PartName::Layers(dimension), Magnitude::given(self.done.growth.dimension(dimension)))
    }

    fn size(&self, axes: Vec<AxisId>) -> Bound {
        if axes.is_empty() {
            return Bound::Absent;
        }
        let form = self.done.growth.of(self.graph, &axes);
        Bound::Is(PartName::Size(axes), Magnitude::given(form))
    }

    fn contracted(&self, z: NodeId) -> Vec<AxisId> {
        self.graph.node(z).op.einsum().map_or_else(Vec::new, |einsum| einsum.contracted())
    }

    /// The axes of a parameter that the operand lacks; all of them for a bias or gain.
    fn produced(&self, parameter: ParameterId, z: NodeId) -> Vec<AxisId> {
        match self.graph.node(z).op.linear_einsum() {
            Some(einsum) => einsum.produced(),
            None => self.graph.parameter(parameter).axes.clone(),
        }
    }
}

//! [`Steps`]: a network in training, as far as exponents know it.

use super::atom::{Atoms, ONES};
use super::power::Power;
use super::tensor::Tensor;
use crate::graph::{AxisId, Beside, DimensionId, Graph, Kind, NodeId, ParameterId, Quantity, Unrolled};
use crate::rule::{OpRule, Optimizer};

/// The exponents of what is chosen: nothing of what starts at zero or is frozen.
#[derive(Clone, Debug)]
pub(crate) struct Chosen<P> {
    /// Initial standard deviation of each parameter; nothing of what starts at zero.
    pub(crate) init: Vec<Option<P>>,
    /// Learning rate of each parameter; nothing of what is frozen.
    pub(crate) lr: Vec<Option<P>>,
    /// Each multiplier.
    pub(crate) multiplier: Vec<P>,
}

/// What one step made of a parameter where it was used: `own b x^T`, of directions of rms 1.
#[derive(Clone, Debug)]
pub(super) struct Piece<P> {
    /// The step.
    pub(super) step: usize,
    /// The axes of a weight that `b` has, by place.
    pub(super) out: Vec<usize>,
    /// The direction of what came back.
    pub(super) b: Tensor<P>,
    /// The direction of what it was used on.
    pub(super) x: Tensor<P>,
    /// Its size.
    pub(super) own: P,
}

/// Where exponents end: a node is so large that what uses it saturates.
#[derive(Clone, Debug)]
pub(super) struct StepEnding<P> {
    /// What saturates.
    pub(super) node: NodeId,
    /// What is too large.
    pub(super) large: NodeId,
    /// By how much: it must be at most zero for exponents to go on.
    pub(super) excess: P,
    /// What that means.
    pub(super) why: Why,
}

/// Why exponents end.
#[derive(Clone, Copy, Debug)]
pub(super) enum Why {
    /// A function saturates.
    Saturated,
    /// Layers make a stream larger than it enters them: exponents differ from one to the next.
    Uneven,
    /// What layers make of a stream is larger than the stream each time: that grows faster than any power of their number. Which
    /// quantity of the stream it is.
    Explodes(fn(NodeId) -> Quantity),
}

/// Which of the tensors of a node is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// As it is.
    Now,
    /// As it was before the first step.
    First,
    /// What it has changed by since.
    Since,
}

/// A network without repeats after some steps.
pub(super) struct Steps<'a, P> {
    pub(super) graph: &'a Graph,
    /// The layers side by side.
    pub(super) beside: &'a [Beside],
    /// The rule of each node.
    pub(super) rules: Vec<Option<&'a OpRule>>,
    /// The optimizer of each parameter.
    pub(super) optimizers: Vec<&'a Optimizer>,
    pub(super) chosen: Chosen<P>,
    pub(super) atoms: Atoms<P>,
    /// How many steps were made.
    pub(super) step: usize,
    /// Every node as it is now.
    pub(super) values: Vec<Tensor<P>>,
    /// Every node before the first step.
    pub(super) first: Vec<Tensor<P>>,
    /// What every node has changed by since.
    pub(super) changes: Vec<Tensor<P>>,
    /// What comes back to every node.
    pub(super) backward: Vec<Tensor<P>>,
    /// What was learned, by parameter.
    pub(super) pieces: Vec<Vec<Piece<P>>>,
}

impl<'a, P: Power> Steps<'a, P> {
    pub(super) fn new(
        written: &'a Unrolled,
        rules: Vec<Option<&'a OpRule>>,
        optimizers: Vec<&'a Optimizer>,
        chosen: Chosen<P>,
        sizes: Vec<P>,
    ) -> Self {
        let graph: &Graph = &written.graph;
        let zeros = vec![Tensor::zero(); graph.nodes().len()];
        Self {
            graph,
            beside: &written.beside,
            rules,
            optimizers,
            chosen,
            atoms: Atoms::new(sizes),
            step: 0,
            values: zeros.clone(),
            first: zeros.clone(),
            changes: zeros.clone(),
            backward: zeros,
            pieces: vec![Vec::new(); graph.parameters.len()],
        }
    }

    /// A node as it is now.
    pub(super) fn value(&self, node: NodeId) -> Tensor<P> {
        self.values[node.index()].clone()
    }

    /// An operand as it is now, as the node sees it.
    pub(super) fn operand(&mut self, z: NodeId, position: usize) -> Tensor<P> {
        let x = self.graph.operands(z)[position];
        let value = self.value(x);
        self.seen(z, x, &value)
    }

    /// The operands of a node as it sees them, or what they have changed by.
    pub(super) fn operands(&mut self, z: NodeId, when: When) -> Vec<Tensor<P>> {
        let operands = self.graph.operands(z).into_iter();
        let tensor = |x: NodeId| match when {
            When::Now => self.values[x.index()].clone(),
            When::First => self.first[x.index()].clone(),
            When::Since => self.changes[x.index()].clone(),
        };
        let tensors: Vec<(NodeId, Tensor<P>)> = operands.map(|x| (x, tensor(x))).collect();
        tensors.into_iter().map(|(x, tensor)| self.seen(z, x, &tensor)).collect()
    }

    /// What a parameter at a node is used on: its operand, or 1.
    pub(super) fn used_on(&mut self, z: NodeId) -> Tensor<P> {
        match self.graph.node(z).op.bias() {
            Some(_) => Tensor::of(ONES, P::zero()),
            None => self.operand(z, 0),
        }
    }

    /// The exponent of the multiplier in front of a node.
    pub(super) fn multiplier(&self, z: NodeId) -> P {
        let multiplier = self.graph.node(z).op.multiplier();
        multiplier.map_or_else(P::zero, |m| self.chosen.multiplier[m.0].clone())
    }

    /// The dimensions of the feature axes among some.
    pub(super) fn features(&self, axes: &[AxisId]) -> Vec<DimensionId> {
        let features = self.graph.only(Kind::Feature, axes);
        features.into_iter().map(|axis| self.graph.dimension_of(axis)).collect()
    }

    /// The exponent of the number of entries along axes, features or not.
    pub(super) fn count(&self, axes: &[AxisId]) -> P {
        let dimensions: Vec<DimensionId> = axes.iter().map(|axis| self.graph.dimension_of(*axis)).collect();
        self.atoms.size(&dimensions)
    }

    /// Whether an axis numbers layers side by side.
    pub(super) fn numbers_layers(&self, axis: AxisId) -> bool {
        self.beside.iter().any(|beside| beside.layers == axis)
    }

    /// The same, of one of the layers that stand side by side.
    pub(super) fn of_a_layer(&self, axes: &[AxisId]) -> P {
        let axes: Vec<AxisId> = axes.iter().copied().filter(|axis| !self.numbers_layers(*axis)).collect();
        self.count(&axes)
    }

    /// That of samples among axes.
    pub(super) fn samples(&self, axes: &[AxisId]) -> P {
        self.count(&self.graph.only(Kind::Sample, axes))
    }

    /// Whether a parameter is trained.
    pub(super) fn is_trained(&self, parameter: ParameterId) -> bool {
        self.graph.parameter(parameter).is_trained()
    }
}

//! Section 1: a network is a directed acyclic graph of nodes with axes.

use std::collections::BTreeMap;

/// Axes are one-letter names, as in an einsum.
pub(crate) type Axes = Vec<char>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DimensionKind {
    Feature,
    Sample,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Activation {
    /// Degree-1 homogeneous, or like relu where large: relu, gelu, silu, identity.
    Unbounded,
    /// Saturates where large: tanh.
    Bounded,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Input {
        one_hot: bool,
    },
    Linear,
    /// Bilinear and product: an einsum of two activations.
    Bilinear,
    Scale,
    Activation(Activation),
    Norm,
    Softmax {
        over: Axes,
    },
    Mean {
        over: Axes,
    },
    Add,
    Bias,
    Rope,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Input,
    Feature,
    Logits,
    Branch,
    Probability,
    Output,
}

#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) op: Op,
    /// Positions of the nodes it reads, all of them earlier in the list.
    pub(crate) inputs: Vec<usize>,
    /// The axes of each input in the letters of this node: an einsum may call the positions of
    /// its input by another letter of the same dimension.
    pub(crate) operands: Vec<Axes>,
    pub(crate) axes: Axes,
    pub(crate) multiplier: Option<String>,
    pub(crate) role: Role,
    /// Whether it is its inputs, up to a scalar, a rotation or what is added: scale, bias, rope, add, identity.
    pub(crate) passes_on: bool,
}

impl Node {
    /// Axes of this node that its input in `slot` lacks.
    pub(crate) fn lacked_by(&self, slot: usize) -> Axes {
        minus(&self.axes, &self.operands[slot])
    }

    /// The contracted axes C: in every operand and not in the result. A weight's axes are not
    /// an operand here, so that for a linear node these are all axes of x that y lacks.
    pub(crate) fn contracted(&self) -> Axes {
        minus(&self.operands[0], &self.axes)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ParameterKind {
    Weight,
    Gain,
    Bias,
}

#[derive(Clone, Debug)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) kind: ParameterKind,
    pub(crate) axes: Axes,
    /// Axes that number separate matrices, beside those that input, weight and output share.
    pub(crate) blocks: Axes,
    /// The node where it is used.
    pub(crate) node: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Loss {
    Mse,
    CrossEntropy,
}

#[derive(Clone, Debug)]
pub(crate) struct Network {
    pub(crate) dimensions: BTreeMap<String, DimensionKind>,
    pub(crate) axes: BTreeMap<char, String>,
    pub(crate) nodes: Vec<Node>,
    pub(crate) parameters: Vec<Parameter>,
    /// What is minimised is their sum: each with the node that it judges.
    pub(crate) losses: Vec<(Loss, usize)>,
}

impl Network {
    pub(crate) fn kind(&self, axis: char) -> DimensionKind {
        self.dimensions[&self.axes[&axis]]
    }

    /// The loss that judges a node.
    pub(crate) fn loss_at(&self, y: usize) -> Option<Loss> {
        self.losses.iter().find(|(_, output)| *output == y).map(|(loss, _)| *loss)
    }

    /// The only consumer of a node, if it has one, once, and no loss sees it.
    pub(crate) fn only_consumer(&self, x: usize) -> Option<usize> {
        match self.consumers(x).as_slice() {
            [(z, _)] if self.loss_at(x).is_none() => Some(*z),
            _ => None,
        }
    }

    /// Whether a sum, or the sums that it is a part of or made of, has a part that goes on elsewhere.
    pub(crate) fn has_stream(&self, sum: usize) -> bool {
        let is_sum = |y: usize| self.nodes[y].op == Op::Add;
        let mut root = sum;
        while let Some(above) = self.only_consumer(root).filter(|z| is_sum(*z)) {
            root = above;
        }
        let mut open = vec![root];
        while let Some(sum) = open.pop() {
            for part in &self.nodes[sum].inputs {
                match self.only_consumer(*part) {
                    None => return true,
                    Some(_) if is_sum(*part) => open.push(*part),
                    Some(_) => {}
                }
            }
        }
        false
    }

    /// The multipliers of scale nodes through which alone a node is seen.
    pub(crate) fn seen_times(&self, y: usize) -> Vec<String> {
        let mut times = Vec::new();
        let mut here = y;
        while let Some(z) = self.only_consumer(here) {
            let node = &self.nodes[z];
            if !node.passes_on || !node.inputs.iter().all(|x| self.only_consumer(*x) == Some(z)) {
                break;
            }
            times.extend(node.multiplier.clone());
            here = z;
        }
        times
    }

    /// The pairs (consumer z, slot of x in z) of node x.
    pub(crate) fn consumers(&self, x: usize) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        for (z, node) in self.nodes.iter().enumerate() {
            for (slot, &input) in node.inputs.iter().enumerate() {
                if input == x {
                    found.push((z, slot));
                }
            }
        }
        found
    }
}

pub(crate) fn minus(left: &[char], right: &[char]) -> Axes {
    left.iter().copied().filter(|axis| !right.contains(axis)).collect()
}

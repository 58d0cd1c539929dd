//! [`Op`]: the closed vocabulary. Everything an architecture file can say is lowered to these.
//!
//! What an op *is* stands in its file here: its parts, and a table of [`Facts`] that every analysis asks. What it does to
//! exponents is its rule in `rules/ops`, what it does to arrays its kernel in `simulate/op`, and what a file must say of it
//! its check in `architecture/check`. A new op needs these four, and a place in the lists below.

mod activation;
mod add;
mod bias;
mod bilinear;
mod einsum;
mod facts;
mod gain;
mod input;
mod linear;
mod mean;
mod norm;
mod product;
mod rope;
mod scale;
mod softmax;
mod stream;
mod window;

use std::ops::{Deref, DerefMut};

pub use activation::Activation;
pub use add::Add;
pub use bias::Bias;
pub use bilinear::Bilinear;
pub use einsum::Einsum;
pub use facts::{Centred, Entries, Facts, Room, Slope, Zeros};
pub use gain::Gain;
pub use input::{Input, Tokens};
pub use linear::{FROM_ZERO, Linear};
pub use mean::Mean;
pub use norm::{Norm, NormKind};
pub use product::Product;
pub use rope::Rope;
pub use scale::Scale;
pub use softmax::Softmax;
pub use stream::Stream;
pub use window::Window;

use super::{AxisId, MultiplierId, ParameterId, ParameterKind, RepeatId};

/// What a node computes from its operands. Operands are edges of the graph, in order.
///
/// It dereferences to what may be asked of it: `node.op.facts()`, `node.op.parameter()`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// Data.
    Input(Input),
    /// `m * einsum(W, x)`.
    Linear(Linear),
    /// `m * einsum(p, q)` with a contraction.
    Bilinear(Bilinear),
    /// `einsum(p, q)` without one.
    Product(Product),
    /// `m * x`.
    Scale(Scale),
    /// An elementwise function.
    Activation(Activation),
    /// Layer norm or RMS norm.
    Norm(Norm),
    /// `g * x`.
    Gain(Gain),
    /// `x + b`.
    Bias(Bias),
    /// Softmax over one axis.
    Softmax(Softmax),
    /// Mean over sample axes.
    Mean(Mean),
    /// Rotary positions.
    Rope(Rope),
    /// What lies around each position.
    Window(Window),
    /// Sum of operands.
    Add(Add),
    /// What enters a layer of a repeat.
    Stream(Stream),
}

/// The facts of every op.
pub const VOCABULARY: [&Facts; 15] = [
    &Input::FACTS,
    &Linear::FACTS,
    &Bilinear::FACTS,
    &Product::FACTS,
    &Scale::FACTS,
    &Activation::FACTS,
    &Norm::FACTS,
    &Gain::FACTS,
    &Bias::FACTS,
    &Softmax::FACTS,
    &Mean::FACTS,
    &Rope::FACTS,
    &Window::FACTS,
    &Add::FACTS,
    &Stream::FACTS,
];

impl Deref for Op {
    type Target = dyn Operation;

    fn deref(&self) -> &Self::Target {
        match self {
            Self::Input(op) => op,
            Self::Linear(op) => op,
            Self::Bilinear(op) => op,
            Self::Product(op) => op,
            Self::Scale(op) => op,
            Self::Activation(op) => op,
            Self::Norm(op) => op,
            Self::Gain(op) => op,
            Self::Bias(op) => op,
            Self::Softmax(op) => op,
            Self::Mean(op) => op,
            Self::Rope(op) => op,
            Self::Window(op) => op,
            Self::Add(op) => op,
            Self::Stream(op) => op,
        }
    }
}

impl DerefMut for Op {
    fn deref_mut(&mut self) -> &mut Self::Target {
        match self {
            Self::Input(op) => op,
            Self::Linear(op) => op,
            Self::Bilinear(op) => op,
            Self::Product(op) => op,
            Self::Scale(op) => op,
            Self::Activation(op) => op,
            Self::Norm(op) => op,
            Self::Gain(op) => op,
            Self::Bias(op) => op,
            Self::Softmax(op) => op,
            Self::Mean(op) => op,
            Self::Rope(op) => op,
            Self::Window(op) => op,
            Self::Add(op) => op,
            Self::Stream(op) => op,
        }
    }
}

/// What may be asked of an op: its facts, and what of all that an op may have it has.
pub trait Operation {
    /// What is so of every op of its kind.
    fn facts(&self) -> &'static Facts;

    /// The name of the rule that describes it; nothing for data, and for a stream, whose repeat has one.
    fn rule_name(&self) -> Option<&str> {
        self.facts().rules.first().copied()
    }

    /// The axes it runs over. Along any other axis, an entry of the result depends on the operands at that place alone, and in
    /// the same way at every place but for a parameter; so it can be computed slice by slice.
    fn over(&self) -> Vec<AxisId> {
        self.einsum().map_or_else(Vec::new, Einsum::contracted)
    }

    /// The axes whose entries share one sum, which its rule calls `|s|`.
    fn summed(&self) -> Vec<AxisId> {
        Vec::new()
    }

    /// The axis along which it sees only differences: the same added to all entries changes nothing.
    fn compares(&self) -> Option<AxisId> {
        None
    }

    /// The axis of the operand along which entries of the result along `label` lie: the same, but for an axis that it makes.
    fn along(&self, label: AxisId) -> AxisId {
        label
    }

    /// How it calls the axes of its operands and its result, if that is not as they do.
    fn einsum(&self) -> Option<&Einsum> {
        None
    }

    /// The parameter it uses.
    fn parameter(&self) -> Option<ParameterId> {
        None
    }

    /// The place of the parameter it uses.
    fn parameter_mut(&mut self) -> Option<&mut ParameterId> {
        None
    }

    /// The scalar hyperparameter in front.
    fn multiplier(&self) -> Option<MultiplierId> {
        None
    }

    /// The place in front, where it may stay empty.
    fn multiplier_mut(&mut self) -> Option<&mut Option<MultiplierId>> {
        None
    }

    /// What is known of the data, if it is data.
    fn data(&self) -> Option<&Input> {
        None
    }

    /// The name of the function, if it is an activation.
    fn activation(&self) -> Option<&str> {
        None
    }

    /// The repeat whose layers it enters, if it is a stream.
    fn repeat(&self) -> Option<RepeatId> {
        None
    }

    /// The axis along which the data are one-hot, if it is such data.
    fn one_hot(&self) -> Option<AxisId> {
        self.data()?.one_hot
    }

    /// The einsum of a linear map, whose first operand is the weight.
    fn linear_einsum(&self) -> Option<&Einsum> {
        self.einsum().filter(|_| self.facts().uses == Some(ParameterKind::Weight))
    }

    /// The parameter that is added, if there is one.
    fn bias(&self) -> Option<ParameterId> {
        self.parameter().filter(|_| self.facts().uses == Some(ParameterKind::Bias))
    }
}

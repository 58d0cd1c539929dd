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
mod operation;
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
pub use operation::Operation;
pub use product::Product;
pub use rope::Rope;
pub use scale::Scale;
pub use softmax::Softmax;
pub use stream::Stream;
pub use window::Window;

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

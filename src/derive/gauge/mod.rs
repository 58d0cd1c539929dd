//! Gauge: what of a parameterization can be traded without changing it (theory, section 7).
//!
//! The same network is trained if a weight starts `t` times as small, its learning rate is `t^(1 + p)` times as small, where the
//! optimizer's step has degree `p` in the gradient (1 for SGD, 0 for Adam), and some multiplier or other weight on the way
//! makes up for it: see [`Trades`](crate::graph::Trades). Two parameterizations are equal up to such trades exactly if they agree in every
//! [`Invariant`].

mod symmetry;
mod told;

pub use symmetry::{
    Difference, Invariant, Parameterizations, Resized, Sameness, Symmetry, Trade, compare, trades,
};
pub use told::{in_gauge, with_own};

use thiserror::Error;

use crate::exact::Exponent;
use crate::graph::{Hyperparameters, Stabiliser, Unfolded};
use crate::rule::Optimizer;

/// The gauges in which a table can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Gauge {
    /// Every weight and bias starts at the same size, whatever the network's
    ConstantInit,
    /// Every weight and bias has the same learning rate, whatever the network's size
    ConstantLr,
    /// No weight or bias is multiplied by a scalar, neither of its own nor of its node
    NoMultipliers,
}

/// Why a trade is not possible.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum GaugeError {
    /// The rule of the optimizer has no degree in the gradient.
    #[error(
        "the step of `{0}` has no degree in the gradient: a multiplier cannot be traded for init and learning rate"
    )]
    NoDegree(String),
    /// The equations of all trades are too long to be held.
    #[error(
        "what can be traded in `{0}` is too long to be held: thousands of multipliers stand behind each other"
    )]
    TooLarge(String),
    /// The step falls with the gradient, so that no multiplier changes the learning rate.
    #[error("no multiplier of a weight changes its learning rate under `{0}`")]
    RateOutOfReach(String),
}

impl GaugeError {
    /// What kind of mistake it is, for machines.
    #[must_use]
    pub fn code(&self) -> &'static str {
        "gauge"
    }

    /// What to do.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::NoDegree(optimizer) => format!(
                "leave multipliers of weights out, or mend the rule: every alternative of `response` must move alike with \
                 `backward(y)`; `fscale rule {optimizer}` prints it"
            ),
            Self::TooLarge(_) => "put multipliers that stand behind each other together".into(),
            Self::RateOutOfReach(_) => "ask for `--gauge constant-init`".into(),
        }
    }
}

/// The degree of an optimizer's step in the gradient.
///
/// # Errors
/// If it has none.
pub fn degree(optimizer: &Optimizer) -> Result<Exponent, GaugeError> {
    optimizer.degree().ok_or_else(|| GaugeError::NoDegree(optimizer.about.name.clone()))
}

/// By how much a trade moves the weight decay or epsilon of a parameter, where its multiplier moves by 1.
///
/// # Errors
/// If the rule of its optimizer has no degree.
pub fn moved(optimizer: &Optimizer, stabiliser: Stabiliser) -> Result<Exponent, GaugeError> {
    let moved = optimizer.moved_by_trade(stabiliser.key());
    moved.ok_or_else(|| GaugeError::NoDegree(optimizer.about.name.clone()))
}

/// The hyperparameters without multipliers of weights and biases: each is folded into its parameter, exactly.
///
/// # Errors
/// If there are some and the optimizer has no degree.
pub fn folded(unfolded: &Unfolded, optimizer: &Optimizer) -> Result<Hyperparameters, GaugeError> {
    if unfolded.has_own() {
        Ok(unfolded.folded(&degree(optimizer)?))
    } else {
        Ok(unfolded.hyperparameters.clone())
    }
}

/// The parameterization with the multiplier of each parameter moved by so much, and init and learning rate against it.
#[must_use]
pub fn traded(unfolded: &Unfolded, by: &[Exponent], degree: &Exponent) -> Unfolded {
    let per_trade = &Exponent::ONE + degree;
    let mut traded = unfolded.clone();
    for (w, by) in by.iter().enumerate().take(unfolded.own.len()) {
        traded.own[w] += by;
        traded.hyperparameters.init[w] -= by;
        traded.hyperparameters.lr[w] -= &(&per_trade * by);
    }
    traded
}

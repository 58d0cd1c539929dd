//! [`Propagation`]: the exponents of every quantity, as forms in the unknown hyperparameters.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::condition::Condition;
use super::growth::Growth;
use super::ledger::{DerivationId, Ledger, Magnitude};
use super::note::Note;
use crate::exact::{Terms, Unknown};
use crate::graph::{Graph, NodeId, ParameterId};

/// The exponents of every quantity of one training step, as forms in the unknown hyperparameters.
#[derive(Clone, Debug)]
pub struct Propagation {
    /// The network.
    pub graph: Arc<Graph>,
    /// How fast the dimensions grow.
    pub growth: Growth,
    /// Unknowns and derivations.
    pub ledger: Ledger,
    /// Unknown init exponent of each parameter; nothing for what starts at one or zero.
    pub init: Vec<Option<Unknown>>,
    /// Unknown learning rate exponent of each parameter; nothing for what is frozen.
    pub lr: Vec<Option<Unknown>>,
    /// Unknown exponent of each multiplier.
    pub multiplier: Vec<Unknown>,
    /// The name of the optimizer that moves each parameter, where a mix leaves them to several; else nothing.
    pub movers: Option<Vec<String>>,
    /// Forward exponent of each node.
    pub forward: Vec<Magnitude>,
    /// Backward exponent of each node.
    pub backward: Vec<Magnitude>,
    /// Gradient exponent of each parameter.
    pub gradient: Vec<Magnitude>,
    /// Contribution exponent of each parameter.
    pub contribution: Vec<Magnitude>,
    /// Exponent of epsilon for each parameter, if the optimizer has one.
    pub epsilon: Vec<Option<Magnitude>>,
    /// Exponent of weight decay for each parameter, if the optimizer has one.
    pub weight_decay: Vec<Option<Magnitude>>,
    /// The responses of each node to each parameter upstream of it; to the copies in all layers, of a parameter in a repeat.
    pub update_by: BTreeMap<(ParameterId, NodeId), Terms<DerivationId>>,
    /// The responses of the nodes that use a parameter in a repeat to the copy in their own layer.
    pub own: BTreeMap<(ParameterId, NodeId), Terms<DerivationId>>,
    /// The response of each node to all parameters upstream of it.
    pub update: Vec<Terms<DerivationId>>,
    /// The same as one form, nothing where no parameter is upstream.
    pub total: Vec<Option<Magnitude>>,
    /// What must hold for exponents to exist.
    pub conditions: Vec<Condition>,
    /// Where the calculus is an approximation, and what the exponents are those of.
    pub notes: Vec<Note>,
    /// The name of the alignment that is assumed of the responses; nothing if they are those of the first step, with which
    /// contributions and angles go.
    pub alignment: Option<String>,
}

//! [`Walk`]: a propagation under way.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::exact::{Form, Terms, UnknownKind};
use crate::graph::{Alike, Graph, NodeId, ParameterClass, Quantity, RepeatId, Unit};
use crate::propagate::error::PropagateError;
use crate::propagate::growth::Growth;
use crate::propagate::ledger::{DerivationId, Ledger, Magnitude};
use crate::propagate::note::Note;
use crate::propagate::propagation::Propagation;
use crate::rule::{OpRule, Optimizer, Regime};

/// The backward signal of a node as it meets a change that is alike along some axes.
#[derive(Clone, Debug)]
pub(super) struct Felt {
    /// Nothing if all of it comes through softmaxes that take the change away.
    pub(super) backward: Option<Magnitude>,
    /// Its terms by the consumer they come from; those of a loss by the node itself.
    pub(super) parts: Vec<(NodeId, Terms<DerivationId>)>,
}

/// The magnitudes of the first layer of a repeat, where they are known so far.
#[derive(Clone, Debug, Default)]
pub(super) struct First {
    pub(super) forward: BTreeMap<NodeId, Magnitude>,
    pub(super) backward: BTreeMap<NodeId, Magnitude>,
}

/// A propagation under way.
pub(super) struct Walk<'a> {
    pub(super) graph: &'a Graph,
    pub(super) rules: Vec<Option<&'a OpRule>>,
    /// How layers that have parameters in common add up, if some do.
    pub(super) looped: Option<&'a OpRule>,
    /// That of each parameter.
    pub(super) optimizers: Vec<&'a Optimizer>,
    /// How responses are aligned.
    pub(super) regime: &'a Regime,
    /// What each parameter is in the network.
    pub(super) classes: Vec<ParameterClass>,
    pub(super) done: Propagation,
    /// Exponent of the fraction of non-zero entries of the backward signal of each node.
    pub(super) density: Vec<Form>,
    /// For each node: the terms of its backward signal, by the consumer they come from; those of a loss by the node itself.
    pub(super) parts: Vec<Vec<(NodeId, Terms<DerivationId>)>>,
    pub(super) absolute_gradient: Vec<Magnitude>,
    /// The backward signal as it meets changes that are alike along some axes, where it is not all of it.
    pub(super) alike: BTreeMap<(NodeId, Alike), Felt>,
    /// The smallest of several ranks that grow apart.
    pub(super) ranks: BTreeMap<Vec<Form>, Form>,
    /// The order of computation.
    pub(super) units: Vec<Unit>,
    /// The magnitudes of the first layer, while rules are applied to it.
    pub(super) first: Option<First>,
    /// The backward signal at the entry of the first layer of each repeat.
    pub(super) entering: BTreeMap<NodeId, Magnitude>,
    /// The forward magnitudes of the first layer of each repeat.
    pub(super) firsts: BTreeMap<RepeatId, BTreeMap<NodeId, Magnitude>>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        graph: &'a Arc<Graph>,
        rules: Vec<Option<&'a OpRule>>,
        optimizer: &'a Optimizer,
        regime: &'a Regime,
        mut ledger: Ledger,
        growth: Growth,
        notes: Vec<Note>,
    ) -> Self {
        let init = graph.parameters.iter().map(|parameter| {
            let name = format!("init({})", parameter.name);
            parameter.has_init().then(|| ledger.unknown(name, UnknownKind::Init))
        });
        let init = init.collect();
        let lr = graph.parameters.iter().map(|parameter| {
            let name = format!("lr({})", parameter.name);
            parameter.is_trained().then(|| ledger.unknown(name, UnknownKind::LearningRate))
        });
        let lr = lr.collect();
        let multiplier = graph.multipliers.iter();
        let multiplier = multiplier.map(|multiplier| {
            ledger.unknown(format!("multiplier({})", multiplier.name), UnknownKind::Multiplier)
        });
        let multiplier = multiplier.collect();
        let nodes = graph.nodes().len();
        let optimizers = optimizer.of_each(graph);
        let movers = optimizer.mix.as_ref();
        let movers = movers.map(|_| optimizers.iter().map(|mover| mover.about.name.clone()).collect());
        let done = Propagation {
            graph: Arc::clone(graph),
            growth,
            ledger,
            init,
            lr,
            multiplier,
            movers,
            forward: vec![Magnitude::given(Form::zero()); nodes],
            backward: vec![Magnitude::given(Form::zero()); nodes],
            gradient: vec![Magnitude::given(Form::zero()); graph.parameters.len()],
            contribution: Vec::new(),
            epsilon: Vec::new(),
            weight_decay: Vec::new(),
            update_by: BTreeMap::new(),
            own: BTreeMap::new(),
            update: vec![Terms::none(); nodes],
            total: vec![None; nodes],
            conditions: Vec::new(),
            notes,
            alignment: regime.assumed().map(str::to_owned),
        };
        let density = vec![Form::zero(); nodes];
        let parts = vec![Vec::new(); nodes];
        Self {
            graph,
            rules,
            looped: None,
            optimizers,
            regime,
            classes: graph.classes(),
            done,
            density,
            parts,
            absolute_gradient: vec![Magnitude::given(Form::zero()); graph.parameters.len()],
            alike: BTreeMap::new(),
            ranks: BTreeMap::new(),
            units: Vec::new(),
            first: None,
            entering: BTreeMap::new(),
            firsts: BTreeMap::new(),
        }
    }

    pub(super) fn finish(mut self) -> Result<Propagation, PropagateError> {
        for id in self.graph.nodes() {
            let subject = Quantity::update(id);
            let name = subject.write(self.graph);
            let terms = self.done.update[id.index()].clone();
            self.done.total[id.index()] = self.done.ledger.settle(subject, name, &terms);
        }
        Ok(self.done)
    }
}

//! Weights that start at zero. What they make is nothing at first, so everything that passes them is told to first order in their
//! own first step.

use std::collections::BTreeMap;

use super::response::Response;
use super::under_way::Walk;
use crate::exact::{Exponent, Form, Terms};
use crate::graph::{Alike, Consumer, DimensionId, Graph, Kind, NodeId, ParameterId};
use crate::propagate::ledger::{Because, DerivationId, Magnitude, Part};
use crate::propagate::subject::{PartName, Subject};
use crate::propagate::{Growth, PropagateError};
use crate::rule::{Name, Optimizer};

impl Walk<'_> {
    /// What the first step of a weight that starts at zero makes of the node that applies it, as rules may speak of it; nothing at
    /// other nodes.
    pub(super) fn first_step(
        &mut self,
        z: NodeId,
    ) -> Result<Vec<(Name, PartName, Magnitude)>, PropagateError> {
        let Some(w) = self.graph.parameter_at(z).filter(|_| self.graph.is_from_zero(z)) else {
            return Ok(Vec::new());
        };
        self.gradient_of(w)?;
        let response = self.optimizers[w.0].response.clone();
        let subject = Subject::Birth(w, z);
        let made = self.optimizer_says(subject.clone(), &response, z)?;
        Ok(vec![(Name::UpdateBy, PartName::Of(subject), made)])
    }

    /// Whether a weight makes what one that starts at zero takes. There are at most as many features as before: a response has full
    /// rank there, whatever the exponents of sizes that grow apart.
    pub(super) fn enters_an_adapter(&self, z: NodeId) -> bool {
        let is_from_zero = |consumer: &Consumer| self.graph.is_from_zero(consumer.node);
        self.graph.node(z).op.linear_einsum().is_some() && self.graph.consumers(z).iter().any(is_from_zero)
    }

    /// Writes a response down as one along the backward signal: all that leaves a weight after its first step is.
    pub(super) fn align(
        &mut self,
        w: ParameterId,
        z: NodeId,
        alike: &Alike,
        (form, id): (Form, DerivationId),
        into: &mut Response,
    ) {
        let Some((back_name, back)) = self.felt(z, alike) else { return };
        let part = |coefficient, name, form, because| Part {
            coefficient: Exponent::integer(coefficient),
            name,
            form,
            because,
        };
        let parts = vec![
            part(1, PartName::of(Subject::Generic(w, z)), form, Because::Derived(id)),
            part(-1, back_name, back.form, back.because),
        ];
        let rank = self.done.growth.features(self.graph, z);
        let subject = Subject::Component(w, z, rank.clone());
        let (form, id) = self.done.ledger.derive(subject, "linear_from_zero", parts, Exponent::ZERO);
        into.components.entry((rank, alike.clone())).or_insert_with(Terms::none).insert(form, id);
    }
}

/// Refuses optimizers that move a weight by a fraction of its size where that is zero.
pub(super) fn refuse_still(graph: &Graph, optimizer: &Optimizer) -> Result<(), PropagateError> {
    let optimizers = optimizer.of_each(graph);
    let still = graph.nodes().filter(|z| graph.is_from_zero(*z)).find_map(|z| {
        let w = graph.parameter_at(z)?;
        optimizers[w.0].response.names().any(|name| name == Name::Init).then_some(w)
    });
    match still {
        Some(w) => Err(PropagateError::Still {
            parameter: graph.parameter(w).name.clone(),
            optimizer: optimizers[w.0].about.name.clone(),
        }),
        None => Ok(()),
    }
}

/// Refuses a weight that starts at zero where nothing can be told of its first step.
pub(super) fn refuse_lost(graph: &Graph) -> Result<(), PropagateError> {
    match graph.parameter_ids().find_map(|w| graph.untold_at_first(w)) {
        Some((says, hint)) => Err(PropagateError::ZeroWeight { says, hint }),
        None => Ok(()),
    }
}

/// What is to be known of a network with weights that start at zero.
pub(super) enum Told {
    /// These start there.
    Start(String, Vec<ParameterId>),
    /// The rank of an adapter grows; the node that makes what the adapter takes.
    Rank(String, NodeId),
}

/// What the exponents of a network with weights that start at zero are those of, in words.
pub(super) fn told(graph: &Graph, growth: &Growth) -> Vec<Told> {
    let starting: Vec<ParameterId> =
        graph.nodes().filter(|z| graph.is_from_zero(*z)).filter_map(|z| graph.parameter_at(z)).collect();
    let [_, ..] = starting.as_slice() else { return Vec::new() };
    let names: Vec<String> = starting.iter().map(|w| format!("`{}`", graph.parameter(*w).name)).collect();
    let (starts, moves) = if names.len() == 1 { ("starts", "moves") } else { ("start", "move") };
    let mut told = vec![Told::Start(
        format!(
            "{} {starts} at zero and {moves} alone in the first step; what passes there is told of the second step, to first order in \
             the first",
            names.join(", ")
        ),
        starting,
    )];
    let mut ranks: BTreeMap<DimensionId, NodeId> = BTreeMap::new();
    for x in graph.nodes().filter(|z| graph.is_from_zero(*z)).flat_map(|z| graph.operands(z)) {
        let features = graph.only(Kind::Feature, &graph.node(x).axes).into_iter();
        let grown = features.map(|axis| graph.dimension_of(axis)).filter(|rank| growth.grows(*rank));
        grown.for_each(|rank| {
            ranks.insert(rank, x);
        });
    }
    told.extend(ranks.into_iter().map(|(rank, enters)| {
        let name = &graph.dimension(rank).name;
        let says = format!(
            "`{name}` is the rank of an adapter: it is taken to be at most the width, and backward signals two weights before the \
             adapter are an approximation, since what comes back through it is along what went in"
        );
        Told::Rank(says, enters)
    }));
    told
}

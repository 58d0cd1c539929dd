//! What is recorded of one run: the magnitude of every quantity, in a fixed order.

use std::collections::BTreeMap;

use super::draw::Source;
use super::error::SimulateError;
use super::measurement::Quantity;
use super::network::Network;
use super::pass::Pass;
use super::plan::Plan;
use super::response::{Responses, Witness, respond};
use super::sizes::Point;
use super::step::Direction;
use super::tensor::{Real, rms};
use crate::graph::{Graph, NodeId, ParameterId};

/// Every quantity that a simulation of the graph measures, in the order of [`super::Samples::runs`]: for each
/// node forward, backward, the update by each parameter upstream, their sum and, at a cut node, the angle;
/// then for each parameter gradient and contribution.
#[must_use]
pub fn quantities(graph: &Graph) -> Vec<Quantity> {
    let cut_nodes = graph.cut_nodes();
    let of_node = |id: NodeId| {
        let upstream = graph.parameters_upstream(id);
        let total = (!upstream.is_empty()).then_some(Quantity::Update(id));
        let angle = cut_nodes.binary_search(&id).is_ok().then_some(Quantity::Angle(id));
        let by = upstream.into_iter().map(move |parameter| Quantity::UpdateBy(parameter, id));
        [Quantity::Forward(id), Quantity::Backward(id)].into_iter().chain(by).chain(total).chain(angle)
    };
    let of_parameter = |id: ParameterId| [Quantity::Gradient(id), Quantity::Contribution(id)];
    graph.nodes().flat_map(of_node).chain(graph.parameter_ids().flat_map(of_parameter)).collect()
}

/// Runs a network once and gives the magnitudes of the quantities, in order. The base learning rate is 1; the
/// exponents of learning rates enter here, as factors.
pub(super) fn record<R: Real>(
    plan: &Plan<'_>,
    point: &Point,
    source: Source,
    quantities: &[Quantity],
) -> Result<Vec<f64>, SimulateError> {
    let network = Network::<R>::draw(plan, point, source)?;
    let pass = Pass::of(&network);
    let mut found = BTreeMap::new();
    for id in plan.graph.nodes() {
        found.insert(Quantity::Forward(id), pass.values[id.index()].rms());
        let back = pass.back[id.index()].as_ref();
        found.insert(Quantity::Backward(id), back.map_or(0.0, super::tensor::Tensor::rms));
    }
    let mut record = Record { plan, point, pass: &pass, found };
    respond(plan, &network, &pass, &mut record);
    Ok(quantities.iter().map(|quantity| record.found.get(quantity).copied().unwrap_or(0.0)).collect())
}

struct Record<'a, R> {
    plan: &'a Plan<'a>,
    point: &'a Point,
    pass: &'a Pass<R>,
    found: BTreeMap<Quantity, f64>,
}

impl<R: Real> Witness<R> for Record<'_, R> {
    fn steps(&mut self, id: ParameterId, direction: &Direction<R>) {
        let contribution = self.plan.lr(id, self.point) * direction.decrease;
        self.found.insert(Quantity::Gradient(id), direction.gradient);
        self.found.insert(Quantity::Contribution(id), contribution);
    }

    fn responds(&mut self, id: NodeId, responses: &Responses<R>) {
        let mut total = Vec::new();
        let mut decrease = 0.0;
        for (parameter, response) in responses.each() {
            let lr = self.plan.lr(parameter, self.point);
            self.found.insert(Quantity::UpdateBy(parameter, id), lr * rms(response));
            total.resize(response.len(), 0.0);
            total.iter_mut().zip(response).for_each(|(sum, entry)| *sum += lr * entry.wide());
            decrease += self.found.get(&Quantity::Contribution(parameter)).copied().unwrap_or(0.0);
        }
        let update = rms(&total);
        self.found.insert(Quantity::Update(id), update);
        if let Some(back) = &self.pass.back[id.index()] {
            #[allow(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
            let lengths = update * back.rms() * total.len() as f64;
            let cosine = if lengths > 0.0 { decrease / lengths } else { 0.0 };
            self.found.insert(Quantity::Angle(id), cosine);
        }
    }
}

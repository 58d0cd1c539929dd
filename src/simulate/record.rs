//! What is recorded of one run: the magnitude of every quantity, in a fixed order.

use std::collections::BTreeMap;

use super::draw::Source;
use super::error::SimulateError;
use super::manner::Updates;
use super::measurement::Quantity;
use super::network::Network;
use super::pass::Pass;
use super::plan::Plan;
use super::response::{Cause, Followed, Responses, Witness, respond};
use super::sizes::Point;
use super::step::Direction;
use super::tensor::{Real, rms};
use crate::graph::{Graph, NodeId, ParameterId};

/// Every quantity that a simulation of the graph measures, in the order of [`super::Samples::runs`]: for each
/// node forward, backward, the update by each parameter upstream, their sum and, at a cut node, the angle;
/// then for each parameter gradient and contribution.
#[must_use]
pub fn quantities(graph: &Graph, updates: Updates) -> Vec<Quantity> {
    let cut_nodes = graph.cut_nodes();
    let of_node = |id: NodeId| {
        let upstream = graph.parameters_upstream(id);
        let total = (!upstream.is_empty()).then_some(Quantity::Update(id));
        let angle = cut_nodes.binary_search(&id).is_ok().then_some(Quantity::Angle(id));
        let each = match updates {
            Updates::Each => upstream,
            Updates::Total => Vec::new(),
        };
        let by = each.into_iter().map(move |parameter| Quantity::UpdateBy(parameter, id));
        [Quantity::Forward(id), Quantity::Backward(id)].into_iter().chain(by).chain(total).chain(angle)
    };
    let of_parameter = |id: ParameterId| [Quantity::Gradient(id), Quantity::Contribution(id)];
    graph.nodes().flat_map(of_node).chain(graph.parameter_ids().flat_map(of_parameter)).collect()
}

/// Runs a network once and gives the magnitudes of the quantities, in order. The exponents of learning rates enter as
/// factors of the base ones, see [`base_rates`].
pub(super) fn record<R: Real>(
    plan: &Plan<'_>,
    point: &Point,
    source: Source,
    base_rates: &[f64],
    quantities: &[Quantity],
) -> Result<Vec<f64>, SimulateError> {
    let found = record_at::<R>(plan, point, source, base_rates, plan.manner.updates)?;
    Ok(quantities.iter().map(|quantity| found.get(quantity).copied().unwrap_or(0.0)).collect())
}

/// The base learning rate of each parameter: what makes the largest response of a node to its step 1 at the base point, with
/// the same seed, so no parameter is drowned by another; 1 if nothing moves.
pub(super) fn base_rates<R: Real>(plan: &Plan<'_>, source: Source) -> Result<Vec<f64>, SimulateError> {
    let mut largest = vec![0.0_f64; plan.graph.parameters.len()];
    let unit = vec![1.0; largest.len()];
    for (quantity, magnitude) in record_at::<R>(plan, plan.sizes.base(), source, &unit, Updates::Each)? {
        if let Quantity::UpdateBy(parameter, _) = quantity {
            largest[parameter.0] = largest[parameter.0].max(magnitude);
        }
    }
    let rate = |largest: f64| if largest.is_normal() { largest.recip() } else { 1.0 };
    Ok(largest.into_iter().map(rate).collect())
}

fn record_at<R: Real>(
    plan: &Plan<'_>,
    point: &Point,
    source: Source,
    base_rates: &[f64],
    updates: Updates,
) -> Result<BTreeMap<Quantity, f64>, SimulateError> {
    let network = Network::<R>::draw(plan, point, source)?;
    let pass = Pass::of(&network);
    let mut found = BTreeMap::new();
    for id in plan.graph.nodes() {
        found.insert(Quantity::Forward(id), pass.values[id.index()].rms());
        let back = pass.back[id.index()].as_ref();
        found.insert(Quantity::Backward(id), back.map_or(0.0, super::tensor::Tensor::rms));
    }
    let rates: Vec<f64> =
        plan.graph.parameter_ids().map(|id| base_rates[id.0] * plan.lr(id, point)).collect();
    let followed = match updates {
        Updates::Each => Followed::Each,
        Updates::Total => Followed::Together(&rates),
    };
    let mut record = Record { graph: plan.graph, rates: &rates, pass: &pass, found };
    respond(plan, &network, &pass, followed, &mut record);
    Ok(record.found)
}

struct Record<'a, R> {
    graph: &'a Graph,
    /// Learning rates, for each parameter.
    rates: &'a [f64],
    pass: &'a Pass<R>,
    found: BTreeMap<Quantity, f64>,
}

impl<R: Real> Witness<R> for Record<'_, R> {
    fn steps(&mut self, id: ParameterId, direction: &Direction<'_, R>) {
        let contribution = self.rates[id.0] * direction.decrease;
        self.found.insert(Quantity::Gradient(id), direction.gradient);
        self.found.insert(Quantity::Contribution(id), contribution);
    }

    fn responds(&mut self, id: NodeId, responses: &Responses<R>) {
        let upstream = self.graph.parameters_upstream(id);
        let contribution = |by: &ParameterId| self.found.get(&Quantity::Contribution(*by)).copied();
        let decrease: f64 = upstream.iter().filter_map(contribution).sum();
        let length = responses.stack.data.len() / responses.causes.len();
        let update = match responses.causes[..] {
            [Cause::Together] => responses.stack.rms(),
            _ => {
                let mut total = vec![R::zero(); length];
                for (cause, response) in responses.each() {
                    let Cause::Step(parameter) = cause else { continue };
                    let lr = self.rates[parameter.0];
                    self.found.insert(Quantity::UpdateBy(parameter, id), lr * rms(response));
                    let factor = R::narrow(lr);
                    total.iter_mut().zip(response).for_each(|(sum, entry)| *sum += *entry * factor);
                }
                rms(&total)
            }
        };
        self.found.insert(Quantity::Update(id), update);
        if let Some(back) = &self.pass.back[id.index()] {
            #[allow(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
            let lengths = update * back.rms() * length as f64;
            let cosine = if lengths > 0.0 { decrease / lengths } else { 0.0 };
            self.found.insert(Quantity::Angle(id), cosine);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::Step;
    use crate::simulate::samples::Seed;
    use crate::simulate::testing::{LANGUAGE_MODEL, graph, with_plan};

    /// A shift of all logits of a row changes no probability, so a bias on the keys has no gradient and moves
    /// nothing, also where the sign of what rounding leaves would be as large as that of any other gradient. (Behind an
    /// activation, whatever it is, the shift is not seen when the file is read.)
    #[test]
    fn what_only_rounding_moves_does_not_move() {
        let rotated = r#"{ name = "kr", op = "rope", input = "k", over = "k", positions = "t" }"#;
        let biased = r#"{ name = "kb", op = "bias", input = "k", parameter = "b_k", axes = "hk" },
            { name = "kr", op = "identity", input = "kb" }"#;
        assert!(LANGUAGE_MODEL.contains(rotated));
        let graph = graph(&LANGUAGE_MODEL.replace(rotated, biased));
        let quantities = quantities(&graph, Updates::Each);
        let bias = graph.find_parameter("b_k").unwrap();
        let by_bias = |place: &usize| {
            let by = [Quantity::Gradient(bias), Quantity::Contribution(bias)];
            by.contains(&quantities[*place])
                || matches!(quantities[*place], Quantity::UpdateBy(by, _) if by == bias)
        };
        let still: Vec<usize> = (0..quantities.len()).filter(by_bias).collect();
        assert!(still.len() > 10);
        for (_, step) in Step::NAMES {
            with_plan(&graph, step, |plan| {
                let point = plan.sizes.base();
                for seed in 0..5 {
                    let source = Source { base: 1, seed: Seed(seed) };
                    let rates = base_rates::<f64>(plan, source).unwrap();
                    let single = record::<f32>(plan, point, source, &rates, &quantities).unwrap();
                    let double = record::<f64>(plan, point, source, &rates, &quantities).unwrap();
                    assert!(
                        still.iter().all(|place| single[*place] == 0.0 && double[*place] == 0.0),
                        "{step:?}"
                    );
                }
            });
        }
    }

    #[test]
    fn quantities_are_listed_once_and_only_where_they_are_defined() {
        let graph = graph(LANGUAGE_MODEL);
        let quantities = quantities(&graph, Updates::Each);
        let mut distinct = quantities.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), quantities.len());
        let u = graph.find_node("u").unwrap();
        let q = graph.find_node("q").unwrap();
        let out = graph.find_node("out").unwrap();
        assert!(!quantities.contains(&Quantity::Update(u)), "no parameter is above the data");
        assert!(!quantities.contains(&Quantity::Angle(q)), "the stream leads around the queries");
        assert!(quantities.contains(&Quantity::Angle(out)));
    }
}

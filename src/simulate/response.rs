//! Responses: how every node moves, to first order, when each parameter takes its step. Forward-mode
//! derivatives, exact, for all parameters in one walk.

use super::network::Network;
use super::op::At;
use super::pass::Pass;
use super::plan::Plan;
use super::step::Direction;
use super::tensor::{Real, Tensor, add};
use crate::graph::{Graph, NodeId, ParameterId};

/// The responses of one node at learning rate 1: the derivatives along minus the directions.
pub(super) struct Responses<R> {
    /// The parameters it responds to, in order.
    pub(super) parameters: Vec<ParameterId>,
    /// The response to each of them, stacked along a leading axis.
    pub(super) stack: Tensor<R>,
}

impl<R: Real> Responses<R> {
    /// The response to each parameter.
    pub(super) fn each(&self) -> impl Iterator<Item = (ParameterId, &[R])> {
        self.parameters.iter().copied().zip(self.stack.copies(self.parameters.len()))
    }
}

/// Who looks at steps and responses while they pass by: they are too large to be kept.
pub(super) trait Witness<R> {
    /// A parameter takes its step. Told once for each, before any response to it.
    fn steps(&mut self, id: ParameterId, direction: &Direction<R>);
    /// A node responds. Told once for each node with a parameter upstream, in order.
    fn responds(&mut self, id: NodeId, responses: &Responses<R>);
}

/// Walks the network and shows every step and response to the witness.
pub(super) fn respond<R: Real>(
    plan: &Plan<'_>,
    network: &Network<'_, R>,
    pass: &Pass<R>,
    witness: &mut impl Witness<R>,
) {
    let graph = network.graph;
    let last_used = last_used(graph);
    let mut directions: Vec<Option<Direction<R>>> = graph.parameter_ids().map(|_| None).collect();
    let mut responses: Vec<Option<Responses<R>>> = graph.nodes().map(|_| None).collect();
    for id in graph.nodes() {
        let operands = network.operands(id, &pass.values);
        let at = At { operands: &operands, result: &pass.values[id.index()] };
        let kernel = &network.kernels[id.index()];
        let mut sources = Vec::new();
        if let Some(parameter) = graph.parameter_at(id) {
            let direction = directions[parameter.0].get_or_insert_with(|| {
                let direction = Direction::of(network, pass, parameter, plan.step(parameter));
                witness.steps(parameter, &direction);
                direction
            });
            let mut moved = direction.phi.map(|entry| -entry);
            moved.shape.insert(0, 1);
            sources.push(Responses { parameters: vec![parameter], stack: kernel.push(at, 0, &moved) });
            if graph.uses(parameter).last() == Some(&id) {
                directions[parameter.0] = None;
            }
        }
        for (position, operand) in network.positions(id) {
            if let Some(Responses { parameters, stack }) = &responses[operand.index()] {
                let stack = kernel.push(at, position, stack);
                sources.push(Responses { parameters: parameters.clone(), stack });
            }
        }
        let sum = sum(sources, &at.result.shape);
        if let Some(sum) = &sum {
            witness.responds(id, sum);
        }
        responses[id.index()] = sum;
        for done in &last_used[id.index()] {
            responses[done.index()] = None;
        }
    }
}

/// For each node, the nodes that nobody looks at after it.
pub(super) fn last_used(graph: &Graph) -> Vec<Vec<NodeId>> {
    let mut last_used = vec![Vec::new(); graph.nodes().len()];
    for id in graph.nodes() {
        let last = graph.consumers(id).last().map_or(id, |consumer| consumer.node);
        last_used[last.index()].push(id);
    }
    last_used
}

/// The sum of responses, nothing if there are none; a node has the given shape.
fn sum<R: Real>(mut sources: Vec<Responses<R>>, shape: &[usize]) -> Option<Responses<R>> {
    if sources.len() < 2 {
        return sources.pop();
    }
    let mut parameters: Vec<ParameterId> =
        sources.iter().flat_map(|source| source.parameters.iter().copied()).collect();
    parameters.sort_unstable();
    parameters.dedup();
    let mut stack = Tensor::zeros(&[&[parameters.len()], shape].concat());
    for (id, sum) in parameters.iter().zip(stack.copies_mut(parameters.len())) {
        for (_, part) in sources.iter().flat_map(Responses::each).filter(|(other, _)| other == id) {
            add(sum, part);
        }
    }
    Some(Responses { parameters, stack })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::rule::Step;
    use crate::simulate::pass::forward;
    use crate::simulate::tensor::{dot, rms};
    use crate::simulate::testing::{graphs, with_network};

    /// Keeps everything it sees.
    #[derive(Default)]
    struct Everything {
        directions: BTreeMap<ParameterId, Tensor<f64>>,
        decreases: BTreeMap<ParameterId, f64>,
        responses: BTreeMap<(NodeId, ParameterId), Vec<f64>>,
    }

    impl Witness<f64> for Everything {
        fn steps(&mut self, id: ParameterId, direction: &Direction<f64>) {
            assert!(self.directions.insert(id, direction.phi.clone()).is_none(), "a parameter steps once");
            self.decreases.insert(id, direction.decrease);
        }
        fn responds(&mut self, id: NodeId, responses: &Responses<f64>) {
            self.responses.extend(responses.each().map(|(by, response)| ((id, by), response.to_vec())));
        }
    }

    #[test]
    fn every_response_is_the_limit_of_differences_of_the_forward_pass() {
        /// Central differences of a relative step of 1e-6 are good to about 1e-9 of the largest second
        /// derivatives; the responses are of the order of the largest first ones.
        const TOLERANCE: f64 = 1e-6;
        for (name, graph) in graphs() {
            for (_, step) in Step::NAMES {
                with_network::<f64>(&graph, step, |plan, mut network| {
                    let pass = Pass::of(&network);
                    let mut seen = Everything::default();
                    respond(plan, &network, &pass, &mut seen);
                    for (id, direction) in &seen.directions {
                        let at = network.parameters[id.0].clone();
                        let size = 1e-6 / direction.rms().max(f64::MIN_POSITIVE);
                        let mut values = |size: f64| {
                            let moved = &mut network.parameters[id.0];
                            moved.clone_from(&at);
                            moved.data.iter_mut().zip(&direction.data).for_each(|(w, d)| *w -= size * d);
                            forward(&network)
                        };
                        let (above, below) = (values(size), values(-size));
                        network.parameters[id.0] = at;
                        for node in graph.nodes() {
                            let pairs = above[node.index()].data.iter().zip(&below[node.index()].data);
                            let difference: Vec<f64> =
                                pairs.map(|(above, below)| (above - below) / (2.0 * size)).collect();
                            let zero = vec![0.0; difference.len()];
                            let response = seen.responses.get(&(node, *id)).unwrap_or(&zero);
                            let off: Vec<f64> =
                                response.iter().zip(&difference).map(|(a, b)| a - b).collect();
                            assert!(
                                rms(&off) <= TOLERANCE * (rms(&difference) + direction.rms()),
                                "{name}, {step:?}: {} to {}: off by {} of {}",
                                graph.node(node).name,
                                graph.parameter(*id).name,
                                rms(&off),
                                rms(&difference)
                            );
                        }
                    }
                });
            }
        }
    }

    /// The feature speed formula (Chizat and Netrapalli arXiv:2311.18718, Prop. 2.1), parameter by parameter.
    #[test]
    fn at_every_cut_node_the_response_along_the_backward_signal_is_the_decrease_of_the_loss() {
        /// Inner products of some thousand terms, in double precision.
        const TOLERANCE: f64 = 1e-10;
        for (name, graph) in graphs() {
            let cut_nodes = graph.cut_nodes();
            assert!(cut_nodes.contains(&graph.loss.output));
            for (_, step) in Step::NAMES {
                with_network::<f64>(&graph, step, |plan, network| {
                    let pass = Pass::of(&network);
                    let mut seen = Everything::default();
                    respond(plan, &network, &pass, &mut seen);
                    for node in &cut_nodes {
                        let back = &pass.back[node.index()].as_ref().unwrap().data;
                        let by = seen.responses.iter().filter(|((of, _), _)| of == node);
                        let by: BTreeMap<ParameterId, &Vec<f64>> = by.map(|((_, by), r)| (*by, r)).collect();
                        assert_eq!(by.keys().copied().collect::<Vec<_>>(), graph.parameters_upstream(*node));
                        for (id, response) in by {
                            let along = dot(response, back);
                            let lengths = (dot(response, response) * dot(back, back)).sqrt();
                            assert!(
                                (along + seen.decreases[&id]).abs() <= TOLERANCE * lengths,
                                "{name}, {step:?}, {} by {}: {along} and {}",
                                graph.node(*node).name,
                                graph.parameter(id).name,
                                seen.decreases[&id]
                            );
                        }
                    }
                });
            }
        }
    }
}

//! Responses: how every node moves, to first order, when each parameter takes its step. Forward-mode
//! derivatives, exact, for all parameters in one walk.

use std::borrow::Cow;

use super::network::Network;
use super::pass::Pass;
use super::plan::Plan;
use super::step::Direction;
use super::tensor::{Real, Tensor, add};
use crate::graph::{Graph, NodeId, ParameterId};

/// The responses of one node: derivatives along minus the directions.
pub(super) struct Responses<R> {
    /// What it responds to, in order.
    pub(super) causes: Vec<Cause>,
    /// The response to each of them, stacked along a leading axis.
    pub(super) stack: Tensor<R>,
}

/// What moves a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cause {
    /// The step of one parameter, at learning rate 1.
    Step(ParameterId),
    /// The steps of all parameters together, each at its own learning rate.
    Together,
}

/// Which responses are followed through the network.
#[derive(Clone, Copy, Debug)]
pub(super) enum Followed<'r> {
    /// Those to the step of each parameter, at learning rate 1.
    Each,
    /// Those to all steps together, at the learning rates of the parameters.
    Together(&'r [f64]),
}

impl<R: Real> Responses<R> {
    /// The response to each cause.
    pub(super) fn each(&self) -> impl Iterator<Item = (Cause, &[R])> {
        self.causes.iter().copied().zip(self.stack.copies(self.causes.len()))
    }
}

/// Who looks at steps and responses while they pass by: they are too large to be kept.
pub(super) trait Witness<R: Real> {
    /// A parameter takes its step. Told once for each, before any response to it.
    fn steps(&mut self, id: ParameterId, direction: &Direction<'_, R>);
    /// A node responds. Told once for each node with a parameter upstream, in order.
    fn responds(&mut self, id: NodeId, responses: &Responses<R>);
}

/// Walks the network and shows every step and response to the witness.
pub(super) fn respond<R: Real>(
    plan: &Plan<'_>,
    network: &Network<'_, R>,
    pass: &Pass<R>,
    followed: Followed<'_>,
    witness: &mut impl Witness<R>,
) {
    let graph = network.graph;
    let last_used = last_used(graph);
    let mut directions: Vec<Option<Direction<'_, R>>> = graph.parameter_ids().map(|_| None).collect();
    let mut responses: Vec<Option<Responses<R>>> = graph.nodes().map(|_| None).collect();
    for id in graph.nodes() {
        let mut sources = Vec::new();
        if let Some(parameter) = graph.parameter_at(id) {
            let is_first = directions[parameter.0].is_none();
            let direction = directions[parameter.0]
                .get_or_insert_with(|| Direction::of(network, pass, parameter, plan.step(parameter)));
            let mut stack = direction.moved(network, pass, id);
            if is_first {
                witness.steps(parameter, direction);
            }
            let cause = match followed {
                Followed::Each => Cause::Step(parameter),
                Followed::Together(rates) => {
                    stack.scale(rates[parameter.0]);
                    Cause::Together
                }
            };
            sources.push(Source { causes: vec![cause], stack: Cow::Owned(stack) });
            if graph.uses(parameter).last() == Some(&id) {
                directions[parameter.0] = None;
            }
        }
        for (position, operand) in network.positions(id) {
            if let Some(Responses { causes, stack }) = &responses[operand.index()] {
                let stack = network.push(id, position, pass, stack);
                sources.push(Source { causes: causes.clone(), stack });
            }
        }
        let sum = sum(sources, &pass.values[id.index()].shape);
        if let Some(sum) = &sum {
            witness.responds(id, sum);
        }
        responses[id.index()] = sum;
        for done in &last_used[id.index()] {
            responses[done.index()] = None;
        }
    }
}

/// Responses that come to a node from one of its operands.
struct Source<'s, R: Real> {
    causes: Vec<Cause>,
    stack: Cow<'s, Tensor<R>>,
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
fn sum<R: Real>(mut sources: Vec<Source<'_, R>>, shape: &[usize]) -> Option<Responses<R>> {
    if sources.len() < 2 {
        let Source { causes, stack } = sources.pop()?;
        return Some(Responses { causes, stack: stack.into_owned() });
    }
    let mut causes: Vec<Cause> = sources.iter().flat_map(|source| source.causes.iter().copied()).collect();
    causes.sort_unstable();
    causes.dedup();
    let length: usize = shape.iter().product();
    let mut data: Vec<R> = Vec::with_capacity(causes.len() * length);
    for cause in &causes {
        let first = data.len();
        let parts = sources.iter().flat_map(Source::each).filter(|(other, _)| other == cause);
        for (number, (_, part)) in parts.enumerate() {
            if number == 0 {
                data.extend_from_slice(part);
            } else {
                add(&mut data[first..], part);
            }
        }
    }
    let stack = Tensor { shape: [&[causes.len()], shape].concat(), data };
    Some(Responses { causes, stack })
}

impl<R: Real> Source<'_, R> {
    fn each(&self) -> impl Iterator<Item = (Cause, &[R])> {
        self.causes.iter().copied().zip(self.stack.copies(self.causes.len()))
    }
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
        /// How many entries each parameter has.
        counts: Vec<usize>,
        directions: BTreeMap<ParameterId, Vec<f64>>,
        decreases: BTreeMap<ParameterId, f64>,
        responses: BTreeMap<(NodeId, ParameterId), Vec<f64>>,
    }

    impl Everything {
        fn of(network: &mut Network<'_, f64>) -> Self {
            let counts = network.graph.parameter_ids().map(|id| network.entries(id).len()).collect();
            Self { counts, ..Self::default() }
        }
    }

    impl Witness<f64> for Everything {
        fn steps(&mut self, id: ParameterId, direction: &Direction<f64>) {
            let entries = direction.entries(self.counts[id.0]);
            assert!(self.directions.insert(id, entries).is_none(), "a parameter steps once");
            self.decreases.insert(id, direction.decrease);
        }
        fn responds(&mut self, id: NodeId, responses: &Responses<f64>) {
            for (cause, response) in responses.each() {
                let Cause::Step(by) = cause else { panic!("each is followed") };
                self.responses.insert((id, by), response.to_vec());
            }
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
                    let mut seen = Everything::of(&mut network);
                    respond(plan, &network, &pass, Followed::Each, &mut seen);
                    for (id, direction) in &seen.directions {
                        let at = network.entries(*id).clone();
                        let size = 1e-6 / rms(direction).max(f64::MIN_POSITIVE);
                        let mut values = |size: f64| {
                            let moved = network.entries(*id);
                            moved.clone_from(&at);
                            moved.iter_mut().zip(direction).for_each(|(w, d)| *w -= size * d);
                            forward(&network)
                        };
                        let (above, below) = (values(size), values(-size));
                        network.entries(*id).clone_from(&at);
                        for node in graph.nodes() {
                            let pairs = above[node.index()].data.iter().zip(&below[node.index()].data);
                            let difference: Vec<f64> =
                                pairs.map(|(above, below)| (above - below) / (2.0 * size)).collect();
                            let zero = vec![0.0; difference.len()];
                            let response = seen.responses.get(&(node, *id)).unwrap_or(&zero);
                            let off: Vec<f64> =
                                response.iter().zip(&difference).map(|(a, b)| a - b).collect();
                            assert!(
                                rms(&off) <= TOLERANCE * (rms(&difference) + rms(direction)),
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
                with_network::<f64>(&graph, step, |plan, mut network| {
                    let pass = Pass::of(&network);
                    let mut seen = Everything::of(&mut network);
                    respond(plan, &network, &pass, Followed::Each, &mut seen);
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

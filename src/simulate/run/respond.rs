//! Responses: how every node moves, to first order, when each parameter takes its step. Forward-mode
//! derivatives, exact, for all parameters in one walk.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::network::Network;
use super::pass::Pass;
use super::response::{Cause, Responses};
use super::step::Direction;
use super::witness::Witness;
use crate::graph::{NodeId, ParameterId};
use crate::rule::Step;
use crate::simulate::array::{Real, Tensor, add, buffer};
use crate::simulate::plan::{Needs, Part, Plan, Region, Schedule};

/// Which responses are followed through the network.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Followed<'r> {
    /// Those to the step of each parameter, at learning rate 1.
    Each,
    /// Those to all steps together, at the learning rates of the parameters.
    Together(&'r [f64]),
}

/// Walks the network and shows every step and response to the witness.
pub(crate) fn respond<R: Real>(
    plan: &Plan<'_>,
    network: &Network<'_, R>,
    schedule: &Schedule,
    pass: &mut Pass<R>,
    followed: Followed<'_>,
    witness: &mut impl Witness<R>,
) {
    let mut walk = Walk { plan, followed, norms: BTreeMap::new(), responses: Vec::new() };
    walk.responses.resize_with(network.graph.nodes().len(), || None);
    for (part, done) in schedule.parts.iter().zip(&schedule.done) {
        match part {
            Part::Node(id) => {
                let sum = walk.at(network, pass, *id, witness);
                if let Some(sum) = &sum {
                    witness.responds(*id, sum);
                }
                walk.responses[id.index()] = sum;
            }
            Part::Region(number) => walk.through(network, &schedule.regions[*number], pass, witness),
        }
        for id in done {
            walk.responses[id.index()] = None;
        }
    }
}

/// How far responses have been followed.
struct Walk<'a, R: Real> {
    plan: &'a Plan<'a>,
    followed: Followed<'a>,
    /// The norms of gradients of which a slice alone does not know.
    norms: BTreeMap<ParameterId, f64>,
    responses: Vec<Option<Responses<R>>>,
}

impl<R: Real> Walk<'_, R> {
    /// The responses of a node, from those of its operands and the step of its parameter.
    fn at(
        &self,
        network: &Network<'_, R>,
        pass: &Pass<R>,
        id: NodeId,
        witness: &mut impl Witness<R>,
    ) -> Option<Responses<R>> {
        let graph = network.graph;
        let mut sources = Vec::new();
        if let Some(parameter) = graph.parameter_at(id).filter(|id| graph.parameter(*id).is_trained()) {
            let norm = self.norms.get(&parameter).copied();
            let mut direction = direction(network, pass, parameter, self.plan.step(parameter), norm);
            let mut stack = moved(&mut direction, network, pass, id);
            if graph.uses(parameter).first() == Some(&id) {
                witness.steps(parameter, &direction);
            }
            let cause = match self.followed {
                Followed::Each => Cause::Step(self.plan.parameter(parameter)),
                Followed::Together(rates) => {
                    stack.scale(rates[parameter.0]);
                    Cause::Together
                }
            };
            sources.push(Source { causes: vec![cause], stack: Cow::Owned(stack) });
        }
        for (position, operand) in network.positions(id) {
            if let Some(Responses { causes, stack }) = &self.responses[operand.index()] {
                let stack = network.push(id, position, &pass.values, pass.back[id.index()].as_ref(), stack);
                sources.push(Source { causes: causes.clone(), stack });
            }
        }
        sum(sources, &pass.values[id.index()].shape)
    }

    /// The responses of the nodes of a region, slice by slice, and the sums over slices at its exits.
    fn through(
        &mut self,
        network: &Network<'_, R>,
        region: &Region,
        pass: &mut Pass<R>,
        witness: &mut impl Witness<R>,
    ) {
        self.measure(network, region, pass);
        let mut sums: Vec<Option<Responses<R>>> = region.exits.iter().map(|_| None).collect();
        for slice in network.slices(region) {
            pass.slice(&slice, region);
            for id in &region.nodes {
                let found = self.at(&slice, pass, *id, witness);
                if let Some(found) = &found {
                    witness.responds(*id, found);
                }
                self.responses[id.index()] = found;
            }
            for (exit, sum) in region.exits.iter().zip(&mut sums) {
                match (&mut *sum, self.at(&slice, pass, *exit, witness)) {
                    (Some(sum), Some(part)) => sum.stack.add(&part.stack),
                    (None, part) => *sum = part,
                    (Some(_), None) => {}
                }
            }
        }
        for (exit, sum) in region.exits.iter().zip(sums) {
            if let Some(sum) = &sum {
                witness.responds(*exit, sum);
            }
            self.responses[exit.index()] = sum;
        }
        region.nodes.iter().for_each(|id| self.responses[id.index()] = None);
        pass.forget(region);
    }

    /// The norms of the gradients by which steps are divided: of all slices together.
    fn measure(&mut self, network: &Network<'_, R>, region: &Region, pass: &mut Pass<R>) {
        let parameters = region.parameters(network.graph);
        if !parameters.iter().any(|id| self.plan.step(*id).needs() == Needs::Norm) {
            return;
        }
        let mut squares: BTreeMap<ParameterId, f64> = BTreeMap::new();
        for slice in network.slices(region) {
            pass.slice(&slice, region);
            for id in &parameters {
                let direction = direction(&slice, pass, *id, Step::Gradient, None);
                *squares.entry(*id).or_default() += direction.square;
            }
        }
        self.norms.extend(squares.into_iter().map(|(id, square)| (id, square.sqrt())));
    }
}

/// The direction of a parameter. `norm` is that of the whole gradient, if the network has only a slice of the parameter.
fn direction<'p, R: Real>(
    network: &'p Network<'_, R>,
    pass: &'p Pass<R>,
    id: ParameterId,
    step: Step,
    norm: Option<f64>,
) -> Direction<'p, R> {
    match pass.factors(network, id) {
        Some(gradient) => Direction::of_gradient(gradient, step, norm, network.norm(id)),
        None => Direction::of_tensor(pass.gradient(network, id), step, norm, network.norm(id)),
    }
}

/// How a node that uses a parameter responds to its step, other operands held fixed: a stack of one.
fn moved<R: Real>(
    direction: &mut Direction<'_, R>,
    network: &Network<'_, R>,
    pass: &Pass<R>,
    node: NodeId,
) -> Tensor<R> {
    if let Some(moved) = direction.tensor() {
        return network.push(node, 0, &pass.values, pass.back[node.index()].as_ref(), &moved).into_owned();
    }
    let Some(applied) = network.applied(node) else {
        unreachable!("a weight that is used as one matrix is used by linear nodes")
    };
    direction.moved(applied, &pass.values[applied.operand.index()], &pass.values[node.index()].shape)
}

/// Responses that come to a node from one of its operands.
struct Source<'s, R: Real> {
    causes: Vec<Cause>,
    stack: Cow<'s, Tensor<R>>,
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
    let mut data: Vec<R> = buffer::empty(causes.len() * length);
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
    use super::*;
    use crate::simulate::array::{dot, rms};
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
                    let mut pass = Pass::whole(&network);
                    let mut seen = Everything::of(&mut network);
                    let schedule = Schedule::new(&graph, Vec::new());
                    respond(plan, &network, &schedule, &mut pass, Followed::Each, &mut seen);
                    for (id, direction) in &seen.directions {
                        let at = network.entries(*id).clone();
                        let size = 1e-6 / rms(direction).max(f64::MIN_POSITIVE);
                        let mut values = |size: f64| {
                            let moved = network.entries(*id);
                            moved.clone_from(&at);
                            moved.iter_mut().zip(direction).for_each(|(w, d)| *w -= size * d);
                            Pass::whole(&network).values
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
            if let [only] = graph.outputs().collect::<Vec<_>>().as_slice() {
                assert!(cut_nodes.contains(only));
            }
            for (_, step) in Step::NAMES {
                with_network::<f64>(&graph, step, |plan, mut network| {
                    let mut pass = Pass::whole(&network);
                    let mut seen = Everything::of(&mut network);
                    let schedule = Schedule::new(&graph, Vec::new());
                    respond(plan, &network, &schedule, &mut pass, Followed::Each, &mut seen);
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

//! [`Trajectory`]: the exponents of every quantity before and after each of several steps (theory, section 12).

use std::collections::BTreeMap;

use super::backward::Learning;
use super::piece::Piece;
use super::power::Power;
use super::tensor::Tensor;
use super::under_way::{Chosen, Steps, Why};
use super::unknowns::Unknowns;
use crate::exact::{Exponent, Form, Unknown};
use crate::graph::{DimensionId, Graph, Hyperparameters, NodeId, ParameterId, Quantity, Start, Unrolled};
use crate::propagate::error::{PropagateError, known};
use crate::rule::{Optimizer, RuleBook};

/// The exponents of a training, step by step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trajectory {
    /// The exponents of the summands of each quantity, largest first; none of what is zero.
    exponents: BTreeMap<Quantity, Vec<Exponent>>,
    /// The form of the largest summand of each quantity, if hyperparameters are unknown.
    forms: BTreeMap<Quantity, Form>,
    /// The exponents of epsilon and weight decay of each parameter at the last step, where its optimizer has them.
    pub stabilisers: Vec<[Option<Exponent>; 2]>,
    /// After how many steps exponents are known: as many as were asked for, unless they end before.
    pub steps: usize,
    /// Where exponents end at the step after that, with the reason in words; nothing if they do not.
    pub ends: Option<TrajectoryEnd>,
}

/// Where exponents end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrajectoryEnd {
    /// The node.
    pub node: NodeId,
    /// Why, in words.
    pub says: String,
    /// What must be at most zero for exponents to go on, if hyperparameters are unknown; nothing where no form says it.
    pub form: Option<Form>,
}

/// Summands kept of one magnitude: those far below the largest are never seen.
const MOST_SUMMANDS: usize = 6;

/// Layers of a repeat that are written out where their number does not grow: in every further one the same happens.
const LAYERS: usize = 2;

impl Trajectory {
    /// The exponent of a quantity; nothing of one that is zero or not known.
    #[must_use]
    pub fn of(&self, quantity: Quantity) -> Option<&Exponent> {
        self.exponents.get(&quantity)?.first()
    }

    /// The exponents of the summands of a quantity, largest first.
    #[must_use]
    pub fn summands(&self, quantity: Quantity) -> &[Exponent] {
        self.exponents.get(&quantity).map_or(&[], Vec::as_slice)
    }

    /// The quantity whose exponent is that of this one: itself after steps that were predicted; of later ones, if exponents have
    /// settled, that after the last. Nothing beyond.
    #[must_use]
    pub fn known(&self, quantity: Quantity) -> Option<Quantity> {
        if quantity.step() <= self.steps {
            return Some(quantity);
        }
        self.settled().map(|settled| quantity.after(settled))
    }

    /// The linear form in the unknown hyperparameters that a quantity is around the point.
    #[must_use]
    pub fn form(&self, quantity: Quantity) -> Option<&Form> {
        self.forms.get(&quantity)
    }

    /// Every quantity that is not zero, in order.
    pub fn quantities(&self) -> impl Iterator<Item = Quantity> + '_ {
        self.exponents.keys().copied()
    }

    /// The exponents after so many steps, as if they were those before the first.
    fn at(&self, step: usize) -> BTreeMap<Quantity, &Exponent> {
        let of_step = self.exponents.iter().filter(|(quantity, _)| quantity.step() == step);
        of_step.filter_map(|(quantity, all)| Some((quantity.after(0), all.first()?))).collect()
    }

    /// The first number of steps after which one step more changes no exponent; nothing if there is none among those that are
    /// known.
    #[must_use]
    pub fn settled(&self) -> Option<usize> {
        if self.ends.is_some() {
            return None;
        }
        let last = self.at(self.steps);
        let same = |step: &usize| self.at(*step) == last;
        (0..self.steps).rev().take_while(same).last()
    }
}

/// The exponents of a network over so many steps, at given hyperparameters and along one direction of growth.
///
/// # Errors
/// If layers grow in number that are no stack on a stream of sums, see [`Graph::is_beside`], or a rule is missing.
pub fn trajectory(
    graph: &Graph,
    book: &RuleBook,
    optimizer: &Optimizer,
    growth: &BTreeMap<DimensionId, Exponent>,
    hyperparameters: &Hyperparameters,
    steps: usize,
) -> Result<Trajectory, PropagateError> {
    let chosen = |written: &Unrolled| {
        let init = |w: ParameterId| hyperparameters.init(w).clone();
        let lr = |w: ParameterId| hyperparameters.lr(w).clone();
        chosen(written, init, lr, hyperparameters.multiplier.clone())
    };
    trained(graph, book, optimizer, growth, chosen, steps)
}

/// The same at a point, with the linear form that each exponent is around it.
///
/// # Errors
/// As [`trajectory`].
pub fn trajectory_of_forms(
    graph: &Graph,
    book: &RuleBook,
    optimizer: &Optimizer,
    growth: &BTreeMap<DimensionId, Exponent>,
    (unknowns, point): (&Unknowns, &[Exponent]),
    steps: usize,
) -> Result<Trajectory, PropagateError> {
    let at = |unknown: Unknown| {
        Piece::unknown(unknown, point.get(unknown.0 as usize).cloned().unwrap_or_default())
    };
    let known = |unknown: Option<Unknown>| unknown.map_or_else(Piece::zero, at);
    let chosen = |written: &Unrolled| {
        let multiplier = graph.multiplier_ids().map(|id| at(unknowns.multiplier(id))).collect();
        chosen(written, |w| known(unknowns.init(w)), |w| known(unknowns.lr(w)), multiplier)
    };
    trained(graph, book, optimizer, growth, chosen, steps)
}

fn trained<P: Power>(
    graph: &Graph,
    book: &RuleBook,
    optimizer: &Optimizer,
    growth: &BTreeMap<DimensionId, Exponent>,
    chosen: impl Fn(&Unrolled) -> Chosen<P>,
    steps: usize,
) -> Result<Trajectory, PropagateError> {
    let grows = |dimension: &DimensionId| growth.get(dimension).is_some_and(|power| !power.is_zero());
    for id in graph.repeat_ids().filter(|id| grows(&graph.repeat(*id).dimension)) {
        if !graph.is_beside(id) {
            let dimension = graph.dimension(graph.repeat(id).dimension).name.clone();
            return Err(PropagateError::LaterDepth { dimension });
        }
    }
    let few = |dimension: DimensionId| graph.dimension(dimension).size.min(LAYERS);
    let written = graph.written_out(|dimension| (!grows(&dimension)).then(|| few(dimension)));
    let chosen = chosen(&written);
    let movers = optimizer.of_each(graph);
    let movers = written.parameters.iter().map(|origin| movers[origin.0]).collect();
    let size = |id: DimensionId| P::constant(growth.get(&id).cloned().unwrap_or_default());
    let sizes = graph.dimension_ids().map(size).collect();
    let network = &written.graph;
    let rule =
        |id: NodeId| network.node(id).op.rule_name().map(|name| known(book, network, id, name)).transpose();
    let rules = network.nodes().map(rule).collect::<Result<Vec<_>, _>>()?;
    Ok(Steps::new(&written, rules, movers, chosen, sizes).train(graph, &written, steps))
}

/// The hyperparameters of a network that is written out.
fn chosen<P: Power>(
    written: &Unrolled,
    init: impl Fn(ParameterId) -> P,
    lr: impl Fn(ParameterId) -> P,
    multiplier: Vec<P>,
) -> Chosen<P> {
    let graph = &written.graph;
    let origins = || graph.parameter_ids().zip(&written.parameters);
    let init = |(w, origin): (ParameterId, &ParameterId)| match graph.parameter(w).start {
        Start::Gaussian | Start::Constant | Start::Identity => Some(init(*origin)),
        Start::One => Some(P::zero()),
        Start::Zero => None,
    };
    let lr = |(w, origin): (ParameterId, &ParameterId)| graph.parameter(w).is_trained().then(|| lr(*origin));
    Chosen { init: origins().map(init).collect(), lr: origins().map(lr).collect(), multiplier }
}

impl<P: Power> Steps<'_, P> {
    fn train(mut self, graph: &Graph, written: &Unrolled, steps: usize) -> Trajectory {
        let mut seen = Seen::default();
        let mut ends = self.begin().err();
        let mut made = 0;
        while ends.is_none() {
            self.back();
            ends = self.refuse_explosion().err();
            if ends.is_some() {
                break;
            }
            self.look(written, &mut seen);
            if self.step == steps {
                break;
            }
            made = self.step;
            self.step += 1;
            ends = self.change().err();
        }
        let all = seen.powers.into_iter().map(|(quantity, powers)| (quantity, ordered(powers)));
        let all: Vec<(Quantity, Vec<P>)> = all.collect();
        let form =
            |(quantity, powers): &(Quantity, Vec<P>)| Some((*quantity, powers.first()?.form()?.clone()));
        let values = |powers: Vec<P>| powers.iter().map(|power| power.value().clone()).collect();
        let ends = ends.map(|ending| TrajectoryEnd {
            node: written.nodes[ending.node.index()],
            says: {
                let large = written.nodes[ending.large.index()];
                match ending.why {
                    Why::Saturated => {
                        let large = Quantity::forward(large).write(graph);
                        format!("saturated: {large} = {} is above 0", ending.excess.value())
                    }
                    Why::Uneven => {
                        let large = graph.node(large);
                        format!(
                            "uneven: layers make `{}` larger than it enters the first of them",
                            large.name
                        )
                    }
                    Why::Explodes(quantity) => {
                        let grown = quantity(large).write(graph);
                        format!("explodes: layers together make {grown} larger than it was, each time anew")
                    }
                }
            },
            form: ending.excess.form().cloned(),
        });
        Trajectory {
            forms: all.iter().filter_map(form).collect(),
            exponents: all.into_iter().map(|(quantity, powers)| (quantity, values(powers))).collect(),
            stabilisers: seen.stabilisers,
            steps: if ends.is_some() { made } else { self.step },
            ends,
        }
    }

    /// Makes the step of every parameter, and tells what is known before it.
    fn look(&mut self, written: &Unrolled, seen: &mut Seen<P>) {
        let learned = self.learn();
        let step = self.step;
        let parameters = written.parameters.iter().map(|origin| origin.0 + 1).max().unwrap_or(0);
        seen.stabilisers = vec![[None, None]; parameters];
        let mut tell = |quantity: Quantity, powers: Vec<P>| {
            if !powers.is_empty() {
                seen.powers.entry(quantity.after(step)).or_default().extend(powers);
            }
        };
        let powers = |tensor: &Tensor<P>| tensor.atoms().map(|(_, power)| power.clone()).collect();
        for (node, origin) in self.graph.nodes().zip(&written.nodes) {
            tell(Quantity::forward(*origin), powers(&self.value(node)));
            tell(Quantity::change(*origin), powers(&self.changes[node.index()]));
            tell(Quantity::backward(*origin), powers(&self.backward[node.index()]));
        }
        for (learning, origin) in learned.into_iter().zip(&written.parameters) {
            let Some(Learning { gradients, updates, contributions, stabilisers }) = learning else {
                continue;
            };
            seen.stabilisers[origin.0] = stabilisers.map(|power| power.map(|power| power.value().clone()));
            tell(Quantity::gradient(*origin), gradients);
            tell(Quantity::contribution(*origin), contributions);
            for (node, update) in updates {
                tell(Quantity::update_by(*origin, written.nodes[node.index()]), vec![update]);
            }
        }
    }
}

/// What was seen of a training.
struct Seen<P> {
    powers: BTreeMap<Quantity, Vec<P>>,
    stabilisers: Vec<[Option<Exponent>; 2]>,
}

impl<P> Default for Seen<P> {
    fn default() -> Self {
        Self { powers: BTreeMap::new(), stabilisers: Vec::new() }
    }
}

/// Different summands, the largest first.
fn ordered<P: Power>(mut all: Vec<P>) -> Vec<P> {
    all.sort_by(|one, other| other.order(one));
    all.dedup_by(|one, other| one.order(other).is_eq());
    all.truncate(MOST_SUMMANDS);
    all
}

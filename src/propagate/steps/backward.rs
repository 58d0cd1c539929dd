//! What comes back to every node, and what each parameter learns of it (theory, section 12).

use super::atom::{Made, Slot};
use super::map::Direction;
use super::power::{Power, evaluate, largest};
use super::tensor::Tensor;
use super::under_way::{Piece, Steps};
use crate::exact::Exponent;
use crate::graph::op::Zeros;
use crate::graph::{AxisId, Consumer, Kind, LossOp, NodeId, Op, ParameterId, Start};
use crate::rule::{Expression, Name};

/// What is known of one parameter at one step.
#[derive(Clone, Debug)]
pub(super) struct Learning<P> {
    /// The summands of its gradient.
    pub(super) gradients: Vec<P>,
    /// What its own step does at each node that uses it.
    pub(super) updates: Vec<(NodeId, P)>,
    /// The decrease of the loss that this causes, of each use.
    pub(super) contributions: Vec<P>,
    /// Epsilon and weight decay, where its optimizer has them.
    pub(super) stabilisers: [Option<P>; 2],
}

/// A use of a parameter: what it is used on and what comes back, neither of which is zero.
struct Use<P> {
    z: NodeId,
    x: Tensor<P>,
    b: Tensor<P>,
    /// Exponents of the rms of both.
    forward: P,
    backward: P,
    /// Exponent of the gradient.
    gradient: P,
    /// The densities of both.
    densities: [P; 2],
    /// The cosine of both over the features that share the parameter; nothing if none do.
    along: Option<P>,
    /// What rules take for the number of these features, which sum like its root: more than that where both are aligned.
    shared: P,
}

impl<P: Power> Use<P> {
    /// The gradient, for each pair of directions of what it is made of.
    fn summands(&self) -> impl Iterator<Item = P> + '_ {
        let rest = self.gradient.minus(&self.forward).minus(&self.backward);
        let pairs = self.x.atoms().flat_map(|(_, x)| self.b.atoms().map(move |(_, b)| x.plus(b)));
        pairs.map(move |pair| pair.plus(&rest))
    }
}

impl<P: Power> Steps<'_, P> {
    /// What comes back to all nodes.
    pub(super) fn back(&mut self) {
        for x in self.graph.nodes().rev() {
            let mut sum = match self.graph.loss_of(x).cloned() {
                Some(loss) => self.error(&loss),
                None => Tensor::zero(),
            };
            for consumer in self.graph.consumers(x) {
                let part = self.part(consumer);
                sum = sum.and(&self.seen_back(x, consumer.node, &part));
            }
            self.backward[x.index()] = sum;
        }
    }

    /// What comes back through one use.
    fn part(&mut self, Consumer { node: z, position }: Consumer) -> Tensor<P> {
        let b = self.backward[z.index()].clone();
        if b.is_zero() {
            return b;
        }
        match &self.graph.node(z).op {
            Op::Input(_) => Tensor::zero(),
            Op::Linear(op) => match self.direction(z, &op.einsum, true) {
                Some(way) => self.initial(&way, &b).and(&self.learned(&way, &b)),
                None => Tensor::zero(),
            },
            Op::Bilinear(_) | Op::Product(_) => {
                let Some(einsum) = self.graph.node(z).op.einsum().cloned() else { return Tensor::zero() };
                let other = self.operand(z, 1 - position);
                let meeting = self.meeting(z, &einsum, Slot::operand(position));
                self.meet(&meeting, &b, &other)
            }
            Op::Scale(_) => b.times(&self.multiplier(z)),
            Op::Activation(_) => self.through_activation(z, &b),
            Op::Norm(op) => {
                // Of zero, what it divides by is a small constant.
                let value = self.operand(z, position);
                let rms = self.centred(op.kind, &value).rms().unwrap_or_else(P::zero);
                self.centred(op.kind, &b).times(&P::zero().minus(&rms))
            }
            Op::Gain(_) => self.scaled_by_gain(z, &b).and(&self.gained(z, &b, true)),
            Op::Softmax(_) => {
                let shares = self.value(z);
                self.sloped(&b, &shares)
            }
            Op::Mean(op) => b.times(&P::zero().minus(&self.count(&op.over))),
            Op::Window(op) => self.folded(z, op.by, &b),
            Op::Rope(_) | Op::Bias(_) | Op::Add(_) | Op::Stream(_) => b,
        }
    }

    fn through_activation(&mut self, z: NodeId, b: &Tensor<P>) -> Tensor<P> {
        let value = self.operand(z, 0);
        match self.bend(z, &value) {
            Some(bend) => self.sloped(b, &bend.slope),
            // At zero a kink has no slope, and a smooth function a constant one.
            None if self.rules[z.index()].is_some_and(|rule| rule.is_dead_at_zero()) => Tensor::zero(),
            None => b.clone(),
        }
    }

    /// What comes back to an entry from all windows that it is in.
    fn folded(&mut self, z: NodeId, by: AxisId, b: &Tensor<P>) -> Tensor<P> {
        let window = self.count(&[by]);
        let dimension = self.graph.dimension_of(by);
        let is_sample = self.graph.kind_of(by) == Kind::Sample;
        let mut sum = Tensor::zero();
        let mut generic = None;
        let mut axes = Vec::new();
        for (atom, power) in b.atoms() {
            let held = self.atoms.axes(atom).to_vec();
            if is_sample || !held.contains(&dimension) {
                sum.add(atom, power.plus(&window));
                continue;
            }
            let size = power.plus(&window.times(&Exponent::HALF));
            generic = largest([generic, Some(size)].into_iter().flatten());
            axes.extend(held.into_iter().filter(|axis| *axis != dimension));
        }
        if let Some(generic) = generic {
            axes.sort_unstable();
            axes.dedup();
            let of = self.atoms.vector(b);
            let atom = self.atoms.atom(Made::Folded { node: z, of }, axes, P::zero());
            sum.add(atom, generic);
        }
        sum
    }

    /// The gradient of each parameter, what its step does, and the step itself, kept.
    pub(super) fn learn(&mut self) -> Vec<Option<Learning<P>>> {
        self.graph.parameter_ids().map(|w| self.learn_one(w)).collect()
    }

    fn learn_one(&mut self, w: ParameterId) -> Option<Learning<P>> {
        if !self.is_trained(w) {
            return None;
        }
        let uses: Vec<Use<P>> = self.graph.uses(w).into_iter().filter_map(|z| self.use_at(w, z)).collect();
        let gradient = largest(uses.iter().map(|used| used.gradient.clone()))?;
        let optimizer = self.optimizers[w.0];
        let gradients = uses.iter().flat_map(Use::summands).collect();
        let mut learning =
            Learning { gradients, updates: Vec::new(), contributions: Vec::new(), stabilisers: [None, None] };
        let size = self.size_now(w);
        let axes = &self.graph.parameter(w).axes;
        let copies = self.count(axes).minus(&self.of_a_layer(axes));
        for used in uses {
            let named = |name| self.named(w, &used, &gradient, size.as_ref(), name);
            // Each layer has a copy, and each copy its part.
            let part = evaluate(&optimizer.contribution, named);
            learning.contributions.extend(part.map(|part| part.plus(&copies)));
            let [epsilon, decay] = [&optimizer.epsilon, &optimizer.weight_decay]
                .map(|rule| rule.as_ref().and_then(|expression| evaluate(expression, named)));
            if learning.updates.is_empty() {
                learning.stabilisers = [epsilon, decay];
            }
            let Some(mut response) = evaluate(&optimizer.response, named) else { continue };
            // An update that forgets how large its gradient is forgets a use with a smaller one.
            let degree = coefficient(&optimizer.response, Name::BackwardY);
            let share = used.gradient.minus(&gradient);
            response.add_scaled(&(&Exponent::ONE - &degree), &share);
            self.keep(w, &used, &response);
            learning.updates.push((used.z, response));
        }
        Some(learning)
    }

    fn keep(&mut self, w: ParameterId, used: &Use<P>, response: &P) {
        let z = used.z;
        let einsum = self.graph.node(z).op.linear_einsum();
        let summed = einsum.map_or_else(P::zero, |einsum| self.count(&einsum.contracted()));
        let own = response.minus(&summed).minus(&used.forward).minus(&self.multiplier(z));
        let way = einsum.and_then(|einsum| self.direction(z, einsum, false));
        let out = way.map_or_else(Vec::new, Direction::into_out);
        let (mut b, x) = (used.b.direction(), used.x.direction());
        if let Some(along) = &used.along {
            // What is met along features that share the weight is what it is used on there, which has to do with what comes back as far
            // as both are aligned.
            let made = Made::Fresh { node: z, step: self.step, back: false };
            let axes = self.features(&self.graph.node(z).axes);
            let atom = self.atoms.atom(made, axes, P::zero());
            b = b.times(along).and(&Tensor::of(atom, P::zero()));
        }
        self.pieces[w.0].push(Piece { step: self.step, out, b, x, own });
    }

    fn use_at(&mut self, w: ParameterId, z: NodeId) -> Option<Use<P>> {
        let (x, b) = (self.used_on(z), self.backward[z.index()].clone());
        let (forward, backward) = (x.rms()?, b.rms()?);
        let axes = self.graph.shared_along(w, z);
        let along = self.features(&self.graph.only(Kind::Feature, &axes));
        let count = self.atoms.size(&along);
        let along = match count.value().is_zero() {
            true => None,
            false => self.atoms.inner(&x.direction(), &b.direction(), Some(&along)),
        };
        let twice = Exponent::integer(2);
        let shared = along.as_ref().map_or(count.clone(), |along| count.plus(along).times(&twice));
        let gradient = self.rules[z.index()]?.gradient.as_ref()?;
        let known = [
            (Name::ForwardX, forward.clone()),
            (Name::BackwardZ, backward.clone()),
            (Name::Multiplier, self.multiplier(z)),
            (Name::Shared, self.samples(&axes)),
            (Name::SharedFeature, shared.clone()),
        ];
        let of = |name| known.iter().find(|(held, _)| *held == name).map(|(_, power)| power.clone());
        let gradient = evaluate(gradient, of)?;
        let densities = [self.density(z), self.density_back(z)];
        Some(Use { z, x, b, forward, backward, gradient, densities, along, shared })
    }

    /// The rms of the entries of a parameter as it is now: its initial values, or what was learned.
    fn size_now(&self, w: ParameterId) -> Option<P> {
        let learned = self.pieces[w.0].iter().map(|piece| piece.own.clone());
        let initial = self.chosen.init[w.0].as_ref().map(|init| match self.graph.parameter(w).start {
            Start::Gaussian | Start::Constant | Start::One | Start::Zero => init.clone(),
            // One entry of each column is not zero.
            Start::Identity => init.minus(&self.count(&self.graph.matrix(w)[1]).times(&Exponent::HALF)),
        });
        largest(initial.into_iter().chain(learned))
    }

    /// What the names of an optimizer's rule stand for.
    fn named(&self, w: ParameterId, used: &Use<P>, gradient: &P, size: Option<&P>, name: Name) -> Option<P> {
        let Use { forward, backward, .. } = used;
        let half = |density: &P| density.times(&Exponent::HALF);
        let z = used.z;
        let einsum = self.graph.node(z).op.linear_einsum();
        match name {
            Name::ForwardX => Some(forward.clone()),
            Name::AbsoluteX => Some(forward.plus(&half(&used.densities[0]))),
            Name::BackwardY | Name::BackwardZ => Some(backward.clone()),
            Name::Gradient => Some(gradient.clone()),
            Name::AbsoluteGradient => {
                Some(gradient.plus(&half(&used.densities[0])).plus(&half(&used.densities[1])))
            }
            Name::LearningRate => self.chosen.lr[w.0].clone(),
            Name::Init => size.cloned(),
            Name::Multiplier => Some(self.multiplier(z)),
            Name::Contracted => Some(einsum.map_or_else(P::zero, |einsum| self.count(&einsum.contracted()))),
            Name::Produced => Some(einsum.map_or_else(
                || self.of_a_layer(&self.graph.parameter(w).axes),
                |einsum| self.of_a_layer(&einsum.produced()),
            )),
            Name::Entries => Some(self.of_a_layer(&self.graph.parameter(w).axes)),
            Name::Rows => Some(self.count(&self.graph.matrix(w)[0])),
            Name::Columns => Some(self.count(&self.graph.matrix(w)[1])),
            Name::Shared => Some(self.samples(&self.graph.shared_along(w, z))),
            Name::SharedFeature => Some(used.shared.clone()),
            // No rule of an optimizer speaks of these.
            Name::ForwardQ
            | Name::ForwardY
            | Name::ContractedFeature
            | Name::ContractedSample
            | Name::Over
            | Name::LackedFeature
            | Name::LackedSample
            | Name::Eigenvalue
            | Name::Rank
            | Name::FeaturesZ
            | Name::FeaturesX
            | Name::Sideways
            | Name::Share
            | Name::Update
            | Name::UpdateBy
            | Name::Contribution
            | Name::Layers
            | Name::LayersPerCopy
            | Name::Behind
            | Name::Copies
            | Name::Gain => None,
        }
    }

    /// The exponent of the fraction of entries that are not zero, of what a parameter at a node is used on.
    fn density(&self, z: NodeId) -> P {
        if self.graph.node(z).op.bias().is_some() {
            return P::zero();
        }
        let x = self.graph.operands(z)[0];
        match self.graph.node(x).op.one_hot() {
            Some(axis) => P::zero().minus(&self.count(&[axis])),
            None => P::zero(),
        }
    }

    /// That of what comes back: the error of a cross-entropy, of which one entry in V is large, up to the first dense map.
    fn density_back(&self, z: NodeId) -> P {
        let mut node = z;
        loop {
            if let Some(loss) = self.graph.loss_of(node) {
                let classes = &self.graph.only(Kind::Feature, &self.graph.node(node).axes);
                return match loss.op {
                    LossOp::CrossEntropy => P::zero().minus(&self.count(classes)),
                    LossOp::Mse => P::zero(),
                };
            }
            let [only] = self.graph.consumers(node)[..] else { return P::zero() };
            if self.graph.node(only.node).op.facts().zeros == Zeros::Lost {
                return P::zero();
            }
            node = only.node;
        }
    }
}

/// The coefficient of a name in a linear form; 0 in others.
fn coefficient(expression: &Expression, name: Name) -> Exponent {
    let Expression::Sum(sum) = expression else { return Exponent::ZERO };
    let term = sum.terms.iter().find(|(_, held)| *held == name);
    term.map_or(Exponent::ZERO, |(coefficient, _)| coefficient.clone())
}

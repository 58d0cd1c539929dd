//! Every node before the first step, and what it has changed by after each (theory, section 12).

use super::atom::{Made, ONES, Slot};
use super::power::{Power, evaluate_sum};
use super::tensor::Tensor;
use super::under_way::{StepEnding, Steps, When, Why};
use crate::exact::Exponent;
use crate::graph::op::NormKind;
use crate::graph::{AxisId, Kind, Loss, LossOp, NodeId, Op, Start};
use crate::rule::Name;

impl<P: Power> Steps<'_, P> {
    /// All nodes before the first step.
    pub(super) fn begin(&mut self) -> Result<(), StepEnding<P>> {
        self.walk()?;
        self.first = self.values.clone();
        Ok(())
    }

    /// All nodes with what parameters have learned so far, and what they have changed by since the first step.
    pub(super) fn change(&mut self) -> Result<(), StepEnding<P>> {
        self.walk()?;
        for z in self.graph.nodes() {
            self.changes[z.index()] = self.changed(z);
        }
        Ok(())
    }

    fn walk(&mut self) -> Result<(), StepEnding<P>> {
        for z in self.graph.nodes() {
            self.values[z.index()] = self.valued(z);
            self.condition(z)?;
        }
        self.condition_of_loss()
    }

    /// A node as its operands are now.
    fn valued(&mut self, z: NodeId) -> Tensor<P> {
        let operands = self.operands(z, When::Now);
        let Some(x) = operands.first().cloned() else { return self.data(z) };
        match &self.graph.node(z).op {
            Op::Input(_) => self.data(z),
            Op::Linear(op) => match self.direction(z, &op.einsum, false) {
                Some(way) => self.initial(&way, &x).and(&self.learned(&way, &x)),
                None => Tensor::zero(),
            },
            Op::Bilinear(_) | Op::Product(_) => self.product(z, &x, &operands[1]),
            Op::Scale(_) => x.times(&self.multiplier(z)),
            Op::Activation(_) => self.activated(z, &x),
            Op::Norm(op) => {
                // Of zero it is zero: a small constant is added to what it divides by.
                self.centred(op.kind, &x).direction()
            }
            Op::Softmax(_) => self.shares(z, &x).and(&Tensor::of(ONES, self.share(z))),
            Op::Gain(_) => self.scaled_by_gain(z, &x).and(&self.gained(z, &x, false)),
            Op::Mean(_) | Op::Rope(_) | Op::Stream(_) => x,
            Op::Window(op) => self.unfolded(z, op.by, &x),
            Op::Bias(_) => self.biased(z).and(&x).and(&self.learned_bias(z)),
            Op::Add(_) => operands.iter().fold(Tensor::zero(), |sum, operand| sum.and(operand)),
        }
    }

    fn changed(&mut self, z: NodeId) -> Tensor<P> {
        let changes = self.operands(z, When::Since);
        let Some(moved) = changes.first().cloned() else { return Tensor::zero() };
        match &self.graph.node(z).op {
            Op::Input(_) => Tensor::zero(),
            Op::Linear(op) => match self.direction(z, &op.einsum, false) {
                Some(way) => {
                    let x = self.operand(z, 0);
                    self.initial(&way, &moved).and(&self.learned(&way, &x))
                }
                None => Tensor::zero(),
            },
            Op::Bilinear(_) | Op::Product(_) => {
                let (q, before) = (self.operand(z, 1), self.operands(z, When::First));
                self.product(z, &moved, &q).and(&self.product(z, &before[0], &changes[1]))
            }
            Op::Scale(_) => moved.times(&self.multiplier(z)),
            Op::Activation(_) => self.activated_change(z, &moved),
            Op::Norm(op) => self.normed_change(z, op.kind, &moved),
            Op::Softmax(_) => self.shares(z, &moved),
            Op::Gain(_) => {
                let x = self.operand(z, 0);
                self.scaled_by_gain(z, &moved).and(&self.gained(z, &x, false))
            }
            Op::Bias(_) => moved.and(&self.learned_bias(z)),
            Op::Mean(_) | Op::Rope(_) | Op::Stream(_) => moved,
            Op::Window(op) => self.unfolded(z, op.by, &moved),
            Op::Add(_) => changes.iter().fold(Tensor::zero(), |sum, change| sum.and(change)),
        }
    }

    /// Dense data are of order 1; one-hot ones over V classes have rms V^-1/2.
    fn data(&mut self, z: NodeId) -> Tensor<P> {
        let node = self.graph.node(z);
        let axes = self.features(&node.axes);
        let size = match node.op.one_hot() {
            Some(axis) => self.count(&[axis]).times(&Exponent::ratio(-1, 2)),
            None => P::zero(),
        };
        let atom = self.atoms.atom(Made::Data(z), axes, P::zero());
        Tensor::of(atom, size)
    }

    pub(super) fn product(&mut self, z: NodeId, p: &Tensor<P>, q: &Tensor<P>) -> Tensor<P> {
        match self.graph.node(z).op.einsum().cloned() {
            Some(einsum) => {
                let meeting = self.meeting(z, &einsum, Slot::Result);
                self.meet(&meeting, p, q)
            }
            None => Tensor::zero(),
        }
    }

    /// The same numbers again; what came back through the window once is there again, place by place.
    fn unfolded(&mut self, z: NodeId, by: AxisId, x: &Tensor<P>) -> Tensor<P> {
        let half = self.features_of(&[by]).times(&Exponent::HALF);
        let mut windows = x.clone();
        for (atom, power) in x.atoms() {
            if let Made::Folded { node, of } = self.atoms.made(atom)
                && *node == z
            {
                windows.add_times(&power.minus(&half), self.atoms.direction(*of));
            }
        }
        windows
    }

    /// The exponent of the number of entries along features among axes.
    fn features_of(&self, axes: &[AxisId]) -> P {
        self.atoms.size(&self.features(axes))
    }

    fn activated(&mut self, z: NodeId, x: &Tensor<P>) -> Tensor<P> {
        let Some(bend) = self.bend(z, x) else { return self.at_zero(z) };
        let constant = bend.slope.share(ONES).cloned().unwrap_or_else(P::zero);
        let mut value = x.times(&constant);
        if let Some(mean) = bend.mean {
            value.add(ONES, mean);
        }
        value
    }

    /// `f(0)`.
    fn at_zero(&self, z: NodeId) -> Tensor<P> {
        match self.rules[z.index()] {
            Some(rule) if !rule.keeps_zero() => Tensor::of(ONES, P::zero()),
            _ => Tensor::zero(),
        }
    }

    /// `f(x_t) - f(x_0)`: the change times the slope, and what the bend adds.
    fn activated_change(&mut self, z: NodeId, moved: &Tensor<P>) -> Tensor<P> {
        let x = self.operand(z, 0);
        let Some(rms) = moved.rms() else { return Tensor::zero() };
        let Some(bend) = self.bend(z, &x) else { return Tensor::zero() };
        let mut change = self.sloped(moved, &bend.slope);
        // The second derivative, times the square of the change.
        if let (Some(mean), Some(whole)) = (bend.mean, x.rms()) {
            let square = rms.minus(&whole).times(&Exponent::integer(2));
            change.add(ONES, mean.plus(&square));
        }
        change
    }

    /// What a norm sees: a layer norm subtracts the mean.
    pub(super) fn centred(&self, kind: NormKind, x: &Tensor<P>) -> Tensor<P> {
        match kind {
            NormKind::Rms => x.clone(),
            NormKind::Layer => {
                let mut centred = Tensor::zero();
                let varies = x.atoms().filter(|(atom, _)| *atom != ONES);
                varies.for_each(|(atom, power)| centred.add(atom, power.clone()));
                centred
            }
        }
    }

    fn normed_change(&mut self, z: NodeId, kind: NormKind, moved: &Tensor<P>) -> Tensor<P> {
        let whole = self.operand(z, 0);
        let whole = self.centred(kind, &whole);
        let Some(rms) = whole.rms() else { return Tensor::zero() };
        let moved = self.centred(kind, moved).times(&P::zero().minus(&rms));
        let before = self.operands(z, When::First);
        let before = self.centred(kind, &before[0]).rms();
        // What was all of it is gone, once the change is larger.
        let is_gone = before.is_none_or(|before| before.order(&rms).is_lt());
        if is_gone { moved.and(&self.first[z.index()]) } else { moved }
    }

    /// `-|s|`.
    pub(super) fn share(&self, z: NodeId) -> P {
        P::zero().minus(&self.count(&self.graph.node(z).op.summed()))
    }

    /// Logits, or their change, as they are seen in shares.
    pub(super) fn shares(&self, z: NodeId, logits: &Tensor<P>) -> Tensor<P> {
        logits.times(&self.share(z))
    }

    /// The initial values of a bias.
    fn biased(&mut self, z: NodeId) -> Tensor<P> {
        let Some(w) = self.graph.parameter_at(z) else { return Tensor::zero() };
        let Some(init) = self.chosen.init[w.0].clone() else { return Tensor::zero() };
        if self.graph.parameter(w).start == Start::Constant {
            return Tensor::of(ONES, init);
        }
        let axes = self.features(&self.graph.parameter(w).axes);
        let of = self.atoms.vector(&Tensor::of(ONES, P::zero()));
        let atom = self.atoms.atom(Made::Map { parameter: w, out: Vec::new(), of }, axes, P::zero());
        Tensor::of(atom, init)
    }

    fn learned_bias(&self, z: NodeId) -> Tensor<P> {
        let Some(w) = self.graph.parameter_at(z) else { return Tensor::zero() };
        let mut learned = Tensor::zero();
        self.pieces[w.0].iter().for_each(|piece| learned.add_times(&piece.own, &piece.b));
        learned
    }

    /// What a gain made of a tensor at first, either way: the same, or nothing if it starts at zero.
    pub(super) fn scaled_by_gain(&self, z: NodeId, met: &Tensor<P>) -> Tensor<P> {
        let start = self.graph.parameter_at(z).and_then(|w| self.chosen.init[w.0].as_ref());
        start.map_or_else(Tensor::zero, |init| met.times(init))
    }

    /// What a gain has learned, on what it meets, forward or backward: `(b x) x_t` is along `b` as far as `x` and `x_t` agree.
    pub(super) fn gained(&mut self, z: NodeId, met: &Tensor<P>, back: bool) -> Tensor<P> {
        let mut learned = Tensor::zero();
        let (Some(w), Some(rms)) = (self.graph.parameter_at(z), met.rms()) else { return learned };
        let axes = self.features(&self.graph.node(z).axes);
        for piece in self.pieces[w.0].clone() {
            let (same, other) = if back { (&piece.b, &piece.x) } else { (&piece.x, &piece.b) };
            if let Some(kin) = self.atoms.kin(same, met) {
                learned.add_times(&piece.own.plus(&kin), other);
            }
            let made = Made::Fresh { node: z, step: piece.step, back };
            let atom = self.atoms.atom(made, axes.clone(), P::zero());
            learned.add(atom, piece.own.plus(&rms));
        }
        learned
    }

    /// What the rule of a node demands of its operand, as it is now.
    fn condition(&self, z: NodeId) -> Result<(), StepEnding<P>> {
        let Some(rule) = self.rules[z.index()] else { return Ok(()) };
        for sum in &rule.requires {
            let operand = self.graph.operands(z)[0];
            let forward = self.value(operand).rms();
            let value = evaluate_sum(sum, &|name| forward.clone().filter(|_| name == Name::ForwardX));
            if let Some(excess) = value.filter(|value| value.value().is_positive()) {
                return Err(StepEnding { node: z, large: operand, excess, why: Why::Saturated });
            }
        }
        Ok(())
    }

    /// Logits of a cross-entropy that grow have picked a class.
    fn condition_of_loss(&self) -> Result<(), StepEnding<P>> {
        let logits = self.graph.losses.iter().filter(|loss| loss.op == LossOp::CrossEntropy);
        for Loss { output, .. } in logits {
            let excess = self.value(*output).rms().filter(|power| power.value().is_positive());
            if let Some(excess) = excess {
                return Err(StepEnding { node: *output, large: *output, excess, why: Why::Saturated });
            }
        }
        Ok(())
    }

    /// The derivative of a loss by its output: the error, over the number of samples.
    pub(super) fn error(&mut self, loss: &Loss) -> Tensor<P> {
        let axes = &self.graph.node(loss.output).axes;
        let over = P::zero().minus(&self.samples(axes));
        let classes = self.count(&self.graph.only(Kind::Feature, axes));
        let target = Made::Data(loss.output);
        let features = self.features(axes);
        let target = self.atoms.atom(target, features, P::zero());
        let output = self.value(loss.output);
        match loss.op {
            LossOp::Mse => Tensor::of(target, over.clone()).and(&output.times(&over)),
            LossOp::CrossEntropy => {
                let even = over.minus(&classes);
                let one = over.minus(&classes.times(&Exponent::HALF));
                Tensor::of(target, one).and(&Tensor::of(ONES, even.clone())).and(&output.times(&even))
            }
        }
    }
}

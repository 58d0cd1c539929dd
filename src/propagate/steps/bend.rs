//! Elementwise functions: the mean of what they make, and how their slope varies with what enters (theory, section 12).

use super::atom::ONES;
use super::power::{Power, evaluate};
use super::tensor::Tensor;
use super::under_way::Steps;
use crate::exact::Exponent;
use crate::graph::NodeId;
use crate::rule::{Expression, Name, OpRule};

/// A function at an operand that is not zero.
pub(super) struct Bend<P> {
    /// Its mean over entries; nothing of one that is odd.
    pub(super) mean: Option<P>,
    /// Its slope, as a tensor: a constant, and a part that goes with the operand.
    pub(super) slope: Tensor<P>,
}

impl<P: Power> Steps<'_, P> {
    /// An activation at the value `x` of its operand.
    pub(super) fn bend(&mut self, z: NodeId, x: &Tensor<P>) -> Option<Bend<P>> {
        let rule = self.rules[z.index()]?;
        let rms = x.rms()?;
        let constant = says(&rule.backward, &rms)?;
        let mean = mean(rule, &rms);
        let mut slope = Tensor::of(ONES, constant);
        if let Some(mean) = &mean {
            slope.add_times(&mean.minus(&rms), &x.direction());
        }
        Some(Bend { mean, slope })
    }
}

/// The value of an expression in the operand alone, of nothing that comes back.
fn says<P: Power>(expression: &Expression, x: &P) -> Option<P> {
    let known = [(Name::ForwardX, x.clone()), (Name::BackwardZ, P::zero())];
    evaluate(expression, |name| known.iter().find(|(held, _)| *held == name).map(|(_, power)| power.clone()))
}

/// The mean over entries of `f(x)` for an `x` that is symmetric: none of an odd function, all of one that is homogeneous or far from
/// zero; a smooth one that vanishes at zero begins with its second derivative.
fn mean<P: Power>(rule: &OpRule, x: &P) -> Option<P> {
    if rule.is_odd() {
        return None;
    }
    let forward = says(&rule.forward, x)?;
    if rule.homogeneous || !rule.keeps_zero() {
        return Some(forward);
    }
    Some(forward.or_smaller(x.times(&Exponent::integer(2))))
}

//! What each operation asks of its node: the keys it reads, the axes it takes and gives.

mod context;
mod elementwise;
mod input;
mod maps;
mod multiplier;
mod norm;
mod over;
mod shared;

pub(super) use context::{Checked, Context};

use super::op_name::{Arity, OpName};
use crate::graph::op::NormKind;

/// Checks a node whose operands are checked. Every mistake is said; what depends on something unknown is not judged.
pub(super) fn check(mut context: Context) -> Checked {
    let Some(op) = context.node.op else {
        return Checked::default();
    };
    let fits = match op.arity() {
        Arity::None => true,
        Arity::One => context.operands.len() == 1,
        Arity::Two => context.operands.len() == 2,
        Arity::TwoOrMore => context.operands.len() >= 2,
    };
    if !fits {
        context.operands = vec![None; 2];
    }
    match op {
        OpName::Input => input::input(&mut context),
        OpName::Linear => maps::linear(&mut context),
        OpName::Bilinear => maps::bilinear(&mut context),
        OpName::Product => maps::product(&mut context),
        OpName::Scale => elementwise::scale(&mut context),
        OpName::Bias => elementwise::bias(&mut context),
        OpName::Add => elementwise::add(&mut context),
        OpName::Activation(name) => elementwise::activation(name, &context),
        OpName::LayerNorm => norm::norm(NormKind::Layer, &mut context),
        OpName::RmsNorm => norm::norm(NormKind::Rms, &mut context),
        OpName::Softmax => over::softmax(&mut context),
        OpName::Mean => over::mean(&mut context),
        OpName::Rope => over::rope(&mut context),
        OpName::Window => over::window(&mut context),
    }
}

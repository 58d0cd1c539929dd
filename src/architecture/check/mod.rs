//! What each operation asks of its node: the keys it reads, the axes it takes and gives.

mod elementwise;
mod input;
mod maps;
mod multiplier;
mod norm;
mod over;
mod shared;

use super::declaration::Declaration;
use super::op_name::{Arity, OpName};
use super::registry::Registry;
use super::space::Space;
use crate::document::Mistakes;
use crate::graph::op::NormKind;
use crate::graph::{AxisId, Op};

/// What is known of a node after its check.
#[derive(Clone, Debug, Default)]
pub(super) struct Checked {
    /// What computes it: one operation, or a norm with the gain and bias behind it. Nothing if something is wrong.
    pub(super) ops: Option<Vec<Op>>,
    /// Its axes, where they are known in spite of what is wrong: what uses the node is checked with them.
    pub(super) axes: Option<Vec<AxisId>>,
}

impl Checked {
    /// Something is wrong, but the axes are known.
    fn with_axes(axes: &[AxisId]) -> Self {
        Self { ops: None, axes: Some(axes.to_vec()) }
    }

    /// The node is right, or `op` is missing because it is not.
    fn new(op: Option<Op>, axes: &[AxisId]) -> Self {
        Self { ops: op.map(|op| vec![op]), axes: Some(axes.to_vec()) }
    }
}

/// What a check needs.
pub(super) struct Context<'c, 'a> {
    /// The node.
    pub(super) node: &'c Declaration<'a>,
    /// The axes of its operands, where they are known.
    pub(super) operands: Vec<Option<&'c [AxisId]>>,
    /// The dimensions and axes.
    pub(super) space: &'c Space,
    /// The parameters and multipliers so far.
    pub(super) registry: &'c mut Registry,
    /// What is wrong so far.
    pub(super) mistakes: &'c mut Mistakes<'a>,
}

impl Context<'_, '_> {
    /// The axes of operand `position`, where they are known.
    fn axes(&self, position: usize) -> Option<Vec<AxisId>> {
        self.operands.get(position).copied().flatten().map(<[AxisId]>::to_vec)
    }

    /// The name of operand `position` as written.
    fn operand_name(&self, position: usize) -> String {
        self.node.operands.get(position).map_or_else(String::new, |operand| operand.name.value.into())
    }
}

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

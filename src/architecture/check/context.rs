//! [`Context`] and [`Checked`]: what a check needs, and what it knows in the end.

use crate::architecture::declaration::Declaration;
use crate::architecture::registry::Registry;
use crate::architecture::space::Space;
use crate::document::Mistakes;
use crate::graph::{AxisId, Op};

/// What is known of a node after its check.
#[derive(Clone, Debug, Default)]
pub(in crate::architecture) struct Checked {
    /// What computes it: one operation, or a norm with the gain and bias behind it. Nothing if something is wrong.
    pub(in crate::architecture) ops: Option<Vec<Op>>,
    /// Its axes, where they are known in spite of what is wrong: what uses the node is checked with them.
    pub(in crate::architecture) axes: Option<Vec<AxisId>>,
}

impl Checked {
    /// Something is wrong, but the axes are known.
    pub(super) fn with_axes(axes: &[AxisId]) -> Self {
        Self { ops: None, axes: Some(axes.to_vec()) }
    }

    /// The node is right, or `op` is missing because it is not.
    pub(super) fn new(op: Option<Op>, axes: &[AxisId]) -> Self {
        Self { ops: op.map(|op| vec![op]), axes: Some(axes.to_vec()) }
    }
}

/// What a check needs.
pub(in crate::architecture) struct Context<'c, 'a> {
    /// The node.
    pub(in crate::architecture) node: &'c Declaration<'a>,
    /// The axes of its operands, where they are known.
    pub(in crate::architecture) operands: Vec<Option<&'c [AxisId]>>,
    /// The dimensions and axes.
    pub(in crate::architecture) space: &'c Space,
    /// The parameters and multipliers so far.
    pub(in crate::architecture) registry: &'c mut Registry,
    /// What is wrong so far.
    pub(in crate::architecture) mistakes: &'c mut Mistakes<'a>,
}

impl Context<'_, '_> {
    /// The axes of operand `position`, where they are known.
    pub(super) fn axes(&self, position: usize) -> Option<Vec<AxisId>> {
        self.operands.get(position).copied().flatten().map(<[AxisId]>::to_vec)
    }

    /// The name of operand `position` as written.
    pub(super) fn operand_name(&self, position: usize) -> String {
        self.node.operands.get(position).map_or_else(String::new, |operand| operand.name.value.into())
    }
}

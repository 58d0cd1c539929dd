//! The role of each node: what the file states, else what its operation and place say.

use super::declaration::{Declaration, Declarations};
use super::mistakes::Mistakes;
use super::op_name::OpName;
use crate::diagnostic::Diagnostic;
use crate::graph::Role;

/// The role of each declaration. A stated role wins over the default, but must make sense: an input is an input
/// and nothing else is, only a softmax gives probabilities, and the loss's node is the output.
pub(super) fn roles(
    declarations: &Declarations,
    output: Option<usize>,
    mistakes: &mut Mistakes,
) -> Vec<Role> {
    let mut enters_softmax = vec![false; declarations.nodes.len()];
    for node in declarations.nodes.iter().filter(|node| node.op == Some(OpName::Softmax)) {
        for operand in node.operands.iter().filter_map(|operand| operand.declaration) {
            if let Some(enters) = enters_softmax.get_mut(operand) {
                *enters = true;
            }
        }
    }
    let mut roles = Vec::with_capacity(declarations.nodes.len());
    for (position, (node, enters_softmax)) in declarations.nodes.iter().zip(enters_softmax).enumerate() {
        let is_output = output == Some(position);
        let default = match node.op {
            _ if is_output => Role::Output,
            Some(OpName::Input) => Role::Input,
            Some(OpName::Softmax) => Role::Probability,
            Some(_) | None if enters_softmax => Role::Logits,
            Some(_) | None => Role::Feature,
        };
        refuse_nonsense(node, default, mistakes);
        roles.push(node.role.as_ref().map_or(default, |(role, _)| *role));
    }
    roles
}

fn refuse_nonsense(node: &Declaration, default: Role, mistakes: &mut Mistakes) {
    let (Some((stated, span)), Some(op)) = (&node.role, node.op) else {
        return;
    };
    let what = &node.record.what;
    let problem = if default == Role::Output && *stated != Role::Output {
        Some((format!("{what} is the output of the loss, not `{}`", stated.name()), "output"))
    } else if op == OpName::Input && *stated != Role::Input && default == Role::Input {
        Some((format!("{what} is data, not `{}`", stated.name()), "input"))
    } else if op != OpName::Input && *stated == Role::Input {
        Some((format!("{what} is computed, so it is no input"), default.name()))
    } else if op != OpName::Softmax && *stated == Role::Probability {
        Some((format!("{what} is no softmax, so it is no probability"), default.name()))
    } else {
        None
    };
    if let Some((message, meant)) = problem {
        mistakes.add(
            span,
            Diagnostic::new("role-nonsense", message)
                .hint(format!("write `role = {meant:?}`, or leave it out")),
        );
    }
}

//! The role of each node: what the file states, else what its operation and place say.

use super::declaration::{Declaration, Declarations};
use super::op_name::OpName;
use crate::document::{Diagnostic, Mistakes};
use crate::graph::Role;

/// The role of each declaration. A stated role wins over the default, but must make sense: an input is an input
/// and nothing else is, only a softmax gives probabilities, and the loss's node is the output. What only a bias is added
/// to has the role of the sum: an output, a branch or logits before their bias are so already.
pub(super) fn roles(
    declarations: &Declarations,
    order: &[usize],
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
    let sums = sums(declarations);
    let mut roles = vec![Role::Feature; declarations.nodes.len()];
    // From the last node back, so that the role of a sum is known before that of its operand.
    for position in order.iter().rev().copied() {
        let Some(node) = declarations.nodes.get(position) else { continue };
        let default = match node.op {
            _ if output == Some(position) => Role::Output,
            Some(OpName::Input) => Role::Input,
            Some(OpName::Softmax) => Role::Probability,
            Some(_) | None if enters_softmax[position] => Role::Logits,
            Some(_) | None => Role::Feature,
        };
        refuse_nonsense(node, default, mistakes);
        roles[position] = match (&node.role, default, sums[position]) {
            (Some((stated, _)), ..) => *stated,
            (None, Role::Feature, Some(sum)) => roles[sum],
            (None, default, _) => default,
        };
    }
    roles
}

/// For each declaration the node that adds a bias to it, if nothing else uses it.
fn sums(declarations: &Declarations) -> Vec<Option<usize>> {
    let mut users = vec![Vec::new(); declarations.nodes.len()];
    for (user, node) in declarations.nodes.iter().enumerate() {
        node.operands
            .iter()
            .filter_map(|operand| operand.declaration)
            .for_each(|used| users[used].push(user));
    }
    let sum = |users: Vec<usize>| match users.as_slice() {
        [user] if declarations.nodes[*user].op == Some(OpName::Bias) => Some(*user),
        _ => None,
    };
    users.into_iter().map(sum).collect()
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

//! The role of each node: what the file states, else what its operation and place say.

use super::declaration::{Declaration, Declarations};
use super::op_name::OpName;
use super::repeat::DeclaredRepeat;
use crate::document::{Diagnostic, Mistakes};
use crate::graph::Role;
use crate::graph::op::Activation;

/// The role of each declaration. A stated role wins over the default, but must make sense: an input is an input
/// and nothing else is, only a softmax gives probabilities, and what a loss judges is an output.
///
/// Else a node that is alone passed on, through scalars, biases, rotations, has the role of what it becomes: an output, a branch
/// or logits before their bias are so already. What is added to a stream that goes on elsewhere is a branch; summands none of
/// which goes on elsewhere have the role of their sum.
pub(super) fn roles(
    declarations: &Declarations,
    order: &[usize],
    outputs: &[usize],
    repeats: &[DeclaredRepeat],
    mistakes: &mut Mistakes,
) -> Vec<Role> {
    let uses = Uses::of(declarations, outputs, repeats);
    let streams = uses.streams(order);
    let mut roles = vec![Role::Feature; declarations.nodes.len()];
    // From the last node back, so that the role of what a node becomes is known before its own.
    for position in order.iter().rev().copied() {
        let Some(node) = declarations.nodes.get(position) else { continue };
        let softmax = |user: &usize| declarations.nodes[*user].op == Some(OpName::Softmax);
        let default = match node.op {
            _ if outputs.contains(&position) => Role::Output,
            Some(OpName::Input) => Role::Input,
            Some(OpName::Softmax) => Role::Probability,
            Some(_) | None if uses.users[position].iter().any(softmax) => Role::Logits,
            Some(_) | None => Role::Feature,
        };
        refuse_nonsense(node, default, mistakes);
        roles[position] = match (&node.role, default) {
            (Some((stated, _)), _) => *stated,
            (None, Role::Feature) => uses.inherited(position, &streams, &roles),
            (None, default) => default,
        };
    }
    // Data, and what comes out of a softmax, stay what they are where they go on unchanged.
    for position in order.iter().copied() {
        let Some(node) = declarations.nodes.get(position).filter(|node| node.role.is_none()) else {
            continue;
        };
        let is_same = matches!(node.op, Some(OpName::Rope | OpName::Activation(Activation::IDENTITY)));
        let operand = node.operands.first().and_then(|operand| operand.declaration);
        if let (true, Role::Feature, Some(operand)) = (is_same, roles[position], operand)
            && matches!(roles[operand], Role::Input | Role::Probability)
        {
            roles[position] = roles[operand];
        }
    }
    roles
}

/// Which nodes use which.
struct Uses<'a> {
    declarations: &'a Declarations<'a>,
    /// The users of each node, one for each use.
    users: Vec<Vec<usize>>,
    /// Whether a node leaves a layer of a repeat, then the next layer uses it too; or whether a loss judges it.
    leaves: Vec<bool>,
}

impl<'a> Uses<'a> {
    fn of(declarations: &'a Declarations<'a>, outputs: &[usize], repeats: &[DeclaredRepeat]) -> Self {
        let mut users = vec![Vec::new(); declarations.nodes.len()];
        for (user, node) in declarations.nodes.iter().enumerate() {
            let operands = node.operands.iter().filter_map(|operand| operand.declaration);
            operands.for_each(|used| users[used].push(user));
        }
        let leaves =
            |at: usize| outputs.contains(&at) || repeats.iter().any(|repeat| repeat.stream_out == at);
        Self { declarations, leaves: (0..users.len()).map(leaves).collect(), users }
    }

    /// The one node that uses a node, once.
    fn only_user(&self, position: usize) -> Option<usize> {
        match self.users[position].as_slice() {
            [user] if !self.leaves[position] => Some(*user),
            _ => None,
        }
    }

    /// The role that a node without one of its own has from what it becomes.
    fn inherited(&self, position: usize, streams: &[bool], roles: &[Role]) -> Role {
        let Some(user) = self.only_user(position) else { return Role::Feature };
        match self.declarations.nodes[user].op {
            Some(OpName::Add) if streams[user] => Role::Branch,
            Some(OpName::Add | OpName::Bias | OpName::Scale | OpName::Rope) => roles[user],
            Some(OpName::Activation(Activation::IDENTITY)) => roles[user],
            _ => Role::Feature,
        }
    }

    /// Of each sum, whether it has a summand that goes on elsewhere, in it or in the sums that it is part of or consists of.
    fn streams(&self, order: &[usize]) -> Vec<bool> {
        let mut streams = vec![false; self.users.len()];
        for sum in order.iter().copied().filter(|position| self.is_sum(*position)) {
            let operands = self.declarations.nodes[sum].operands.iter();
            let goes_on = |x: usize| self.only_user(x).is_none() || streams[x];
            streams[sum] = operands.filter_map(|operand| operand.declaration).any(goes_on);
        }
        for sum in order.iter().rev().copied().filter(|position| self.is_sum(*position)) {
            if let Some(root) = self.only_user(sum).filter(|user| self.is_sum(*user)) {
                streams[sum] = streams[root];
            }
        }
        streams
    }

    fn is_sum(&self, position: usize) -> bool {
        self.declarations.nodes[position].op == Some(OpName::Add)
    }
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

//! [`Declaration`]: a `[[node]]` of the file: its name, operation, operands and role.

use crate::document::{Mistakes, Record, Text, Wanted, quote, shorten};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::op_name::{Arity, OpName};
use crate::document::Diagnostic;
use crate::graph::Role;

/// Most nodes of one file.
const MOST_NODES: usize = 10_000;

/// A node as the file declares it. What cannot be read is absent, and its mistake is already said.
pub(super) struct Declaration<'a> {
    /// Its table, called ``node `x` `` in messages.
    pub(super) record: Record<'a>,
    /// Its name as written; a bad one is a mistake, but known by it.
    pub(super) name: Option<Text<'a>>,
    /// What computes it.
    pub(super) op: Option<OpName<'a>>,
    /// The positions of its operands among the declarations; nothing for one that is not declared.
    pub(super) operands: Vec<Operand<'a>>,
    /// The role it states.
    pub(super) role: Option<(Role, Range<usize>)>,
}

/// A use of a node by another.
pub(super) struct Operand<'a> {
    /// Its name as written.
    pub(super) name: Text<'a>,
    /// Its position among the declarations, if it is declared.
    pub(super) declaration: Option<usize>,
}

/// Every node of the file, in its order.
pub(super) struct Declarations<'a> {
    /// The nodes.
    pub(super) nodes: Vec<Declaration<'a>>,
    /// The position of each name.
    positions: BTreeMap<&'a str, usize>,
    /// Whether every name and operand was read: only then does the absence of a use mean anything.
    pub(super) complete: bool,
    /// Whether every node has a name: a name that no node has may be meant for one that has none.
    all_named: bool,
}

impl<'a> Declarations<'a> {
    /// Reads every `[[node]]`, whatever their order: an operand may be declared below its use.
    pub(super) fn read(file: &Record<'a>, activations: &[&str], mistakes: &mut Mistakes<'a>) -> Self {
        let mut records = file.tables("node", "a node", mistakes);
        if records.as_ref().is_some_and(Vec::is_empty) {
            file.missing("node", Wanted::Tables, mistakes);
        }
        if let Some(records) = &mut records
            && let Some(record) = records.get(MOST_NODES)
        {
            let message = format!("the file declares {} nodes", records.len());
            mistakes.add(
                &record.span,
                Diagnostic::new("too-many-nodes", message).hint(format!("declare at most {MOST_NODES}")),
            );
            records.truncate(MOST_NODES);
        }
        let mut complete = records.is_some();
        let mut positions: BTreeMap<&'a str, usize> = BTreeMap::new();
        let mut nodes: Vec<Declaration<'a>> = Vec::new();
        for mut record in records.unwrap_or_default() {
            let name = record.required_text("name", mistakes);
            if let Some(name) = &name {
                record.what = format!("node {}", quote(name.value));
                record.span = name.span.clone();
                name.refuse_bad_name(mistakes);
                if let Some(first) = positions.get(name.value).and_then(|first| nodes.get(*first)) {
                    let twice = declared_twice(name.value, first, mistakes);
                    mistakes.add(&name.span, twice);
                    complete = false;
                } else {
                    positions.insert(name.value, nodes.len());
                }
            }
            complete &= name.is_some();
            let op = read_op(&record, activations, mistakes);
            let operands =
                if op == Some(OpName::Input) { Some(Vec::new()) } else { read_operands(&record, mistakes) };
            complete &= operands.is_some();
            let operands = operands.unwrap_or_default();
            if let Some(op) = op {
                check_operands(&record, op.arity(), &operands, mistakes);
            }
            let operands = operands.into_iter().map(|name| Operand { name, declaration: None }).collect();
            let role = read_role(&record, mistakes);
            nodes.push(Declaration { record, name, op, operands, role });
        }
        let all_named = !nodes.is_empty() && nodes.iter().all(|node| node.name.is_some());
        let mut declarations = Self { nodes: Vec::new(), positions, complete, all_named };
        for operand in nodes.iter_mut().flat_map(|node| &mut node.operands) {
            operand.declaration = declarations.find(&operand.name, mistakes);
            declarations.complete &= operand.declaration.is_some();
        }
        declarations.nodes = nodes;
        declarations
    }
}

impl Declarations<'_> {
    /// The position of the node of that name; an unknown one is a mistake.
    pub(super) fn find(&self, name: &Text, mistakes: &mut Mistakes) -> Option<usize> {
        let position = self.positions.get(name.value).copied();
        if position.is_none() && self.all_named {
            let hint = mistakes.suggest(name.value, self.positions.keys().copied(), || {
                format!("declare it with `[[node]]` and `name = {:?}`", shorten(name.value))
            });
            mistakes.add(
                &name.span,
                Diagnostic::new("unknown-node", format!("no node is called {}", quote(name.value)))
                    .hint(hint),
            );
        }
        position
    }

    /// The first node that uses the one at `position`.
    pub(super) fn user_of(&self, position: usize) -> Option<&Declaration<'_>> {
        let uses = |operand: &Operand| operand.declaration == Some(position);
        self.nodes.iter().find(|node| node.operands.iter().any(uses))
    }

    /// Every character in a text of axes, right or wrong: a broken einsum still uses its axes.
    pub(super) fn letters(&self) -> BTreeSet<char> {
        let texts = self
            .nodes
            .iter()
            .flat_map(|node| ["axes", "einsum", "over", "positions", "by"].map(|key| node.record.item(key)));
        texts.flatten().filter_map(|(item, _)| item.as_str()).flat_map(str::chars).collect()
    }
}

fn declared_twice(name: &str, first: &Declaration, mistakes: &Mistakes) -> Diagnostic {
    let line = mistakes.line(first.record.span.start);
    Diagnostic::new("duplicate-node", format!("node {} is declared twice", quote(name)))
        .note(format!("the first stands on line {line}"))
        .hint(format!("rename one, like `{}_2`", shorten(name)))
}

fn read_op<'a>(record: &Record<'a>, activations: &[&str], mistakes: &mut Mistakes<'a>) -> Option<OpName<'a>> {
    let text = record.required_text("op", mistakes)?;
    let Some(op) = OpName::find(text.value, activations) else {
        let unknown = Diagnostic::new("unknown-op", format!("unknown operation {}", quote(text.value)));
        let unknown = match OpName::elsewhere(text.value) {
            Some((why, hint)) => unknown.note(why).hint(hint),
            None => unknown.hint(OpName::suggest(text.value, activations, mistakes)),
        };
        mistakes.add(&text.span, unknown);
        return None;
    };
    let mut known = op.all_keys();
    // The other spelling of the operands has a message of its own.
    if let Some(other) = op.arity().other()
        && record.has(other.name)
    {
        known.push(other);
    }
    record.refuse_unknown(known, mistakes);
    Some(op)
}

/// The operands under `input` or `inputs`, whichever stands there; nothing if they cannot be read.
fn read_operands<'a>(record: &Record<'a>, mistakes: &mut Mistakes<'a>) -> Option<Vec<Text<'a>>> {
    match (record.has("input"), record.has("inputs")) {
        (true, false) => record.text("input", mistakes).map(|operand| vec![operand]),
        (false, true) => record.texts("inputs", mistakes),
        (false, false) | (true, true) => None,
    }
}

/// Refuses operands under the wrong key, missing ones, and the wrong number.
fn check_operands(record: &Record, arity: Arity, operands: &[Text], mistakes: &mut Mistakes) {
    let (key, other, wanted, example, right) = match arity {
        Arity::None => return,
        Arity::One => ("input", "inputs", Wanted::Text, "input = \"x\"", true),
        Arity::Two => ("inputs", "input", Wanted::Texts, "inputs = [\"p\", \"q\"]", operands.len() == 2),
        Arity::TwoOrMore => {
            ("inputs", "input", Wanted::Texts, "inputs = [\"x\", \"y\"]", operands.len() >= 2)
        }
    };
    if let Some(span) = record.key_span(other) {
        let message = format!("{} takes `{key}`, not `{other}`", record.what);
        mistakes.add(&span, Diagnostic::new("operand-key", message).hint(format!("write `{example}`")));
    } else if !record.has(key) {
        record.missing(key, wanted, mistakes);
    } else if !right && let Some((item, span)) = record.item(key).filter(|(item, _)| item.is_array()) {
        let wanted = if arity == Arity::Two { "two operands" } else { "two or more operands" };
        let written = item.as_array().map_or(0, toml_edit::Array::len);
        if written == operands.len() {
            let message = format!("{} takes {wanted}, not {written}", record.what);
            mistakes.add(&span, Diagnostic::new("operand-count", message).hint(format!("write `{example}`")));
        }
    }
}

fn read_role(record: &Record, mistakes: &mut Mistakes) -> Option<(Role, Range<usize>)> {
    let text = record.text("role", mistakes)?;
    let role = Role::NAMES.iter().find(|(name, _)| *name == text.value);
    if role.is_none() {
        let names = Role::NAMES.map(|(name, _)| name);
        let hint = mistakes.suggest(text.value, names, || {
            "roles are `feature`, `logits`, `probability`, `branch` and `output`".into()
        });
        mistakes.add(
            &text.span,
            Diagnostic::new("unknown-role", format!("unknown role {}", quote(text.value))).hint(hint),
        );
    }
    role.map(|(_, role)| (*role, text.span))
}

//! `shared` of a repeat: the parameters that all passes through its block have in common, as in a universal transformer.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::document::{Diagnostic, Key, Mistakes, Record, Value, Wanted, quote};
use crate::graph::{Graph, ParameterId, RepeatId};

/// The key of a repeat.
pub(super) const SHARED: Key = Key::optional(
    "shared",
    Value::Plain(Wanted::TruthOrTexts),
    "the parameters that all layers have in common, or `true` for all; none if absent",
    "true",
);

/// What `shared` says, and where.
pub(super) struct SharedParameters {
    /// The names of those in the block that are meant.
    pub(super) names: BTreeSet<String>,
    /// The place of the key.
    pub(super) span: Range<usize>,
}

/// Reads `shared` of a repeat whose block has parameters of these names; nothing if it shares none.
pub(super) fn read(
    record: &Record,
    own: &BTreeSet<&str>,
    mistakes: &mut Mistakes,
) -> Option<SharedParameters> {
    let (item, _) = record.item("shared")?;
    let span = record.key_span("shared").unwrap_or_else(|| record.span.clone());
    if let Some(all) = item.as_bool() {
        let names = own.iter().map(|name| (*name).to_owned()).collect();
        return all.then_some(SharedParameters { names, span });
    }
    if !item.is_array() {
        record.wrong_type("shared", Wanted::TruthOrTexts, mistakes);
        return None;
    }
    let mut names = BTreeSet::new();
    for name in record.texts("shared", mistakes).unwrap_or_default() {
        if !own.contains(name.value) {
            let hint = mistakes.suggest(name.value, own.iter().copied(), || {
                "name parameters that nodes of the block use, or write `shared = true`".into()
            });
            let message = format!("the block has no parameter {}", quote(name.value));
            mistakes.add(&name.span, Diagnostic::new("shared-parameter", message).hint(hint));
        } else if !names.insert(name.value.to_owned()) {
            let message = format!("parameter {} is named twice", quote(name.value));
            mistakes.add(&name.span, Diagnostic::new("shared-parameter", message).hint("remove one"));
        }
    }
    (!names.is_empty()).then_some(SharedParameters { names, span })
}

/// What the rules do not cover: passes of a chain that share parameters, and a branch in which some are shared.
pub(super) fn untold(graph: &Graph, id: RepeatId, is_chain: bool) -> Option<Diagnostic> {
    let repeat = graph.repeat(id);
    let name = |w: &ParameterId| quote(&graph.parameter(*w).name);
    if let Some(shared) = repeat.shared.first().filter(|_| is_chain) {
        let message = format!("the layers of a chain share {}", name(shared));
        return Some(
            Diagnostic::new("repeat-shared", message)
                .note("its signals go like powers of one matrix, whose spectrum is not in the theory")
                .hint("add the block to a stream and write `residual = true`, or leave `shared` out"),
        );
    }
    graph.branches(id).into_iter().find_map(|branch| {
        let used: BTreeSet<ParameterId> =
            branch.into_iter().filter_map(|node| graph.parameter_at(node)).collect();
        let shared = used.iter().find(|w| repeat.shared.contains(w))?;
        let own = used.iter().find(|w| !repeat.shared.contains(w))?;
        let message = format!(
            "all layers share {}, but each has its own {}, which is in the same branch",
            name(shared),
            name(own)
        );
        Some(
            Diagnostic::new("repeat-shared", message)
                .note("how branches that are alike in part add up over layers is not in the theory")
                .hint(format!(
                    "share {} too, or neither: branches beside each other need not be alike",
                    name(own)
                )),
        )
    })
}

//! A rule by its name, or what there is.

use std::collections::BTreeMap;

use crate::document::{Diagnostic, nearest, quote};

/// The rule of this name.
pub(super) fn lookup<'a, T>(
    rules: &'a BTreeMap<String, T>,
    kind: &str,
    name: &str,
) -> Result<&'a T, Diagnostic> {
    rules.get(name).ok_or_else(|| {
        let unknown = Diagnostic::new("unknown-rule", format!("unknown {kind} {}", quote(name)));
        match nearest(name, rules.keys().map(String::as_str)) {
            Some(near) => unknown.hint(format!("did you mean `{near}`?")),
            None => unknown.hint(format!("known: {}", rules.keys().cloned().collect::<Vec<_>>().join(", "))),
        }
    })
}

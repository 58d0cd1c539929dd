//! What a part about one scaling is headed.

use crate::report::answer::dims::Entry;

/// The name of a scaling, with what people call it.
pub(super) fn heading(entry: &Entry<'_>) -> String {
    entry.called.as_ref().map_or_else(|| entry.name.clone(), |called| format!("{called}: {}", entry.name))
}

//! What a part about one scaling is headed.

use crate::derive::Surveyed;

/// The name of a scaling, with what people call it.
pub(super) fn heading(surveyed: &Surveyed) -> String {
    surveyed
        .called
        .as_ref()
        .map_or_else(|| surveyed.name.clone(), |called| format!("{called}: {}", surveyed.name))
}

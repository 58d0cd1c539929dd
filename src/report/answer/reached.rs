//! How far a measurement came that was to go on until every slope is known.

use crate::report::format::document::counted;
use crate::simulate::Until;
use crate::study::until::{Halt, Reached};

/// What is known, and what is not.
#[must_use]
pub fn note(reached: &Reached<'_>, until: Until) -> String {
    let Reached { experiment, open, because, .. } = reached;
    let half_width = until.half_width;
    let (seeds, sizes) =
        (counted(experiment.runs.seeds, "seed"), counted(experiment.runs.values.len() as u64, "size"));
    if open.is_empty() {
        return format!("every slope is known to ± {half_width}, from {seeds} at {sizes}");
    }
    let why = match because {
        Halt::Known => "",
        Halt::Exhausted => ", which more seeds or larger sizes do not mend",
        Halt::Over => ", since the time is up",
    };
    let names: Vec<String> = open.iter().map(|quantity| quantity.words(experiment.graph)).collect();
    format!("not known to ± {half_width} from {seeds} at {sizes}{why}: {}", names.join(", "))
}

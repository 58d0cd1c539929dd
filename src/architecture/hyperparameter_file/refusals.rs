//! What a parameter does not have: an init if it starts at something fixed, a learning rate if it is frozen.

use crate::document::{Diagnostic, Mistakes, Record, quote};
use crate::graph::{Graph, Start};

/// What only a trained parameter has: the section, the code of its mistake, and what it is called.
const OF_TRAINED: [(&str, &str, &str); 3] = [
    ("lr", "lr-of-frozen", "learning rate"),
    ("weight_decay", "weight-decay-of-frozen", "weight decay"),
    ("epsilon", "epsilon-of-frozen", "epsilon"),
];

/// Refuses what a section says by name of parameters that cannot have it.
pub(super) fn refuse(file: &Record, graph: &Graph, mistakes: &mut Mistakes) {
    for fixed in [INIT_OF_FIXED, MULTIPLIER_OF_FIXED] {
        fixed.refuse(file, graph, mistakes);
    }
    for (section, code, what) in OF_TRAINED {
        let Some(table) = file.item(section).and_then(|(item, _)| item.as_table_like()) else { continue };
        for (name, _) in table.iter() {
            if graph.find_parameter(name).is_some_and(|id| !graph.parameter(id).is_trained()) {
                let span =
                    table.key(name).and_then(toml_edit::Key::span).unwrap_or_else(|| file.span.clone());
                let message = format!("{} is frozen and has no {what}", quote(name));
                let frozen = Diagnostic::new(code, message);
                mistakes.add(&span, frozen.hint(format!("remove it from `[{section}]`")));
            }
        }
    }
}

/// What a parameter of fixed start cannot have.
struct OfFixed {
    section: &'static str,
    code: &'static str,
    why: &'static str,
}

const INIT_OF_FIXED: OfFixed = OfFixed { section: "init", code: "init-of-gain", why: "" };
const MULTIPLIER_OF_FIXED: OfFixed =
    OfFixed { section: "multiplier", code: "multiplier-of-gain", why: " and has no multiplier of its own" };

impl OfFixed {
    /// Refuses the gains, and the biases that start at zero, that a section names.
    fn refuse(&self, file: &Record, graph: &Graph, mistakes: &mut Mistakes) {
        let Self { section, code, why } = self;
        let Some(table) = file.item(section).and_then(|(item, _)| item.as_table_like()) else {
            return;
        };
        for (name, _) in table.iter() {
            let fixed = graph.find_parameter(name).and_then(|id| match graph.parameter(id).start {
                Start::Gaussian | Start::Constant | Start::Identity => None,
                Start::One => Some("the gain of a norm, which starts at one"),
                Start::Zero => Some("a parameter that starts at zero"),
            });
            let declared = *section == "multiplier" && graph.find_multiplier(name).is_some();
            if let (Some(what), false) = (fixed, declared) {
                let span =
                    table.key(name).and_then(toml_edit::Key::span).unwrap_or_else(|| file.span.clone());
                let message = format!("{} is {what}{why}", quote(name));
                let hint = format!("remove it from `[{section}]`");
                mistakes.add(&span, Diagnostic::new(code, message).hint(hint));
            }
        }
    }
}

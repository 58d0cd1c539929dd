//! [`Suited`]: whether the optimizer of a file has the weight decay and epsilon that it states.

use std::collections::BTreeSet;

use crate::document::{Diagnostic, Mistakes, Record, Text, quote};
use crate::graph::{Graph, ParameterId, Stabiliser};
use crate::rule::{Optimizer, RuleBook};

/// The optimizer of a file, by the rules.
pub(super) struct Suited<'b> {
    /// The rules with the optimizer's, if it has one; nothing if none is asked.
    known: Option<(&'b RuleBook, &'b Optimizer)>,
    /// Which parameters have which of both; of all if no rule is known.
    having: BTreeSet<(Stabiliser, ParameterId)>,
}

impl<'b> Suited<'b> {
    /// The optimizer of that name. That no rule describes it is a mistake, if rules are given.
    pub(super) fn read(
        name: &Text,
        graph: &Graph,
        book: Option<&'b RuleBook>,
        mistakes: &mut Mistakes,
    ) -> Self {
        let known = book.and_then(|book| match book.optimizer(name.value) {
            Ok(optimizer) => Some((book, optimizer)),
            Err(unknown) => {
                mistakes.add(&name.span, unknown);
                None
            }
        });
        let mut having = BTreeSet::new();
        let optimizers = known.map(|(_, optimizer)| optimizer.of_each(graph));
        for stabiliser in Stabiliser::ALL {
            let has = |id: &ParameterId| {
                let of = optimizers.as_ref().map(|optimizers| optimizers[id.0]);
                of.is_none_or(|optimizer| optimizer.expression(stabiliser.key()).is_some())
            };
            having.extend(graph.parameter_ids().filter(has).map(|id| (stabiliser, id)));
        }
        Self { known, having }
    }

    /// Whether the optimizer has it of a parameter; of every one if it has it of none, which is said once.
    pub(super) fn has(&self, stabiliser: Stabiliser, parameter: ParameterId) -> bool {
        self.having.contains(&(stabiliser, parameter)) || !self.has_any(stabiliser)
    }

    fn has_any(&self, stabiliser: Stabiliser) -> bool {
        self.having.iter().any(|(of, _)| *of == stabiliser)
    }

    /// Refuses the sections that the optimizer has nothing of, and names in them of parameters of which it has none.
    pub(super) fn refuse(&self, file: &Record, graph: &Graph, mistakes: &mut Mistakes) {
        let Some((book, optimizer)) = self.known else { return };
        let name = &optimizer.about.name;
        for stabiliser in Stabiliser::ALL {
            let (key, what) = (stabiliser.key(), stabiliser.words());
            let Some(section) = file.key_span(key) else { continue };
            if !self.has_any(stabiliser) {
                let others = book.optimizers.values().filter(|other| {
                    let mixed = other.mix.iter().flat_map(|mix| mix.classes.values());
                    mixed.chain([*other]).any(|part| part.expression(key).is_some())
                });
                let others: Vec<String> = others.map(|other| quote(&other.about.name)).collect();
                let without = Diagnostic::new("no-stabiliser", format!("{} has no {what}", quote(name)));
                let without = match others.as_slice() {
                    [] => without,
                    others => without.note(format!("optimizers with one are {}", others.join(", "))),
                };
                mistakes.add(&section, without.hint(format!("remove `[{key}]`, or name another optimizer")));
                continue;
            }
            let Some(table) = file.item(key).and_then(|(item, _)| item.as_table_like()) else { continue };
            let optimizers = optimizer.of_each(graph);
            for (parameter, _) in table.iter() {
                let Some(id) = graph.find_parameter(parameter) else { continue };
                if graph.parameter(id).is_trained() && !self.having.contains(&(stabiliser, id)) {
                    let span = table.key(parameter).and_then(toml_edit::Key::span);
                    let (mover, whose) = (&optimizers[id.0].about.name, quote(parameter));
                    let message = format!("{}, which moves {whose}, has no {what}", quote(mover));
                    let without = Diagnostic::new("no-stabiliser", message);
                    let hint = format!("remove {whose} from `[{key}]`");
                    mistakes.add(&span.unwrap_or_else(|| section.clone()), without.hint(hint));
                }
            }
        }
    }
}

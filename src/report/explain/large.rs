//! What is called large without growing: what that means for an answer, and what would be so without.

use crate::derive::Answer;
use crate::document::and;
use crate::exact::LARGE_NAME;
use crate::report::answer::derivation::Derived;
use crate::report::format::document::Block;
use crate::report::json::FixedObject;

/// What the powers of `large` are, and what would be so if what is called large were fixed as it is; nothing if nothing is.
pub(crate) fn if_fixed(answer: &Answer) -> Option<Block> {
    let fixed = answer.fixed.as_deref()?;
    let (graph, scaling) = (&answer.question.graph, &answer.question.scaling);
    let names = scaling.large.iter().map(|id| format!("`{}`", graph.dimension(*id).name));
    let names: Vec<String> = names.collect();
    let (do_not, are) = if names.len() == 1 { ("does not", "it is") } else { ("do not", "they are") };
    let short = Derived { answer: fixed }.in_short();
    let then = match (fixed.is_feasible(), answer.is_feasible()) {
        (true, true) if grows_alike(answer, fixed) => "the rule would be the same in n".into(),
        (true, _) => format!("the rule would be: {short}"),
        (false, true) => format!("it would be impossible: {short}"),
        (false, false) => "it would be impossible as well".into(),
    };
    Some(Block::Paragraph(format!(
        "{} {do_not} grow: the rule is what is left where {are} larger than every power of {}, and powers of `{LARGE_NAME}` are \
         constants, of base values; if nothing were called large, {then}",
        and(&names),
        scaling.variables.first().map_or("n", String::as_str),
    )))
}

/// The same for machines.
pub(crate) fn json(answer: &Answer) -> Option<FixedObject> {
    let fixed = answer.fixed.as_deref()?;
    Some(FixedObject {
        scaling: fixed.question.scaling.write(&fixed.question.graph),
        feasible: fixed.is_feasible(),
        alike: answer.is_feasible() && grows_alike(answer, fixed),
        says: Derived { answer: fixed }.in_short(),
    })
}

/// Whether two tables grow alike in the first scale variable.
fn grows_alike(answer: &Answer, other: &Answer) -> bool {
    let first = |of: &Answer| of.feasible().and_then(|table| table.hyperparameters().into_iter().next());
    first(answer) == first(other)
}

//! What the theory says, as data: `rules/*.toml`, checked on load, embedded, and overridable.

mod about;
mod alignment;
mod approximation;
mod book;
mod closed;
mod concession;
mod desiderata;
mod example;
mod expression;
mod lookup;
mod mix;
mod name;
mod noise;
mod notation;
mod op;
mod optimizer;
mod parameterization;
mod schema;

pub use about::About;
pub use alignment::{Alignment, Regime};
pub use approximation::{Approximated, Approximation};
pub(crate) use book::example_of_architecture;
pub use book::{ArchitectureRule, Folder, RuleBook};
pub use closed::{Function, Later, Step};
pub use concession::Concession;
pub use desiderata::{Class, Comparison, Desiderata, RequirementRule, Which};
pub use example::{DerivedExample, Example, ExampleAnswer, Expected};
pub use expression::{Expression, Sum};
pub use mix::Mix;
pub use name::Name;
pub use noise::{Noise, NoiseRule};
pub use notation::{DefinedWord, Notation};
pub use op::OpRule;
pub use optimizer::Optimizer;
pub use parameterization::Parameterization;
pub use schema::{AnswerSchema, SCHEMAS, schemas};

use std::ops::Range;

use crate::document::{Diagnostic, Mistakes, Record};

/// The expression under a key, which may speak only of the allowed names.
fn expression(
    file: &Record<'_>,
    key: &str,
    allowed: &[Name],
    mistakes: &mut Mistakes<'_>,
) -> Option<Expression> {
    let text = file.required_text(key, mistakes)?;
    match Expression::parse(text.value) {
        Ok(expression) => {
            check_names(&text.span, &expression, allowed, mistakes)?;
            Some(expression)
        }
        Err((at, diagnostic)) => {
            mistakes.add(&text.part(at), diagnostic);
            None
        }
    }
}

/// Reports names that have no meaning where the expression stands.
fn check_names(
    span: &Range<usize>,
    expression: &Expression,
    allowed: &[Name],
    mistakes: &mut Mistakes<'_>,
) -> Option<()> {
    let misplaced: Vec<Name> = expression.names().filter(|name| !allowed.contains(name)).collect();
    for name in &misplaced {
        let message = format!("`{}` has no meaning here", name.written());
        let known: Vec<&str> = allowed.iter().map(|name| name.written()).collect();
        let diagnostic = Diagnostic::new("misplaced-name", message);
        mistakes.add(span, diagnostic.hint(format!("names allowed here: {}", known.join(", "))));
    }
    misplaced.is_empty().then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_embedded_rule_is_well_formed() {
        let book = RuleBook::embedded().map_err(|errors| errors.to_string());
        assert_eq!(book.err(), None);
    }

    #[test]
    fn a_worked_example_of_an_expression_that_the_rule_lacks_is_a_mistake() {
        let mut book = RuleBook::embedded().unwrap();
        let mut source = book.texts[&(Folder::Ops, "relu".to_owned())].clone();
        source.text.push_str("gradient = \"0\"\n");
        let said = book.add(Folder::Ops, source).unwrap_err().to_string();
        assert!(said.starts_with("error[example]: the rule says nothing of `gradient`\n"), "{said}");
        assert!(said.ends_with("= hint: leave `gradient` out of the example"), "{said}");
    }
}

//! What the theory says, as data: `rules/*.toml`, checked on load, embedded, and overridable.

mod about;
mod book;
mod closed;
mod desiderata;
mod example;
mod expression;
mod name;
mod op;
mod optimizer;
mod parameterization;

pub use about::About;
pub use book::{ArchitectureRule, Folder, RuleBook};
pub use closed::{Function, Step};
pub use desiderata::{Class, Comparison, Desiderata, RequirementRule};
pub use example::{DerivedExample, Example, Outcome};
pub use expression::{Expression, Sum};
pub use name::Name;
pub use op::{OPS, OpRule};
pub use optimizer::Optimizer;
pub use parameterization::Parameterization;

use std::ops::Range;

use crate::diagnostic::Diagnostic;
use crate::document::{Mistakes, Record};

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
    fn every_worked_example_of_an_expression_holds() {
        let book = RuleBook::embedded().unwrap();
        let ops = book.ops.values().map(|rule| (&rule.about, &rule.examples, rule as &dyn Keyed));
        let optimizers =
            book.optimizers.values().map(|rule| (&rule.about, &rule.examples, rule as &dyn Keyed));
        let named =
            book.parameterizations.values().map(|rule| (&rule.about, &rule.examples, rule as &dyn Keyed));
        for (about, examples, rule) in ops.chain(optimizers).chain(named) {
            for example in examples {
                for (key, expected) in &example.expected {
                    let value = rule.keyed(key).and_then(|expression| example.value_of(expression));
                    assert_eq!(
                        value.as_ref(),
                        Some(expected),
                        "{}: {} of `{}`",
                        about.name,
                        key,
                        example.says
                    );
                }
            }
        }
    }

    trait Keyed {
        fn keyed(&self, key: &str) -> Option<&Expression>;
    }
    impl Keyed for OpRule {
        fn keyed(&self, key: &str) -> Option<&Expression> {
            self.expression(key)
        }
    }
    impl Keyed for Optimizer {
        fn keyed(&self, key: &str) -> Option<&Expression> {
            self.expression(key)
        }
    }
    impl Keyed for Parameterization {
        fn keyed(&self, key: &str) -> Option<&Expression> {
            self.expression(key)
        }
    }
}

//! Exponents as a file writes them: a table of fractions, one for each dimension.

use std::collections::BTreeMap;

use crate::document::{Diagnostic, Mistakes, Record, Text, Wanted, quote, shorten};
use crate::exact::{Exponent, ParseExponentError};
use crate::graph::DimensionId;

/// The exponents of one hyperparameter, by dimension; those that are not there are 0.
pub type Exponents = BTreeMap<DimensionId, Exponent>;

/// The table of exponents under a name. A bare exponent is the likely mistake: it does not say of which dimension.
pub(super) fn exponents_of<'a>(
    table: &Record<'a>,
    name: &Text,
    what: String,
    mistakes: &mut Mistakes,
) -> Option<Record<'a>> {
    let (item, span) = table.item(name.value)?;
    if item.is_str() || item.is_integer() || item.is_float() {
        let written = item.as_str().map_or_else(
            || mistakes.source().text.get(span.clone()).unwrap_or_default().to_owned(),
            str::to_owned,
        );
        let message = format!("{what} does not say in which dimension {} is the exponent", quote(&written));
        let hint = Wanted::Exponents.example(name.value);
        mistakes.add(&span, Diagnostic::new("no-dimension", message).hint(hint));
        return None;
    }
    table.table(name.value, Wanted::Exponents, what, mistakes)
}

/// A fraction in quotes, or a whole number. A decimal is refused with the fraction that it stands for.
pub(super) fn read_exponent(record: &Record, key: &str, mistakes: &mut Mistakes) -> Option<Exponent> {
    let (item, span) = record.item(key)?;
    let written = match item.as_str() {
        Some(text) => text.to_owned(),
        None if item.is_integer() || item.is_float() => {
            mistakes.source().text.get(span.clone()).unwrap_or_default().replace('_', "")
        }
        None => {
            record.wrong_type(key, Wanted::Exponent, mistakes);
            return None;
        }
    };
    let read = match item.as_integer() {
        Some(whole) => whole.to_string().parse::<Exponent>(),
        None => written.parse::<Exponent>(),
    };
    match read {
        Ok(exponent) => Some(exponent),
        Err(why) => {
            let message = format!("{} is not an exponent: {why}", quote(&written));
            let hint = match &why {
                ParseExponentError::Decimal(Some(meant)) => format!("write `{} = \"{meant}\"`", shorten(key)),
                ParseExponentError::Empty
                | ParseExponentError::Decimal(None)
                | ParseExponentError::ZeroDenominator
                | ParseExponentError::OutOfRange
                | ParseExponentError::NotANumber => why.hint(),
            };
            mistakes.add(&span, Diagnostic::new("bad-exponent", message).hint(hint));
            None
        }
    }
}

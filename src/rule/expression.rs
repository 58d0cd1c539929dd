//! [`Expression`]: the right side of a rule, a linear form over [`Name`]s, or the largest or smallest of several.

use std::fmt;
use std::ops::Range;

use super::name::Name;
use crate::document::{Diagnostic, nearest};
use crate::exact::Exponent;

/// Longest text of an expression, in bytes: the sum of many fractions has as many digits as all of them together.
const LONGEST: usize = 1000;

/// A linear form: coefficients times names, and a constant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// The summands in the order they are written, none with coefficient zero.
    pub terms: Vec<(Exponent, Name)>,
    /// The constant.
    pub constant: Exponent,
}

/// The right side of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expression {
    /// A linear form.
    Sum(Sum),
    /// `max(a, b)`: a sum of magnitudes.
    Max(Vec<Sum>),
    /// `min(a, b)`: of known sizes only.
    Min(Vec<Sum>),
}

impl Expression {
    /// The alternatives: one for a plain linear form.
    #[must_use]
    pub fn sums(&self) -> &[Sum] {
        match self {
            Self::Sum(sum) => std::slice::from_ref(sum),
            Self::Max(sums) | Self::Min(sums) => sums,
        }
    }

    /// Every name that occurs.
    pub fn names(&self) -> impl Iterator<Item = Name> + '_ {
        self.sums().iter().flat_map(|sum| sum.terms.iter().map(|(_, name)| *name))
    }

    /// The value where the names have the given exponents; nothing if one is not given.
    #[must_use]
    pub fn evaluate(&self, value: impl Fn(Name) -> Option<Exponent>) -> Option<Exponent> {
        let values: Option<Vec<Exponent>> = self.sums().iter().map(|sum| sum.evaluate(&value)).collect();
        match self {
            Self::Sum(_) | Self::Max(_) => values?.into_iter().max(),
            Self::Min(_) => values?.into_iter().min(),
        }
    }

    /// By how much the value moves if each name moves by so much; nothing if its alternatives move apart.
    #[must_use]
    pub fn moved(&self, by: impl Fn(Name) -> Exponent) -> Option<Exponent> {
        let mut moves = self.sums().iter().map(|sum| -> Exponent {
            sum.terms.iter().map(|(coefficient, name)| coefficient * &by(*name)).sum()
        });
        let first = moves.next()?;
        moves.all(|other| other == first).then_some(first)
    }

    /// Reads `lr + 2 multiplier - 1/2 |C|`, `max(forward(x), init(W))`, `min(R, N(z))`. On a mistake: the
    /// bytes of `text` that are wrong, and what is wrong with them.
    pub fn parse(text: &str) -> Result<Self, (Range<usize>, Diagnostic)> {
        if text.len() > LONGEST {
            let long = Diagnostic::new("expression", format!("an expression of more than {LONGEST} bytes"));
            return Err((0..text.len(), long.hint("a rule is a short linear form, like `lr + 1/2 |C|`")));
        }
        let trimmed = text.trim();
        let start = text.len() - text.trim_start().len();
        for (head, extremum) in [("max(", Self::Max as fn(_) -> _), ("min(", Self::Min)] {
            if let Some(inner) = trimmed.strip_prefix(head).and_then(|rest| rest.strip_suffix(')')) {
                let mut sums = Vec::new();
                for (at, part) in split_at_commas(inner) {
                    sums.push(Sum::parse(part, start + head.len() + at)?);
                }
                return Ok(extremum(sums));
            }
        }
        Ok(Self::Sum(Sum::parse(text, 0)?))
    }
}

/// The parts between commas outside parentheses and bars, each with the place where it starts.
fn split_at_commas(text: &str) -> Vec<(usize, &str)> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0_i32);
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push((start, &text[start..at]));
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push((start, &text[start..]));
    parts
}

impl Sum {
    fn evaluate(&self, value: &impl Fn(Name) -> Option<Exponent>) -> Option<Exponent> {
        let mut total = self.constant.clone();
        for (coefficient, name) in &self.terms {
            total += &(coefficient * &value(*name)?);
        }
        Some(total)
    }

    fn parse(text: &str, offset: usize) -> Result<Self, (Range<usize>, Diagnostic)> {
        let mut sum = Self::default();
        for (start, sign, part) in split_at_signs(text) {
            let span = offset + start..offset + start + part.len();
            let (coefficient, name) = read_term(part).map_err(|diagnostic| (span, diagnostic))?;
            let coefficient = if sign == '-' { -coefficient } else { coefficient };
            match name {
                None => sum.constant += &coefficient,
                Some(_) if coefficient.is_zero() => {}
                Some(name) => match sum.terms.iter_mut().find(|(_, held)| *held == name) {
                    Some((held, _)) => *held += &coefficient,
                    None => sum.terms.push((coefficient, name)),
                },
            }
        }
        sum.terms.retain(|(coefficient, _)| !coefficient.is_zero());
        Ok(sum)
    }
}

/// The terms between signs outside parentheses and bars, each with its place and sign.
fn split_at_signs(text: &str) -> Vec<(usize, char, &str)> {
    let (mut parts, mut start, mut sign) = (Vec::new(), 0, '+');
    let (mut depth, mut barred) = (0_i32, false);
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            '|' => barred = !barred,
            '+' | '-' if depth == 0 && !barred => {
                let part = &text[start..at];
                if !(parts.is_empty() && part.trim().is_empty()) {
                    parts.push((start, sign, part));
                }
                (start, sign) = (at + 1, c);
            }
            _ => {}
        }
    }
    parts.push((start, sign, &text[start..]));
    parts
}

/// `1/2 |C|`, `2 lr`, `lr`, `-1`.
fn read_term(text: &str) -> Result<(Exponent, Option<Name>), Diagnostic> {
    let text = text.trim();
    if text.is_empty() {
        let empty = Diagnostic::new("expression", "a term is missing");
        return Err(empty.hint("write a linear form, like `lr + 1/2 |C|`"));
    }
    let number_end = text.find(|c: char| !(c.is_ascii_digit() || "./ ".contains(c))).unwrap_or(text.len());
    let (number, name) = (text[..number_end].trim(), text[number_end..].trim_start_matches('*').trim());
    let coefficient = if number.is_empty() {
        Exponent::ONE
    } else {
        number.replace(' ', "").parse::<Exponent>().map_err(|error| {
            Diagnostic::new("expression", format!("`{number}` is not a coefficient: {error}"))
                .hint(error.hint())
        })?
    };
    if name.is_empty() {
        return Ok((coefficient, None));
    }
    match Name::read(name) {
        Some(name) => Ok((coefficient, Some(name))),
        None => {
            let unknown = Diagnostic::new("unknown-name", format!("unknown name `{name}`"));
            let written = Name::WRITTEN.iter().map(|(written, _)| *written);
            Err(match nearest(name, written.clone()) {
                Some(near) => unknown.hint(format!("did you mean `{near}`?")),
                None => unknown.hint(format!("known names: {}", written.collect::<Vec<_>>().join(", "))),
            })
        }
    }
}

impl std::ops::Neg for &Sum {
    type Output = Sum;

    fn neg(self) -> Sum {
        let terms = self.terms.iter().map(|(coefficient, name)| (-coefficient, *name)).collect();
        Sum { terms, constant: -&self.constant }
    }
}

impl Sum {
    /// The sum in words, each name written as so many summands.
    #[must_use]
    pub fn write(&self, written: impl Fn(Name) -> Vec<String>) -> String {
        let mut text = String::new();
        let mut push = |coefficient: &Exponent, name: &str| {
            text.push_str(match (text.is_empty(), coefficient.is_negative()) {
                (true, true) => "-",
                (true, false) => "",
                (false, true) => " - ",
                (false, false) => " + ",
            });
            let size = coefficient.abs();
            text.push_str(&match (size == Exponent::ONE, name) {
                (_, "") => size.to_string(),
                (true, _) => name.to_owned(),
                (false, _) => format!("{size} {name}"),
            });
        };
        for (coefficient, name) in &self.terms {
            written(*name).iter().for_each(|name| push(coefficient, name));
        }
        if !self.constant.is_zero() {
            push(&self.constant, "");
        }
        if text.is_empty() { "0".into() } else { text }
    }
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.write(|name| vec![name.written().into()]))
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |sums: &[Sum]| sums.iter().map(Sum::to_string).collect::<Vec<_>>().join(", ");
        match self {
            Self::Sum(sum) => write!(f, "{sum}"),
            Self::Max(sums) => write!(f, "max({})", joined(sums)),
            Self::Min(sums) => write!(f, "min({})", joined(sums)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_written_again() {
        let cases = [
            "lr + 2 multiplier + |C| + 2 forward(x) + |S| + backward(y)",
            "-|s|",
            "0",
            "max(forward(x), init(W))",
            "min(R, N(z))",
            "k + 2 forward(q) + |z - x sample|",
            "lr - gradient(W) - 1/2 |W|",
            "update(w, y)",
        ];
        for text in cases {
            assert_eq!(Expression::parse(text).map(|expression| expression.to_string()), Ok(text.into()));
        }
    }

    #[test]
    fn a_mistake_is_told_with_its_bytes() {
        let cases = [
            ("lr + 0.5 |C|", 4..12, "`0.5` is not a coefficient: exponents are fractions, not decimals"),
            ("max(lr, froward(x))", 7..18, "unknown name `froward(x)`"),
            ("lr + ", 4..5, "a term is missing"),
            ("", 0..0, "a term is missing"),
        ];
        for (text, span, message) in cases {
            let error = Expression::parse(text).map_err(|(span, diagnostic)| (span, diagnostic.message));
            assert_eq!(error, Err((span, message.into())), "{text}");
        }
    }
}

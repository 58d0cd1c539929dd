//! [`Approximation`]: where a rule is no exact limit, and how far off it was measured.

use super::about::said;
use crate::document::{Diagnostic, Key, Mistakes, Record, Value, Word, quote};
use crate::exact::Exponent;
use crate::graph::QuantityKind;

/// How far exponents were from a simulation where a rule is an approximation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approximation {
    /// Where.
    pub of: Approximated,
    /// What was measured: `gradient` or `backward`.
    pub quantity: QuantityKind,
    /// Measured slopes were no farther from told exponents.
    pub off: Exponent,
    /// In what, and at which sizes.
    pub measured: String,
    /// The command that measures it.
    pub command: String,
}

/// Where a limit is not exact, mostly since gradient independence fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Approximated {
    /// A parameter is used more than once.
    Tied,
    /// A size of the output grows, and the error contains the output.
    OutputSize,
    /// The rank of an adapter grows.
    AdapterRank,
    /// A chain of layers gets deeper, and is taken to be much wider than deep.
    WideChain,
    /// All layers of a repeat have a parameter in common.
    Looped,
}

impl Approximated {
    /// Every one with its name in rule files and answers.
    const NAMES: [(&'static str, Self); 5] = [
        ("tied", Self::Tied),
        ("output_size", Self::OutputSize),
        ("adapter_rank", Self::AdapterRank),
        ("wide_chain", Self::WideChain),
        ("looped", Self::Looped),
    ];

    /// Its name in rule files and answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Tied => "tied",
            Self::OutputSize => "output_size",
            Self::AdapterRank => "adapter_rank",
            Self::WideChain => "wide_chain",
            Self::Looped => "looped",
        }
    }

    fn words() -> Vec<Word> {
        let says = |of| match of {
            Self::Tied => "a parameter is used more than once",
            Self::OutputSize => "a size of the output grows under mse",
            Self::AdapterRank => "the rank of an adapter grows",
            Self::WideChain => "a chain gets deeper",
            Self::Looped => "layers have a parameter in common",
        };
        Self::NAMES.map(|(name, of)| Word { name, says: says(of) }).into()
    }
}

/// The key of a rule file.
pub(super) const APPROXIMATION: Key = Key::optional(
    "approximation",
    Value::Tables(|| KEYS.to_vec()),
    "where the rule is an approximation, and how far off it was measured",
    "",
);

const KEYS: [Key; 5] = [
    Key::required("of", Value::Word(Approximated::words), "where", r#""tied""#),
    Key::required("quantity", Value::Word(quantity_words), "what was measured", r#""gradient""#),
    Key::required("off", Value::EXPONENT, "measured slopes were no farther from told exponents", r#""1/10""#),
    Key::required("measured", Value::TEXT, "in what, at which sizes", r#""width 64 to 4096, 8 seeds""#),
    Key::required("command", Value::TEXT, "what measures it", r#""fscale measure tied.toml --scale width""#),
];

/// The approximations that a file speaks of.
pub(super) fn read_approximations(file: &Record<'_>, mistakes: &mut Mistakes<'_>) -> Vec<Approximation> {
    let tables = file.tables("approximation", "an approximation", mistakes).unwrap_or_default();
    tables.iter().filter_map(|table| read(table, mistakes)).collect()
}

/// What an approximation is measured in: what a learning rate or epsilon is solved for with.
const QUANTITIES: [(&str, QuantityKind, &str); 2] = [
    ("gradient", QuantityKind::Gradient, "gradients of parameters"),
    ("backward", QuantityKind::Backward, "backward signals of nodes"),
];

fn quantity_words() -> Vec<Word> {
    Word::all(&QUANTITIES)
}

fn read(table: &Record<'_>, mistakes: &mut Mistakes<'_>) -> Option<Approximation> {
    table.refuse_unknown(KEYS, mistakes);
    let [of, quantity, off, measured, command] =
        ["of", "quantity", "off", "measured", "command"].map(|key| said(table, key, mistakes));
    let (of, quantity, off, measured, command) = (of?, quantity?, off?, measured?, command?);
    let found = Approximated::NAMES.iter().find(|(name, _)| *name == of.value);
    if found.is_none() {
        let known = Approximated::NAMES.map(|(name, _)| name).join(", ");
        let unknown = Diagnostic::new("unknown-approximation", format!("unknown case {}", quote(of.value)));
        mistakes.add(&of.span, unknown.hint(format!("known: {known}")));
    }
    let of_quantity = QUANTITIES.iter().find(|(name, ..)| *name == quantity.value);
    if of_quantity.is_none() {
        let known = QUANTITIES.map(|(name, ..)| name).join(", ");
        let unknown =
            Diagnostic::new("unknown-quantity", format!("unknown quantity {}", quote(quantity.value)));
        mistakes.add(&quantity.span, unknown.hint(format!("known: {known}")));
    }
    let off = match off.value.parse::<Exponent>() {
        Ok(off) => Some(off),
        Err(why) => {
            let wrong =
                Diagnostic::new("exponent", format!("{} is not an exponent: {why}", quote(off.value)));
            mistakes.add(&off.span, wrong.hint(why.hint()));
            None
        }
    };
    let text = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (measured, command) = (text(measured.value), text(command.value));
    Some(Approximation { of: found?.1, quantity: of_quantity?.1, off: off?, measured, command })
}

#[cfg(test)]
mod tests {
    use crate::rule::{Folder, RuleBook};

    #[test]
    fn an_approximation_is_of_a_known_case_and_its_error_a_ratio() {
        for (word, changed, code) in [
            ("\"tied\"", "\"glued\"", "unknown-approximation"),
            ("quantity = \"gradient\"", "quantity = \"loss\"", "unknown-quantity"),
            ("\"1/20\"", "\"0.05\"", "exponent"),
        ] {
            let mut book = RuleBook::embedded().unwrap();
            let mut source = book.texts[&(Folder::Ops, "linear".to_owned())].clone();
            source.text = source.text.replacen(word, changed, 1);
            let said = book.add(Folder::Ops, source).unwrap_err().to_string();
            assert!(said.starts_with(&format!("error[{code}]: ")), "{said}");
        }
    }
}

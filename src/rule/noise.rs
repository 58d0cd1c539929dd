//! [`Noise`]: by which rule others carry an optimizer's learning rate to another batch. It is no part of the theory here.

use super::about::said;
use crate::document::{Diagnostic, Key, Mistakes, Record, Value, Word, quote};

/// By which rule the learning rate of an optimizer follows the noise of gradients, which falls with the number of samples.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Noise {
    /// The rule.
    pub rule: NoiseRule,
    /// Who says so; empty if no rule is known.
    pub source: String,
}

/// How a learning rate is carried to `b` times the samples, up to a critical number of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoiseRule {
    /// `lr ~ b^1/2`, `1 - beta ~ b` of each running mean, `epsilon ~ b^-1/2`.
    Root,
    /// `lr ~ b`.
    Linear,
    /// No rule is known.
    #[default]
    Unknown,
}

impl NoiseRule {
    /// Every rule with its name in rule files.
    const NAMES: [(&'static str, Self); 3] =
        [("root", Self::Root), ("linear", Self::Linear), ("none known", Self::Unknown)];

    /// Its name in rule files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Linear => "linear",
            Self::Unknown => "none known",
        }
    }

    /// Every rule with what it says of `b` times the samples.
    fn words() -> Vec<Word> {
        let says = |rule| match rule {
            Self::Root => "b times the samples, b^1/2 times the learning rate",
            Self::Linear => "b times the samples, b times the learning rate",
            Self::Unknown => "no rule is known; what is so if absent",
        };
        Self::NAMES.map(|(name, rule)| Word { name, says: says(rule) }).into()
    }
}

/// The keys of a rule file.
pub(super) const NOISE_KEYS: [Key; 2] = [
    Key::optional(
        "noise",
        Value::Word(NoiseRule::words),
        "how others carry the learning rate to larger batches; not of this theory, told beside it",
        r#""root""#,
    ),
    Key::optional("noise_source", Value::TEXT, "who says so; beside `noise`", r#""arXiv:2205.10287""#),
];

/// What a file says of noise; no rule is known if it says nothing.
pub(super) fn read_noise(file: &Record<'_>, mistakes: &mut Mistakes<'_>) -> Noise {
    let Some(text) = file.text("noise", mistakes) else { return Noise::default() };
    let Some((_, rule)) = NoiseRule::NAMES.iter().find(|(name, _)| *name == text.value) else {
        let known = NoiseRule::NAMES.map(|(name, _)| name).join(", ");
        let unknown = Diagnostic::new("unknown-noise", format!("unknown rule {}", quote(text.value)));
        mistakes.add(&text.span, unknown.hint(format!("known rules: {known}")));
        return Noise::default();
    };
    let source = if file.has("noise_source") { said(file, "noise_source", mistakes) } else { None };
    if source.is_none() && *rule != NoiseRule::Unknown {
        let unsaid = Diagnostic::new("noise-source", "a rule for larger batches needs who says so");
        mistakes.add(&text.span, unsaid.hint("add `noise_source = \"arXiv:2205.10287\"`, or whoever does"));
    }
    Noise { rule: *rule, source: source.map(|text| text.value.to_owned()).unwrap_or_default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::{Folder, RuleBook};

    /// What is said of the rule of sgd with a word of it changed.
    fn said_of(word: &str, changed: &str) -> String {
        let mut book = RuleBook::embedded().unwrap();
        let mut source = book.texts[&(Folder::Optimizers, "sgd".to_owned())].clone();
        source.text = source.text.replace(word, changed);
        book.add(Folder::Optimizers, source).unwrap_err().to_string()
    }

    #[test]
    fn a_rule_for_larger_batches_is_a_known_one_and_has_a_source() {
        let unknown = said_of("\"linear\"", "\"cubic\"");
        assert!(unknown.starts_with("error[unknown-noise]: unknown rule `cubic`\n"), "{unknown}");
        assert!(unknown.contains("known rules: root, linear, none known"), "{unknown}");
        let unsaid = said_of("noise_source", "# noise_source");
        assert!(
            unsaid.starts_with("error[noise-source]: a rule for larger batches needs who says so\n"),
            "{unsaid}"
        );
        let empty = said_of("noise_source = \"Goyal", "noise_source = \" \" # \"Goyal");
        assert!(empty.contains("error[empty-text]"), "{empty}");
    }

    #[test]
    fn every_optimizer_says_whether_a_rule_is_known() {
        let book = RuleBook::embedded().unwrap();
        for (name, optimizer) in book.optimizers.iter().filter(|(_, optimizer)| optimizer.mix.is_none()) {
            let text = &book.texts[&(Folder::Optimizers, name.clone())].text;
            assert!(text.contains("\nnoise "), "{name}");
            let is_known = optimizer.noise.rule != NoiseRule::Unknown;
            assert_eq!(is_known, !optimizer.noise.source.is_empty(), "{name}");
        }
    }
}

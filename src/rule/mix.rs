//! [`Mix`]: an optimizer that leaves each class of parameters to another one.

use std::collections::BTreeMap;

use super::about::{ABOUT, read_about};
use super::example::{DerivedExample, derived_example_keys, derived_examples, read_derived_examples};
use super::lookup::lookup;
use super::optimizer::Optimizer;
use crate::document::{Key, Mistakes, Record, Value};
use crate::graph::ParameterClass;

/// Which optimizer moves which parameters.
///
/// ```toml
/// matrices = "muon"     # also input, output, vectors
/// rest     = "adamw"
/// ```
#[derive(Clone, Debug)]
pub struct Mix {
    /// The one that moves every other parameter.
    pub rest: Box<Optimizer>,
    /// The others.
    pub classes: BTreeMap<ParameterClass, Optimizer>,
    /// Worked examples.
    pub examples: Vec<DerivedExample>,
}

/// The key that says that a rule is a mix.
const REST: &str = "rest";

/// What an example names beside the mix.
const OTHERS: [&str; 2] = ["architecture", "desiderata"];

/// Every key of a mix.
pub(super) fn mix_keys() -> Vec<Key> {
    let rest = Key::required(REST, Value::TEXT, "the optimizer of every other parameter", r#""adamw""#);
    let class = |(name, class): (&'static str, ParameterClass)| {
        let says = match class {
            ParameterClass::Input => "the optimizer of weights with none before them",
            ParameterClass::Matrix => "that of weights between others",
            ParameterClass::Output => "that of weights with none behind them",
            ParameterClass::Vector => "that of biases and gains",
        };
        Key::optional(name, Value::TEXT, says, r#""muon""#)
    };
    let examples = derived_examples(|| derived_example_keys(OTHERS));
    let own = [rest].into_iter().chain(ParameterClass::NAMES.map(class)).chain([examples]);
    ABOUT.into_iter().chain(own).collect()
}

/// Whether a rule of an optimizer is a mix of others.
pub(super) fn is_mix(file: &Record<'_>) -> bool {
    file.has(REST)
}

/// Reads a mix of known optimizers.
pub(super) fn read_mix(
    file: &Record<'_>,
    known: &BTreeMap<String, Optimizer>,
    mistakes: &mut Mistakes<'_>,
) -> Option<Optimizer> {
    file.refuse_unknown(mix_keys(), mistakes);
    let about = read_about(file, mistakes);
    let mut part = |key: &str| {
        let text = file.required_text(key, mistakes)?;
        let plain: BTreeMap<String, Optimizer> = known
            .iter()
            .filter(|(_, optimizer)| optimizer.mix.is_none())
            .map(|(name, optimizer)| (name.clone(), optimizer.clone()))
            .collect();
        match lookup(&plain, "optimizer", text.value) {
            Ok(optimizer) => Some(optimizer.clone()),
            Err(unknown) => {
                mistakes.add(&text.span, unknown);
                None
            }
        }
    };
    let rest = part(REST);
    let mut found = BTreeMap::new();
    for (name, class) in ParameterClass::NAMES {
        if file.has(name)
            && let Some(optimizer) = part(name)
        {
            found.insert(class, optimizer);
        }
    }
    let examples = read_derived_examples(file, OTHERS, mistakes);
    let (about, rest) = (about?, rest?);
    let mix = Mix { rest: Box::new(rest.clone()), classes: found, examples };
    Some(Optimizer { about, mix: Some(mix), examples: Vec::new(), ..rest })
}

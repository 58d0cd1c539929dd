//! [`Mix`]: an optimizer that leaves each class of parameters to another one.

use std::collections::BTreeMap;

use super::about::read_about;
use super::example::{DerivedExample, read_derived_examples};
use super::lookup::lookup;
use super::optimizer::Optimizer;
use crate::document::{Mistakes, Record};
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
    let classes = ParameterClass::NAMES.map(|(name, _)| name);
    let keys = [["name", "summary", "why", "source"].as_slice(), &[REST, "example"], &classes].concat();
    file.refuse_unknown(&keys, mistakes);
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
    let examples = read_derived_examples(file, ["architecture", "desiderata"], mistakes);
    let (about, rest) = (about?, rest?);
    let mix = Mix { rest: Box::new(rest.clone()), classes: found, examples };
    Some(Optimizer { about, mix: Some(mix), examples: Vec::new(), ..rest })
}

//! [`RuleBook`]: all rules, by folder and name. What is embedded can be overridden, file by file.

use std::collections::BTreeMap;

use include_dir::{Dir, include_dir};

use super::about::{About, read_about};
use super::alignment::{Alignment, Regime};
use super::approximation::{Approximated, Approximation};
use super::example::{DerivedExample, derived_example_keys, read_derived_examples};
use super::lookup::lookup;
use super::mix::{is_mix, mix_keys, read_mix};
use super::op::is_of_activation;
use super::{Desiderata, Notation, OpRule, Optimizer, Parameterization};
use crate::document::{Diagnostic, Diagnostics, Key, Mistakes, Record, Source, document};

/// What an example in the file of an architecture names.
const OF_ARCHITECTURE: [&str; 2] = ["desiderata", "optimizer"];

/// Every key of an example in the file of an architecture.
pub(crate) fn example_of_architecture() -> Vec<Key> {
    derived_example_keys(OF_ARCHITECTURE)
}

pub(super) static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/rules");

/// A built-in architecture, as a text: [`crate::architecture`] reads it.
#[derive(Clone, Debug)]
pub struct ArchitectureRule {
    /// Name, summary, why, source.
    pub about: About,
    /// The file.
    pub text: Source,
    /// Worked examples.
    pub examples: Vec<DerivedExample>,
}

/// Every rule that is loaded. Lookups that fail say what there is.
#[derive(Clone, Debug, Default)]
pub struct RuleBook {
    /// Ops and activations.
    pub ops: BTreeMap<String, OpRule>,
    /// Optimizers.
    pub optimizers: BTreeMap<String, Optimizer>,
    /// Desiderata sets.
    pub desiderata: BTreeMap<String, Desiderata>,
    /// Parameterizations.
    pub parameterizations: BTreeMap<String, Parameterization>,
    /// Alignments that may be assumed.
    pub alignments: BTreeMap<String, Alignment>,
    /// Architectures.
    pub architectures: BTreeMap<String, ArchitectureRule>,
    /// Lists of words.
    pub notations: BTreeMap<String, Notation>,
    /// The text of every rule, by folder and name.
    pub texts: BTreeMap<(Folder, String), Source>,
    /// How responses are aligned with what they meet.
    pub regime: Regime,
}

/// The kinds of rules: a folder of `rules/` each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Folder {
    /// `rules/ops`
    Ops,
    /// `rules/optimizers`
    Optimizers,
    /// `rules/desiderata`
    Desiderata,
    /// `rules/parameterizations`
    Parameterizations,
    /// `rules/alignments`
    Alignments,
    /// `rules/architectures`
    Architectures,
    /// `rules/reference`
    Reference,
}

impl Folder {
    /// Every folder.
    pub const ALL: [Self; 7] = [
        Self::Architectures,
        Self::Desiderata,
        Self::Optimizers,
        Self::Parameterizations,
        Self::Alignments,
        Self::Ops,
        Self::Reference,
    ];

    /// The name of the folder.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ops => "ops",
            Self::Optimizers => "optimizers",
            Self::Desiderata => "desiderata",
            Self::Parameterizations => "parameterizations",
            Self::Alignments => "alignments",
            Self::Architectures => "architectures",
            Self::Reference => "reference",
        }
    }

    /// The kinds of files of rules in it, each with all its keys; nothing of architectures, which have a reader of their own.
    pub(crate) fn files(self) -> Vec<(&'static str, Vec<Key>)> {
        match self {
            Self::Ops => vec![("op or activation", OpRule::keys())],
            Self::Optimizers => vec![("optimizer", Optimizer::keys()), ("mix of optimizers", mix_keys())],
            Self::Desiderata => vec![("desiderata set", Desiderata::keys())],
            Self::Parameterizations => vec![("parameterization", Parameterization::keys())],
            Self::Alignments => vec![("alignment", Alignment::keys())],
            Self::Architectures => Vec::new(),
            Self::Reference => vec![("list of words", Notation::keys())],
        }
    }
}

impl RuleBook {
    /// The rules in the binary.
    pub fn embedded() -> Result<Self, Diagnostics> {
        let mut book = Self::default();
        let mut errors = Diagnostics::none();
        for folder in Folder::ALL {
            let files = EMBEDDED.get_dir(folder.name()).into_iter().flat_map(Dir::files);
            let source = |file: &include_dir::File<'_>| {
                let text = file.contents_utf8().unwrap_or_default();
                Source::new(format!("rules/{}", file.path().display()), text)
            };
            errors.0.extend(book.add_all(folder, files.map(source).collect()).0);
        }
        errors.or(book)
    }

    /// Adds rules of one folder, or replaces those of the same names. Mixes of optimizers come after what they mix.
    pub fn add_all(&mut self, folder: Folder, sources: Vec<Source>) -> Diagnostics {
        let mut errors = Diagnostics::none();
        let (mixes, others): (Vec<Source>, Vec<Source>) =
            sources.into_iter().partition(|source| folder == Folder::Optimizers && names_a_mix(source));
        for source in others.into_iter().chain(mixes) {
            if let Err(mistakes) = self.add(folder, source) {
                errors.0.extend(mistakes.0);
            }
        }
        errors
    }

    /// Adds a rule, or replaces the one of the same folder and name. The name of `source` is its path; the
    /// rule is called like the file.
    pub fn add(&mut self, folder: Folder, source: Source) -> Result<(), Diagnostics> {
        let stem = stem(&source.name).to_owned();
        match folder {
            Folder::Ops => {
                let rule = read_file(&source, OpRule::read)?;
                check_name(&source, &rule.about, &stem)?;
                self.ops.insert(stem.clone(), rule);
            }
            Folder::Optimizers => {
                let rule = if names_a_mix(&source) {
                    read_file(&source, |file, mistakes| read_mix(file, &self.optimizers, mistakes))?
                } else {
                    read_file(&source, Optimizer::read)?
                };
                check_name(&source, &rule.about, &stem)?;
                let is_part = rule.mix.is_none();
                self.optimizers.insert(stem.clone(), rule);
                if is_part {
                    self.mix_again()?;
                }
            }
            Folder::Desiderata => {
                let rule = read_file(&source, Desiderata::read)?;
                check_name(&source, &rule.about, &stem)?;
                self.desiderata.insert(stem.clone(), rule);
            }
            Folder::Parameterizations => {
                let rule = read_file(&source, Parameterization::read)?;
                check_name(&source, &rule.about, &stem)?;
                self.parameterizations.insert(stem.clone(), rule);
            }
            Folder::Alignments => {
                let rule = read_file(&source, Alignment::read)?;
                check_name(&source, &rule.about, &stem)?;
                self.alignments.insert(stem.clone(), rule);
            }
            Folder::Architectures => {
                let rule = read_file(&source, |file, mistakes| read_architecture(file, &stem, mistakes))?;
                self.architectures.insert(stem.clone(), rule);
            }
            Folder::Reference => {
                let rule = read_file(&source, Notation::read)?;
                check_name(&source, &rule.about, &stem)?;
                self.notations.insert(stem.clone(), rule);
            }
        }
        self.texts.insert((folder, stem), source);
        Ok(())
    }

    /// Reads the mixes of optimizers again, when one of these has been replaced.
    fn mix_again(&mut self) -> Result<(), Diagnostics> {
        let mixes = self.optimizers.iter().filter(|(_, optimizer)| optimizer.mix.is_some());
        let names: Vec<String> = mixes.map(|(name, _)| name.clone()).collect();
        for name in names {
            let Some(source) = self.texts.get(&(Folder::Optimizers, name.clone())) else { continue };
            let mixed = read_file(source, |file, mistakes| read_mix(file, &self.optimizers, mistakes))?;
            self.optimizers.insert(name, mixed);
        }
        Ok(())
    }

    /// The worked examples in the text of an architecture, which need not have any.
    pub fn examples(source: &Source) -> Result<Vec<DerivedExample>, Diagnostics> {
        read_file(source, |file, mistakes| {
            let has_some = file.has("example");
            Some(if has_some { read_derived_examples(file, OF_ARCHITECTURE, mistakes) } else { Vec::new() })
        })
    }

    /// The names of the activations: the rules in `ops` that are of no other op, and of no repeat.
    #[must_use]
    pub fn activations(&self) -> Vec<&str> {
        self.ops.keys().map(String::as_str).filter(|name| is_of_activation(name)).collect()
    }

    /// How far off exponents were measured where gradient independence fails, if a rule of an op says so.
    #[must_use]
    pub fn approximation(&self, of: Approximated) -> Option<&Approximation> {
        self.ops.values().flat_map(|rule| &rule.approximations).find(|approximation| approximation.of == of)
    }

    /// An optimizer by name.
    pub fn optimizer(&self, name: &str) -> Result<&Optimizer, Diagnostic> {
        lookup(&self.optimizers, "optimizer", name)
    }

    /// A desiderata set by name.
    pub fn desiderata(&self, name: &str) -> Result<&Desiderata, Diagnostic> {
        lookup(&self.desiderata, "desiderata set", name)
    }

    /// A parameterization by name.
    pub fn parameterization(&self, name: &str) -> Result<&Parameterization, Diagnostic> {
        lookup(&self.parameterizations, "parameterization", name)
    }

    /// An alignment by name.
    pub fn alignment(&self, name: &str) -> Result<&Alignment, Diagnostic> {
        lookup(&self.alignments, "alignment", name)
    }

    /// Assumes an alignment of every response.
    ///
    /// # Errors
    /// If there is none of that name.
    pub fn assume(&mut self, name: &str) -> Result<(), Diagnostic> {
        self.regime = Regime::Assumed(Box::new(self.alignment(name)?.clone()));
        Ok(())
    }

    /// A built-in architecture by name.
    pub fn architecture(&self, name: &str) -> Result<&ArchitectureRule, Diagnostic> {
        lookup(&self.architectures, "architecture", name)
    }
}

/// The file name without folders and ending.
fn stem(path: &str) -> &str {
    let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
    file.strip_suffix(".toml").unwrap_or(file)
}

fn read_file<T>(
    source: &Source,
    read: impl FnOnce(&Record<'_>, &mut Mistakes<'_>) -> Option<T>,
) -> Result<T, Diagnostics> {
    let document = document(source)?;
    let mut mistakes = Mistakes::new(source);
    let rule = read(&Record::file(&document), &mut mistakes);
    mistakes.or(rule)
}

/// Whether the text of an optimizer is that of a mix; text that cannot be read is not.
fn names_a_mix(source: &Source) -> bool {
    document(source).is_ok_and(|document| is_mix(&Record::file(&document)))
}

fn check_name(source: &Source, about: &About, stem: &str) -> Result<(), Diagnostics> {
    if about.name == stem {
        return Ok(());
    }
    let message = format!("the rule calls itself `{}`, but its file is `{stem}.toml`", about.name);
    let at = source.text.find("name").unwrap_or(0);
    let wrong = Diagnostic::new("rule-name", message).at(source.place(at..at + 4));
    Err(wrong.hint(format!("write `name = \"{stem}\"` or rename the file")).into())
}

fn read_architecture(file: &Record<'_>, stem: &str, mistakes: &mut Mistakes<'_>) -> Option<ArchitectureRule> {
    let about = read_about(file, mistakes);
    let examples = read_derived_examples(file, OF_ARCHITECTURE, mistakes);
    let about = About { name: stem.into(), ..about? };
    Some(ArchitectureRule { about, text: mistakes.source().clone(), examples })
}

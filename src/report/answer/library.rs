//! The answers of `list` and `rule`: what is built in, and what a rule says.

use crate::architecture::losses;
use crate::graph::{ParameterClass, Role};
use crate::report::Report;
use crate::report::format::document::{Block, Cell, Document, Grid};
use crate::report::json::{AnyAnswer, ListAnswer, ListedRule, RuleAnswer, RuleObject, SaysObject};
use crate::report::reference::{NARROW, formats, words};
use crate::rule::{
    About, Alignment, Approximation, Class, Comparison, DerivedExample, Example, Expression, Folder, Mix,
    Noise, Notation, Parameterization, RequirementRule, RuleBook, schemas,
};

/// Everything that is loaded.
#[derive(Clone, Copy, Debug)]
pub struct Library<'a> {
    /// The rules.
    pub book: &'a RuleBook,
}

/// The documentation of every rule of one name.
#[derive(Clone, Debug)]
pub struct Documentation<'a> {
    /// One for each kind of rule.
    pub rules: Vec<DocumentedRule<'a>>,
}

/// What a rule says of itself.
#[derive(Clone, Debug)]
pub struct DocumentedRule<'a> {
    /// Its kind.
    pub folder: Folder,
    /// Name, summary, why, source.
    pub about: &'a About,
    /// Its expressions or requirements, by key or label.
    pub says: Vec<(String, String)>,
    /// Its worked examples, in words.
    pub examples: Vec<String>,
    /// The words that it defines, if it is a list of such.
    pub notation: Option<&'a Notation>,
}

/// Something that is listed: its kind, its name, and what it is in a line.
type Listed<'a> = (&'static str, &'a str, String);

impl Library<'_> {
    /// Every rule and what is made of them, by kind and name.
    pub fn rules(&self) -> impl Iterator<Item = (Folder, &str, &str)> {
        let book = self.book;
        let architectures = book.architectures.values().map(|rule| (Folder::Architectures, &rule.about));
        let desiderata = book.desiderata.values().map(|rule| (Folder::Desiderata, &rule.about));
        let optimizers = book.optimizers.values().map(|rule| (Folder::Optimizers, &rule.about));
        let parameterizations =
            book.parameterizations.values().map(|rule| (Folder::Parameterizations, &rule.about));
        let alignments = book.alignments.values().map(|rule| (Folder::Alignments, &rule.about));
        let ops = book.ops.values().map(|rule| (Folder::Ops, &rule.about));
        let notations = book.notations.values().map(|rule| (Folder::Reference, &rule.about));
        let named = architectures.chain(desiderata).chain(optimizers);
        let named = named.chain(parameterizations).chain(alignments).chain(ops).chain(notations);
        let named = named.map(|(folder, about)| (folder, about.name.as_str(), about.summary.as_str()));
        named.chain([(Folder::Reference, formats::NAME, formats::SUMMARY)])
    }

    /// Everything that is listed, kind by kind.
    fn listed(&self) -> Vec<Listed<'_>> {
        let mut listed: Vec<Listed<'_>> = Vec::new();
        for kind in Folder::ALL {
            let rules = self.rules().filter(|(folder, ..)| *folder == kind);
            listed.extend(rules.map(|(folder, name, summary)| (folder.name(), name, summary.to_owned())));
        }
        listed.extend(losses().into_iter().map(|loss| ("losses", loss.name, loss.says.to_owned())));
        listed.extend(Role::NAMES.map(|(name, role)| ("roles", name, role.says().to_owned())));
        listed.extend(schemas().map(|schema| ("schemas", schema.name, schema.summary())));
        listed
    }
}

impl Report for Library<'_> {
    fn document(&self) -> Document {
        let mut document = Document::default();
        for listed in self.listed().chunk_by(|(kind, ..), (next, ..)| kind == next) {
            let mut grid = Grid::new("n", &[("name", "name"), ("summary", "summary")]);
            for (_, name, summary) in listed {
                grid.rows.push(vec![Cell::name(*name), Cell::sentence(quoted(summary))]);
            }
            document.0.extend(listed.first().map(|(kind, ..)| Block::Heading((*kind).into())));
            document.push(Block::Grid(grid));
        }
        document
    }

    fn data(&self) -> Grid {
        let mut grid = Grid::new("n", &["kind", "name", "summary"].map(|key| (key, key)));
        for (kind, name, summary) in self.listed() {
            grid.rows.push(vec![Cell::words(kind), Cell::name(name), Cell::words(summary)]);
        }
        grid
    }

    fn json(&self) -> AnyAnswer {
        let listed = self.listed();
        let of = |wanted: &str| -> Vec<ListedRule> {
            let held = listed.iter().filter(|(kind, ..)| *kind == wanted);
            held.map(|(_, name, summary)| ListedRule { name: (*name).into(), summary: summary.clone() })
                .collect()
        };
        AnyAnswer::List(ListAnswer {
            architectures: of(Folder::Architectures.name()),
            desiderata: of(Folder::Desiderata.name()),
            optimizers: of(Folder::Optimizers.name()),
            parameterizations: of(Folder::Parameterizations.name()),
            alignments: of(Folder::Alignments.name()),
            ops: of(Folder::Ops.name()),
            reference: of(Folder::Reference.name()),
            losses: of("losses"),
            roles: of("roles"),
            schemas: of("schemas"),
        })
    }

    fn width(&self) -> usize {
        NARROW
    }
}

/// By which rule others carry an optimizer to larger batches.
fn noise(noise: &Noise) -> [(String, String); 1] {
    let name = noise.rule.name();
    let says = if noise.source.is_empty() { name.into() } else { format!("{name} ({})", noise.source) };
    [("noise".into(), says)]
}

/// Where a rule is an approximation, and how far off it was measured.
fn approximation(of: &Approximation) -> (String, String) {
    let Approximation { of, off, measured, command, .. } = of;
    ("approximation".into(), format!("{}: within {off}, {measured}; {command}", of.name()))
}

impl<'a> Documentation<'a> {
    /// The rules of a name; none if there is none.
    #[must_use]
    pub fn of(book: &'a RuleBook, name: &str) -> Self {
        let mut rules = Vec::new();
        if let Some(rule) = book.architectures.get(name) {
            let examples = rule.examples.iter().map(derived_example).collect();
            rules.push(DocumentedRule {
                folder: Folder::Architectures,
                about: &rule.about,
                says: Vec::new(),
                examples,
                notation: None,
            });
        }
        if let Some(rule) = book.desiderata.get(name) {
            rules.push(DocumentedRule {
                folder: Folder::Desiderata,
                about: &rule.about,
                says: rule.requirements.iter().map(requirement).collect(),
                examples: rule.examples.iter().map(derived_example).collect(),
                notation: None,
            });
        }
        if let Some(rule) = book.optimizers.get(name) {
            let keys = ["response", "contribution", "epsilon", "weight_decay"];
            rules.push(DocumentedRule {
                folder: Folder::Optimizers,
                about: &rule.about,
                says: match &rule.mix {
                    Some(mix) => mixed(mix),
                    None => written(&keys, |key| rule.expression(key))
                        .into_iter()
                        .chain(noise(&rule.noise))
                        .collect(),
                },
                examples: match &rule.mix {
                    Some(mix) => mix.examples.iter().map(derived_example).collect(),
                    None => rule.examples.iter().map(example).collect(),
                },
                notation: None,
            });
        }
        if let Some(rule) = book.parameterizations.get(name) {
            rules.push(DocumentedRule {
                folder: Folder::Parameterizations,
                about: &rule.about,
                says: written(&Parameterization::VALUES, |key| rule.expression(key)),
                examples: rule.examples.iter().map(example).collect(),
                notation: None,
            });
        }
        if let Some(rule) = book.alignments.get(name) {
            rules.push(DocumentedRule {
                folder: Folder::Alignments,
                about: &rule.about,
                says: written(&Alignment::VALUES, |key| rule.expression(key)),
                examples: rule.examples.iter().map(example).collect(),
                notation: None,
            });
        }
        if let Some(rule) = book.ops.get(name) {
            let keys = ["forward", "backward", "component", "rank", "generic", "gradient", "echo"];
            let mut says = written(&keys, |key| rule.expression(key));
            says.extend(rule.requires.iter().map(|left| ("requires".into(), format!("{left} <= 0"))));
            says.extend(rule.approximations.iter().map(approximation));
            let examples = rule.examples.iter().map(example).collect();
            let (folder, about) = (Folder::Ops, &rule.about);
            rules.push(DocumentedRule { folder, about, says, examples, notation: None });
        }
        if let Some(rule) = book.notations.get(name) {
            rules.push(DocumentedRule {
                folder: Folder::Reference,
                about: &rule.about,
                says: rule.words.iter().map(|word| (word.word.clone(), word.says.clone())).collect(),
                examples: Vec::new(),
                notation: Some(rule),
            });
        }
        Self { rules }
    }
}

/// Which optimizer each class of parameters has.
fn mixed(mix: &Mix) -> Vec<(String, String)> {
    let name = |class| mix.classes.get(class).map(|optimizer| optimizer.about.name.clone());
    let classes = ParameterClass::NAMES.iter();
    let named = classes.filter_map(|(key, class)| Some(((*key).to_owned(), name(class)?)));
    named.chain([("rest".into(), mix.rest.about.name.clone())]).collect()
}

fn written<'e>(keys: &[&str], expression: impl Fn(&str) -> Option<&'e Expression>) -> Vec<(String, String)> {
    keys.iter().filter_map(|key| Some(((*key).to_owned(), expression(key)?.to_string()))).collect()
}

/// `F`, `forward(y) = 0 on feature: a feature keeps entries of order 1`.
fn requirement(rule: &RequirementRule) -> (String, String) {
    let sign = match rule.relation {
        Comparison::Equal => "=",
        Comparison::AtMost => "<=",
    };
    let classes: Vec<&str> = rule.on.iter().map(Class::written).collect();
    let says = format!("{} {sign} {} on {}: {}", rule.left, rule.right, classes.join(", "), rule.why);
    (rule.label.clone(), says)
}

/// `a hidden layer: where |C| = 1, init = -1/2`.
fn example(example: &Example) -> String {
    let given: Vec<String> =
        example.given.iter().map(|(name, value)| format!("{} = {value}", name.written())).collect();
    let expected: Vec<String> =
        example.expected.iter().map(|held| format!("{} = {}", held.key, held.exponent)).collect();
    let given = if given.is_empty() { String::new() } else { format!("where {}: ", given.join(", ")) };
    format!("{}; {given}{}", example.says, expected.join(", "))
}

/// `derive transformer --scale d_k --optimizer adam: multiplier attention -1`.
fn derived_example(example: &DerivedExample) -> String {
    let mut words: Vec<String> = Vec::new();
    words.extend(example.architecture.clone());
    words.push(format!("--scale {}", example.scale));
    words.extend(example.optimizer.iter().map(|name| format!("--optimizer {name}")));
    words.extend(example.desiderata.iter().map(|name| format!("--desiderata {name}")));
    format!("`derive {}`: {}", words.join(" "), example.gives)
}

/// Rule files write plain text: a backtick in it marks nothing.
pub(crate) fn quoted(text: &str) -> String {
    text.replace('`', "'")
}

impl Report for Documentation<'_> {
    fn document(&self) -> Document {
        let mut document = Document::default();
        for rule in &self.rules {
            let About { name, summary, why, source } = rule.about;
            document.push(Block::Heading(format!("{} `{name}`", rule.folder.name())));
            document.say(quoted(summary));
            document.say(quoted(why));
            if let Some(notation) = rule.notation {
                for (group, grid) in words::grids(notation) {
                    document.push(Block::Heading(group.into()));
                    document.push(Block::Grid(grid));
                }
                document.say(format!("Source: {}", quoted(source)));
                continue;
            }
            let mut grid = Grid::new("n", &[("key", "key"), ("says", "says")]);
            for (key, says) in &rule.says {
                grid.rows.push(vec![Cell::name(key), Cell::words(quoted(says))]);
            }
            if !grid.rows.is_empty() {
                document.push(Block::Grid(grid));
            }
            document.say("Examples:");
            document.push(Block::List(rule.examples.clone()));
            document.say(format!("Source: {}", quoted(source)));
        }
        document
    }

    fn data(&self) -> Grid {
        let mut grid = Grid::new("n", &["kind", "name", "key", "says"].map(|key| (key, key)));
        for rule in &self.rules {
            for (key, says) in &rule.says {
                grid.rows.push(vec![
                    Cell::words(rule.folder.name()),
                    Cell::name(&rule.about.name),
                    Cell::name(key),
                    Cell::words(says),
                ]);
            }
        }
        grid
    }

    fn json(&self) -> AnyAnswer {
        let says = |rule: &DocumentedRule<'_>| -> Vec<SaysObject> {
            let from = |at: usize| Some(rule.notation?.words.get(at)?.from.clone());
            let object = |(at, (key, says)): (usize, &(String, String))| SaysObject {
                key: key.clone(),
                says: says.clone(),
                from: from(at),
            };
            rule.says.iter().enumerate().map(object).collect()
        };
        let rule = |rule: &DocumentedRule<'_>| {
            let About { name, summary, why, source } = rule.about.clone();
            RuleObject {
                kind: rule.folder.name().into(),
                name,
                summary,
                why,
                source,
                says: says(rule),
                examples: rule.examples.clone(),
                keys: Vec::new(),
            }
        };
        AnyAnswer::Rule(RuleAnswer { rules: self.rules.iter().map(rule).collect() })
    }
    fn width(&self) -> usize {
        NARROW
    }
}

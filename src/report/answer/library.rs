//! The answers of `list` and `rule`: what is built in, and what a rule says.

use crate::graph::ParameterClass;
use crate::report::Report;
use crate::report::format::document::{Block, Cell, Document, Grid};
use crate::report::json::{AnyAnswer, ListAnswer, ListedRule, RuleAnswer, RuleObject, SaysObject};
use crate::rule::{
    About, Alignment, Class, Comparison, DerivedExample, Example, Expression, Folder, Mix, Parameterization,
    RequirementRule, RuleBook, Which, schemas,
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
}

impl Library<'_> {
    /// Every rule, by kind and name.
    pub fn rules(&self) -> impl Iterator<Item = (Folder, &About)> {
        let book = self.book;
        let architectures = book.architectures.values().map(|rule| (Folder::Architectures, &rule.about));
        let desiderata = book.desiderata.values().map(|rule| (Folder::Desiderata, &rule.about));
        let optimizers = book.optimizers.values().map(|rule| (Folder::Optimizers, &rule.about));
        let parameterizations =
            book.parameterizations.values().map(|rule| (Folder::Parameterizations, &rule.about));
        let alignments = book.alignments.values().map(|rule| (Folder::Alignments, &rule.about));
        let ops = book.ops.values().map(|rule| (Folder::Ops, &rule.about));
        let named = architectures.chain(desiderata).chain(optimizers);
        named.chain(parameterizations).chain(alignments).chain(ops)
    }
}

impl Report for Library<'_> {
    fn document(&self) -> Document {
        let mut document = Document::default();
        for folder in Folder::ALL {
            document.push(Block::Heading(folder.name().into()));
            let mut grid = Grid::new("n", &[("name", "name"), ("summary", "summary")]);
            for (_, about) in self.rules().filter(|(of, _)| *of == folder) {
                grid.rows.push(vec![Cell::name(&about.name), Cell::words(quoted(&about.summary))]);
            }
            document.push(Block::Grid(grid));
        }
        document.push(Block::Heading("schemas".into()));
        let mut grid = Grid::new("n", &[("name", "name"), ("summary", "summary")]);
        for schema in schemas() {
            grid.rows.push(vec![Cell::name(schema.name), Cell::words(schema.summary())]);
        }
        document.push(Block::Grid(grid));
        document
    }

    fn data(&self) -> Grid {
        let mut grid = Grid::new("n", &["kind", "name", "summary"].map(|key| (key, key)));
        for (folder, about) in self.rules() {
            let summary = Cell::words(&about.summary);
            grid.rows.push(vec![Cell::words(folder.name()), Cell::name(&about.name), summary]);
        }
        for schema in schemas() {
            let summary = Cell::words(schema.summary());
            grid.rows.push(vec![Cell::words("schemas"), Cell::name(schema.name), summary]);
        }
        grid
    }

    fn json(&self) -> AnyAnswer {
        let listed = |name: &str, summary: &str| ListedRule { name: name.into(), summary: summary.into() };
        let of = |folder: Folder| -> Vec<ListedRule> {
            let rules = self.rules().filter(|(of, _)| *of == folder);
            rules.map(|(_, about)| listed(&about.name, &about.summary)).collect()
        };
        AnyAnswer::List(ListAnswer {
            architectures: of(Folder::Architectures),
            desiderata: of(Folder::Desiderata),
            optimizers: of(Folder::Optimizers),
            parameterizations: of(Folder::Parameterizations),
            alignments: of(Folder::Alignments),
            ops: of(Folder::Ops),
            schemas: schemas().map(|schema| listed(schema.name, &schema.summary())).collect(),
        })
    }
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
            });
        }
        if let Some(rule) = book.desiderata.get(name) {
            rules.push(DocumentedRule {
                folder: Folder::Desiderata,
                about: &rule.about,
                says: rule.requirements.iter().map(requirement).collect(),
                examples: rule.examples.iter().map(derived_example).collect(),
            });
        }
        if let Some(rule) = book.optimizers.get(name) {
            let keys = ["response", "contribution", "epsilon", "weight_decay"];
            rules.push(DocumentedRule {
                folder: Folder::Optimizers,
                about: &rule.about,
                says: match &rule.mix {
                    Some(mix) => mixed(mix),
                    None => written(&keys, |key| rule.expression(key)),
                },
                examples: match &rule.mix {
                    Some(mix) => mix.examples.iter().map(derived_example).collect(),
                    None => rule.examples.iter().map(example).collect(),
                },
            });
        }
        if let Some(rule) = book.parameterizations.get(name) {
            rules.push(DocumentedRule {
                folder: Folder::Parameterizations,
                about: &rule.about,
                says: written(&Parameterization::VALUES, |key| rule.expression(key)),
                examples: rule.examples.iter().map(example).collect(),
            });
        }
        if let Some(rule) = book.alignments.get(name) {
            rules.push(DocumentedRule {
                folder: Folder::Alignments,
                about: &rule.about,
                says: written(&Alignment::VALUES, |key| rule.expression(key)),
                examples: rule.examples.iter().map(example).collect(),
            });
        }
        if let Some(rule) = book.ops.get(name) {
            let keys = ["forward", "backward", "component", "rank", "generic", "gradient", "echo"];
            let mut says = written(&keys, |key| rule.expression(key));
            says.extend(rule.requires.iter().map(|left| ("requires".into(), format!("{left} <= 0"))));
            let examples = rule.examples.iter().map(example).collect();
            rules.push(DocumentedRule { folder: Folder::Ops, about: &rule.about, says, examples });
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
    let classes: Vec<&str> = rule.on.iter().map(class).collect();
    let says = format!("{} {sign} {} on {}: {}", rule.left, rule.right, classes.join(", "), rule.why);
    (rule.label.clone(), says)
}

fn class(class: &Class) -> &'static str {
    match class {
        Class::Nodes(role) => role.name(),
        Class::LastFeature => "last feature",
        Class::Parameters(Which::All) => "parameters",
        Class::Parameters(Which::Matrices) => "matrices",
        Class::Parameters(Which::Vectors) => "vectors",
    }
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
fn quoted(text: &str) -> String {
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
        let says = |(key, says): &(String, String)| SaysObject { key: key.clone(), says: says.clone() };
        let rule = |rule: &DocumentedRule<'_>| {
            let About { name, summary, why, source } = rule.about.clone();
            RuleObject {
                kind: rule.folder.name().into(),
                name,
                summary,
                why,
                source,
                says: rule.says.iter().map(says).collect(),
                examples: rule.examples.clone(),
            }
        };
        AnyAnswer::Rule(RuleAnswer { rules: self.rules.iter().map(rule).collect() })
    }
}

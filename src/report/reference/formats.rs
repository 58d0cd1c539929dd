//! The answer of `rule format`: every key of every file, as the readers have them.

use super::NARROW;
use super::sections::{Section, is_required, sections, value, words};
use crate::architecture;
use crate::document::Word;
use crate::report::Report;
use crate::report::answer::library::quoted;
use crate::report::format::document::{Block, Cell, Document, Grid};
use crate::report::json::{AnyAnswer, KeyObject, ListedRule, RuleAnswer, RuleObject};
use crate::rule::{Folder, Name, RuleBook};

/// What it is called among the rules.
pub(crate) const NAME: &str = "format";

/// What it is, in a line.
pub(crate) const SUMMARY: &str = "every key of every file that is read, with an example";

const WHY: &str = "Files are TOML. Rational numbers are texts, like `\"1/2\"` and `\"-1\"`, never decimals. Names of nodes, parameters and \
                   dimensions have letters, digits and `_`. `fscale check FILE` tells all mistakes of a file at once.";

const SOURCE: &str = "the readers of the files: what is not here is refused";

const EXPRESSIONS: &str = "An expression is a sum of names with rational factors, like `2 init(W) + |C| - 1/2`, or the larger or smaller of \
                           sums, like `max(forward(x), 0)` and `min(k, R)`. `fscale rule notation` defines the names:";

/// The formats of all files.
#[derive(Clone, Copy, Debug)]
pub struct Formats<'a> {
    /// The rules, which name the activations.
    pub book: &'a RuleBook,
}

impl Formats<'_> {
    fn sections(&self) -> Vec<Section> {
        let architecture =
            "a network; a built-in one is a file in `architectures/` of the folder of `--rules`";
        let hyperparameters =
            "exponents of hyperparameters in each dimension, for `--hp` and `--given`; 0 if absent";
        let mut all = sections("architecture file", architecture, &architecture::keys());
        all.extend(sections("hyperparameter file", hyperparameters, &architecture::hyperparameter_keys()));
        for folder in Folder::ALL {
            let says = format!("a file in `{}/` of the folder of `--rules`", folder.name());
            all.extend(folder.files().into_iter().flat_map(|(file, keys)| sections(file, &says, &keys)));
        }
        all
    }

    /// The activations that rules describe.
    fn activations(&self) -> Vec<(&str, String)> {
        let says = |name| self.book.ops.get(name).map(|rule| quoted(&rule.about.summary));
        self.book.activations().into_iter().map(|name| (name, says(name).unwrap_or_default())).collect()
    }
}

/// Words with what they mean.
fn vocabulary<'w>(words: impl IntoIterator<Item = (&'w str, String)>) -> Block {
    let mut grid = Grid::new("n", &[("word", "word"), ("says", "says")]);
    for (name, says) in words {
        grid.rows.push(vec![Cell::name(name), Cell::sentence(says)]);
    }
    Block::Grid(grid)
}

impl Report for Formats<'_> {
    fn document(&self) -> Document {
        let mut document = Document::default();
        document.push(Block::Heading(format!("{} `{NAME}`", Folder::Reference.name())));
        document.say(SUMMARY);
        document.say(WHY);
        for section in self.sections() {
            let title = if section.title.is_empty() { String::new() } else { format!(": {}", section.title) };
            document.push(Block::Heading(format!("{}{title}", section.file)));
            if !section.says.is_empty() {
                document.say(&section.says);
            }
            let columns = [("key", "key"), ("needed", "needed"), ("value", "value"), ("says", "says")];
            let mut grid = Grid::new("n", &columns);
            for key in &section.keys {
                let needed = if is_required(key) { "yes" } else { "no" };
                let says = Cell::sentence(key.says);
                grid.rows.push(vec![
                    Cell::name(key.name),
                    Cell::words(needed),
                    Cell::words(key.value.kind()),
                    says,
                ]);
            }
            if !grid.rows.is_empty() {
                document.push(Block::Grid(grid));
            }
            for key in &section.keys {
                let words = words(key);
                if !words.is_empty() {
                    document.say(format!("`{}` is one of", key.name));
                    document.push(vocabulary(words.iter().map(|word| (word.name, word.says.to_owned()))));
                }
            }
            if section.has_activations {
                document.push(vocabulary(self.activations()));
            }
            if !section.example.is_empty() {
                document.push(Block::Verbatim(section.example));
            }
        }
        document.push(Block::Heading("expressions".into()));
        document.say(EXPRESSIONS);
        let names: Vec<String> = Name::WRITTEN.iter().map(|(name, _)| format!("`{name}`")).collect();
        document.say(names.join(", "));
        document
    }

    fn data(&self) -> Grid {
        let keys = ["file", "table", "key", "required", "value", "says", "example"].map(|key| (key, key));
        let mut grid = Grid::new("n", &keys);
        for section in self.sections() {
            for key in &section.keys {
                grid.rows.push(vec![
                    Cell::words(section.file),
                    Cell::words(&section.path),
                    Cell::name(key.name),
                    Cell::words(if is_required(key) { "yes" } else { "no" }),
                    Cell::words(key.value.kind()),
                    Cell::words(key.says),
                    Cell::words(value(key)),
                ]);
            }
        }
        grid
    }

    fn json(&self) -> AnyAnswer {
        let word = |word: Word| ListedRule { name: word.name.into(), summary: word.says.into() };
        let mut keys = Vec::new();
        for section in self.sections() {
            keys.extend(section.keys.iter().map(|key| KeyObject {
                file: section.file.into(),
                table: section.path.clone(),
                key: key.name.into(),
                required: is_required(key),
                value: key.value.kind().into(),
                words: words(key).into_iter().map(word).collect(),
                says: key.says.into(),
                example: value(key),
            }));
        }
        let rule = RuleObject {
            kind: Folder::Reference.name().into(),
            name: NAME.into(),
            summary: SUMMARY.into(),
            why: WHY.into(),
            source: SOURCE.into(),
            says: Vec::new(),
            examples: Vec::new(),
            keys,
        };
        AnyAnswer::Rule(RuleAnswer { rules: vec![rule] })
    }

    fn width(&self) -> usize {
        NARROW
    }
}

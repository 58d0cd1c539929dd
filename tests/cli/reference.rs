//! What is looked up: `rule format` is what the readers take, key by key, and `rule notation` defines the words.

use std::collections::BTreeSet;
use std::fs;

use fscale::architecture::{Architecture, HyperparameterFile};
use fscale::document::Source;
use fscale::rule::{Folder, Name, RuleBook};
use serde_json::Value;
use toml_edit::{DocumentMut, Item, TableLike};

use super::{answer, fscale};

/// A key as the reference has it.
struct Listed {
    file: String,
    table: String,
    key: String,
    is_required: bool,
    example: String,
}

impl Listed {
    fn all() -> Vec<Self> {
        let answer = answer(&["rule", "format"]);
        let text = |key: &Value, name: &str| key[name].as_str().unwrap().to_owned();
        let keys = answer["rules"][0]["keys"].as_array().unwrap();
        let listed = |key: &Value| Self {
            file: text(key, "file"),
            table: text(key, "table"),
            key: text(key, "key"),
            is_required: key["required"].as_bool().unwrap(),
            example: text(key, "example"),
        };
        keys.iter().map(listed).collect()
    }

    fn what(&self) -> String {
        format!("{}: {} {}", self.file, self.table, self.key)
    }
}

/// The codes of mistakes, each with the diagnostic in words.
type Mistakes = Vec<(String, String)>;

/// Files of a kind that are right, and what reads them.
struct Kind {
    texts: Vec<String>,
    read: Box<dyn Fn(&str) -> Mistakes>,
}

fn read(path: &str) -> String {
    fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

impl Kind {
    fn of(file: &str) -> Self {
        let book = RuleBook::embedded().unwrap();
        let everything = read("tests/cli/everything.toml");
        let (folder, rules) = match file {
            "architecture file" => {
                let read = move |text: &str| {
                    let source = Source::new("everything", text);
                    let network = Architecture::parse(&source, &book.activations()).err();
                    let examples = RuleBook::examples(&source).err();
                    told([network, examples].into_iter().flatten())
                };
                return Self { texts: vec![everything], read: Box::new(read) };
            }
            "hyperparameter file" => {
                let source = Source::new("everything", everything);
                let graph = Architecture::parse(&source, &book.activations()).unwrap().graph;
                let read = move |text: &str| {
                    told(HyperparameterFile::parse(&Source::new("mine", text), &graph).err().into_iter())
                };
                return Self { texts: vec!["optimizer = \"sgd\"\n".into()], read: Box::new(read) };
            }
            "op or activation" => (Folder::Ops, ["ops/relu", "ops/linear"].as_slice()),
            "optimizer" => (Folder::Optimizers, &["optimizers/adamw"] as &[_]),
            "mix of optimizers" => (Folder::Optimizers, &["optimizers/muon-adamw"] as &[_]),
            "desiderata set" => (Folder::Desiderata, &["desiderata/fsc"] as &[_]),
            "parameterization" => (Folder::Parameterizations, &["parameterizations/mup"] as &[_]),
            "alignment" => (Folder::Alignments, &["alignments/readout"] as &[_]),
            "list of words" => (Folder::Reference, &["reference/notation"] as &[_]),
            other => unreachable!("no file of the kind {other}"),
        };
        let texts = rules.iter().map(|rule| read(&format!("rules/{rule}.toml"))).collect();
        let read = move |text: &str| {
            let name = name_of(text);
            told(book.clone().add(folder, Source::new(format!("{name}.toml"), text)).err().into_iter())
        };
        Self { texts, read: Box::new(read) }
    }

    /// Every way to change a table at some place, applied to every file.
    fn changed(&self, place: &str, change: &dyn Fn(&mut dyn TableLike)) -> Vec<String> {
        let mut changed = Vec::new();
        for text in &self.texts {
            for number in 0.. {
                let mut document: DocumentMut = text.parse().unwrap();
                match table(&mut document, place, number) {
                    Some(table) => change(table),
                    None => break,
                }
                changed.push(written(&document));
            }
        }
        changed
    }
}

/// A document as text, every value on the line of its key at the top.
fn written(document: &DocumentMut) -> String {
    document.iter().map(|(key, item)| format!("{key} = {}\n", inline(item))).collect()
}

fn inline(item: &Item) -> String {
    let list = |items: Vec<String>| format!("[{}]", items.join(", "));
    if let Some(table) = item.as_table_like() {
        let entry = |(key, item): (&str, &Item)| format!("{} = {}", serde_json::json!(key), inline(item));
        return format!("{{ {} }}", table.iter().map(entry).collect::<Vec<_>>().join(", "));
    }
    if let Some(tables) = item.as_array_of_tables() {
        return list(tables.iter().map(|table| inline(&Item::Table(table.clone()))).collect());
    }
    if let Some(values) = item.as_array() {
        return list(values.iter().map(|value| inline(&Item::Value(value.clone()))).collect());
    }
    match (item.as_str(), item.as_bool(), item.as_integer(), item.as_float()) {
        (Some(text), ..) => serde_json::json!(text).to_string(),
        (_, Some(truth), ..) => truth.to_string(),
        (_, _, Some(number), _) => number.to_string(),
        (.., number) => number.unwrap().to_string(),
    }
}

fn name_of(text: &str) -> String {
    let document: DocumentMut = text.parse().unwrap();
    document.get("name").and_then(Item::as_str).unwrap_or("mine").to_owned()
}

fn told(mistakes: impl Iterator<Item = fscale::Diagnostics>) -> Mistakes {
    let all = mistakes.flat_map(|mistakes| mistakes.0);
    all.map(|diagnostic| (diagnostic.code.to_owned(), diagnostic.to_string())).collect()
}

/// The table of that number at a place, as the reference writes places; nothing beyond the last.
fn table<'d>(document: &'d mut DocumentMut, place: &str, number: usize) -> Option<&'d mut dyn TableLike> {
    if place.is_empty() {
        return (number == 0).then(|| document.as_table_mut() as &mut dyn TableLike);
    }
    if let Some(name) = place.strip_suffix(".*") {
        let names: Vec<String> =
            document.get(name)?.as_table_like()?.iter().map(|(name, _)| name.into()).collect();
        return document.get_mut(name)?.as_table_like_mut()?.get_mut(names.get(number)?)?.as_table_like_mut();
    }
    if let Some((name, inner)) = place.split_once("[].") {
        let tables = document.get_mut(name)?.as_array_of_tables_mut()?;
        return tables.get_mut(number)?.get_mut(inner)?.as_table_like_mut();
    }
    let Some((name, condition)) = place.strip_suffix(']').and_then(|place| place.split_once('[')) else {
        return document.get_mut(place)?.as_table_like_mut().filter(|_| number == 0);
    };
    let holds = |table: &toml_edit::Table| {
        let Some((key, wanted)) = condition.split_once('=') else { return true };
        let wanted = if wanted == "ACTIVATION" { "relu" } else { wanted };
        table.get(key).and_then(Item::as_str) == Some(wanted)
    };
    let tables = document.get_mut(name)?.as_array_of_tables_mut()?;
    let table = tables.iter_mut().filter(|table| holds(table)).nth(number)?;
    Some(table)
}

/// Writes an example into a table; into what stands there already if both are tables.
fn put(table: &mut dyn TableLike, key: &str, example: &str) {
    let value: DocumentMut = format!("x = {example}\n").parse().unwrap();
    let value = value["x"].clone();
    match (table.get_mut(key).and_then(Item::as_table_like_mut), value.as_table_like()) {
        (Some(held), Some(more)) => {
            for (key, value) in more.iter() {
                held.insert(key, value.clone());
            }
        }
        _ => drop(table.insert(key, value)),
    }
}

/// The keys that a reader names as those it takes.
fn taken(diagnostics: &[(String, String)]) -> (BTreeSet<String>, bool) {
    let unknown = diagnostics.iter().find(|(_, told)| told.contains("unknown key `zzzz`"));
    let (_, told) = unknown.unwrap();
    let (_, hint) = told.rsplit_once(" takes ").unwrap();
    let keys = hint.split(", ").filter(|key| key.starts_with('`')).map(|key| key.trim_matches('`').into());
    (keys.collect(), !hint.ends_with('…'))
}

/// The keys of every case stand with the table that it is a case of.
fn general(table: &str) -> Option<String> {
    Some(format!("{}[]", table.strip_suffix(']')?.split_once('[').filter(|(_, case)| !case.is_empty())?.0))
}

#[test]
fn the_reference_has_exactly_the_keys_that_the_readers_take() {
    let listed = Listed::all();
    let places: BTreeSet<(&str, &str)> =
        listed.iter().map(|key| (key.file.as_str(), key.table.as_str())).collect();
    let mut seen = 0;
    for (file, place) in places.iter().copied() {
        if general(place).is_none() && places.iter().any(|(_, of)| general(of).as_deref() == Some(place)) {
            continue;
        }
        let expected: BTreeSet<String> = listed
            .iter()
            .filter(|key| key.file == file)
            .filter(|key| key.table == place || Some(&key.table) == general(place).as_ref())
            .map(|key| key.key.clone())
            .collect();
        let kind = Kind::of(file);
        let mut all = BTreeSet::new();
        let mut is_whole = true;
        for text in kind.changed(place, &|table| drop(table.insert("zzzz", toml_edit::value(1)))) {
            let (keys, whole) = taken(&(kind.read)(&text));
            assert!(keys.is_subset(&expected), "{file}: {place} takes {keys:?}, listed are {expected:?}");
            all.extend(keys);
            is_whole &= whole;
        }
        if is_whole {
            assert_eq!(all, expected, "{file}: {place}");
        }
        seen += 1;
    }
    assert!(seen >= 35, "only {seen} tables");
}

#[test]
fn every_table_under_a_key_is_in_the_reference() {
    let listed = Listed::all();
    let answer = answer(&["rule", "format"]);
    for key in answer["rules"][0]["keys"].as_array().unwrap() {
        let text = |name: &str| key[name].as_str().unwrap();
        let has_tables = ["a table", "a list of tables"].contains(&text("value"));
        let of = if text("table").is_empty() { String::new() } else { format!("{}.", text("table")) };
        let below = [text("key").to_owned(), format!("{}[]", text("key"))].map(|name| format!("{of}{name}"));
        let is_told = listed.iter().any(|held| held.file == text("file") && below.contains(&held.table));
        assert!(!has_tables || is_told, "{}: {}", text("file"), text("key"));
    }
}

/// Mistakes that an example makes alone: names and numbers that fit no network or rule but their own.
const BESIDE: [&str; 2] = ["example", "rule-name"];

#[test]
fn every_example_parses_in_its_place() {
    let listed = Listed::all();
    assert!(listed.len() >= 200, "only {}", listed.len());
    for key in listed.iter().filter(|key| !key.example.is_empty()) {
        let kind = Kind::of(&key.file);
        let changed = kind.changed(&key.table, &|table| put(table, &key.key, &key.example));
        let mistakes: Vec<_> = changed.iter().map(|text| (kind.read)(text)).collect();
        // Whatever operand the example names, the network around it needs another one.
        let is_operand = ["input", "inputs"].contains(&key.key.as_str());
        let of_key =
            ["wrong-type", "unknown-key", "missing-key", "unknown-node", "operand-key", "operand-count"];
        let is_mistake =
            |code: &str| if is_operand { of_key.contains(&code) } else { !BESIDE.contains(&code) };
        let is_right = |mistakes: &Mistakes| !mistakes.iter().any(|(code, _)| is_mistake(code));
        assert!(mistakes.iter().any(is_right), "{} = {}: {mistakes:?}", key.what(), key.example);
    }
}

#[test]
fn what_is_needed_is_needed_and_the_rest_is_not() {
    for key in Listed::all() {
        let kind = Kind::of(&key.file);
        let changed = kind.changed(&key.table, &|table| drop(table.remove(&key.key)));
        let mistakes: Vec<_> = changed.iter().map(|text| (kind.read)(text)).collect();
        // Without this one a file is no mix, but an optimizer that lacks everything.
        let is_telling = key.key == "rest";
        let names_it = format!("has no `{}`", key.key);
        let lacks = |mistakes: &Mistakes| {
            mistakes
                .iter()
                .any(|(code, told)| code == "missing-key" && (is_telling || told.contains(&names_it)))
        };
        if key.is_required {
            assert!(mistakes.iter().any(lacks), "{}: {mistakes:?}", key.what());
        } else {
            assert!(!mistakes.iter().all(lacks), "{}: {mistakes:?}", key.what());
        }
    }
}

#[test]
fn the_page_of_formats_fits_a_terminal_and_has_every_vocabulary() {
    for page in ["format", "notation"] {
        let text = fscale(&["rule", page]).stdout;
        let long: Vec<&str> = text.lines().filter(|line| line.chars().count() > 80).collect();
        assert!(long.is_empty(), "{long:#?}");
        for format in ["markdown", "latex", "csv"] {
            assert_eq!(fscale(&["rule", page, "--format", format]).status, 0);
        }
    }
    let text = fscale(&["rule", "format"]).stdout;
    for word in ["one_hot", "cross_entropy", "probability", "depth  ", "random", "silu", "kronecker_roots"] {
        assert!(text.contains(word), "{word}");
    }
}

#[test]
fn the_formats_have_no_file() {
    let outcome = fscale(&["rule", "format", "--source"]);
    insta::assert_snapshot!(outcome.stderr, @r"
    error[no-source]: `format` is made from the readers of the files: it has no file
      = hint: leave `--source` out
    ");
    assert_eq!(outcome.status, 2);
    assert_eq!(fscale(&["rule", "reference/format"]).stdout, fscale(&["rule", "format"]).stdout);
    assert_eq!(fscale(&["rule", "ops/format"]).status, 2);
    assert_eq!(fscale(&["rule", "notation", "--source"]).stdout, read("rules/reference/notation.toml"));
}

#[test]
fn every_word_of_answers_and_rules_is_defined() {
    let answer = answer(&["rule", "notation"]);
    let says = answer["rules"][0]["says"].as_array().unwrap();
    let words: BTreeSet<&str> = says.iter().map(|word| word["key"].as_str().unwrap()).collect();
    for (name, _) in Name::WRITTEN {
        assert!(words.contains(name), "{name}");
    }
    let roles = ["feature", "logits", "probability", "branch", "output"];
    let labels = ["F", "S", "U", "C", "finite"];
    let others =
        ["angle(y)", "lr(w)", "|d|", "saturated", "agrees", "crossover", "disagrees", "behind", "|copies|"];
    for word in roles.iter().chain(&labels).chain(&others) {
        assert!(words.contains(word), "{word}");
    }
    assert!(says.iter().all(|word| !word["from"].as_str().unwrap().is_empty()));
}

#[test]
fn long_answers_end_with_where_their_words_are_defined() {
    let long = [
        "explain --scale d_k",
        "explain --scale d_model",
        "predict --hp standard --scale d_ff",
        "judge --hp standard --scale d_ff",
        "measure mlp --scale width --seeds 1 --values 8,16",
    ];
    let ends = "\n\nwords: fscale rule notation\n";
    let told = |arguments: &str| fscale(&arguments.split(' ').collect::<Vec<_>>()).stdout;
    for arguments in long {
        assert!(told(arguments).ends_with(ends), "{arguments}");
        assert!(!told(&format!("{arguments} --format markdown")).contains(ends), "{arguments}");
    }
    for arguments in ["derive --scale d_k", "dims mlp", "list", "rule fsc"] {
        assert!(!told(arguments).contains("words: "), "{arguments}");
    }
}

#[test]
fn losses_and_roles_are_listed() {
    let listed = answer(&["list"]);
    let names = |kind: &str| -> Vec<String> {
        let kinds = listed[kind].as_array().unwrap();
        kinds.iter().map(|held| held["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("losses"), ["mse", "cross_entropy"]);
    assert_eq!(names("roles"), ["input", "feature", "logits", "probability", "branch", "output"]);
    assert_eq!(names("reference"), ["notation", "format"]);
}

//! [`Section`]: a table of a file with its keys, as its reader has them; and an example of it.

use crate::document::{Case, Key, Need, Value, Word};

/// A table of a file.
pub(super) struct Section {
    /// What the file describes.
    pub(super) file: &'static str,
    /// Where it stands, for people: `` `[loss]` ``; nothing at the top of the file.
    pub(super) title: String,
    /// The same for programs: `loss`.
    pub(super) path: String,
    /// What it is, in a line.
    pub(super) says: String,
    /// Its keys, but for those that are told with the table it is a case of.
    pub(super) keys: Vec<Key>,
    /// All of them with values, as TOML.
    pub(super) example: Vec<String>,
    /// Whether names of activations stand there.
    pub(super) has_activations: bool,
}

/// Every table of a file with these keys, in the order in which they are read.
pub(super) fn sections(file: &'static str, says: &str, keys: &[Key]) -> Vec<Section> {
    let plain: Vec<Key> = keys.iter().copied().filter(|key| !has_tables(key.value)).collect();
    let (entries, lines): (Vec<Key>, Vec<Key>) =
        plain.into_iter().partition(|key| matches!(key.value, Value::Entries(..)));
    let mut example = assigned(&lines);
    for key in entries {
        if let Value::Entries(name, _) = key.value {
            example.extend([
                String::new(),
                format!("[{}]", key.name),
                format!("{} = {}", quoted_name(name), key.example),
            ]);
        }
    }
    let top = Section {
        file,
        title: String::new(),
        path: String::new(),
        says: says.into(),
        keys: keys.to_vec(),
        example,
        has_activations: false,
    };
    let below = keys.iter().flat_map(|key| below(file, "", key));
    [top].into_iter().chain(below).collect()
}

/// The tables under a key of the table at `path`.
fn below(file: &'static str, path: &str, key: &Key) -> Vec<Section> {
    let name = key.name;
    let within = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    let header = |tables: bool| match (path.is_empty(), tables) {
        (true, false) => format!("[{name}]"),
        (true, true) => format!("[[{name}]]"),
        (false, _) => name.to_owned(),
    };
    let of =
        if path.is_empty() { String::new() } else { format!(" of `[[{}]]`", path.trim_end_matches("[]")) };
    let section = |header: &str, path: String, keys: Vec<Key>, example: Vec<String>| {
        let (title, says) = (format!("`{header}`{of}"), key.says.to_owned());
        Section { file, title, path, says, keys, example, has_activations: false }
    };
    let with = |first: Section| -> Vec<Section> {
        let path = first.path.clone();
        let below: Vec<Section> = first.keys.iter().flat_map(|key| below(file, &path, key)).collect();
        [first].into_iter().chain(below).collect()
    };
    match key.value {
        Value::Plain(_) | Value::Word(_) | Value::Expression | Value::Entries(..) => Vec::new(),
        Value::Table(keys) if path.is_empty() => {
            let example = [header(false)].into_iter().chain(assigned(&keys())).collect();
            with(section(&header(false), within, keys(), example))
        }
        Value::Table(keys) => with(section(&header(false), within, keys(), assigned(&[*key]))),
        Value::OneOrMore(keys) => {
            let example = [header(false)].into_iter().chain(assigned(&keys())).collect();
            let one = section(&header(false), within, keys(), example);
            let title = format!("{}, or each of several `{}`", one.title, header(true));
            with(Section { title, ..one })
        }
        Value::Tables(keys) => {
            let example = [header(true)].into_iter().chain(assigned(&keys())).collect();
            with(section(&header(true), format!("{within}[]"), keys(), example))
        }
        Value::Named(entry, keys) => {
            let entry = format!("{} = {}", quoted_name(entry), inline(&keys()));
            with(section(&header(false), format!("{within}.*"), keys(), vec![header(false), entry]))
        }
        Value::Cases(word, cases) => {
            let cases = cases();
            let mut common = cases.first().map_or_else(Vec::new, |case| case.keys.clone());
            common.retain(|key| cases.iter().all(|case| has(case, key)));
            let first = section(&header(true), format!("{within}[]"), common.clone(), Vec::new());
            let each = cases.iter().map(|case| of_case(file, name, word, &common, case));
            [first].into_iter().chain(each).collect()
        }
    }
}

/// The table that holds a word.
fn of_case(file: &'static str, name: &str, word: &str, common: &[Key], case: &Case) -> Section {
    let own = case.keys.iter().filter(|key| !common.iter().any(|known| known.name == key.name));
    let shown = case.word.unwrap_or("relu");
    let mut lines: Vec<(String, String)> = pairs(&case.keys);
    for (key, value) in &mut lines {
        if key == word {
            *value = format!("\"{shown}\"");
        }
    }
    let title = case.word.map_or_else(|| "an activation".to_owned(), |held| format!("`{word} = \"{held}\"`"));
    Section {
        file,
        title: format!("`[[{name}]]` with {title}"),
        path: format!("{name}[{word}={}]", case.word.unwrap_or("ACTIVATION")),
        says: case.says.to_owned(),
        keys: own.copied().collect(),
        example: [format!("[[{name}]]")].into_iter().chain(aligned(&lines)).collect(),
        has_activations: case.word.is_none(),
    }
}

fn has(case: &Case, key: &Key) -> bool {
    case.keys.iter().any(|held| held.name == key.name)
}

/// Whether a section of its own tells what stands under a key.
fn has_tables(value: Value) -> bool {
    match value {
        Value::Plain(_) | Value::Word(_) | Value::Expression | Value::Entries(..) => false,
        Value::Named(..) | Value::Table(_) | Value::Tables(_) | Value::OneOrMore(_) | Value::Cases(..) => {
            true
        }
    }
}

/// The words that may stand under a key, if only some may.
pub(super) fn words(key: &Key) -> Vec<Word> {
    if let Value::Word(words) = key.value { words() } else { Vec::new() }
}

/// Whether a key must be there.
pub(super) fn is_required(key: &Key) -> bool {
    key.need == Need::Required
}

/// The value of a key in an example, as TOML.
pub(super) fn value(key: &Key) -> String {
    match key.value {
        Value::Plain(_) | Value::Word(_) | Value::Expression => key.example.into(),
        Value::Entries(name, _) => format!("{{ {} = {} }}", quoted_name(name), key.example),
        Value::Named(name, keys) => format!("{{ {} = {} }}", quoted_name(name), inline(&keys())),
        Value::Table(keys) | Value::OneOrMore(keys) => inline(&keys()),
        Value::Tables(keys) => format!("[{}]", inline(&keys())),
        Value::Cases(..) => String::new(),
    }
}

fn inline(keys: &[Key]) -> String {
    let entries: Vec<String> = pairs(keys).iter().map(|(key, value)| format!("{key} = {value}")).collect();
    format!("{{ {} }}", entries.join(", "))
}

fn pairs(keys: &[Key]) -> Vec<(String, String)> {
    keys.iter().map(|key| (quoted_name(key.name), value(key))).collect()
}

/// A line for each key; for each key of a table under one, since an inline table has a line to itself.
fn assigned(keys: &[Key]) -> Vec<String> {
    let lines = keys.iter().flat_map(|key| match key.value {
        Value::Table(below) => {
            let dotted = |(inner, value): (String, String)| (format!("{}.{inner}", key.name), value);
            pairs(&below()).into_iter().map(dotted).collect()
        }
        Value::Plain(_)
        | Value::Word(_)
        | Value::Expression
        | Value::Entries(..)
        | Value::Named(..)
        | Value::Tables(_)
        | Value::OneOrMore(_)
        | Value::Cases(..) => pairs(&[*key]),
    });
    aligned(&lines.collect::<Vec<_>>())
}

/// Lines with their signs of equality beneath each other.
fn aligned(pairs: &[(String, String)]) -> Vec<String> {
    let width = pairs.iter().map(|(key, _)| key.len()).max().unwrap_or(0);
    let line = |(key, value): &(String, String)| format!("{key}{} = {value}", " ".repeat(width - key.len()));
    pairs.iter().map(line).collect()
}

/// A key as TOML writes it.
fn quoted_name(name: &str) -> String {
    let is_bare = name.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_' || c == b'-');
    if is_bare { name.into() } else { format!("\"{name}\"") }
}

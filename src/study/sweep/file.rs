//! A sweep as a file that needs no other: the plan that every machine is given.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::bounded::{Texts, list};
use super::{Planned, Sweep, Task};
use crate::architecture::Architecture;
use crate::document::{Diagnostic, Diagnostics, Source, json, place, quote};
use crate::exact::Exponent;
use crate::graph::{Hyperparameters, Scaling};
use crate::rule::{Folder, RuleBook};
use crate::simulate::{Experiment, Method, Precision, Runs, Simulation, Updates};
use crate::study::choice::{Choice, Provenance};

/// What the file says it is.
const KIND: &str = "sweep";
/// Version of the form.
const SCHEMA: u32 = 1;
/// Largest text of an architecture or a rule, in bytes: the largest file of one.
const LARGEST_TEXT: usize = 1 << 20;
/// The most rules: files of two folders.
const MOST_RULES: usize = 2000;
/// The most parameters or multipliers: no architecture has as many.
const MOST_NAMES: usize = 100_000;
/// The most tasks, and sizes, of which each has one at least.
const MOST_TASKS: usize = 1_000_000;
/// Rules that results and predictions depend on.
const FOLDERS: [Folder; 2] = [Folder::Ops, Folder::Optimizers];

const CODE: &str = "plan";
const HINT: &str = "write plans with `fscale sweep plan`";

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct File {
    schema: u32,
    fscale: String,
    kind: String,
    /// The text of the architecture.
    architecture: String,
    /// The rules that are not built in.
    #[serde(deserialize_with = "list::<_, _, MOST_RULES>")]
    rules: Vec<RuleEntry>,
    scaling: String,
    optimizer: String,
    /// Where the exponents come from, in words.
    origin: String,
    /// The requirements that they were derived from, if they were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    desiderata: Option<String>,
    /// The parameterization whose inits and multipliers were given, if some were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    given: Option<String>,
    init: Texts<MOST_NAMES>,
    lr: Texts<MOST_NAMES>,
    multiplier: Texts<MOST_NAMES>,
    #[serde(deserialize_with = "list::<_, _, MOST_TASKS>")]
    values: Vec<usize>,
    seeds: u64,
    seed: u64,
    precision: String,
    method: String,
    updates: String,
    /// Bytes.
    memory: u64,
    #[serde(deserialize_with = "list::<_, _, MOST_TASKS>")]
    tasks: Vec<TaskEntry>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct RuleEntry {
    folder: String,
    name: String,
    text: String,
}

#[derive(Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
struct TaskEntry {
    task: String,
    value: usize,
    seed: u64,
    multiply_adds: u64,
    bytes: u64,
}

impl From<&Task> for TaskEntry {
    fn from(task: &Task) -> Self {
        Self {
            task: task.name.clone(),
            value: task.size,
            seed: task.run.seed.0,
            multiply_adds: task.cost.multiply_adds,
            bytes: task.cost.bytes,
        }
    }
}

impl Sweep {
    /// Largest file, in bytes.
    pub const LARGEST: u64 = 256 << 20;

    /// The plan, a line for each task.
    #[must_use]
    pub fn write(&self) -> String {
        let (graph, planned) = (&self.architecture.graph, &self.planned);
        let parameters = || graph.parameters.iter().map(|parameter| parameter.name.as_str());
        let multipliers = graph.multipliers.iter().map(|multiplier| multiplier.name.as_str());
        let Choice { optimizer, hyperparameters, origin } = &planned.choice;
        let Hyperparameters { init, lr, multiplier } = hyperparameters;
        let Simulation { precision, method, updates, memory } = planned.runs.simulation;
        let file = File {
            schema: SCHEMA,
            fscale: env!("CARGO_PKG_VERSION").into(),
            kind: KIND.into(),
            architecture: self.architecture.source.text.clone(),
            rules: rules(&self.book),
            scaling: planned.scaling.write(graph),
            optimizer: optimizer.about.name.clone(),
            origin: origin.words.clone(),
            desiderata: origin.desiderata.clone(),
            given: origin.given.clone(),
            init: exponents(parameters(), init),
            lr: exponents(parameters(), lr),
            multiplier: exponents(multipliers, multiplier),
            values: planned.runs.values.clone(),
            seeds: planned.runs.seeds,
            seed: planned.runs.base_seed,
            precision: name_of(&Precision::NAMES, &precision),
            method: name_of(&Method::NAMES, &method),
            updates: name_of(&Updates::NAMES, &updates),
            memory,
            tasks: self.tasks.iter().map(TaskEntry::from).collect(),
        };
        layout(&file)
    }

    /// Reads a plan. It is believed only where it says what follows from its own architecture: its tasks are planned
    /// anew and compared.
    ///
    /// # Errors
    /// What is wrong with it, each with its place.
    pub fn read(source: &Source) -> Result<Self, Diagnostics> {
        let file: File = json(source, CODE, HINT)?;
        let flaw = |pointer: &str, message: String| flaw(source, pointer, message);
        if file.kind != KIND || file.schema != SCHEMA {
            let message =
                format!("{} of schema {} is no {KIND} of schema {SCHEMA}", quote(&file.kind), file.schema);
            return Err(flaw("/kind", message).into());
        }
        if file.fscale != env!("CARGO_PKG_VERSION") {
            let message = format!(
                "the plan is of fscale {}, this is {}",
                quote(&file.fscale),
                env!("CARGO_PKG_VERSION")
            );
            return Err(flaw("/fscale", message)
                .hint("use one version for the whole sweep, or plan anew")
                .into());
        }
        let book = book(source, &file.rules)?;
        if file.architecture.len() > LARGEST_TEXT {
            return Err(flaw("/architecture", format!("a text has more than {LARGEST_TEXT} bytes")).into());
        }
        let text = Source::new(format!("{}: architecture", source.name), file.architecture.as_str());
        let architecture = Architecture::parse(&text, &book.activations())?;
        let planned = planned(source, &file, &architecture, &book)?;
        let sweep = Self::new(book, architecture, planned).map_err(|error| {
            let wrong = Diagnostic::new(error.code(), error.to_string());
            wrong.at(placed(source, "/values")).hint(error.hint())
        })?;
        if file.tasks.len() != sweep.tasks.len() {
            let message = format!("the plan has {} tasks, not {}", sweep.tasks.len(), file.tasks.len());
            return Err(flaw("/tasks", message).into());
        }
        let mut pairs = file.tasks.iter().zip(&sweep.tasks).enumerate();
        match pairs.find(|(_, (said, task))| **said != TaskEntry::from(*task)) {
            Some((position, (_, task))) => {
                let expected = json!(TaskEntry::from(task));
                Err(flaw(&format!("/tasks/{position}"), format!("the task here is `{expected}`")).into())
            }
            None => Ok(sweep),
        }
    }
}

/// What the file plans of its network.
fn planned(
    source: &Source,
    file: &File,
    architecture: &Architecture,
    book: &RuleBook,
) -> Result<Planned, Diagnostics> {
    let graph = &architecture.graph;
    let scaling = Scaling::parse(&file.scaling, graph).map_err(|error| {
        let wrong = Diagnostic::new("scale", error.to_string());
        wrong.at(placed(source, "/scaling")).hint(error.hint())
    })?;
    let optimizer = book.optimizer(&file.optimizer);
    let optimizer = optimizer.map_err(|unknown| unknown.at(placed(source, "/optimizer")))?;
    let simulation = Simulation {
        precision: named(source, &Precision::NAMES, "precision", &file.precision)?,
        method: named(source, &Method::NAMES, "method", &file.method)?,
        updates: named(source, &Updates::NAMES, "updates", &file.updates)?,
        memory: file.memory,
    };
    let parameters: Vec<&str> = graph.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
    let multipliers: Vec<&str> =
        graph.multipliers.iter().map(|multiplier| multiplier.name.as_str()).collect();
    let hyperparameters = Hyperparameters {
        init: read_exponents(source, "init", &parameters, &file.init)?,
        lr: read_exponents(source, "lr", &parameters, &file.lr)?,
        multiplier: read_exponents(source, "multiplier", &multipliers, &file.multiplier)?,
    };
    let origin = Provenance {
        words: file.origin.clone(),
        desiderata: file.desiderata.clone(),
        given: file.given.clone(),
        alignment: None,
    };
    Ok(Planned {
        scaling,
        choice: Choice { optimizer: optimizer.clone(), hyperparameters, origin },
        runs: Runs { values: file.values.clone(), seeds: file.seeds, base_seed: file.seed, simulation },
    })
}

/// The name of one of a closed set.
fn name_of<T: PartialEq>(names: &[(&str, T)], wanted: &T) -> String {
    names.iter().find(|(_, known)| known == wanted).map_or("", |(name, _)| name).into()
}

/// The one of a closed set that an entry names.
fn named<T: Copy>(source: &Source, names: &[(&str, T)], entry: &str, name: &str) -> Result<T, Diagnostic> {
    let found = names.iter().find(|(known, _)| *known == name);
    let unknown = || flaw(source, &format!("/{entry}"), format!("{} is no value of `{entry}`", quote(name)));
    found.map(|(_, value)| *value).ok_or_else(unknown)
}

/// The rules of a book that are not built in.
fn rules(book: &RuleBook) -> Vec<RuleEntry> {
    let built_in = RuleBook::embedded().map(|book| book.texts).unwrap_or_default();
    let is_other = |((folder, name), text): &(&(Folder, String), &Source)| {
        let same = built_in.get(&(*folder, name.clone())).is_some_and(|known| known.text == text.text);
        FOLDERS.contains(folder) && !same
    };
    let entry = |((folder, name), source): (&(Folder, String), &Source)| RuleEntry {
        folder: folder.name().into(),
        name: name.clone(),
        text: source.text.clone(),
    };
    book.texts.iter().filter(is_other).map(entry).collect()
}

/// The built-in rules with those of the file.
fn book(source: &Source, rules: &[RuleEntry]) -> Result<RuleBook, Diagnostics> {
    let mut book = RuleBook::embedded()?;
    let mut sources: BTreeMap<Folder, Vec<Source>> = BTreeMap::new();
    for (position, RuleEntry { folder, name, text }) in rules.iter().enumerate() {
        let Some(kind) = FOLDERS.into_iter().find(|kind| kind.name() == folder) else {
            let message = format!("{} is no kind of rule that a plan holds", quote(folder));
            return Err(flaw(source, &format!("/rules/{position}/folder"), message).into());
        };
        if text.len() > LARGEST_TEXT {
            let message = format!("a text has more than {LARGEST_TEXT} bytes");
            return Err(flaw(source, &format!("/rules/{position}/text"), message).into());
        }
        let text = Source::new(format!("{}: {folder}/{name}.toml", source.name), text.as_str());
        sources.entry(kind).or_default().push(text);
    }
    let mut errors = Diagnostics::none();
    for (kind, sources) in sources {
        errors.0.extend(book.add_all(kind, sources).0);
    }
    errors.or(book)
}

fn exponents<'n>(names: impl Iterator<Item = &'n str>, exponents: &[Exponent]) -> Texts<MOST_NAMES> {
    Texts(names.zip(exponents).map(|(name, exponent)| (name.to_owned(), exponent.to_string())).collect())
}

/// The exponents under a key, one for each name and in no other order.
fn read_exponents(
    source: &Source,
    key: &str,
    names: &[&str],
    Texts(said): &Texts<MOST_NAMES>,
) -> Result<Vec<Exponent>, Diagnostics> {
    if !said.iter().map(|(name, _)| name).eq(names.iter()) {
        let message = format!("`{key}` does not name {}", names.join(", "));
        return Err(flaw(source, &format!("/{key}"), message).into());
    }
    let read = |(name, text): &(String, String)| {
        let pointer = format!("/{key}/{name}");
        if text.len() > Experiment::LONGEST_EXPONENT {
            let message = format!("an exponent has more than {} characters", Experiment::LONGEST_EXPONENT);
            return Err(flaw(source, &pointer, message).into());
        }
        let exponent = Exponent::from_written(text).map_or_else(|| text.parse(), Ok);
        exponent.map_err(|error: crate::exact::ParseExponentError| {
            let wrong = Diagnostic::new(CODE, format!("{} is no exponent: {error}", quote(text)));
            wrong.at(placed(source, &pointer)).hint(error.hint()).into()
        })
    };
    said.iter().map(read).collect()
}

fn placed(source: &Source, pointer: &str) -> crate::document::Place {
    let at = place(&source.text, pointer);
    source.place(at..at + 1)
}

fn flaw(source: &Source, pointer: &str, message: String) -> Diagnostic {
    Diagnostic::new(CODE, message).at(placed(source, pointer)).note(format!("at `{pointer}`")).hint(HINT)
}

/// The file as text: a line for each key, and for each task.
fn layout(file: &File) -> String {
    let Value::Object(entries) = json!(file) else { return String::new() };
    let entries = entries.iter().map(|(key, value)| {
        let value = match value {
            Value::Array(items) if items.iter().any(Value::is_object) => {
                let items: Vec<String> = items.iter().map(|item| format!("    {item}")).collect();
                format!("[\n{}\n  ]", items.join(",\n"))
            }
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_)
            | Value::Object(_) => value.to_string(),
        };
        format!("  \"{key}\": {value}")
    });
    format!("{{\n{}\n}}\n", entries.collect::<Vec<_>>().join(",\n"))
}

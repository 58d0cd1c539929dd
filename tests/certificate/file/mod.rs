//! Certificates as files: real ones are proven, and with anything changed anywhere in them they are not.

mod joint;
mod mutants;
mod questions;
mod truth;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use assert_cmd::Command;
use fscale::architecture::Architecture;
use fscale::certificate::{Asked, Certificate, Words};
use fscale::derive::{Answer, derive};
use fscale::document::Source;
use fscale::graph::Scaling;
use fscale::propagate::Question;
use fscale::rule::RuleBook;
use mutants::{refuse_every_mutant, stride};
use serde_json::{Value, json};

/// A question and the certificate of its answer.
struct Case<'a> {
    name: &'a str,
    question: &'a Question,
    source: &'a Source,
    answer: &'a Answer,
}

impl Case<'_> {
    fn words(&self) -> Words<'_> {
        Words { architecture: self.name, file: None, source: self.source }
    }

    fn asked(&self) -> Asked<'_> {
        Asked { words: self.words(), posed: self.answer.posed().unwrap(), alone: &[] }
    }

    fn text(&self) -> String {
        self.answer.certified(self.words()).unwrap()
    }

    /// Whether the program would say that the certificate is proven. It is asked itself where the network is another.
    fn is_proven(&self, text: &str) -> bool {
        let Ok(read) = Certificate::read(&Source::new("mutant", text)) else { return false };
        let asked = self.asked();
        let names = read.names();
        let same = names.architecture == self.name
            && names.scaling == self.question.scaling.write(&self.question.graph)
            && names.optimizer == self.question.optimizer.about.name
            && names.desiderata == self.question.desiderata.about.name;
        if same { read.verify(&asked).is_ok() } else { check(text).0 == 0 }
    }
}

impl Case<'_> {
    /// Refuses one in `stride` of all mutants; how many, of how many.
    fn refuse_mutants(&self, stride: usize) -> (usize, usize) {
        refuse_every_mutant(&self.text(), |text| self.is_proven(text), stride)
    }
}

/// Exit status, answer and complaints of `fscale check`.
fn check(text: &str) -> (i32, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("certificate.json");
    fs::write(&path, text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_fscale"));
    let output = command.current_dir(env!("CARGO_MANIFEST_DIR")).arg("check").arg(&path).output().unwrap();
    let shown = |bytes| String::from_utf8(bytes).unwrap().replace(path.to_str().unwrap(), "FILE");
    let (status, stderr) = (output.status.code().unwrap(), shown(output.stderr));
    assert!(!stderr.contains("panicked"), "{stderr}");
    assert_eq!(status == 2, !stderr.is_empty(), "{status}: {stderr}");
    (status, shown(output.stdout), stderr)
}

fn with<T>(
    name: &str,
    scaling: &str,
    optimizer: &str,
    desiderata: &str,
    then: impl FnOnce(&Case<'_>) -> T,
) -> T {
    let book = Arc::new(RuleBook::embedded().unwrap());
    let architecture =
        Architecture::parse(&book.architecture(name).unwrap().text, &book.activations()).unwrap();
    let graph = &architecture.graph;
    let question = Question::new(
        graph,
        &book,
        book.optimizer(optimizer).unwrap(),
        book.desiderata(desiderata).unwrap(),
        Scaling::parse(scaling, graph).unwrap(),
    );
    let answer = derive(&question).unwrap();
    then(&Case { name, question: &question, source: &architecture.source, answer: &answer })
}

#[test]
fn a_certificate_of_a_unique_table_is_refused_when_anything_in_it_is_changed() {
    let (tried, of) = with("transformer", "d_k=n", "sgd", "fsc", |case| case.refuse_mutants(stride(61)));
    assert!(of > 50_000 && tried > 500, "{tried} of {of}");
}

#[test]
fn a_certificate_of_a_table_among_others_is_refused_when_anything_in_it_is_changed() {
    let (tried, of) = with("mlp", "width=n", "sgd", "fsc", |case| case.refuse_mutants(stride(7)));
    assert!(of > 10_000 && tried > 1000, "{tried} of {of}");
}

#[test]
fn a_certificate_of_a_contradiction_is_refused_when_anything_in_it_is_changed() {
    for scaling in ["d_v=n", "d_model=n", "d_out=n"] {
        let (tried, of) = with("transformer", scaling, "adam", "fsc", |case| case.refuse_mutants(1));
        assert!(of > 500 && tried == of, "{scaling}: {tried} of {of}");
    }
}

#[test]
fn a_certificate_of_a_contradiction_by_cases_is_refused_when_anything_in_it_is_changed() {
    let (_, of) = with("mlp", "d_out=n", "adam", "fsc-total", |case| {
        assert!(case.text().contains("\"split\""));
        case.refuse_mutants(stride(3))
    });
    assert!(of > 3000, "{of}");
}

#[test]
fn every_answer_about_the_built_in_networks_has_a_certificate_that_is_proven() {
    let mut seen = BTreeMap::new();
    for (network, dimension) in
        [("transformer", "d_model"), ("transformer", "heads"), ("mlp", "width"), ("mlp", "d_in")]
    {
        for optimizer in ["sgd", "adamw", "muon"] {
            for desiderata in ["fsc", "fsc-total", "mup", "stable", "signal", "paper"] {
                with(network, dimension, optimizer, desiderata, |case| {
                    let read = Certificate::read(&Source::new("certificate", case.text())).unwrap();
                    *seen.entry(read.verify(&case.asked()).unwrap()).or_insert(0) += 1;
                });
            }
        }
    }
    assert!(seen.len() == 4 && seen.values().all(|count| *count > 2), "{seen:?}");
}

/// The example of the documentation is what the program writes. `FSCALE_BLESS=1` writes it anew.
#[test]
fn the_documented_certificate_is_a_real_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/certificate/format.md");
    let documentation = fs::read_to_string(&path).unwrap();
    let (before, rest) = documentation.split_once("```json\n").unwrap();
    let (example, after) = rest.split_once("```\n").unwrap();
    let written = with("transformer", "d_out", "sgd", "fsc", |case| case.text());
    if std::env::var_os("FSCALE_BLESS").is_some() {
        fs::write(&path, format!("{before}```json\n{written}```\n{after}")).unwrap();
        return;
    }
    assert_eq!(example, written);
    let (status, said, _) = check(example);
    assert_eq!(
        (status, said.as_str()),
        (0, "FILE: proven\n\n`d_out=n` of transformer with sgd, fsc: impossible\n")
    );
}

#[test]
fn what_is_not_proven_is_said_with_its_place() {
    let text = with("transformer", "d_out", "sgd", "fsc", |case| case.text());
    let said = |from: &str, to: &str| {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from}");
        let (status, said, complaint) = check(&changed);
        format!("{status}: {}", said.lines().skip(2).chain(complaint.lines()).collect::<Vec<_>>().join("\n"))
    };
    let fingerprint = text.split("\"fingerprint\": \"").nth(1).and_then(|rest| rest.get(..16)).unwrap();
    let cases = [
        said(fingerprint, "0123456789abcdef").replace(fingerprint, "FINGERPRINT"),
        said("\"variable\": \"n\"", "\"variable\": \"m\""),
        said("\"constant\": \"1\"", "\"constant\": \"2\""),
        said("contribution(W_U) = 0", "contribution(W_E) = 0"),
        said("\"times\": \"-1\"", "\"times\": \"1\""),
        said(
            "{\"times\": \"1\", \"clause\": 0, \"row\": 0}",
            "{\"times\": \"-1\", \"clause\": 0, \"row\": 0}",
        ),
        said("\"infeasible\"", "\"feasible\""),
        said("\"name\": \"transformer\"", "\"name\": \"transfomer\""),
        said("\"name\": \"transformer\"", "\"name\": \"nets/mine.toml\""),
        said("\"fsc\"", "\"fcs\""),
        said("\"d_out=n\"", "\"d_oat=n\""),
        said("\"0.", "\"7."),
        said("\"schema\": 2", "\"schema\": 1"),
        said("\"schema\": 2", "\"schema\": 3"),
        said("\"schema\"", "\"shcema\""),
        said("\"terms\": {\"backward(out)\": \"-1\"}", "\"terms\": {\"backward(out)\": \"-2/2\"}"),
        said("\"refutation\": [", "\"refutation\": [["),
        said("\"times\": \"1\"", "\"times\": \"1/2\""),
    ];
    insta::assert_snapshot!(cases.join("\n\n"));
}

#[test]
fn a_file_beyond_a_limit_is_refused_without_harm() {
    let text = with("transformer", "d_out", "sgd", "fsc", |case| case.text());
    let document: Value = serde_json::from_str(&text).unwrap();
    let refuted = |nodes: Value| {
        let mut document = document.clone();
        document["evidence"]["refutation"] = nodes;
        document.to_string()
    };
    // Splits below each other, each on the definition, whose second branch adds up at once.
    let chain = |splits: usize| {
        let leaf = document["evidence"]["refutation"][0].clone();
        let mut nodes = Vec::new();
        for split in 0..splits {
            nodes.push(json!({"split": 0, "branches": [split + 1, 2 * splits - split]}));
        }
        nodes.resize(2 * splits + 1, leaf);
        refuted(json!(nodes))
    };
    let cases = [
        ("nested lists", "[".repeat(1_000_000), 2),
        ("nested objects", "{\"a\":".repeat(1_000_000), 2),
        ("nested evidence", refuted(json!([])).replace("[]}}", &"[".repeat(1_000_000)), 2),
        ("1000 splits", chain(1000), 0),
        ("1001 splits", chain(1001), 2),
        ("100000 splits", chain(100_000), 2),
        ("itself below itself", refuted(json!([{"split": 0, "branches": [0, 0]}])), 2),
        ("no node", refuted(json!([])), 2),
        (
            "a long number",
            text.replacen("\"times\": \"1\"", &format!("\"times\": \"{}\"", "7".repeat(601)), 1),
            2,
        ),
        (
            "a longest number",
            text.replacen("\"times\": \"1\"", &format!("\"times\": \"{}\"", "7".repeat(600)), 1),
            1,
        ),
        ("a large position", text.replacen("\"clause\": 2", "\"clause\": 18446744073709551615", 1), 1),
        ("a larger position", text.replacen("\"clause\": 2", "\"clause\": 18446744073709551616", 1), 2),
        ("nothing", String::new(), 2),
        ("a long key", format!("{{\"{}\": 1}}", "k".repeat(1_000_000)), 2),
        ("no text", "\u{0}\u{1}".into(), 2),
    ];
    for (name, text, expected) in cases {
        let (status, said, complaint) = check(&text);
        assert_eq!(status, expected, "{name}: {said}{complaint}");
        assert!(said.len() + complaint.len() < 2000, "{name}: {} bytes", said.len() + complaint.len());
    }
}

/// A reader that knows the keys also knows their order; the file does not.
#[test]
fn a_document_of_another_form_is_refused_though_it_could_be_read() {
    let text = with("transformer", "d_out", "sgd", "fsc", |case| case.text());
    let document: Value = serde_json::from_str(&text).unwrap();
    let with = |pointer: &str, value: Value| {
        let mut document = document.clone();
        *document.pointer_mut(pointer).unwrap() = value;
        document.to_string()
    };
    let values = |pointer: &str| -> Value {
        document.pointer(pointer).unwrap().as_object().unwrap().values().cloned().collect()
    };
    let mut nothing = document.clone();
    nothing["statement"]["alignment"] = Value::Null;
    for changed in [
        with("/statement/unknowns/0", values("/statement/unknowns/0")),
        with("/statement/clauses/1/states", values("/statement/clauses/1/states")),
        with("/statement/status", json!({"infeasible": null})),
        nothing.to_string(),
        values("").to_string(),
    ] {
        let (status, said, complaint) = check(&changed);
        assert_eq!(status, 2, "{said}");
        assert!(complaint.starts_with("error[certificate]: "), "{complaint}");
    }
    let mut backwards = serde_json::Map::new();
    let entries: Vec<_> = document.as_object().unwrap().iter().collect();
    entries.iter().rev().for_each(|(key, value)| drop(backwards.insert((*key).clone(), (*value).clone())));
    assert_eq!(check(&Value::Object(backwards).to_string()).0, 0, "the order of keys says nothing");
}

#[test]
fn a_certificate_names_its_architecture_and_another_can_be_given() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_fscale")).args(arguments).output().unwrap();
        output.status.code().unwrap()
    };
    let mine =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/networks/two-blocks.toml"))
            .unwrap();
    let (net, other, file) = (path("net.toml"), path("other.toml"), path("proof.json"));
    fs::write(&net, &mine).unwrap();
    assert_eq!(run(&["derive", &net, "--scale", "d_v", "--certificate", &file]), 1);
    let derived = fs::read_to_string(&file).unwrap();
    assert_eq!(run(&["explain", &net, "--scale", "d_v", "--certificate", &file]), 1);
    assert_eq!(fs::read_to_string(&file).unwrap(), derived);
    assert_eq!(run(&["check", &file]), 0);
    fs::rename(&net, &other).unwrap();
    assert_eq!(run(&["check", &file]), 2);
    assert_eq!(run(&["check", &file, "--arch", &other]), 0);
    assert_eq!(run(&["check", &file, "--arch", "transformer"]), 1);
    fs::write(&net, mine + "\n").unwrap();
    assert_eq!(run(&["check", &file]), 1, "the architecture was changed");
}

#[test]
fn the_checker_uses_nothing_of_the_solver() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/certificate");
    let mut files = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "rs") {
            files += 1;
            let text = fs::read_to_string(&path).unwrap();
            for module in ["solve", "derive", "worked", "report", "cli"] {
                assert!(!text.contains(&format!("crate::{module}")), "{} uses {module}", path.display());
            }
            assert!(!text.contains("crate::{"), "{}: name each module in full", path.display());
        }
    }
    assert!(files >= 5, "{files} files");
}

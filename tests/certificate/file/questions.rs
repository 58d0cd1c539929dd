//! The question of a certificate changed, word by word and at random: what is accepted is true.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use assert_cmd::Command;
use fscale::rule::RuleBook;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use serde_json::{Value, json};

use super::check;
use super::mutants::{stride, visit};
use super::truth::{Count, is_true};

/// Questions whose answers are certificates of every kind, with the statuses that `derive` ends with.
const QUESTIONS: [(&str, i32); 17] = [
    ("transformer --scale d_k", 0),
    ("transformer --scale d_model=n,heads=n,d_ff=n --optimizer adamw", 0),
    ("transformer --scale heads=n^1/2 --optimizer muon", 0),
    ("mlp --scale width", 0),
    ("mlp --scale width --desiderata mup --optimizer adam --alignment full", 0),
    ("mlp --scale width --given standard --optimizer adam", 0),
    ("mlp --scale width --given standard --optimizer adam --desiderata fsc", 1),
    ("transformer --scale d_v", 1),
    ("transformer --scale d_out --optimizer adam", 1),
    ("mlp --scale d_out --optimizer adam --desiderata fsc-total", 1),
    ("transformer-stack --scale depth --optimizer adam", 0),
    ("mlp --scale width=n,d_in=m", 0),
    ("transformer --scale d_k=n,heads=m", 0),
    ("transformer --scale d_k=n,d_ff=m --desiderata stable", 0),
    ("transformer --scale d_k=n,d_v=m", 1),
    ("mlp --scale width=n,d_in=m --given standard --optimizer adam", 0),
    ("lora --scale rank=n,d_v=m --optimizer adam --desiderata stable", 0),
];

/// The certificates of the questions.
fn certificates() -> Vec<Value> {
    let written = |(question, expected): (&str, i32)| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("proof.json");
        let mut command = Command::new(env!("CARGO_BIN_EXE_fscale"));
        let command = command.arg("derive").args(question.split(' ')).arg("--certificate").arg(&path);
        assert_eq!(command.output().unwrap().status.code(), Some(expected), "{question}");
        let document = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        assert!(is_true(&document), "{question}");
        document
    };
    QUESTIONS.into_par_iter().map(written).collect()
}

/// Every word of the question at a statement, with what could stand there instead; nothing leaves a word out.
fn alternatives(statement: &Value, book: &Arc<RuleBook>) -> Vec<(&'static str, Vec<Value>)> {
    let names = |names: Vec<&String>| names.into_iter().map(|name| json!(name)).collect::<Vec<_>>();
    let or_none = |mut names: Vec<Value>| {
        names.push(Value::Null);
        names
    };
    let mut words = vec![
        ("/architecture/name", names(book.architectures.keys().collect())),
        ("/architecture/file", vec![json!("mlp.toml"), json!("../mlp.toml"), json!("/etc/hostname")]),
        ("/optimizer", names(book.optimizers.keys().collect())),
        ("/desiderata", names(book.desiderata.keys().collect())),
        ("/alignment", or_none(names(book.alignments.keys().collect()))),
        ("/given", or_none(names(book.parameterizations.keys().collect()))),
        (
            "/status",
            ["unique", "unique-up-to-starts", "feasible", "infeasible"].map(|status| json!(status)).into(),
        ),
        ("/variable", ["n", "m", "l", "n,m", ""].map(|variable| json!(variable)).into()),
    ];
    words.push(("/scaling", scalings(statement, book)));
    words
}

/// Scalings near the one of a statement: dimensions more, fewer, others, other variables and powers.
fn scalings(statement: &Value, book: &Arc<RuleBook>) -> Vec<Value> {
    let stated = statement["scaling"].as_str().unwrap();
    let name = statement["architecture"]["name"].as_str().unwrap();
    let text = &book.architecture(name).unwrap().text;
    let architecture = fscale::architecture::Architecture::parse(text, &book.activations()).unwrap();
    let parts: Vec<&str> = stated.split(',').collect();
    let mut scalings =
        vec![stated.replace("=n", "=m"), stated.replace("=m", "=n"), stated.replace("=n", "=l")];
    for dimension in &architecture.graph.dimensions {
        let dimension = &dimension.name;
        for growth in ["n", "m", "n^1/2", "m^2"] {
            scalings.push(format!("{dimension}={growth}"));
            scalings.push(format!("{stated},{dimension}={growth}"));
            scalings.push(format!("{dimension}={growth},{stated}"));
            for position in 0..parts.len() {
                let mut parts = parts.clone();
                let part = format!("{dimension}={growth}");
                parts[position] = &part;
                scalings.push(parts.join(","));
            }
        }
    }
    for position in 0..parts.len() {
        let mut fewer = parts.clone();
        let part = fewer.remove(position);
        scalings.push(fewer.join(","));
        fewer.push(part);
        scalings.push(fewer.join(","));
        scalings.push(stated.replacen(part, &format!("{part}^2"), 1));
        scalings.push(stated.replacen(part, &format!("{part}^1/2"), 1));
    }
    scalings.into_iter().map(Value::String).collect()
}

/// Whether the words of the statement can still be changed for others near them.
fn has_words(document: &Value, book: &Arc<RuleBook>) -> bool {
    let word = |pointer: &str| document.pointer(pointer).and_then(Value::as_str);
    let name = word("/statement/architecture/name");
    word("/statement/scaling").is_some() && name.is_some_and(|name| book.architecture(name).is_ok())
}

/// The places of statements in a document: its own, and those of certificates in it.
fn statements(document: &Value) -> Vec<String> {
    let inner = document["evidence"]["alone"].as_array().map_or(0, Vec::len);
    let inner = (0..inner).map(|position| format!("/evidence/alone/{position}/statement"));
    ["/statement".to_owned()].into_iter().chain(inner).collect()
}

/// Puts a word at a place below a statement, or takes it away.
fn put(document: &mut Value, statement: &str, word: &str, value: &Value) {
    let (above, key) = word.rsplit_once('/').unwrap();
    // An earlier change may have taken away what is above.
    let above = document.pointer_mut(&format!("{statement}{above}")).and_then(Value::as_object_mut);
    let Some(object) = above else { return };
    if value.is_null() {
        object.remove(key);
    } else {
        object.insert(key.into(), value.clone());
    }
}

/// Tries changed documents; what is accepted must be true.
fn accept_what_is_true(changed: &[(String, Value)]) -> Count {
    let accepted: Vec<(&str, bool)> = changed
        .par_iter()
        .filter(|(_, document)| check(&document.to_string()).0 == 0)
        .map(|(what, document)| (what.as_str(), is_true(document)))
        .collect();
    let wrong: Vec<&str> = accepted.iter().filter(|(_, holds)| !holds).map(|(what, _)| *what).collect();
    assert!(wrong.is_empty(), "{} false statements are proven: {wrong:#?}", wrong.len());
    let mut count = Count { tried: changed.len(), accepted: accepted.len(), ..Count::default() };
    for (what, _) in accepted {
        *count.by.entry(what.split(':').next().unwrap().to_owned()).or_insert(0) += 1;
    }
    count
}

#[test]
fn a_certificate_with_another_question_is_accepted_only_if_the_answer_is_the_same() {
    let book = Arc::new(RuleBook::embedded().unwrap());
    let mut changed = Vec::new();
    for document in certificates() {
        for statement in statements(&document) {
            for (word, values) in alternatives(document.pointer(&statement).unwrap(), &book) {
                let stated = document.pointer(&format!("{statement}{word}")).cloned().unwrap_or_default();
                for value in values.iter().filter(|value| **value != stated) {
                    let mut mutant = document.clone();
                    put(&mut mutant, &statement, word, value);
                    changed.push((format!("{word}: {stated} is {value} at {statement}"), mutant));
                }
            }
        }
    }
    let every = stride(6);
    let changed: Vec<(String, Value)> = changed.into_iter().step_by(every).collect();
    let count = accept_what_is_true(&changed);
    println!("words of questions, one in {every}: {count:?}");
    assert!(count.tried > 400 && count.accepted > 10 && count.accepted < count.tried / 5, "{count:?}");
}

/// Changes one thing anywhere, and says what.
fn change(document: &mut Value, draw: &mut ChaCha8Rng) -> String {
    let mut places = Vec::new();
    visit(document, String::new(), &mut places);
    let texts: Vec<Value> = places
        .iter()
        .filter_map(|place| document.pointer(place))
        .filter(|value| value.is_string())
        .cloned()
        .collect();
    let place = places.choose(draw).unwrap();
    let value = document.pointer_mut(place).unwrap();
    match value {
        Value::Array(items) if items.len() > 1 => {
            let (one, other) = (draw.random_range(0..items.len()), draw.random_range(0..items.len()));
            match draw.random_range(0..3) {
                0 => items.swap(one, other),
                1 => items.insert(one, items[other].clone()),
                _ => drop(items.remove(one)),
            }
        }
        Value::Object(entries) if !entries.is_empty() => {
            let keys: Vec<String> = entries.keys().cloned().collect();
            let (one, other) = (keys.choose(draw).unwrap(), keys.choose(draw).unwrap());
            match draw.random_bool(0.5) {
                true => drop(entries.shift_remove(one)),
                false => drop(entries.insert(one.clone(), entries[other].clone())),
            }
        }
        Value::Number(number) => *value = json!(number.as_i64().unwrap() + draw.random_range(-2..3)),
        Value::String(_) => {
            let numbers = ["0", "1", "-1", "1/2", "-1/2", "2"].map(|number| json!(number));
            let among = if draw.random_bool(0.5) { &texts[..] } else { &numbers[..] };
            *value = among.choose(draw).unwrap().clone();
        }
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => *value = json!(0),
    }
    format!(
        " {place} is {};",
        document.pointer(place).unwrap_or(&Value::Null).to_string().chars().take(60).collect::<String>()
    )
}

#[test]
fn what_is_accepted_after_random_changes_is_true() {
    let book = Arc::new(RuleBook::embedded().unwrap());
    let certificates = certificates();
    let mut draw = ChaCha8Rng::seed_from_u64(23);
    let mut changed = Vec::new();
    for _ in 0..6000 / stride(10) {
        let mut document = certificates.choose(&mut draw).unwrap().clone();
        let mut what = String::from("random:");
        for _ in 0..draw.random_range(1..4) {
            match draw.random_range(0..4) {
                // The same word in every statement, so that they go together; and the variable with the scaling.
                0 | 1 => {
                    let (word, values) =
                        alternatives(&document["statement"], &book).choose(&mut draw).cloned().unwrap();
                    let value = values.choose(&mut draw).unwrap();
                    for statement in statements(&document) {
                        put(&mut document, &statement, word, value);
                    }
                    what.push_str(&format!(" {word} is {value};"));
                }
                2 => what.push_str(&change(&mut document, &mut draw)),
                // What another certificate states or proves.
                _ => {
                    let other = certificates.choose(&mut draw).unwrap();
                    let key = ["statement", "evidence", "kind"].choose(&mut draw).unwrap();
                    document[*key] = other[*key].clone();
                    what.push_str(&format!(" {key} of another;"));
                }
            }
            if !has_words(&document, &book) {
                break;
            }
        }
        changed.push((what, document));
    }
    let count = accept_what_is_true(&changed);
    println!("random changes: {count:?}");
    assert!(count.tried > 400 && count.accepted > 5, "{count:?}");
}

/// `--arch` says where the architecture is, not what is stated of which.
#[test]
fn the_name_of_an_architecture_that_is_given_apart_is_that_in_the_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let network = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/networks/two-blocks.toml");
    fs::copy(network, path("net.toml")).unwrap();
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_fscale")).args(arguments).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
    };
    let derive = ["derive", &path("net.toml"), "--scale", "d_v", "--certificate", &path("proof.json")];
    assert_eq!(run(&derive).0, 1);
    let text = fs::read_to_string(path("proof.json")).unwrap();
    let said = "\"architecture\": {\"name\": \"two-blocks\", \"file\": \"net.toml\", ";
    assert!(text.contains(said), "{text}");
    for (name, expected) in
        [("two-blocks", 0), ("transformer", 1), ("net.toml", 1), ("\\u001b[31mred\\u009b", 1)]
    {
        let changed = text.replacen("\"name\": \"two-blocks\"", &format!("\"name\": \"{name}\""), 1);
        fs::write(path("changed.json"), changed).unwrap();
        let (status, said) = run(&["check", &path("changed.json"), "--arch", &path("net.toml")]);
        assert_eq!(status, expected, "{name}: {said}");
        assert!(said.chars().all(|letter| letter == '\n' || !letter.is_control()), "{said:?}");
    }
}

/// Whoever is handed a certificate has files that its writer must not see lines of, or have opened.
#[test]
fn only_files_beside_a_certificate_are_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let network = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/networks/two-blocks.toml");
    fs::create_dir(path("below")).unwrap();
    fs::copy(&network, path("net.toml")).unwrap();
    fs::copy(&network, path("below/net.toml")).unwrap();
    fs::write(path("below/secret.toml"), "secret = \"do not show\"\nsecret = 1\n").unwrap();
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_fscale")).args(arguments).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    assert_eq!(
        run(&["derive", &path("net.toml"), "--scale", "d_v", "--certificate", &path("proof.json")]).0,
        1
    );
    assert_eq!(run(&["check", &path("proof.json")]).0, 0);
    let text = fs::read_to_string(path("proof.json")).unwrap();
    for file in
        ["below/secret.toml", "../secret.toml", "./net.toml", "..", "/etc/passwd", "below/net.toml", ""]
    {
        let changed = text.replacen("\"file\": \"net.toml\"", &format!("\"file\": \"{file}\""), 1);
        fs::write(path("changed.json"), changed).unwrap();
        let (status, said) = run(&["check", &path("changed.json")]);
        assert_eq!(status, 2, "{file}: {said}");
        assert!(said.contains("is no name of a file beside the certificate"), "{said}");
        assert!(said.contains("hint: give the architecture with `--arch`"), "{said}");
    }
    // A certificate that lies elsewhere does not say where the architecture is.
    let elsewhere = path("below/proof.json");
    assert_eq!(run(&["derive", &path("net.toml"), "--scale", "d_v", "--certificate", &elsewhere]).0, 1);
    assert!(!fs::read_to_string(&elsewhere).unwrap().contains("\"file\""));
    let (status, said) = run(&["check", &elsewhere]);
    assert_eq!((status, said.contains("give the architecture with `--arch`")), (2, true), "{said}");
    assert_eq!(run(&["check", &elsewhere, "--arch", &path("net.toml")]).0, 0);
    // What is given is looked for likewise.
    fs::write(path("hp.toml"), "optimizer = \"adam\"\n[init]\nW_1 = { width = \"-1/2\" }\n").unwrap();
    let derive = ["derive", "mlp", "--scale", "width", "--optimizer", "adam"];
    let given = |file: &str, certificate: &str| {
        run(&[&derive[..], &["--given", &path(file), "--certificate", &path(certificate)]].concat()).0
    };
    let status = given("hp.toml", "given.json");
    assert!(status < 2);
    assert_eq!(run(&["check", &path("given.json")]).0, 0);
    assert_eq!(given("hp.toml", "below/given.json"), status);
    assert_eq!(run(&["check", &path("below/given.json")]).0, 2);
    assert_eq!(run(&["check", &path("below/given.json"), "--given", &path("hp.toml")]).0, 0);
    assert_eq!(run(&["check", &path("below/given.json"), "--given", "standard"]).0, 1);
}

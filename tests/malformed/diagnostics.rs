//! Every file in `tests/malformed` is wrong in one or a few ways, and its exact diagnostics stand beside it.
//! `FSCALE_BLESS=1 cargo test --test malformed` writes them anew: read what changed before committing it.

use std::fs;
use std::path::{Path, PathBuf};

use fscale::architecture::{Architecture, HyperparameterFile};
use fscale::document::{Diagnostics, Source};
use fscale::rule::{Folder, RuleBook};

const ACTIVATIONS: [&str; 5] = ["relu", "gelu", "silu", "tanh", "identity"];

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/malformed")
}

/// The TOML files of a directory, in order.
fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|extension| extension == "toml")).collect();
    files.sort();
    files
}

/// Compares what `read` says of every file with the text beside it; all differences are told at once.
fn compare(directory: &Path, read: impl Fn(&Source) -> Result<(), Diagnostics>) -> usize {
    let files = files(directory);
    let mut wrong = Vec::new();
    for path in &files {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let source = Source::new(name.clone(), fs::read_to_string(path).unwrap());
        let said = match read(&source) {
            Ok(()) => "accepted\n".to_owned(),
            Err(diagnostics) => format!("{diagnostics}\n"),
        };
        let beside = path.with_extension("txt");
        if std::env::var_os("FSCALE_BLESS").is_some() {
            fs::write(&beside, &said).unwrap();
        }
        let expected = fs::read_to_string(&beside).unwrap_or_default();
        if said == "accepted\n" || said != expected {
            wrong.push(format!("{name}\n--- expected\n{expected}--- said\n{said}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    files.len()
}

#[test]
fn every_malformed_architecture_gets_its_exact_diagnostics() {
    let count = compare(&directory(), |source| Architecture::parse(source, &ACTIVATIONS).map(drop));
    assert!(count >= 70, "only {count} files");
}

#[test]
fn every_malformed_hyperparameter_file_gets_its_exact_diagnostics() {
    let text = fs::read_to_string(directory().join("../../rules/architectures/transformer.toml")).unwrap();
    let transformer = Architecture::parse(&Source::new("transformer", with_gain(&text)), &ACTIVATIONS);
    let graph = transformer.unwrap_or_else(|wrong| panic!("{wrong}")).graph;
    let book = RuleBook::embedded().unwrap();
    let read = |source: &Source| HyperparameterFile::read(source, &graph, &book).map(drop);
    let count = compare(&directory().join("hp"), read);
    assert!(count >= 12, "only {count} files");
}

#[test]
fn a_hundred_patterns_in_a_section_are_enough() {
    let text = include_str!("../../rules/architectures/transformer.toml");
    let graph = Architecture::parse(&Source::new("transformer", text), &ACTIVATIONS).unwrap().graph;
    let read = |count: usize| {
        let patterns: String = (0..count).map(|i| format!("\"{}W_*\" = {{}}\n", "*".repeat(i))).collect();
        let text = format!("optimizer = \"sgd\"\n[lr]\n{patterns}");
        HyperparameterFile::parse(&Source::new("hp.toml", text), &graph)
    };
    assert!(read(100).is_ok());
    let wrong = read(500).unwrap_err().0;
    assert_eq!(wrong.iter().map(|wrong| wrong.code).collect::<Vec<_>>(), ["too-many-patterns"]);
}

#[test]
fn every_malformed_alignment_gets_its_exact_diagnostics() {
    let book = RuleBook::embedded().unwrap();
    let add = |source: &Source| book.clone().add(Folder::Alignments, source.clone());
    let count = compare(&directory().join("alignments"), add);
    assert!(count >= 12, "only {count} files");
}

#[test]
fn every_malformed_list_of_words_gets_its_exact_diagnostics() {
    let book = RuleBook::embedded().unwrap();
    let add = |source: &Source| book.clone().add(Folder::Reference, source.clone());
    let count = compare(&directory().join("reference"), add);
    assert!(count >= 4, "only {count} files");
}

/// The built-in transformer has no gain, and a gain has a mistake of its own.
fn with_gain(transformer: &str) -> String {
    transformer.replacen("over  = \"d\"", "over  = \"d\"\ngain  = \"g_1\"", 1)
}

/// What no committed file can show: the limits.
#[test]
fn a_file_beyond_a_limit_is_refused_at_once() {
    let node = |i: usize| format!("[[node]]\nname='n{i}'\nop='relu'\ninput='n{}'\n", i.saturating_sub(1));
    let nodes: String = (0..10_001).map(node).collect();
    let dimensions: String = (0..1001).map(|i| format!("d{i}={{kind='feature',size=1}}\n")).collect();
    let cases = [
        ("bytes", "#".repeat((1 << 20) + 1), "file-too-large"),
        ("nodes", nodes, "too-many-nodes"),
        ("dimensions", format!("[dimensions]\n{dimensions}"), "too-many-dimensions"),
        ("tables", "[[".repeat(100_000), "syntax"),
        ("arrays", format!("x = {}", "[".repeat(100_000)), "syntax"),
        ("inline tables", format!("x = {}", "{a=".repeat(100_000)), "syntax"),
        ("dotted keys", format!("x{} = 1", ".x".repeat(100_000)), "syntax"),
        ("dotted header", format!("[x{}]", ".x".repeat(100_000)), "syntax"),
    ];
    for (name, text, code) in cases {
        let wrong = Architecture::parse(&Source::new(name, text), &ACTIVATIONS).unwrap_err();
        let codes: Vec<&str> = wrong.0.iter().map(|diagnostic| diagnostic.code).collect();
        assert!(codes.contains(&code), "{name}: {codes:?}");
        assert!(wrong.0.len() <= 201, "{name}: {}", wrong.0.len());
    }
}

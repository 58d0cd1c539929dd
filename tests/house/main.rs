//! The house holds: layers, loops, folders, files and names, read from the sources.
//!
//! What does not hold yet stands at the top, each with its reason. An exception that is not needed any more fails too: the
//! lists only become shorter.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod imports;
mod rules;
mod source;
mod words;

use std::fs;

use rules::{Complaint, Exceptions, crowded_folders, long_files, loops, names_used_twice, uses_from_below};
use source::{House, files};

/// A file of each loop over more than [`rules::LOOP`] files.
const LOOPS: Exceptions = &[];

/// Folders with more than [`rules::FOLDER`] entries.
const FOLDERS: Exceptions = &[];

/// Names that two public types have.
const NAMES: Exceptions = &[];

/// Fails with all that is wrong.
fn hold(complaints: &[Complaint], exceptions: Exceptions) {
    let wrong = rules::wrong(complaints, exceptions);
    assert!(wrong.is_empty(), "\n\n{}\n", wrong.join("\n\n"));
}

#[test]
fn a_module_uses_only_those_above_it() {
    hold(&uses_from_below(&House::here()), &[]);
}

#[test]
fn no_loop_of_imports_is_over_four_files() {
    hold(&loops(&House::here()), LOOPS);
}

#[test]
fn no_public_type_name_is_used_twice() {
    hold(&names_used_twice(&House::here()), NAMES);
}

#[test]
fn no_folder_is_crowded() {
    hold(&crowded_folders("src", &files("src")), FOLDERS);
}

#[test]
fn no_file_is_over_400_lines() {
    for folder in ["src", "tests", "benches"] {
        hold(&long_files(folder, &files(folder)), &[]);
    }
}

/// One scale variable is the case n = 1: nothing is there once for one and once for several.
#[test]
fn one_variable_and_several_are_one_world() {
    for (file, text) in files("src") {
        let second = ["Joint", "_jointly", "_openly"].into_iter().find(|word| text.contains(word));
        assert_eq!(second, None, "{file}: one name serves any number of scale variables");
    }
}

/// What an op is stands in its file: whoever asks goes by its facts.
#[test]
fn an_op_is_named_in_few_files() {
    for op in ["Window", "Softmax", "Linear", "Bilinear", "Norm", "Rope"] {
        let named: Vec<String> = files("src")
            .into_iter()
            .filter(|(_, text)| text.contains(&format!("Op::{op}")))
            .map(|(file, _)| file)
            .collect();
        assert!(named.len() <= 6, "`Op::{op}` stands in {named:?}: ask for a fact of it instead");
    }
}

/// What the library gives: few types at its root, each with an example that runs.
#[test]
fn what_the_root_gives_is_small_and_has_examples() {
    let root = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/lib.rs")).unwrap();
    let given = root.lines().filter_map(|line| line.strip_prefix("pub use ")?.strip_suffix(';'));
    let items = given.flat_map(|given| {
        let names = given.rsplit("::").next().unwrap_or_default().trim_matches(['{', '}']);
        let names = given.split_once('{').map_or(names, |(_, inside)| inside.trim_end_matches('}'));
        names.split(", ").map(str::to_owned).collect::<Vec<_>>()
    });
    let items: Vec<String> = items.collect();
    assert!((20..=40).contains(&items.len()), "{} items: {items:?}", items.len());
    let sources = files("src");
    for item in items {
        let declared = ["struct", "enum", "fn"].map(|kind| format!("\npub {kind} {item}"));
        let is_end = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        let found = sources.iter().find_map(|(_, text)| {
            let at = declared.iter().find_map(|declared| {
                text.match_indices(declared.as_str())
                    .find(|(at, found)| is_end(&text[at + found.len()..]))
                    .map(|(at, _)| at)
            })?;
            let before = &text[..at];
            let docs = before.rsplit("\n\n").next().unwrap_or_default();
            Some(docs.contains("```"))
        });
        assert_eq!(found, Some(true), "`{item}` has an example that runs");
    }
}

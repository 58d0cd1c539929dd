//! The house holds: layers, loops, folders, files and names, read from the sources.
//!
//! What does not hold yet stands at the top, each with its reason. An exception that is not needed any more fails too: the
//! lists only become shorter.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod imports;
mod rules;
mod source;
mod words;

use rules::{Complaint, Exceptions, crowded_folders, long_files, loops, names_used_twice, uses_from_below};
use source::{House, files};

/// A file of each loop over more than [`rules::LOOP`] files.
const LOOPS: Exceptions =
    &[("propagate/mod.rs", "the passes of propagation use what the folder's own file declares")];

/// Folders with more than [`rules::FOLDER`] entries.
const FOLDERS: Exceptions = &[("src/propagate", "what belongs to responses has no room yet")];

/// Names that two public types have.
const NAMES: Exceptions = &[
    ("Answer", "of a command, and of a question"),
    ("Change", "of a hyperparameter, and of a requirement"),
    ("Conflict", "as the solver finds it, and as it is told"),
    ("Judged", "as it is derived, and as it is told"),
    ("Part", "of a claim, and of a derivation"),
    ("Place", "in a text, and in a network"),
    ("Predicted", "as it is told, and for a slope"),
    ("Remedy", "of a judgement, and of a conflict"),
    ("Verdict", "on a question, and on a slope"),
];

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

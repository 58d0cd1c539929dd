//! The files of a house, each with its words and its place among the modules.

use std::fs;
use std::path::Path;

use crate::imports::{Import, imports};
use crate::words::{without_tests, words};

/// One file of `src` that is not for tests alone.
pub(crate) struct Source {
    /// Below `src`, with `/`.
    pub(crate) path: String,
    /// Names from the root of the crate.
    pub(crate) module: Vec<String>,
    pub(crate) imports: Vec<Import>,
    /// Without the imports.
    pub(crate) words: Vec<String>,
}

/// A crate as a reader walks through it.
pub(crate) struct House {
    pub(crate) sources: Vec<Source>,
    /// The modules in the table of phases at the head of `lib.rs`, from the top.
    pub(crate) layers: Vec<String>,
}

impl House {
    /// The house of these files, given by their path below `src` and their text.
    pub(crate) fn of<P: AsRef<str>, T: AsRef<str>>(files: &[(P, T)]) -> Self {
        let (mut sources, mut tests, mut layers) = (Vec::new(), Vec::new(), Vec::new());
        for (path, text) in files {
            let (path, text) = (path.as_ref(), text.as_ref());
            if path == "lib.rs" {
                layers = text.lines().filter_map(layer).map(str::to_owned).collect();
            }
            let module = module(path);
            let (words, files) = without_tests(words(text));
            tests.extend(files.into_iter().map(|name| [&module[..], &[name]].concat()));
            let (imports, words) = imports(&words);
            sources.push(Source { path: path.to_owned(), module, imports, words });
        }
        sources.retain(|source| !tests.iter().any(|test| source.module.starts_with(test)));
        Self { sources, layers }
    }

    /// This crate.
    pub(crate) fn here() -> Self {
        Self::of(&files("src"))
    }
}

/// The module in a row of the table of phases.
fn layer(line: &str) -> Option<&str> {
    line.strip_prefix("//! | [`")?.split('`').next()
}

fn module(path: &str) -> Vec<String> {
    let stem = path.trim_end_matches(".rs");
    let stem = stem.strip_suffix("/mod").unwrap_or(stem);
    if ["lib", "main"].contains(&stem) { Vec::new() } else { stem.split('/').map(str::to_owned).collect() }
}

/// The Rust files below a folder of the repository, each by its path below the folder, with its text, in order.
pub(crate) fn files(folder: &str) -> Vec<(String, String)> {
    fn walk(root: &Path, folder: &Path, files: &mut Vec<(String, String)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(root, &path, files);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let below = path.strip_prefix(root).unwrap();
                let names: Vec<_> = below.iter().map(|name| name.to_string_lossy()).collect();
                files.push((names.join("/"), fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut found = Vec::new();
    walk(&root, &root, &mut found);
    found.sort();
    found
}

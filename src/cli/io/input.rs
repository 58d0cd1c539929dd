//! Files that commands read: capped, as UTF-8, and with a diagnostic for whatever is wrong with them.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::cli::args::kind::Described;
use crate::cli::io::entry::{Entry, is_stdin};
use crate::document::{Diagnostic, Diagnostics, Source, nearest};
use crate::rule::{Folder, RuleBook, SCHEMAS};

/// Largest file that is read, in bytes; no description of a network or rule comes near it.
const LARGEST_FILE: u64 = 1 << 20;
/// Most files that are read of one folder of rules.
const MOST_FILES: usize = 1000;

/// The text of a file.
///
/// # Errors
/// If it is not there, not a file, too large, or not UTF-8.
pub(crate) fn read(path: &Path) -> Result<Source, Diagnostics> {
    read_up_to(path, LARGEST_FILE)
}

/// The text of a file, and whether it is JSON by its name or its first letter: no TOML begins with a brace. JSON may have so many
/// bytes.
///
/// # Errors
/// As for [`read`].
pub(crate) fn read_either(path: &Path, largest_json: u64) -> Result<(Source, bool), Diagnostics> {
    let source = read_up_to(path, largest_json)?;
    let is_json =
        path.extension().is_some_and(|ending| ending == "json") || source.text.trim_start().starts_with('{');
    if !is_json {
        refuse_large(path, source.text.len(), LARGEST_FILE)?;
    }
    Ok((source, is_json))
}

fn refuse_large(path: &Path, length: usize, largest: u64) -> Result<(), Diagnostic> {
    if length as u64 <= largest {
        return Ok(());
    }
    let message = format!("`{}` is larger than {} MiB", path.display(), largest >> 20);
    Err(Diagnostic::new("file-too-large", message).hint("give a smaller file"))
}

/// The text of a file of at most so many bytes.
///
/// # Errors
/// As for [`read`].
pub(crate) fn read_up_to(path: &Path, largest: u64) -> Result<Source, Diagnostics> {
    let shown = path.display();
    let failed = |error: &io::Error| {
        let wrong = Diagnostic::new("file", format!("cannot read `{shown}`: {}", reason(error)));
        if error.kind() == io::ErrorKind::NotFound {
            wrong.hint("check the path; `fscale list` names what is built in")
        } else {
            wrong.hint("give a file that can be read")
        }
    };
    let file = open(path).map_err(|error| failed(&error))?;
    let file = file.map_err(|refused| refused.told(path))?;
    let mut bytes = Vec::new();
    file.take(largest + 1).read_to_end(&mut bytes).map_err(|error| failed(&error))?;
    refuse_large(path, bytes.len(), largest)?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Source::new(shown.to_string(), text)),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let wrong = Diagnostic::new("encoding", format!("`{shown}` is not UTF-8 at byte {at}"));
            Err(wrong.hint("save the file as UTF-8").into())
        }
    }
}

/// What is not read, since it may have no end, or nobody may ever write it.
enum Refused {
    Folder,
    Special,
}

impl Refused {
    fn told(self, path: &Path) -> Diagnostic {
        let shown = path.display();
        match self {
            Self::Folder => {
                Diagnostic::new("file", format!("`{shown}` is a folder")).hint("give a TOML file in it")
            }
            Self::Special => Diagnostic::new("file", format!("`{shown}` is no regular file"))
                .hint("give a file, or write its text into a pipe to `/dev/stdin`"),
        }
    }
}

/// A regular file, or a pipe that was handed to the program.
fn open(path: &Path) -> io::Result<Result<Box<dyn Read>, Refused>> {
    Ok(match Entry::at(path)? {
        // Opened by its name, a pipe whose writer has ended may wait for another one.
        Entry::Pipe if is_stdin(path) => Ok(Box::new(io::stdin())),
        Entry::File | Entry::Pipe | Entry::Missing => Ok(Box::new(File::open(path)?)),
        Entry::Folder => Err(Refused::Folder),
        Entry::Device | Entry::Other => Err(Refused::Special),
    })
}

/// What went wrong, without the number that the operating system gives it.
pub(crate) fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_lowercase()
}

/// The built-in rules, with those of a folder added or put in their place. The folder holds `ops`, `optimizers`, ...
/// with a file for each rule.
///
/// # Errors
/// Everything wrong with every file.
pub(crate) fn rules(folder: Option<&Path>) -> Result<RuleBook, Diagnostics> {
    let mut book = RuleBook::embedded()?;
    let Some(folder) = folder else { return Ok(book) };
    let mut errors = Diagnostics::none();
    let mut found = false;
    for entry in entries(folder)? {
        let name = entry.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let Some(kind) = Folder::ALL.into_iter().find(|kind| kind.name() == name) else {
            if entry.is_dir() && !name.starts_with('.') && name != SCHEMAS {
                errors.push(unknown_folder(&entry, &name));
            }
            continue;
        };
        found = true;
        let files = entries(&entry)?;
        let mut sources = Vec::new();
        for file in files.iter().filter(|file| is_toml(file)) {
            match read(file) {
                Ok(source) => sources.push(source),
                Err(mistakes) => errors.0.extend(mistakes.0),
            }
        }
        errors.0.extend(book.add_all(kind, sources).0);
    }
    if !found {
        errors.0.extend(strays(folder)?);
    }
    if !found && errors.is_empty() {
        let empty = Diagnostic::new("rules-folder", format!("`{}` holds no rules", folder.display()));
        errors.push(empty.hint(format!("put files into {}", folders())));
    }
    errors.or(book)
}

/// The files of rules in a folder; none if it cannot be read.
pub(crate) fn rule_files(folder: &Path) -> Vec<PathBuf> {
    let kinds = Folder::ALL.map(|kind| folder.join(kind.name()));
    kinds.iter().flat_map(|kind| entries(kind).unwrap_or_default()).filter(|file| is_toml(file)).collect()
}

fn is_toml(file: &Path) -> bool {
    file.extension().is_some_and(|ending| ending == "toml")
}

/// Rules that lie in the folder itself, where they are not looked for.
fn strays(folder: &Path) -> Result<Vec<Diagnostic>, Diagnostics> {
    let stray = |path: &PathBuf| -> Option<Diagnostic> {
        let file = path.file_name().filter(|_| is_toml(path))?;
        let Described::Rule(kind) = Described::by_keys(&read(path).ok()?)? else { return None };
        let message = format!("`{}` lies beside the folders of rules, not in one", path.display());
        let right = folder.join(kind.name()).join(file);
        Some(Diagnostic::new("rules-folder", message).hint(format!("move it to `{}`", right.display())))
    };
    Ok(entries(folder)?.iter().filter_map(stray).collect())
}

fn unknown_folder(path: &Path, name: &str) -> Diagnostic {
    let unknown = Diagnostic::new("rules-folder", format!("`{}` is no kind of rule", path.display()));
    match nearest(name, Folder::ALL.map(Folder::name)) {
        Some(near) => unknown.hint(format!("did you mean `{near}`?")),
        None => unknown.hint(format!("the kinds are {}", folders())),
    }
}

fn folders() -> String {
    Folder::ALL.map(|folder| format!("`{}`", folder.name())).join(", ")
}

/// What a folder holds, sorted.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, Diagnostics> {
    let failed = |error: &io::Error| {
        let message = format!("cannot read the folder `{}`: {}", folder.display(), reason(error));
        Diagnostic::new("rules-folder", message).hint("give a folder that holds `ops`, `optimizers`, ...")
    };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| failed(&error))?.take(MOST_FILES + 1) {
        paths.push(entry.map_err(|error| failed(&error))?.path());
    }
    if paths.len() > MOST_FILES {
        let message = format!("`{}` holds more than {MOST_FILES} files", folder.display());
        return Err(Diagnostic::new("rules-folder", message).hint("give a folder of rules alone").into());
    }
    paths.sort();
    Ok(paths)
}

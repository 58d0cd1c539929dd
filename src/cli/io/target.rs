//! [`Target`]: where a file is written, tried before long work, and never where the command reads.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf, is_separator};

use crate::cli::io::entry::{Entry, is_handed};
use crate::cli::io::input::reason;
use crate::document::{Diagnostic, Diagnostics};

/// Where a file is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// A device, or what was handed to the program, even if it is a file: written to, not replaced.
    Stream,
    /// A file in a folder, of which none need be there; where links lead.
    File(PathBuf, PathBuf),
}

impl Target {
    /// What writing to a path means.
    ///
    /// # Errors
    /// If it leads to a folder, to a pipe with a name or to a socket, or nowhere.
    pub(crate) fn of(path: &Path) -> Result<Self, Diagnostic> {
        let message = match Entry::at(path) {
            Ok(Entry::Pipe | Entry::Device) => return Ok(Self::Stream),
            Ok(Entry::File) if is_handed(path) => return Ok(Self::Stream),
            Ok(Entry::Missing) if path.as_os_str().to_string_lossy().ends_with(is_separator) => {
                format!("`{}` is the name of a folder", path.display())
            }
            Ok(Entry::Missing | Entry::File) => {
                let file = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
                let folder = folder(&file).to_owned();
                return Ok(Self::File(file, folder));
            }
            Ok(Entry::Folder) => format!("`{}` is a folder", path.display()),
            Ok(Entry::Other) => format!("`{}` is no regular file", path.display()),
            Err(error) => return Err(unwritten(path, &error)),
        };
        Err(Diagnostic::new("output", message).hint(HINT))
    }
}

const HINT: &str = "give a file in a folder that can be written";

/// That a file cannot be written.
pub(crate) fn unwritten(path: &Path, error: &io::Error) -> Diagnostic {
    let message = format!("cannot write `{}`: {}", path.display(), reason(error));
    Diagnostic::new("output", message).hint(HINT)
}

/// The folder that a file lies in.
pub(crate) fn folder(file: &Path) -> &Path {
    file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Refuses what an option names to be written, before the work whose answer goes there: if the command reads it, or it
/// could not be written. Whatever comes after, nothing is left behind.
///
/// # Errors
/// As for [`spare`] and [`Target::of`], and if nothing can be made in the folder.
pub(crate) fn try_file(option: &str, path: &Path, inputs: &[PathBuf]) -> Result<(), Diagnostics> {
    spare(option, path, inputs)?;
    match Target::of(path)? {
        Target::Stream => Ok(()),
        Target::File(_, folder) => try_folder(&folder).map_err(|error| unwritten(path, &error).into()),
    }
}

/// Refuses what an option names to be written if it is a file that the command reads, by whatever name.
///
/// # Errors
/// If it is.
pub(crate) fn spare(option: &str, path: &Path, inputs: &[PathBuf]) -> Result<(), Diagnostics> {
    let Some(input) = inputs.iter().find(|input| is_same(path, input)) else { return Ok(()) };
    let message =
        format!("`{option} {}` would overwrite `{}`, which is read", path.display(), input.display());
    Err(Diagnostic::new("output", message).hint(format!("give `{option}` another place")).into())
}

/// Makes a file that has no name in a folder; if it is not there, in the one in which it would be made.
///
/// # Errors
/// If that fails.
pub(crate) fn try_folder(folder: &Path) -> io::Result<()> {
    let is_missing =
        |path: &&Path| fs::symlink_metadata(path).is_err_and(|error| error.kind() == ErrorKind::NotFound);
    let there = folder.ancestors().find(|above| !is_missing(above));
    tempfile::tempfile_in(there.unwrap_or(Path::new("."))).map(drop)
}

fn is_same(one: &Path, other: &Path) -> bool {
    let known = identity(one);
    resolved(one) == resolved(other) || (known.is_some() && known == identity(other))
}

/// Where links lead; for a file that is not there, in its folder.
fn resolved(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| {
        let name = path.file_name().unwrap_or_default();
        fs::canonicalize(folder(path)).map_or_else(|_| path.to_owned(), |folder| folder.join(name))
    })
}

/// What a file keeps under each of its names.
#[cfg(unix)]
fn identity(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(path).ok().filter(fs::Metadata::is_file).map(|there| (there.dev(), there.ino()))
}

#[cfg(not(unix))]
fn identity(_: &Path) -> Option<(u64, u64)> {
    None
}

/// Folders that were made for a file.
#[derive(Debug)]
pub(crate) struct Made(Vec<PathBuf>);

impl Made {
    /// Makes a folder and those above it, as far as they are not there.
    ///
    /// # Errors
    /// If one of them cannot be made.
    pub(crate) fn folder(folder: &Path) -> io::Result<Self> {
        let missing = folder.ancestors().take_while(|above| fs::symlink_metadata(above).is_err());
        let made = Self(missing.map(Path::to_owned).collect());
        match fs::create_dir_all(folder) {
            Ok(()) => Ok(made),
            Err(error) => {
                made.remove();
                Err(error)
            }
        }
    }

    /// Removes those that are empty.
    pub(crate) fn remove(self) {
        for folder in self.0 {
            let _ = fs::remove_dir(folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_the_same_by_every_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("nets")).unwrap();
        fs::write(path("net.toml"), "").unwrap();
        fs::write(path("twin.toml"), "").unwrap();
        let inputs = [path("net.toml"), path("runs.jsonl")];
        let is_refused = |name: &str| spare("--out", &path(name), &inputs).is_err();
        assert!(is_refused("net.toml") && is_refused("nets/../net.toml") && !is_refused("twin.toml"));
        assert!(is_refused("nets/../runs.jsonl"), "a file that is yet to be made");
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(path("net.toml"), path("link.toml")).unwrap();
            fs::remove_file(path("twin.toml")).unwrap();
            fs::hard_link(path("net.toml"), path("twin.toml")).unwrap();
            assert!(is_refused("link.toml") && is_refused("twin.toml"));
        }
    }

    #[test]
    fn what_was_tried_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("file"), "kept").unwrap();
        for name in ["a", "a/b/c", "file"] {
            assert_eq!(try_file("--out", &path(name), &[]), Ok(()), "{name}");
        }
        for name in ["", "a/", "file/a", "file/a/b"] {
            assert!(try_file("--out", &path(name), &[]).is_err(), "{name}");
        }
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!((left, fs::read_to_string(path("file")).unwrap()), (vec![path("file")], "kept".into()));
        Made::folder(&path("a/b/c")).unwrap().remove();
        assert!(Made::folder(&path("file/a")).is_err() && !path("a").exists());
    }
}

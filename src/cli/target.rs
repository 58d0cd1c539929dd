//! Where files are written: never where the command reads.

use std::fs;
use std::path::{Path, PathBuf};

use crate::diagnostic::{Diagnostic, Diagnostics};

/// Refuses what an option names to be written if it is a file that the command reads, by whatever name.
///
/// # Errors
/// If it is.
pub(super) fn spare(option: &str, path: &Path, inputs: &[PathBuf]) -> Result<(), Diagnostics> {
    let Some(input) = inputs.iter().find(|input| is_same(path, input)) else { return Ok(()) };
    let message =
        format!("`{option} {}` would overwrite `{}`, which is read", path.display(), input.display());
    Err(Diagnostic::new("output", message).hint(format!("give `{option}` another place")).into())
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

/// The folder that a file lies in.
fn folder(file: &Path) -> &Path {
    file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
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
}

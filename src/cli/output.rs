//! What the commands leave behind: stdout, stderr, and files that are whole or not there.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::diagnostic::{Diagnostic, Diagnostics};

/// Writes to stdout. If whoever reads it has closed the pipe, that is their choice and no error.
///
/// # Errors
/// If stdout cannot be written for another reason.
pub(super) fn print(text: &str) -> Result<(), Diagnostics> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            let failed = Diagnostic::new("output", format!("cannot write the answer: {error}"));
            Err(failed.hint("check where the output goes").into())
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Writes to stderr. If that fails there is nobody left to tell.
pub(super) fn complain(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Makes a folder, if it is not there, before long work whose results go into it.
///
/// # Errors
/// If it cannot be made.
pub(super) fn make_folder(path: &Path) -> Result<(), Diagnostics> {
    fs::create_dir_all(path).map_err(|error| {
        let failed =
            Diagnostic::new("output", format!("cannot make the folder `{}`: {error}", path.display()));
        failed.hint("give a folder that can be written").into()
    })
}

/// Writes a file through a temporary one beside it, so that an interrupted run leaves the old file or the new one.
///
/// # Errors
/// If the folder cannot be made or the file not written.
pub(super) fn write_file(path: &Path, contents: &[u8]) -> Result<(), Diagnostics> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        Some(_) | None => Path::new("."),
    };
    let write = || -> io::Result<()> {
        if fs::metadata(path).is_ok_and(|there| !there.is_file()) {
            // A device or a pipe is written to, not replaced.
            return fs::OpenOptions::new().write(true).open(path)?.write_all(contents);
        }
        fs::create_dir_all(folder)?;
        let mut file = temporary(folder)?;
        file.write_all(contents)?;
        file.as_file().sync_all()?;
        file.persist(fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()))?;
        Ok(())
    };
    write().map_err(|error| {
        let failed = Diagnostic::new("output", format!("cannot write `{}`: {error}", path.display()));
        failed.hint("give a file in a folder that can be written").into()
    })
}

/// A temporary file that, once it has its name, may be read by whoever may read new files.
#[cfg(unix)]
fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    use std::os::unix::fs::PermissionsExt;
    tempfile::Builder::new().permissions(fs::Permissions::from_mode(0o666)).tempfile_in(folder)
}

#[cfg(not(unix))]
fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    NamedTempFile::new_in(folder)
}

//! What the commands leave behind: stdout, stderr, and files that are whole or not there.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::cli::io::entry::is_stdout;
use crate::cli::io::target::{Made, Target, unwritten};
use crate::document::{Diagnostic, Diagnostics};
use crate::report::shown;

/// Writes to stdout. If whoever reads it has closed the pipe, that is their choice and no error.
///
/// # Errors
/// If stdout cannot be written for another reason.
pub(crate) fn print(text: &str) -> Result<(), Diagnostics> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            let failed = Diagnostic::new("output", format!("cannot write the answer: {error}"));
            Err(failed.hint("check where the output goes").into())
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Says on stdout what has become of files, whose names may hold any letter.
///
/// # Errors
/// As for [`print`].
pub(crate) fn tell(words: &str) -> Result<(), Diagnostics> {
    print(&shown(words.to_owned()))
}

/// Writes to stderr. If that fails there is nobody left to tell.
pub(crate) fn complain(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Writes a file through a temporary one beside it, so that an interrupted run leaves the old file or the new one.
///
/// # Errors
/// If the folder cannot be made or the file not written.
pub(crate) fn write_file(path: &Path, contents: &[u8]) -> Result<(), Diagnostics> {
    let written = match Target::of(path)? {
        Target::Stream if is_stdout(path) => {
            let mut stdout = io::stdout().lock();
            stdout.write_all(contents).and_then(|()| stdout.flush())
        }
        Target::Stream => {
            fs::OpenOptions::new().append(true).open(path).and_then(|mut to| to.write_all(contents))
        }
        Target::File(file, folder) => Made::folder(&folder).and_then(|made| {
            let replaced = replace(&file, &folder, contents);
            if replaced.is_err() {
                made.remove();
            }
            replaced
        }),
    };
    written.map_err(|error| unwritten(path, &error).into())
}

/// Writes a file, or prints what it would hold: what took long to find out is not lost.
///
/// # Errors
/// If it is not written, printed or not.
pub(crate) fn write_or_print(path: &Path, contents: &str) -> Result<(), Diagnostics> {
    write_file(path, contents.as_bytes()).map_err(|unwritten| instead(unwritten, contents))
}

/// Prints what could not be written, and says so.
pub(crate) fn instead(mut unwritten: Diagnostics, contents: &str) -> Diagnostics {
    match print(contents) {
        Ok(()) => unwritten.0.iter_mut().for_each(|wrong| wrong.notes.push(PRINTED.into())),
        Err(unprinted) => unwritten.0.extend(unprinted.0),
    }
    unwritten
}

const PRINTED: &str = "what it lacks is printed instead";

fn replace(file: &Path, folder: &Path, contents: &[u8]) -> io::Result<()> {
    let mut whole = temporary(folder)?;
    whole.write_all(contents)?;
    whole.as_file().sync_all()?;
    whole.persist(file)?;
    Ok(())
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

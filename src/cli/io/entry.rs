//! [`Entry`]: what a path leads to, looked at before it is opened: to open a pipe may take for ever.

use std::fs::{self, FileType};
use std::io::{self, ErrorKind};
use std::path::Path;

/// What a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// Nothing is there.
    Missing,
    /// A regular file.
    File,
    Folder,
    /// A pipe that was handed to the program, like `/dev/stdin` or what a shell writes for `<(...)`. Somebody holds its
    /// other end.
    Pipe,
    /// A terminal, or what has no end or takes everything: `/dev/zero`, `/dev/null`.
    Device,
    /// A pipe with a name, of which nobody may hold the other end; a socket; a disk.
    Other,
}

/// Where the files lie that were handed to the program.
const HANDED: [&str; 5] = ["/dev/fd", "/proc/self/fd", "/dev/stdin", "/dev/stdout", "/dev/stderr"];

/// Names of the standard input.
const STDIN: [&str; 3] = ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"];

/// Names of the standard output.
const STDOUT: [&str; 3] = ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];

impl Entry {
    /// What the path leads to, through links.
    ///
    /// # Errors
    /// If that cannot be told.
    pub(crate) fn at(path: &Path) -> io::Result<Self> {
        let kind = match fs::metadata(path) {
            Ok(there) => there.file_type(),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::Missing),
            Err(error) => return Err(error),
        };
        Ok(match (kind.is_file(), kind.is_dir()) {
            (true, _) => Self::File,
            (_, true) => Self::Folder,
            (false, false) => special(path, kind),
        })
    }
}

#[cfg(unix)]
fn special(path: &Path, kind: FileType) -> Entry {
    use std::os::unix::fs::FileTypeExt;
    match (kind.is_char_device(), kind.is_fifo() && is_handed(path)) {
        (true, _) => Entry::Device,
        (false, true) => Entry::Pipe,
        (false, false) => Entry::Other,
    }
}

#[cfg(not(unix))]
fn special(_: &Path, _: FileType) -> Entry {
    Entry::Other
}

/// Whether a path names what was handed to the program, whatever that is.
pub(crate) fn is_handed(path: &Path) -> bool {
    HANDED.iter().any(|handed| path.starts_with(handed))
}

/// Whether a path names the standard input.
pub(crate) fn is_stdin(path: &Path) -> bool {
    STDIN.iter().any(|name| path == Path::new(name))
}

/// Whether a path names the standard output.
pub(crate) fn is_stdout(path: &Path) -> bool {
    STDOUT.iter().any(|name| path == Path::new(name))
}

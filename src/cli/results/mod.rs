//! The file of finished runs that lets long work be resumed: a line of JSON for the network, then one for each run.

mod flaw;
mod line;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Seek, SeekFrom, Write};
use std::iter;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

pub(super) use flaw::Flaw;
pub(super) use line::each;
use line::{line, network, read};

use crate::architecture::Architecture;
use crate::cli::io::entry::Entry;
use crate::cli::io::output;
use crate::cli::io::target::{Made, folder, try_folder};
use crate::document::Diagnostics;
use crate::simulate::{Ended, Experiment, Finished};

/// An open file of results. No other process can open it.
pub(super) struct Results {
    path: PathBuf,
    written: Mutex<Written>,
    /// Its first line: all that a file without runs holds.
    first: String,
    made: Made,
}

/// What has been written of it.
struct Written {
    file: File,
    /// Bytes of whole lines.
    length: u64,
    failure: Option<io::Error>,
    /// The lines that could not be written.
    lost: String,
}

/// What to do with a file that holds something else than runs of the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Otherwise {
    /// It is somebody's: refuse it.
    Refuse,
    /// It was begun by the same command, and left: begin it anew.
    BeginAnew,
}

impl Results {
    /// Opens the file, or begins it in a folder that is made for it, for a network, and gives the runs that are in it. A line that was not finished is
    /// dropped.
    ///
    /// # Errors
    /// If it cannot be read or written, is in use, or holds something else.
    pub(super) fn open(
        path: &Path,
        architecture: &Architecture,
        otherwise: Otherwise,
    ) -> Result<(Self, Finished), Diagnostics> {
        let failed = |error: io::Error| Flaw::Unusable(error).told(path);
        regular(path).map_err(|flaw| flaw.told(path))?;
        let (mut file, made) = begun(path).map_err(failed)?;
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            return Err(Flaw::InUse.told(path).into());
        }
        let mut finished = Finished::none();
        let read = read(&file, architecture, |number, ended| {
            if finished.contradicts(ended) {
                return Err(Flaw::Contradiction(number));
            }
            finished.add(ended);
            Ok(())
        });
        let (finished, whole) = match (read, otherwise) {
            (Ok(whole), _) => (finished, whole),
            (
                Err(Flaw::Foreign | Flaw::Line(_) | Flaw::Long(_) | Flaw::Contradiction(_)),
                Otherwise::BeginAnew,
            ) => (Finished::none(), 0),
            (Err(flaw), _) => return Err(flaw.told(path).into()),
        };
        file.set_len(whole).map_err(failed)?;
        file.seek(SeekFrom::End(0)).map_err(failed)?;
        let first = network(architecture);
        if whole == 0
            && let Err(error) = file.write_all(first.as_bytes())
        {
            let _ = fs::remove_file(path);
            made.remove();
            return Err(failed(error).into());
        }
        let length = whole.max(first.len() as u64);
        let written = Mutex::new(Written { file, length, failure: None, lost: String::new() });
        let results = Self { path: path.into(), first, written, made };
        Ok((results, finished))
    }

    /// Appends a finished run, in one write. After a failure nothing is appended, and what was written of a line is taken
    /// away.
    pub(super) fn append(&self, ended: Ended<'_>) {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let line = line(ended);
        if written.failure.is_none() {
            match written.file.write_all(line.as_bytes()) {
                Ok(()) => return written.length += line.len() as u64,
                Err(error) => {
                    let _ = written.file.set_len(written.length);
                    written.failure = Some(error);
                }
            }
        }
        written.lost.push_str(&line);
    }

    /// A file with those runs of an experiment that are finished, in order.
    pub(super) fn whole(
        architecture: &Architecture,
        experiment: &Experiment<'_>,
        finished: &Finished,
    ) -> String {
        let name = experiment.name();
        let runs = experiment.recorded(finished).map(|(run, magnitudes)| {
            let size = experiment.runs.values.get(run.value).copied().unwrap_or_default();
            line(Ended { experiment: &name, size, seed: run.seed, magnitudes })
        });
        iter::once(network(architecture)).chain(runs).collect()
    }

    /// Whether every run was appended. A file without runs is removed, with the folders that were made for it.
    pub(super) fn close(self) -> Result<(), Diagnostics> {
        self.end().map_err(|(failed, _)| failed)
    }

    /// The same where the runs are the answer: those that could not be appended are printed, as another file.
    pub(super) fn close_or_print(self) -> Result<(), Diagnostics> {
        self.end()
            .map_err(|(failed, lost)| if lost.is_empty() { failed } else { output::instead(failed, &lost) })
    }

    /// What failed, and what the file lacks, as another file.
    fn end(self) -> Result<(), (Diagnostics, String)> {
        let Self { path, first, written, made } = self;
        let Written { length, failure, lost, .. } =
            written.into_inner().unwrap_or_else(PoisonError::into_inner);
        let removed = if length == first.len() as u64 {
            fs::remove_file(&path).map(|()| made.remove())
        } else {
            Ok(())
        };
        if let Some(error) = failure {
            return Err((Flaw::Unfinished(error).told(&path).into(), format!("{first}{lost}")));
        }
        removed.map_err(|error| (Flaw::Unusable(error).told(&path).into(), String::new()))
    }

    /// Removes the file: its runs are not needed any more.
    pub(super) fn remove(self) -> Result<(), Diagnostics> {
        fs::remove_file(&self.path).map_err(|error| Flaw::Unusable(error).told(&self.path).into())
    }
}

/// The file, in a folder that was made for it if it was not there.
fn begun(path: &Path) -> io::Result<(File, Made)> {
    let begin = || {
        let made = Made::folder(folder(path))?;
        match OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path) {
            Ok(file) => Ok((file, made)),
            Err(error) => {
                made.remove();
                Err(error)
            }
        }
    };
    // Another process may just have removed a folder that it had made for nothing.
    begin().or_else(|error| if error.kind() == ErrorKind::NotFound { begin() } else { Err(error) })
}

/// Refuses a file that could not be written, before the work whose runs go there.
pub(super) fn try_file(path: &Path) -> Result<(), Diagnostics> {
    regular(path).map_err(|flaw| flaw.told(path))?;
    let tried = match Entry::at(path) {
        Ok(Entry::Missing) => try_folder(folder(path)),
        Ok(Entry::File | Entry::Folder | Entry::Pipe | Entry::Device | Entry::Other) | Err(_) => {
            OpenOptions::new().read(true).write(true).open(path).map(drop)
        }
    };
    tried.map_err(|error| Flaw::Unusable(error).told(path).into())
}

/// Refuses what could be read without end.
fn regular(path: &Path) -> Result<(), Flaw> {
    match Entry::at(path) {
        Ok(Entry::Pipe | Entry::Device | Entry::Other) => Err(Flaw::Special),
        Ok(Entry::Missing | Entry::File | Entry::Folder) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_types, reason = "measured magnitudes are floating-point numbers")]
mod tests {
    use super::*;
    use crate::rule::RuleBook;
    use crate::simulate::Seed;

    fn architecture(name: &str) -> Architecture {
        let book = RuleBook::embedded().unwrap();
        let text = &book.architecture(name).unwrap().text;
        Architecture::parse(text, &book.activations()).unwrap()
    }

    const MAGNITUDES: [f64; 3] = [0.1 + 0.2, f64::INFINITY, 5e-324];

    /// A file with one run, the run, and what is to be held before the file is removed.
    fn begun() -> (tempfile::TempDir, PathBuf, Finished) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("runs.jsonl");
        let (results, finished) = Results::open(&path, &architecture("mlp"), Otherwise::Refuse).unwrap();
        assert!(finished.is_empty());
        let ended = Ended { experiment: "e", size: 8, seed: Seed(3), magnitudes: &MAGNITUDES };
        results.append(ended);
        results.close().unwrap();
        let mut finished = Finished::none();
        finished.add(ended);
        (folder, path, finished)
    }

    fn append(path: &Path, text: &str) {
        OpenOptions::new().append(true).open(path).unwrap().write_all(text.as_bytes()).unwrap();
    }

    fn refused(path: &Path, name: &str) -> String {
        let error = Results::open(path, &architecture(name), Otherwise::Refuse).err().unwrap();
        error.to_string().replace(path.to_str().unwrap(), "FILE")
    }

    #[test]
    fn what_was_appended_is_there_again_to_the_bit_and_a_half_line_is_not() {
        let (_folder, path, finished) = begun();
        append(&path, "{\"experiment\": \"e\", \"value\": 4, \"se");
        for _ in 0..2 {
            let (results, found) = Results::open(&path, &architecture("mlp"), Otherwise::Refuse).unwrap();
            assert_eq!(found, finished);
            results.close().unwrap();
        }
    }

    /// Wherever a write is broken off, what was whole before is there, and a resumed file is as if nothing had happened.
    #[test]
    fn a_file_that_ends_anywhere_loses_its_last_run_at_most() {
        let (_folder, path, finished) = begun();
        let mlp = architecture("mlp");
        let first = Ended { experiment: "e", size: 8, seed: Seed(3), magnitudes: &MAGNITUDES };
        let one = fs::read(&path).unwrap();
        let (results, _) = Results::open(&path, &mlp, Otherwise::Refuse).unwrap();
        let magnitudes = [0.25, f64::NAN, 1e-300];
        let second = Ended { experiment: "e", size: 16, seed: Seed(3), magnitudes: &magnitudes };
        results.append(second);
        results.close().unwrap();
        let both = fs::read(&path).unwrap();
        assert!(both.starts_with(&one) && both.len() > one.len());
        for end in 0..both.len() {
            fs::write(&path, &both[..end]).unwrap();
            let (results, found) = Results::open(&path, &mlp, Otherwise::Refuse).unwrap();
            if end >= one.len() {
                assert_eq!(found, finished, "cut at {end}");
            } else {
                assert!(found.is_empty(), "cut at {end}");
                results.append(first);
            }
            results.append(second);
            results.close().unwrap();
            assert!(fs::read(&path).unwrap() == both, "cut at {end}");
        }
    }

    #[test]
    fn what_somebody_wrote_without_a_line_feed_is_not_lost() {
        let (_folder, path, _) = begun();
        fs::write(&path, "hello").unwrap();
        assert!(refused(&path, "mlp").contains("holds no results"));
        assert_eq!(fs::read_to_string(&path).unwrap(), "hello");
        fs::write(&path, "{\"fscale\":").unwrap();
        let (results, found) = Results::open(&path, &architecture("mlp"), Otherwise::Refuse).unwrap();
        assert!(found.is_empty());
        results.close().unwrap();
        assert!(!path.exists(), "a file without runs is removed");
    }

    #[test]
    fn runs_of_another_network_are_refused_or_forgotten() {
        let (_folder, path, _) = begun();
        assert_eq!(
            refused(&path, "transformer"),
            "error[results]: `FILE` holds no results of this architecture and version\n  = hint: begin another file"
        );
        let (_, found) = Results::open(&path, &architecture("transformer"), Otherwise::BeginAnew).unwrap();
        assert!(found.is_empty());
        assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 1);
    }

    #[test]
    fn a_line_that_holds_no_run_is_named() {
        let (_folder, path, _) = begun();
        append(&path, "{\"value\": 4}\n");
        assert_eq!(
            refused(&path, "mlp"),
            "error[results]: `FILE` does not hold a result on line 3\n  = hint: remove the line, or begin another file"
        );
    }

    #[test]
    fn a_line_that_is_longer_than_that_of_any_run_is_named() {
        let (_folder, path, _) = begun();
        let begun = fs::read(&path).unwrap();
        let quantities = crate::simulate::most_quantities(&architecture("mlp").graph);
        let run = |before: usize, magnitudes: usize| {
            let numbers = vec!["1"; magnitudes].join(",");
            format!(
                "{}{{\"experiment\":\"f\",\"value\":4,\"seed\":0,\"magnitudes\":[{numbers}]}}",
                " ".repeat(before)
            )
        };
        let more = "error[results]: `FILE` holds more on line 3 than a run of this network has\n  = hint: remove the line, or \
                    begin another file";
        for line in [run(0, quantities + 1), run(0, 1 << 20), run(2 << 20, 1)] {
            for end in ["\n", ""] {
                fs::write(&path, &begun).unwrap();
                append(&path, &format!("{line}{end}"));
                // Half a line that is not too long is in the making.
                if end == "\n" || line.len() > 1 << 21 {
                    assert_eq!(refused(&path, "mlp"), more);
                }
            }
        }
        fs::write(&path, &begun).unwrap();
        append(&path, &format!("{}\n", run(1, quantities)));
        assert!(Results::open(&path, &architecture("mlp"), Otherwise::Refuse).is_ok());
        let long = [b"{\"fscale\":\"".as_slice(), &vec![b'0'; 1 << 20], b"\"}\n"].concat();
        fs::write(&path, long).unwrap();
        assert!(refused(&path, "mlp").contains("holds no results of this architecture"));
    }

    #[test]
    fn a_line_that_contradicts_another_is_named_and_one_that_repeats_it_is_not() {
        let (_folder, path, finished) = begun();
        let last = fs::read_to_string(&path).unwrap().lines().last().unwrap().to_owned();
        append(&path, &format!("{last}\n"));
        let (results, found) = Results::open(&path, &architecture("mlp"), Otherwise::Refuse).unwrap();
        assert_eq!(found, finished);
        results.close().unwrap();
        append(&path, &format!("{}\n", last.replace("5e-324", "7.5")));
        assert_eq!(
            refused(&path, "mlp"),
            "error[results]: `FILE` holds another result on line 4 than before it of the same run\n  = hint: remove \
             the line that is wrong, or begin another file"
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_device_is_refused() {
        assert_eq!(
            refused(Path::new("/dev/zero"), "mlp"),
            "error[results]: `FILE` is no regular file\n  = hint: give a file of results"
        );
    }

    #[test]
    fn two_at_once_do_not_write_into_one_file() {
        let (_folder, path, _) = begun();
        let (_results, _) = Results::open(&path, &architecture("mlp"), Otherwise::Refuse).unwrap();
        assert_eq!(
            refused(&path, "mlp"),
            "error[results]: `FILE` is in use\n  = hint: wait until the other run of fscale has ended, or write to \
             another place"
        );
    }
}

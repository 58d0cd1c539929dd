//! Certificates on the command line: `--certificate` writes one.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::architecture::Architecture;
use crate::certificate::{Flaw, Words};
use crate::cli::io::{output, target};
use crate::derive::Answer;
use crate::document::{Diagnostic, Diagnostics, Source};
use crate::rule::RuleBook;

/// Where the proof goes.
#[derive(Args, Debug)]
pub(crate) struct CertificateOption {
    /// Write the answer with its proof to this file, for `fscale check`
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
}

impl CertificateOption {
    /// Whether a file is to be written.
    pub(crate) fn is_asked(&self) -> bool {
        self.certificate.is_some()
    }

    /// Refuses a file that the command reads or that cannot be written, see [`target::try_file`].
    pub(crate) fn try_file(&self, inputs: &[PathBuf]) -> Result<(), Diagnostics> {
        self.certificate.as_ref().map_or(Ok(()), |path| target::try_file("--certificate", path, inputs))
    }

    /// Writes the certificate of an answer about the architecture that was given by this name.
    pub(crate) fn write(
        &self,
        name: &str,
        architecture: &Architecture,
        answer: &Answer,
    ) -> Result<(), Diagnostics> {
        let Some(path) = &self.certificate else { return Ok(()) };
        let network = NetworkName::of(name, architecture, &answer.question.book, path);
        let written = answer.certified(network.words());
        output::write_file(path, written.map_err(refused)?.as_bytes())
    }
}

/// Why a document that was to be written would not be accepted.
fn refused(Flaw { pointer, message }: Flaw) -> Diagnostics {
    let refused = Diagnostic::new("certificate", format!("the certificate cannot be written: {message}"));
    if pointer.is_empty() {
        return refused.hint("leave `--certificate` out").into();
    }
    let refused = refused.note(format!("at `{pointer}`"));
    refused.hint("certify a smaller network, or leave `--certificate` out").into()
}

/// What a certificate calls an architecture.
pub(crate) struct NetworkName<'a> {
    /// The name of a built-in one; of another the `name` in its text, wherever its file lies.
    pub(crate) name: &'a str,
    /// The name of its file, if that lies beside the certificate.
    pub(crate) file: Option<String>,
    /// Its text.
    pub(crate) source: &'a Source,
}

impl<'a> NetworkName<'a> {
    /// Of an architecture that was given by this name or path, in a certificate at a path.
    pub(crate) fn of(
        named: &'a str,
        architecture: &'a Architecture,
        book: &RuleBook,
        certificate: &Path,
    ) -> Self {
        let source = &architecture.source;
        if book.architecture(named).is_ok() {
            return Self { name: named, file: None, source };
        }
        let name = Path::new(named).file_name().and_then(|name| name.to_str());
        let file =
            name.filter(|_| folder(Path::new(named)).is_some_and(|own| Some(own) == folder(certificate)));
        Self { name: &architecture.graph.name, file: file.map(str::to_owned), source }
    }

    /// What a certificate says that it is about.
    pub(crate) fn words(&'a self) -> Words<'a> {
        Words { architecture: self.name, file: self.file.as_deref(), source: self.source }
    }
}

/// The folder in which a file lies or will lie; nothing if there is none yet.
fn folder(path: &Path) -> Option<PathBuf> {
    fs::canonicalize(target::folder(path)).ok()
}

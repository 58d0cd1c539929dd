//! Certificates on the command line: `--certificate` writes one.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::architecture::Architecture;
use crate::certificate::{Asked, Certificate, Flaw, JointCertificate, JointProof, JointlyAsked, Words};
use crate::cli::args::options::derive_failed;
use crate::cli::io::{output, target};
use crate::derive::{Answer, JointAnswer, JointVerdict, Question, Verdict, proofs};
use crate::document::{Diagnostic, Diagnostics, Source};
use crate::propagate::{Demands, Propagation};
use crate::rule::RuleBook;

/// Where the proof goes.
#[derive(Args, Debug)]
pub(crate) struct CertificateOption {
    /// Write the answer with its proof to this file, for `fscale check`
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
}

impl CertificateOption {
    /// Refuses a file that the command reads or that cannot be written, see [`target::try_file`].
    pub(crate) fn try_file(&self, inputs: &[PathBuf]) -> Result<(), Diagnostics> {
        self.certificate.as_ref().map_or(Ok(()), |path| target::try_file("--certificate", path, inputs))
    }

    /// Writes the certificate of an answer about the architecture that was given by this name.
    pub(crate) fn write(
        &self,
        name: &str,
        architecture: &Architecture,
        question: &Question,
        answer: &Answer,
    ) -> Result<(), Diagnostics> {
        let Some(path) = &self.certificate else { return Ok(()) };
        let network = NetworkName::of(name, architecture, &question.book, path);
        let asked = network.asked(question, (&answer.propagation, &answer.demands));
        let written = match &answer.verdict {
            Verdict::Feasible { certified, program, .. } => Certificate::write(&asked, program, certified),
            Verdict::Infeasible { conflict, certified, .. } => {
                let program = answer.demands.program.restricted(|id| conflict.contains(&id));
                Certificate::write(&asked, &program, certified)
            }
        };
        output::write_file(path, written.map_err(refused)?.as_bytes())
    }

    /// Writes the certificate of an answer in several scale variables.
    pub(crate) fn write_jointly(
        &self,
        name: &str,
        architecture: &Architecture,
        question: &Question,
        answer: &JointAnswer,
    ) -> Result<(), Diagnostics> {
        let Some(path) = &self.certificate else { return Ok(()) };
        let network = NetworkName::of(name, architecture, &question.book, path);
        let alone = answer.alone.iter();
        let asked = JointlyAsked {
            words: network.words(question),
            scaling: &question.scaling,
            open: &answer.open,
            demands: &answer.demands,
            alone: alone
                .clone()
                .map(|(question, answer)| network.asked(question, (&answer.propagation, &answer.demands)))
                .collect(),
        };
        let unproven = |what: &str| -> Diagnostics {
            let message = format!("the certificate cannot be written: {what}");
            Diagnostic::new("certificate", message).hint("leave `--certificate` out").into()
        };
        let restricted;
        let proof = match &answer.verdict {
            JointVerdict::Holds(table) => {
                let refutations = proofs(&answer.open, &answer.demands, &table.hyperparameters)
                    .map_err(|error| derive_failed(&error))?;
                let refutations = refutations.ok_or_else(|| unproven("a requirement fails"))?;
                let certified = alone.filter_map(|(_, answer)| match &answer.verdict {
                    Verdict::Feasible { certified, program, .. } if certified.is_unique() => {
                        Some((program, certified))
                    }
                    Verdict::Feasible { .. } | Verdict::Infeasible { .. } => None,
                });
                let certified: Vec<_> = certified.collect();
                let all = certified.len() == answer.alone.len();
                let hyperparameters = &table.hyperparameters;
                JointProof::Holds { hyperparameters, refutations, alone: all.then_some(certified) }
            }
            JointVerdict::Impossible(variables) => {
                let first = variables.first().copied().unwrap_or_default();
                match answer.alone.get(first).map(|(_, answer)| (answer, &answer.verdict)) {
                    Some((alone, Verdict::Infeasible { conflict, certified, .. })) => {
                        restricted = alone.demands.program.restricted(|id| conflict.contains(&id));
                        JointProof::Impossible(first, &restricted, certified)
                    }
                    Some((_, Verdict::Feasible { .. })) | None => {
                        return Err(unproven("it is possible in each variable"));
                    }
                }
            }
            JointVerdict::Breaks { .. } => {
                return Err(unproven("that a table breaks along a direction has no form there"));
            }
        };
        let text = JointCertificate::write(&asked, &proof).map_err(refused)?;
        output::write_file(path, text.as_bytes())
    }
}

/// Why a document that was to be written would not be accepted.
fn refused(Flaw { pointer, message }: Flaw) -> Diagnostics {
    let refused = format!("the certificate cannot be written: {message}");
    let refused = Diagnostic::new("certificate", refused).note(format!("at `{pointer}`"));
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

    /// The words of a question about it.
    pub(crate) fn words(&'a self, question: &'a Question) -> Words<'a> {
        Words {
            architecture: self.name,
            file: self.file.as_deref(),
            source: self.source,
            optimizer: &question.optimizer.about.name,
            desiderata: &question.desiderata.about.name,
        }
    }

    /// A question about it in one scale variable.
    pub(crate) fn asked(
        &'a self,
        question: &'a Question,
        (propagation, demands): (&'a Propagation, &'a Demands),
    ) -> Asked<'a> {
        Asked { words: self.words(question), scaling: &question.scaling, propagation, demands }
    }
}

/// The folder in which a file lies or will lie; nothing if there is none yet.
fn folder(path: &Path) -> Option<PathBuf> {
    fs::canonicalize(target::folder(path)).ok()
}

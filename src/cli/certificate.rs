//! Certificates on the command line: `--certificate` writes one, `check` verifies one.

use std::path::{Path, PathBuf};

use clap::Args;

use super::given::given_by;
use super::options::{architecture, derive_failed};
use super::{input, output, target};
use crate::architecture::Architecture;
use crate::certificate::{
    Asked, Certificate, Flaw, JointCertificate, JointProof, JointlyAsked, Names, Status,
};
use crate::derive::{Answer, DeriveError, Question, Verdict};
use crate::desiderata::{Demands, require};
use crate::diagnostic::{Diagnostic, Diagnostics, Source};
use crate::graph::Scaling;
use crate::joint::{JointAnswer, JointVerdict, proofs};
use crate::propagate::{Propagation, propagate, propagate_openly};
use crate::report::verified::Verified;
use crate::rule::{Desiderata, Optimizer, RuleBook};

/// Where the proof goes.
#[derive(Args, Debug)]
pub(super) struct CertificateOption {
    /// Write the answer with its proof to this file, for `fscale check`
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
}

impl CertificateOption {
    /// Refuses a file that the command reads or that cannot be written, see [`target::try_file`].
    pub(super) fn try_file(&self, inputs: &[PathBuf]) -> Result<(), Diagnostics> {
        self.certificate.as_ref().map_or(Ok(()), |path| target::try_file("--certificate", path, inputs))
    }

    /// Writes the certificate of an answer about the architecture that was given by this name.
    pub(super) fn write(
        &self,
        name: &str,
        architecture: &Architecture,
        question: &Question<'_>,
        answer: &Answer<'_>,
    ) -> Result<(), Diagnostics> {
        let Some(path) = &self.certificate else { return Ok(()) };
        let asked = Asked {
            architecture: name,
            source: &architecture.source,
            scaling: &question.scaling,
            variable: 0,
            optimizer: &question.optimizer.about.name,
            desiderata: &question.desiderata.about.name,
            propagation: &answer.propagation,
            demands: &answer.demands,
        };
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
    pub(super) fn write_jointly(
        &self,
        name: &str,
        architecture: &Architecture,
        question: &Question<'_>,
        answer: &JointAnswer<'_>,
    ) -> Result<(), Diagnostics> {
        let Some(path) = &self.certificate else { return Ok(()) };
        let alone = answer.alone.iter();
        let asked = JointlyAsked {
            architecture: name,
            source: &architecture.source,
            scaling: &question.scaling,
            optimizer: &question.optimizer.about.name,
            desiderata: &question.desiderata.about.name,
            open: &answer.open,
            demands: &answer.demands,
            alone: alone.clone().map(|(_, answer)| (&answer.propagation, &answer.demands)).collect(),
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

/// Whether a file is meant as a certificate, by its name or its first letter: no TOML begins with a brace.
pub(super) fn is_certificate(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "json") || input::begins_with(path, b'{')
}

/// Verifies a certificate against the architecture it names, or that of `--arch`.
pub(super) fn verify(source: &Source, arch: Option<&str>, book: &RuleBook) -> Result<Verified, Diagnostics> {
    if JointCertificate::is_meant(source) {
        return verify_jointly(source, arch, book);
    }
    let certificate = Certificate::read(source)?;
    let names = certificate.names();
    let book = &assuming(&names, source, book)?;
    let named = found(&names, source, arch, book)?;
    let said = |flaw: Option<Flaw>| verified(&names, source, certificate.status(), flaw);
    let variables = &named.scaling.variables;
    let Some(variable) = variables.iter().position(|held| held == certificate.variable()) else {
        let (pointer, message) = ("/statement/variable".into(), "the scaling has no such variable".into());
        return Ok(said(Some(Flaw { pointer, message })));
    };
    let (propagation, demands) = named.alone(variable, book)?;
    let asked = Asked {
        architecture: names.architecture,
        source: &named.architecture.source,
        scaling: &named.scaling,
        variable,
        optimizer: names.optimizer,
        desiderata: names.desiderata,
        propagation: &propagation,
        demands: &demands,
    };
    Ok(said(certificate.verify(&asked).err()))
}

fn verify_jointly(source: &Source, arch: Option<&str>, book: &RuleBook) -> Result<Verified, Diagnostics> {
    let certificate = JointCertificate::read(source)?;
    let names = certificate.names();
    let book = &assuming(&names, source, book)?;
    let named = found(&names, source, arch, book)?;
    let failed = |error| derive_failed(&DeriveError::Propagate(error));
    let open =
        propagate_openly(&named.architecture.graph, book, named.optimizer, &named.scaling).map_err(failed)?;
    let demands = require(&open, &named.desiderata);
    let variables = 0..named.scaling.variables.len();
    let alone = variables.map(|variable| named.alone(variable, book)).collect::<Result<Vec<_>, _>>()?;
    let asked = JointlyAsked {
        architecture: names.architecture,
        source: &named.architecture.source,
        scaling: &named.scaling,
        optimizer: names.optimizer,
        desiderata: names.desiderata,
        open: &open,
        demands: &demands,
        alone: alone.iter().map(|(propagation, demands)| (propagation, demands)).collect(),
    };
    Ok(verified(&names, source, certificate.status(), certificate.verify(&asked).err()))
}

/// What a certificate names, found.
struct Named<'a> {
    architecture: Architecture,
    scaling: Scaling,
    optimizer: &'a Optimizer,
    desiderata: Desiderata,
}

/// The rules, with the alignment that a certificate assumes.
fn assuming(names: &Names<'_>, source: &Source, book: &RuleBook) -> Result<RuleBook, Diagnostics> {
    let mut book = book.clone();
    if let Some(name) = names.alignment {
        let at = format!("at `/statement/alignment` of `{}`", source.name);
        book.assume(name).map_err(|wrong| wrong.note(at))?;
    }
    Ok(book)
}

/// Everything that a certificate names.
fn found<'b>(
    names: &Names<'_>,
    source: &Source,
    arch: Option<&str>,
    book: &'b RuleBook,
) -> Result<Named<'b>, Diagnostics> {
    let at = |pointer: &str| format!("at `{pointer}` of `{}`", source.name);
    let named = |mut wrong: Diagnostics| {
        for diagnostic in wrong.0.iter_mut().filter(|diagnostic| diagnostic.place.is_none()) {
            diagnostic.notes.push(at("/statement/architecture/name"));
            if diagnostic.code == "file" {
                diagnostic.hint = Some("give the architecture with `--arch`".into());
            }
        }
        wrong
    };
    let noted = |mut wrong: Diagnostics| {
        wrong.0.iter_mut().for_each(|diagnostic| diagnostic.notes.push(at("/statement/given")));
        wrong
    };
    let architecture = match arch {
        Some(given) => architecture(given, book)?,
        None => architecture(names.architecture, book).map_err(named)?,
    };
    let (optimizer, desiderata) = (book.optimizer(names.optimizer), book.desiderata(names.desiderata));
    let scaling = Scaling::parse(names.scaling, &architecture.graph).map_err(|error| {
        let wrong = Diagnostic::new("scale", error.to_string()).note(at("/statement/scaling"));
        wrong.hint(error.hint())
    });
    let optimizer = optimizer.map_err(|wrong| wrong.note(at("/statement/optimizer")));
    let desiderata = desiderata.map_err(|wrong| wrong.note(at("/statement/desiderata")));
    match (optimizer, desiderata, scaling) {
        (Ok(optimizer), Ok(desiderata), Ok(scaling)) => {
            let mut desiderata = desiderata.clone();
            if let Some(given) = names.given {
                let read = given_by(given, optimizer, &architecture.graph, &scaling, book).map_err(noted)?;
                desiderata.given = Some(read.given);
            }
            Ok(Named { architecture, scaling, optimizer, desiderata })
        }
        (optimizer, desiderata, scaling) => {
            let wrong = [optimizer.err(), desiderata.err(), scaling.err()];
            Err(Diagnostics(wrong.into_iter().flatten().collect()))
        }
    }
}

fn verified(names: &Names<'_>, source: &Source, states: Status, flaw: Option<Flaw>) -> Verified {
    let Names { architecture, scaling, optimizer, desiderata, alignment, given } = names;
    let alignment = alignment.map_or_else(String::new, |name| format!(", alignment {name}"));
    let given = given.map_or_else(String::new, |name| format!(", `{name}` given"));
    let about = format!("`{scaling}` of {architecture} with {optimizer}, {desiderata}{alignment}{given}");
    Verified { file: source.name.clone(), about, states, flaw }
}

impl Named<'_> {
    /// The exponents in one variable, the others fixed, and the requirements on them.
    fn alone<'n>(
        &'n self,
        variable: usize,
        book: &'n RuleBook,
    ) -> Result<(Propagation<'n>, Demands), Diagnostics> {
        let powers = self.scaling.along(variable);
        let propagation = propagate(&self.architecture.graph, book, self.optimizer, &powers)
            .map_err(|error| derive_failed(&DeriveError::Propagate(error)))?;
        let demands = require(&propagation, &self.desiderata);
        Ok((propagation, demands))
    }
}

//! Certificates on the command line: `--certificate` writes one, `check` verifies one.

use std::path::{Path, PathBuf};

use clap::Args;

use super::options::{architecture, derive_failed};
use super::{input, output};
use crate::architecture::Architecture;
use crate::certificate::{Asked, Certificate, Flaw};
use crate::derive::{Answer, DeriveError, Question, Verdict};
use crate::desiderata::require;
use crate::diagnostic::{Diagnostic, Diagnostics, Source};
use crate::graph::Scaling;
use crate::propagate::propagate;
use crate::report::verified::Verified;
use crate::rule::RuleBook;

/// Where the proof goes.
#[derive(Args, Debug)]
pub(super) struct CertificateOption {
    /// Write the answer with its proof to this file, for `fscale check`
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
}

impl CertificateOption {
    /// Whether one is asked for.
    pub(super) fn is_asked(&self) -> bool {
        self.certificate.is_some()
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
        let text = written.map_err(|Flaw { pointer, message }| {
            let refused = format!("the certificate cannot be written: {message}");
            let refused = Diagnostic::new("certificate", refused).note(format!("at `{pointer}`"));
            refused.hint("certify a smaller network, or leave `--certificate` out")
        })?;
        output::write_file(path, text.as_bytes())
    }
}

/// Whether a file is meant as a certificate, by its name or its first letter: no TOML begins with a brace.
pub(super) fn is_certificate(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "json") || input::begins_with(path, b'{')
}

/// Verifies a certificate against the architecture it names, or that of `--arch`.
pub(super) fn verify(source: &Source, arch: Option<&str>, book: &RuleBook) -> Result<Verified, Diagnostics> {
    let certificate = Certificate::read(source)?;
    let at = |pointer: &str| format!("at `{pointer}` of `{}`", source.name);
    let named = |mut wrong: Diagnostics| {
        for diagnostic in wrong.0.iter_mut().filter(|diagnostic| diagnostic.place.is_none()) {
            diagnostic.notes.push(at("/statement/architecture/name"));
            diagnostic.hint = Some("give the architecture with `--arch`".into());
        }
        wrong
    };
    let architecture = match arch {
        Some(given) => architecture(given, book)?,
        None => architecture(certificate.architecture(), book).map_err(named)?,
    };
    let graph = &architecture.graph;
    let (optimizer, desiderata) =
        (book.optimizer(certificate.optimizer()), book.desiderata(certificate.desiderata()));
    let scaling = Scaling::parse(certificate.scaling(), graph).map_err(|error| {
        let wrong = Diagnostic::new("scale", error.to_string()).note(at("/statement/scaling"));
        wrong.hint(error.hint())
    });
    let optimizer = optimizer.map_err(|wrong| wrong.note(at("/statement/optimizer")));
    let desiderata = desiderata.map_err(|wrong| wrong.note(at("/statement/desiderata")));
    let (optimizer, desiderata, scaling) = match (optimizer, desiderata, scaling) {
        (Ok(optimizer), Ok(desiderata), Ok(scaling)) => (optimizer, desiderata, scaling),
        (optimizer, desiderata, scaling) => {
            let wrong = [optimizer.err(), desiderata.err(), scaling.err()];
            return Err(Diagnostics(wrong.into_iter().flatten().collect()));
        }
    };
    let verified = |flaw: Option<Flaw>| Verified {
        file: source.name.clone(),
        about: format!(
            "`{}` of {} with {}, {}",
            certificate.scaling(),
            certificate.architecture(),
            certificate.optimizer(),
            certificate.desiderata()
        ),
        states: certificate.status(),
        flaw,
    };
    let Some(variable) = scaling.variables.iter().position(|held| held == certificate.variable()) else {
        let (pointer, message) = ("/statement/variable".into(), "the scaling has no such variable".into());
        return Ok(verified(Some(Flaw { pointer, message })));
    };
    let propagation = propagate(graph, book, optimizer, &scaling.along(variable))
        .map_err(|error| derive_failed(&DeriveError::Propagate(error)))?;
    let demands = require(&propagation, desiderata);
    let asked = Asked {
        architecture: certificate.architecture(),
        source: &architecture.source,
        scaling: &scaling,
        variable,
        optimizer: certificate.optimizer(),
        desiderata: certificate.desiderata(),
        propagation: &propagation,
        demands: &demands,
    };
    Ok(verified(certificate.verify(&asked).err()))
}

//! [`verify()`]: whether a document proves what it states, if it names nothing but what is built in.

use std::sync::Arc;

use serde_json::json;
use thiserror::Error;

use super::file::Certificate;
use super::flaw::Flaw;
use super::form::SCHEMA;
use super::layout::layout;
use super::statement::{Asked, Names, Words};
use crate::architecture::Network;
use crate::document::{Diagnostics, Source};
use crate::exact::Status;
use crate::propagate::{Given, Growth, Posed, PropagateError, Question};
use crate::rule::RuleBook;

/// Why a document proves nothing.
///
/// ```
/// assert!(matches!(fscale::verify("{}"), Err(fscale::Unproven::Malformed(_))));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Unproven {
    /// It is no certificate, or names what is not built in.
    #[error(transparent)]
    Malformed(#[from] Diagnostics),
    /// What it is about cannot be asked.
    #[error(transparent)]
    Question(#[from] PropagateError),
    /// What it states does not follow, or is not proven.
    #[error("{message}, at `{pointer}`")]
    Flaw {
        /// Where: a JSON pointer (RFC 6901).
        pointer: String,
        /// What is wrong there.
        message: String,
    },
}

impl From<Flaw> for Unproven {
    fn from(Flaw { pointer, message }: Flaw) -> Self {
        Self::Flaw { pointer, message }
    }
}

/// Whether a document proves what it states of a built-in architecture under built-in rules, and what that is. What it states
/// is derived anew and compared, and its evidence is checked by exact arithmetic alone: the solver has no part in it. (Of
/// files, `fscale check` verifies certificates that lie beside them.)
///
/// ```
/// use fscale::{Network, Status, verify};
///
/// let proof = Network::builtin("transformer")?.scale("d_k=n,d_ff=m")?.derive()?.certificate();
/// assert_eq!(verify(proof.text())?, Status::Unique);
/// assert!(verify(&proof.text().replace("d_ff=m", "d_v=m")).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// The first thing that is wrong with it.
pub fn verify(text: &str) -> Result<Status, Unproven> {
    let certificate = Certificate::read(&Source::new("the certificate", text))?;
    let names = certificate.names();
    let mut book = RuleBook::embedded()?;
    if let Some(alignment) = names.alignment {
        book.assume(alignment).map_err(Diagnostics::from)?;
    }
    let network = Network::under(names.architecture, Arc::new(book))?;
    let question = network.scale(names.scaling)?;
    let question = question.optimizer(names.optimizer).map_err(Diagnostics::from)?;
    let question = question.desiderata(names.desiderata).map_err(Diagnostics::from)?;
    let given = names.given.map(|name| given(name, &question, &names)).transpose()?;
    let question = question.given(given);
    let identity = &question.identity;
    let words = Words { architecture: &identity.name, file: names.file, source: &identity.source };
    Ok(certificate.verify_question(words, &question)??)
}

/// The inits and multipliers of a built-in parameterization in each scale variable.
fn given(name: &str, question: &Question, names: &Names<'_>) -> Result<Given, Unproven> {
    let Question { graph, book, optimizer, scaling, .. } = question;
    let rule = book.parameterization(name).map_err(Diagnostics::from)?;
    let in_variable = |variable: usize| {
        let unfolded = rule.hyperparameters(graph, &Growth::along(scaling.along(variable)), optimizer);
        let degree = optimizer.degree();
        match (unfolded.has_own(), degree) {
            (false, _) => Ok(unfolded.hyperparameters),
            (true, Some(degree)) => Ok(unfolded.folded(&degree)),
            (true, None) => Err(Flaw::new(
                "/statement/given",
                format!("`{}` has no degree: multipliers cannot be folded", names.optimizer),
            )),
        }
    };
    let hyperparameters = (0..scaling.variables.len()).map(in_variable).collect::<Result<_, Flaw>>()?;
    Ok(Given { name: name.into(), hyperparameters })
}

impl Certificate {
    /// Whether it proves what it states of a question.
    ///
    /// # Errors
    /// If the question cannot be asked; within, the first thing that is wrong with the certificate.
    pub fn verify_question(
        &self,
        words: Words<'_>,
        question: &Question,
    ) -> Result<Result<Status, Flaw>, PropagateError> {
        let posed = question.posed()?;
        let variables = question.scaling.variables.len();
        let variables = if variables > 1 { 0..variables } else { 0..0 };
        let alone = variables.map(|variable| question.only(variable).posed());
        let alone: Vec<Posed> = alone.collect::<Result<_, _>>()?;
        Ok(self.verify(&Asked { words, posed: &posed, alone: &alone }))
    }
}

/// The document that says why there is no proof; it is refused when it is read.
#[must_use]
pub fn unproven(why: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    layout(&json!({"schema": SCHEMA, "fscale": version, "kind": "unproven answer", "why": why}))
}

//! [`Answer::certificate`]: the proof of an answer.

use std::fmt;

use super::alone::Alone;
use super::answer::{Answer, Obstacle, Verdict};
use crate::certificate::{Asked, Certificate, Flaw, Proven, Words, unproven};
use crate::exact::{Certified, Program};
use crate::propagate::Posed;

/// The proof of an answer, as a document (JSON) that [`verify`](crate::verify) checks without the solver.
///
/// ```
/// use fscale::{Network, Status, verify};
///
/// let answer = Network::builtin("transformer")?.scale("d_v")?.derive()?;
/// let proof = answer.certificate();
/// assert_eq!(verify(proof.text())?, Status::Infeasible);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof(String);

impl Proof {
    /// The document.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl AsRef<[u8]> for Proof {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Answer {
    /// The proof of this answer. Of an answer that has none (of a table that breaks along a direction of growth, say) the
    /// document says why; it is refused when it is checked.
    #[must_use]
    pub fn certificate(&self) -> Proof {
        let identity = &self.question.identity;
        let words = Words { architecture: &identity.name, file: None, source: &identity.source };
        Proof(self.certified(words).unwrap_or_else(|Flaw { message, .. }| unproven(&message)))
    }

    /// The certificate of this answer about a network, which [`Certificate::verify`] checks without the solver.
    ///
    /// # Errors
    /// If it would not be accepted: it is too large; or the answer is that a table breaks along a direction, for which there is
    /// no proof of a form there.
    pub fn certified(&self, words: Words<'_>) -> Result<String, Flaw> {
        let none = |message: &str| Flaw { pointer: String::new(), message: message.into() };
        let posed = self.posed().ok_or_else(|| none("there is no scale variable"))?;
        let alone: Vec<Posed> = match &self.open {
            Some(_) => self.alone.iter().map(|alone| alone.posed.clone()).collect(),
            None => Vec::new(),
        };
        let asked = Asked { words, posed, alone: &alone };
        let proofs: Vec<(Program, &Certified)> = self.alone.iter().map(Alone::certified).collect();
        match &self.verdict {
            _ if self.open.is_none() => {
                let (program, certified) =
                    proofs.first().ok_or_else(|| none("there is no scale variable"))?;
                Certificate::write(&asked, &Proven::One(program, certified))
            }
            Verdict::Feasible { table, refutations } => {
                let is_unique = proofs.iter().all(|(_, certified)| certified.is_unique());
                let alone = proofs.iter().map(|(program, certified)| (program, *certified));
                let alone = is_unique.then(|| alone.collect());
                let hyperparameters = table.hyperparameters();
                let (hyperparameters, refutations) = (hyperparameters.as_slice(), refutations.as_slice());
                Certificate::write(&asked, &Proven::Holds { hyperparameters, refutations, alone })
            }
            Verdict::Infeasible(Obstacle::Alone(variables)) => {
                let variable = variables.first().copied().unwrap_or_default();
                let (program, certified) =
                    proofs.get(variable).ok_or_else(|| none("it is possible in each variable"))?;
                Certificate::write(&asked, &Proven::Impossible(variable, program, certified))
            }
            Verdict::Infeasible(Obstacle::Breaks { .. }) => {
                Err(none("that a table breaks along a direction has no form there"))
            }
        }
    }
}

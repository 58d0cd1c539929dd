//! fscale derives how the hyperparameters of a neural network must change with its size.
//!
//! Make a network bigger and its learning rates, initial scales and multipliers stop being right. Every quantity of
//! one training step (signals, backward signals, responses to the step, loss decreases) grows like a power of the
//! size; this library computes those powers exactly, solves for the hyperparameters that keep training stable,
//! proves it where there are none, and measures every prediction in a simulation of the same graph.
//!
//! ```
//! use fscale::Network;
//!
//! let network = Network::builtin("transformer")?; // or ::read("net.toml"), ::parse(text)
//! let question = network.scale("d_model=n,heads=n,d_ff=n,d_k=m")?.optimizer("adamw")?;
//! let answer = question.derive()?; // certified, or the conflict
//! println!("{answer}"); // what `fscale derive` prints
//! assert_eq!(answer.table()?.lr("W_Q").to_string(), "n^-1");
//! let proof = answer.certificate(); // `fscale::verify` checks it, without the solver
//! assert_eq!(fscale::verify(proof.text())?, fscale::Status::Unique);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The proof can be kept in a file, for others to check, and the answer is measured in a simulation of the same network:
//!
//! ```
//! use fscale::{Network, Runs};
//!
//! let question = Network::builtin("transformer")?.scale("d_ff=n,d_k=m")?.optimizer("adamw")?;
//! let answer = question.derive()?;
//! # let folder = tempfile::tempdir()?;
//! # let proof = folder.path().join("proof.json");
//! std::fs::write(proof, answer.certificate())?;
//! let slopes = question.along("n").at(answer.table()?).measure(Runs::default())?;
//! assert!(slopes.agrees());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The phases
//!
//! Data flows in this order; a module uses only those above it.
//!
//! | module | from | to |
//! |---|---|---|
//! | [`exact`] | | exact rationals, affine forms, maxima; programs of linear rows, and the checker of claims about them |
//! | [`document`] | a text | its values with their places, and all mistakes at once |
//! | [`graph`] | | the network as a graph over a closed vocabulary, how its sizes grow, and exponents of hyperparameters |
//! | [`rule`] | `rules/*.toml` | what the theory says of each op, optimizer and desideratum |
//! | [`architecture`] | a file | a checked [`graph::Graph`], or every error at once |
//! | [`propagate`] | graph and rules | every exponent as a form in the unknown hyperparameters, and what is asked of them: a program; exponents step by step |
//! | [`certificate`] | a certified answer | its file; read and checked again without the solver |
//! | [`solve`] | a program | a claim with evidence |
//! | [`derive`](mod@derive) | a question | the scaling table or the conflict; judgements, gauges, joint limits, any number of steps |
//! | [`explain`] | an answer | derivations and proofs, line by line |
//! | [`simulate`] | the same graph | measured magnitudes, slopes, verdicts |
//! | [`study`] | predictions and simulations | whether they agree; trials; measurements that many machines share |
//! | [`report`] | all of these | text, Markdown, LaTeX, CSV, JSON, figures |
//! | [`cli`] | arguments | one file per command |
//!
//! # Invariants
//!
//! - Exponents are exact: no module above [`simulate`] holds a float, and a lint says so; but for the guesses of
//!   [`solve`], none of which is believed before exact arithmetic has verified it.
//! - Two interpreters, [`propagate`] and [`simulate`], run over one graph and one vocabulary; that they agree is a test.
//! - Only what [`exact::check`] accepts becomes a [`propagate::Table`]; but for tables of later steps, which have no certificate, and
//!   become one when every requirement has been held against exact exponents at every step.
//! - A rule is one complete file: adding an activation, an optimizer or a desiderata set needs no code.
//! - The same input and seed give the same bytes, whatever the number of threads.

#[doc(hidden)]
pub mod architecture;
#[doc(hidden)]
pub mod certificate;
#[doc(hidden)]
pub mod cli;
#[doc(hidden)]
pub mod derive;
#[doc(hidden)]
pub mod document;
#[doc(hidden)]
pub mod exact;
#[doc(hidden)]
pub mod explain;
#[doc(hidden)]
pub mod graph;
#[doc(hidden)]
pub mod propagate;
#[doc(hidden)]
pub mod report;
#[doc(hidden)]
pub mod rule;
#[doc(hidden)]
pub mod simulate;
#[doc(hidden)]
pub mod solve;
#[doc(hidden)]
pub mod study;

pub use architecture::Network;
pub use certificate::{Unproven, verify};
pub use derive::{Answer, DeriveError, Infeasible, Proof};
pub use document::{Diagnostic, Diagnostics};
pub use exact::{Exponent, Powers, Status};
pub use graph::{Hyperparameters, RayError};
pub use propagate::{
    Law, Note, NoteColumn, NoteKind, NoteTopic, ParameterRow, PropagateError, Question, Table,
};
pub use simulate::{Runs, SlopeVerdict};
pub use study::Summary;
pub use study::along::{Along, MeasureError, Slopes, Trend};

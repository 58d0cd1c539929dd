//! fscale derives how the hyperparameters of a neural network must change with its size.
//!
//! Make a network bigger and its learning rates, initial scales and multipliers stop being right. Every quantity of
//! one training step (signals, backward signals, responses to the step, loss decreases) grows like a power of the
//! size; this library computes those powers exactly, solves for the hyperparameters that keep training stable,
//! proves it where there are none, and measures every prediction in a simulation of the same graph.
//!
//! ```
//! use fscale::architecture::Architecture;
//! use fscale::derive::{Question, Verdict, derive};
//! use fscale::graph::Scaling;
//! use fscale::rule::RuleBook;
//!
//! let book = RuleBook::embedded()?;
//! let file = &book.architecture("transformer")?.text;
//! let architecture = Architecture::parse(file, &book.activations())?;
//! let graph = &architecture.graph;
//!
//! // Keys and queries of size n, everything else fixed: which hyperparameters must change?
//! let question = Question {
//!     graph,
//!     book: &book,
//!     optimizer: book.optimizer("adam")?,
//!     desiderata: book.desiderata("fsc")?,
//!     scaling: Scaling::parse("d_k", graph)?,
//! };
//! let Verdict::Feasible { table, .. } = derive(&question)?.verdict else { panic!("d_k can be scaled") };
//! assert!(table.unique);
//! assert_eq!(table.multipliers[0].1.to_string(), "-1"); // logits q.k / d_k, and nothing else changes
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The phases
//!
//! Data flows in this order; a module uses only those above it.
//!
//! | module | from | to |
//! |---|---|---|
//! | [`exponent`] | | exact rationals, affine forms, maxima |
//! | [`architecture`] | a file | a checked [`graph::Graph`], or every error at once |
//! | [`rule`] | `rules/*.toml` | what the theory says of each op, optimizer and desideratum |
//! | [`propagate`] | graph and rules | every exponent as a form in the unknown hyperparameters |
//! | [`desiderata`] | forms and requirements | a program of linear rows with disjunctions |
//! | [`solve`] | a program | a claim with evidence |
//! | [`certificate`] | a claim | a certified answer, or a rejection, and its file; never imports the solver |
//! | [`table`] | a certified answer | the scaling table |
//! | [`joint`] | a question in several scale variables | a table of powers of all, and whether it holds in every joint limit |
//! | [`gauge`] | two parameterizations, or a table | what is traded between them; the table in another gauge |
//! | [`judge`] | given hyperparameters | which requirements they meet, and the smallest change that mends the rest |
//! | [`simulate`] | the same graph | measured magnitudes, slopes, verdicts |
//! | [`sweep`] | a measurement | tasks that any number of machines share, and what they have measured, merged |
//! | [`report`] | all of these | text, Markdown, LaTeX, CSV, JSON, figures |
//!
//! # Invariants
//!
//! - Exponents are exact: no module above [`simulate`] holds a float, and a lint says so; but for the guesses of
//!   [`solve`], none of which is believed before exact arithmetic has verified it.
//! - Two interpreters, [`propagate`] and [`simulate`], run over one graph and one vocabulary; that they agree is a test.
//! - Only what the checker of [`certificate`] accepts becomes a [`table::ScalingTable`].
//! - A rule is one complete file: adding an activation, an optimizer or a desiderata set needs no code.
//! - The same input and seed give the same bytes, whatever the number of threads.

pub mod architecture;
pub mod certificate;
pub mod cli;
pub mod derive;
pub mod desiderata;
pub mod diagnostic;
mod document;
pub mod exponent;
pub mod gauge;
pub mod graph;
pub mod joint;
pub mod judge;
pub mod propagate;
pub mod report;
pub mod rule;
pub mod simulate;
pub mod solve;
pub mod sweep;
pub mod table;
pub mod trial;
pub mod verify;
pub mod worked;

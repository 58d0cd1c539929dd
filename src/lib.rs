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
//! | [`exact`] | | exact rationals, affine forms, maxima; programs of linear rows, and the checker of claims about them |
//! | [`document`] | a text | its values with their places, and all mistakes at once |
//! | [`graph`] | | the network as a graph over a closed vocabulary, how its sizes grow, and exponents of hyperparameters |
//! | [`rule`] | `rules/*.toml` | what the theory says of each op, optimizer and desideratum |
//! | [`architecture`] | a file | a checked [`graph::Graph`], or every error at once |
//! | [`propagate`] | graph and rules | every exponent as a form in the unknown hyperparameters, and what is asked of them: a program |
//! | [`certificate`] | a certified answer | its file; read and checked again without the solver |
//! | [`solve`] | a program | a claim with evidence |
//! | [`derive`](mod@derive) | a question | the scaling table or the conflict; judgements, gauges, joint limits |
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
//! - Only what [`exact::check`] accepts becomes a [`propagate::ScalingTable`].
//! - A rule is one complete file: adding an activation, an optimizer or a desiderata set needs no code.
//! - The same input and seed give the same bytes, whatever the number of threads.

pub mod architecture;
pub mod certificate;
pub mod cli;
pub mod derive;
pub mod document;
pub mod exact;
pub mod graph;
pub mod propagate;
pub mod report;
pub mod rule;
pub mod simulate;
pub mod solve;
pub mod study;

//! What is derived, held against papers, against predictions, and against the question asked anew.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, in its helpers too"
)]

mod alignment;
mod cases;
mod gauge;
mod joint;
mod judge;
mod large;
mod later;
mod looped;
mod prefer;
mod published;
mod relaxations;

use std::sync::Arc;

use fscale::architecture::Architecture;
use fscale::graph::{Graph, Scaling};
use fscale::propagate::Question;
use fscale::rule::RuleBook;

/// A built-in network.
fn graph(book: &RuleBook, name: &str) -> Arc<Graph> {
    Architecture::parse(&book.architecture(name).unwrap().text, &book.activations()).unwrap().graph
}

/// A question by names.
fn question(
    book: &Arc<RuleBook>,
    graph: &Arc<Graph>,
    scale: &str,
    optimizer: &str,
    desiderata: &str,
) -> Question {
    Question::new(
        graph,
        book,
        book.optimizer(optimizer).unwrap(),
        book.desiderata(desiderata).unwrap(),
        Scaling::parse(scale, graph).unwrap(),
    )
}

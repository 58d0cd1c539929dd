//! How long an answer takes: whole processes of the release binary (the claim: `derive` on the transformer under 50 ms,
//! `predict` under 10 ms), and the phases inside.
#![allow(missing_docs, reason = "criterion's macros make undocumented items")]
#![allow(clippy::unwrap_used, reason = "a benchmark that cannot run should stop")]

use std::hint::black_box;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use fscale::architecture::Architecture;
use fscale::derive::{Question, derive};
use fscale::graph::Scaling;
use fscale::propagate::propagate;
use fscale::rule::RuleBook;

const TIE: &str = "d_model=n,heads=n,d_ff=n";

/// Runs the binary once. Exit status 1 is an answer too: the scaling is impossible.
fn run(arguments: &[&str]) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fscale"));
    let status = command.args(arguments).stdout(Stdio::null()).status().unwrap();
    assert!(matches!(status.code(), Some(0 | 1)), "{arguments:?}: {status}");
}

fn processes(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("process");
    group.sample_size(20).measurement_time(Duration::from_secs(3));
    for scale in ["d_k", "d_v", "d_model", TIE] {
        group.bench_function(format!("derive {scale}"), |bench| {
            bench.iter(|| run(&["derive", "transformer", "--scale", scale]));
        });
    }
    group.bench_function(format!("predict {TIE}"), |bench| {
        bench.iter(|| run(&["predict", "transformer", "--hp", "standard", "--scale", TIE]));
    });
    group.bench_function("dims", |bench| bench.iter(|| run(&["dims", "transformer"])));
}

fn phases(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("phase");
    group.sample_size(20).measurement_time(Duration::from_secs(3));
    group.bench_function("load the rules", |bench| bench.iter(|| black_box(RuleBook::embedded())));
    let book = Arc::new(RuleBook::embedded().unwrap());
    let file = &book.architecture("transformer").unwrap().text;
    let activations = book.activations();
    group.bench_function("read the transformer", |bench| {
        bench.iter(|| black_box(Architecture::parse(file, &activations)));
    });
    let architecture = Architecture::parse(file, &activations).unwrap();
    let graph = &architecture.graph;
    let (optimizer, desiderata) = (book.optimizer("sgd").unwrap(), book.desiderata("fsc").unwrap());
    for scale in ["d_k", "d_v", "d_model", TIE] {
        let scaling = Scaling::parse(scale, graph).unwrap();
        group.bench_function(format!("propagate {scale}"), |bench| {
            bench.iter(|| black_box(propagate(graph, &book, optimizer, &scaling.along(0))));
        });
        let question = Question::new(graph, &book, optimizer, desiderata, scaling);
        group.bench_function(format!("derive {scale}"), |bench| bench.iter(|| black_box(derive(&question))));
    }
}

criterion_group!(benches, phases, processes);
criterion_main!(benches);

//! The systems to be solved: those of transformers written out block by block, and random chains, with and without
//! a solution. All are rows without disjunctions, so that solvers of linear programs can take part.

use fscale::architecture::Architecture;
use fscale::document::Source;
use fscale::exact::{
    Claim, Clause, Exponent, Form, Origin, Program, RequirementId, Row, Unknown, UnknownInfo, UnknownKind,
};
use fscale::graph::Scaling;
use fscale::propagate::{Growth, propagate, require};
use fscale::rule::RuleBook;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The kinds of systems.
pub(crate) const FAMILIES: [&str; 4] = ["transformer", "shaped", "chain", "dense"];

/// The most unknowns of a dense system: its numbers grow with them.
const LARGEST_DENSE: usize = 200;

/// A system of a family in about so many unknowns, with or without a solution; nothing if the family has none.
pub(crate) fn system(family: &str, feasible: bool, unknowns: usize) -> Option<Program> {
    match family {
        "transformer" => Some(transformer(unknowns, feasible)),
        "shaped" => Some(chain(unknowns, &SHAPED, feasible)),
        "chain" => Some(chain(unknowns, &CHAIN, feasible)),
        "dense" if unknowns <= LARGEST_DENSE => Some(chain(unknowns, &DENSE, feasible)),
        _ => None,
    }
}

/// The requirements on a transformer of the fewest blocks that give so many unknowns. Where heads may grow with the width
/// there is a solution; where the width grows alone there is none. Of each choice one alternative is asked: the one that
/// a solution takes, or the first.
fn transformer(unknowns: usize, feasible: bool) -> Program {
    let book = RuleBook::embedded().unwrap();
    let scale = if feasible { "d_model=n,heads=n,d_ff=n" } else { "d_model" };
    let blocks = |count: usize| {
        let source = Source::new("blocks.toml", written_out(count));
        let architecture = Architecture::parse(&source, &book.activations()).unwrap();
        let scaling = Scaling::parse(scale, &architecture.graph).unwrap();
        let optimizer = book.optimizer("sgd").unwrap();
        let propagation =
            propagate(&architecture.graph, &book, optimizer, Growth::along(scaling.along(0))).unwrap();
        require(&propagation, book.desiderata("fsc").unwrap(), None).program
    };
    // They grow faster than the blocks: every pair of a response and a later magnitude is one.
    let enough = (1..).map(blocks).find(|program| program.unknowns.len() >= unknowns);
    linear(&enough.unwrap())
}

/// The rows of a program and of each choice one alternative, each a requirement of its own.
fn linear(program: &Program) -> Program {
    let chosen = match fscale::solve::decide(program).unwrap() {
        Claim::Feasible { choices, .. } => choices,
        Claim::Infeasible(_) => vec![Some(0); program.clauses.len()],
    };
    let clauses = program.clauses.iter().zip(chosen);
    let rows = clauses.flat_map(|(clause, chosen)| {
        clause.rows.iter().chain(chosen.and_then(|chosen| clause.choice.get(chosen)))
    });
    of_rows(program.unknowns.clone(), rows.cloned())
}

fn of_rows(unknowns: Vec<UnknownInfo>, rows: impl Iterator<Item = Row>) -> Program {
    let clause = |(index, row)| {
        let origin = Origin::Requirement(RequirementId(index));
        Clause { origin, rows: vec![row], choice: Vec::new() }
    };
    Program { unknowns, clauses: rows.enumerate().map(clause).collect() }
}

/// A transformer of so many blocks, each with its own weights.
fn written_out(blocks: usize) -> String {
    let file = include_str!("../../tests/networks/two-blocks.toml");
    let first = file.find("[[node]]\nname  = \"n1_0\"").unwrap();
    let second = file.find("[[node]]\nname  = \"n1_1\"").unwrap();
    let last = file.find("[[node]]\nname  = \"n3\"").unwrap();
    let mut text = file[..first].to_owned();
    for block in 0..blocks {
        let before = if block == 0 { "\"x\"".into() } else { format!("\"x2_{}\"", block - 1) };
        let own = file[first..second].replace("_0\"", &format!("_{block}\""));
        text.push_str(&own.replace("\"x\"", &before));
    }
    text.push_str(&file[last..].replace("\"x2_1\"", &format!("\"x2_{}\"", blocks - 1)));
    text
}

/// What a random chain looks like.
struct Shape {
    /// How far apart the unknowns of a row are.
    window: usize,
    /// Rows per hundred unknowns.
    rows: usize,
    /// How many of a hundred rows are equalities.
    equalities: usize,
    seed: u64,
}

/// As long and as tied as the systems of transformers.
const SHAPED: Shape = Shape { window: 10, rows: 185, equalities: 45, seed: 1 };

/// Unknowns that depend on their neighbours.
const CHAIN: Shape = Shape { window: 6, rows: 185, equalities: 20, seed: 2 };

/// Unknowns that depend on any others: elimination fills in, and numbers grow.
const DENSE: Shape = Shape { window: usize::MAX, rows: 140, equalities: 30, seed: 3 };

/// Rows of two to six unknowns with coefficients of size one, one half and two. They hold at some point, the bounds
/// with some room; without a solution, a row in the middle denies the sum of a few.
fn chain(unknowns: usize, shape: &Shape, feasible: bool) -> Program {
    let mut random = ChaCha8Rng::seed_from_u64(shape.seed);
    let half = |number: i64| Exponent::ratio(number, 2);
    let point: Vec<Exponent> = (0..unknowns).map(|_| half(random.random_range(-4..=4))).collect();
    let info = |index| UnknownInfo { name: format!("u{index}"), kind: UnknownKind::Init };
    let count = unknowns * shape.rows / 100;
    let mut rows: Vec<Row> = Vec::new();
    for index in 0..count {
        let window = shape.window.min(unknowns);
        let start = (index * unknowns / count).min(unknowns - window);
        let mut form = Form::zero();
        for _ in 0..random.random_range(2..=6) {
            let unknown = Unknown((start + random.random_range(0..window)) as u32);
            let coefficient =
                [half(2), half(-2), half(1), half(-1), half(4)][random.random_range(0..5)].clone();
            form = &form + &Form::unknown(unknown).scaled(&(coefficient - form.coefficient(unknown)));
        }
        let value = form.evaluate(|unknown| point.get(unknown.0 as usize)).unwrap();
        if random.random_range(0..100) < shape.equalities {
            rows.push(Row::zero(form.plus(&-value)));
        } else {
            rows.push(Row::at_most_zero(form.plus(&-(value + half(random.random_range(0..=2))))));
        }
    }
    if !feasible {
        let mut denied = Form::constant(half(1));
        for row in &rows[count / 2..count / 2 + 4] {
            denied = &denied - &row.form;
        }
        rows.push(Row::at_most_zero(denied));
    }
    of_rows((0..unknowns).map(info).collect(), rows.into_iter())
}

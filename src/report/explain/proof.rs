//! Proofs as text: factors and rows below each other.

use crate::explain::proof::{ProofLine, ProofWords};
use crate::report::format::text::{WIDEST, padding};

/// Each line, indented by its depth, the rows of a sum in columns.
#[must_use]
pub fn written(lines: &[ProofLine]) -> Vec<String> {
    let is_row = |line: &ProofLine| matches!(line.says, ProofWords::Summand { .. });
    let blocks = lines.chunk_by(|one, other| is_row(one) && is_row(other));
    blocks.flat_map(written_together).collect()
}

/// The rows of one sum, or one other line.
fn written_together(lines: &[ProofLine]) -> Vec<String> {
    let width = |of: fn(&ProofWords) -> &str| {
        let widths = lines.iter().map(|line| of(&line.says).chars().count());
        widths.filter(|width| *width <= WIDEST).max().unwrap_or(0)
    };
    let (factors, abouts) = (width(factor), width(about));
    let written = |line: &ProofLine| {
        let words = match &line.says {
            ProofWords::Case(case) => format!("in case {case}:"),
            ProofWords::OneOf(about) => format!("{about}:"),
            ProofWords::Summand { factor, about, says } => {
                format!("{factor}{}  {about}{}  {says}", padding(factor, factors), padding(about, abouts))
            }
            ProofWords::Sum(says) => format!("=  {says}"),
            ProofWords::More => "... `--format json` has all of it".into(),
        };
        format!("{}{words}", "  ".repeat(line.depth))
    };
    lines.iter().map(written).collect()
}

fn factor(words: &ProofWords) -> &str {
    match words {
        ProofWords::Summand { factor, .. } => factor,
        ProofWords::Case(_) | ProofWords::OneOf(_) | ProofWords::Sum(_) | ProofWords::More => "",
    }
}

fn about(words: &ProofWords) -> &str {
    match words {
        ProofWords::Summand { about, .. } => about,
        ProofWords::Case(_) | ProofWords::OneOf(_) | ProofWords::Sum(_) | ProofWords::More => "",
    }
}

//! The freedom of an answer that is not unique: how many dimensions its solutions have, and what may be traded for what.

use crate::exact::{Form, Program, Unknown};
use crate::report::format::document::Block;
use crate::report::json::{DirectionObject, FreedomObject};
use crate::solve::{Exchange, Freedom};

/// How many solutions there are, and the directions in which they lie.
#[must_use]
pub fn blocks(freedom: Option<&Freedom>, program: &Program) -> Vec<Block> {
    let Some(freedom) = freedom else {
        let unknown = "how many others there are was too hard to tell";
        return vec![Block::Paragraph(unknown.into())];
    };
    if freedom.directions.is_empty() {
        let alone = "around this one there is no other: the solutions lie apart";
        return vec![Block::Paragraph(alone.into())];
    }
    let count = freedom.directions.len();
    let dimensions = if count == 1 { "1 dimension".into() } else { format!("{count} dimensions") };
    let at_least = if freedom.is_complete { "" } else { "at least " };
    let items = |face: &[Exchange]| face.iter().map(|trade| in_words(trade, program)).collect();
    let mut blocks = vec![
        Block::Paragraph(format!(
            "the solutions around this one have {at_least}{dimensions}; to its exponents one may add"
        )),
        Block::List(items(&freedom.directions)),
    ];
    for face in &freedom.others {
        blocks.extend([Block::Paragraph("or instead".into()), Block::List(items(face))]);
    }
    if !freedom.is_complete {
        blocks.push(Block::Paragraph("whether there are others was too hard to tell".into()));
    }
    blocks
}

/// `t to multiplier(attention), -t to init(W_Q), -2 t to lr(W_Q), for every t`.
fn in_words(trade: &Exchange, program: &Program) -> String {
    let changes = trade.change.iter().map(|(unknown, by)| {
        let amount = Form::unknown(Unknown(0)).scaled(by).write(|_| "t".into());
        format!("{amount} to {}", name(program, *unknown))
    });
    let changes = changes.collect::<Vec<_>>().join(", ");
    format!("{changes}: {}", range(trade))
}

fn range(trade: &Exchange) -> String {
    match (&trade.down, &trade.up) {
        _ if trade.is_stuck() => "only together with another of these".into(),
        (None, None) => "for every t".into(),
        (Some(down), None) => format!("for every t >= {}", -down),
        (None, Some(up)) => format!("for every t <= {up}"),
        (Some(down), Some(up)) => format!("for t from {} to {up}", -down),
    }
}

/// The same for machines.
#[must_use]
pub fn json(freedom: &Freedom, kept: Option<&[Vec<Unknown>]>, program: &Program) -> FreedomObject {
    let direction = |trade: &Exchange| DirectionObject {
        change: trade.change.iter().map(|(unknown, by)| (name(program, *unknown), by.clone())).collect(),
        down: trade.down.clone(),
        up: trade.up.clone(),
    };
    let directions: Vec<DirectionObject> = freedom.directions.iter().map(direction).collect();
    let named = |set: &Vec<Unknown>| set.iter().map(|unknown| name(program, *unknown)).collect();
    FreedomObject {
        dimension: directions.len(),
        directions,
        instead: freedom.others.iter().map(|face| face.iter().map(direction).collect()).collect(),
        complete: freedom.is_complete && kept.is_some(),
        one_stays: kept.unwrap_or_default().iter().map(named).collect(),
    }
}

fn name(program: &Program, unknown: Unknown) -> String {
    program.unknowns.get(unknown.0 as usize).map(|info| info.name.clone()).unwrap_or_default()
}

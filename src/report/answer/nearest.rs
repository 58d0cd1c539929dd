//! The nearest rule where requirements contradict each other: its table, and what gives way.

use crate::derive::{GivenUp, NearestRule};
use crate::exact::PowerSum;
use crate::report::Report;
use crate::report::answer::derivation::{Derived, title};
use crate::report::answer::scaling_table;
use crate::report::format::document::{Block, Document, Grid, power};
use crate::report::json::{AnyAnswer, GivenUpObject, GrowthObject, NearestObject, VerdictObject};

/// `gives up U on W_V (n^-1/2): init W_O ~ n^-1; ..`
#[must_use]
pub fn in_short(nearest: &NearestRule) -> String {
    let rule = nearest.answer.feasible().map(scaling_table::in_short).unwrap_or_default();
    format!("{rule}; gives up {}", given_up(nearest))
}

/// `U on W_V (n^-1/2), C on W_V (n^-1/2)`.
fn given_up(nearest: &NearestRule) -> String {
    let one = |held: &GivenUp| {
        let by = held.by.iter().map(|(variable, by)| power(variable, by)).collect::<Vec<_>>().join(" ");
        format!("{} on {} ({by})", held.relaxed.label, held.relaxed.on)
    };
    nearest.given_up.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// What gives way, in a sentence: each with the power by which it differs from what is required.
#[must_use]
pub fn sentence(nearest: &NearestRule) -> String {
    let which = if nearest.is_largest {
        "as many requirements are kept as can be, in the order F, S, U, C, of matrices before vectors"
    } else {
        "whether more requirements could be kept was too hard to tell"
    };
    format!("it gives up {}: {which}", given_up(nearest))
}

/// A paragraph on it, behind a conflict.
#[must_use]
pub fn blocks(nearest: Option<&NearestRule>) -> Vec<Block> {
    let Some(nearest) = nearest else { return Vec::new() };
    let rule = nearest.answer.feasible().map(scaling_table::in_short).unwrap_or_default();
    let relax: Vec<String> = nearest.given_up.iter().map(|held| held.relaxed.to_string()).collect();
    vec![Block::Paragraph(format!(
        "the nearest rule (`--nearest`): {rule}; {}; asked for by `--relax \"{}\"`",
        sentence(nearest),
        relax.join(", ")
    ))]
}

/// The same at length: why each requirement gives way, and the table.
#[must_use]
pub fn told(nearest: &NearestRule) -> Vec<Block> {
    let mut blocks = vec![Block::Paragraph(sentence(nearest))];
    blocks.extend(nearest.answer.feasible().map(scaling_table::grids).unwrap_or_default());
    blocks
}

/// For machines.
#[must_use]
pub fn json(nearest: &NearestRule) -> Option<NearestObject> {
    let table = nearest.answer.feasible()?;
    Some(NearestObject {
        given_up: given_up_json(nearest),
        largest: nearest.is_largest,
        table: scaling_table::json(table),
    })
}

/// What gives way, for machines.
#[must_use]
pub fn given_up_json(nearest: &NearestRule) -> Vec<GivenUpObject> {
    let one = |held: &GivenUp| {
        let variables = &nearest.answer.question.scaling.variables;
        let by = |variable: &String| {
            let by = held.by.iter().find(|(name, _)| name == variable).map(|(_, by)| by.abs());
            by.unwrap_or_default()
        };
        let by = PowerSum::single(variables.iter().map(by).collect());
        let too_large = held.by.iter().any(|(_, by)| by.is_positive());
        GivenUpObject {
            label: held.relaxed.label.clone(),
            on: held.relaxed.on.clone(),
            by: GrowthObject::of(&by, variables, &[]),
            too_large,
            relax: held.relaxed.to_string(),
        }
    };
    nearest.given_up.iter().map(one).collect()
}

/// The nearest rule as the answer to a question without one.
#[derive(Clone, Copy, Debug)]
pub struct NearestTold<'a>(pub &'a NearestRule);

impl Report for NearestTold<'_> {
    fn document(&self) -> Document {
        let Self(nearest) = self;
        let mut document = Document::default();
        let derived = Derived { answer: &nearest.answer };
        document.push(Block::Heading(title(&nearest.answer.question)));
        document.say(format!("no rule meets every requirement; {}", sentence(nearest)));
        derived.blocks().into_iter().for_each(|block| document.push(block));
        document
    }

    fn data(&self) -> Grid {
        Derived { answer: &self.0.answer }.data()
    }

    fn json(&self) -> AnyAnswer {
        let mut object = Derived { answer: &self.0.answer }.object();
        if let VerdictObject::Feasible(feasible) = &mut object.verdict {
            feasible.given_up = given_up_json(self.0);
        }
        AnyAnswer::Derive(object)
    }
}

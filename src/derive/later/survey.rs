//! [`survey_later`]: every scaling of a survey, asked of any number of steps.

use super::search::{LaterAnswer, derive_later};
use crate::derive::survey::{Survey, Surveyed};

/// What is so of one scaling at any number of steps.
#[derive(Clone, Debug)]
pub enum LaterSurveyed {
    /// A table, or what kept one from being found.
    Answer(Box<LaterAnswer>),
    /// Why it was not asked.
    Refused {
        /// What is wrong.
        because: String,
        /// What to do.
        hint: String,
    },
}

impl LaterSurveyed {
    /// Whether a table was found.
    #[must_use]
    pub fn is_feasible(&self) -> bool {
        match self {
            Self::Answer(answer) => matches!(**answer, LaterAnswer::Feasible(_)),
            Self::Refused { .. } => false,
        }
    }
}

/// Asks of any number of steps what a survey asked of the first: an answer to each of [`Survey::scalings`], in order. Scalings in
/// several scale variables, and dimensions that are called large without growing, are refused.
#[must_use]
pub fn survey_later(survey: &Survey) -> Vec<LaterSurveyed> {
    survey.scalings().map(surveyed).collect()
}

fn surveyed(asked: &Surveyed) -> LaterSurveyed {
    let refused = |because: String, hint: &str| LaterSurveyed::Refused { because, hint: hint.into() };
    let scaling = &asked.question.scaling;
    if !scaling.large.is_empty() {
        let because = "what is called large without growing is told of the first step only";
        return refused(because.into(), "let it grow, or leave out `--at later`");
    }
    if scaling.variables.len() > 1 {
        let because = "any number of steps is told in one scale variable";
        return refused(because.into(), "tie the dimensions, like `d_model=n,heads=n^1/2`");
    }
    match derive_later(&asked.question) {
        Ok(answer) => LaterSurveyed::Answer(Box::new(answer)),
        Err(error) => refused(error.to_string(), &error.hint()),
    }
}

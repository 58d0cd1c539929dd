//! [`Answer`]: what came out of a question, with everything it rests on.

use thiserror::Error;

use super::alone::Alone;
use super::breaks::Break;
use super::outcome::Impossible;
use crate::exact::{Exponent, Refutation};
use crate::propagate::{Note, NoteTopic, Posed, Question, Table};
use crate::rule::Concession;

/// The answer to a question, with everything it rests on. Written out it is what `fscale derive` prints.
///
/// ```
/// let answer = fscale::Network::builtin("transformer")?.scale("d_v")?.derive()?;
/// assert!(answer.to_string().contains("contradict each other"));
/// assert!(answer.table().is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Answer {
    /// What was asked.
    pub question: Question,
    /// The answer in each scale variable, the others fixed; in one scale variable it is all there is.
    pub alone: Vec<Alone>,
    /// The exponents where the growth of every scale variable is left open, if there are several.
    pub open: Option<Posed>,
    /// What came out.
    pub verdict: Verdict,
    /// The rule that gives up least, if there is no table and one was looked for.
    pub nearest: Option<Box<NearestRule>>,
    /// The answer where what is called large is fixed as it is, if something is.
    pub fixed: Option<Box<Answer>>,
}

/// Whether hyperparameters exist that meet the desiderata.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// They do, however the scale variables grow.
    Feasible {
        /// The exponents.
        table: Table,
        /// Why they hold in every joint limit of several scale variables: a checked refutation of each way in which a
        /// requirement could fail, in the order of [`all_failures`](crate::propagate::LimitProgram::all_failures).
        refutations: Vec<Refutation>,
    },
    /// They do not, or none were found.
    Infeasible(Obstacle),
}

/// Why there is no table.
#[derive(Clone, Debug)]
pub enum Obstacle {
    /// In these scale variables (positions) there is none, even with the others fixed.
    Alone(Vec<usize>),
    /// There is one in each scale variable alone, but it does not hold along all directions of growth.
    Breaks {
        /// The table.
        table: Table,
        /// What fails, each along a direction.
        breaks: Vec<Break>,
        /// Whether it is proven that no other table holds either.
        no_other: bool,
    },
}

/// The rule nearest to one that meets every requirement.
#[derive(Clone, Debug)]
pub struct NearestRule {
    /// What it gives up, in order.
    pub given_up: Vec<GivenUp>,
    /// Whether no more requirements could be kept, in the order in which they are; if not, that was too hard to tell.
    pub is_largest: bool,
    /// The answer to the question that asks so much less.
    pub answer: Answer,
}

/// A requirement that gives way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenUp {
    /// The requirement, as far as it is kept.
    pub relaxed: Concession,
    /// By which power its left side is above what is required, below if negative, in each scale variable.
    pub by: Vec<(String, Exponent)>,
}

/// There is no table.
///
/// ```
/// let answer = fscale::Network::builtin("transformer")?.scale("d_v")?.derive()?;
/// let why = answer.table().unwrap_err();
/// assert_eq!(why.scaling, "d_v=n");
/// assert!(why.to_string().starts_with("`d_v=n` is impossible: "));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{scaling}` is impossible: {} cannot all hold", requirements.join(", "))]
pub struct Infeasible {
    /// How the dimensions were to grow.
    pub scaling: String,
    /// The requirements that contradict each other, or that fail along some direction of growth.
    pub requirements: Vec<String>,
}

impl Answer {
    /// Whether there is a table.
    #[must_use]
    pub fn is_feasible(&self) -> bool {
        matches!(self.verdict, Verdict::Feasible { .. })
    }

    /// The table that holds, however the scale variables grow.
    ///
    /// # Errors
    /// If there is none: why.
    pub fn table(&self) -> Result<&Table, Infeasible> {
        self.feasible().ok_or_else(|| {
            let scaling = self.question.scaling.write(&self.question.graph);
            let requirements = match (&self.verdict, self.impossible()) {
                (Verdict::Infeasible(Obstacle::Breaks { breaks, .. }), _) => {
                    let open = self.open.as_ref();
                    let named = |broken: &Break| {
                        Some(open?.demands.requirements[broken.requirement.0].requires.clone())
                    };
                    breaks.iter().filter_map(named).collect()
                }
                (_, Some((alone, Impossible { conflict, .. }))) => {
                    let requirements = &alone.posed.demands.requirements;
                    conflict.iter().map(|id| requirements[id.0].requires.clone()).collect()
                }
                (_, None) => Vec::new(),
            };
            Infeasible { scaling, requirements }
        })
    }

    /// The table that holds, if there is one.
    #[must_use]
    pub fn feasible(&self) -> Option<&Table> {
        match &self.verdict {
            Verdict::Feasible { table, .. } => Some(table),
            Verdict::Infeasible(_) => None,
        }
    }

    /// The table that holds, or the one that breaks along some directions only.
    #[must_use]
    pub fn proposed(&self) -> Option<&Table> {
        match &self.verdict {
            Verdict::Feasible { table, .. } | Verdict::Infeasible(Obstacle::Breaks { table, .. }) => {
                Some(table)
            }
            Verdict::Infeasible(Obstacle::Alone(_)) => None,
        }
    }

    /// Where the calculus is an approximation, what the exponents are those of, and what the theory leaves out.
    #[must_use]
    pub fn notes(&self) -> Vec<Note> {
        let held = self.posed().map_or(&[][..], |posed| &posed.propagation.notes).iter().cloned();
        let beyond = self.proposed().map_or_else(Vec::new, |table| self.question.beyond_a_step(table));
        held.chain(self.question.unasked()).chain(self.question.noise()).chain(beyond).collect()
    }

    /// Tells the table in another way: with multipliers of parameters, say, and what is to be noted of that.
    pub fn tell(&mut self, told: Table, notes: Vec<String>) {
        match &mut self.verdict {
            Verdict::Feasible { table, .. } | Verdict::Infeasible(Obstacle::Breaks { table, .. }) => {
                *table = told;
            }
            Verdict::Infeasible(Obstacle::Alone(_)) => {}
        }
        notes.into_iter().for_each(|says| self.note(Note::new(NoteTopic::Gauge, says)));
    }

    /// Adds what is to be known beside the exponents.
    pub fn note(&mut self, note: Note) {
        let posed = self.open.as_mut().or_else(|| self.alone.first_mut().map(|alone| &mut alone.posed));
        if let Some(posed) = posed {
            posed.propagation.notes.push(note);
        }
    }

    /// The exponents and requirements: where the growth of several scale variables is left open, or in the only one.
    #[must_use]
    pub fn posed(&self) -> Option<&Posed> {
        self.open.as_ref().or_else(|| self.alone.first().map(|alone| &alone.posed))
    }

    /// The first scale variable in which there is no table even with the others fixed, and why.
    #[must_use]
    pub fn impossible(&self) -> Option<(&Alone, &Impossible)> {
        self.alone.iter().find_map(|alone| Some((alone, alone.impossible()?)))
    }
}

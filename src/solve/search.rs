//! [`Search`]: the questions asked of a program. The first one, whether there is any solution, is first asked of its
//! rows without the choices ([`decide`]): if they have none the program has none, and often a solution of theirs is
//! nearly one of the program. Only what this leaves open is walked through ([`Walk`]).

use super::effort::{Effort, SolveError};
use super::linear::{Decision, decide};
use super::point::{Goal, Outcome, rounded};
use super::walk::Walk;
use crate::exact::{Program, Refutation, Row, Unknown, UnknownKind};

/// The search on one program.
pub(super) struct Search<'a> {
    program: &'a Program,
    effort: &'a Effort,
    /// The tableau and what was assumed in it, once it is needed.
    walk: Option<Walk<'a>>,
}

impl<'a> Search<'a> {
    /// Takes a program.
    ///
    /// # Errors
    /// If a row has an undeclared unknown.
    pub(super) fn new(program: &'a Program, effort: &'a Effort) -> Result<Self, SolveError> {
        let rows = program.clauses.iter().flat_map(|clause| clause.rows.iter().chain(&clause.choice));
        for row in rows {
            // The unknowns of a form are in order.
            if let Some((last, _)) = row.form.coefficients().next_back()
                && last.0 as usize >= program.unknowns.len()
            {
                let declared = |unknown: &Unknown| (unknown.0 as usize) < program.unknowns.len();
                let first = row.form.coefficients().map(|(unknown, _)| unknown).find(|u| !declared(u));
                return Err(SolveError::Undeclared(first.unwrap_or(last)));
            }
        }
        Ok(Self { program, effort, walk: None })
    }

    fn walk(&mut self) -> Result<&mut Walk<'a>, SolveError> {
        let walk = match self.walk.take() {
            Some(walk) => walk,
            None => Walk::new(self.program, self.effort)?,
        };
        Ok(self.walk.insert(walk))
    }

    /// One more unknown, of which nothing is said yet.
    ///
    /// # Errors
    /// If no effort is left.
    pub(super) fn add_unknown(&mut self) -> Result<Unknown, SolveError> {
        Ok(self.walk()?.add_unknown())
    }

    /// Adds a row for good. It must leave the program a solution, else the search ends with refutations
    /// that name `RowId::Assumed`.
    ///
    /// # Errors
    /// If no effort is left.
    pub(super) fn assume(&mut self, row: &Row) -> Result<(), SolveError> {
        self.walk()?.assume(row)
    }

    /// Asks something of the search while these rows are added.
    ///
    /// # Errors
    /// If no effort is left.
    pub(super) fn under<T>(
        &mut self,
        rows: &[Row],
        ask: impl FnOnce(&mut Self) -> Result<T, SolveError>,
    ) -> Result<T, SolveError> {
        let state = self.walk()?.state();
        let assumed_all = rows.iter().try_for_each(|row| self.assume(row));
        let answer = assumed_all.and_then(|()| ask(self));
        self.walk()?.restore(state);
        answer
    }

    /// As [`Search::run`], with a part of the effort that is left, one in so many; nothing if it does not suffice.
    /// The search can be asked on after it.
    ///
    /// # Errors
    /// If a row has an undeclared unknown.
    pub(super) fn try_run(&mut self, goal: Option<Goal>, one_in: u64) -> Result<Option<Outcome>, SolveError> {
        self.effort.portion(one_in, || self.run(goal))
    }

    /// Looks for a solution that goes beyond the goal, or for any solution.
    ///
    /// # Errors
    /// If no effort is left.
    pub(super) fn run(&mut self, goal: Option<Goal>) -> Result<Outcome, SolveError> {
        if let (None, None) = (&goal, &self.walk)
            && let Some(outcome) = self.without_choices()?
        {
            return Ok(outcome);
        }
        self.walk()?.run(goal)
    }

    /// The answer, if the rows without the choices give it.
    fn without_choices(&self) -> Result<Option<Outcome>, SolveError> {
        let unknowns = &self.program.unknowns;
        let is_maximum =
            |unknown: u32| unknowns.get(unknown as usize).is_some_and(|u| u.kind == UnknownKind::Maximum);
        Ok(match decide(unknowns.len(), self.program.rows(), is_maximum, self.effort)? {
            None => None,
            Some(Decision::Refuted(sum)) => Some(Outcome::Refuted(Refutation::Farkas(sum))),
            Some(Decision::Point(point)) => {
                rounded(self.program, &[], point, self.effort)?.map(Outcome::Found)
            }
        })
    }
}

//! [`Search`]: the simplex method under disjunctions. A program with choices is a union of linear programs; the
//! search walks a tree of them, taking one alternative of one clause at each node, and remembers why each branch failed.

use std::collections::BTreeSet;

use super::bound::{Combination, Direction};
use super::effort::{Effort, SolveError};
use super::simplex::{Extreme, Ray};
use super::tableau::{Handle, Literal, Tableau};
use crate::desiderata::{Clause, Origin, Program, Refutation, Relation, Row, RowId};
use crate::exponent::{Exponent, Form, Unknown};

/// Clauses decided one below the other before the search gives up: what walks the tree of a proof may recurse.
const DEEPEST: usize = 1000;

/// The search on one program.
pub(super) struct Search<'a> {
    program: &'a Program,
    tableau: Tableau<'a>,
    decisions: Vec<Decision>,
    /// Rows added to the program's.
    assumed: Vec<Row>,
    /// The conflict of the plain rows, if it showed while they were asserted.
    broken: Option<Combination>,
}

/// A clause with a choice.
struct Decision {
    clause: usize,
    alternatives: Vec<Literal>,
}

/// What to look for: a solution where `form` is above `beyond`.
#[derive(Clone, Debug)]
pub(super) struct Goal {
    pub(super) form: Form,
    pub(super) beyond: Exponent,
}

/// What a search found.
#[derive(Debug)]
pub(super) enum Outcome {
    /// A solution: the value of every unknown. With a goal, one that goes beyond it.
    Found(Vec<Exponent>),
    /// There are solutions that go beyond the goal as far as one likes.
    Unbounded,
    /// There is none; under a goal, `RowId::Assumed` stands for `beyond - form < 0`.
    Refuted(Refutation),
}

/// How far the rows asserted at a node let the goal go.
enum Reach {
    /// Not beyond it, as these rows show.
    Within(Combination),
    /// Beyond it, to the current point.
    Beyond,
    /// As far as one likes.
    Endless(Ray),
}

enum Node {
    Found(Vec<Exponent>),
    Unbounded,
    Closed(Closed),
}

/// A refuted branch, with the alternatives (clause, position) whose rows it uses from above.
struct Closed {
    refutation: Refutation,
    uses: BTreeSet<(usize, usize)>,
}

/// A goal inside the tableau.
struct Aim {
    form: Form,
    handle: Handle,
    beyond: Exponent,
}

impl<'a> Search<'a> {
    /// Reads a program: equalities first, each of which takes an unknown out for good.
    ///
    /// # Errors
    /// If a row has an undeclared unknown, or no effort is left.
    pub(super) fn new(program: &'a Program, effort: &'a Effort) -> Result<Self, SolveError> {
        let tableau = Tableau::new(program.unknowns.len(), effort);
        let mut search = Self { program, tableau, decisions: Vec::new(), assumed: Vec::new(), broken: None };
        search.read_rows(Relation::Zero)?;
        search.read_rows(Relation::AtMostZero)?;
        for (clause, Clause { choice, .. }) in program.clauses.iter().enumerate() {
            if choice.is_empty() {
                continue;
            }
            let mut alternatives = Vec::with_capacity(choice.len());
            for (alternative, row) in choice.iter().enumerate() {
                alternatives.push(search.tableau.literal(RowId::Choice { clause, alternative }, row)?);
            }
            search.decisions.push(Decision { clause, alternatives });
        }
        Ok(search)
    }

    fn read_rows(&mut self, relation: Relation) -> Result<(), SolveError> {
        let occurrences = occurrences(self.program);
        for (clause, Clause { rows, .. }) in self.program.clauses.iter().enumerate() {
            for (row, content) in rows.iter().enumerate().filter(|(_, content)| content.relation == relation)
            {
                let literal = self.tableau.literal(RowId::Row { clause, row }, content)?;
                let mut conflict = self.tableau.assert(&literal);
                if let (None, Relation::Zero, Some((variable, _))) =
                    (&conflict, relation, &literal.handle.multiple)
                {
                    conflict = self.tableau.eliminate(*variable, |entry| occurrences.get(entry.0));
                }
                self.broken = self.broken.take().or(conflict);
            }
        }
        Ok(())
    }

    /// One more unknown, of which nothing is said yet.
    pub(super) fn add_unknown(&mut self) -> Unknown {
        self.tableau.add_unknown()
    }

    /// Adds a row for good. It must leave the program a solution, else the search ends with refutations
    /// that name `RowId::Assumed`.
    ///
    /// # Errors
    /// If no effort is left.
    pub(super) fn assume(&mut self, row: &Row) -> Result<(), SolveError> {
        let literal = self.tableau.literal(RowId::Assumed, row)?;
        let conflict = self.tableau.assert(&literal);
        self.broken = self.broken.take().or(conflict);
        self.assumed.push(row.clone());
        Ok(())
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
        let mark = self.tableau.mark();
        let (assumed, broken) = (self.assumed.len(), self.broken.clone());
        let assumed_all = rows.iter().try_for_each(|row| self.assume(row));
        let answer = assumed_all.and_then(|()| ask(self));
        self.tableau.retract(mark);
        self.assumed.truncate(assumed);
        self.broken = broken;
        answer
    }

    /// As [`Search::run`], with a part of the effort that is left, one in so many; nothing if it does not suffice.
    /// The search can be asked on after it.
    ///
    /// # Errors
    /// If a row has an undeclared unknown.
    pub(super) fn try_run(&mut self, goal: Option<Goal>, one_in: u64) -> Result<Option<Outcome>, SolveError> {
        self.tableau.effort.portion(one_in, || self.run(goal))
    }

    /// Looks for a solution that goes beyond the goal, or for any solution.
    ///
    /// # Errors
    /// If no effort is left.
    pub(super) fn run(&mut self, goal: Option<Goal>) -> Result<Outcome, SolveError> {
        if let Some(conflict) = &self.broken {
            return Ok(Outcome::Refuted(Refutation::Farkas(conflict.clone())));
        }
        let aim = match goal {
            None => None,
            Some(Goal { form, beyond }) => Some(Aim { handle: self.tableau.handle(&form)?, form, beyond }),
        };
        let mark = self.tableau.mark();
        let node = self.explore(aim.as_ref(), 0);
        self.tableau.retract(mark);
        Ok(match node? {
            Node::Found(point) => Outcome::Found(point),
            Node::Unbounded => Outcome::Unbounded,
            Node::Closed(closed) => Outcome::Refuted(closed.refutation),
        })
    }

    fn explore(&mut self, aim: Option<&Aim>, depth: usize) -> Result<Node, SolveError> {
        if depth > DEEPEST {
            return Err(self.tableau.effort.exhausted());
        }
        if let Some(conflict) = self.tableau.check()? {
            return Ok(Node::Closed(Closed::leaf(conflict)));
        }
        let mut ray = None;
        if let Some(aim) = aim {
            match self.bound(aim)? {
                Reach::Within(combination) => return Ok(Node::Closed(Closed::leaf(combination))),
                Reach::Beyond => {}
                Reach::Endless(endless) => ray = Some(endless),
            }
        }
        let Some(open) = self.open_decision(ray)? else {
            return Ok(if ray.is_some() { Node::Unbounded } else { Node::Found(self.point()) });
        };
        if let (None, Some(point)) = (ray, self.rounded(aim)?) {
            return Ok(Node::Found(point));
        }
        self.branch(open, aim, depth)
    }

    /// Moves towards the goal as far as the rows asserted here let it.
    fn bound(&mut self, aim: &Aim) -> Result<Reach, SolveError> {
        let (reached, multiplier) = match &aim.handle.multiple {
            None => (Extreme::Attained(Vec::new()), Exponent::ONE),
            Some((variable, factor)) => {
                (self.tableau.push(*variable, Direction::of(factor))?, Exponent::ONE / factor.abs())
            }
        };
        Ok(match reached {
            Extreme::Unbounded(ray) => Reach::Endless(ray),
            Extreme::Attained(mut combination) => {
                if aim.is_passed_by(&self.tableau.evaluate(&aim.handle)) {
                    return Ok(Reach::Beyond);
                }
                combination.push((RowId::Assumed, multiplier));
                Reach::Within(combination)
            }
        })
    }

    /// The position of the clause to branch on: of those without an alternative that holds at the current point (and
    /// along the ray, if there is one), the one with the fewest that still may.
    fn open_decision(&self, ray: Option<Ray>) -> Result<Option<usize>, SolveError> {
        let mut best = None;
        for (position, Decision { alternatives, .. }) in self.decisions.iter().enumerate() {
            self.tableau.effort.spend(alternatives.len())?;
            if alternatives.iter().any(|literal| self.tableau.holds(literal, ray)) {
                continue;
            }
            let live = alternatives.iter().filter(|literal| self.tableau.may_hold(literal)).count();
            if best.is_none_or(|(fewest, _)| live < fewest) {
                best = Some((live, position));
            }
            if live <= 1 {
                break;
            }
        }
        Ok(best.map(|(_, position)| position))
    }

    /// Tries the alternatives of a clause, those nearest to holding first. A branch whose refutation does not need
    /// its alternative refutes the whole node.
    fn branch(&mut self, position: usize, aim: Option<&Aim>, depth: usize) -> Result<Node, SolveError> {
        let Decision { clause, alternatives } = &self.decisions[position];
        let clause = *clause;
        let mut order: Vec<_> = alternatives
            .iter()
            .enumerate()
            .map(|(alternative, literal)| (self.tableau.evaluate(&literal.handle).abs(), alternative))
            .collect();
        order.sort();
        let mut branches = vec![Refutation::Farkas(Vec::new()); order.len()];
        let mut uses = BTreeSet::new();
        for (_, alternative) in order {
            let mark = self.tableau.mark();
            let node = match self.tableau.assert(&self.decisions[position].alternatives[alternative]) {
                Some(conflict) => Node::Closed(Closed::leaf(conflict)),
                None => self.explore(aim, depth + 1)?,
            };
            self.tableau.retract(mark);
            match node {
                Node::Found(_) | Node::Unbounded => return Ok(node),
                Node::Closed(mut closed) => {
                    if !closed.uses.remove(&(clause, alternative)) {
                        return Ok(Node::Closed(closed));
                    }
                    uses.append(&mut closed.uses);
                    branches[alternative] = closed.refutation;
                }
            }
        }
        Ok(Node::Closed(Closed { refutation: Refutation::Split { clause, branches }, uses }))
    }

    /// The value of every unknown, those added to the program's included.
    fn point(&self) -> Vec<Exponent> {
        self.tableau.values().cloned().collect()
    }

    /// The current point with every maximum lowered to the largest of its terms, if that is a solution. It spares
    /// the search the choices that only say which term is the largest.
    fn rounded(&self, aim: Option<&Aim>) -> Result<Option<Vec<Exponent>>, SolveError> {
        let mut point = self.point();
        for Clause { origin, choice, .. } in &self.program.clauses {
            let Origin::Definition(unknown) = origin else { continue };
            self.tableau.effort.spend(choice.len())?;
            let terms = choice.iter().filter_map(|row| solved_for(*unknown, &row.form, &point));
            if let (Some(largest), Some(value)) = (terms.max(), point.get_mut(unknown.0 as usize)) {
                *value = largest;
            }
        }
        let beyond =
            aim.is_none_or(|aim| value_at(&aim.form, &point).is_some_and(|value| aim.is_passed_by(&value)));
        Ok((beyond && self.is_solution(&point)?).then_some(point))
    }

    fn is_solution(&self, point: &[Exponent]) -> Result<bool, SolveError> {
        for Clause { rows, choice, .. } in &self.program.clauses {
            self.tableau.effort.spend(rows.len() + choice.len())?;
            let chosen = choice.is_empty() || choice.iter().any(|row| holds_at(row, point));
            if !chosen || !rows.iter().all(|row| holds_at(row, point)) {
                return Ok(false);
            }
        }
        Ok(self.assumed.iter().all(|row| holds_at(row, point)))
    }
}

impl Aim {
    fn is_passed_by(&self, value: &Exponent) -> bool {
        *value > self.beyond
    }
}

impl Closed {
    fn leaf(combination: Combination) -> Self {
        let uses = combination.iter().filter_map(|(row, _)| match row {
            RowId::Choice { clause, alternative } => Some((*clause, *alternative)),
            RowId::Row { .. } | RowId::Assumed => None,
        });
        Self { uses: uses.collect(), refutation: Refutation::Farkas(combination) }
    }
}

/// Whether a row holds at a point.
pub(super) fn holds_at(row: &Row, point: &[Exponent]) -> bool {
    value_at(&row.form, point).is_some_and(|value| match row.relation {
        Relation::Zero => value.is_zero(),
        Relation::AtMostZero => !value.is_positive(),
    })
}

/// The value of a form at a point; nothing if it speaks of unknowns the point does not have.
pub(super) fn value_at(form: &Form, point: &[Exponent]) -> Option<Exponent> {
    form.evaluate(|unknown| point.get(unknown.0 as usize))
}

/// The value of `unknown` that makes the form zero where the others are as in `point`.
fn solved_for(unknown: Unknown, form: &Form, point: &[Exponent]) -> Option<Exponent> {
    let excess = value_at(form, point)?;
    let slope = form.coefficient(unknown).reciprocal()?;
    Some(point.get(unknown.0 as usize)? - &(excess * &slope))
}

/// How many rows each unknown occurs in: one of few occurrences is cheap to take out.
fn occurrences(program: &Program) -> Vec<usize> {
    let mut counts = vec![0; program.unknowns.len()];
    for row in program.clauses.iter().flat_map(|clause| clause.rows.iter().chain(&clause.choice)) {
        for (unknown, _) in row.form.coefficients() {
            if let Some(count) = counts.get_mut(unknown.0 as usize) {
                *count += 1;
            }
        }
    }
    counts
}

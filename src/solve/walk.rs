//! [`Walk`]: the simplex method under disjunctions. A program with choices is a union of linear programs; the
//! walk goes through a tree of them, taking one alternative of one clause at each node, and remembers why each branch failed.

use std::collections::BTreeSet;

use super::bound::{Combination, Direction};
use super::effort::{Effort, SolveError};
use super::point::{Goal, Outcome, rounded, value_at};
use super::simplex::{Extreme, Ray};
use super::tableau::{Handle, Literal, Mark, Tableau};
use crate::exact::{Clause, Exponent, Form, Program, Refutation, Relation, Row, RowId, Unknown};

/// Clauses decided one below the other before the search gives up: what walks the tree of a proof may recurse.
const DEEPEST: usize = 1000;

/// The search on one program.
pub(super) struct Walk<'a> {
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

/// What was asserted at some time.
pub(super) struct State {
    mark: Mark,
    assumed: usize,
    broken: Option<Combination>,
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

impl<'a> Walk<'a> {
    /// Reads a program: equalities first, each of which takes an unknown out for good.
    ///
    /// # Errors
    /// If a row has an undeclared unknown, or no effort is left.
    pub(super) fn new(program: &'a Program, effort: &'a Effort) -> Result<Self, SolveError> {
        let tableau = Tableau::new(program.unknowns.len(), effort);
        let mut walk = Self { program, tableau, decisions: Vec::new(), assumed: Vec::new(), broken: None };
        walk.read_rows(Relation::Zero)?;
        walk.read_rows(Relation::AtMostZero)?;
        for (clause, Clause { choice, .. }) in program.clauses.iter().enumerate() {
            if choice.is_empty() {
                continue;
            }
            let mut alternatives = Vec::with_capacity(choice.len());
            for (alternative, row) in choice.iter().enumerate() {
                alternatives.push(walk.tableau.literal(RowId::Choice { clause, alternative }, row)?);
            }
            walk.decisions.push(Decision { clause, alternatives });
        }
        Ok(walk)
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

    /// Adds a row for good. It must leave the program a solution, else the walk ends with refutations
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

    /// What is asserted now.
    pub(super) fn state(&self) -> State {
        State { mark: self.tableau.mark(), assumed: self.assumed.len(), broken: self.broken.clone() }
    }

    /// Takes back what was assumed since then.
    pub(super) fn restore(&mut self, state: State) {
        self.tableau.retract(state.mark);
        self.assumed.truncate(state.assumed);
        self.broken = state.broken;
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

    /// The current point [rounded], if that goes beyond the goal.
    fn rounded(&self, aim: Option<&Aim>) -> Result<Option<Vec<Exponent>>, SolveError> {
        let point = rounded(self.program, &self.assumed, self.point(), self.tableau.effort)?;
        let beyond = |point: &Vec<Exponent>| {
            aim.is_none_or(|aim| value_at(&aim.form, point).is_some_and(|value| aim.is_passed_by(&value)))
        };
        Ok(point.filter(beyond))
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

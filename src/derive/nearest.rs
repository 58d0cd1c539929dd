//! [`NearestRule`]: the rule that gives up least where requirements contradict each other.
//!
//! Requirements are kept in an order: forward magnitudes (F), sensitivities (S), maximal updates (U), contributions (C), then those of
//! other labels as they stand; each label first as it says, then, of what could not be kept so, as a bound; each of matrices before
//! that of vectors. At each step as many are kept as can be met together with those kept before. What is left is a question
//! like any other, with an answer and a certificate like any other.

use super::alone::Alone;
use super::answer::{Answer, GivenUp, NearestRule, Obstacle, Verdict};
use super::ask::derive_by;
use super::error::DeriveError;
use super::judge::evaluate;
use super::prefer::Priority;
use super::relax::{Search, nearby};
use crate::exact::{Change, Exponent, LARGE_NAME, Program, RequirementId, apart};
use crate::graph::{ParameterClass, Site};
use crate::propagate::{Posed, Requirement};
use crate::rule::Concession;
use crate::solve::{self, Effort, Limits, MOST_STEPS};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The order of labels: those of the theory first, others behind.
const LABELS: [&str; 4] = ["F", "S", "U", "C"];

/// What part of the effort of a question each step may take, one in so many.
const PART: u64 = 10;

/// The nearest rule to an answer without a table; nothing if there is none in reach: what always holds contradicts itself, or it
/// is too hard to tell.
///
/// # Errors
/// If a defect of the solver is found.
pub(super) fn nearest(answer: &Answer, priority: Priority) -> Result<Option<NearestRule>, DeriveError> {
    let Verdict::Infeasible(Obstacle::Alone(variables)) = &answer.verdict else { return Ok(None) };
    let (mut relaxed, mut is_largest) = (Vec::new(), true);
    let mut by: BTreeMap<Concession, Vec<(String, Exponent)>> = BTreeMap::new();
    for alone in variables.iter().filter_map(|variable| answer.alone.get(*variable)) {
        let Some(kept) = Kept::of(&alone.posed)? else { return Ok(None) };
        let Some((given_up, exact)) = kept.given_up(priority)? else { return Ok(None) };
        is_largest &= exact;
        for (held, excess) in given_up {
            if !relaxed.contains(&held) {
                relaxed.push(held.clone());
            }
            let names = [alone.variable(), LARGE_NAME].map(str::to_owned);
            let powers = names.into_iter().zip(apart(&excess)).filter(|(_, power)| !power.is_zero());
            by.entry(held).or_default().extend(powers);
        }
    }
    let question = &answer.question;
    let desiderata = Arc::new(question.desiderata.as_ref().clone().asking_less(relaxed.iter().cloned()));
    let answer = match derive_by(
        &crate::propagate::Question { desiderata, ..question.clone() },
        Search::Conflict,
        priority,
    ) {
        Ok(answer) if answer.is_feasible() => answer,
        Ok(_) => return Ok(None),
        Err(error) if error.is_too_hard() => return Ok(None),
        Err(error) => return Err(error),
    };
    let given_up =
        relaxed.into_iter().map(|relaxed| GivenUp { by: by.remove(&relaxed).unwrap_or_default(), relaxed });
    Ok(Some(NearestRule { given_up: given_up.collect(), is_largest, answer }))
}

/// What is kept of the requirements of a question in one scale variable.
struct Kept<'a> {
    posed: &'a Posed,
    /// What became of each requirement: nothing yet, kept as it is, or changed.
    decided: BTreeMap<RequirementId, Option<Change>>,
    is_largest: bool,
    classes: Vec<ParameterClass>,
    effort: Effort,
}

impl<'a> Kept<'a> {
    /// Goes through all steps; nothing if what always holds contradicts itself.
    fn of(posed: &'a Posed) -> Result<Option<Self>, DeriveError> {
        let effort = Effort::on(&posed.demands.program, MOST_STEPS);
        let classes = posed.propagation.graph.classes();
        let mut kept = Self { posed, decided: BTreeMap::new(), is_largest: true, classes, effort };
        let requirements = &posed.demands.requirements;
        let always = |held: &Requirement| held.is_condition() || held.is_given() || held.is_gauge();
        let hard = (0..requirements.len()).filter(|at| always(&requirements[*at]));
        kept.decided.extend(hard.map(|at| (RequirementId(at), None)));
        if kept.is_possible(&[], None)? != Some(true) {
            return Ok(None);
        }
        for label in kept.labels() {
            for change in [None, Some(Change::Bounded)] {
                for vectors in [false, true] {
                    let candidates = kept.candidates(&label, vectors, change);
                    kept.keep_most(&candidates, change)?;
                }
            }
        }
        Ok(Some(kept))
    }

    fn requirement(&self, id: RequirementId) -> &'a Requirement {
        &self.posed.demands.requirements[id.0]
    }

    fn labels(&self) -> Vec<String> {
        let mut labels: Vec<String> = LABELS.iter().map(|label| (*label).to_owned()).collect();
        for held in &self.posed.demands.requirements {
            if !labels.contains(&held.label) {
                labels.push(held.label.clone());
            }
        }
        labels
    }

    /// The requirements of a step, in the order of the network.
    fn candidates(&self, label: &str, vectors: bool, change: Option<Change>) -> Vec<RequirementId> {
        let is_vector = |site: Site| {
            site.parameter().is_some_and(|w| self.classes.get(w.0) == Some(&ParameterClass::Vector))
        };
        let open = |id: &RequirementId| match (self.decided.get(id), change) {
            (None, None) => true,
            (Some(Some(Change::Dropped)), Some(_)) => self.is_equality(*id),
            _ => false,
        };
        let wanted = |id: &RequirementId| {
            let held = self.requirement(*id);
            held.label == label && is_vector(held.on) == vectors
        };
        nearby(self.posed).into_iter().filter(|id| wanted(id) && open(id)).collect()
    }

    fn is_equality(&self, id: RequirementId) -> bool {
        let program = &self.posed.demands.program;
        let mut clauses = program.clauses.iter().filter(|clause| clause.requirement() == Some(id));
        clauses.any(|clause| !clause.is_bound())
    }

    /// The program of what is kept, with candidates as they are or as bounds.
    fn program(&self, candidates: &[RequirementId], change: Option<Change>) -> Program {
        let program = &self.posed.demands.program;
        let stays = |id: RequirementId| {
            candidates.contains(&id)
                || self.decided.get(&id).is_some_and(|held| *held != Some(Change::Dropped))
        };
        let bounded =
            self.decided.iter().filter(|(_, held)| **held == Some(Change::Bounded)).map(|(id, _)| *id);
        let mut bounded: Vec<RequirementId> = bounded.collect();
        if change.is_some() {
            bounded.extend(candidates);
        }
        let changes: Vec<(RequirementId, Change)> =
            bounded.into_iter().map(|id| (id, Change::Bounded)).collect();
        solve::changed(&program.restricted(stays), &changes)
    }

    fn is_possible(
        &self,
        candidates: &[RequirementId],
        change: Option<Change>,
    ) -> Result<Option<bool>, DeriveError> {
        let order = nearby(self.posed);
        Ok(solve::is_possible(&self.program(candidates, change), &order, &self.effort)?)
    }

    /// Keeps as many candidates as can be met.
    fn keep_most(&mut self, candidates: &[RequirementId], change: Option<Change>) -> Result<(), DeriveError> {
        if candidates.is_empty() {
            return Ok(());
        }
        let mut given_up = Vec::new();
        if self.is_possible(candidates, change)? != Some(true) {
            let limits = Limits { count: 1, effort: MOST_STEPS / PART, ..Limits::default() };
            let found = solve::corrections(&self.program(candidates, change), candidates, &limits)?;
            match found.corrections.into_iter().next() {
                Some(correction) => given_up = correction,
                None => {
                    self.is_largest = false;
                    let mut held: Vec<RequirementId> = Vec::new();
                    for id in candidates {
                        held.push(*id);
                        if self.is_possible(&held, change)? != Some(true) {
                            held.pop();
                            given_up.push(*id);
                        }
                    }
                }
            }
        }
        for id in candidates {
            let change = if given_up.contains(id) { Some(Change::Dropped) } else { change };
            self.decided.insert(*id, change);
        }
        Ok(())
    }

    /// The requirements that are not met by the rule of what is kept, as far as each is kept, with by how much; and whether no more
    /// could be kept.
    #[allow(clippy::type_complexity, reason = "told once, to the only caller")]
    fn given_up(
        &self,
        priority: Priority,
    ) -> Result<Option<(Vec<(Concession, Exponent)>, bool)>, DeriveError> {
        let graph = &self.posed.propagation.graph;
        let relaxed = |id: RequirementId, change| {
            let held = self.requirement(id);
            Concession { label: held.label.clone(), on: held.on.name(graph).to_owned(), change }
        };
        let asked: Vec<Concession> =
            self.decided.iter().filter_map(|(id, change)| Some(relaxed(*id, (*change)?))).collect();
        let question = &self.posed.question;
        let desiderata = Arc::new(question.desiderata.as_ref().clone().asking_less(asked));
        let posed = crate::propagate::Question { desiderata, ..question.clone() }.posed()?;
        let alone = match Alone::of(posed, Search::Conflict, priority) {
            Err(error) if error.is_too_hard() => return Ok(None),
            alone => alone?,
        };
        let Some(hyperparameters) = alone.hyperparameters() else { return Ok(None) };
        let point = self.posed.propagation.point(&hyperparameters);
        let failing = evaluate(&self.posed.demands, &point).into_iter().filter_map(|judged| {
            let excess = judged.failure?.excess;
            let bounded = excess.is_negative() && self.is_equality(judged.requirement);
            let change = if bounded { Change::Bounded } else { Change::Dropped };
            Some((relaxed(judged.requirement, change), excess))
        });
        Ok(Some((failing.collect(), self.is_largest)))
    }
}

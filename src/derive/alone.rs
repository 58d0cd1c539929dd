//! [`Alone`]: the answer in one scale variable, the others fixed.

use super::error::DeriveError;
use super::outcome::{Impossible, Outcome};
use super::prefer::{Priority, prefer};
use super::relax::{self, Search, nearby};
use crate::exact::{self, Certified, Claim, Program, Refutation};
use crate::graph::Hyperparameters;
use crate::propagate::{Posed, Table};
use crate::solve::{self, Enumeration, Freedom, Limits, MOST_STEPS, Preference};

/// The answer in one scale variable, the others fixed.
#[derive(Clone, Debug)]
pub struct Alone {
    /// The question in this scale variable, its exponents, and what is asked of them.
    pub posed: Posed,
    /// What came out.
    pub outcome: Outcome,
}

impl Alone {
    /// Solves a question in one scale variable: of several tables that which the priority takes, and if there is none, why,
    /// with ways out as far as they are searched.
    ///
    /// # Errors
    /// If it is too hard, or a defect of the solver is found.
    pub(super) fn of(posed: Posed, search: Search, priority: Priority) -> Result<Self, DeriveError> {
        let demands = &posed.demands;
        let claim = solve::solve(&demands.program, &Preference::default())?;
        let outcome = match &claim {
            Claim::Feasible { unique: Some(_), .. } => {
                let certified = exact::check(&demands.program, claim)?;
                feasible(certified, demands.program.clone(), priority)?
            }
            Claim::Feasible { unique: None, .. } => {
                let (preferred, preference) = prefer(&posed, demands, priority);
                let claim = solve::solve(&preferred.program, &preference)?;
                let certified = exact::check(&preferred.program, claim)?;
                feasible(certified, preferred.program, priority)?
            }
            Claim::Infeasible(refutation) => Outcome::Infeasible(infeasible(&posed, refutation, search)?),
        };
        Ok(Self { posed, outcome })
    }

    /// Why there are no hyperparameters, if there are none.
    #[must_use]
    pub fn impossible(&self) -> Option<&Impossible> {
        match &self.outcome {
            Outcome::Feasible { .. } => None,
            Outcome::Infeasible(impossible) => Some(impossible),
        }
    }

    /// Every conflict of the requirements, and every smallest set of them to give up, as far as a second or so allows. That
    /// exponents exist is always asked.
    ///
    /// # Errors
    /// If the solver fails.
    pub fn contradictions(&self) -> Result<Enumeration, DeriveError> {
        let soft = relax::soft(&self.posed);
        let limits = Limits { size: usize::MAX, count: MOST_CORRECTIONS, effort: MOST_STEPS / 2 };
        Ok(solve::corrections(&self.posed.demands.program, &soft, &limits)?)
    }

    /// The name of the scale variable.
    #[must_use]
    pub fn variable(&self) -> &str {
        self.posed.question.scaling.variables.first().map_or("n", String::as_str)
    }

    /// The exponents of the hyperparameters, if there are any.
    #[must_use]
    pub fn hyperparameters(&self) -> Option<Hyperparameters> {
        match &self.outcome {
            Outcome::Feasible { certified, .. } => self.posed.propagation.solved(certified),
            Outcome::Infeasible(_) => None,
        }
    }

    /// The certified solution, if there is one.
    #[must_use]
    pub fn solution(&self) -> Option<&Certified> {
        match &self.outcome {
            Outcome::Feasible { certified, .. } => Some(certified),
            Outcome::Infeasible(_) => None,
        }
    }

    /// The table, if there is one.
    #[must_use]
    pub fn table(&self) -> Option<Table> {
        match &self.outcome {
            Outcome::Feasible { certified, .. } => {
                let table = Table::certified(&self.posed.propagation, self.variable(), certified)?;
                let is_plain = self.posed.question.scaling.large.is_empty();
                Some(if is_plain { table } else { table.with_large_apart() })
            }
            Outcome::Infeasible(_) => None,
        }
    }

    /// The program that is certified, with the certified answer to it: that which is solved, or the requirements of the conflict.
    #[must_use]
    pub fn certified(&self) -> (Program, &Certified) {
        match &self.outcome {
            Outcome::Feasible { program, certified, .. } => (program.clone(), certified),
            Outcome::Infeasible(Impossible { conflict, certified, .. }) => {
                (self.posed.demands.program.restricted(|id| conflict.contains(&id)), certified)
            }
        }
    }
}

fn feasible(certified: Certified, program: Program, priority: Priority) -> Result<Outcome, DeriveError> {
    // A feasible claim that is certified has a point.
    let point = certified.point().ok_or(DeriveError::Inconsistent)?;
    let freedom = if certified.is_unique() {
        Some(Freedom { is_complete: true, ..Freedom::default() })
    } else {
        solve::freedom(&program, point)?
    };
    let starts = certified.smaller_starts();
    let kept =
        if starts.is_empty() { Some(Vec::new()) } else { solve::starting_smaller(&program, point, &starts)? };
    Ok(Outcome::Feasible { certified, program, priority, freedom, kept })
}

fn infeasible(posed: &Posed, refutation: &Refutation, search: Search) -> Result<Impossible, DeriveError> {
    let program = &posed.demands.program;
    let order = nearby(posed);
    let solve::Contradiction { requirements: conflict, refutation, is_minimal } =
        solve::conflict_of(program, refutation, &order)?.ok_or(DeriveError::Inconsistent)?;
    let restricted = program.restricted(|requirement| conflict.contains(&requirement));
    let certified = exact::check(&restricted, Claim::Infeasible(refutation))?;
    let relaxations = relax::relaxations(posed, search)?;
    Ok(Impossible { conflict, is_minimal, certified, relaxations })
}

/// Most sets of requirements to give up.
const MOST_CORRECTIONS: usize = 1000;

//! [`check`]: whether a claim about a program is true. The only way to a [`Certified`] answer.
//!
//! It trusts nothing but arithmetic: it does not know how claims are made and shares no code with the solver. A
//! solution is put into every row; a refutation is added up, row by row. What it does not recognise it rejects.

use std::fmt;

use crate::exact::{
    Claim, Exponent, Form, Program, Refutation, Relation, Row, RowId, Side, UniquenessProof, Unknown,
    UnknownKind,
};

/// A claim that was checked against its program. There is no other way to make one than [`check`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certified {
    claim: Claim,
}

/// What is certain about a program.
///
/// ```
/// use fscale::{Network, Status, verify};
///
/// let answer = Network::builtin("transformer")?.scale("d_k")?.optimizer("adam")?.derive()?;
/// assert_eq!(verify(answer.certificate().text())?, Status::Unique);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// It has a solution, and the hyperparameters have no other values.
    Unique,
    /// It has a solution, and the hyperparameters have no other values but that some parameters may start smaller.
    UniqueUpToStarts,
    /// It has a solution.
    Feasible,
    /// It has none.
    Infeasible,
}

/// Why a claim is not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CertificateError {
    /// The point has so many values, the program so many unknowns.
    PointLength(usize, usize),
    /// So many clauses have a decision, so many are in the program.
    ChoicesLength(usize, usize),
    /// A row or alternative does not hold at the point.
    Violated(RowId),
    /// A clause with a choice has no alternative taken, or one without has one.
    Choice {
        /// Position of the clause.
        clause: usize,
    },
    /// The refutations do not treat each hyperparameter once on each side, in order.
    Uniqueness,
    /// A row that the program does not have, or that may not be used at this place.
    Row(RowId),
    /// A negative multiplier on a row that is not an equality.
    Sign(RowId),
    /// The rows do not add up to a constant.
    NotConstant(Form),
    /// The rows add up to a constant that contradicts nothing.
    NoContradiction(Exponent),
    /// A split that does not treat each alternative of a clause with a choice.
    Split {
        /// Position of the clause.
        clause: usize,
    },
}

impl Certified {
    /// What is certain.
    #[must_use]
    pub fn status(&self) -> Status {
        match &self.claim {
            Claim::Feasible { unique: Some(_), .. } if self.smaller_starts().is_empty() => Status::Unique,
            Claim::Feasible { unique: Some(_), .. } => Status::UniqueUpToStarts,
            Claim::Feasible { unique: None, .. } => Status::Feasible,
            Claim::Infeasible(_) => Status::Infeasible,
        }
    }

    /// The solution, if there is one: the value of every unknown, in order.
    #[must_use]
    pub fn point(&self) -> Option<&[Exponent]> {
        match &self.claim {
            Claim::Feasible { point, .. } => Some(point),
            Claim::Infeasible(_) => None,
        }
    }

    /// Whether no hyperparameter can have another value, but that some parameters may start smaller.
    #[must_use]
    pub fn is_unique(&self) -> bool {
        matches!(self.status(), Status::Unique | Status::UniqueUpToStarts)
    }

    /// The initial sizes that may be smaller where everything else is [unique](Self::is_unique): those without a proof that they
    /// are not.
    #[must_use]
    pub fn smaller_starts(&self) -> Vec<Unknown> {
        let Claim::Feasible { unique: Some(proof), .. } = &self.claim else { return Vec::new() };
        let mut starts: Vec<Unknown> = Vec::new();
        for (unknown, side, _) in proof {
            match side {
                Side::Below => {}
                Side::Above => starts.push(*unknown),
            }
        }
        starts.retain(|start| !proof.iter().any(|(held, side, _)| held == start && *side == Side::Below));
        starts
    }

    /// The claim with its evidence.
    #[must_use]
    pub fn claim(&self) -> &Claim {
        &self.claim
    }
}

/// The part of a claim that is wrong. The nodes of a refutation are counted from its root, each before its branches, and
/// these in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ClaimPart {
    /// The solution.
    Solution,
    /// A step of the uniqueness proof as such, or a node of its refutation.
    Step {
        /// Position of the step; that behind the last, if one is missing.
        step: usize,
        /// The node.
        node: Option<usize>,
    },
    /// A node of the refutation.
    Node(usize),
}

/// The claim, certified, if the program bears it out.
///
/// # Errors
/// The first thing in the claim that is wrong.
pub fn check(program: &Program, claim: Claim) -> Result<Certified, CertificateError> {
    check_parts(program, claim).map_err(|(_, error)| error)
}

/// The same, with the part of the claim that is wrong.
///
/// # Errors
/// As for [`check`].
pub fn check_parts(program: &Program, claim: Claim) -> Result<Certified, (ClaimPart, CertificateError)> {
    match &claim {
        Claim::Feasible { point, choices, unique } => {
            check_solution(program, point, choices).map_err(|error| (ClaimPart::Solution, error))?;
            if let Some(proof) = unique {
                check_uniqueness(program, point, proof)?;
            }
        }
        Claim::Infeasible(refutation) => {
            Scope::new(program, None)
                .refute(refutation)
                .map_err(|(node, error)| (ClaimPart::Node(node), error))?;
        }
    }
    Ok(Certified { claim })
}

fn check_solution(
    program: &Program,
    point: &[Exponent],
    choices: &[Option<usize>],
) -> Result<(), CertificateError> {
    if point.len() != program.unknowns.len() {
        return Err(CertificateError::PointLength(point.len(), program.unknowns.len()));
    }
    if choices.len() != program.clauses.len() {
        return Err(CertificateError::ChoicesLength(choices.len(), program.clauses.len()));
    }
    for (clause, (content, taken)) in program.clauses.iter().zip(choices).enumerate() {
        for (row, content) in content.rows.iter().enumerate() {
            require(content, point, RowId::Row { clause, row })?;
        }
        match taken {
            None if content.choice.is_empty() => {}
            None => return Err(CertificateError::Choice { clause }),
            Some(alternative) => {
                let row = content.choice.get(*alternative).ok_or(CertificateError::Choice { clause })?;
                require(row, point, RowId::Choice { clause, alternative: *alternative })?;
            }
        }
    }
    Ok(())
}

fn require(row: &Row, point: &[Exponent], id: RowId) -> Result<(), CertificateError> {
    if row.holds_at(point) { Ok(()) } else { Err(CertificateError::Violated(id)) }
}

fn check_uniqueness(
    program: &Program,
    point: &[Exponent],
    proof: &UniquenessProof,
) -> Result<(), (ClaimPart, CertificateError)> {
    let gap = |step| (ClaimPart::Step { step, node: None }, CertificateError::Uniqueness);
    let mut steps = proof.iter().enumerate().peekable();
    for ((index, info), value) in (0..).zip(&program.unknowns).zip(point) {
        if info.kind == UnknownKind::Maximum {
            continue;
        }
        let difference = Form::unknown(Unknown(index)).plus(&-value);
        for expected in [Side::Below, Side::Above] {
            let strict = match expected {
                Side::Below => difference.clone(),
                Side::Above => -&difference,
            };
            let step = steps.next_if(|(_, (unknown, side, _))| unknown.0 == index && *side == expected);
            match step {
                Some((step, (.., refutation))) => {
                    let at = |(node, error)| (ClaimPart::Step { step, node: Some(node) }, error);
                    Scope::new(program, Some(strict)).refute(refutation).map_err(at)?;
                }
                // A parameter may start smaller: then the proof says nothing of that side.
                None if info.kind == UnknownKind::Init && expected == Side::Below => {}
                None => return Err(gap(steps.peek().map_or(proof.len(), |(step, _)| *step))),
            }
        }
    }
    match steps.next() {
        None => Ok(()),
        Some((step, _)) => Err(gap(step)),
    }
}

/// What may be used at one place of a refutation.
struct Scope<'a> {
    program: &'a Program,
    /// The form that is assumed below zero.
    strict: Option<Form>,
    /// The alternatives (clause, position) whose branches we are in.
    taken: Vec<(usize, usize)>,
    /// How many nodes were come to.
    nodes: usize,
}

impl<'a> Scope<'a> {
    fn new(program: &'a Program, strict: Option<Form>) -> Self {
        Self { program, strict, taken: Vec::new(), nodes: 0 }
    }

    /// Checks a refutation; the first thing wrong with it comes with its node.
    fn refute(&mut self, refutation: &Refutation) -> Result<(), (usize, CertificateError)> {
        self.check(refutation).map_err(|error| (self.nodes - 1, error))
    }

    fn check(&mut self, refutation: &Refutation) -> Result<(), CertificateError> {
        self.nodes += 1;
        match refutation {
            Refutation::Farkas(combination) => self.check_sum(combination),
            Refutation::Split { clause, branches } => {
                let choice = self.program.clauses.get(*clause).map_or(0, |clause| clause.choice.len());
                if choice == 0 || branches.len() != choice {
                    return Err(CertificateError::Split { clause: *clause });
                }
                for (alternative, branch) in branches.iter().enumerate() {
                    self.taken.push((*clause, alternative));
                    self.check(branch)?;
                    self.taken.pop();
                }
                Ok(())
            }
        }
    }

    fn check_sum(&self, combination: &[(RowId, Exponent)]) -> Result<(), CertificateError> {
        let mut sum = Form::zero();
        let mut strict = false;
        for (id, multiplier) in combination {
            let (form, is_equality) = self.row(*id).ok_or(CertificateError::Row(*id))?;
            if multiplier.is_negative() && !is_equality {
                return Err(CertificateError::Sign(*id));
            }
            strict |= *id == RowId::Assumed && multiplier.is_positive();
            sum.add_scaled(multiplier, form);
        }
        match sum.as_constant() {
            None => Err(CertificateError::NotConstant(sum)),
            // The rows say that the sum is at most zero; below zero, if the strict one takes part.
            Some(value) if value.is_positive() || (value.is_zero() && strict) => Ok(()),
            Some(value) => Err(CertificateError::NoContradiction(value.clone())),
        }
    }

    /// The form of a row that may be used here, and whether it says `= 0`.
    fn row(&self, id: RowId) -> Option<(&Form, bool)> {
        let row = match id {
            RowId::Assumed => return self.strict.as_ref().map(|form| (form, false)),
            RowId::Row { clause, row } => self.program.clauses.get(clause)?.rows.get(row)?,
            RowId::Choice { clause, alternative } => {
                if !self.taken.contains(&(clause, alternative)) {
                    return None;
                }
                self.program.clauses.get(clause)?.choice.get(alternative)?
            }
        };
        Some((&row.form, row.relation == Relation::Zero))
    }
}

impl CertificateError {
    /// The reason in words, each unknown written by `name`.
    pub fn tell(&self, name: impl Fn(Unknown) -> String) -> String {
        match self {
            Self::PointLength(given, wanted) => format!("the point has {given} values for {wanted} unknowns"),
            Self::ChoicesLength(given, wanted) => format!("{given} choices are given for {wanted} clauses"),
            Self::Violated(row) => format!("{} does not hold at the point", Named(*row)),
            Self::Choice { clause } => format!("the choice of clause {clause} is not one it offers"),
            Self::Uniqueness => {
                "the uniqueness proof does not treat each hyperparameter once on each side, in order (below an init it may)".into()
            }
            Self::Row(row) => format!("{} cannot be used here", Named(*row)),
            Self::Sign(row) => format!("{} has a negative multiplier, but is no equality", Named(*row)),
            Self::NotConstant(form) => {
                format!("the rows add up to `{}`, not to a constant", form.write(name))
            }
            Self::NoContradiction(value) => {
                format!("the rows add up to {value}, which contradicts nothing")
            }
            Self::Split { clause } => {
                format!("the split does not treat each alternative of clause {clause}")
            }
        }
    }
}

impl fmt::Display for CertificateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.tell(|unknown| format!("u{}", unknown.0)))
    }
}

impl std::error::Error for CertificateError {}

/// A row, in words.
struct Named(RowId);

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            RowId::Row { clause, row } => write!(f, "row {row} of clause {clause}"),
            RowId::Choice { clause, alternative } => {
                write!(f, "alternative {alternative} of clause {clause}")
            }
            RowId::Assumed => write!(f, "the assumed row"),
        }
    }
}

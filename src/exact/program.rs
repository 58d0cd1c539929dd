//! [`Program`]: linear rows over the unknown exponents, with disjunctions.

use super::claim::RowId;
use crate::exact::{Exponent, Form, Unknown};

/// A system to be solved exactly: every row of every clause holds, and of every clause with a choice at
/// least one alternative.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Program {
    /// The unknowns; `Unknown(i)` is the i-th.
    pub unknowns: Vec<UnknownInfo>,
    /// The clauses: first definitions, then requirements.
    pub clauses: Vec<Clause>,
}

/// Name and kind of an unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownInfo {
    /// As the theory writes it: `init(W_Q)`, `lr(W_Q)`, `multiplier(attention)`, `forward(x1)`.
    pub name: String,
    /// What it is.
    pub kind: UnknownKind,
}

/// What an unknown is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum UnknownKind {
    /// The exponent of an initial standard deviation.
    Init,
    /// The exponent of a learning rate.
    LearningRate,
    /// The exponent of a multiplier.
    Multiplier,
    /// The value of a maximum, fixed by its defining clause.
    Maximum,
    /// How fast a scale variable grows, where that is left open: at least 0.
    Growth,
}

/// Rows that stand or fall together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// Where it comes from.
    pub origin: Origin,
    /// All of these hold.
    pub rows: Vec<Row>,
    /// At least one of these holds; empty means no choice is to be made.
    pub choice: Vec<Row>,
}

/// Where a clause comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// It defines the value of a maximum: it always holds.
    Definition(Unknown),
    /// It states a requirement, which a conflict may name and a relaxation drop. A requirement may have
    /// several clauses.
    Requirement(RequirementId),
}

/// Position of a requirement in the list kept beside the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequirementId(pub usize);

/// `form = 0` or `form <= 0`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Row {
    /// The left side.
    pub form: Form,
    /// How it compares to zero.
    pub relation: Relation,
}

/// How a form compares to zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// `= 0`
    Zero,
    /// `<= 0`
    AtMostZero,
}

/// A way to ask less of a requirement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    /// It is a bound: `<= 0` where it said `= 0`, and no choice is to be made.
    Bounded,
    /// It is not made.
    Dropped,
}

impl Row {
    /// `form = 0`.
    #[must_use]
    pub fn zero(form: Form) -> Self {
        Self { form, relation: Relation::Zero }
    }

    /// `form <= 0`.
    #[must_use]
    pub fn at_most_zero(form: Form) -> Self {
        Self { form, relation: Relation::AtMostZero }
    }

    /// Whether it holds at a point: the value of every unknown, in order. Not where one has none.
    #[must_use]
    pub fn holds_at(&self, point: &[Exponent]) -> bool {
        let value = self.form.evaluate(|unknown| point.get(unknown.0 as usize));
        value.is_some_and(|value| match self.relation {
            Relation::Zero => value.is_zero(),
            Relation::AtMostZero => !value.is_positive(),
        })
    }
}

impl Program {
    /// The first requirement that does not hold at a point; nothing if all do.
    #[must_use]
    pub fn unmet(&self, point: &[Exponent]) -> Option<RequirementId> {
        let holds = |clause: &Clause| {
            clause.rows.iter().all(|row| row.holds_at(point))
                && (clause.choice.is_empty() || clause.choice.iter().any(|row| row.holds_at(point)))
        };
        self.clauses.iter().filter(|clause| !holds(clause)).find_map(Clause::requirement)
    }

    /// The rows that are in no choice.
    pub fn rows(&self) -> impl Iterator<Item = (RowId, &Row)> + Clone {
        self.clauses.iter().enumerate().flat_map(|(clause, content)| {
            let rows = content.rows.iter().enumerate();
            rows.map(move |(row, content)| (RowId::Row { clause, row }, content))
        })
    }

    /// The program with only the definitions and the requirements that `keep` says.
    #[must_use]
    pub fn restricted(&self, keep: impl Fn(RequirementId) -> bool) -> Self {
        let kept = |clause: &&Clause| match clause.origin {
            Origin::Definition(_) => true,
            Origin::Requirement(requirement) => keep(requirement),
        };
        Self { unknowns: self.unknowns.clone(), clauses: self.clauses.iter().filter(kept).cloned().collect() }
    }

    /// The same without the definitions that nothing in it speaks of, and the position here of each clause that is left.
    /// The restricted program has a solution if this one has: what a maximum is worth, of which nothing else is said, can
    /// always be chosen, as long as maxima do not depend on each other in a circle.
    #[must_use]
    pub fn excerpt(&self, keep: impl Fn(RequirementId) -> bool) -> (Self, Vec<usize>) {
        let mut defining = vec![None; self.unknowns.len()];
        let mut kept = vec![false; self.clauses.len()];
        let mut open = Vec::new();
        for (position, clause) in self.clauses.iter().enumerate() {
            match clause.origin {
                Origin::Definition(unknown) if clause.is_maximum(unknown) => {
                    if let Some(held @ None) = defining.get_mut(unknown.0 as usize) {
                        *held = Some(position);
                        continue;
                    }
                }
                Origin::Requirement(requirement) if !keep(requirement) => continue,
                Origin::Definition(_) | Origin::Requirement(_) => {}
            }
            open.push(position);
        }
        while let Some(position) = open.pop() {
            if std::mem::replace(&mut kept[position], true) {
                continue;
            }
            let rows = self.clauses[position].rows.iter().chain(&self.clauses[position].choice);
            let unknowns = rows.flat_map(|row| row.form.coefficients().map(|(unknown, _)| unknown));
            open.extend(unknowns.filter_map(|unknown| *defining.get(unknown.0 as usize)?));
        }
        let positions: Vec<usize> = (0..kept.len()).filter(|position| kept[*position]).collect();
        let clauses = positions.iter().map(|position| self.clauses[*position].clone()).collect();
        (Self { unknowns: self.unknowns.clone(), clauses }, positions)
    }

    /// The program with one requirement changed.
    #[must_use]
    pub fn changed(&self, requirement: RequirementId, change: Change) -> Self {
        match change {
            Change::Dropped => self.restricted(|kept| kept != requirement),
            Change::Bounded => {
                let mut bounded = self.clone();
                for clause in &mut bounded.clauses {
                    if clause.requirement() == Some(requirement) {
                        clause.choice.clear();
                        clause.rows.iter_mut().for_each(|row| row.relation = Relation::AtMostZero);
                    }
                }
                bounded
            }
        }
    }
}

impl Clause {
    /// Whether it asks for no more than bounds.
    #[must_use]
    pub fn is_bound(&self) -> bool {
        self.choice.is_empty() && self.rows.iter().all(|row| row.relation == Relation::AtMostZero)
    }

    /// Whether it says that an unknown is the largest of some forms, and nothing else: `form - unknown <= 0` for each,
    /// `= 0` for one.
    fn is_maximum(&self, unknown: Unknown) -> bool {
        let once = Exponent::integer(-1);
        let bounds =
            |row: &Row| row.relation == Relation::AtMostZero && row.form.coefficient(unknown) == once;
        let same = |(row, chosen): (&Row, &Row)| row.form == chosen.form;
        !self.rows.is_empty()
            && self.rows.len() == self.choice.len()
            && self.rows.iter().all(bounds)
            && self.rows.iter().zip(&self.choice).all(same)
    }

    /// The requirement it states, if it states one.
    #[must_use]
    pub fn requirement(&self) -> Option<RequirementId> {
        match self.origin {
            Origin::Definition(_) => None,
            Origin::Requirement(requirement) => Some(requirement),
        }
    }
}

//! [`freedom`]: how many solutions there are around one of them, and in which directions they lie.

use super::choose::raise;
use super::effort::{Effort, MOST_STEPS, SolveError};
use super::point::{Outcome, holds_at, value_at};
use super::search::Search;
use super::unique::hyperparameters;
use crate::exact::{
    Clause, Exponent, Form, Origin, Program, Relation, RequirementId, Row, Unknown, UnknownKind,
};

/// What part of the effort of a question this may take, one in so many: it is told beside an answer.
const PART: u64 = 20;

/// The solutions around one: those where every clause keeps the alternative it has there are a polyhedron, and this is
/// the largest such polyhedron found that holds the solution.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Freedom {
    /// Directions that span it, one for each of its dimensions.
    pub directions: Vec<Exchange>,
}

/// Hyperparameters that may change together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// By how much each changes for one unit of the change, in the order of the unknowns; the first of the freest kind
    /// (multipliers, then inits, then learning rates) by 1.
    pub change: Vec<(Unknown, Exponent)>,
    /// How many units down everything stays a solution, counted from the given one; nothing if as far as one likes.
    pub down: Option<Exponent>,
    /// How many units up.
    pub up: Option<Exponent>,
}

impl Exchange {
    /// Whether it cannot be followed on either side.
    #[must_use]
    pub fn is_stuck(&self) -> bool {
        let ends = |side: &Option<Exponent>| side.as_ref().is_some_and(Exponent::is_zero);
        ends(&self.down) && ends(&self.up)
    }
}

/// The freedom at a solution of the program; nothing if it is too hard to tell. It may be larger than told where many clauses
/// have several alternatives that hold, since not every combination of them is looked at.
///
/// # Errors
/// If a row has an unknown that is not declared.
pub fn freedom(program: &Program, point: &[Exponent]) -> Result<Option<Freedom>, SolveError> {
    let effort = Effort::on(program, MOST_STEPS / PART);
    let mut taken: Vec<Option<usize>> =
        program.clauses.iter().map(|clause| attained(clause, point).next()).collect();
    let span_of = |taken: &[Option<usize>]| match span(program, &piece(program, taken), point, &effort) {
        Ok(found) => Ok(Some(found)),
        Err(SolveError::TooHard { .. }) => Ok(None),
        Err(undeclared @ SolveError::Undeclared(_)) => Err(undeclared),
    };
    let Some(mut best) = span_of(&taken)? else { return Ok(None) };
    for (position, clause) in program.clauses.iter().enumerate() {
        for alternative in attained(clause, point).skip(1).take_while(|_| !effort.is_spent()) {
            let before = taken[position].replace(alternative);
            match span_of(&taken)? {
                // Of two as large the last is kept: the way to a larger one may lead through it.
                Some(found) if found.len() >= best.len() => best = found,
                Some(_) | None => taken[position] = before,
            }
        }
    }
    let bounds = Bounds::at(point, &piece(program, &taken));
    let directions: Vec<Vec<Exponent>> = unstuck(&bounds, best, &effort);
    let directions = directions.iter().map(|direction| bounds.trade(program, direction)).collect();
    Ok(Some(Freedom { directions }))
}

fn attained<'a>(clause: &'a Clause, point: &'a [Exponent]) -> impl Iterator<Item = usize> + 'a {
    let holding = clause.choice.iter().enumerate().filter(|(_, row)| holds_at(row, point));
    holding.map(|(alternative, _)| alternative)
}

/// The rows of the polyhedron in which every clause keeps its alternative.
fn piece(program: &Program, taken: &[Option<usize>]) -> Vec<Row> {
    let mut rows = Vec::new();
    for (clause, taken) in program.clauses.iter().zip(taken) {
        rows.extend(clause.rows.iter().cloned());
        rows.extend(taken.and_then(|alternative| clause.choice.get(alternative)).cloned());
    }
    rows
}

/// Directions, as values of all unknowns, that span the polyhedron of the rows.
fn span(
    program: &Program,
    rows: &[Row],
    point: &[Exponent],
    effort: &Effort,
) -> Result<Vec<Vec<Exponent>>, SolveError> {
    effort.spend(rows.iter().map(|row| row.form.len() + 1).sum())?;
    let (mut fixed, mut tight) = (Vec::new(), Vec::new());
    for row in rows {
        let linear = row.form.plus(&-row.form.constant_part());
        match row.relation {
            Relation::Zero => fixed.push(linear),
            Relation::AtMostZero if value_at(&row.form, point).is_some_and(|value| value.is_zero()) => {
                tight.push(linear);
            }
            Relation::AtMostZero => {}
        }
    }
    for (row, loose) in loosened(program, &fixed, &tight, effort)?.into_iter().enumerate() {
        if !loose {
            fixed.push(tight[row].clone());
        }
    }
    kernel(&fixed, program, effort)
}

/// For each of the tight rows, whether it can be loose while the fixed ones stay zero. Directions can be added up and
/// stretched, so that all that can be loose are so by 1 in one of them.
fn loosened(
    program: &Program,
    fixed: &[Form],
    tight: &[Form],
    effort: &Effort,
) -> Result<Vec<bool>, SolveError> {
    let mut cone = Program { unknowns: program.unknowns.clone(), clauses: Vec::new() };
    let mut room = Form::zero();
    let mut all: Vec<Row> = fixed.iter().cloned().map(Row::zero).collect();
    let mut slacks = Vec::new();
    for form in tight {
        let number = u32::try_from(cone.unknowns.len()).unwrap_or(u32::MAX);
        let info = cone.unknowns.first().cloned();
        cone.unknowns.extend(info);
        let slack = Form::unknown(Unknown(number));
        all.push(Row::at_most_zero(form + &slack));
        all.push(Row::at_most_zero(-&slack));
        all.push(Row::at_most_zero(slack.plus(&Exponent::integer(-1))));
        room.add_scaled(&Exponent::ONE, &slack);
        slacks.push(number as usize);
    }
    let origin = Origin::Requirement(RequirementId(0));
    cone.clauses.push(Clause { origin, rows: all, choice: Vec::new() });
    let mut search = Search::new(&cone, effort)?;
    let mut found = match search.run(None)? {
        Outcome::Found(point) => point,
        Outcome::Unbounded | Outcome::Refuted(_) => return Ok(vec![false; tight.len()]),
    };
    raise(&mut search, &room, &mut found)?;
    Ok(slacks.into_iter().map(|slack| found.get(slack).is_some_and(Exponent::is_positive)).collect())
}

/// Directions that keep the forms zero, a basis of all of them. Learning rates follow from the others where they can, then
/// inits, then multipliers.
fn kernel(forms: &[Form], program: &Program, effort: &Effort) -> Result<Vec<Vec<Exponent>>, SolveError> {
    let rank = |unknown: Unknown| {
        let kind = program.unknowns.get(unknown.0 as usize).map(|info| info.kind);
        let rank = kind.map_or(0, |kind| match kind {
            UnknownKind::Maximum | UnknownKind::Growth => 0,
            UnknownKind::LearningRate => 1,
            UnknownKind::Init => 2,
            UnknownKind::Multiplier => 3,
        });
        // Of one kind, the last follows from the first.
        (rank, u32::MAX - unknown.0)
    };
    // Solved forms: each says what one unknown is in terms of those that are free.
    let mut solved: Vec<(Unknown, Form)> = Vec::new();
    for form in forms {
        let mut form = form.clone();
        effort.spend(solved.len())?;
        for (unknown, value) in &solved {
            let coefficient = form.coefficient(*unknown);
            if !coefficient.is_zero() {
                effort.spend(value.len())?;
                form.add_scaled(&coefficient, &(value - &Form::unknown(*unknown)));
            }
        }
        let Some(pivot) = form.coefficients().map(|(unknown, _)| unknown).min_by_key(|u| rank(*u)) else {
            continue;
        };
        let Some(inverse) = form.coefficient(pivot).reciprocal() else { continue };
        let value = &Form::unknown(pivot) - &form.scaled(&inverse);
        for (_, other) in &mut solved {
            let coefficient = other.coefficient(pivot);
            if !coefficient.is_zero() {
                effort.spend(value.len())?;
                other.add_scaled(&coefficient, &(&value - &Form::unknown(pivot)));
            }
        }
        solved.push((pivot, value));
    }
    let free = hyperparameters(program).filter(|unknown| solved.iter().all(|(pivot, _)| pivot != unknown));
    let direction = |unknown: Unknown| {
        let mut values = vec![Exponent::ZERO; program.unknowns.len()];
        let mut set = |at: Unknown, value: Exponent| {
            if let Some(held) = values.get_mut(at.0 as usize) {
                *held = value;
            }
        };
        set(unknown, Exponent::ONE);
        solved.iter().for_each(|(pivot, value)| set(*pivot, value.coefficient(unknown)));
        values
    };
    Ok(free.map(direction).collect())
}

/// The same span in directions that can be followed on at least one side, as far as adding or taking away another one makes
/// them so, and as effort is left to try.
fn unstuck(bounds: &Bounds, mut directions: Vec<Vec<Exponent>>, effort: &Effort) -> Vec<Vec<Exponent>> {
    for at in 0..directions.len() {
        if !bounds.stop(&directions[at]) {
            continue;
        }
        let others = directions.iter().enumerate().filter(|(other, _)| *other != at);
        let mut with = others.flat_map(|(_, other)| {
            let sum = |sign: Exponent| -> Vec<Exponent> {
                directions[at].iter().zip(other).map(|(a, b)| a + &(&sign * b)).collect()
            };
            [sum(Exponent::ONE), sum(Exponent::integer(-1))]
        });
        let free = with.find(|direction| {
            effort.charge(bounds.terms);
            effort.is_spent() || !bounds.stop(direction)
        });
        if let Some(free) = free.filter(|free| !bounds.stop(free)) {
            directions[at] = free;
        }
    }
    directions
}

/// The rows that bound a polyhedron, seen from a point in it.
struct Bounds {
    /// How far each is from the point, and its linear part.
    rows: Vec<(Exponent, Form)>,
    /// How many terms they have.
    terms: usize,
}

impl Bounds {
    fn at(point: &[Exponent], rows: &[Row]) -> Self {
        let bound = |row: &Row| {
            let linear = row.form.plus(&-row.form.constant_part());
            Some((value_at(&row.form, point)?, linear))
        };
        let rows = rows.iter().filter(|row| row.relation == Relation::AtMostZero);
        let rows: Vec<(Exponent, Form)> = rows.filter_map(bound).collect();
        let terms = rows.iter().map(|(_, linear)| linear.len()).sum();
        Self { rows, terms }
    }

    /// How far a direction may be followed down and up.
    fn reach(&self, direction: &[Exponent]) -> (Option<Exponent>, Option<Exponent>) {
        let (mut down, mut up): (Option<Exponent>, Option<Exponent>) = (None, None);
        for (value, linear) in &self.rows {
            let Some(slope) = value_at(linear, direction) else { continue };
            let Some(inverse) = slope.reciprocal() else { continue };
            let reach = (value * &inverse).abs();
            let side = if slope.is_positive() { &mut up } else { &mut down };
            if side.as_ref().is_none_or(|held| reach < *held) {
                *side = Some(reach);
            }
        }
        (down, up)
    }

    /// Whether they stop a direction at once, on both sides.
    fn stop(&self, direction: &[Exponent]) -> bool {
        let (down, up) = self.reach(direction);
        Exchange { change: Vec::new(), down, up }.is_stuck()
    }

    /// A direction with how far it may be followed.
    fn trade(&self, program: &Program, direction: &[Exponent]) -> Exchange {
        let (down, up) = self.reach(direction);
        let changed = hyperparameters(program).filter_map(|unknown| {
            let change = direction.get(unknown.0 as usize)?;
            (!change.is_zero()).then(|| (unknown, change.clone()))
        });
        Exchange { change: changed.collect(), down, up }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exact::UnknownInfo;

    fn program(kinds: &[UnknownKind], clauses: Vec<(Vec<Row>, Vec<Row>)>) -> Program {
        let info = |kind: &UnknownKind| UnknownInfo { name: String::new(), kind: *kind };
        let clause = |(index, (rows, choice))| Clause {
            origin: Origin::Requirement(RequirementId(index)),
            rows,
            choice,
        };
        Program {
            unknowns: kinds.iter().map(info).collect(),
            clauses: clauses.into_iter().enumerate().map(clause).collect(),
        }
    }

    fn form(coefficients: &[i64]) -> Form {
        let mut form = Form::zero();
        for (unknown, coefficient) in (0..).zip(coefficients) {
            form.add_scaled(&Exponent::integer(*coefficient), &Form::unknown(Unknown(unknown)));
        }
        form
    }

    #[test]
    fn what_may_be_traded_is_told_with_how_far() {
        // init + multiplier = 0, lr + 2 multiplier = 0, multiplier <= 1.
        let kinds = [UnknownKind::Init, UnknownKind::LearningRate, UnknownKind::Multiplier];
        let bound = Row::at_most_zero(form(&[0, 0, 1]).plus(&Exponent::integer(-1)));
        let rows = vec![Row::zero(form(&[1, 0, 1])), Row::zero(form(&[0, 1, 2])), bound];
        let found = freedom(&program(&kinds, vec![(rows, Vec::new())]), &vec![Exponent::ZERO; 3]).unwrap();
        let change = [(0, -1), (1, -2), (2, 1)].map(|(u, by)| (Unknown(u), Exponent::integer(by)));
        let expected = Exchange { change: change.into(), down: None, up: Some(Exponent::ONE) };
        assert_eq!(found.unwrap().directions, [expected]);
    }

    #[test]
    fn bounds_that_leave_no_room_are_no_freedom() {
        let kinds = [UnknownKind::Init, UnknownKind::Init];
        let rows = [[1, 1], [-1, 0], [0, -1]].map(|row| Row::at_most_zero(form(&row)));
        let found = freedom(&program(&kinds, vec![(rows.into(), Vec::new())]), &vec![Exponent::ZERO; 2]);
        assert_eq!(found.unwrap(), Some(Freedom::default()));
    }

    #[test]
    fn of_several_alternatives_the_one_with_most_freedom_counts() {
        // max(u, v) = 0 and w = 0 or u = 0: at zero, u = 0 leaves v and w.
        let kinds = [UnknownKind::Init; 3];
        let bounds = [[1, 0, 0], [0, 1, 0]].map(|row| Row::at_most_zero(form(&row)));
        let either = [[0, 0, 1], [1, 0, 0]].map(|row| Row::zero(form(&row)));
        let largest = [[0, 1, 0], [1, 0, 0]].map(|row| Row::zero(form(&row)));
        let clauses = vec![(bounds.into(), largest.into()), (Vec::new(), either.into())];
        let found = freedom(&program(&kinds, clauses), &vec![Exponent::ZERO; 3]).unwrap();
        assert_eq!(found.unwrap().directions.len(), 2);
    }
}

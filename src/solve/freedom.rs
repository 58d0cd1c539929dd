//! [`freedom`]: how many solutions there are around one of them, and in which directions they lie.

use super::choose::raise;
use super::effort::{Effort, MOST_STEPS, SolveError};
use super::exchange::{Bounds, Exchange, unstuck};
use super::point::{Outcome, holds_at, value_at};
use super::search::Search;
use super::unique::hyperparameters;
use crate::exact::{
    Clause, Exponent, Form, Origin, Program, Relation, RequirementId, Row, Unknown, UnknownKind,
};

/// What part of the effort of a question this may take, one in so many: it is told beside an answer.
const PART: u64 = 20;

/// The solutions around one: those where every clause keeps the alternative it has there are a polyhedron, a *face*.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Freedom {
    /// Directions that span the largest face found that holds the solution, one for each of its dimensions.
    pub directions: Vec<Exchange>,
    /// Other faces that meet it there, each by directions that span it.
    pub others: Vec<Vec<Exchange>>,
    /// Whether these are all; if not, there may be more.
    pub is_complete: bool,
}

/// The freedom at a solution of the program; nothing if it is too hard to tell.
///
/// # Errors
/// If a row has an unknown that is not declared.
pub fn freedom(program: &Program, point: &[Exponent]) -> Result<Option<Freedom>, SolveError> {
    let effort = Effort::on(program, MOST_STEPS / PART);
    let taken: Taken = program.clauses.iter().map(|clause| attained(clause, point).next()).collect();
    let Some((taken, best)) = largest(program, point, taken, &effort)? else { return Ok(None) };
    let told = |taken: &Taken, span: Vec<Vec<Exponent>>| -> Vec<Exchange> {
        let bounds = Bounds::at(point, &piece(program, taken));
        let directions = unstuck(&bounds, span, &effort);
        directions.iter().map(|direction| bounds.trade(program, direction)).collect()
    };
    let mut found = Freedom { directions: told(&taken, best), others: Vec::new(), is_complete: false };
    let mut faces = vec![taken];
    while found.others.len() < MOST_OTHERS {
        let outside = match outside(program, point, &faces, &effort) {
            Ok(Some(outside)) => outside,
            Ok(None) => {
                found.is_complete = true;
                break;
            }
            Err(SolveError::TooHard { .. }) => break,
            Err(undeclared @ SolveError::Undeclared(_)) => return Err(undeclared),
        };
        let Some((taken, span)) = largest(program, point, outside, &effort)? else { break };
        found.others.push(told(&taken, span));
        faces.push(taken);
    }
    // The largest comes first.
    let mut all: Vec<Vec<Exchange>> = std::iter::once(found.directions).chain(found.others).collect();
    let largest = (0..all.len()).rev().max_by_key(|at| all[*at].len()).unwrap_or(0);
    found.directions = all.remove(largest);
    found.others = all;
    Ok(Some(found))
}

/// Most faces beside the largest.
const MOST_OTHERS: usize = 6;

/// The alternative that each clause keeps, if it has a choice.
type Taken = Vec<Option<usize>>;

/// The largest face found from one, and directions that span it; nothing if that is too hard to tell. Not every combination of
/// alternatives is looked at.
#[allow(clippy::type_complexity, reason = "a face and its span")]
fn largest(
    program: &Program,
    point: &[Exponent],
    mut taken: Taken,
    effort: &Effort,
) -> Result<Option<(Taken, Vec<Vec<Exponent>>)>, SolveError> {
    let span_of = |taken: &Taken| match span(program, &piece(program, taken), point, effort) {
        Ok(found) => Ok(Some(found)),
        Err(SolveError::TooHard { .. }) => Ok(None),
        Err(undeclared @ SolveError::Undeclared(_)) => Err(undeclared),
    };
    let Some(mut best) = span_of(&taken)? else { return Ok(None) };
    let kept = taken.clone();
    for (position, clause) in program.clauses.iter().enumerate() {
        let others = attained(clause, point).filter(|alternative| Some(*alternative) != kept[position]);
        for alternative in others.take_while(|_| !effort.is_spent()) {
            let before = taken[position].replace(alternative);
            match span_of(&taken)? {
                // Only what holds the face so far is taken: a larger one elsewhere is another face.
                Some(found) if found.len() >= best.len() && holds_all(program, &taken, &best) => best = found,
                Some(_) | None => taken[position] = before,
            }
        }
    }
    Ok(Some((taken, best)))
}

/// Whether directions stay on the alternatives that clauses keep.
fn holds_all(program: &Program, taken: &Taken, directions: &[Vec<Exponent>]) -> bool {
    let kept = program.clauses.iter().zip(taken).filter_map(|(clause, taken)| clause.choice.get((*taken)?));
    let mut kept = kept.filter(|row| row.relation == Relation::Zero);
    kept.all(|row| {
        let linear = row.form.plus(&-row.form.constant_part());
        directions.iter().all(|direction| value_at(&linear, direction).is_some_and(|value| value.is_zero()))
    })
}

/// A face that some solutions near the point lie on and none of the given ones; nothing if there is none.
fn outside(
    program: &Program,
    point: &[Exponent],
    faces: &[Taken],
    effort: &Effort,
) -> Result<Option<Taken>, SolveError> {
    let linear = |row: &Row| Row { form: row.form.plus(&-row.form.constant_part()), relation: row.relation };
    let is_tight = |row: &&Row| value_at(&row.form, point).is_some_and(|value| value.is_zero());
    let several = |clause: &Clause| attained(clause, point).nth(1).is_some();
    if !program.clauses.iter().any(several) {
        return Ok(None);
    }
    let mut near = Program { unknowns: program.unknowns.clone(), clauses: Vec::new() };
    for clause in &program.clauses {
        let rows = clause.rows.iter().filter(is_tight).map(linear).collect();
        let choice = attained(clause, point).filter_map(|at| clause.choice.get(at)).map(linear).collect();
        near.clauses.push(Clause { origin: clause.origin, rows, choice });
    }
    for taken in faces {
        let kept = program.clauses.iter().zip(taken).filter(|(clause, _)| several(clause));
        let kept = kept.filter_map(|(clause, taken)| clause.choice.get((*taken)?)).map(linear);
        let off = |row: Row| {
            let one = Exponent::ONE;
            [Row::at_most_zero(row.form.plus(&one)), Row::at_most_zero((-&row.form).plus(&one))]
        };
        let origin = Origin::Requirement(RequirementId(usize::MAX));
        near.clauses.push(Clause { origin, rows: Vec::new(), choice: kept.flat_map(off).collect() });
    }
    let direction = match Search::new(&near, effort)?.run(None)? {
        Outcome::Found(direction) => direction,
        Outcome::Unbounded | Outcome::Refuted(_) => return Ok(None),
    };
    let stays = |clause: &Clause| {
        let on = |at: &usize| clause.choice.get(*at).is_some_and(|row| holds_at(&linear(row), &direction));
        attained(clause, point).find(on)
    };
    Ok(Some(program.clauses.iter().map(stays).collect()))
}

fn attained<'a>(clause: &'a Clause, point: &'a [Exponent]) -> impl Iterator<Item = usize> + 'a {
    let holding = clause.choice.iter().enumerate().filter(|(_, row)| holds_at(row, point));
    holding.map(|(alternative, _)| alternative)
}

/// The rows of the polyhedron in which every clause keeps its alternative.
fn piece(program: &Program, taken: &Taken) -> Vec<Row> {
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
        assert_eq!(found.unwrap(), Some(Freedom { is_complete: true, ..Freedom::default() }));
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

//! Programs that are hard, degenerate or odd: each ends, in bounded time.

use fscale::exact::{
    self, Clause, Exponent, Form, Origin, Program, RequirementId, Row, Status, Unknown, UnknownInfo,
    UnknownKind,
};
use fscale::solve::{self, Preference, SolveError, Stage};
use rand::RngExt;

use crate::random;

fn unknowns(count: usize) -> Vec<UnknownInfo> {
    (0..count).map(|index| UnknownInfo { name: format!("u{index}"), kind: UnknownKind::Init }).collect()
}

fn clause(requirement: usize, rows: Vec<Row>, choice: Vec<Row>) -> Clause {
    Clause { origin: Origin::Requirement(RequirementId(requirement)), rows, choice }
}

fn sum(terms: impl IntoIterator<Item = (Exponent, u32)>, constant: Exponent) -> Form {
    let mut form = Form::constant(constant);
    for (coefficient, unknown) in terms {
        form.add_scaled(&coefficient, &Form::unknown(Unknown(unknown)));
    }
    form
}

/// `pigeons` in `holes`: each unknown is zero or one, each pigeon in a hole, no two in the same.
fn pigeons(pigeons: u32, holes: u32) -> Program {
    let mut program = Program { unknowns: unknowns((pigeons * holes) as usize), clauses: Vec::new() };
    let inside = |pigeon, hole| Form::unknown(Unknown(pigeon * holes + hole));
    let minus_one = Exponent::integer(-1);
    for pigeon in 0..pigeons {
        let each = (0..holes).map(|hole| Row::zero(inside(pigeon, hole).plus(&minus_one)));
        program.clauses.push(clause(0, Vec::new(), each.collect()));
        for hole in 0..holes {
            let values =
                vec![Row::zero(inside(pigeon, hole)), Row::zero(inside(pigeon, hole).plus(&minus_one))];
            program.clauses.push(clause(1, Vec::new(), values));
        }
    }
    for hole in 0..holes {
        for (first, second) in (0..pigeons).flat_map(|b| (0..b).map(move |a| (a, b))) {
            let both = &inside(first, hole) + &inside(second, hole);
            program.clauses.push(clause(2, vec![Row::at_most_zero(both.plus(&minus_one))], Vec::new()));
        }
    }
    program
}

#[test]
fn a_small_combinatorial_program_is_refuted() {
    let program = pigeons(5, 4);
    let claim = solve::solve(&program, &Preference::default()).expect("within the limit");
    let status = exact::check(&program, claim).map(|certified| certified.status());
    assert_eq!(status, Ok(Status::Infeasible));
}

#[test]
fn a_large_combinatorial_program_is_given_up() {
    let given_up = SolveError::TooHard { steps: solve::MOST_STEPS };
    assert_eq!(solve::solve(&pigeons(12, 11), &Preference::default()), Err(given_up));
    assert_eq!(given_up.to_string(), "no answer within 300000000 steps: too many maxima are undecided");
}

/// Beale's example, on which the simplex method without an anti-cycling rule cycles.
#[test]
fn a_degenerate_program_that_invites_cycling_ends() {
    let ratio = Exponent::ratio;
    let mut program = Program { unknowns: unknowns(4), clauses: Vec::new() };
    let rows = [
        sum([(ratio(1, 4), 0), (ratio(-60, 1), 1), (ratio(-1, 25), 2), (ratio(9, 1), 3)], Exponent::ZERO),
        sum([(ratio(1, 2), 0), (ratio(-90, 1), 1), (ratio(-1, 50), 2), (ratio(3, 1), 3)], Exponent::ZERO),
        sum([(Exponent::ONE, 2)], Exponent::integer(-1)),
    ];
    let positive = (0..4).map(|index| sum([(Exponent::integer(-1), index)], Exponent::ZERO));
    let rows = rows.into_iter().chain(positive).map(Row::at_most_zero).collect();
    program.clauses.push(clause(0, rows, Vec::new()));
    let objective = [(ratio(3, 4), 0), (ratio(-150, 1), 1), (ratio(1, 50), 2), (ratio(-6, 1), 3)];
    let stages = vec![Stage::Largest(sum(objective.clone(), Exponent::ZERO))];
    let claim = solve::solve(&program, &Preference { stages }).expect("within the limit");
    let certified = exact::check(&program, claim).expect("a true claim");
    let point = certified.point().expect("a solution");
    let value = sum(objective, Exponent::ZERO).evaluate(|unknown| point.get(unknown.0 as usize));
    assert_eq!(value, Some(ratio(1, 20)));
}

#[test]
fn coefficients_beyond_machine_words_are_exact() {
    let mut random = random::generator(6);
    let size = 24;
    let mut program = Program { unknowns: unknowns(size), clauses: Vec::new() };
    for requirement in 0..size {
        let mut coefficient = || Exponent::ratio(random.random_range(-999_999..=999_999), 999_983);
        let form = sum((0..24).map(|unknown| (coefficient(), unknown)), Exponent::ONE);
        program.clauses.push(clause(requirement, vec![Row::zero(form)], Vec::new()));
    }
    let claim = solve::solve(&program, &Preference::default()).expect("within the limit");
    let certified = exact::check(&program, claim).expect("a true claim");
    assert!(certified.is_unique());
    assert!(certified.point().is_some_and(|point| point.iter().any(|value| value.words() > 4)));
}

#[test]
fn programs_that_say_nothing_are_answered() {
    let nothing = Program::default();
    let claim = solve::solve(&nothing, &Preference::default()).expect("within the limit");
    assert_eq!(exact::check(&nothing, claim).map(|certified| certified.status()), Ok(Status::Unique));

    let free = Program { unknowns: unknowns(2), clauses: vec![clause(0, Vec::new(), Vec::new())] };
    let claim = solve::solve(&free, &Preference::default()).expect("within the limit");
    let certified = exact::check(&free, claim).expect("a true claim");
    assert_eq!(certified.point(), Some([Exponent::ZERO, Exponent::ZERO].as_slice()));
    assert!(!certified.is_unique());
    assert_eq!(solve::conflict(&free, &[]), Ok(None));
}

#[test]
fn a_row_without_unknowns_contradicts_itself() {
    let rows = [
        Row::zero(Exponent::ONE.into()),
        Row::zero((-Exponent::ONE).into()),
        Row::at_most_zero(Exponent::ONE.into()),
    ];
    for row in rows {
        let program = Program { unknowns: unknowns(1), clauses: vec![clause(0, vec![row], Vec::new())] };
        let claim = solve::solve(&program, &Preference::default()).expect("within the limit");
        let status = exact::check(&program, claim).map(|certified| certified.status());
        assert_eq!(status, Ok(Status::Infeasible));
    }
}

#[test]
fn an_undeclared_unknown_is_named() {
    let undeclared = Err(SolveError::Undeclared(Unknown(7)));
    let row = Row::zero(Form::unknown(Unknown(7)));
    let program = Program { unknowns: unknowns(1), clauses: vec![clause(0, vec![row], Vec::new())] };
    assert_eq!(solve::solve(&program, &Preference::default()), undeclared);
    let free = Program { unknowns: unknowns(1), clauses: Vec::new() };
    for stage in [Stage::Largest(Form::unknown(Unknown(7))), Stage::FewestNonZero(vec![Unknown(7)])] {
        assert_eq!(solve::solve(&free, &Preference { stages: vec![stage] }), undeclared);
    }
}

/// A chain of maxima as deep as a large network: every choice only says which term is the largest.
#[test]
fn long_chains_of_maxima_need_no_search() {
    let length = 300;
    let mut program = Program { unknowns: unknowns(1), clauses: Vec::new() };
    for index in 1..=length {
        let unknown = Unknown(index);
        program.unknowns.push(UnknownInfo { name: format!("v{index}"), kind: UnknownKind::Maximum });
        let before = Form::unknown(Unknown(index - 1));
        let other = Form::unknown(Unknown(0)).plus(&Exponent::integer(-1));
        program.clauses.push(random::definition(unknown, vec![before, other]));
    }
    let last = Form::unknown(Unknown(length)).plus(&Exponent::HALF);
    program.clauses.push(clause(0, vec![Row::zero(last)], Vec::new()));
    let claim = solve::solve(&program, &Preference::default()).expect("within the limit");
    let certified = exact::check(&program, claim).expect("a true claim");
    assert!(certified.is_unique());
    assert_eq!(certified.point().and_then(|point| point.first()), Some(&-Exponent::HALF));
}

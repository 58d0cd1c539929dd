//! The solver against z3, an independent one, on thousands of random programs with disjunctions. Skipped with a message
//! where `python3` (or what `FSCALE_PYTHON` names) or its package `z3-solver` is absent.

use std::process::Command;

use fscale::exact::{self, Claim, Clause, Exponent, Origin, Program, Relation, RequirementId, Row, Status};
use fscale::solve;
use rand::{Rng, RngExt};

use crate::random;

/// Larger than what enumeration can treat: up to twelve unknowns, most clauses with a choice.
fn large(random: &mut impl Rng) -> Program {
    let mut program = random::program(random);
    for index in program.unknowns.len()..random.random_range(6..=12) {
        let kind = program.unknowns[0].kind;
        program.unknowns.push(fscale::exact::UnknownInfo { name: format!("w{index}"), kind });
    }
    let known = u32::try_from(program.unknowns.len()).expect("few");
    for requirement in 0..random.random_range(4..=14) {
        let mut some = |count| -> Vec<Row> {
            let mut row = |equal| {
                let form = random::form(random, known);
                if equal { Row::zero(form) } else { Row::at_most_zero(form) }
            };
            (0..count).map(|index| row(index % 2 == requirement % 2)).collect()
        };
        let (rows, choice) = if requirement % 3 == 0 { (some(1), Vec::new()) } else { (Vec::new(), some(3)) };
        let origin = Origin::Requirement(RequirementId(100 + requirement));
        program.clauses.push(Clause { origin, rows, choice });
    }
    program
}

fn written(program: &Program) -> String {
    let number = |value: &Exponent| {
        let (numerator, denominator) = value.parts().expect("a small number");
        format!("[{numerator},{denominator}]")
    };
    let row = |row: &Row| {
        let entries = row.form.coefficients();
        let entries: Vec<_> =
            entries.map(|(unknown, value)| format!("[{},{}]", unknown.0, number(value))).collect();
        let relation = match row.relation {
            Relation::Zero => "=",
            Relation::AtMostZero => "<=",
        };
        format!("[[{}],{},\"{relation}\"]", entries.join(","), number(row.form.constant_part()))
    };
    let rows = |rows: &[Row]| rows.iter().map(row).collect::<Vec<_>>().join(",");
    let clauses: Vec<_> = program
        .clauses
        .iter()
        .map(|clause| format!("[[{}],[{}]]", rows(&clause.rows), rows(&clause.choice)))
        .collect();
    format!("[{},[{}]]", program.unknowns.len(), clauses.join(","))
}

/// What z3 says of each program; nothing, with a message, where it is absent.
fn z3(programs: &[Program]) -> Option<Vec<Status>> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("programs.json");
    let texts: Vec<_> = programs.iter().map(written).collect();
    std::fs::write(&path, format!("[{}]", texts.join(",\n"))).expect("a file");
    let python = std::env::var("FSCALE_PYTHON").unwrap_or_else(|_| "python3".into());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/solver/outside.py");
    let output = match Command::new(&python).arg(script).arg(&path).output() {
        Ok(output) if output.status.code() == Some(3) => {
            eprintln!("skipped, z3 is absent: {}", String::from_utf8_lossy(&output.stderr));
            return None;
        }
        Ok(output) => output,
        Err(error) => {
            eprintln!("skipped, `{python}` does not run: {error}");
            return None;
        }
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answers = String::from_utf8(output.stdout).expect("text");
    let status = |line: &str| match line {
        "sat" => Status::Feasible,
        "unsat" => Status::Infeasible,
        other => panic!("z3 says {other}"),
    };
    Some(answers.lines().map(status).collect())
}

#[test]
fn an_independent_solver_gives_the_same_answers() {
    let mut random = random::generator(7);
    let mut programs: Vec<Program> = (0..2000).map(|_| random::program(&mut random)).collect();
    programs.extend((0..2000).map(|_| large(&mut random)));
    let Some(expected) = z3(&programs) else { return };
    assert_eq!(expected.len(), programs.len());
    let mut seen = [0, 0];
    for (round, (program, expected)) in programs.iter().zip(expected).enumerate() {
        let claim = solve::decide(program).expect("a small program");
        let certified = exact::check(program, claim).expect("a true claim");
        assert_eq!(certified.status(), expected, "round {round}: {program:?}");
        if let Claim::Infeasible(refutation) = certified.claim() {
            let conflict =
                solve::conflict_of(program, refutation, &[]).expect("a small program").expect("no solution");
            let kept = |id| conflict.requirements.contains(&id);
            let checked =
                exact::check(&program.restricted(kept), Claim::Infeasible(conflict.refutation.clone()));
            assert_eq!(checked.map(|certified| certified.status()), Ok(Status::Infeasible), "round {round}");
            for spared in &conflict.requirements {
                let fewer = program.restricted(|id| id != *spared && kept(id));
                let claim = solve::decide(&fewer).expect("a small program");
                let status = exact::check(&fewer, claim).map(|certified| certified.status());
                assert_eq!(status, Ok(Status::Feasible), "round {round}: {spared:?} can be spared");
            }
        }
        seen[usize::from(expected == Status::Feasible)] += 1;
    }
    assert!(seen.iter().all(|count| *count > 500), "both answers are common: {seen:?}");
}

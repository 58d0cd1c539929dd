//! Small random programs, the same for the same seed.

use fscale::exact::{
    Clause, Exponent, Form, Origin, Program, RequirementId, Row, Unknown, UnknownInfo, UnknownKind,
};
use fscale::solve::Stage;
use rand::seq::SliceRandom;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

pub(crate) fn generator(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// Two to four hyperparameters, up to two maxima, three to eight requirement clauses. Half of the programs are made to
/// have a solution.
pub(crate) fn program(random: &mut impl Rng) -> Program {
    let count = random.random_range(2..=4);
    let kinds = [UnknownKind::Init, UnknownKind::LearningRate, UnknownKind::Multiplier];
    let mut program = Program::default();
    for index in 0..count {
        let kind = kinds[random.random_range(0..kinds.len())];
        program.unknowns.push(UnknownInfo { name: format!("u{index}"), kind });
    }
    for _ in 0..random.random_range(0..=2) {
        let unknown = Unknown(u32::try_from(program.unknowns.len()).expect("few"));
        let terms = (0..random.random_range(2..=3)).map(|_| form(random, unknown.0)).collect();
        program.unknowns.push(UnknownInfo { name: format!("v{}", unknown.0), kind: UnknownKind::Maximum });
        program.clauses.push(definition(unknown, terms));
    }
    let known = u32::try_from(program.unknowns.len()).expect("few");
    let requirements = random.random_range(2..=7);
    for _ in 0..random.random_range(3..=8) {
        let origin = Origin::Requirement(RequirementId(random.random_range(0..requirements)));
        program.clauses.push(requirement(random, origin, known));
    }
    if random.random_bool(0.5) { mended(random, program) } else { program }
}

/// The program with its constants moved so that some point with small values is a solution.
fn mended(random: &mut impl Rng, mut program: Program) -> Program {
    let mut point: Vec<Exponent> = Vec::new();
    for unknown in &program.unknowns {
        let value = match unknown.kind {
            UnknownKind::Maximum => Exponent::ZERO,
            UnknownKind::Init | UnknownKind::LearningRate | UnknownKind::Multiplier | UnknownKind::Growth => {
                Exponent::ratio(random.random_range(-2..=2), random.random_range(1..=2))
            }
        };
        point.push(value);
    }
    for clause in &mut program.clauses {
        let value =
            |row: &Row| row.form.evaluate(|unknown| point.get(unknown.0 as usize)).expect("known unknowns");
        let largest = clause.choice.iter().map(value).max();
        match (clause.origin, largest) {
            (Origin::Definition(unknown), Some(largest)) => point[unknown.0 as usize] = largest,
            (Origin::Definition(_) | Origin::Requirement(_), _) => {
                let excess = clause.rows.iter().chain(&clause.choice).map(value).max();
                let excess = excess.expect("a clause says something");
                for row in clause.rows.iter_mut().chain(&mut clause.choice) {
                    row.form = row.form.plus(&-&excess);
                }
            }
        }
    }
    program
}

/// `unknown = max(terms)`.
pub(crate) fn definition(unknown: Unknown, terms: Vec<Form>) -> Clause {
    let excess: Vec<Form> = terms.iter().map(|term| term - &Form::unknown(unknown)).collect();
    Clause {
        origin: Origin::Definition(unknown),
        rows: excess.iter().cloned().map(Row::at_most_zero).collect(),
        choice: excess.into_iter().map(Row::zero).collect(),
    }
}

fn requirement(random: &mut impl Rng, origin: Origin, known: u32) -> Clause {
    let mut some = |count: std::ops::RangeInclusive<usize>| -> Vec<Form> {
        (0..random.random_range(count)).map(|_| form(random, known)).collect()
    };
    let (single, several, others) = (some(1..=1), some(2..=3), some(2..=2));
    let bounds = |forms: &[Form]| forms.iter().cloned().map(Row::at_most_zero).collect();
    let (rows, choice) = match random.random_range(0..10) {
        0..=2 => (single.into_iter().map(Row::zero).collect(), Vec::new()),
        3..=5 => (bounds(&single), Vec::new()),
        6..=7 => (bounds(&several), several.into_iter().map(Row::zero).collect()),
        8 => (Vec::new(), several.into_iter().map(Row::zero).collect()),
        _ => (bounds(&single), bounds(&others)),
    };
    Clause { origin, rows, choice }
}

/// A form of at most three of the first `known` unknowns with small coefficients.
pub(crate) fn form(random: &mut impl Rng, known: u32) -> Form {
    let mut form = Form::constant(Exponent::ratio(random.random_range(-2..=2), random.random_range(1..=2)));
    for _ in 0..random.random_range(1..=3) {
        let coefficient = Exponent::ratio(random.random_range(-2..=2), random.random_range(1..=2));
        form.add_scaled(&coefficient, &Form::unknown(Unknown(random.random_range(0..known))));
    }
    form
}

/// One to three stages over the unknowns of a program.
pub(crate) fn stages(random: &mut impl Rng, program: &Program) -> Vec<Stage> {
    let known = u32::try_from(program.unknowns.len()).expect("few");
    let count = random.random_range(1..=3);
    (0..count)
        .map(|_| {
            let mut unknowns: Vec<Unknown> = (0..known).map(Unknown).collect();
            unknowns.shuffle(random);
            unknowns.truncate(random.random_range(1..=3));
            match random.random_range(0..5) {
                0 => Stage::Largest(form(random, known)),
                3 => Stage::LargestOf((0..2).map(|_| form(random, known)).collect()),
                1 => Stage::FewestNonZero(unknowns),
                4 => {
                    let mut wanted =
                        |_| Exponent::ratio(random.random_range(-2..=2), random.random_range(1..=2));
                    Stage::Nearest(
                        unknowns.iter().copied().map(|unknown| (unknown, wanted(unknown))).collect(),
                    )
                }
                _ => Stage::SmallestAbsolute(unknowns),
            }
        })
        .collect()
}

/// The same program with its clauses, rows and alternatives in another order and each row scaled.
pub(crate) fn disguised(random: &mut impl Rng, program: &Program) -> Program {
    let mut disguised = program.clone();
    disguised.clauses.shuffle(random);
    for clause in &mut disguised.clauses {
        clause.rows.shuffle(random);
        clause.choice.shuffle(random);
        for row in clause.rows.iter_mut().chain(&mut clause.choice) {
            row.form =
                row.form.scaled(&Exponent::ratio(random.random_range(1..=3), random.random_range(1..=3)));
        }
    }
    disguised
}

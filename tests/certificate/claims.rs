//! Claims with one thing wrong in them: each is rejected, and the reason names it.

use fscale::exact::{
    self, CertificateError, Claim, Clause, Exponent, Form, Origin, Program, Refutation, RequirementId, Row,
    RowId, Side, Status, Unknown, UnknownInfo, UnknownKind,
};
use fscale::solve::{self, Preference};

const ONE: Exponent = Exponent::ONE;

fn form(terms: &[(i64, u32)], constant: Exponent) -> Form {
    let mut form = Form::constant(constant);
    for (coefficient, unknown) in terms {
        form.add_scaled(&Exponent::integer(*coefficient), &Form::unknown(Unknown(*unknown)));
    }
    form
}

fn requirement(index: usize, rows: Vec<Row>, choice: Vec<Row>) -> Clause {
    Clause { origin: Origin::Requirement(RequirementId(index)), rows, choice }
}

/// A hidden layer of width n in small: `forward = init + 1/2 = 0`, `backward = max(init, -1/2)`, and of the update
/// `max(lr + 1 + backward, lr)`, exactly zero. The solution is `init = -1/2`, `lr = -1/2`.
fn layer() -> Program {
    let info = |name: &str, kind| UnknownInfo { name: name.into(), kind };
    let (init, lr, backward) = (0, 1, 2);
    let terms =
        [form(&[(1, init), (-1, backward)], Exponent::ZERO), form(&[(-1, backward)], -Exponent::HALF)];
    let updates = [form(&[(1, lr), (1, backward)], ONE), form(&[(1, lr)], Exponent::ZERO)];
    Program {
        unknowns: vec![
            info("init(W)", UnknownKind::Init),
            info("lr(W)", UnknownKind::LearningRate),
            info("backward(h)", UnknownKind::Maximum),
        ],
        clauses: vec![
            Clause {
                origin: Origin::Definition(Unknown(backward)),
                rows: terms.iter().cloned().map(Row::at_most_zero).collect(),
                choice: terms.into_iter().map(Row::zero).collect(),
            },
            requirement(0, vec![Row::zero(form(&[(1, init)], Exponent::HALF))], Vec::new()),
            requirement(
                1,
                updates.iter().cloned().map(Row::at_most_zero).collect(),
                updates.into_iter().map(Row::zero).collect(),
            ),
        ],
    }
}

/// `u <= 0`, and `u = 1` or `u = 2`: impossible, in each branch for a reason of its own.
fn torn() -> Program {
    let unknowns = vec![UnknownInfo { name: "u".into(), kind: UnknownKind::Init }];
    let alternatives = [1, 2].map(|value| Row::zero(form(&[(1, 0)], Exponent::integer(-value))));
    let bound = Row::at_most_zero(form(&[(1, 0)], Exponent::ZERO));
    let clauses =
        vec![requirement(0, vec![bound], Vec::new()), requirement(1, Vec::new(), alternatives.into())];
    Program { unknowns, clauses }
}

fn claim(program: &Program) -> Claim {
    solve::solve(program, &Preference::default()).expect("a small program")
}

fn row(clause: usize, row: usize) -> RowId {
    RowId::Row { clause, row }
}

fn choice(clause: usize, alternative: usize) -> RowId {
    RowId::Choice { clause, alternative }
}

fn refusal(program: &Program, claim: Claim) -> CertificateError {
    exact::check(program, claim).expect_err("a corrupted claim")
}

#[test]
fn true_claims_are_certified_with_what_they_say() {
    let certified = exact::check(&layer(), claim(&layer())).expect("a true claim");
    let values = [-Exponent::HALF, -Exponent::HALF, -Exponent::HALF];
    assert_eq!((certified.status(), certified.point()), (Status::Unique, Some(values.as_slice())));
    assert_eq!(certified.claim(), &claim(&layer()));

    let certified = exact::check(&torn(), claim(&torn())).expect("a true claim");
    assert_eq!((certified.status(), certified.point()), (Status::Infeasible, None));
}

#[test]
fn a_wrong_point_or_choice_is_rejected() {
    let Claim::Feasible { point, choices, unique } = claim(&layer()) else { panic!("infeasible") };
    let with = |point: &[Exponent], choices: &[Option<usize>]| {
        let (point, choices) = (point.to_vec(), choices.to_vec());
        refusal(&layer(), Claim::Feasible { point, choices, unique: unique.clone() })
    };
    let moved = |unknown: usize, by: i64| {
        let mut moved = point.clone();
        moved[unknown] += &Exponent::integer(by);
        moved
    };
    assert_eq!(choices, [Some(0), None, Some(0)]);
    let cases = [
        (with(&point[..2], &choices), CertificateError::PointLength(2, 3)),
        (with(&[&point[..], &[ONE]].concat(), &choices), CertificateError::PointLength(4, 3)),
        (with(&point, &choices[..2]), CertificateError::ChoicesLength(2, 3)),
        (with(&moved(0, 1), &choices), CertificateError::Violated(row(0, 0))),
        (with(&moved(0, -1), &choices), CertificateError::Violated(choice(0, 0))),
        (with(&moved(1, 1), &choices), CertificateError::Violated(row(2, 0))),
        (with(&moved(1, -1), &choices), CertificateError::Violated(choice(2, 0))),
        (with(&moved(2, 1), &choices), CertificateError::Violated(choice(0, 0))),
        (with(&moved(2, -1), &choices), CertificateError::Violated(row(0, 0))),
        (with(&point, &[None, None, Some(0)]), CertificateError::Choice { clause: 0 }),
        (with(&point, &[Some(2), None, Some(0)]), CertificateError::Choice { clause: 0 }),
        (with(&point, &[Some(0), Some(0), Some(0)]), CertificateError::Choice { clause: 1 }),
        (with(&point, &[Some(0), None, Some(1)]), CertificateError::Violated(choice(2, 1))),
    ];
    for (found, expected) in cases {
        assert_eq!(found, expected);
    }
}

#[test]
fn a_uniqueness_proof_with_a_gap_is_rejected() {
    let Claim::Feasible { point, choices, unique: Some(proof) } = claim(&layer()) else {
        panic!("not unique")
    };
    let with = |proof: Vec<_>| {
        let (point, choices) = (point.clone(), choices.clone());
        refusal(&layer(), Claim::Feasible { point, choices, unique: Some(proof) })
    };
    let sides: Vec<_> = proof.iter().map(|(unknown, side, _)| (unknown.0, *side)).collect();
    assert_eq!(sides, [(0, Side::Below), (0, Side::Above), (1, Side::Below), (1, Side::Above)]);
    for missing in 0..proof.len() {
        let mut proof = proof.clone();
        let (unknown, side, _) = proof.remove(missing);
        // Of an init nothing need be said below: then it may start smaller, and that is another status.
        if layer().unknowns[unknown.0 as usize].kind == UnknownKind::Init && side == Side::Below {
            let (point, choices) = (point.clone(), choices.clone());
            let claim = Claim::Feasible { point, choices, unique: Some(proof) };
            let certified = exact::check(&layer(), claim).expect("a weaker claim");
            assert_eq!(certified.status(), Status::UniqueUpToStarts);
            assert_eq!(certified.smaller_starts(), [unknown]);
            continue;
        }
        assert_eq!(with(proof), CertificateError::Uniqueness);
    }
    let mut doubled = proof.clone();
    doubled.push(proof[3].clone());
    assert_eq!(with(doubled), CertificateError::Uniqueness);
    let mut exchanged = proof.clone();
    exchanged.swap(0, 2);
    assert_eq!(with(exchanged), CertificateError::Uniqueness);
    for position in 0..proof.len() {
        // The refutation of one side proves nothing of the other.
        let mut crossed = proof.clone();
        crossed[position].2 = proof[position ^ 1].2.clone();
        assert!(!matches!(with(crossed), CertificateError::Uniqueness));
    }
}

#[test]
fn a_uniqueness_proof_for_another_value_is_rejected() {
    // `u <= 0` and `-1 <= u`: zero is a solution, not the only one.
    let unknowns = vec![UnknownInfo { name: "u".into(), kind: UnknownKind::Init }];
    let rows =
        vec![Row::at_most_zero(form(&[(1, 0)], Exponent::ZERO)), Row::at_most_zero(form(&[(-1, 0)], -ONE))];
    let program = Program { unknowns, clauses: vec![requirement(0, rows, Vec::new())] };
    let above = Refutation::Farkas(vec![(row(0, 0), ONE), (RowId::Assumed, ONE)]);
    let below = Refutation::Farkas(vec![(row(0, 1), ONE), (RowId::Assumed, ONE)]);
    let unique = Some(vec![(Unknown(0), Side::Below, below), (Unknown(0), Side::Above, above)]);
    let claim = Claim::Feasible { point: vec![Exponent::ZERO], choices: vec![None], unique };
    assert_eq!(refusal(&program, claim), CertificateError::NoContradiction(-ONE));
}

#[test]
fn a_refutation_that_does_not_add_up_is_rejected() {
    let farkas = |rows: &[(RowId, i64)]| {
        let rows = rows.iter().map(|(row, multiplier)| (*row, Exponent::integer(*multiplier)));
        Refutation::Farkas(rows.collect())
    };
    let split = |branches: &[&Refutation]| Refutation::Split {
        clause: 1,
        branches: branches.iter().map(|branch| (*branch).clone()).collect(),
    };
    let (first, second) =
        (farkas(&[(row(0, 0), 1), (choice(1, 0), -1)]), farkas(&[(row(0, 0), 1), (choice(1, 1), -1)]));
    let truth = split(&[&first, &second]);
    assert_eq!(claim(&torn()), Claim::Infeasible(truth.clone()));
    let elsewhere = Refutation::Split { clause: 0, branches: vec![first.clone(), second.clone()] };
    let nowhere = Refutation::Split { clause: 9, branches: Vec::new() };
    let after = |branch: Refutation| split(&[&first, &branch]);
    let cases = [
        (split(&[&first]), CertificateError::Split { clause: 1 }),
        (split(&[&first, &second, &second]), CertificateError::Split { clause: 1 }),
        (split(&[]), CertificateError::Split { clause: 1 }),
        (elsewhere, CertificateError::Split { clause: 0 }),
        (nowhere, CertificateError::Split { clause: 9 }),
        (split(&[&second, &first]), CertificateError::Row(choice(1, 1))),
        (first.clone(), CertificateError::Row(choice(1, 0))),
        (split(&[&first, &first]), CertificateError::Row(choice(1, 0))),
        (farkas(&[]), CertificateError::NoContradiction(Exponent::ZERO)),
        (farkas(&[(row(0, 1), 1)]), CertificateError::Row(row(0, 1))),
        (farkas(&[(row(7, 0), 1)]), CertificateError::Row(row(7, 0))),
        (farkas(&[(RowId::Assumed, 1)]), CertificateError::Row(RowId::Assumed)),
        (after(farkas(&[(row(0, 0), -1), (choice(1, 1), 1)])), CertificateError::Sign(row(0, 0))),
        (after(farkas(&[(row(0, 0), 1)])), CertificateError::NotConstant(form(&[(1, 0)], Exponent::ZERO))),
        (
            after(farkas(&[(row(0, 0), 2), (choice(1, 1), -1)])),
            CertificateError::NotConstant(form(&[(1, 0)], Exponent::integer(2))),
        ),
        (
            after(farkas(&[(row(0, 0), 0), (choice(1, 1), 0)])),
            CertificateError::NoContradiction(Exponent::ZERO),
        ),
    ];
    for (corrupted, expected) in cases {
        assert_eq!(refusal(&torn(), Claim::Infeasible(corrupted)), expected);
    }
}

#[test]
fn every_multiplier_of_a_proof_matters() {
    let Claim::Feasible { point, choices, unique: Some(proof) } = claim(&layer()) else {
        panic!("not unique")
    };
    for position in 0..proof.len() {
        for leaf in 0..leaves(&mut proof[position].2.clone()).len() {
            let count = leaves(&mut proof[position].2.clone())[leaf].len();
            for multiplier in 0..count {
                let mut corrupted = proof.clone();
                leaves(&mut corrupted[position].2)[leaf][multiplier].1 += &Exponent::ratio(1, 7);
                let claim = Claim::Feasible {
                    point: point.clone(),
                    choices: choices.clone(),
                    unique: Some(corrupted),
                };
                let found = refusal(&layer(), claim);
                assert!(matches!(found, CertificateError::NotConstant(_)), "{found}");
            }
        }
    }
}

/// The Farkas combinations of a refutation, from left to right.
fn leaves(refutation: &mut Refutation) -> Vec<&mut Vec<(RowId, Exponent)>> {
    match refutation {
        Refutation::Farkas(combination) => vec![combination],
        Refutation::Split { branches, .. } => branches.iter_mut().flat_map(leaves).collect(),
    }
}

#[test]
fn refusals_are_said_in_words() {
    let cases = [
        (CertificateError::Violated(row(3, 1)), "row 1 of clause 3 does not hold at the point"),
        (
            CertificateError::Sign(RowId::Assumed),
            "the assumed row has a negative multiplier, but is no equality",
        ),
        (CertificateError::Row(choice(2, 0)), "alternative 0 of clause 2 cannot be used here"),
        (
            CertificateError::NotConstant(form(&[(1, 0)], -ONE)),
            "the rows add up to `u0 - 1`, not to a constant",
        ),
    ];
    for (error, text) in cases {
        assert_eq!(error.to_string(), text);
    }
}

//! Programs small enough to solve by hand.

use fscale::exact::{
    Change, Clause, Exponent, Form, Origin, Program, RequirementId, Row, Status, Unknown, UnknownInfo,
    UnknownKind,
};
use fscale::solve::{self, Depth, Effort, Extent, MOST_STEPS, Preference, Stage};

use crate::solved;

const NAMES: [&str; 6] = ["init(W_1)", "init(W_2)", "init(W_3)", "lr(W_1)", "lr(W_2)", "lr(W_3)"];

/// The form `constant + sum of coefficient * unknown`.
fn form(constant: Exponent, terms: &[(i64, &str)]) -> Form {
    let mut form = Form::constant(constant);
    for (coefficient, name) in terms {
        let unknown = (0..).zip(NAMES).find(|(_, known)| known == name).map(|(index, _)| Unknown(index));
        form.add_scaled(&Exponent::integer(*coefficient), &Form::unknown(unknown.expect("a name")));
    }
    form
}

/// Three layers of width n (input and output of fixed width) under SGD, each weight moving its own output, and the
/// second one the network's.
fn three_layers() -> Program {
    let kind =
        |name: &str| if name.starts_with("lr") { UnknownKind::LearningRate } else { UnknownKind::Init };
    let (zero, half, one) = (Exponent::ZERO, Exponent::HALF, Exponent::ONE);
    let rows = [
        Row::zero(form(zero.clone(), &[(1, "init(W_1)")])),
        Row::zero(form(half.clone(), &[(1, "init(W_2)")])),
        Row::at_most_zero(form(half.clone(), &[(1, "init(W_3)")])),
        Row::zero(form(half.clone(), &[(1, "lr(W_1)"), (1, "init(W_3)"), (1, "init(W_2)")])),
        Row::zero(form(one.clone(), &[(1, "lr(W_2)"), (2, "init(W_1)"), (1, "init(W_3)")])),
        Row::zero(form(&one + &one, &[(1, "lr(W_3)"), (2, "init(W_2)")])),
        Row::zero(form(&one + &one, &[(1, "lr(W_2)"), (2, "init(W_1)"), (2, "init(W_3)")])),
    ];
    let clauses = rows.into_iter().enumerate().map(|(index, row)| Clause {
        origin: Origin::Requirement(RequirementId(index)),
        rows: vec![row],
        choice: Vec::new(),
    });
    Program {
        unknowns: NAMES.map(|name| UnknownInfo { name: name.into(), kind: kind(name) }).into(),
        clauses: clauses.collect(),
    }
}

#[test]
fn maximal_updates_give_the_maximal_update_parameterization() {
    let certified = solved(&three_layers(), &Preference::default());
    let (half, one) = (Exponent::HALF, Exponent::ONE);
    let expected = [Exponent::ZERO, -half, -&one, one.clone(), Exponent::ZERO, -one];
    assert_eq!((certified.status(), certified.point()), (Status::Unique, Some(expected.as_slice())));
}

#[test]
fn fan_in_initialization_of_the_output_contradicts_maximal_updates() {
    let mut program = three_layers();
    program.clauses.push(Clause {
        origin: Origin::Requirement(RequirementId(7)),
        rows: vec![Row::zero(form(Exponent::HALF, &[(1, "init(W_3)")]))],
        choice: Vec::new(),
    });
    let conflict = solve::conflict(&program, &[]).expect("within the limit").expect("no solution");
    assert_eq!(conflict.requirements, [4, 6, 7].map(RequirementId));

    let every: Vec<RequirementId> = (0..8).map(RequirementId).collect();
    let relaxations =
        solve::relaxations(&program, &every, &[], Depth::Fewest(2), &Effort::on(&program, MOST_STEPS))
            .expect("within the limit");
    let (bounded, dropped) = (Change::Bounded, Change::Dropped);
    let single = [(4, bounded), (7, bounded), (6, dropped)];
    assert_eq!(relaxations.found, single.map(|(id, change)| vec![(RequirementId(id), change)]));
    assert_eq!(relaxations.extent, Extent::Everything);
    let bounded = solved(&solve::changed(&program, &relaxations.found[1]), &Preference::default());
    assert_eq!(bounded.status(), Status::Unique);
}

#[test]
fn a_preference_decides_what_the_program_leaves_open() {
    let unknowns = ["a", "b"].map(|name| UnknownInfo { name: name.into(), kind: UnknownKind::Multiplier });
    let (a, b) = (Unknown(0), Unknown(1));
    let sum = (&Form::unknown(a) + &Form::unknown(b)).plus(&-Exponent::ONE);
    let origin = Origin::Requirement(RequirementId(0));
    let clauses = vec![Clause { origin, rows: vec![Row::zero(sum)], choice: Vec::new() }];
    let program = Program { unknowns: unknowns.into(), clauses };
    let (zero, half, one) = (Exponent::ZERO, Exponent::ratio(1, 2), Exponent::ONE);
    let cases = [
        (vec![], [&zero, &one]),
        (vec![Stage::FewestNonZero(vec![a, b])], [&one, &zero]),
        (vec![Stage::FewestNonZero(vec![b, a])], [&zero, &one]),
        (vec![Stage::Largest(-&Form::unknown(b)), Stage::SmallestAbsolute(vec![b])], [&one, &zero]),
        (vec![Stage::SmallestAbsolute(vec![a, b])], [&zero, &one]),
        (
            vec![
                Stage::Nearest(vec![(a, half.clone()), (b, half.clone())]),
                Stage::Largest(Form::unknown(b)),
            ],
            [&half, &half],
        ),
    ];
    for (stages, expected) in cases {
        let certified = solved(&program, &Preference { stages: stages.clone() });
        let point: Vec<_> = certified.point().expect("a solution").iter().collect();
        assert_eq!(point, expected, "{stages:?}");
    }
}

//! Proofs as `explain` prints them.

use std::collections::BTreeSet;

use super::fscale;

/// The lines of the proof that an answer prints.
fn proof(arguments: &[&str]) -> Vec<String> {
    let outcome = fscale(arguments);
    assert_eq!((outcome.status, outcome.stderr.as_str()), (1, ""), "{arguments:?}");
    let lines = outcome.stdout.lines().skip_while(|line| *line != "Proof").skip(1);
    lines.take_while(|line| !line.is_empty()).map(str::to_owned).collect()
}

#[test]
fn a_proof_by_cases_adds_up_in_every_case() {
    let lines =
        proof(&["explain", "mlp", "--scale", "d_out", "--optimizer", "adam", "--desiderata", "fsc-total"]);
    assert_eq!(lines[0], "  S on z4 holds only if one of the terms attains it:");
    let cases: Vec<&[String]> = lines[1..].chunk_by(|_, next| !next.starts_with("    in case")).collect();
    assert_eq!(cases.len(), 7, "{lines:?}");
    for case in &cases {
        assert!(case[0].starts_with("    in case ") && case[0].ends_with(" = 0:"), "{case:?}");
        let end = case.last().unwrap();
        assert!(end.ends_with("|d_out| <= 0, but |d_out| = 1: d_out grows like n"), "{case:?}");
    }
    insta::assert_snapshot!(cases[0].join("\n"), @r"
        in case init(W_2) + init(W_3) + init(W_4) + lr(W_1) = 0:
          +  max backward(out)  -backward(out) <= 0
          +  C on W_1           init(W_2) + init(W_3) + init(W_4) + lr(W_1) + backward(out) + 1/2 |d_out| = 0
          -  S on z4            init(W_2) + init(W_3) + init(W_4) + lr(W_1) = 0
          =  1/2 |d_out| <= 0, but |d_out| = 1: d_out grows like n
    ");
}

/// What is said to be in all conflicts is what all that are listed have in common.
#[test]
fn which_requirements_every_conflict_has_is_what_their_list_says() {
    let questions = [
        ("resmlp --scale d_out --optimizer sgd", "in all of them is C on W_out"),
        ("mlp --scale d_out --optimizer adam", "none of these requirements is in all of them"),
        ("transformer --scale d_v --optimizer adam", "in all of them is U on W_V"),
    ];
    for (question, says) in questions {
        let arguments: Vec<&str> = ["derive"].into_iter().chain(question.split(' ')).collect();
        let told = fscale(&arguments).stdout;
        assert!(told.contains(&format!("this is one conflict of several: {says}\n")), "{told}");
        let all = ["explain"].into_iter().chain(question.split(' '));
        let all: Vec<&str> = all.chain("--all --limit 5000 --format json".split(' ')).collect();
        let explained: serde_json::Value = serde_json::from_str(&fscale(&all).stdout).unwrap();
        assert_eq!(explained["only"], false);
        let conflicts = explained["contradictions"]["conflicts"].as_array().unwrap().iter();
        let names = |conflict: &serde_json::Value| -> BTreeSet<String> {
            let requirements = conflict.as_array().unwrap().iter();
            let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
            requirements.map(|held| format!("{} on {}", text(&held["label"]), text(&held["on"]))).collect()
        };
        let common = conflicts.map(names).reduce(|one, other| &one & &other).unwrap();
        let common: Vec<String> = common.into_iter().collect();
        assert_eq!(
            says.strip_prefix("in all of them is ").into_iter().collect::<Vec<_>>(),
            common,
            "{question}"
        );
    }
}

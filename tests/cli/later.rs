//! `--at later` of `derive`, `judge` and `predict`, and `predict --steps`: what they refuse, how they end, how they look.

use std::fs;

use serde_json::json;

use super::{Outcome, answer, fscale};

/// A command as it is typed.
fn run(command: &str) -> Outcome {
    fscale(&command.split_whitespace().collect::<Vec<_>>())
}

/// What a command says as one line.
fn said(outcome: &Outcome) -> String {
    outcome.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn options_of_the_first_step_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let proof = folder.path().join("proof.json");
    let certificate = format!("--certificate {}", proof.display());
    let derive = [
        "--nearest",
        "--gauge no-multipliers",
        "--given standard",
        "--prefer mup",
        "--alignment full",
        certificate.as_str(),
    ];
    let mut cases: Vec<(&str, &str)> = derive.iter().map(|option| ("derive", *option)).collect();
    cases.extend([
        ("judge --hp standard", "--alignment full"),
        ("predict --hp standard", "--alignment full"),
        ("predict --hp standard", "--at-sizes d_ff=64..4096"),
    ]);
    for (command, option) in cases {
        let outcome = run(&format!("{command} --scale d_ff --optimizer adam --at later {option}"));
        assert_eq!((outcome.status, outcome.stdout.as_str()), (2, ""), "{command} {option}");
        let named = option.split(' ').next().unwrap();
        let expected = format!(
            "error[at]: `{named}` is about the first step only\n  = hint: leave out `{named}` or `--at later`\n"
        );
        assert_eq!(outcome.stderr, expected, "{command} {option}");
    }
    assert!(!proof.exists());
}

#[test]
fn each_of_several_steps_is_not_told_of_an_alignment_or_of_sizes() {
    for option in ["--alignment full", "--at-sizes d_ff=64..4096"] {
        let outcome = run(&format!("predict --hp standard --scale d_ff --steps 2 {option}"));
        let name = option.split(' ').next().unwrap();
        assert_eq!(outcome.status, 2, "{option}");
        assert!(outcome.stderr.contains("--steps") && outcome.stderr.contains(name), "{}", outcome.stderr);
    }
    for count in ["0", "9"] {
        let outcome = run(&format!("predict --hp standard --scale d_ff --steps {count}"));
        assert_eq!(outcome.status, 2, "{count}");
        assert!(outcome.stderr.contains("1..=8"), "{}", outcome.stderr);
    }
}

#[test]
fn what_is_not_known_of_later_steps_is_refused_with_what_to_write() {
    let tie = "tie the dimensions, like `d_model=n,heads=n^1/2`";
    let apart = "one scale variable is wanted here, not n and m";
    let depth = "what later steps do as the layers of `depth` become more is not known";
    let first = "ask of the first step, with `--at first`, or let `depth` stay as it is";
    let large = "what is called large without growing is told of the first step only";
    let cases = [
        ("derive --scale d_k=n,d_ff=m --at later", apart, tie),
        ("judge --hp standard --scale d_k=n,d_ff=m --at later", apart, tie),
        ("predict --hp standard --scale d_k=n,d_ff=m --at later", apart, tie),
        ("predict --hp standard --scale d_k=n,d_ff=m --steps 2", apart, tie),
        ("derive deep-mlp --scale depth --at later", depth, first),
        ("judge deep-mlp --hp standard --scale depth --at later", depth, first),
        ("predict deep-mlp --hp standard --scale depth --at later", depth, first),
        ("predict deep-mlp --hp standard --scale depth --steps 2", depth, first),
        ("derive --scale d_model=n,heads=large --at later", large, "let it grow, or leave out `--at later`"),
    ];
    for (command, wrong, hint) in cases {
        let outcome = run(command);
        assert_eq!((outcome.status, outcome.stdout.as_str()), (2, ""), "{command}");
        let first = outcome.stderr.split_once("]: ").unwrap().1;
        assert_eq!(first, format!("{wrong}\n  = hint: {hint}\n"), "{command}");
    }
}

#[test]
fn the_exit_status_is_the_answer() {
    let cases = [
        ("derive --scale d_v --optimizer adam --at later", 0, "the only solution up to smaller starts"),
        ("derive --scale d_out --at later", 1, "no table was found"),
        (
            "judge --hp derived --scale d_ff --optimizer adam --at later",
            0,
            "requirements hold at each of 3 steps",
        ),
        ("judge --hp standard --scale d_ff --at later", 1, "requirements fail within 3 steps"),
        ("predict mlp --hp standard --scale width --at later", 0, "not settled after 5 steps"),
        (
            "predict --hp derived --scale d_ff --steps 2",
            0,
            "settled after 1 step: one step more changes nothing",
        ),
        (
            "predict --hp standard --scale d_k --optimizer adam --at later",
            1,
            "exponents end after 1 step: `p`",
        ),
        (
            "judge --hp standard --scale d_k --optimizer adam --at later",
            1,
            "2 of 49 requirements fail until then",
        ),
    ];
    for (command, status, says) in cases {
        let outcome = run(command);
        assert_eq!((outcome.status, outcome.stderr.as_str()), (status, ""), "{command}");
        assert!(said(&outcome).contains(says), "{command}: {}", outcome.stdout);
    }
}

#[test]
fn a_size_that_cannot_grow_at_first_has_a_table_later() {
    let asked = ["derive", "--scale", "d_v", "--optimizer", "adam"];
    assert_eq!(answer(&asked)["status"], "infeasible");
    let told = answer(&[&asked[..], &["--at", "later"]].concat());
    let keys = ["status", "at", "unique", "steps", "settled"].map(|key| told[key].clone());
    assert_eq!(json!(keys), json!(["feasible", "later", true, 3, 1]));
    let moved = |key: &str| {
        let rows = told["parameters"].as_object().unwrap().iter();
        let rows =
            rows.filter(|(_, row)| row[key] != "0").map(|(name, row)| (name.clone(), row[key].clone()));
        serde_json::Value::Object(rows.collect())
    };
    assert_eq!(moved("init"), json!({ "W_O": "-1" }));
    assert_eq!(moved("lr"), json!({ "W_O": "-1" }));
}

#[test]
fn a_table_that_holds_at_the_first_step_only_says_so_in_its_first_lines() {
    let heads = |command: &str| {
        let outcome = run(command);
        assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""), "{command}");
        outcome.stdout.split("parameter ").next().unwrap().to_owned()
    };
    let llama = "llama --scale d_model=n,queries=n,d_ff=n --optimizer adam --desiderata mup";
    insta::assert_snapshot!(heads(&format!("derive {llama}")), @r"
    Llama: `d_model=n,queries=n,d_ff=n` with adam, mup
    one of several solutions, chosen by the largest forward magnitudes, node after node, then the
    largest updates, then the fewest multipliers, then the smallest exponents

    this holds for the first step only: `forward(ys)` is n^1/2 too large after 1 step; `--at later`
    derives what holds at every step

    ");
    for command in ["derive --scale d_k --optimizer adam", &format!("derive {llama} --at later")] {
        assert!(!heads(command).contains("first step only"), "{command}");
    }
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("first.toml");
    fs::write(&table, run(&format!("derive {llama} --format toml")).stdout).unwrap();
    let (network, asked) = llama.split_once(" --scale").unwrap();
    let asked = asked.replace(" --optimizer adam", "");
    let judged = run(&format!("judge {network} --hp {} --at later --scale{asked}", table.display()));
    assert_eq!(judged.status, 1);
    assert!(judged.stdout.contains("forward(ys)"), "{}", judged.stdout);
    // The change that mends the first step is not one that lasts.
    let plain = "tests/answers/cases/fixed-kv-heads.toml";
    let mended = said(&run(&format!("judge {network} --hp {plain} --scale{asked}")));
    let says = "what holds after this change does so for the first step only: `forward(ys)` is n^1/2 too large after 1 step";
    assert!(mended.contains(says), "{mended}");
}

#[test]
fn every_format_tells_the_answer() {
    let table = "derive --scale d_v --optimizer adam --at later";
    let none = "derive --scale d_out --at later";
    let judged = "judge --hp standard --scale d_ff --at later";
    let stays = "predict --hp standard --scale d_k --at later";
    let each = "predict --hp standard --scale d_k --steps 2";
    let cases = [
        (table, "text", "W_O        n^-1  n^-1           1"),
        (table, "markdown", "| `W_O` | n<sup>-1</sup> | n<sup>-1</sup> | 1 |"),
        (table, "latex", r"\texttt{W\_O} & $n^{-1}$ & $n^{-1}$ & $1$ \\"),
        (table, "csv", "W_O,weight,-1,-1,,0,\r\n"),
        (table, "json", r#""status": "feasible""#),
        (none, "text", "note: that is no proof that there is none"),
        (none, "markdown", "note: that is no proof that there is none"),
        (none, "latex", "note: that is no proof that there is none"),
        (none, "csv", "label,on,requires,steps\r\n"),
        (none, "json", r#""status": "unsettled""#),
        (judged, "text", "S      z    change(z) <= 0                  1  n"),
        (judged, "markdown", r"| S | `z` | change(z) \<= 0 | 1 | n |"),
        (judged, "latex", r"S & \texttt{z} & change(z) \textless{}= 0 & $1$ & $n$ \\"),
        (judged, "csv", "S,z,change(z) <= 0,1,1\r\n"),
        (judged, "json", r#""holds": false"#),
        (stays, "text", "q     backward  n^-1/2"),
        (stays, "markdown", "| `q` | backward | n<sup>-1/2</sup> |"),
        (stays, "latex", r"\texttt{q} & backward & $n^{-1/2}$ \\"),
        (stays, "csv", "backward,q,,1,-1/2\r\n"),
        (stays, "json", r#""settled": 1"#),
        (each, "text", "node  quantity  step 0  step 1  step 2"),
        (each, "markdown", "| node | quantity | step 0 | step 1 | step 2 |"),
        (each, "latex", r"node & quantity & step 0 & step 1 & step 2 \\"),
        (each, "csv", "backward,q,,0,-1/2\r\nbackward,q,,1,-1/2\r\nbackward,q,,2,-1/2\r\n"),
        (each, "json", r#""steps": ["#),
    ];
    for (command, format, shown) in cases {
        let outcome = run(&format!("{command} --format {format}"));
        assert_eq!(outcome.stderr, "", "{command} {format}");
        assert!(outcome.stdout.contains(shown), "{command} {format}: {}", outcome.stdout);
    }
}

#[test]
fn weight_decay_is_said_not_to_be_judged() {
    let scale = "--scale d_model=n,groups=n,d_ff=n --at later";
    let judged = run(&format!("judge llama --hp tests/gauge/weight-decay.toml {scale}"));
    assert_eq!(judged.status, 0);
    let note = "note: weight decay and epsilon are judged of the first step only, without `--at later`";
    assert!(said(&judged).contains(note), "{}", judged.stdout);
    assert!(!said(&run("judge --hp standard --scale d_ff --at later")).contains("weight decay"));
}

#[test]
fn weights_that_start_at_zero_are_told_of_any_number_of_steps() {
    let asked = "derive tests/readme/zero-readout.toml --scale width --optimizer adam";
    let refused = run(asked);
    assert_eq!(refused.status, 2);
    let begins = "error[zero-weight]: what `W_2` makes, `out`, is nothing before the first step";
    assert!(refused.stderr.starts_with(begins), "{}", refused.stderr);
    assert!(
        refused.stderr.contains("hint: ask of any number of steps, with `--at later`"),
        "{}",
        refused.stderr
    );
    let told = run(&format!("{asked} --at later"));
    assert_eq!((told.status, told.stderr.as_str()), (0, ""), "{}", told.stdout);
    assert!(told.stdout.contains("\nW_2        -     n^-1           1\n"), "{}", told.stdout);
    assert!(told.stdout.contains("`W_1` may start smaller"), "{}", told.stdout);
}

#[test]
fn what_nothing_trained_moves_is_not_asked_to_change() {
    let asked = "lora --scale rank --optimizer adam --at later";
    let asked: Vec<&str> = asked.split(' ').collect();
    let judged = answer(&[&["judge", "--hp", "derived"], &asked[..]].concat());
    let requirements = judged["requirements"].as_array().unwrap();
    let of = |node: &str| requirements.iter().any(|asked| asked["label"] == "S" && asked["on"] == node);
    assert_eq!(["x", "n1", "k", "q", "v", "x1"].map(of), [false, false, false, true, true, true]);
    assert_eq!(answer(&[&["derive"], &asked[..]].concat())["status"], "feasible");
}

/// Every dimension and tie at both, the worse of both not hidden.
#[test]
fn dimensions_are_told_at_any_number_of_steps_beside_the_first() {
    let outcome = run("dims --optimizer adam --at later --format csv");
    assert_eq!(outcome.status, 1);
    let row = |name: &str| {
        let mut lines = outcome.stdout.lines();
        lines.find(|line| line.starts_with(&format!("{name},"))).unwrap().to_owned()
    };
    assert!(row("d_v").starts_with("d_v,impossible,scalable,"), "{}", row("d_v"));
    assert!(row("heads").starts_with("heads,scalable,scalable,"));
    assert!(row("d_out").starts_with("d_out,impossible,not settled,"));
    // A stack without a shortcut, several scale variables and what is only large are not told.
    let outcome = run("dims deep-mlp --at later --format csv");
    assert!(outcome.stdout.contains("what later steps do as the layers of `depth` become more is not known"));
    for option in ["--prefer standard", "--alignment full"] {
        let outcome = run(&format!("dims --at later {option}"));
        assert_eq!(outcome.status, 2, "{option}");
    }
}

/// `derived` is what holds for the steps that are asked about.
#[test]
fn what_is_derived_is_derived_of_the_steps_that_are_asked_about() {
    for command in ["predict", "judge"] {
        let asks = format!("{command} --hp derived --scale d_v --optimizer adam");
        let first = run(&asks);
        assert_eq!(first.status, 2, "{command}");
        assert!(first.stderr.contains("nothing is derived: `d_v=n` is impossible with adam, fsc"));
        let later = run(&format!("{asks} --at later"));
        assert_eq!((later.status, later.stderr.as_str()), (0, ""), "{command}");
    }
    let steps = "--steps 2 --values 16,32,64 --seeds 2";
    let measured = run(&format!("measure --scale d_v --optimizer adam --at later {steps}"));
    assert!(measured.status < 2, "{}", measured.stderr);
    assert!(measured.stdout.contains("hyperparameters of fsc at any number of steps"), "{}", measured.stdout);
    let none = run("predict --hp derived --scale d_out --optimizer adam --at later");
    assert_eq!(none.status, 2);
    assert!(none.stderr.contains("nothing is derived: no table was found for `d_out=n` with adam, fsc"));
    assert!(
        none.stderr.contains("fscale derive --scale d_out=n --optimizer adam --desiderata fsc --at later")
    );
    let idle = run("measure --hp standard --scale d_v --at later --steps 2");
    assert!(idle.stderr.contains("`--hp` is about the first step only"), "{}", idle.stderr);
}

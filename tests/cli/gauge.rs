//! Parameterizations compared, judged, and told in another gauge.

use std::fs;

use super::{answer, fscale};

#[test]
fn published_tables_are_the_same_up_to_gauge() {
    let files = ["tests/gauge/table-3-sgd.toml", "tests/gauge/table-8-sgd.toml"];
    let outcome = fscale(&["equiv", files[0], files[1], "--arch", "mlp"]);
    assert_eq!(outcome.status, 0);
    insta::assert_snapshot!(outcome.stdout, @r#"
    MLP with three hidden layers and biases: `tests/gauge/table-3-sgd.toml` and `tests/gauge/table-8-sgd.toml`, each dimension alone, with sgd
    the same parameterization up to gauge: `tests/gauge/table-8-sgd.toml` is
    `tests/gauge/table-3-sgd.toml` times

    parameter  multiplier  init   learning rate
    ---------  ----------  -----  -------------
    W_4        width^-1    width  width^2
    "#);
    let told = answer(&["equiv", files[0], files[1], "--arch", "mlp"]);
    assert_eq!(told["equivalent"], true);
    let traded = serde_json::json!({
        "W_4": {"multiplier": {"width": "-1"}, "init": {"width": "1"}, "lr": {"width": "2"}},
    });
    assert_eq!(told["transformation"], traded);
}

#[test]
fn the_first_difference_is_told() {
    let outcome = fscale(&["equiv", "standard", "mup", "--scale", "d_k", "--optimizer", "sgd"]);
    assert_eq!(outcome.status, 1);
    insta::assert_snapshot!(outcome.stdout, @r#"
    Pre-LN transformer block: `standard` and `mup`, `d_k`, with sgd
    different: the learning rate of `W_Q` relative to its init^2 is n^0 in `standard`, n^1 in `mup`
    "#);
    let told = answer(&["equiv", "standard", "mup", "--scale", "d_k", "--optimizer", "adam"]);
    assert_eq!(told["equivalent"], false);
    let difference = serde_json::json!({
        "quantity": "the init of `W_Q` times the init of `W_K` times the multiplier `attention`",
        "variable": "n", "first": "-1/2", "second": "-1",
    });
    assert_eq!(told["difference"], difference);
}

#[test]
fn files_for_different_optimizers_are_different() {
    let files = ["tests/gauge/table-3-sgd.toml", "tests/gauge/table-3-adam.toml"];
    let outcome = fscale(&["equiv", files[0], files[1], "--arch", "mlp"]);
    assert_eq!(outcome.status, 1);
    assert!(
        outcome.stdout.replace('\n', " ").contains("is for sgd, `tests/gauge/table-3-adam.toml` for adam")
    );
}

#[test]
fn a_built_in_parameterization_is_compared_under_the_optimizer_of_the_file() {
    let outcome =
        fscale(&["equiv", "mup", "tests/gauge/table-9-adam.toml", "--arch", "mlp", "--scale", "width"]);
    assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""), "{}", outcome.stdout);
}

#[test]
fn what_is_wrong_with_either_is_told_at_once() {
    let outcome = fscale(&["equiv", "mupp", "nowhere.toml"]);
    assert_eq!((outcome.status, outcome.stdout.as_str()), (2, ""));
    insta::assert_snapshot!(outcome.stderr, @r#"
    error[unknown-rule]: `mupp` is neither a file nor a built-in parameterization
      = hint: did you mean `mup`?

    error[file]: cannot read `nowhere.toml`: no such file or directory
      = hint: check the path; `fscale list` names what is built in
    "#);
}

#[test]
fn a_derived_table_is_told_in_a_gauge() {
    let outcome = fscale(&["derive", "--scale", "heads", "--optimizer", "adamw", "--gauge", "constant-init"]);
    assert_eq!(outcome.status, 0);
    insta::assert_snapshot!(outcome.stdout, @r#"
    Pre-LN transformer block: `heads=n` with adamw, fsc
    the only solution, told in another gauge

    parameter  multiplier  init  learning rate  weight decay  epsilon
    ---------  ----------  ----  -------------  ------------  -------
    W_E        1           1     1              1             1
    W_Q        1           1     1              1             n^-1
    W_K        1           1     1              1             n^-1
    W_V        1           1     1              1             n^-1
    W_O        n^-1        1     1              1             n^-1
    W_1        1           1     1              1             1
    W_2        1           1     1              1             1
    W_U        1           1     1              1             1

    multiplier  value
    ----------  -----
    attention   1

    note: the multiplier `attention` belongs to no weight: no trade changes it

    note: weight decay keeps its share of one step; over how many steps it acts, its horizon, is not in
    the theory (arXiv:2405.13698)

    note: epsilon is told beside gradients of the first step; that they shrink while training goes on is
    not in the theory
    "#);
    let told = answer(&["derive", "--scale", "heads", "--optimizer", "adamw", "--gauge", "constant-init"]);
    let row = serde_json::json!({
        "init": "0", "lr": "0", "multiplier": "-1", "weight_decay": "0", "epsilon": "-1",
    });
    assert_eq!(told["parameters"]["W_O"], row);
}

#[test]
fn a_judgement_tells_what_fails_and_what_to_change() {
    let outcome = fscale(&["judge", "mlp", "--hp", "standard", "--scale", "width", "--desiderata", "signal"]);
    assert_eq!(outcome.status, 0, "{}", outcome.stdout);
    let outcome = fscale(&["judge", "--hp", "standard", "--scale", "d_k", "--optimizer", "adam"]);
    assert_eq!(outcome.status, 1);
    let told = outcome.stdout.split("label   on").next().unwrap();
    insta::assert_snapshot!(told, @r#"
    Pre-LN transformer block: `standard` under `d_k=n` with adam, fsc
    14 of 50 requirements fail

    label  on   fails                   value  off by
    -----  ---  ----------------------  -----  ------
    S      a    update(a) = 0           n^1/2  n^1/2
    S      o    update(o) = 0           n^1/2  n^1/2
    S      x1   update(x1) = 0          n^1/2  n^1/2
    S      n2   update(n2) = 0          n^1/2  n^1/2
    S      h    update(h) = 0           n^1/2  n^1/2
    S      r    update(r) = 0           n^1/2  n^1/2
    S      x2   update(x2) = 0          n^1/2  n^1/2
    S      n3   update(n3) = 0          n^1/2  n^1/2
    S      out  update(out) = 0         n^1/2  n^1/2
    S      y    update(y) <= 0          n^1/2  n^1/2
    S      z    update(z) <= 0          n^1/2  n^1/2
    S      p    update(p) = forward(p)  n^1/2  n^1/2
    C      W_Q  contribution(W_Q) = 0   n^1/2  n^1/2
    C      W_K  contribution(W_K) = 0   n^1/2  n^1/2

    the smallest change after which all of them hold, 1 hyperparameter:

    change      of         from    to
    ----------  ---------  ------  ----
    multiplier  attention  n^-1/2  n^-1
    "#);
    let told = answer(&["judge", "--hp", "standard", "--scale", "d_k", "--optimizer", "adam"]);
    assert_eq!(told["holds"], false);
    let change = serde_json::json!({
        "init": {}, "lr": {}, "multiplier": {"attention": {"from": "-1/2", "to": "-1"}}, "size": "smallest",
    });
    assert_eq!(told["change"], change);
    let failing = told["requirements"].as_array().unwrap().iter().filter(|held| held["holds"] == false);
    assert!(failing.clone().count() > 0 && failing.clone().all(|held| held["by"].is_string()));
}

#[test]
fn a_change_is_told_of_what_is_stored_beside_a_multiplier() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hp.toml");
    let text = fs::read_to_string("tests/gauge/table-9-sgd.toml").unwrap();
    fs::write(&path, format!("{text}b_4 = {{ width = \"1\" }}\n").replace("[lr]\n", "")).unwrap();
    let told = answer(&["judge", "mlp", "--hp", path.to_str().unwrap(), "--scale", "width"]);
    // The bias is multiplied by n: it must start smaller, and its learning rate falls by n^2.
    let change = serde_json::json!({
        "init": {"b_4": {"from": "0", "to": "-1"}}, "lr": {"b_4": {"from": "0", "to": "-2"}}, "multiplier": {},
        "size": "smallest",
    });
    assert_eq!(told["change"], change);
    let mended = text.replace(
        "[multiplier]\n",
        "b_4 = { width = \"-1\" }\n[lr]\nb_4 = { width = \"-2\" }\n[multiplier]\nb_4 = { width = \"1\" }\n",
    );
    fs::write(&path, mended).unwrap();
    assert_eq!(fscale(&["judge", "mlp", "--hp", path.to_str().unwrap(), "--scale", "width"]).status, 0);
}

#[test]
fn no_change_mends_what_is_impossible() {
    let told = answer(&["judge", "--hp", "standard", "--scale", "d_out"]);
    assert_eq!(told["change"], serde_json::Value::Null);
    let labels: Vec<&str> =
        told["conflict"].as_array().unwrap().iter().filter_map(|id| id["label"].as_str()).collect();
    assert_eq!(labels, ["U", "C"]);
}

#[test]
fn every_format_tells_every_answer() {
    let asked: [&[&str]; 5] = [
        &["equiv", "mup", "mean-field", "--arch", "mlp"],
        &["equiv", "standard", "mup", "--scale", "d_k"],
        &["derive", "--scale", "d_k", "--gauge", "no-multipliers"],
        &["judge", "--hp", "standard", "--scale", "d_k"],
        &["judge", "--hp", "standard", "--scale", "d_out"],
    ];
    for arguments in asked {
        for format in ["text", "markdown", "latex", "csv", "json"] {
            let outcome = fscale(&[arguments, &["--format", format]].concat());
            assert_eq!(outcome.stderr, "", "{arguments:?} {format}");
            assert!(outcome.stdout.ends_with('\n') && outcome.stdout.len() > 20, "{arguments:?} {format}");
            if format == "csv" {
                let commas =
                    |line: &str| line.split('"').step_by(2).map(|part| part.matches(',').count()).sum();
                let counts: Vec<usize> = outcome.stdout.split_terminator("\r\n").map(commas).collect();
                assert!(counts.windows(2).all(|pair| pair[0] == pair[1]), "{}", outcome.stdout);
            }
            if format == "latex" {
                let bare = outcome.stdout.replace("\\_", "");
                assert!(
                    !bare.contains('_') && !bare.replace("\\^{}", "").contains("`"),
                    "{}",
                    outcome.stdout
                );
            }
        }
    }
}

#[test]
fn exponents_that_depend_on_which_variable_is_larger_are_refused() {
    let outcome = fscale(&["predict", "--hp", "mup", "--scale", "d_model=n,heads=m"]);
    assert_eq!((outcome.status, outcome.stdout.as_str()), (2, ""));
    insta::assert_snapshot!(outcome.stderr, @r#"
    error[apart]: the exponents of `mup` depend on which of n and m is larger
      = hint: tie the dimensions, or write the exponents into a hyperparameter file
    "#);
    let outcome = fscale(&["predict", "--hp", "mup", "--scale", "d_model=n,heads=n,d_ff=n,d_k=m"]);
    assert_eq!(outcome.status, 0, "{}", outcome.stderr);
}

#[test]
fn two_rules_of_one_name_are_told_apart_by_their_kind() {
    let outcome = fscale(&["rule", "mup", "--source"]);
    assert_eq!(outcome.status, 2);
    insta::assert_snapshot!(outcome.stderr, @r#"
    error[ambiguous-rule]: `mup` is the name of 2 rules
      = hint: write `desiderata/mup` or `parameterizations/mup`
    "#);
    let outcome = fscale(&["rule", "parameterizations/mup", "--source"]);
    assert_eq!(outcome.stdout, fs::read_to_string("rules/parameterizations/mup.toml").unwrap());
}

#[test]
fn a_prediction_says_that_multipliers_of_weights_are_folded() {
    let with = answer(&["predict", "mlp", "--hp", "tests/gauge/table-8-sgd.toml", "--scale", "width"]);
    let without = answer(&["predict", "mlp", "--hp", "tests/gauge/table-3-sgd.toml", "--scale", "width"]);
    assert_eq!(with["nodes"], without["nodes"]);
    assert_eq!(with["parameters"], without["parameters"]);
    assert_eq!(with["notes"].as_array().unwrap().len(), without["notes"].as_array().unwrap().len() + 1);
}

#[test]
fn the_kind_of_a_parameterization_is_told_though_it_has_multipliers() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ntk.toml");
    fs::copy("rules/parameterizations/ntk.toml", &path).unwrap();
    let outcome = fscale(&["check", path.to_str().unwrap()]);
    assert!(outcome.stdout.replace('\n', " ").contains("a parameterization"), "{}", outcome.stdout);
}

#[test]
fn every_command_that_derives_takes_a_preference() {
    let stable = ["mlp", "--optimizer", "adam", "--desiderata", "stable"];
    let asked = |command: &str, further: &[&str]| {
        let outcome = fscale(&[&[command], &stable[..], further].concat());
        // Slopes between two small sizes need not agree.
        let status = if command == "measure" { 1 } else { 0 };
        assert_eq!((outcome.status, outcome.stderr.as_str()), (status, ""), "{command}");
        outcome.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let width = ["--scale", "width", "--prefer"];
    for (preference, readout) in [("standard", "W_4 n^-1/2 n^-1"), ("mup", "W_4 n^-1 n^-1")] {
        for command in ["derive", "explain"] {
            let told = asked(command, &[&width[..], &[preference]].concat());
            assert!(told.contains(readout), "{command} {preference}: {told}");
        }
    }
    assert!(asked("dims", &["--prefer", "mup"]).contains("W_4 ~ n^-1; lr W_2, W_3, W_4 ~ n^-1"));
    let sizes = ["mup", "--values", "64,128", "--seeds", "1"];
    let measured = asked("measure", &[&width[..], &sizes].concat());
    assert!(measured.contains("hyperparameters of stable, mup preferred"), "{measured}");
    let refused = fscale(&["measure", "mlp", "--hp", "standard", "--scale", "width", "--prefer", "mup"]);
    assert_eq!(refused.status, 2);
    assert_eq!(
        refused.stderr,
        "error[usage]: `--prefer` chooses among derived tables, and `--hp standard` is none\n  = hint: leave it out, or write \
         `--hp derived`\n"
    );
}

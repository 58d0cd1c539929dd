//! Hyperparameter files: read, judged, compared, and written by `derive`.

use std::fs;

use super::{answer, fscale};
use tempfile::TempDir;

/// A folder with a file of hyperparameters, and its path.
fn file(text: &str) -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hp.toml");
    fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (folder, path)
}

/// What was required of weight decay and epsilon: label, on whom, its value, and by how much it fails.
fn stabilisers(judged: &serde_json::Value) -> Vec<String> {
    let requirements = judged["requirements"].as_array().unwrap().iter();
    let stated = requirements.filter(|held| held["label"] == "weight_decay" || held["label"] == "epsilon");
    let told = stated.map(|held| {
        // In several scale variables a value is an object.
        let [label, on, value] = ["label", "on", "value"].map(|key| held[key].to_string().replace('"', ""));
        format!("{label} {on} {value} {}", held["by"].as_str().unwrap_or("holds"))
    });
    told.collect()
}

#[test]
fn a_derived_table_is_written_as_a_file_that_meets_all_that_is_asked() {
    let cases = [
        ("transformer", "d_k", "adamw"),
        ("transformer", "d_model=n,heads=n,d_ff=n", "muon-adamw"),
        ("transformer", "d_model=n,heads=n,d_ff=n,d_k=m", "adamw"),
        ("transformer", "heads=n^1/2,d_ff=n^2", "sgd"),
        ("transformer-stack", "d_model=n,heads=n,d_ff=n,depth=m", "adam"),
        ("llama", "d_model=n,groups=n,d_ff=n", "muon-match-rms"),
        ("lora", "d_model=n,heads=n,d_ff=n", "adam"),
        ("mlp", "width=n^2", "adam-l2"),
        ("mlp", "width", "lamb"),
        ("mlp", "width=n,d_in=m", "adafactor"),
    ];
    for (network, scale, optimizer) in cases {
        let asked = [network, "--scale", scale, "--optimizer", optimizer];
        let written = fscale(&[&["derive"], asked.as_slice(), &["--format", "toml"]].concat());
        assert_eq!((written.status, written.stderr.as_str()), (0, ""), "{asked:?}");
        let (_folder, path) = file(&written.stdout);
        let judged = fscale(&["judge", network, "--scale", scale, "--hp", &path]);
        assert_eq!((judged.status, judged.stderr.as_str()), (0, ""), "{asked:?}\n{}", judged.stdout);
        // The file is the table: its predictions are those of what is derived.
        let from = |hp: &str, more: &[&str]| {
            let predict = ["predict", network, "--scale", scale, "--hp", hp];
            answer(&[predict.as_slice(), more].concat())
        };
        let (read, derived) = (from(&path, &[]), from("derived", &["--optimizer", optimizer]));
        assert_eq!(read["nodes"], derived["nodes"], "{asked:?}");
        assert_eq!(read["parameters"], derived["parameters"], "{asked:?}");
    }
}

#[test]
fn a_table_in_another_gauge_is_the_same_parameterization_with_its_decay_and_epsilon() {
    for (network, scale) in [("mlp", "width"), ("transformer-stack", "d_ff=n,depth=m")] {
        for optimizer in ["adamw", "adam-l2", "adafactor", "lamb", "shampoo", "muon-adamw"] {
            let asked = ["derive", network, "--scale", scale, "--optimizer", optimizer, "--format", "toml"];
            let plain = fscale(&asked);
            if plain.status == 1 {
                continue;
            }
            let (_plain, plain) = file(&plain.stdout);
            for gauge in ["constant-init", "no-multipliers"] {
                let told = fscale(&[asked.as_slice(), &["--gauge", gauge]].concat());
                let (_told, told) = file(&told.stdout);
                let judged = fscale(&["judge", network, "--scale", scale, "--hp", &told]);
                assert_eq!(judged.status, 0, "{network} {optimizer} {gauge}\n{}", judged.stdout);
                let compared = answer(&["equiv", &plain, &told, "--arch", network, "--scale", scale]);
                assert_eq!(compared["equivalent"], true, "{network} {optimizer} {gauge}: {compared}");
                assert_eq!(compared.get("notes"), None, "both state the same");
            }
        }
    }
}

#[test]
fn a_written_file_says_what_it_is_and_a_conflict_is_no_file() {
    let written = fscale(&[
        "derive",
        "--scale=heads=n^1/2,d_k=m",
        "--optimizer=adamw",
        "--desiderata=mup",
        "--gauge=constant-lr",
        "--format=toml",
    ]);
    assert_eq!(
        written.stdout.lines().take(5).collect::<Vec<_>>(),
        [
            "# Pre-LN transformer block: `heads=n^1/2,d_k=m` with adamw, mup",
            "# fscale derive transformer --scale 'heads=n^1/2,d_k=m' --optimizer adamw --desiderata mup --gauge constant-lr",
            "# one of several solutions",
            "# exponents are per dimension: that of n stands at heads, divided by 1/2; that of m stands at d_k",
            "# read under `heads=n^1/2,d_k=m` it is this table, under another scaling it need not be one",
        ]
    );
    let conflict = fscale(&["derive", "--scale", "d_v", "--format", "toml"]);
    assert_eq!(conflict.status, 1);
    assert!(conflict.stdout.contains("# impossible: these 7 requirements contradict each other"));
    assert!(conflict.stdout.lines().all(|line| line.starts_with('#')), "{}", conflict.stdout);
}

#[test]
fn weight_decay_and_epsilon_are_judged_as_far_as_they_are_stated() {
    let case = ["--hp", "tests/gauge/weight-decay.toml", "--scale", "d_model=n,groups=n,d_ff=n"];
    let judge = [&["judge", "llama"], case.as_slice()].concat();
    let judged = answer(&judge);
    assert_eq!(stabilisers(&judged), ["weight_decay W_Q 0 -1", "epsilon W_Q 0 1"]);
    assert_eq!(judged["holds"], false);
    let change = &judged["change"];
    assert_eq!(
        (&change["weight_decay"]["W_Q"]["to"], &change["epsilon"]["W_Q"]["to"]),
        (&"1".into(), &"-1".into())
    );
    assert_eq!((&change["lr"], &change["size"]), (&serde_json::json!({}), &"smallest".into()));
    let told = fscale(&judge);
    assert_eq!(told.status, 1);
    assert!(told.stdout.contains("weight_decay  W_Q  weight_decay(W_Q) = -lr(W_Q)"), "{}", told.stdout);
    let coupled = "the decay of `W_Q`, coupled to the learning rate, should grow like n";
    assert!(told.stdout.contains(coupled), "{}", told.stdout);
    let text = fs::read_to_string("tests/gauge/weight-decay.toml").unwrap();
    let mended = text.replace("W_Q = { d_model = \"0\" }\n[", "W_Q = { d_model = \"1\" }\n[");
    let mended = mended.replace("W_Q = { d_model = \"0\" }", "W_Q = { d_model = \"-1\" }");
    let (_folder, path) = file(&mended);
    let judge = ["judge", "llama", "--hp", &path, "--scale", "d_model=n,groups=n,d_ff=n"];
    assert_eq!(fscale(&judge).status, 0);
}

#[test]
fn what_is_changed_of_a_rate_changes_the_decay_that_is_coupled_to_it() {
    // The only mistake is the rate of W_1, and the decay is right for it: both are to change.
    let derived = fscale(&["derive", "--scale=d_ff=n,d_k=m", "--optimizer=adamw", "--format=toml"]).stdout;
    let derived = derived.replacen("[lr]\n", "[lr]\nW_1 = { d_k = \"1\" }\n", 1);
    let derived = derived.replace("W_1 = { d_ff = \"0\" }", "W_1 = { d_k = \"-1\" }");
    let (_folder, path) = file(&derived);
    let judged = answer(&["judge", "--hp", &path, "--scale", "d_ff=n,d_k=m"]);
    let held = stabilisers(&judged).len();
    assert_eq!(held, 16, "of 8 parameters");
    assert!(judged["change"]["lr"]["W_1"].is_object(), "{}", judged["change"]);
    assert_eq!(judged["change"]["weight_decay"]["W_1"]["from"]["m"], "-1");
    assert_eq!(judged["change"]["weight_decay"]["W_1"]["to"]["m"], "0");
}

#[test]
fn the_decay_of_a_product_is_that_of_what_is_stored() {
    let scale = ["--scale", "d_model=n,groups=n,d_ff=n"];
    let files = ["tests/gauge/weight-decay.toml", "tests/gauge/weight-decay-in-patterns.toml"];
    let compared = answer(&[&["equiv", files[0], files[1], "--arch", "llama"], scale.as_slice()].concat());
    assert_eq!(compared["equivalent"], true, "{compared}");
    let note = format!("the weight decay of `W_U` is not compared: only `{}` states it", files[1]);
    assert_eq!(compared["notes"], serde_json::json!([note]));
    // Stored, the readout has a constant rate, and a constant decay goes with it.
    let judged = answer(&[&["judge", "llama", "--hp", files[1]], scale.as_slice()].concat());
    assert_eq!(
        stabilisers(&judged),
        ["weight_decay W_Q 0 -1", "weight_decay W_U 0 holds", "epsilon W_Q 0 1"]
    );
    // A decay that differs by more than the trade is another parameterization.
    let text = fs::read_to_string(files[1]).unwrap().replacen(
        "W_Q = { d_model = \"0\" }",
        "W_Q = { d_ff = \"1\" }",
        1,
    );
    let (_folder, path) = file(&text);
    let compared = answer(&[&["equiv", files[0], &path, "--arch", "llama"], scale.as_slice()].concat());
    assert_eq!(compared["equivalent"], false);
    assert_eq!(compared["difference"]["quantity"], "the weight decay of `W_Q` times its init");
}

#[test]
fn a_file_names_any_optimizer_and_explain_takes_it_from_there() {
    for optimizer in ["muon-adamw", "adam-l2", "muon-original", "muon-match-rms"] {
        let (_folder, path) = file(&format!("optimizer = \"{optimizer}\"\n"));
        let predicted = answer(&["predict", "--hp", &path, "--scale", "d_k"]);
        assert_eq!(predicted["optimizer"], optimizer);
        let explain = ["explain", "--scale", "d_model", "--hp", &path, "--node", "y", "--parameter", "W_V"];
        for more in [&[][..], &["--optimizer", optimizer]] {
            let explained = fscale(&[explain.as_slice(), more].concat());
            assert_eq!(explained.stderr, "");
            assert!(explained.stdout.contains(&format!("`d_model=n` with {optimizer}, fsc")));
        }
        let other = fscale(&[explain.as_slice(), &["--optimizer", "sgd"]].concat());
        assert_eq!(other.status, 2);
        assert!(other.stderr.contains("contradicts the file"), "{}", other.stderr);
    }
}

#[test]
fn a_name_wins_over_a_pattern_and_a_pattern_over_a_class() {
    let text = "optimizer = \"adamw\"\n[epsilon]\nW_K = { d_k = \"3\" }\n\"W_?\" = {}\n";
    let (_folder, path) = file(text);
    assert_eq!(fscale(&["predict", "--hp", &path, "--scale", "d_k"]).status, 2, "`?` is no pattern");
    let text = "optimizer = \"adamw\"\n[epsilon]\nW_K = { d_k = \"3\" }\n\"W_*\" = { d_k = \"2\" }\n\
                matrices = { d_k = \"1\" }\n[weight_decay]\ninput = { d_k = \"4\" }\n\"*_U\" = { d_k = \"5\" }\n";
    let (_folder, path) = file(text);
    let parameters = &answer(&["predict", "--hp", &path, "--scale", "d_k=n^2"])["parameters"];
    assert_eq!(parameters["W_K"]["epsilon"], "6");
    assert_eq!(parameters["W_Q"]["epsilon"], "4");
    assert_eq!(parameters["W_E"]["epsilon"], "4");
    assert_eq!(parameters["W_E"]["weight_decay"], "8");
    assert_eq!(parameters["W_U"]["weight_decay"], "10");
    assert_eq!(parameters["W_Q"].get("weight_decay"), None);
}

#[test]
fn a_mix_has_what_the_optimizer_of_each_class_has() {
    let folder = tempfile::tempdir().unwrap();
    let rules = folder.path().join("optimizers");
    fs::create_dir(&rules).unwrap();
    let mix = "name = \"muon-lion\"\nsummary = \"s\"\nwhy = \"w\"\nsource = \"s\"\nmatrices = \"muon\"\nrest = \"lion\"\n";
    fs::write(rules.join("muon-lion.toml"), mix.to_owned() + EXAMPLE).unwrap();
    let rules = folder.path().to_str().unwrap();
    let predict = |epsilon: &str| {
        let (_folder, path) = file(&format!("optimizer = \"muon-lion\"\n[epsilon]\n{epsilon}\n"));
        fscale(&["predict", "--rules", rules, "--hp", &path, "--scale", "d_k", "--format", "csv"])
    };
    let matrices = predict("\"*\" = { d_k = 1 }");
    assert_eq!(matrices.stderr, "");
    assert!(matrices.stdout.contains("epsilon,,W_Q,1") && !matrices.stdout.contains("epsilon,,W_E"));
    let input = predict("W_E = { d_k = 1 }");
    assert!(input.stderr.contains("`lion`, which moves `W_E`, has no epsilon"), "{}", input.stderr);
    let input = predict("\"*_E\" = { d_k = 1 }");
    assert!(input.stderr.contains("what is called like `*_E` has no epsilon: `W_E`"), "{}", input.stderr);
}

const EXAMPLE: &str = "[[example]]\nsays = \"keys\"\narchitecture = \"transformer\"\nscale = \"d_k\"\ndesiderata = \"fsc\"\n\
                       gives = { multiplier = { attention = \"-1\" } }\n";

#[test]
fn what_is_derived_stands_wherever_hyperparameters_do() {
    let derived = ["--scale", "d_k", "--hp", "derived", "--optimizer", "adamw"];
    let judged = fscale(&[&["judge"], derived.as_slice()].concat());
    assert_eq!(judged.status, 0, "{}", judged.stdout);
    assert!(judged.stdout.contains("every one of 66 requirements holds"), "{}", judged.stdout);
    let node = ["--node", "a"];
    let explained = fscale(&[&["explain"], derived.as_slice(), &node].concat());
    assert!(explained.stdout.contains("evaluated at the derived hyperparameters"), "{}", explained.stdout);
    let small = ["--values", "8,16", "--seeds", "1"];
    let measured = fscale(&[&["measure"], derived.as_slice(), &small].concat());
    let without =
        fscale(&[&["measure", "--scale", "d_k", "--optimizer", "adamw"], small.as_slice()].concat());
    assert_eq!(measured.stdout, without.stdout);
    let stable = ["predict", "--scale", "d_model", "--hp", "derived", "--desiderata", "stable"];
    assert_eq!(fscale(&stable).stderr, "");
}

#[test]
fn where_nothing_is_derived_the_conflict_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let figure = folder.path().join("figure.svg");
    let figure = ["figure", "--out", figure.to_str().unwrap()];
    for command in [&["predict"][..], &["judge"], &["measure"], &["explain"], &figure] {
        let outcome = fscale(&[command, &["--scale", "d_v", "--hp", "derived"]].concat());
        assert_eq!((outcome.status, outcome.stdout.as_str()), (2, ""), "{command:?}");
        assert_eq!(
            outcome.stderr,
            "error[nothing-derived]: nothing is derived: `d_v=n` is impossible with sgd, fsc\n  = note: conflict: F on k, \
             F on v, F on a, U on W_K, U on W_V, C on W_K, C on W_V\n  = hint: see `fscale explain --scale d_v=n \
             --optimizer sgd --desiderata fsc`\n"
        );
    }
}

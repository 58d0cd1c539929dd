//! Files that are read and written.

use std::fs;
use std::io::Read;
use std::process::{Command, Stdio};

use super::fscale;

#[test]
fn every_built_in_file_is_well_formed() {
    for folder in ["architectures", "desiderata", "optimizers", "parameterizations", "alignments", "ops"] {
        let path = format!("{}/rules/{folder}", env!("CARGO_MANIFEST_DIR"));
        for file in fs::read_dir(path).unwrap() {
            let file = file.unwrap().path();
            let outcome = fscale(&["check", file.to_str().unwrap()]);
            assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""), "{}", file.display());
            assert!(outcome.stdout.contains("well formed"), "{}", outcome.stdout);
        }
    }
}

#[test]
fn the_kind_of_a_file_is_told_by_its_keys() {
    let folder = tempfile::tempdir().unwrap();
    let root = env!("CARGO_MANIFEST_DIR");
    let cases = [
        ("rules/architectures/mlp.toml", "mlp.toml", "an architecture"),
        ("rules/desiderata/fsc.toml", "fsc.toml", "a desiderata set"),
        ("rules/optimizers/muon.toml", "muon.toml", "an optimizer"),
        ("rules/parameterizations/standard.toml", "standard.toml", "a parameterization"),
        ("rules/alignments/full.toml", "full.toml", "an alignment"),
        ("rules/ops/relu.toml", "relu.toml", "an op or activation"),
    ];
    for (from, to, describes) in cases {
        let path = folder.path().join(to);
        fs::copy(format!("{root}/{from}"), &path).unwrap();
        let outcome = fscale(&["check", path.to_str().unwrap()]);
        assert!(outcome.stdout.replace('\n', " ").contains(describes), "{from}: {}", outcome.stdout);
    }
    let path = folder.path().join("hp.toml");
    fs::write(&path, "optimizer = \"sgd\"\n[lr]\nW_O = { heads = \"-1\" }\n").unwrap();
    let outcome = fscale(&["check", path.to_str().unwrap()]);
    assert!(outcome.stdout.contains("a hyperparameter file"), "{}", outcome.stdout);
}

/// What `check` says of a built-in file in which something was changed.
fn checked(file: &str, word: &str, changed: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(file);
    fs::create_dir(path.parent().unwrap()).unwrap();
    let text = fs::read_to_string(format!("{}/rules/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    assert!(text.contains(word), "{word}");
    fs::write(&path, text.replacen(word, changed, 1)).unwrap();
    let outcome = fscale(&["check", path.to_str().unwrap()]);
    assert_eq!((outcome.status, outcome.stdout.as_str()), (2, ""), "{file}");
    outcome.stderr.replace(folder.path().to_str().unwrap(), "rules")
}

#[test]
fn a_worked_example_that_does_not_hold_is_told_with_its_place() {
    let cases = [
        ("ops/bilinear.toml", "2 forward(q) + |C feature|", "2 forward(q)"),
        ("optimizers/adam.toml", "response     = \"0\"", "response = \"1\""),
        ("parameterizations/standard.toml", "-1/2 |C|", "-|C|"),
        ("architectures/transformer.toml", "gives      = \"impossible\"", "gives = {}"),
        ("desiderata/fsc.toml", "scale        = \"d_k\"", "scale = \"d_v\""),
        ("desiderata/fsc.toml", "scale        = \"d_k\"", "scale = \"d_q\""),
    ];
    let said: Vec<String> = cases.iter().map(|(file, word, changed)| checked(file, word, changed)).collect();
    insta::assert_snapshot!(said.join("\n"), @r#"
    error[example]: `component` is -1 here, not 0
      --> rules/ops/bilinear.toml:20:13
       |
    20 | component = "0"
       |             ^^^
       = hint: mend the expression, or write `component = "-1"`

    error[example]: `response` is 0 here, not 1
      --> rules/optimizers/adam.toml:20:12
       |
    20 | response = "1"
       |            ^^^
       = hint: mend the expression, or write `response = "0"`

    error[example]: `init` is -1 here, not -1/2
      --> rules/parameterizations/standard.toml:13:9
       |
    13 | init  = "-1/2"
       |         ^^^^^^
       = hint: mend the expression, or write `init = "-1"`

    error[example]: the derivation gives `impossible`, not `nothing changes`
       --> rules/architectures/transformer.toml:172:9
        |
    172 | gives = {}
        |         ^^
        = hint: see `fscale explain --scale d_v`, or mend `gives`

    error[example]: the derivation gives `impossible`, not `multiplier attention -1`
      --> rules/desiderata/fsc.toml:57:16
       |
    57 | gives        = { multiplier = { attention = "-1" } }
       |                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       = hint: see `fscale explain --scale d_v`, or mend `gives`

    error[example]: unknown dimension `d_q`
      --> rules/desiderata/fsc.toml:52:1
       |
    52 | [[example]]
       | ^^^^^^^^^^^
       = hint: did you mean `d_k`?
    "#);
}

#[test]
fn a_file_that_is_none_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(path("latin.toml"), b"name = \"\xe9\"").unwrap();
    fs::write(path("large.toml"), vec![b'#'; (1 << 20) + 1]).unwrap();
    fs::write(path("other.toml"), "a = 1").unwrap();
    let cases = [
        ("missing.toml", "error[file]: cannot read `"),
        ("", "is a folder"),
        ("latin.toml", "is not UTF-8 at byte 8"),
        ("large.toml", "is larger than 1 MiB"),
        ("other.toml", "is neither an architecture nor a rule"),
    ];
    for (name, said) in cases {
        let outcome = fscale(&["check", &path(name)]);
        assert_eq!(outcome.status, 2, "{name}");
        assert!(outcome.stderr.contains(said) && outcome.stderr.contains("= hint: "), "{}", outcome.stderr);
    }
}

#[test]
fn a_folder_of_rules_adds_to_the_built_in_ones() {
    let folder = tempfile::tempdir().unwrap();
    let optimizers = folder.path().join("optimizers");
    fs::create_dir(&optimizers).unwrap();
    let sgd = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/rules/optimizers/sgd.toml")).unwrap();
    fs::write(optimizers.join("mine.toml"), sgd.replace("name    = \"sgd\"", "name = \"mine\"")).unwrap();
    let rules = folder.path().to_str().unwrap();
    let outcome = fscale(&["derive", "--scale", "d_k", "--optimizer", "mine", "--rules", rules]);
    assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""));
    assert!(outcome.stdout.contains("with mine, fsc"), "{}", outcome.stdout);
}

#[test]
fn a_rule_beside_the_folders_of_rules_is_told_where_it_belongs() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let listed = || fscale(&["list", "--rules", path]);
    fs::write(folder.path().join("notes.toml"), "a = 1").unwrap();
    fs::write(folder.path().join("broken.toml"), "a = ").unwrap();
    assert!(listed().stderr.contains("holds no rules"), "{}", listed().stderr);
    for rule in ["ops/relu.toml", "optimizers/sgd.toml"] {
        let file = rule.rsplit('/').next().unwrap();
        fs::copy(format!("{}/rules/{rule}", env!("CARGO_MANIFEST_DIR")), folder.path().join(file)).unwrap();
    }
    let outcome = listed();
    assert_eq!((outcome.status, outcome.stdout.as_str()), (2, ""));
    let said = outcome.stderr.replace(path, "mine");
    insta::assert_snapshot!(said, @r"
    error[rules-folder]: `mine/relu.toml` lies beside the folders of rules, not in one
      = hint: move it to `mine/ops/relu.toml`

    error[rules-folder]: `mine/sgd.toml` lies beside the folders of rules, not in one
      = hint: move it to `mine/optimizers/sgd.toml`
    ");
}

#[test]
fn check_counts_the_nodes_that_the_file_declares() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("net.toml");
    let block = format!("{}/rules/architectures/transformer.toml", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(block).unwrap();
    let with_gain =
        text.replacen("op    = \"layer_norm\"", "op    = \"layer_norm\"\ngain  = \"g\"\nbias  = \"b\"", 1);
    assert_ne!(text, with_gain);
    let declared = text.matches("[[node]]").count();
    for text in [text, with_gain] {
        fs::write(&path, text).unwrap();
        let outcome = fscale(&["check", path.to_str().unwrap(), "--format", "json"]);
        let answer: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
        assert_eq!(answer["counts"]["nodes"], declared, "{}", outcome.stderr);
    }
}

#[test]
fn every_mistake_of_every_rule_file_is_told_at_once() {
    let folder = tempfile::tempdir().unwrap();
    for kind in ["ops", "optimizers"] {
        fs::create_dir(folder.path().join(kind)).unwrap();
        fs::write(folder.path().join(kind).join("bad.toml"), "name = 1\n").unwrap();
    }
    fs::create_dir(folder.path().join("optimisers")).unwrap();
    let outcome = fscale(&["list", "--rules", folder.path().to_str().unwrap()]);
    assert_eq!(outcome.status, 2);
    assert!(outcome.stderr.contains("ops/bad.toml") && outcome.stderr.contains("optimizers/bad.toml"));
    assert!(outcome.stderr.contains("did you mean `optimizers`?"), "{}", outcome.stderr);
}

#[test]
fn the_optimizer_of_a_hyperparameter_file_is_known_and_not_contradicted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hp.toml");
    let path = path.to_str().unwrap();
    fs::write(path, "optimizer = \"adan\"\n").unwrap();
    let outcome = fscale(&["predict", "--hp", path, "--scale", "d_k"]);
    assert!(outcome.stderr.contains("hp.toml:1:13") && outcome.stderr.contains("did you mean `adam`?"));
    fs::write(path, "optimizer = \"adam\"\n").unwrap();
    let outcome = fscale(&["predict", "--hp", path, "--scale", "d_k", "--optimizer", "sgd"]);
    assert_eq!(outcome.status, 2);
    assert!(outcome.stderr.contains("`--optimizer sgd` contradicts the file"), "{}", outcome.stderr);
}

#[test]
fn a_figure_has_a_column_for_each_parameterization_and_the_nodes_that_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("drawing.svg");
    let path = path.to_str().unwrap();
    let drawn = |more: &[&str]| {
        let common = ["figure", "mlp", "--values", "4,8,16", "--seeds", "1", "--out", path];
        let outcome = fscale(&[common.as_slice(), more].concat());
        assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""), "{more:?}");
        assert_eq!(outcome.stdout, format!("wrote {path}\n"));
        fs::read_to_string(path).unwrap()
    };
    let cases: [(&[&str], &[&str]); 3] = [
        (&["--scale", "width"], &["Forward: standard", "Forward: derived (fsc)"]),
        (&["--scale", "width", "--hp", "standard"], &["Forward: standard"]),
        (&["--scale", "batch"], &["Forward: derived (fsc), also standard"]),
    ];
    for (arguments, headings) in cases {
        let svg = drawn(arguments);
        assert_eq!(svg.matches("Forward: ").count(), headings.len(), "{arguments:?}");
        assert!(headings.iter().all(|heading| svg.contains(heading)), "{arguments:?}");
    }
    let some = drawn(&["--scale", "width", "--nodes", "r1,h2"]);
    let named = |name: &str| some.lines().any(|line| line == name);
    assert!(named("r1") && named("h2") && !named("h1") && !named("out"));
}

#[test]
fn a_figure_that_cannot_be_drawn_is_refused_before_anything_is_simulated() {
    let cases: [(&[&str], &str); 2] = [
        (
            &["--out", "x.png"],
            "error[figure-format]: `x.png` does not end in `.svg`, and figures are written as SVG\n  = hint: write \
             `--out x.svg`\n",
        ),
        (
            &["--out", "x.svg", "--nodes", "r1,h9,u"],
            "error[unknown-name]: unknown node `h9`\n  = hint: did you mean `h1`?\n\nerror[data]: `u` is data, of which \
             nothing is drawn\n  = hint: leave it out of `--nodes`\n",
        ),
    ];
    for (more, said) in cases {
        let outcome = fscale(&[["figure", "mlp", "--scale", "width"].as_slice(), more].concat());
        assert_eq!((outcome.status, outcome.stdout.as_str(), outcome.stderr.as_str()), (2, "", said));
    }
}

#[test]
fn man_pages_and_completions_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("man1");
    assert_eq!(fscale(&["man", "--out", path.to_str().unwrap()]).status, 0);
    let page = fs::read_to_string(path.join("fscale-derive.1")).unwrap();
    assert!(page.contains("fscale derive") && page.contains("Exit status"), "{page}");
    let nested = fs::read_to_string(path.join("fscale-sweep-run.1")).unwrap();
    assert!(nested.contains("fscale sweep run") && nested.contains("SLURM"), "{nested}");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(fscale(&["completions", shell]).stdout.contains("derive"), "{shell}");
    }
}

#[test]
fn whoever_stops_reading_is_not_answered_with_a_panic() {
    let cases: [(&[&str], i32); 4] = [
        (&["derive", "--scale", "d_k", "--format", "json"], 0),
        (&["dims"], 1),
        (&["--help"], 0),
        (&["completions", "bash"], 0),
    ];
    for (arguments, status) in cases {
        let mut child = Command::new(env!("CARGO_BIN_EXE_fscale"))
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert_eq!((child.wait().unwrap().code(), said.as_str()), (Some(status), ""), "{arguments:?}");
    }
}

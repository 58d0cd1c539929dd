//! Assumed alignments, given parameterizations and training on the command line.

use std::fs;

use super::{answer, fscale};

#[test]
fn rates_at_a_given_parameterization_are_derived_under_an_assumed_alignment() {
    let rates = answer(&[
        "derive",
        "mlp",
        "--scale",
        "width",
        "--given",
        "ntk",
        "--optimizer",
        "adam",
        "--alignment",
        "none",
    ]);
    assert_eq!((&rates["alignment"], &rates["given"]), (&"none".into(), &"ntk".into()));
    for (parameter, lr, multiplier) in [("W_1", "0", "0"), ("W_2", "0", "-1/2"), ("W_4", "0", "-1/2")] {
        let row = &rates["parameters"][parameter];
        assert_eq!((&row["lr"], &row["multiplier"]), (&lr.into(), &multiplier.into()), "{parameter}");
    }
}

/// A learning rate of n^-1/2 for Adam: stable while updates add up like random walks, and not once they are aligned.
#[test]
fn hyperparameters_are_judged_under_an_assumed_alignment() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("half.toml");
    let half: String =
        ["W_2", "W_3", "W_4"].map(|name| format!("{name} = {{ width = \"-1/2\" }}\n")).concat();
    fs::write(&path, format!("optimizer = \"adam\"\n[init]\n{half}[lr]\n{half}")).unwrap();
    let judge =
        ["judge", "mlp", "--hp", path.to_str().unwrap(), "--scale", "width", "--desiderata", "stable"];
    let judged = |alignment| answer(&[&judge[..], &["--alignment", alignment]].concat());
    let (full, none) = (judged("full"), judged("none"));
    assert_eq!((&none["alignment"], &none["holds"]), (&"none".into(), &true.into()));
    assert_eq!((&full["alignment"], &full["holds"]), (&"full".into(), &false.into()));
    for weight in ["W_2", "W_3", "W_4"] {
        assert_eq!(full["change"]["lr"][weight]["to"], "-1", "{weight}");
    }
}

#[test]
fn an_alignment_can_be_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.toml");
    let full =
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/rules/alignments/full.toml")).unwrap();
    let mine =
        full.replace("\"full\"", "\"mine\"").replace("update     = \"|C|\"", "update     = \"3/4 |C|\"");
    fs::write(&path, mine.replace("update     = \"1\"", "update     = \"3/4\"")).unwrap();
    let path = path.to_str().unwrap();
    let rates = answer(&[
        "derive",
        "mlp",
        "--scale",
        "width",
        "--given",
        "standard",
        "--optimizer",
        "adam",
        "--alignment",
        path,
    ]);
    assert_eq!(rates["parameters"]["W_2"]["lr"], "-3/4");
}

#[test]
fn a_certificate_says_what_is_assumed_and_given() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("proof.json");
    let path = path.to_str().unwrap();
    let derive =
        ["derive", "mlp", "--scale", "width", "--given", "mup", "--alignment", "full", "--certificate", path];
    assert_eq!(fscale(&derive).status, 0);
    let outcome = fscale(&["check", path]);
    assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""), "{}", outcome.stdout);
    let text = fs::read_to_string(path).unwrap();
    for (from, to) in [
        ("\"alignment\": \"full\"", "\"alignment\": \"none\""),
        ("\"given\": \"mup\"", "\"given\": \"standard\""),
        ("    \"alignment\": \"full\",\n", ""),
        ("    \"given\": \"mup\",\n", ""),
    ] {
        assert!(text.contains(from), "{from}");
        fs::write(path, text.replacen(from, to, 1)).unwrap();
        assert_eq!(fscale(&["check", path]).status, 1, "{to}");
    }
    fs::write(path, text.replacen("\"alignment\": \"full\"", "\"alignment\": \"ful\"", 1)).unwrap();
    let outcome = fscale(&["check", path]);
    assert_eq!(outcome.status, 2);
    assert!(outcome.stderr.contains("unknown alignment `ful`"), "{}", outcome.stderr);
}

#[test]
fn what_an_assumed_alignment_does_not_say_is_refused() {
    let cases: [(&[&str], &str); 4] = [
        (
            &["derive", "--scale", "d_k", "--alignment", "full"],
            "error[unassumed]: `C` asks for contributions, of which an assumed alignment says nothing\n  \
             = hint: ask for `--desiderata stable`, `mup` or `signal`, or leave `--alignment` out\n",
        ),
        (
            &[
                "derive",
                "transformer-stack",
                "--scale",
                "depth",
                "--desiderata",
                "stable",
                "--alignment",
                "none",
            ],
            "error[propagate]: an assumed alignment does not say how the layers of `depth` add up\n  \
             = hint: leave `--alignment` out, or let dimensions of one layer grow alone\n",
        ),
        (
            &["derive", "--scale", "d_k", "--alignment", "fill"],
            "error[unknown-rule]: unknown alignment `fill`\n  = hint: did you mean `full`?\n",
        ),
        (
            &[
                "measure",
                "mlp",
                "--scale",
                "width",
                "--hp",
                "standard",
                "--optimizer",
                "muon",
                "--steps",
                "2",
            ],
            "error[later]: later steps of `muon` need what is not simulated\n  \
             = hint: these train: adafactor, adagrad, adam, adamw, lion, normalized, sgd, sign\n",
        ),
    ];
    for (arguments, said) in cases {
        let outcome = fscale(arguments);
        assert_eq!((outcome.status, outcome.stdout.as_str()), (2, ""), "{arguments:?}");
        assert_eq!(outcome.stderr, said, "{arguments:?}");
    }
}

/// What is given is a requirement like others: where it contradicts them, it is named, and so is the way out.
#[test]
fn what_is_given_can_be_in_conflict() {
    let outcome = fscale(&[
        "derive",
        "mlp",
        "--scale",
        "width",
        "--given",
        "standard",
        "--desiderata",
        "mup",
        "--alignment",
        "readout",
    ]);
    assert_eq!((outcome.status, outcome.stderr.as_str()), (1, ""));
    let said = outcome.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "given on `W_4` requires `init(W_4) = -1/2`: init(W_4) = init(W_4)",
        "ask only `init(W_4) <= -1/2` of given on W_4: init W_2, W_3 ~ n^-1/2, W_4 ~ n^-1",
        "that is all there is among changes of at most 1 requirement",
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
}

const TRAIN: [&str; 16] = [
    "measure",
    "mlp",
    "--scale",
    "width",
    "--values",
    "8,16",
    "--seeds",
    "2",
    "--steps",
    "3",
    "--given",
    "standard",
    "--optimizer",
    "adam",
    "--alignment",
    "full",
];

#[test]
fn training_tells_alignments_magnitudes_and_losses_in_every_format() {
    let trained = answer(&TRAIN);
    assert_eq!(trained["steps"], serde_json::json!([1, 2, 3]));
    let quantities = trained["quantities"].as_array().unwrap();
    let of = |quantity: &str| quantities.iter().filter(|held| held["quantity"] == quantity).count();
    let counts =
        ["loss", "forward", "change", "update_alignment", "weight_alignment", "both_alignment"].map(of);
    assert_eq!(counts, [1, 12, 11, 4, 3, 3]);
    let update =
        quantities.iter().find(|held| held["quantity"] == "update_alignment" && held["parameter"] == "W_2");
    assert_eq!(update.unwrap()["slopes"].as_array().unwrap().len(), 3);
    let table = |format| fscale(&[&TRAIN[..], &["--format", format]].concat());
    let rows = table("csv").stdout.lines().count();
    assert_eq!(rows, 1 + quantities.len() * 3 * 2);
    for format in ["text", "markdown", "latex"] {
        let outcome = table(format);
        assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""), "{format}");
        assert!(outcome.stdout.contains("dW dx"), "{format}: {}", outcome.stdout);
    }
    let outcome = table("jsonl");
    assert!(outcome.stderr.contains("`--format jsonl` cannot be used with `--steps`"), "{}", outcome.stderr);
}

#[test]
fn training_that_diverges_is_told() {
    let outcome = fscale(&[
        "measure",
        "mlp",
        "--scale",
        "width",
        "--values",
        "8,16",
        "--seeds",
        "1",
        "--steps",
        "64",
        "--hp",
        "standard",
        "--largest-update",
        "100",
    ]);
    assert_eq!((outcome.status, outcome.stderr.as_str()), (1, ""));
    assert!(outcome.stdout.contains("the loss has no end at size 8, 16"), "{}", outcome.stdout);
}

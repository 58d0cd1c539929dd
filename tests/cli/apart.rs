//! Sizes that grow apart, and answers that are not the only ones.

use std::fs;

use serde_json::json;

use super::{answer, fscale};

#[test]
fn exponents_in_several_variables_are_objects() {
    let table = answer(&["derive", "--scale", "d_k=n,d_ff=m"]);
    assert_eq!((&table["status"], &table["unique"]), (&json!("feasible"), &json!(true)));
    assert_eq!(table["parameters"]["W_1"]["lr"], json!({"n": "0", "m": "1"}));
    assert_eq!(table["multipliers"]["attention"], json!({"n": "-1", "m": "0"}));
}

#[test]
fn a_sum_without_a_largest_summand_stays_a_sum_also_as_a_divisor() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hp.toml");
    let growing = "optimizer = \"sgd\"\n[init]\nW_O = { heads = \"1/2\" }\nW_2 = { d_ff = \"1/2\" }\n";
    fs::write(&path, growing).unwrap();
    let arguments = ["predict", "--scale", "heads=n,d_ff=m", "--hp", path.to_str().unwrap()];
    let nodes = answer(&arguments)["nodes"].clone();
    assert_eq!(nodes["x2"]["forward"], json!([{"n": "1", "m": "0"}, {"n": "0", "m": "1"}]));
    assert_eq!(nodes["x2"]["backward"], json!({"n": "0", "m": "0", "(n + m)": "-1"}));
    let text = fscale(&arguments).stdout;
    assert!(text.contains("x2    n + m    (n + m)^-1"), "{text}");
}

#[test]
fn an_impossible_variable_is_told_with_its_conflict() {
    let outcome = fscale(&["derive", "--scale", "d_k=n,d_v=m"]);
    assert_eq!(outcome.status, 1);
    let alone = "not even `d_v=m` alone, with the rest fixed, is possible:";
    assert!(outcome.stdout.contains(alone), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("contradict each other"), "{}", outcome.stdout);
}

#[test]
fn what_may_be_traded_is_told_and_a_priority_takes_another_table() {
    let table = answer(&["derive", "mlp", "--scale", "width"]);
    assert_eq!((&table["unique"], &table["freedom"]["dimension"]), (&json!(true), &json!(0)));
    assert_eq!(table["smaller_starts"], json!(["b_1", "b_2", "b_3", "b_4"]));
    assert_eq!(table["freedom"].get("one_stays"), None, "together too");

    let table = answer(&["derive", "mlp", "--scale", "width", "--desiderata", "signal"]);
    assert_eq!(table["unique"], false);
    let free: Vec<&serde_json::Value> = table["freedom"]["directions"].as_array().unwrap().iter().collect();
    assert!(free.contains(&&json!({"change": {"lr(W_1)": "1"}, "down": null, "up": null})), "{free:?}");

    let changing = |priority: &str| {
        let arguments = ["derive", "--scale", "d_ff", "--desiderata", "mup", "--prefer", priority];
        let table = answer(&arguments);
        let rates = table["parameters"].as_object().unwrap().values();
        rates.filter(|row| row["lr"] != "0").count()
    };
    assert!(changing("constant-lr") < changing("largest-updates"));
}

/// A folder with an op like the identity whose output is larger by a power of one half, and the transformer with it
/// in its MLP.
fn with_a_number() -> (tempfile::TempDir, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let read =
        |path: &str| fs::read_to_string(format!("{}/rules/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let op = read("ops/relu.toml")
        .replace("name     = \"relu\"", "name = \"odd\"")
        .replace("function = \"relu\"\n", "");
    let op = op
        .replace("\"forward(x)\"\n", "\"forward(x) + 1/2\"\n")
        .replace("forward = \"0\"", "forward = \"1/2\"");
    fs::create_dir(folder.path().join("ops")).unwrap();
    fs::write(folder.path().join("ops/odd.toml"), op).unwrap();
    let network = read("architectures/transformer.toml");
    let (network, _) = network.split_once("[[tie]]").unwrap();
    let network = network.replace("inputs = [\"x1\", \"z\"]", "inputs = [\"x1\", \"zz\"]");
    let network =
        network.replace("role   = \"branch\"\n\n[[node]]\nname   = \"x2\"", "\n[[node]]\nname = \"x2\"");
    let odd = "[[node]]\nname = \"zz\"\nop = \"odd\"\ninput = \"z\"\nrole = \"branch\"\n\n[loss]";
    let path = folder.path().join("net.toml");
    fs::write(&path, network.replace("[loss]", odd)).unwrap();
    let (rules, path) = (folder.path().to_str().unwrap().to_owned(), path.to_str().unwrap().to_owned());
    (folder, rules, path)
}

/// In one variable a number in a rule is an exponent of that, which forbids what is asked here; in several nobody knows of
/// which.
#[test]
fn a_number_in_a_rule_is_refused_where_sizes_grow_apart() {
    let (_folder, rules, network) = with_a_number();
    let derive = |scale: &str| {
        fscale(&["derive", &network, "--rules", &rules, "--scale", scale, "--desiderata", "signal"])
    };
    let alone = derive("d_ff");
    assert_eq!((alone.status, alone.stderr.as_str()), (1, ""));
    let apart = derive("d_ff=n,d_k=m");
    assert_eq!((apart.status, apart.stdout.as_str()), (2, ""));
    let said = "error[propagate]: rule `odd` does not say in which scale variable its number is an exponent";
    assert!(apart.stderr.starts_with(said), "{}", apart.stderr);
}

/// That a depth does not outgrow a width is only asked where both grow, so it fails only near the direction in which the width is
/// fixed.
#[test]
fn what_fails_only_where_all_variables_grow_is_told_along_such_a_direction() {
    let common = ["derive", "deep-mlp", "--scale", "depth=n,width=m", "--optimizer"];
    for more in [
        &["adam", "--desiderata", "stable", "--prefer", "fewest-multipliers"][..],
        &["muon-adamw", "--desiderata", "paper"],
    ] {
        let outcome = fscale(&[&common, more].concat());
        assert_eq!((outcome.status, outcome.stderr.as_str()), (1, ""), "{more:?}");
        assert!(outcome.stdout.contains("along n = N, m = N^"), "{}", outcome.stdout);
    }
}

//! What `measure` answers.

use serde_json::json;

use super::{answer, fscale};

#[test]
fn measure_agrees_with_the_derived_rule() {
    let arguments = ["measure", "mlp", "--scale", "width", "--values", "16,64,256", "--seeds", "4"];
    let answer = answer(&arguments);
    assert_eq!(answer["values"], json!([16, 64, 256]));
    assert_eq!(answer["summary"]["unpredicted"], 0);
    let quantities = answer["quantities"].as_array().unwrap();
    let out = quantities.iter().find(|held| held["quantity"] == "forward" && held["node"] == "r1");
    assert_eq!(out.unwrap()["predicted"], "0");
    assert_eq!(out.unwrap()["verdict"], "agrees");
    assert_eq!(out.unwrap()["parameter"], serde_json::Value::Null);
}

/// Under adam the keys move the stream by `n^1/2`, the other parameters by 1; where they are equal lies inside the sizes.
#[test]
fn a_crossover_is_told_with_its_terms_and_the_size_at_which_they_cross() {
    let sizes = ["--values", "64,128,256,512,1024,2048,4096"];
    let common = ["measure", "--hp", "standard", "--scale", "d_k", "--optimizer", "adam"];
    let arguments = [common.as_slice(), &sizes].concat();
    let answer = answer(&arguments);
    let quantities = answer["quantities"].as_array().unwrap();
    let crossing =
        quantities.iter().filter(|held| held["verdict"] == "crossover" && held["quantity"] == "update");
    let crossing: Vec<_> = crossing.map(|held| &held["crossover"]).collect();
    let led = |crossover: &&&serde_json::Value| crossover["because"] == "rows";
    for rows in crossing.iter().filter(led) {
        assert_eq!(rows["leading"], json!(["W_Q", "W_K"]));
    }
    let crossing: Vec<_> = crossing.iter().filter(|crossover| !led(crossover)).collect();
    assert!(crossing.len() >= 5);
    for crossover in crossing {
        assert_eq!((&crossover["because"], &crossover["terms"]), (&"terms".into(), &json!(["1/2", "0"])));
        let [size, stderr] = ["size", "stderr"].map(|key| crossover[key].as_f64().unwrap());
        assert!((64.0..4096.0).contains(&size) && stderr < size / 4.0, "{crossover}");
    }
    assert!(quantities.iter().all(|held| held["verdict"] == "crossover" || held["crossover"].is_null()));
    let text = fscale(&arguments).stdout;
    assert!(
        text.contains(" crossover, crossing over from 1 to n^1/2: ") && text.contains(" (at d_k = "),
        "{text}"
    );
}

#[test]
fn a_measurement_says_what_was_measured() {
    let arguments =
        ["measure", "mlp", "--hp", "standard", "--scale", "width", "--values", "8,16,32", "--seeds", "1"];
    let answer = answer(&arguments);
    assert_eq!((&answer["scaling"], &answer["optimizer"]), (&json!("width=n"), &json!("sgd")));
    assert_eq!((&answer["seeds"], &answer["seed"]), (&json!(1), &json!(0)));
    assert_eq!(answer["hyperparameters"]["init"]["W_2"], "-1/2");
    assert_eq!(answer["quantities"][0]["stderr"], json!(null), "one seed has no error");
    let text = fscale(&arguments).stdout;
    assert!(text.contains(", 1 seed from 0\n") && !text.contains("NaN"), "{text}");
    let csv = fscale(&[arguments.as_slice(), &["--format", "csv"]].concat()).stdout;
    assert!(!csv.contains("NaN"), "{csv}");
}

#[test]
fn where_a_prediction_is_an_approximation_dims_and_measure_say_so() {
    let note = "`d_out` is a size of the output: ";
    let dims = fscale(&["dims", "mlp"]).stdout;
    assert!(dims.contains(&format!("note: {note}")), "{dims}");
    let arguments =
        ["measure", "mlp", "--hp", "standard", "--scale", "d_out", "--values", "8,16,32", "--seeds", "2"];
    assert!(answer(&arguments)["notes"][0].as_str().unwrap().starts_with(note));
    let text = fscale(&arguments).stdout;
    assert!(text.contains(&format!("note: {note}")), "{text}");
}

#[test]
fn where_no_sizes_are_named_they_are_those_of_the_report() {
    let aligned = [
        ("d_in", json!([64, 128, 256, 512, 1024, 2048, 4096])),
        ("batch", json!([8, 16, 32, 64, 128, 256, 512])),
        ("d_in=n,batch=n", json!([32, 64, 128, 256, 512, 1024, 2048, 4096])),
    ];
    for (scale, values) in aligned {
        let answer = answer(&["measure", "mlp", "--hp", "standard", "--scale", scale, "--seeds", "1"]);
        assert_eq!(answer["values"], values, "{scale}");
    }
}

#[test]
fn where_slopes_are_off_at_small_sizes_larger_ones_are_told() {
    // At so small sizes some slopes are off with about half of all seeds, though not beyond doubt, and with this one.
    let measure = |values: &str| fscale(&["measure", "--scale", "d_k", "--values", values, "--seed", "1"]);
    let cases = [
        ("4,8", "note: sizes are few: the slope between two cannot be seen to change"),
        ("4,8,16", "note: sizes are small: the largest is below 16 times the smallest"),
    ];
    for (values, said) in cases {
        let outcome = measure(values);
        let advice = "note: try `--values 64,128,256,512,1024,2048,4096`";
        let expected = format!("{said}\n\n{advice}\n\nwords: fscale rule notation\n");
        assert!(outcome.stdout.ends_with(&expected), "{}", outcome.stdout);
        assert!(outcome.stdout.contains(" crossover, off by what may be chance: "), "{}", outcome.stdout);
    }
    let mended = measure("64,128,256,512,1024,2048,4096");
    assert_eq!(mended.status, 0, "{}", mended.stdout);
    assert!(!mended.stdout.contains("note: "), "{}", mended.stdout);
    let few = ["measure", "--scale", "d_k", "--values", "2,4,8,16,32", "--seeds", "2", "--seed", "1"];
    let answer = answer(&few);
    let notes = [
        "sizes are small: the largest is below 4 times `d_ff`, which stays at 128",
        "try `--values 64,128,256,512,1024,2048,4096`",
    ];
    assert_eq!(answer["notes"], json!(notes));
}

#[test]
fn measuring_an_impossible_scaling_prints_the_conflict() {
    let outcome = fscale(&["measure", "--scale", "d_v", "--values", "16,32"]);
    assert_eq!(outcome.status, 1);
    assert!(outcome.stdout.contains("impossible: these 7 requirements"), "{}", outcome.stdout);
}

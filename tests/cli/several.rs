//! Every command in several scale variables: held against each variable alone, and against ties.

use std::fmt::Write as _;
use std::fs;

use serde_json::{Map, Value, json};

use super::{answer, fscale};

/// The scaling that most is asked of: `d_k` grows with n, `d_ff` with m.
const APART: &str = "d_k=n,d_ff=m";

/// A file with the hyperparameters that an answer of `derive` gives, by the dimension of each scale variable of [`APART`].
fn file(derived: &Value) -> String {
    let mut text = format!("optimizer = {}\n", derived["optimizer"]);
    let line = |value: &Value| format!("{{ d_k = {}, d_ff = {} }}", value["n"], value["m"]);
    for key in ["init", "lr"] {
        writeln!(text, "[{key}]").unwrap();
        for (name, row) in derived["parameters"].as_object().unwrap() {
            writeln!(text, "{name} = {}", line(&row[key])).unwrap();
        }
    }
    writeln!(text, "[multiplier]").unwrap();
    for (name, value) in derived["multipliers"].as_object().unwrap() {
        writeln!(text, "{name} = {}", line(value)).unwrap();
    }
    text
}

#[test]
fn the_derived_table_is_judged_to_hold_and_another_is_told_what_to_change() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("derived.toml");
    let path = path.to_str().unwrap();
    let derived = answer(&["derive", "--scale", APART]);
    fs::write(path, file(&derived)).unwrap();
    let judged = fscale(&["judge", "--scale", APART, "--hp", path]);
    assert_eq!((judged.status, judged.stderr.as_str()), (0, ""), "{}", judged.stdout);

    let judged = fscale(&["judge", "--scale", APART, "--hp", "standard"]);
    assert_eq!(judged.status, 1);
    let told = judged.stdout.split("label   on").next().unwrap();
    insta::assert_snapshot!(told, @r"
    Pre-LN transformer block: `standard` under `d_k=n,d_ff=m` with sgd, fsc
    9 of 50 requirements fail

    label  on   fails                  value   off by  along
    -----  ---  ---------------------  ------  ------  ------------
    S      x2   update(x2) = 0         m       N       n = N, m = N
    S      n3   update(n3) = 0         m       N       n = N, m = N
    S      out  update(out) = 0        m       N       n = N, m = N
    S      z    update(z) <= 0         m       N       n = N, m = N
    U      W_Q  update(W_Q, q) = 0     n^-1/2  N^-1/2  n = N, m = N
    U      W_K  update(W_K, k) = 0     n^-1/2  N^-1/2  n = N, m = N
    U      W_1  update(W_1, h) = 0     m^-1/2  N^-1/2  n = N, m = N
    U      W_2  update(W_2, z) = 0     m       N       n = N, m = N
    C      W_2  contribution(W_2) = 0  m       N       n = N, m = N

    the smallest change after which all of them hold, 6 hyperparameters:

    change      of         from    to
    ----------  ---------  ------  ----
    init        W_2        m^-1/2  m^-1
    lr          W_Q        1       n
    lr          W_K        1       n
    lr          W_1        1       m
    lr          W_2        1       m^-1
    multiplier  attention  n^-1/2  n^-1
    ");

    let change = &answer(&["judge", "--scale", APART, "--hp", "standard"])["change"];
    assert_eq!(change["size"], "smallest");
    // The table is the only one: the change leads to it.
    let mut count = 0;
    for key in ["init", "lr", "multiplier"] {
        for (name, changed) in change[key].as_object().unwrap() {
            let place = match key {
                "multiplier" => &derived["multipliers"][name],
                key => &derived["parameters"][name][key],
            };
            assert_eq!(changed["to"], *place, "{key} of {name}");
            count += 1;
        }
    }
    assert_eq!(count, 6);
}

#[test]
fn what_fails_is_told_with_the_direction_for_machines() {
    let judged = answer(&["judge", "--scale", APART, "--hp", "standard"]);
    let failing = judged["requirements"].as_array().unwrap().iter().filter(|asked| asked["holds"] == false);
    let failing: Vec<&Value> = failing.collect();
    assert_eq!(failing.len(), 9);
    for asked in failing {
        assert!(asked["along"]["n"].is_string() && asked["along"]["m"].is_string(), "{asked}");
        assert!(asked["by"].is_string(), "{asked}");
    }
}

#[test]
fn an_explanation_tells_each_variable() {
    let explained = fscale(&["explain", "--scale", APART]);
    assert_eq!((explained.status, explained.stderr.as_str()), (0, ""));
    for scale in ["d_k=n", "d_ff=m"] {
        let told = format!("\n`{scale}`, the rest fixed\nWhy\n");
        assert!(explained.stdout.contains(&told), "{}", explained.stdout);
        // What is told of a variable is what is told of it alone.
        let alone = fscale(&["explain", "--scale", scale]).stdout;
        let why = alone[alone.find("Why\n").unwrap()..].trim_end_matches("words: fscale rule notation\n");
        assert!(explained.stdout.contains(why.trim_end()), "{scale}: {why}");
    }
    let node = fscale(&["explain", "--scale", APART, "--node", "q"]);
    assert_eq!(node.status, 0);
    assert!(node.stdout.contains("`d_k=n`") && node.stdout.contains("`d_ff=m`"), "{}", node.stdout);
    let machines = &answer(&["explain", "--scale", APART])["explained"];
    for (variable, scale) in [("n", "d_k=n"), ("m", "d_ff=m")] {
        let alone = answer(&["explain", "--scale", scale]);
        let alone = json!({"requirements": alone["requirements"], "proof": alone["proof"]});
        assert_eq!(machines[variable], alone, "{variable}");
    }
}

#[test]
fn parameterizations_are_compared_in_every_variable() {
    let compared = |second: &str| {
        let names = ["equiv", "mup", second, "--arch", "mlp", "--optimizer", "adam"];
        let outcome = fscale(&[&names[..], &["--scale", "width=n,d_in=m"]].concat());
        assert_eq!(outcome.stderr, "");
        (outcome.status, outcome.stdout)
    };
    insta::assert_snapshot!(compared("mean-field").1, @r"
    MLP with three hidden layers and biases: `mup` and `mean-field`, `width=n,d_in=m`, with adam
    the same parameterization up to gauge: `mean-field` is `mup` times

    parameter  multiplier  init   learning rate
    ---------  ----------  -----  -------------
    W_1        m^-1        m      m
    W_2        n^-1/2      n^1/2  n^1/2
    W_3        n^-1/2      n^1/2  n^1/2
    W_4        n^-1        n      n
    ");
    assert_eq!(compared("mean-field").0, 0);
    insta::assert_snapshot!(compared("standard").1, @r"
    MLP with three hidden layers and biases: `mup` and `standard`, `width=n,d_in=m`, with adam
    different: the learning rate of `W_2` relative to its init is n^-1/2 in `mup`, n^1/2 in `standard`
    ");
    assert_eq!(compared("standard").0, 1);
}

/// What an answer says of each hyperparameter, in one of its variables.
fn in_variable(answer: &Value, variable: &str) -> Value {
    let of = |value: &Value| value.get(variable).cloned().unwrap_or_else(|| value.clone());
    let parameters = answer["parameters"].as_object().unwrap().iter();
    let parameters = parameters.map(|(name, row)| {
        let row = row.as_object().unwrap().iter().map(|(key, value)| (key.clone(), of(value)));
        let mut row: Map<String, Value> = row.collect();
        // A multiplier in either variable is told in both.
        row.entry("multiplier").or_insert(json!("0"));
        (name.clone(), Value::Object(row))
    });
    let multipliers = answer["multipliers"].as_object().unwrap().iter();
    let multipliers = multipliers.map(|(name, value)| (name.clone(), of(value)));
    json!({
        "parameters": Value::Object(parameters.collect()),
        "multipliers": Value::Object(multipliers.collect()),
    })
}

/// Whether an answer in two variables is in each what it is in that alone.
fn is_each_alone(options: &[&str]) {
    let derived = |scale: &str| answer(&[&["derive", "--scale", scale], options].concat());
    let both = derived(APART);
    for (variable, scale) in [("n", "d_k=n"), ("m", "d_ff=m")] {
        let alone = derived(scale);
        assert_eq!(in_variable(&both, variable), in_variable(&alone, variable), "{options:?}, {scale}");
        assert_eq!(both["given"], alone["given"]);
    }
}

#[test]
fn a_gauge_is_in_each_variable_what_it_is_in_that_alone() {
    for gauge in ["constant-lr", "constant-init", "no-multipliers"] {
        for optimizer in ["sgd", "adam"] {
            is_each_alone(&["--gauge", gauge, "--optimizer", optimizer]);
        }
    }
}

#[test]
fn what_is_given_is_in_each_variable_what_it_is_in_that_alone() {
    for given in ["standard", "mup", "ntk"] {
        is_each_alone(&["--given", given, "--optimizer", "adam"]);
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("proof.json");
    let path = path.to_str().unwrap();
    let arguments = ["derive", "--scale", APART, "--given", "standard", "--certificate", path];
    assert_eq!(fscale(&arguments).status, 0);
    for given in [&[][..], &["--given", "standard"]] {
        let checked = fscale(&[&["check", path], given].concat());
        assert_eq!(checked.status, 0, "{}{}", checked.stdout, checked.stderr);
        assert!(checked.stdout.contains("proven") && checked.stdout.contains("`standard` given"));
    }
    assert_eq!(fscale(&["check", path, "--given", "ntk"]).status, 1);
}

#[test]
fn a_measurement_along_a_variable_is_that_of_the_variable_alone() {
    for (network, open, along, same, sizes) in [
        ("mlp", "width=n,d_in=m", "m", "d_in=m", "16,32,64"),
        ("mlp", "width=n,d_in=m", "n=m^2", "width=m^2,d_in=m", "16,64,256"),
        ("transformer", APART, "m", "d_ff=m", "16,32,64"),
        ("transformer", APART, "n=m^2", "d_k=m^2,d_ff=m", "4,16,64"),
    ] {
        for at in [&[][..], &["--hp", "standard"], &["--given", "standard"]] {
            let measured = |scale: &[&str]| {
                let common = ["measure", network, "--values", sizes, "--seeds", "2"];
                let outcome = fscale(&[&common, scale, at].concat());
                assert_eq!(outcome.stderr, "", "{scale:?} {at:?}");
                (outcome.status, outcome.stdout)
            };
            let course = measured(&["--scale", open, "--along", along]);
            assert_eq!(course, measured(&["--scale", same]), "{open} along {along}, {at:?}");
        }
    }
}

#[test]
fn a_sweep_along_a_variable_is_that_of_the_variable_alone() {
    let folder = tempfile::tempdir().unwrap();
    let planned = |name: &str, scale: &[&str]| {
        let path = folder.path().join(name);
        let common = ["sweep", "plan", "mlp", "--values", "16,64,256", "--seeds", "2"];
        let outcome = fscale(&[&common, scale, &["--out", path.to_str().unwrap()]].concat());
        assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""), "{scale:?}");
        fs::read_to_string(path).unwrap()
    };
    let course = planned("course.json", &["--scale", "width=n,d_in=m", "--along", "n=m^2"]);
    assert_eq!(course, planned("tie.json", &["--scale", "width=m^2,d_in=m"]));
}

#[test]
fn a_figure_along_a_variable_is_that_of_the_variable_alone() {
    let folder = tempfile::tempdir().unwrap();
    let drawn = |name: &str, scale: &[&str]| {
        let path = folder.path().join(name);
        let common = ["figure", "mlp", "--values", "16,32,64", "--seeds", "2"];
        let outcome = fscale(&[&common, scale, &["--out", path.to_str().unwrap()]].concat());
        assert_eq!(outcome.stderr, "", "{scale:?}");
        fs::read_to_string(path).unwrap()
    };
    let course = drawn("course.svg", &["--scale", "width=n,d_in=m", "--along", "m"]);
    assert_eq!(course, drawn("alone.svg", &["--scale", "d_in=m"]));
}

#[test]
fn a_measurement_asks_for_the_way_along_which_sizes_grow() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.svg");
    let out = out.to_str().unwrap();
    let measure: &[&str] = &["measure", "--hp", "standard"];
    let commands: [&[&str]; 3] =
        [measure, &["sweep", "plan", "--hp", "standard", "--out", out], &["figure", "--out", out]];
    for command in commands {
        let outcome = fscale(&[command, &["--scale", "d_k=n,d_v=l"]].concat());
        let said = "error[several-variables]: one scale variable is wanted here, not n and l\n  = hint: say which one \
                    grows with `--along l`, or tie the dimensions, like `d_model=n,heads=n^1/2`\n";
        assert_eq!((outcome.status, outcome.stdout.as_str(), outcome.stderr.as_str()), (2, "", said));
    }
    for (along, said) in [
        ("l", "unknown scale variable `l`"),
        ("n=l", "unknown scale variable `l`"),
        ("n,m", "one scale variable drives all others"),
        ("n=n^2", "`n=n^2` does not say how a scale variable grows"),
        ("n=m^-1", "`n=m^-1` does not say how a scale variable grows"),
        ("n=m,n=m^2", "scale variable `n` grows twice"),
    ] {
        let outcome = fscale(&[measure, &["--scale", APART, "--along", along]].concat());
        let told = format!(
            "error[along]: {said}\n  = note: `--along {along}`\n  = note: the scale variables are n and m\n  \
             = hint: write one scale variable, or how others grow with it, like `n=m^2`\n"
        );
        assert_eq!((outcome.status, outcome.stdout.as_str(), outcome.stderr), (2, "", told));
    }
}

#[test]
fn what_is_called_large_is_derived_and_is_no_scale_variable() {
    let asked = ["derive", "--scale", "d_model=n,heads=large,d_ff=large", "--optimizer", "adam"];
    let derived = answer(&asked);
    assert_eq!(derived["parameters"]["W_O"]["init"], json!({"n": "1/2", "large": "-1"}));
    let fixed = &derived["fixed"];
    assert_eq!((&fixed["scaling"], &fixed["feasible"]), (&json!("d_model=n"), &json!(false)));
    assert!(fixed["says"].as_str().unwrap().starts_with("F on v"), "{fixed}");
    let explained = ["explain", "--scale", "d_model=n,heads=large,d_ff=large", "--optimizer", "adam"];
    let chain = fscale(&[explained.as_slice(), &["--node", "y", "--parameter", "W_O"]].concat()).stdout;
    assert!(chain.contains("lr(W_O) = -large\n") && !chain.contains("000000"), "{chain}");
    let measured = ["measure", "--scale", "d_model=n,heads=large,d_ff=large", "--values", "8,16,32"];
    let measured = answer(&[measured.as_slice(), &["--optimizer", "adam", "--seeds", "1"]].concat());
    assert_eq!(measured["scaling"], "d_model=n");
    assert_eq!(measured["hyperparameters"]["init"]["W_O"], "1/2");
    let refused: [(&[&str], &str); 7] = [
        (&["derive", "--scale", "d_k=n,heads=Large"], "makes a scale variable of `large`"),
        (&["derive", "--scale", "heads=large"], "nothing grows beside `heads`, which is called large"),
        (&["derive", "--scale", "d_k=n,d_v=m,heads=large"], "not beside 2"),
        (&["derive", "--scale", "d_k=n,d_k=large"], "`d_k` is scaled twice"),
        (
            &["derive", "--scale", "d_k=n,heads=large", "--format", "toml"],
            "no powers of what is called large",
        ),
        (&["judge", "--hp", "standard", "--scale", "d_k=n,heads=large"], "for rules that are derived"),
        (&["predict", "--hp", "standard", "--scale", "d_k=n,heads=large"], "for rules that are derived"),
    ];
    for (arguments, why) in refused {
        let outcome = fscale(arguments);
        assert_eq!(outcome.status, 2, "{arguments:?}");
        assert!(outcome.stderr.contains(why), "{}", outcome.stderr);
    }
}

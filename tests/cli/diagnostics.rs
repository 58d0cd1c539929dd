//! What is said of bad input: exit status 2, nothing on stdout, and what to do on stderr.

use super::fscale;

/// The arguments are refused with exactly this on stderr.
#[track_caller]
fn refused(arguments: &[&str], expected: &str) {
    let outcome = fscale(arguments);
    assert_eq!(outcome.stderr.trim_end(), expected, "{arguments:?}");
    assert_eq!((outcome.status, outcome.stdout.as_str()), (2, ""), "{arguments:?}");
}

#[test]
fn a_wrong_name_is_answered_with_the_nearest() {
    refused(
        &["derive", "transfromer", "--scale", "d_k"],
        "error[unknown-rule]: unknown architecture `transfromer`\n  = hint: did you mean `transformer`?",
    );
    refused(
        &["derive", "--scale", "d_k", "--optimizer", "adan"],
        "error[unknown-rule]: unknown optimizer `adan`\n  = hint: did you mean `adam`?",
    );
    refused(
        &["rule", "liner"],
        "error[unknown-name]: unknown rule `liner`\n  = hint: did you mean `linear`?",
    );
    refused(
        &["predict", "--hp", "standart", "--scale", "d_k"],
        "error[unknown-rule]: `standart` is neither a file nor a built-in parameterization\n  = hint: did you mean \
         `standard`?",
    );
    refused(
        &["measure", "--hp", "nope", "--scale", "d_k"],
        "error[unknown-rule]: `nope` is neither a file nor a built-in parameterization\n  = hint: known: mean-field, mup, ntk, standard",
    );
    refused(
        &["explain", "--scale", "d_k", "--node", "W_Q", "--parameter", "W_P"],
        "error[unknown-name]: unknown node `W_Q`\n  = hint: known: u, x, n1, q, k, v, a, p, o, y, x1, n2, h, r, z, \
         x2, n3, out\n\nerror[unknown-name]: unknown parameter `W_P`\n  = hint: did you mean `W_E`?",
    );
}

#[test]
fn a_node_that_a_parameter_does_not_reach_is_answered_with_those_that_it_does() {
    refused(
        &["explain", "--scale", "d_k", "--node", "u", "--parameter", "W_2"],
        "error[unreached]: nothing of `W_2` reaches `u`\n  = hint: it reaches z, x2, n3, out",
    );
}

#[test]
fn two_wrong_names_are_told_at_once() {
    let outcome = fscale(&["derive", "--scale", "d_k", "--optimizer", "sdg", "--desiderata", "fs"]);
    assert_eq!(outcome.stderr.matches("error[").count(), 2, "{}", outcome.stderr);
}

#[test]
fn a_scaling_that_cannot_be_read_shows_the_dimensions() {
    refused(
        &["derive", "--scale", "d_q"],
        "error[scale]: unknown dimension `d_q`\n  = note: `--scale d_q`\n  = note: the dimensions are batch, context, \
         d_in, d_model, heads, d_k, d_v, d_ff, d_out\n  = hint: did you mean `d_k`?",
    );
}

#[test]
fn mistakes_of_usage_are_told_like_all_others() {
    refused(
        &["derive"],
        "error[usage]: missing `--scale <SCALE>`\n  = note: usage: fscale derive --scale <SCALE> [ARCH]\n  = hint: see \
         `fscale derive --help`",
    );
    refused(
        &["deriv"],
        "error[usage]: unknown command `deriv`\n  = note: usage: fscale [OPTIONS] <COMMAND>\n  = hint: did you mean \
         `derive`?",
    );
    refused(
        &["derive", "--scal", "d_k"],
        "error[usage]: unknown argument `--scal`\n  = note: usage: fscale derive --scale <SCALE> [ARCH]\n  = hint: did \
         you mean `--scale`?",
    );
    refused(
        &["derive", "--scale"],
        "error[usage]: `--scale <SCALE>` has no value\n  = hint: see `fscale derive --help`",
    );
    refused(
        &["dims", "--format", "jsn"],
        "error[usage]: `jsn` is no value of `--format <FORMAT>`\n  = note: the values are `text`, `markdown`, `latex`, \
         `csv`, `json`\n  = hint: did you mean `json`?",
    );
    refused(
        &["sweep", "run", "plan.json", "--out", "x", "--shard", "4/4"],
        "error[usage]: `4/4` is no value of `--shard <SHARE>`: 4 shares are numbered 0 to 3, not 4\n  = hint: see `fscale \
         sweep run --help`",
    );
    refused(
        &["measure", "--random", "2", "--format", "jsonl"],
        "error[usage]: `--format jsonl` cannot be used with `--random`\n  = hint: write `--format json`",
    );
    refused(
        &["measure", "--random", "0"],
        "error[usage]: `0` is no value of `--random <COUNT>`: 0 is not in 1..=1000\n  = hint: see `fscale measure --help`",
    );
    refused(
        &["measure", "--scale", "d_k", "--until", "0"],
        "error[usage]: `0` is no value of `--until <HALF_WIDTH>`: it is no number above 0, like 0.03\n  = hint: see \
         `fscale measure --help`",
    );
    refused(
        &["measure", "--scale", "d_k", "--until", "0.03", "--budget", "5d"],
        "error[usage]: `5d` is no value of `--budget <TIME>`: it is no time above 0, like 90s, 5m or 2h\n  = hint: see \
         `fscale measure --help`",
    );
    refused(
        &["measure", "--scale", "d_k", "--budget", "5m"],
        "error[usage]: missing `--until <HALF_WIDTH>`\n  = note: usage: fscale measure --until <HALF_WIDTH> \
         --scale <SCALE> --budget <TIME> [ARCH]\n  = hint: see `fscale measure --help`",
    );
    refused(
        &["measure", "--random", "2", "--until", "0.03"],
        "error[usage]: `--random <COUNT>` cannot be used with `--until <HALF_WIDTH>`\n  = note: usage: fscale measure \
         --random <COUNT> [ARCH]\n  = hint: see `fscale measure --help`",
    );
    refused(
        &["measure", "--scale", "d_k", "--hp", "standard", "--desiderata", "fsc"],
        "error[usage]: `--desiderata fsc` asks nothing of the hyperparameters of `standard`\n  = hint: leave it out, or write \
         `--hp derived`",
    );
    refused(
        &["dims", "--format", "toml"],
        "error[usage]: `toml` is no value of `--format <FORMAT>`\n  = note: the values are `text`, `markdown`, `latex`, \
         `csv`, `json`\n  = hint: a hyperparameter file is what `fscale derive --format toml` writes",
    );
    refused(
        &["derive", "--scale", "d_k", "--scale", "d_v"],
        "error[usage]: `--scale <SCALE>` is given twice\n  = note: usage: fscale derive [OPTIONS] --scale <SCALE> \
         [ARCH]\n  = hint: see `fscale derive --help`",
    );
}

#[test]
fn mistakes_of_usage_are_told_to_machines_too() {
    let cases: [(&[&str], &str); 5] = [
        (&["derive"], "missing `--scale <SCALE>`"),
        (&["nothing"], "unknown command `nothing`"),
        (&["dims", "--nothing"], "unknown argument `--nothing`"),
        (&["dims", "--format", "xml"], "`xml` is no value of `--format <FORMAT>`"),
        (&[], "no command is named"),
    ];
    for (arguments, message) in cases {
        for form in [["--diagnostic-format", "json"].as_slice(), &["--diagnostic-format=json"]] {
            let outcome = fscale(&[form, arguments].concat());
            let said: serde_json::Value = serde_json::from_str(&outcome.stderr).unwrap();
            assert_eq!((outcome.status, outcome.stdout.as_str()), (2, ""), "{arguments:?}");
            assert_eq!((&said["schema"], &said["diagnostics"][0]["code"]), (&1.into(), &"usage".into()));
            assert_eq!(said["diagnostics"][0]["message"], message);
            assert!(said["diagnostics"][0]["hint"].is_string(), "{said}");
        }
    }
}

#[test]
fn help_and_version_are_no_mistakes() {
    for arguments in [["--help"].as_slice(), &["derive", "--help"], &["--version"], &["help", "derive"]] {
        let json = [&["--diagnostic-format", "json"], arguments].concat();
        for arguments in [arguments, &json] {
            let outcome = fscale(arguments);
            assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""), "{arguments:?}");
            assert!(outcome.stdout.contains("fscale"), "{arguments:?}: {}", outcome.stdout);
        }
    }
    let outcome = fscale(&[]);
    assert_eq!((outcome.status, outcome.stdout.as_str()), (2, ""));
    assert!(outcome.stderr.contains("Usage: fscale"), "{}", outcome.stderr);
}

#[test]
fn diagnostics_for_machines_are_one_object() {
    let outcome = fscale(&["derive", "--scale", "d_q", "--diagnostic-format", "json"]);
    let said: serde_json::Value = serde_json::from_str(&outcome.stderr).unwrap();
    assert_eq!((outcome.status, &said["schema"]), (2, &1.into()));
    assert_eq!(said["diagnostics"][0]["code"], "scale");
    assert_eq!(said["diagnostics"][0]["hint"], "did you mean `d_k`?");
}

#[test]
fn sizes_that_do_not_work_are_answered_with_ones_that_do() {
    refused(
        &["measure", "--hp", "standard", "--scale", "d_k=n,d_v=n^1/2", "--values", "16,32"],
        "error[simulate]: dimension `d_v`, 16 at the first value, has no whole size at `32`\n  = hint: these work: \
         `--values 16,64,256`",
    );
}

/// Responses of a chain of linear maps, each parameter's at every node below it, with forms as long as the chain.
#[test]
fn a_network_of_thousands_of_layers_is_refused_before_it_fills_the_memory() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chain.toml");
    let mut text = String::from(
        "name = \"chain\"\ndimensions = { b = { kind = \"sample\", size = 2 }, w = { kind = \"feature\", size = 4 } }\n\
         axes = { b = \"b\", x = \"w\", y = \"w\" }\nloss = { op = \"mse\", output = \"h3000\" }\n\
         [[node]]\nname = \"h0\"\nop = \"input\"\naxes = \"bx\"\n",
    );
    for layer in 1..=3000 {
        let [from, to] = if layer % 2 == 1 { ["x", "y"] } else { ["y", "x"] };
        text.push_str(&format!(
            "[[node]]\nname = \"h{layer}\"\nop = \"linear\"\ninput = \"h{}\"\nweight = \"W{layer}\"\neinsum = \
             \"{to}{from},b{from}->b{to}\"\n",
            layer - 1
        ));
    }
    std::fs::write(&path, text).unwrap();
    refused(
        &["predict", path.to_str().unwrap(), "--hp", "standard", "--scale", "w"],
        "error[propagate]: the exponents of 3001 nodes, most of them one above the other, are too long to be held\n  \
         = hint: write fewer layers: those of a stack have the same rules, however many there are",
    );
}

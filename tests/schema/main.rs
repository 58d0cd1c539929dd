//! Every answer for programs is read back by its type and written again to the byte, and is valid by its JSON Schema; the
//! schemas in `rules/schema` are those of the types. `FSCALE_BLESS=1 cargo test --test schema` writes them anew.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod kinds;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use boon::{Compiler, Schemas};
use serde_json::{Value, json};

use kinds::{KINDS, Kind};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn file(name: &str) -> PathBuf {
    root().join("rules/schema").join(format!("{name}.json"))
}

fn kind(name: &str) -> &'static Kind {
    KINDS.iter().find(|kind| kind.name == name).unwrap()
}

/// What a command prints on stdout and stderr.
fn printed(arguments: &str) -> [String; 2] {
    let output = Command::new(env!("CARGO_BIN_EXE_fscale"))
        .args(arguments.split_whitespace())
        .current_dir(root())
        .output()
        .unwrap();
    [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap())
}

/// Why a document is not valid by the schema that `fscale list --schema NAME` prints.
fn mistake(name: &str, document: &Value) -> Option<String> {
    let [schema, _] = printed(&format!("list --schema {name}"));
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    let place = format!("https://fscale.invalid/{name}.json");
    compiler.add_resource(&place, serde_json::from_str(&schema).unwrap()).unwrap();
    let schema = compiler.compile(&place, &mut schemas).unwrap();
    schemas.validate(document, schema).err().map(|error| format!("{error:#}"))
}

/// Reads an answer, writes it again, and holds it against its schema.
fn hold(name: &str, text: &str, of: &str) {
    let again = (kind(name).again)(text).map_err(|error| format!("{of}: {error}")).unwrap();
    assert_eq!(text, again, "{of}");
    assert_eq!(mistake(name, &serde_json::from_str(text).unwrap()), None, "{of}");
}

#[test]
fn the_schemas_are_those_of_the_types() {
    let bless = std::env::var_os("FSCALE_BLESS").is_some();
    if bless {
        fs::create_dir_all(file("").parent().unwrap()).unwrap();
    }
    for kind in &KINDS {
        let schema = (kind.schema)(kind);
        if bless {
            fs::write(file(kind.name), &schema).unwrap();
        }
        let held = fs::read_to_string(file(kind.name)).unwrap_or_default();
        assert!(held == schema, "{}: run `FSCALE_BLESS=1 cargo test --test schema`", kind.name);
    }
    let files = fs::read_dir(root().join("rules/schema")).unwrap().count();
    assert_eq!(files, KINDS.len(), "a schema of no type");
}

#[test]
fn every_answer_is_read_back_and_valid() {
    let answers = [
        ("derive", "derive --scale d_k --optimizer adam"),
        ("derive", "derive --scale d_model"),
        ("derive", "derive --scale d_model=n,heads=n,d_ff=n --optimizer adamw --desiderata mup"),
        ("derive", "derive --scale d_ff --gauge no-multipliers --optimizer adam"),
        ("derive", "derive --scale d_k --given standard --optimizer adam"),
        ("derive", "derive --scale d_k --alignment full --desiderata stable --optimizer adam"),
        ("derive", "derive --scale d_k=n,d_ff=m --optimizer adam"),
        ("derive", "derive --scale d_model=n,d_k=m"),
        ("derive", "derive lora --scale d_model=n,heads=m"),
        ("derive", "derive lora --scale d_model=n,heads=n,d_ff=n,rank=m --optimizer adamw --desiderata mup"),
        ("derive", "derive --scale d_model=n,heads=n,d_ff=m --desiderata mup"),
        ("derive", "derive --scale d_k=n,d_ff=m --optimizer adam --gauge no-multipliers"),
        ("derive", "derive --scale d_k=n,d_ff=m --given standard --optimizer adam"),
        ("derive", "derive llama --scale d_model=n,queries=n,d_ff=n --optimizer adam --desiderata mup"),
        ("derive-later", "derive --scale d_v --optimizer adam --at later"),
        ("derive-later", "derive mlp --scale width --optimizer adamw --at later"),
        ("derive-later", "derive --scale d_model --optimizer sgd --at later"),
        ("dims-later", "dims mlp --optimizer adam --at later"),
        ("dims-later", "dims deep-mlp --at later"),
        ("dims", "dims --optimizer adam --desiderata mup"),
        ("dims", "dims transformer-stack"),
        ("explain", "explain --scale d_k"),
        ("explain", "explain --scale d_model --all"),
        ("explain", "explain --scale d_ff --node q"),
        ("explain", "explain --scale d_k=n,d_ff=m --optimizer adam"),
        ("explain", "explain --scale d_k=n,d_ff=m --node q"),
        ("explain", "explain --scale d_model=n,d_k=m --all"),
        (
            "explain",
            "explain lora --scale d_model=n,heads=n,d_ff=n,rank=m --optimizer adamw --desiderata mup",
        ),
        ("predict", "predict --hp standard --scale d_ff"),
        ("predict", "predict --hp standard --scale d_ff=n,d_k=m --optimizer adam"),
        ("predict", "predict --hp standard --scale d_ff --alignment full"),
        ("predict", "predict --hp derived --scale d_k=n,d_ff=m --optimizer adamw"),
        ("predict-later", "predict --hp standard --scale d_ff --at later"),
        ("predict-later", "predict --hp derived --scale d_k --optimizer adam --at later"),
        ("predict-later", "predict mlp --hp standard --scale width --optimizer adam --steps 3"),
        ("judge", "judge --hp standard --scale d_ff"),
        ("judge", "judge --hp derived --scale d_ff --optimizer adamw"),
        ("judge", "judge llama --hp tests/gauge/weight-decay.toml --scale d_model=n,groups=n,d_ff=n"),
        ("judge", "judge mlp --hp ntk --scale width --desiderata stable"),
        ("judge", "judge --hp standard --scale d_model"),
        ("judge", "judge --hp standard --scale d_k=n,d_ff=m"),
        ("judge", "judge mlp --hp ntk --scale width=n,d_in=m --desiderata stable"),
        ("judge", "judge --hp standard --scale d_model=n,d_k=m"),
        ("judge-later", "judge --hp standard --scale d_ff --at later"),
        ("judge-later", "judge --hp derived --scale d_k --optimizer adam --at later"),
        ("equiv", "equiv standard mup --scale d_ff"),
        (
            "equiv",
            "equiv tests/gauge/weight-decay.toml tests/gauge/weight-decay-in-patterns.toml --arch llama",
        ),
        ("equiv", "equiv mup mean-field --arch mlp --optimizer adam"),
        ("equiv", "equiv mup standard --arch mlp"),
        ("measure", "measure mlp --scale width --seeds 2 --values 8,16,32"),
        ("measure", "measure mlp --hp standard --scale width --seeds 1 --values 8,16"),
        ("measure", "measure --hp standard --scale d_ff --seeds 2 --values 8,16,32"),
        ("measure", "measure mlp --given standard --scale width --seeds 1 --values 8,16"),
        ("derive", "measure --scale d_model"),
        ("measure-steps", "measure mlp --scale width --steps 3 --seeds 1 --values 8,16"),
        ("measure-random", "measure mlp --random 2 --scale width --seeds 2 --values 8,16"),
        ("check", "check rules/architectures/llama.toml"),
        ("list", "list"),
        ("rule", "rule adam"),
        ("rule", "rule mup"),
    ];
    for (name, arguments) in answers {
        let [answer, errors] = printed(&format!("{arguments} --format json"));
        assert_eq!(errors, "", "{arguments}");
        hold(name, &answer, arguments);
    }
}

#[test]
fn every_line_of_a_measurement_is_read_back_and_valid() {
    for arguments in ["measure mlp --scale width --seeds 2 --values 8,16", "measure --scale d_model"] {
        let [lines, _] = printed(&format!("{arguments} --format jsonl"));
        assert!(!lines.is_empty());
        for line in lines.lines() {
            hold("measure-lines", line, arguments);
        }
    }
}

#[test]
fn a_certificate_is_answered_by_what_it_is_about() {
    let folder = tempfile::tempdir().unwrap();
    let proof = folder.path().join("proof.json").display().to_string();
    printed(&format!("derive --scale d_k --optimizer adam --certificate {proof}"));
    let check = format!("check {proof} --format json");
    let [answer, _] = printed(&check);
    hold("check-certificate", &answer, &check);
    let answer: Value = serde_json::from_str(&answer).unwrap();
    let about = ["architecture", "scaling", "optimizer", "desiderata", "at"].map(|key| answer[key].clone());
    assert_eq!(about, ["transformer-block", "d_k=n", "adam", "fsc", "first"].map(|text| json!(text)));
    let text = fs::read_to_string(&proof).unwrap().replace("\"adam\"", "\"sgd\"");
    fs::write(&proof, text).unwrap();
    let [answer, _] = printed(&check);
    hold("check-certificate", &answer, &check);
    assert!(answer.contains("\"proven\": false"), "{answer}");
}

#[test]
fn parameterizations_for_two_optimizers_differ_in_them() {
    let folder = tempfile::tempdir().unwrap();
    let files = ["sgd", "adam"].map(|optimizer| {
        let path = folder.path().join(format!("{optimizer}.toml"));
        fs::write(&path, format!("optimizer = \"{optimizer}\"\n")).unwrap();
        path.display().to_string()
    });
    let arguments = format!("equiv {} --arch mlp --format json", files.join(" "));
    let [answer, _] = printed(&arguments);
    hold("equiv", &answer, &arguments);
    assert!(answer.contains("\"optimizer\": null"), "{answer}");
}

#[test]
fn a_merged_sweep_is_answered_like_a_measurement() {
    let folder = tempfile::tempdir().unwrap();
    let [plan, results] = ["plan.json", "results"].map(|name| folder.path().join(name).display().to_string());
    let options = "mlp --scale width --seeds 1 --values 8,16";
    printed(&format!("sweep plan {options} --out {plan}"));
    printed(&format!("sweep run {plan} --shard 0/1 --out {results}"));
    let merge = format!("sweep merge {plan} {results} --format json");
    let [answer, _] = printed(&merge);
    hold("measure", &answer, &merge);
    assert_eq!(answer, printed(&format!("measure {options} --format json"))[0]);
}

#[test]
fn diagnostics_are_read_back_and_valid() {
    for arguments in
        ["check tests/malformed/einsum-rank.toml", "derive nosuch --scale d_k", "list --schema deriv"]
    {
        let [answer, errors] = printed(&format!("{arguments} --diagnostic-format json"));
        assert_eq!(answer, "", "{arguments}");
        hold("diagnostics", &errors, arguments);
    }
}

#[test]
fn every_answer_about_a_network_names_it_by_the_same_keys() {
    let about = [
        "derive",
        "derive-later",
        "dims",
        "explain",
        "predict",
        "predict-later",
        "judge",
        "judge-later",
        "equiv",
        "measure",
        "measure-steps",
        "measure-random",
    ];
    for name in about {
        let schema: Value = serde_json::from_str(&fs::read_to_string(file(name)).unwrap()).unwrap();
        let required = schema["required"].as_array().unwrap();
        for key in ["architecture", "scaling", "optimizer", "desiderata", "at"] {
            assert!(required.contains(&json!(key)), "{name}: {key}");
        }
    }
}

#[test]
fn what_no_command_writes_is_not_valid() {
    let [answer, _] = printed("derive --scale d_k --optimizer adam --format json");
    let answer: Value = serde_json::from_str(&answer).unwrap();
    let changed = |pointer: &str, value: Value| {
        let mut changed = answer.clone();
        *changed.pointer_mut(pointer).unwrap() = value;
        changed
    };
    let wrong = [
        changed("/status", json!("perhaps")),
        changed("/at", json!("never")),
        changed("/unique", json!("yes")),
        changed("/parameters/W_Q/lr", json!("-0.5")),
        changed("/parameters/W_Q/lr", json!("2/1")),
        changed("/parameters/W_Q/lr", json!(-1)),
        changed("/multipliers/attention", json!(null)),
        changed("/certificate/clauses/0/rows", json!(null)),
    ];
    for (number, document) in wrong.iter().enumerate() {
        assert!(mistake("derive", document).is_some(), "change {number}");
    }
    for key in ["architecture", "scaling", "desiderata", "at", "status", "parameters", "freedom"] {
        let mut lacking = answer.clone();
        lacking.as_object_mut().unwrap().remove(key);
        assert!(mistake("derive", &lacking).is_some(), "{key}");
    }
}

#[test]
fn a_schema_that_is_not_there_is_told_with_the_nearest() {
    let [answer, errors] = printed("list --schema deriv");
    assert_eq!(answer, "");
    assert_eq!(errors, "error[unknown-name]: unknown schema `deriv`\n  = hint: did you mean `derive`?\n");
}

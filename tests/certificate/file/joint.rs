//! The same of certificates in several scale variables.

use std::fs;

use serde_json::{Value, json};

use super::check;
use super::mutants::{refuse_every_mutant, stride};
use super::truth::is_true;

/// The exit status of `derive`, and the certificate it writes.
fn derived(arguments: &[&str]) -> (i32, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("proof.json");
    let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_fscale"));
    let output = command.arg("derive").args(arguments).arg("--certificate").arg(&path).output().unwrap();
    (output.status.code().unwrap(), fs::read_to_string(&path).unwrap_or_default())
}

#[test]
fn a_joint_certificate_is_refused_when_anything_in_it_is_changed() {
    for (network, scaling, status, usual, least) in [
        ("transformer", "d_k=n,heads=m", 0, 12_011, 200_000),
        ("mlp", "width=n,d_in=m", 0, 1201, 50_000),
        ("transformer", "d_k=n,d_v=m", 1, 5, 500),
    ] {
        let (found, text) = derived(&[network, "--scale", scaling]);
        assert_eq!(found, status, "{scaling}");
        let is_proven = |text: &str| check(text).0 == 0;
        let (tried, of) = refuse_every_mutant(&text, is_proven, stride(usual));
        assert!(of > least && tried > 15, "{scaling}: {tried} of {of}");
    }
}

/// The learning rate of a frozen weight is zero, since it has none: no other can be stated.
#[test]
fn a_frozen_weight_has_no_learning_rate_to_state() {
    let (status, text) =
        derived(&["lora", "--scale", "rank=n,d_v=m", "--optimizer", "adam", "--desiderata", "stable"]);
    assert_eq!(status, 0, "{text}");
    assert_eq!(check(&text).0, 0);
    let document: Value = serde_json::from_str(&text).unwrap();
    let mut free = 0;
    for variable in ["n", "m"] {
        let place = format!("/statement/tables/{variable}/parameters");
        for (name, _) in document.pointer(&place).unwrap().as_object().unwrap() {
            let mut mutant = document.clone();
            *mutant.pointer_mut(&format!("{place}/{name}/lr")).unwrap() = json!("17");
            free += usize::from(check(&mutant.to_string()).0 == 0);
        }
    }
    assert_eq!(free, 0, "learning rates that can be 17");
}

#[test]
fn every_joint_answer_has_a_certificate_that_is_proven() {
    for (scaling, desiderata, answer, states) in [
        ("d_model=n,heads=n,d_ff=n,d_k=m", "fsc", 0, "possible, and the table is the only one"),
        ("d_k=n,d_ff=m,heads=l", "fsc", 0, "possible, and the table is the only one"),
        ("d_k=n,d_ff=m", "stable", 0, "possible"),
        ("d_model=n,d_v=m", "fsc", 1, "impossible"),
    ] {
        let (found, text) = derived(&["--scale", scaling, "--desiderata", desiderata, "--optimizer", "adam"]);
        assert_eq!(found, answer, "{scaling}");
        let (status, said, _) = check(&text);
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        let expected = format!("FILE: proven `{scaling}` of transformer with adam, {desiderata}: {states}");
        assert_eq!((status, said), (0, expected));
    }
}

/// Whoever does not use this program can follow the file: the statement holds all that is proven.
#[test]
fn a_wrong_joint_table_is_not_proven() {
    let (_, text) = derived(&["--scale", "d_k=n,heads=m"]);
    let tables = text.find("\"tables\"").unwrap();
    let (head, rest) = text.split_at(tables);
    let wrong = head.to_owned() + &rest.replacen("\"lr\": \"1\"", "\"lr\": \"1/2\"", 1);
    assert_ne!(wrong, text);
    let (status, said, _) = check(&wrong);
    assert_eq!(status, 1);
    assert!(said.contains("not proven") && said.contains("`/statement/clauses/"), "{said}");
}

/// The outer statement is about a question that cannot be asked: `num` compares with a number.
#[test]
fn a_number_has_no_joint_certificate_even_if_one_variable_has() {
    let folder = tempfile::tempdir().unwrap();
    let rules = folder.path().to_str().unwrap();
    fs::create_dir(folder.path().join("desiderata")).unwrap();
    let signal =
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/rules/desiderata/signal.toml")).unwrap();
    let (signal, _) = signal.split_once("[[example]]").unwrap();
    let num = signal.replace("name    = \"signal\"", "name = \"num\"");
    let num = num.replace("\"forward(y) = - behind\"", "\"forward(y) = 1\"");
    let example = "[[example]]\nsays = \"norms give order 1\"\narchitecture = \"transformer\"\nscale = \"d_k\"\n\
                   optimizer = \"sgd\"\ngives = \"impossible\"\n";
    fs::write(folder.path().join("desiderata/num.toml"), num + example).unwrap();
    let (status, alone) = derived(&["--rules", rules, "--desiderata", "num", "--scale", "d_k=n"]);
    assert_eq!(status, 1, "{alone}");
    let alone: Value = serde_json::from_str(&alone.replace("\"d_k=n\"", "\"d_k=n,heads=m\"")).unwrap();
    let mut statement = alone["statement"].clone();
    statement["variable"] = json!("n,m");
    for key in ["unknowns", "clauses", "failures"] {
        statement[key] = json!([]);
    }
    let (schema, fscale) = (&alone["schema"], &alone["fscale"]);
    let forged = json!({
        "schema": schema, "fscale": fscale, "kind": "certificate", "statement": statement,
        "evidence": {"alone": [alone], "refutations": []},
    });
    let path = folder.path().join("forged.json");
    fs::write(&path, forged.to_string()).unwrap();
    let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_fscale"));
    let output = command.args(["check", "--rules", rules]).arg(&path).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.starts_with("error[number]: `forward("), "{said}");
}

#[test]
fn what_has_not_the_form_of_a_joint_certificate_is_told_apart() {
    let (_, text) = derived(&["--scale", "d_k=n,d_v=m"]);
    let said = |text: &str| {
        let (status, _, complaint) = check(text);
        format!("{status}: {}", complaint.lines().next().unwrap_or_default())
    };
    let middle = text.len() / 2;
    let (end, nested) = (&text[..middle], text.rfind("\"certificate\"").unwrap());
    let zzz = text[..nested].to_owned() + &text[nested..].replacen("certificate", "zzz", 1);
    let document: Value = serde_json::from_str(&text).unwrap();
    let evidence = |evidence: Value| {
        let mut changed = document.clone();
        changed["evidence"] = evidence;
        changed.to_string()
    };
    let alone = &document["evidence"]["alone"];
    let cases = [
        said(end).split(':').take(3).collect::<Vec<_>>().join(":"),
        said(&text.replacen("\"refutations\": []", "\"refutations\": 3", 1)),
        said(&text.replacen("\"certificate\"", "\"other\"", 1)),
        said(&zzz),
        said(&evidence(json!({"alone": alone}))),
        said(&evidence(json!({"alone": alone, "refutations": [], "refutation": []}))),
    ];
    insta::assert_snapshot!(cases.join("\n"), @r"
    2: error[syntax]: not valid JSON
    2: error[certificate]: invalid type: integer `3`, expected a sequence
    2: error[certificate]: `other` of schema 2 is no certificate of schema 2
    2: error[certificate]: `zzz` is not that of a certificate in another
    2: error[certificate]: `alone` and `refutations` belong together, in several scale variables
    2: error[certificate]: in several scale variables the evidence is `alone` and `refutations`
    ");
}

/// Evidence about one scale variable proves nothing about several, nor the other way round.
#[test]
fn evidence_about_another_number_of_variables_is_refused() {
    let [one, several] = ["d_v=n", "d_k=n,d_v=m"]
        .map(|scaling| serde_json::from_str::<Value>(&derived(&["--scale", scaling]).1).unwrap());
    for (mut document, other, said) in [
        (one.clone(), &several, "a certificate about several scale variables proves nothing about one"),
        (several.clone(), &one, "a certificate about one scale variable proves nothing about several"),
    ] {
        document["evidence"] = other["evidence"].clone();
        let (status, told, _) = check(&document.to_string());
        let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!((status, told.contains(said)), (1, true), "{told}");
    }
}

/// Before there was one form for any number of scale variables, there were two kinds.
#[test]
fn documents_of_the_first_schema_are_to_be_derived_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("old.json");
    for (scaling, kind) in [("d_v=n", "certificate"), ("d_k=n,d_v=m", "joint certificate")] {
        let mut document: Value = serde_json::from_str(&derived(&["--scale", scaling]).1).unwrap();
        (document["schema"], document["kind"]) = (json!(1), json!(kind));
        if kind != "certificate" {
            document["statement"].as_object_mut().unwrap().shift_remove("variable");
        }
        fs::write(&path, document.to_string()).unwrap();
        let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_fscale"));
        let output = command.arg("check").arg(&path).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        let (first, last) = (said.lines().next().unwrap(), said.lines().last().unwrap());
        let refused = format!("error[certificate]: `{kind}` of schema 1: this program reads schema 2");
        let hint = "= hint: derive it anew with `fscale derive --certificate FILE`";
        assert_eq!((output.status.code(), first, last.trim()), (Some(2), refused.as_str(), hint));
    }
}

/// What is given in several variables is given in each, and stated there.
#[test]
fn what_is_given_in_several_variables_is_proven() {
    let apart = "d_k=n,d_ff=m";
    for (network, scaling, given, desiderata, other, status) in [
        ("mlp", "width=n,d_in=m", "standard", "stable", "mup", 0),
        ("transformer", apart, "mup", "fsc", "standard", 0),
        ("transformer", apart, "standard", "stable", "mup", 0),
        ("transformer", apart, "standard", "fsc", "mup", 1),
    ] {
        let options = ["--given", given, "--desiderata", desiderata, "--optimizer", "adam"];
        let (found, text) = derived(&[&[network, "--scale", scaling][..], &options].concat());
        assert_eq!(found, status, "{network} {options:?}: {text}");
        assert!(text.contains(&format!("\"given\": \"{given}\"")), "{text}");
        assert_eq!(check(&text).0, 0, "{network} {options:?}");
        let document: Value = serde_json::from_str(&text).unwrap();
        assert!(is_true(&document), "{network} {options:?}");
        let mut changed = document;
        changed["statement"]["given"] = json!(other);
        assert_ne!(check(&changed.to_string()).0, 0, "{network} {options:?}");
    }
}

/// What is given apart enters no word of a statement that takes nothing as given.
#[test]
fn nothing_is_given_apart_of_what_takes_nothing_as_given() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("proof.json");
    let run = |given: &[&str]| {
        let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_fscale"));
        let output = command.arg("check").arg(&path).args(given).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    for question in [&["mlp", "--scale", "width"][..], &["mlp", "--scale", "width=n,d_in=m"]] {
        fs::write(&path, derived(question).1).unwrap();
        assert_eq!(run(&[]).0, 0);
        let (status, said) = run(&["--given", "standard"]);
        let first = said.lines().next().unwrap();
        let expected = "error[certificate]: the certificate takes nothing as given, not `standard` either";
        assert_eq!((status, first), (2, expected));
    }
}

/// The number of all layers is that of the deepest repeat: of depths that grow apart none is known to be it, so what speaks of
/// that number can neither be derived nor proven.
#[test]
fn the_number_of_all_layers_is_not_known_where_depths_grow_apart() {
    let net = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/networks/two-depths.toml");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("proof.json");
    let run = |arguments: &[&str]| {
        let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_fscale"));
        let output = command.args(arguments).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (status, said) = run(&["derive", net, "--scale", "da=n,db=m", "--desiderata", "paper"]);
    assert_eq!(status, 2);
    insta::assert_snapshot!(said, @r"
    error[depths-apart]: `C` speaks of the number of all layers, and of depths that grow apart none is the largest
      = hint: let the depths grow in one scale variable, like `depth=n,layers=n^2`
    ");
    for (scale, desiderata) in [("da=n,db=n^2", "paper"), ("da=n,db=m", "signal"), ("da=n,width=m", "paper")]
    {
        assert!(
            run(&["derive", net, "--scale", scale, "--desiderata", desiderata]).0 < 2,
            "{scale} {desiderata}"
        );
    }
    let fingerprint = fscale::certificate::fingerprint(&fs::read_to_string(net).unwrap());
    let forged = json!({
        "schema": 2, "fscale": env!("CARGO_PKG_VERSION"), "kind": "certificate",
        "statement": {
            "architecture": {"name": "two-depths", "fingerprint": fingerprint}, "scaling": "da=n,db=m", "variable": "n,m",
            "optimizer": "sgd", "desiderata": "paper", "status": "feasible",
            "tables": {"n": {"parameters": {}, "multipliers": {}}, "m": {"parameters": {}, "multipliers": {}}},
            "unknowns": [], "clauses": [], "failures": [],
        },
        "evidence": {"alone": [], "refutations": []},
    });
    fs::write(&path, forged.to_string()).unwrap();
    let (status, said) = run(&["check", path.to_str().unwrap(), "--arch", net]);
    assert_eq!((status, said.starts_with("error[depths-apart]")), (2, true), "{said}");
}

//! Which of several tables is taken: the one nearest to what frameworks start with, and that of muP.

use std::sync::Arc;

use fscale::derive::{Answer, Priority, Search, derive_by};
use fscale::document::Source;
use fscale::exact::Exponent;
use fscale::graph::Graph;
use fscale::propagate::{Growth, NoteTopic, Table};
use fscale::rule::{Folder, RuleBook};

use super::{graph, question};

/// A network, how it grows, the optimizer and what is asked.
type Asked<'a> = (&'a str, &'a str, &'a str, &'a str);

fn preferred(book: &Arc<RuleBook>, asked: Asked<'_>, priority: Priority) -> (Arc<Graph>, Answer) {
    let (network, scale, optimizer, desiderata) = asked;
    let graph = graph(book, network);
    let question = question(book, &graph, scale, optimizer, desiderata);
    let answer = derive_by(&question, Search::default(), priority).unwrap();
    (graph, answer)
}

/// Init and learning rate of a parameter.
fn row(table: &Table, name: &str) -> String {
    let exponent = |law: fscale::Law<'_>| law.exponent("n").map_or("-".into(), Exponent::to_string);
    format!("{} {}", exponent(table.init(name)), exponent(table.lr(name)))
}

fn multiplier(table: &Table, name: &str) -> String {
    table.multiplier(name).exponent("n").unwrap().to_string()
}

/// Yang et al. arXiv:2203.03466, Table 3.
const TABLE_3: [(&str, [&str; 3]); 2] =
    [("adam", ["0 0", "-1/2 -1", "-1 -1"]), ("sgd", ["0 1", "-1/2 0", "-1 -1"])];

#[test]
fn of_all_stable_tables_standard_keeps_fan_in_and_mup_is_the_published_one() {
    let book = Arc::new(RuleBook::embedded().unwrap());
    let widths = [("transformer", "d_model=n,heads=n,d_ff=n"), ("llama", "d_model=n,groups=n,d_ff=n")];
    for (network, scale) in widths {
        for (optimizer, [input, hidden, output]) in TABLE_3 {
            let asked = (network, scale, optimizer, "stable");
            let (graph, answer) = preferred(&book, asked, Priority::Standard);
            let standard = book.parameterization("standard").unwrap();
            let growth = Growth::of_scaling(&answer.question.scaling);
            let standard = standard.hyperparameters(&graph, &growth, &answer.question.optimizer);
            let table = answer.feasible().unwrap();
            let held = table.hyperparameters().remove(0);
            assert!(!table.unique, "{asked:?}");
            assert_eq!(held.init, standard.hyperparameters.init, "{asked:?}");
            assert_eq!(held.multiplier, standard.hyperparameters.multiplier, "{asked:?}");
            let (_, answer) = preferred(&book, asked, Priority::Mup);
            let table = answer.feasible().unwrap();
            assert_eq!(row(table, "W_E"), input, "{asked:?}");
            for name in ["W_Q", "W_K", "W_V", "W_O", "W_1", "W_2"] {
                assert_eq!(row(table, name), hidden, "{asked:?} {name}");
            }
            assert_eq!(row(table, "W_U"), output, "{asked:?}");
            assert!(table.multipliers.iter().all(|(_, powers)| powers.is_zero()), "{asked:?}");
        }
    }
}

#[test]
fn the_logits_of_larger_keys_are_divided_by_d_k_in_mup_and_start_smaller_near_the_standard_table() {
    let book = Arc::new(RuleBook::embedded().unwrap());
    for network in ["transformer", "llama"] {
        let asked = (network, "d_k", "adam", "mup");
        let (_, answer) = preferred(&book, asked, Priority::Mup);
        let table = answer.feasible().unwrap();
        assert_eq!(multiplier(table, "attention"), "-1");
        assert_eq!([row(table, "W_Q"), row(table, "W_K")], ["0 0", "0 0"]);
        let (_, answer) = preferred(&book, asked, Priority::Standard);
        let table = answer.feasible().unwrap();
        assert_eq!(multiplier(table, "attention"), "-1/2");
        // Queries move keys' logits by 1/sqrt(d_k) of d_k terms each: both start smaller by the root.
        assert_eq!([row(table, "W_Q"), row(table, "W_K")], ["-1/2 0", "-1/2 0"]);
    }
}

#[test]
fn where_there_is_one_table_every_preference_takes_it() {
    let book = Arc::new(RuleBook::embedded().unwrap());
    for asked in [
        ("transformer", "d_model=n,heads=n,d_ff=n", "adamw", "fsc"),
        ("transformer", "d_k", "sgd", "fsc"),
        ("llama", "depth", "adamw", "fsc"),
    ] {
        let [default, standard, mup] = [Priority::default(), Priority::Standard, Priority::Mup]
            .map(|priority| preferred(&book, asked, priority).1.feasible().unwrap().clone());
        assert!(default.unique, "{asked:?}");
        assert_eq!(default, standard, "{asked:?}");
        assert_eq!(default, mup, "{asked:?}");
    }
}

/// A set that asks U of some parameters alone.
fn of_some(on: &str) -> Source {
    let text = format!(
        r#"
        name = "some"
        summary = "stable, and some weights move"
        why = "only some are trained from new data"
        source = "none"
        [[require]]
        label = "F"
        on = ["feature", "logits", "branch", "output"]
        says = "forward(y) <= 0"
        why = "it must not explode"
        [[require]]
        label = "S"
        on = ["feature", "logits", "branch", "output"]
        says = "update(y) <= 0"
        why = "it must not explode"
        [[require]]
        label = "U"
        on = {on}
        says = "update(w, y) = 0"
        why = "it learns"
        [[example]]
        says = "larger keys"
        architecture = "transformer"
        scale = "d_k"
        optimizer = "adam"
        gives = {{ multiplier = {{ attention = "-1/2" }} }}
        "#
    );
    Source::new("some.toml", text)
}

/// On whom U is asked, and the topics of what is noted.
fn asked_of(on: &str) -> (Vec<String>, Vec<String>) {
    let mut book = RuleBook::embedded().unwrap();
    book.add(Folder::Desiderata, of_some(on)).unwrap();
    let book = Arc::new(book);
    let graph = graph(&book, "transformer");
    let answer = question(&book, &graph, "d_k", "adam", "some").derive().unwrap();
    let requirements = &answer.posed().unwrap().demands.requirements;
    let of_u = requirements.iter().filter(|requirement| requirement.label == "U");
    let names = of_u.map(|requirement| requirement.on.name(&graph).to_owned());
    let notes = answer.notes().into_iter().filter(|note| note.topic == NoteTopic::Unasked);
    (names.collect(), notes.map(|note| note.says).collect())
}

#[test]
fn requirements_are_asked_of_parameters_by_name() {
    let none: Vec<String> = Vec::new();
    assert_eq!(asked_of(r#"["W_V"]"#), (vec!["W_V".into()], none.clone()));
    let (starred, notes) = asked_of(r#"["W_*"]"#);
    assert_eq!(starred, ["W_E", "W_Q", "W_K", "W_V", "W_O", "W_1", "W_2", "W_U"]);
    assert_eq!(notes, none);
    // Several classes ask once, and names that are not there ask nothing beside others.
    assert_eq!(asked_of(r#"["W_V", "W_?", "*_V"]"#.replace("W_?", "gate").as_str()).0, ["W_V"]);
    let (nobody, notes) = asked_of(r#"["gate", "router_*"]"#);
    assert_eq!(nobody, none);
    assert_eq!(
        notes,
        ["U of some is asked of nothing here: no trained parameter is called like `gate` or `router_*`"]
    );
}

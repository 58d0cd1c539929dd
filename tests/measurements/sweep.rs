//! Plans of sweeps: what is written is read again, what was changed is refused with its place, and every task has one
//! owner.

use std::collections::BTreeSet;

use fscale::architecture::Architecture;
use fscale::document::{Diagnostics, Source};
use fscale::exact::Exponent;
use fscale::graph::{Hyperparameters, Scaling};
use fscale::rule::RuleBook;
use fscale::simulate::{Precision, Runs, Simulation};
use fscale::study::choice::{Choice, Provenance};
use fscale::study::sweep::{Planned, Share, Sweep};

const NET: &str = r#"
name = "net"
dimensions = { b = { kind = "sample", size = 2 }, d = { kind = "feature", size = 4 }, w = { kind = "feature", size = 4 } }
axes = { b = "b", d = "d", w = "w" }
node = [
    { name = "u", op = "input", axes = "bd" },
    { name = "h", op = "linear", input = "u", weight = "W_1", einsum = "wd,bd->bw" },
    { name = "r", op = "relu", input = "h" },
    { name = "out", op = "linear", input = "r", weight = "W_2", einsum = "dw,bw->bd", multiplier = "m" },
]
loss = { op = "mse", output = "out" }
"#;

fn sweep() -> Sweep {
    let book = RuleBook::embedded().unwrap();
    let architecture = Architecture::parse(&Source::new("net.toml", NET), &book.activations()).unwrap();
    let graph = &architecture.graph;
    let mut hyperparameters = Hyperparameters::constant(graph);
    hyperparameters.init[1] = -&Exponent::HALF;
    let planned = Planned {
        scaling: Scaling::parse("w", graph).unwrap(),
        choice: Choice {
            optimizer: book.optimizer("adam").unwrap().clone(),
            hyperparameters,
            origin: Provenance { words: "hyperparameters of `mine.toml`".into(), ..Provenance::default() },
        },
        runs: Runs::at([4, 8, 16])
            .seeds(3)
            .base_seed(7)
            .simulated(Simulation { precision: Precision::F64, ..Simulation::default() }),
    };
    Sweep::new(book, architecture, planned).unwrap()
}

fn read(text: &str) -> Result<Sweep, Diagnostics> {
    Sweep::read(&Source::new("plan.json", text))
}

#[test]
fn what_is_written_is_read_again() {
    let sweep = sweep();
    let text = sweep.write();
    let again = read(&text).unwrap();
    assert_eq!(again.write(), text);
    assert_eq!(again.experiment().name(), sweep.experiment().name());
    assert_eq!(again.tasks(), sweep.tasks());
    let names: Vec<&str> = sweep.tasks().iter().map(|task| task.name.as_str()).collect();
    assert_eq!((names[0], names[8], names.len()), ("w-4-seed-0", "w-16-seed-2", 9));
}

/// Sums of fractions that a file may hold have other numerators and denominators than a file may hold.
#[test]
fn exponents_of_any_length_that_is_measured_are_read_again() {
    let sweep = sweep();
    let of_length = |digits: u32| {
        let mut planned = sweep.planned().clone();
        let ten = (0..digits).fold(Exponent::ONE, |number, _| &number * &Exponent::integer(10));
        planned.choice.hyperparameters.lr[0] = Exponent::ONE / ten;
        let (book, architecture) = (RuleBook::embedded().unwrap(), sweep.architecture().clone());
        Sweep::new(book, architecture, planned)
    };
    for digits in [7, 20, 997] {
        let sweep = of_length(digits).unwrap();
        let again = read(&sweep.write()).unwrap();
        assert_eq!(again.experiment().name(), sweep.experiment().name());
    }
    let error = of_length(998).unwrap_err();
    assert_eq!(error.to_string(), "an exponent of `W_1` has more than 1000 characters");
    let text = of_length(997).unwrap().write().replace("\"1/1", "\"1/10");
    let wrong = read(&text).unwrap_err();
    assert_eq!(wrong.0[0].message, "an exponent has more than 1000 characters");
}

#[test]
fn every_task_is_in_exactly_one_share() {
    let sweep = sweep();
    let all: BTreeSet<&str> = sweep.tasks().iter().map(|task| task.name.as_str()).collect();
    for count in 1..=12 {
        let shares = (0..count).map(|index| Share::new(index, count).unwrap().of(&sweep));
        let shares: Vec<Vec<_>> = shares.collect();
        assert!(shares.iter().all(|share| share.is_sorted_by_key(|task| task.run)), "in order");
        let names: Vec<&str> = shares.iter().flatten().map(|task| task.name.as_str()).collect();
        assert_eq!((names.len(), names.into_iter().collect::<BTreeSet<_>>()), (9, all.clone()), "{count}");
    }
}

#[test]
fn a_plan_that_was_changed_is_refused_with_its_place() {
    let text = sweep().write();
    let cases = [
        ("\"schema\": 1", "\"schema\": 2"),
        ("\"kind\": \"sweep\"", "\"kind\": \"swept\""),
        ("\"fscale\": \"", "\"fscale\": \"9."),
        ("\"rules\": []", "\"rules\": [{\"folder\":\"desiderata\",\"name\":\"x\",\"text\":\"\"}]"),
        ("\"rules\": []", "\"rules\": [{\"folder\":\"ops\",\"name\":\"x\",\"text\":\"a = \"}]"),
        ("op = \\\"relu\\\"", "op = \\\"rely\\\""),
        ("\"scaling\": \"w=n\"", "\"scaling\": \"v=n\""),
        ("\"optimizer\": \"adam\"", "\"optimizer\": \"adan\""),
        ("\"init\": {\"W_1\"", "\"init\": {\"W_3\""),
        ("\"W_2\":\"-1/2\"", "\"W_2\":\"-0.5\""),
        ("\"W_2\":\"-1/2\"", "\"W_2\":2"),
        ("\"values\": [4,8,16]", "\"values\": [4,8,8]"),
        ("\"seeds\": 3", "\"seeds\": 4"),
        ("\"precision\": \"f64\"", "\"precision\": \"f16\""),
        ("\"seeds\": 3", "\"seeds\": 3.5"),
        ("\"seeds\": 3", "\"seeds\": 3,"),
        ("\"origin\"", "\"source\""),
    ];
    let said = cases.map(|(from, to)| {
        assert!(text.contains(from), "{from}");
        read(&text.replacen(from, to, 1)).unwrap_err().to_string()
    });
    insta::assert_snapshot!(said.join("\n\n"), @r#"
    error[plan]: `sweep` of schema 2 is no sweep of schema 1
     --> plan.json:4:11
      |
    4 |   "kind": "sweep",
      |           ^
      = note: at `/kind`
      = hint: write plans with `fscale sweep plan`

    error[plan]: `swept` of schema 1 is no sweep of schema 1
     --> plan.json:4:11
      |
    4 |   "kind": "swept",
      |           ^
      = note: at `/kind`
      = hint: write plans with `fscale sweep plan`

    error[plan]: the plan is of fscale `9.0.1.0`, this is 0.1.0
     --> plan.json:3:13
      |
    3 |   "fscale": "9.0.1.0",
      |             ^
      = note: at `/fscale`
      = hint: use one version for the whole sweep, or plan anew

    error[plan]: `desiderata` is no kind of rule that a plan holds
     --> plan.json:6:23
      |
    6 |   "rules": [{"folder":"desiderata","name":"x","text":""}],
      |                       ^
      = note: at `/rules/0/folder`
      = hint: write plans with `fscale sweep plan`

    error[syntax]: not valid TOML: a text stands without quotes
     --> plan.json: ops/x.toml:1:5
      |
    1 | a = 
      |     ^
      = hint: write `""`

    error[unknown-op]: unknown operation `rely`
     --> plan.json: architecture:8:24
      |
    8 |     { name = "r", op = "rely", input = "h" },
      |                        ^^^^^^
      = hint: did you mean `relu`?

    error[scale]: unknown dimension `v`
     --> plan.json:7:14
      |
    7 |   "scaling": "v=n",
      |              ^
      = hint: did you mean `b`?

    error[unknown-rule]: unknown optimizer `adan`
     --> plan.json:8:16
      |
    8 |   "optimizer": "adan",
      |                ^
      = hint: did you mean `adam`?

    error[plan]: `init` does not name W_1, W_2
      --> plan.json:10:11
       |
    10 |   "init": {"W_3":"0","W_2":"-1/2"},
       |           ^
       = note: at `/init`
       = hint: write plans with `fscale sweep plan`

    error[plan]: `-0.5` is no exponent: exponents are fractions, not decimals
      --> plan.json:10:28
       |
    10 |   "init": {"W_1":"0","W_2":"-0.5"},
       |                            ^
       = hint: write `-1/2`

    error[plan]: invalid type: integer `2`, expected a string
      --> plan.json:10:28
       |
    10 |   "init": {"W_1":"0","W_2":2},
       |                            ^
       = hint: write plans with `fscale sweep plan`

    error[simulate]: size `8` is not above the one before it
      --> plan.json:13:13
       |
    13 |   "values": [4,8,8],
       |             ^
       = hint: name sizes from small to large, each once, from 1 on

    error[plan]: the plan has 12 tasks, not 9
      --> plan.json:20:12
       |
    20 |   "tasks": [
       |            ^
       = note: at `/tasks`
       = hint: write plans with `fscale sweep plan`

    error[plan]: `f16` is no value of `precision`
      --> plan.json:16:16
       |
    16 |   "precision": "f16",
       |                ^
       = note: at `/precision`
       = hint: write plans with `fscale sweep plan`

    error[plan]: invalid type: floating point `3.5`, expected u64
      --> plan.json:14:14
       |
    14 |   "seeds": 3.5,
       |              ^
       = hint: write plans with `fscale sweep plan`

    error[syntax]: not valid JSON: key must be a string
      --> plan.json:14:14
       |
    14 |   "seeds": 3,,
       |              ^
       = hint: write plans with `fscale sweep plan`

    error[plan]: unknown field `source`, expected one of `schema`, `fscale`, `kind`, `architecture`, `rules`, `scaling`, `optimizer`, `origin`, `desiderata`, `given`, `init`, `lr`, `multiplier`, `values`, `seeds`, `se
     --> plan.json:9:10
      |
    9 |   "source": "hyperparameters of `mine.toml`",
      |          ^
      = hint: write plans with `fscale sweep plan`
    "#);
}

/// What is read is held in memory: nothing is read on that no plan can have.
#[test]
fn a_list_or_table_that_is_longer_than_that_of_any_plan_is_refused() {
    let text = sweep().write();
    let rules = vec!["{\"folder\":\"ops\",\"name\":\"x\",\"text\":\"\"}"; 2001].join(",");
    let names = (0..100_001).map(|name| format!("\"{name}\":\"\"")).collect::<Vec<_>>().join(",");
    let sizes = vec!["1"; 1_000_001].join(",");
    let cases = [
        ("\"rules\": []", format!("\"rules\": [{rules}]"), 2000),
        ("\"init\": {", format!("\"init\": {{{names},"), 100_000),
        ("\"values\": [", format!("\"values\": [{sizes},"), 1_000_000),
    ];
    for (from, to, most) in cases {
        let wrong = read(&text.replacen(from, &to, 1)).unwrap_err();
        assert_eq!(wrong.0[0].message, format!("there are more than {most} entries"));
        assert!(wrong.0[0].place.is_some());
    }
}

#[test]
fn the_tasks_of_a_plan_are_those_that_follow_from_it() {
    let text = sweep().write();
    for (from, to) in [("w-8-seed-1", "w-8-seed-0"), ("\"multiply_adds\":", "\"multiply_adds\":1")] {
        let wrong = read(&text.replacen(from, to, 1)).unwrap_err();
        assert!(wrong.0[0].message.starts_with("the task here is `{\"task\":\"w-"), "{wrong}");
    }
}

/// Whatever is done to a plan, it is refused with a place and a hint, or it is a plan.
#[test]
fn no_change_of_a_plan_breaks_its_reader() {
    let text = sweep().write();
    for end in 0..text.len() - 1 {
        let wrong = read(&text[..end]).unwrap_err();
        assert!(wrong.0.iter().all(|wrong| wrong.place.is_some() && wrong.hint.is_some()), "{wrong}");
    }
    let letters = ["0", "9", "\"", "{", "]", ",", "-", "\\", "é", "n", " ", "\u{0}"];
    for (at, letter) in (0..text.len()).step_by(5).zip(letters.iter().cycle()) {
        let changed = [&text[..at], letter, &text[at + 1..]].concat();
        match read(&changed) {
            Ok(sweep) => assert!(read(&sweep.write()).is_ok(), "{changed}"),
            Err(wrong) => {
                assert!(wrong.0.iter().all(|wrong| wrong.place.is_some() && wrong.hint.is_some()), "{wrong}");
            }
        }
    }
}

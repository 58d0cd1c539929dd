//! Tables that hold at every step, and files that do or do not (theory, section 12).

use std::fs;
use std::path::Path;
use std::sync::Arc;

use fscale::architecture::{Architecture, HyperparameterFile};
use fscale::derive::later::{LaterAnswer, LaterTable, derive_later, judge_later, outlook};
use fscale::derive::{Outcome, derive};
use fscale::document::Source;
use fscale::graph::{Graph, Hyperparameters, Scaling};
use fscale::propagate::trajectory;
use fscale::rule::RuleBook;

use super::cases::{case, text};
use super::question;

fn book() -> Arc<RuleBook> {
    Arc::new(RuleBook::embedded().unwrap())
}

fn derived(book: &Arc<RuleBook>, graph: &Arc<Graph>, ask: &str) -> LaterTable {
    let [scale, optimizer, desiderata] = ask.split(' ').collect::<Vec<_>>().try_into().unwrap();
    match derive_later(&question(book, graph, scale, optimizer, desiderata)).unwrap() {
        LaterAnswer::Feasible(table) => *table,
        LaterAnswer::Contradiction(_) | LaterAnswer::Unsettled { .. } => panic!("{}: {ask}", graph.name),
    }
}

/// What is not 0: `W_O -1 -1` for init and rate, `attention -1` for a multiplier.
fn written(graph: &Graph, table: &LaterTable) -> String {
    let all = &table.hyperparameters;
    let parameters = graph.parameter_ids().filter(|w| !all.init(*w).is_zero() || !all.lr(*w).is_zero());
    let parameters = parameters.map(|w| format!("{} {} {}", graph.parameter(w).name, all.init(w), all.lr(w)));
    let multipliers = graph.multiplier_ids().filter(|m| !all.multiplier(*m).is_zero());
    let multipliers = multipliers.map(|m| format!("{} {}", graph.multiplier(m).name, all.multiplier(m)));
    parameters.chain(multipliers).collect::<Vec<_>>().join(", ")
}

/// The list of theory section 12: what must come out of the block of section 10.
#[test]
fn the_block_has_the_tables_of_the_theory() {
    let book = book();
    let graph = &super::graph(&book, "transformer");
    let hidden = |rate: &str, others: [&str; 3]| {
        let [before, hidden, after] = others;
        let names = ["W_Q", "W_K", "W_V", "W_O", "W_1", "W_2"];
        let rows: Vec<String> = names.iter().map(|name| format!("{name} -1/2 {hidden}")).collect();
        let rows = rows.join(", ");
        format!("{before}{rows}, W_U -1 {after}{rate}")
    };
    let mup = [hidden("", ["W_E 0 1, ", "0", "-1"]), hidden("", ["", "-1", "-1"])];
    let aligned: [(&str, [String; 2]); 6] = [
        ("d_k", ["W_Q 0 1, W_K 0 1, attention -1".into(), "attention -1".into()]),
        ("heads", ["W_Q 0 1, W_K 0 1, W_V 0 1, W_O -1 -1".into(), "W_O -1 -1".into()]),
        ("d_ff", ["W_1 0 1, W_2 -1 -1".into(), "W_2 -1 -1".into()]),
        ("context", [String::new(), String::new()]),
        // Impossible at initialization.
        ("d_v", ["W_V 0 1, W_O -1 -1".into(), "W_O -1 -1".into()]),
        ("d_model=n,heads=n,d_ff=n", mup),
    ];
    for (scale, tables) in aligned {
        for (optimizer, expected) in ["sgd", "adam"].into_iter().zip(tables) {
            for set in ["fsc", "mup"] {
                let table = derived(&book, graph, &format!("{scale} {optimizer} {set}"));
                assert_eq!(written(graph, &table), expected, "{scale}, {optimizer}, {set}");
                assert!(table.judgement.holds() && (set == "mup" || table.unique), "{scale}, {optimizer}");
                assert!(table.judgement.trajectory.settled().is_some(), "{scale}, {optimizer}");
            }
        }
    }
}

#[test]
fn gains_and_biases_do_not_stand_in_the_way_of_heads_and_hidden_units() {
    let book = book();
    for (name, scale) in [("gpt2", "heads"), ("gpt2", "d_ff"), ("llama", "d_ff")] {
        let graph = &super::graph(&book, name);
        let at_first = derive(&question(&book, graph, scale, "adam", "fsc")).unwrap();
        assert!(matches!(at_first.alone[0].outcome, Outcome::Infeasible(_)), "{name}, {scale}");
        let last = if scale == "heads" { "W_O -1 -1" } else { "W_2 -1 -1" };
        let table = derived(&book, graph, &format!("{scale} adam fsc"));
        assert_eq!(written(graph, &table), last, "{name}, {scale}");
        assert!(table.unique, "{name}, {scale}");
    }
}

/// What starts at zero has the rate it has when it starts at random; modulation is a hidden weight.
#[test]
fn what_starts_at_zero_has_the_rates_of_mup() {
    let book = book();
    for optimizer in ["muon-adamw", "adam", "sgd"] {
        for (name, zero) in [("zero-readout", "W_U"), ("zero-query", "W_Q")] {
            let start = |init: &str| {
                let text = text(name).replace("init = \"zero\"", &format!("init = \"{init}\""));
                Architecture::parse(&Source::new(name, text), &book.activations()).unwrap().graph
            };
            let ask = format!("d_model=n,groups=n,d_ff=n {optimizer} mup");
            let [zeroed, random] = [start("zero"), start("random")];
            let [zeroed_table, random_table] = [&zeroed, &random].map(|graph| derived(&book, graph, &ask));
            assert_eq!(
                zeroed_table.hyperparameters.lr, random_table.hyperparameters.lr,
                "{name}, {optimizer}"
            );
            assert!(
                zeroed.parameter(zeroed.find_parameter(zero).unwrap()).start != random.parameters[0].start
            );
            assert!(derive(&question(&book, &zeroed, "d_ff", optimizer, "mup")).is_err());
        }
    }
    let graph = &case(&book, "adaln-zero");
    let table = derived(&book, graph, "d_model=n,heads=n,d_ff=n adamw fsc");
    for name in ["W_sh1", "W_sc1", "W_ga1", "W_sh2", "W_sc2", "W_ga2"] {
        let rate = table.hyperparameters.lr(graph.find_parameter(name).unwrap());
        assert_eq!(rate.to_string(), "-1", "{name}");
    }
}

fn judged(book: &Arc<RuleBook>, file: &str, scale: &str) -> bool {
    let graph = &super::graph(book, "llama");
    let question = question(book, graph, scale, "adam", "mup");
    let scaling = Scaling::parse(scale, graph).unwrap();
    let read = HyperparameterFile::parse(&Source::new(file, text(file)), graph).unwrap();
    let given = read.along(graph, &scaling, 0).hyperparameters;
    judge_later(&question, &given).unwrap().holds()
}

/// Maps into fixed sizes are readouts, and maps out of them embeddings.
#[test]
fn width_alone_has_the_table_of_its_file() {
    let book = book();
    assert!(judged(&book, "width-alone", "d_model"));
    let graph = &super::graph(&book, "llama");
    let table = derived(&book, graph, "d_model adam mup");
    assert_eq!(written(graph, &table), "W_Q -1 -1, W_K -1 -1, W_V -1 -1, W_G -1 -1, W_1 -1 -1, W_U -1 -1");
}

/// The first step's table lets branches grow. The file's rates are right; its maps to the fixed keys and values start too large.
#[test]
fn keys_and_values_of_fixed_heads_are_readouts() {
    let book = book();
    let (scale, graph) = ("d_model=n,queries=n,d_ff=n", &super::graph(&book, "llama"));
    let question = question(&book, graph, scale, "adam", "mup");
    let first = derive(&question).unwrap();
    let first = first.table().unwrap().hyperparameters();
    let broken = outlook(&question, &first[0]).unwrap().unwrap();
    assert_eq!((broken.step, broken.what), (1, Ok("forward(ys)".into())));
    let table = derived(&book, graph, &format!("{scale} adam mup"));
    assert_eq!(
        written(graph, &table),
        "W_Q -1/2 -1, W_K -1 -1, W_V -1 -1, W_O -1/2 -1, W_G -1/2 -1, W_1 -1/2 -1, W_2 -1/2 -1, W_U -1 -1"
    );
    assert!(outlook(&question, &table.hyperparameters).unwrap().is_none());
    assert!(!judged(&book, "fixed-kv-heads", scale));
}

/// The layers of a stack add a small part each, at every step as at the first.
#[test]
fn a_stack_has_the_branches_of_its_first_step() {
    let book = book();
    for name in ["transformer-stack", "gpt2", "llama", "palm-parallel"] {
        let graph = &super::graph(&book, name);
        let first = derive(&question(&book, graph, "depth", "adam", "fsc")).unwrap();
        let table = derived(&book, graph, "depth adam fsc");
        let first = first.table().unwrap().hyperparameters();
        assert_eq!(first[0].lr, table.hyperparameters.lr, "{name}");
        assert_eq!(first[0].multiplier, table.hyperparameters.multiplier, "{name}");
        assert!(table.unique, "{name}");
    }
}

/// Passes through one shared layer too, which all move it alike.
#[test]
fn a_loop_has_the_multiplier_of_its_first_step() {
    let book = book();
    let graph = &case(&book, "looped");
    let table = derived(&book, graph, "depth adam fsc");
    assert_eq!(written(graph, &table), "beta -1");
    assert!(table.unique);
}

/// A stream that layers make larger each time anew has no exponent, and one that they fill from little none that all have.
#[test]
fn layers_that_blow_a_stream_up_are_told() {
    let book = book();
    let graph = &super::graph(&book, "transformer-stack");
    let depth = Scaling::parse("depth", graph).unwrap().along(0);
    let optimizer = book.optimizer("adam").unwrap();
    let mut given = Hyperparameters::constant(graph);
    let ended = |given: &Hyperparameters| {
        let all = trajectory(graph, &book, optimizer, &depth, given, 1).unwrap();
        all.ends.map(|end| end.says)
    };
    // Each of the layers adds as much as there is.
    assert_eq!(ended(&given).unwrap(), "uneven: layers make `x2` larger than it enters the first of them");
    given.lr = vec!["-1/2".parse().unwrap(); given.lr.len()];
    given.multiplier = vec!["0", "-1/2", "-1/2"].into_iter().map(|power| power.parse().unwrap()).collect();
    assert_eq!(ended(&given), None);
}

/// Copies of the stream: reading averages over them, writing and mixing are branches.
#[test]
fn static_hyper_connections_have_their_rules() {
    let book = book();
    let graph = &case(&book, "hyper-connections");
    let rules = [
        ("streams", "H_pre -1 -1, H_res 0 -1, H_out -1 -1, W_U -1/2 0"),
        ("depth", "H_post -1 -1, mix -1"),
        ("d_model=n,d_ff=n", "W_1 -1/2 -1, W_2 -1/2 -1, W_U -1 -1"),
    ];
    for (scale, rule) in rules {
        let table = derived(&book, graph, &format!("{scale} adam fsc"));
        assert_eq!(written(graph, &table), rule, "{scale}");
        assert!(table.unique, "{scale}");
    }
    let refused = derive(&question(&book, graph, "streams", "adam", "fsc")).unwrap_err();
    assert_eq!(refused.to_string(), "`H_pre` starts at the same number everywhere");
}

/// Each hyperparameter of a table alone, by 1/100 up and down: only inits may be smaller.
#[test]
fn a_table_is_unique_up_to_smaller_starts() {
    let book = book();
    let graph = &super::graph(&book, "transformer");
    for optimizer in ["sgd", "adam"] {
        let question = question(&book, graph, "d_v", optimizer, "fsc");
        let table = derived(&book, graph, &format!("d_v {optimizer} fsc"));
        for sign in ["1/100", "-1/100"] {
            let by: fscale::exact::Exponent = sign.parse().unwrap();
            for w in graph.parameter_ids() {
                let mut smaller = table.hyperparameters.clone();
                smaller.init[w.0] += &by;
                let holds = judge_later(&question, &smaller).unwrap().holds();
                let may = sign.starts_with('-') && table.smaller_starts.contains(&w);
                assert_eq!(holds, may, "init of {}, {optimizer}, {sign}", graph.parameter(w).name);
                let mut other = table.hyperparameters.clone();
                other.lr[w.0] += &by;
                assert!(
                    !judge_later(&question, &other).unwrap().holds(),
                    "lr of {}",
                    graph.parameter(w).name
                );
            }
        }
    }
}

/// Of what is zero before the first step that step says nothing, and later ones do.
#[test]
fn what_is_lost_at_zero_is_asked_of_later_steps() {
    let book = book();
    let aligned = [
        ("at-the-output", "what `B` makes, `out`, is nothing before the first step, and it is an output"),
        ("through-an-activation", "what `B` makes, `y`, is nothing before the first step, and `g` takes it"),
        ("used-twice", "`B` starts at zero and is used more than once"),
        ("without-a-role", "what `B` makes, `y`, starts at zero and is no feature"),
    ];
    for (name, says) in aligned {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/answers/zero").join(format!("{name}.toml"));
        let source = Source::new(name, fs::read_to_string(path).unwrap());
        let graph = &Architecture::parse(&source, &book.activations()).unwrap().graph;
        let refused = derive(&question(&book, graph, "width", "adam", "mup")).unwrap_err();
        assert_eq!((refused.to_string().as_str(), refused.code()), (says, "zero-weight"));
        assert!(refused.hint().starts_with("ask of any number of steps, with `--at later`; or "), "{name}");
        let answer = derive_later(&question(&book, graph, "width", "adam", "mup")).unwrap();
        // A kink has no slope at zero: nothing ever comes back through it.
        match (name, answer) {
            ("through-an-activation", LaterAnswer::Unsettled { asleep, .. }) => {
                assert!(asleep.iter().any(|asked| asked.requires.starts_with("update(B, y)")));
            }
            (_, answer) => assert!(matches!(answer, LaterAnswer::Feasible(_)), "{name}"),
        }
    }
}

/// A branch whose gain starts at zero wakes up and keeps its rates; but not where two factors are zero at once.
#[test]
fn gains_that_start_at_zero_change_no_rate() {
    let book = book();
    let starting = |starts: &str| {
        let text = format!("{}\n[parameters]\n{starts}\n", book.architecture("llama").unwrap().text.text);
        Architecture::parse(&Source::new("llama", text), &book.activations()).unwrap().graph
    };
    let graph = &starting("g_1 = { init = 0 }");
    let table = derived(&book, graph, "d_ff adam fsc");
    assert_eq!(written(graph, &table), "W_2 -1 -1");
    let refused = derive(&question(&book, graph, "d_ff", "adam", "fsc")).unwrap_err();
    assert_eq!(refused.to_string(), "`g_1` starts at zero and is a gain");
    // Both factors of the gated units are zero with it, so nothing comes back through either.
    let graph = &starting("g_2 = { init = \"zero\" }");
    match derive_later(&question(&book, graph, "d_ff", "adam", "fsc")).unwrap() {
        LaterAnswer::Unsettled { asleep, .. } => assert!(!asleep.is_empty()),
        LaterAnswer::Feasible(_) | LaterAnswer::Contradiction(_) => panic!("it never wakes"),
    }
}

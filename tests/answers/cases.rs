//! Small networks and files that were answered wrongly once, each with what is right; and that solutions are told completely.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use fscale::architecture::{Architecture, HyperparameterFile};
use fscale::derive::gauge::Symmetry;
use fscale::derive::judge::judge;
use fscale::derive::{Answer, Outcome, derive};
use fscale::document::Source;
use fscale::exact::{Exponent, Program, Unknown};
use fscale::graph::{Graph, Hyperparameters, Role, Scaling, Unfolded};
use fscale::propagate::{Note, NoteTopic, Table};
use fscale::rule::{Approximated, RuleBook};

use super::question;

pub(super) fn text(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/answers/cases").join(format!("{name}.toml"));
    fs::read_to_string(path).unwrap()
}

pub(super) fn case(book: &RuleBook, name: &str) -> Arc<Graph> {
    Architecture::parse(&Source::new(name, text(name)), &book.activations()).unwrap().graph
}

fn answer(
    book: &Arc<RuleBook>,
    graph: &Arc<Graph>,
    scale: &str,
    optimizer: &str,
    desiderata: &str,
) -> Answer {
    derive(&question(book, graph, scale, optimizer, desiderata)).unwrap()
}

fn exponents<'a>(table: &'a Table, graph: &Graph, name: &str) -> (Option<String>, &'a Exponent) {
    let row = &table.parameters[graph.find_parameter(name).unwrap().0];
    (row.init.as_ref().map(ToString::to_string), &row.lr[0])
}

#[test]
fn branches_are_seen_in_the_graph() {
    let book = Arc::new(RuleBook::embedded().unwrap());
    let (stated, unstated) = (super::graph(&book, "transformer"), case(&book, "no-role"));
    let roles = |graph: &Graph| graph.nodes().map(|id| graph.node(id).role).collect::<Vec<_>>();
    assert_eq!(roles(&stated), roles(&unstated));
    for dimension in stated.dimension_ids() {
        let scale = &stated.dimension(dimension).name;
        let [one, other] = [&stated, &unstated].map(|graph| answer(&book, graph, scale, "adam", "fsc"));
        assert_eq!(one.feasible(), other.feasible(), "{scale}");
    }
}

#[test]
fn a_multiplier_counts_alike_behind_a_weight_and_in_it() {
    let book = Arc::new(RuleBook::embedded().unwrap());
    let graph = &super::graph(&book, "llama");
    let question = question(&book, graph, "depth", "adamw", "fsc");
    let scaling = Scaling::parse("depth", graph).unwrap();
    let along = |name: &str| -> Unfolded {
        HyperparameterFile::parse(&Source::new(name, text(name)), graph).unwrap().along(graph, &scaling, 0)
    };
    let files = ["gauge-on-branch", "gauge-on-weight"].map(along);
    for file in &files {
        let given = std::slice::from_ref(&file.hyperparameters);
        assert!(judge(&question, given, given).unwrap().holds());
    }
    let symmetry = Symmetry::new(graph, &book, book.optimizer("adamw").unwrap()).unwrap();
    assert_eq!(symmetry.difference(&files[0], &files[1]), None);
}

#[test]
fn depth_needs_no_multipliers() {
    let book = Arc::new(RuleBook::embedded().unwrap());
    let graph = &case(&book, "llama-hf");
    let answer = answer(&book, graph, "depth", "adamw", "fsc");
    let table = answer.feasible().unwrap();
    assert!(table.unique);
    for row in &table.parameters {
        let name = &graph.parameter(row.parameter).name;
        let falls = if ["W_O", "W_2"].contains(&name.as_str()) { "-1" } else { "0" };
        assert!(row.init.as_ref().is_none_or(|init| init[0].to_string() == falls), "{name}");
        assert_eq!(row.lr[0].to_string(), falls, "{name}");
    }
}

#[test]
fn a_network_with_two_losses_scales_like_each_of_its_readouts() {
    let book = Arc::new(RuleBook::embedded().unwrap());
    let (one, two) = (&super::graph(&book, "llama"), &case(&book, "two-losses"));
    let judged: Vec<&str> = two.outputs().map(|output| two.node(output).name.as_str()).collect();
    assert_eq!(judged, ["out", "out2"]);
    assert!(two.outputs().all(|output| two.node(output).role == Role::Output));
    for (scale, optimizer) in [
        ("d_model=n,groups=n,d_ff=n", "adamw"),
        ("d_model=n,groups=n,d_ff=n", "sgd"),
        ("depth", "adamw"),
        ("depth", "sgd"),
    ] {
        let [alone, both] = [one, two].map(|graph| answer(&book, graph, scale, optimizer, "fsc"));
        let (alone, table) = (alone.feasible().unwrap(), both.feasible().unwrap());
        assert!(table.unique, "{scale}");
        for parameter in &one.parameters {
            let [expected, found] =
                [(alone, one), (table, two)].map(|(table, graph)| exponents(table, graph, &parameter.name));
            assert_eq!(found, expected, "{scale}, {optimizer}: {}", parameter.name);
        }
        // What puts the trunk and the next token together is a map like any other: as the queries.
        let hidden = exponents(table, two, "W_G");
        if scale.contains("d_model") {
            assert_eq!(
                [exponents(table, two, "W_PE"), exponents(table, two, "W_PH")],
                [hidden.clone(), hidden]
            );
        }
        let tied: Vec<String> = both
            .notes()
            .into_iter()
            .filter(|note| note.topic == NoteTopic::Approximated(Approximated::Tied))
            .map(|note| note.says)
            .collect();
        assert!(
            matches!(tied.as_slice(), [embedding, readout] if embedding.starts_with("`W_E` is used more than once") && readout.starts_with("`W_U` is")),
            "{tied:?}"
        );
    }
}

#[test]
fn shared_gains_of_queries_and_keys_do_not_forbid_a_width() {
    let book = Arc::new(RuleBook::embedded().unwrap());
    let graph = &case(&book, "qk-norm");
    let scale = "d_model=n,groups=n,d_ff=n";
    let asked = answer(&book, graph, scale, "adamw", "fsc-matrices");
    let table = asked.feasible().unwrap();
    assert_eq!(exponents(table, graph, "W_Q"), (Some("-1/2".into()), &-Exponent::ONE));
    assert_eq!(exponents(table, graph, "W_U"), (Some("-1".into()), &-Exponent::ONE));
    // Where contributions of gains are asked for, that is the nearest rule.
    let nearest = answer(&book, graph, scale, "adamw", "fsc").nearest.unwrap();
    let given_up: Vec<String> = nearest.given_up.iter().map(|held| held.relaxed.to_string()).collect();
    assert_eq!(given_up, ["C on g_q", "C on g_k"]);
    let rows = |table: &Table| table.parameters.clone();
    assert_eq!(rows(nearest.answer.feasible().unwrap()), rows(table));
}

#[test]
fn a_layer_alone_widens_where_vectors_are_bounded() {
    let book = Arc::new(RuleBook::embedded().unwrap());
    for (name, scales) in
        [("gpt2", ["d_ff", "heads"]), ("llama", ["d_ff", "groups"]), ("vit", ["d_ff", "heads"])]
    {
        let graph = &super::graph(&book, name);
        for scale in scales {
            let answer = answer(&book, graph, scale, "adamw", "fsc-matrices");
            assert!(answer.feasible().is_some_and(|table| table.unique), "{name} {scale}");
        }
    }
}

#[test]
fn no_dimension_is_without_a_rule_or_a_nearest_one() {
    let book = Arc::new(RuleBook::embedded().unwrap());
    for name in ["llama", "transformer", "mlp"] {
        let graph = &super::graph(&book, name);
        for dimension in graph.dimension_ids() {
            let scale = &graph.dimension(dimension).name;
            let answer = answer(&book, graph, scale, "adamw", "fsc");
            let Some(nearest) = &answer.nearest else {
                assert!(answer.is_feasible(), "{name} {scale}");
                continue;
            };
            assert!(nearest.is_largest && !nearest.given_up.is_empty(), "{name} {scale}");
            // It has a certificate like any answer.
            let identity = fscale::certificate::Words {
                architecture: name,
                file: None,
                source: &book.architecture(name).unwrap().text,
            };
            nearest.answer.certified(identity).unwrap();
        }
    }
}

/// The hyperparameters of a table with some of them moved.
fn moved(table: &Table, by: &[(&Unknown, Exponent)], program: &Program, graph: &Graph) -> Hyperparameters {
    let mut moved = table.hyperparameters().remove(0);
    for (unknown, by) in by {
        let name = &program.unknowns[unknown.0 as usize].name;
        let (kind, of) = name.split_once('(').unwrap();
        let of = of.trim_end_matches(')');
        let w = || graph.find_parameter(of).unwrap().0;
        let held = match kind {
            "init" => &mut moved.init[w()],
            "lr" => &mut moved.lr[w()],
            _ => &mut moved.multiplier[graph.find_multiplier(of).unwrap().0],
        };
        *held += by;
    }
    moved
}

/// Whether a small move is among those that an answer tells: along a face, or a smaller start that it allows.
fn is_told(outcome: &Outcome, starts: &BTreeSet<Unknown>, by: &[(&Unknown, Exponent)]) -> bool {
    let Outcome::Feasible { freedom: Some(freedom), kept, .. } = outcome else { return false };
    if !starts.is_empty() {
        let only_starts = by.iter().all(|(unknown, by)| by.is_negative() && starts.contains(unknown));
        let moved: BTreeSet<Unknown> = by.iter().map(|(unknown, _)| **unknown).collect();
        let stays = |set: &Vec<Unknown>| set.iter().any(|unknown| !moved.contains(unknown));
        return only_starts && kept.as_ref().unwrap().iter().all(stays);
    }
    let faces = std::iter::once(&freedom.directions).chain(&freedom.others);
    let on = |face: &Vec<fscale::solve::Exchange>| {
        let mut span = fscale::exact::Echelon::default();
        let form = |change: &[(Unknown, Exponent)]| {
            let mut form = fscale::exact::Form::zero();
            for (unknown, by) in change {
                form.add_scaled(by, &fscale::exact::Form::unknown(*unknown));
            }
            form
        };
        face.iter().for_each(|exchange| drop(span.insert(&form(&exchange.change))));
        let by: Vec<(Unknown, Exponent)> = by.iter().map(|(unknown, by)| (**unknown, by.clone())).collect();
        span.reduced(&form(&by)) == fscale::exact::Form::zero()
    };
    let found = faces.into_iter().any(on);
    found || !freedom.is_complete
}

#[test]
fn solutions_are_told_completely() {
    let book = Arc::new(RuleBook::embedded().unwrap());
    let sum = case(&book, "sum-freedom");
    let mlp = super::graph(&book, "mlp");
    let block = super::graph(&book, "transformer");
    let questions = [
        (&sum, "width", "adam", "fsc"),
        (&sum, "width", "sgd", "mup"),
        (&mlp, "width", "sgd", "fsc"),
        (&mlp, "width", "adam", "mup"),
        (&block, "d_ff", "adam", "mup"),
        (&block, "d_k", "sgd", "fsc-total"),
    ];
    let (mut accepted, mut complete) = (0, 0);
    for (graph, scale, optimizer, desiderata) in questions {
        let answer = answer(&book, graph, scale, optimizer, desiderata);
        let table = answer.feasible().unwrap();
        let alone = &answer.alone[0];
        let Outcome::Feasible { program, freedom, .. } = &alone.outcome else { panic!("{scale}") };
        complete += usize::from(freedom.as_ref().is_some_and(|held| held.is_complete));
        let starts: BTreeSet<Unknown> = alone.solution().unwrap().smaller_starts().into_iter().collect();
        let all: Vec<Unknown> = (0..)
            .zip(&program.unknowns)
            .filter(|(_, info)| info.kind != fscale::exact::UnknownKind::Maximum)
            .map(|(index, _)| Unknown(index))
            .collect();
        let small = [Exponent::ratio(-1, 100), Exponent::ratio(1, 100)];
        let mut moves: Vec<Vec<(&Unknown, Exponent)>> = Vec::new();
        for (at, one) in all.iter().enumerate() {
            for by in &small {
                moves.push(vec![(one, by.clone())]);
                for other in &all[..at] {
                    moves.extend(small.iter().map(|and| vec![(one, by.clone()), (other, and.clone())]));
                }
            }
        }
        let demands = alone.posed.demands.clone().ungauged();
        for by in moves {
            let given = moved(table, &by, program, graph);
            let point = alone.posed.propagation.point(&given);
            let holds = demands.program.unmet(&point).is_none();
            let gauged = alone.posed.demands.program.unmet(&point).is_none();
            accepted += usize::from(holds);
            // Other ways to write the same table are no other solutions.
            if holds && gauged {
                assert!(is_told(&alone.outcome, &starts, &by), "{scale}, {optimizer}, {desiderata}: {by:?}");
            } else if !holds && !starts.is_empty() {
                assert!(!is_told(&alone.outcome, &starts, &by), "{scale}, {optimizer}, {desiderata}: {by:?}");
            }
        }
    }
    assert!(accepted > 50 && complete > 3, "{accepted} accepted, {complete} told completely");
}

#[test]
fn either_summand_may_start_smaller() {
    let book = Arc::new(RuleBook::embedded().unwrap());
    let graph = &case(&book, "sum-freedom");
    let answer = answer(&book, graph, "width", "adam", "fsc");
    let table = answer.feasible().unwrap();
    let starts: Vec<&str> = table.smaller_starts.iter().map(|w| graph.parameter(*w).name.as_str()).collect();
    assert_eq!((table.unique, starts), (true, vec!["W_P", "W_Q"]));
    let Outcome::Feasible { kept: Some(kept), .. } = &answer.alone[0].outcome else { panic!("no starts") };
    assert_eq!(kept.iter().map(Vec::len).collect::<Vec<_>>(), [2], "one of both stays");
}

/// What the answers to a question leave out, by topic: the notes, and what stands beside the table by column.
fn left_out(book: &Arc<RuleBook>, name: &str, scale: &str, optimizer: &str) -> Vec<(String, Vec<String>)> {
    let graph = &super::graph(book, name);
    let notes = answer(book, graph, scale, optimizer, "fsc").notes();
    let noise = notes.into_iter().filter(|note| note.topic == NoteTopic::GradientNoise);
    let beside = |note: &Note| {
        note.beside.iter().map(|(column, powers)| format!("{} {powers}", column.name())).collect()
    };
    noise.map(|note| (note.says.clone(), beside(&note))).collect()
}

#[test]
fn a_batch_that_grows_names_gradient_noise_and_the_rule_of_another_theory() {
    let book = Arc::new(RuleBook::embedded().unwrap());
    let graph = &super::graph(&book, "llama");
    let asked = answer(&book, graph, "batch", "adamw", "fsc");
    assert!(asked.feasible().is_some_and(|table| table.unique && table.is_constant()));
    let told = asked.to_string();
    let said =
        "gradient noise is not in the theory, which tells one step along the gradient of the batch at hand";
    assert!(told.split_whitespace().collect::<Vec<_>>().join(" ").contains(said), "{told}");
    let cases: [(&str, &str, &[&str]); 6] = [
        ("batch", "adamw", &["lr 1/2", "1 - beta 1", "epsilon -1/2"]),
        ("batch=n^1/2", "adam", &["lr 1/4", "1 - beta 1/2", "epsilon -1/4"]),
        ("batch=n,d_k=m", "adam", &["lr (1/2, 0)", "1 - beta (1, 0)", "epsilon (-1/2, 0)"]),
        ("batch", "sign", &["lr 1/2"]),
        ("batch", "sgd", &["lr 1"]),
        ("batch", "muon", &[]),
    ];
    for (scale, optimizer, beside) in cases {
        let [(says, found)] = left_out(&book, "llama", scale, optimizer).try_into().unwrap();
        assert_eq!(found, beside, "{scale} {optimizer}");
        assert_eq!(says.contains("neither derived nor certified here"), !beside.is_empty(), "{says}");
        assert_eq!(says.contains("no rule is known"), beside.is_empty(), "{says}");
    }
    // Each part of a mix has a rule of its own.
    let [muon, adamw] = ["muon-original", "adamw"].map(|name| {
        let notes = left_out(&book, "transformer", "batch", "muon-adamw");
        let of = |(says, _): &&(String, Vec<String>)| says.contains(&format!("{name}, which moves "));
        notes.iter().find(of).unwrap().clone()
    });
    assert!(muon.1.is_empty() && adamw.1.len() == 3);
}

#[test]
fn samples_that_the_network_mixes_are_no_batch() {
    let book = Arc::new(RuleBook::embedded().unwrap());
    let [(says, beside)] = left_out(&book, "llama", "context", "adamw").try_into().unwrap();
    assert!(beside.is_empty());
    assert!(says.contains("samples are not independent, since `p` runs over them"), "{says}");
    // What a mean takes away before the loss, and what is no sample, says nothing of noise.
    assert!(left_out(&book, "vit", "patches", "adamw").is_empty());
    assert!(left_out(&book, "llama", "d_ff", "adamw").is_empty());
}

#[test]
fn notes_name_the_rows_and_columns_that_they_touch() {
    let book = Arc::new(RuleBook::embedded().unwrap());
    let touched = |name: &str, scale: &str, optimizer: &str, topic: NoteTopic| {
        let graph = &super::graph(&book, name);
        let notes = answer(&book, graph, scale, optimizer, "mup").notes();
        let note = notes.into_iter().find(|note| note.topic == topic)?;
        let names = note.parameters.iter().map(|id| graph.parameter(*id).name.clone());
        let columns = note.columns.iter().map(|column| column.name()).collect::<Vec<_>>();
        let (names, off) =
            (names.collect::<Vec<_>>(), note.measured.map(|measured| measured.off.to_string()));
        Some((names.join(" "), columns.join(" "), off.unwrap_or_default()))
    };
    let told = |names: &str, columns: &str, off: &str| Some((names.into(), columns.into(), off.into()));
    let size = NoteTopic::Approximated(Approximated::OutputSize);
    assert_eq!(touched("mlp", "d_out", "sgd", size), told("W_1 b_1 W_2 b_2 W_3 b_3", "lr", "1/2"));
    assert_eq!(touched("mlp", "d_out", "adam", size), told("W_1 b_1 W_2 b_2 W_3 b_3", "lr epsilon", "1/2"));
    assert_eq!(touched("mlp", "width", "adam", size), None);
    let tied = NoteTopic::Approximated(Approximated::Tied);
    let (names, ..) = touched("gpt2", "d_k", "adam", tied).unwrap();
    assert!(names.starts_with("W_E positions ") && names.ends_with("c_3"), "{names}");
    let decay = touched("mlp", "width", "adamw", NoteTopic::DecayHorizon).unwrap();
    assert_eq!((decay.0.as_str(), decay.1.as_str()), ("W_1 b_1 W_2 b_2 W_3 b_3 W_4 b_4", "weight_decay"));
    assert_eq!(touched("mlp", "width", "sgd", NoteTopic::DecayHorizon), None);
}

#[test]
fn what_belongs_to_a_training_run_is_no_dimension_and_the_answer_says_so() {
    let book = RuleBook::embedded().unwrap();
    let graph = super::graph(&Arc::new(book), "llama");
    for (asked, says) in [
        ("steps", "the number of steps is no dimension and not in the theory"),
        ("d_k=n,Training-Steps=m", "the number of steps is no dimension and not in the theory"),
        ("warmup", "warmup and schedules are not in the theory"),
        ("betas", "momentum and betas are not in the theory"),
        ("grad_clip", "clipping is not in the theory"),
        ("bach", "did you mean `batch`?"),
    ] {
        let error = Scaling::parse(asked, &graph).unwrap_err();
        assert!(error.to_string().starts_with("unknown dimension "), "{error}");
        assert!(error.hint().starts_with(says), "{}", error.hint());
    }
}

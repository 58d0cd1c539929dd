//! Repeats: one analysis for all layers, against layers written out one by one and against the simulation.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_types, reason = "helpers of tests")]

use std::collections::BTreeMap;
use std::sync::Arc;

use fscale::architecture::Architecture;
use fscale::derive::{Question, Verdict as Derived, derive};
use fscale::document::Source;
use fscale::exact::Exponent;
use fscale::graph::{Graph, Hyperparameters, NodeId, ParameterId, Scaling, Unrolled};
use fscale::propagate::{Ending, Prediction, propagate};
use fscale::rule::RuleBook;
use fscale::simulate::{Finished, Quantity, Runs, Verdict, compare};
use fscale::study::verify::{Verification, quantities};
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

fn book() -> Arc<RuleBook> {
    Arc::new(RuleBook::embedded().unwrap())
}

fn parse(book: &Arc<RuleBook>, text: &str) -> Arc<Graph> {
    Architecture::parse(&Source::new("test.toml", text), &book.activations()).unwrap().graph
}

fn text(book: &Arc<RuleBook>, name: &str) -> String {
    book.architecture(name).unwrap().text.text.clone()
}

/// The networks with repeats that everything is tried on: pre-LN attention, residual and chain without norms, post-LN.
fn networks(book: &Arc<RuleBook>) -> Vec<(&'static str, Arc<Graph>)> {
    let mut networks: Vec<(&str, Arc<Graph>)> =
        ["transformer-stack", "resmlp", "deep-mlp"].map(|name| (name, parse(book, &text(book, name)))).into();
    networks.push(("post-LN", parse(book, &post_ln(&text(book, "resmlp")))));
    networks
}

/// The residual MLP with a norm behind every sum.
fn post_ln(resmlp: &str) -> String {
    let sum = "name   = \"x1\"\nop     = \"add\"";
    assert!(resmlp.contains(sum));
    let summed = resmlp.replace(sum, "name   = \"s\"\nop     = \"add\"");
    let normed = "[[node]]\nname  = \"x1\"\nop    = \"layer_norm\"\ninput = \"s\"\nover  = \"m\"\n\n[[node]]\nname  = \"last\"";
    assert!(summed.contains("[[node]]\nname  = \"last\""));
    summed.replace("[[node]]\nname  = \"last\"", normed)
}

fn random(graph: &Arc<Graph>, random: &mut impl Rng) -> Hyperparameters {
    let mut pick = |from: &[&str]| -> Exponent { from.choose(random).unwrap().parse().unwrap() };
    let inits = ["0", "-1/2", "-1"];
    Hyperparameters {
        init: graph
            .parameters
            .iter()
            .map(|w| if w.has_init() { pick(&inits) } else { Exponent::ZERO })
            .collect(),
        lr: graph.parameters.iter().map(|_| pick(&["1/2", "0", "-1/2", "-1"])).collect(),
        multiplier: graph.multipliers.iter().map(|_| pick(&inits)).collect(),
    }
}

/// The hyperparameters of every copy.
fn copied(unrolled: &Unrolled, of: &Hyperparameters) -> Hyperparameters {
    let copy = |held: &[Exponent]| unrolled.parameters.iter().map(|origin| held[origin.0].clone()).collect();
    Hyperparameters { init: copy(&of.init), lr: copy(&of.lr), multiplier: of.multiplier.clone() }
}

/// The largest exponent among the copies of each quantity.
fn folded(unrolled: &Unrolled, prediction: &Prediction) -> BTreeMap<String, Exponent> {
    let mut largest: BTreeMap<String, Exponent> = BTreeMap::new();
    let mut see = |key: String, exponent: &Option<Exponent>| {
        if let Some(exponent) = exponent {
            let held = largest.entry(key).or_insert_with(|| exponent.clone());
            *held = held.clone().max(exponent.clone());
        }
    };
    for id in unrolled.graph.nodes() {
        let node = unrolled.nodes[id.index()].index();
        see(format!("forward {node}"), &prediction.forward[id.index()]);
        see(format!("backward {node}"), &prediction.backward[id.index()]);
    }
    for ((w, y), exponent) in &prediction.update_by {
        let (w, y) = (unrolled.parameters[w.0], unrolled.nodes[y.index()]);
        see(format!("update {} {}", w.0, y.index()), &Some(exponent.clone()));
    }
    for w in unrolled.graph.parameter_ids() {
        let origin = unrolled.parameters[w.0].0;
        see(format!("contribution {origin}"), &prediction.contribution[w.0]);
        see(format!("gradient {origin}"), &prediction.gradient[w.0]);
    }
    largest
}

/// Everything the rules say of layers at once, where depth is fixed, is what they say of layers one by one.
#[test]
fn a_stack_written_out_layer_by_layer_agrees() {
    let book = book();
    let mut compared = 0;
    for (name, graph) in networks(&book) {
        let unrolled = graph.unrolled(|_| 4);
        let mut numbers = ChaCha8Rng::seed_from_u64(7);
        for (dimension, optimizer) in
            graph.dimension_ids().flat_map(|id| ["sgd", "adam"].map(|optimizer| (id, optimizer)))
        {
            let grows = &graph.dimension(dimension).name;
            if grows == "depth" {
                continue;
            }
            let optimizer = book.optimizer(optimizer).unwrap();
            let powers = Scaling::alone(dimension).along(0);
            let at_once = propagate(&graph, &book, optimizer, &powers).unwrap();
            let one_by_one = propagate(&unrolled.graph, &book, optimizer, &powers).unwrap();
            for _ in 0..12 {
                let hyperparameters = random(&graph, &mut numbers);
                let prediction = at_once.predict(&hyperparameters);
                if !prediction.saturated.is_empty() {
                    continue;
                }
                let expected = folded(&unrolled, &one_by_one.predict(&copied(&unrolled, &hyperparameters)));
                let all = graph.unrolled(|_| 1);
                let nodes: Vec<NodeId> =
                    graph.nodes().filter(|id| graph.node(*id).op.repeat().is_none()).collect();
                assert_eq!(all.nodes.len(), nodes.len());
                let mut check = |key: String, found: &Option<Exponent>| {
                    assert_eq!(
                        found.as_ref(),
                        expected.get(&key),
                        "{name}, {grows}: {key}, {hyperparameters:?}"
                    );
                    compared += 1;
                };
                for id in nodes {
                    let place = id.index();
                    check(format!("forward {place}"), &prediction.forward[place]);
                    check(format!("backward {place}"), &prediction.backward[place]);
                }
                for ((w, y), exponent) in &prediction.update_by {
                    if graph.node(*y).op.repeat().is_none() {
                        check(format!("update {} {}", w.0, y.index()), &Some(exponent.clone()));
                    }
                }
                for w in graph.parameter_ids() {
                    check(format!("contribution {}", w.0), &prediction.contribution[w.0]);
                    check(format!("gradient {}", w.0), &prediction.gradient[w.0]);
                }
            }
        }
    }
    assert!(compared > 5_000, "{compared}");
}

#[test]
fn a_repeat_of_depth_one_is_the_block_without_it() {
    let book = book();
    for name in ["transformer-stack", "resmlp", "deep-mlp"] {
        let text = text(&book, name).replace("\"1/sqrt(depth)\"", "1");
        let once = text.replace("kind = \"depth\",   size = 2", "kind = \"depth\",   size = 1");
        assert_ne!(once, text);
        let once = parse(&book, &once);
        let start = text.find("[[repeat]]").unwrap();
        let end = start + text[start..].find("\n\n").unwrap();
        let depth = text.lines().find(|line| line.starts_with("depth ")).unwrap();
        let without = format!("{}{}", &text[..start], &text[end..]).replace(depth, "");
        let without = without.split("\n[[tie]]").next().unwrap().to_owned();
        let without = parse(&book, &without);
        let describe = |graph: &Arc<Graph>| -> Vec<_> {
            graph.nodes().map(|id| (graph.node(id).clone(), graph.operands(id))).collect()
        };
        assert_eq!(describe(&once), describe(&without), "{name}");
    }
}

#[test]
fn what_a_stack_costs_does_not_depend_on_its_depth() {
    let book = book();
    let text = text(&book, "transformer-stack");
    let of_depth = |layers: usize| {
        let graph =
            parse(&book, &text.replace("\"depth\",   size = 2", &format!("\"depth\",   size = {layers}")));
        let scaling = Scaling::parse("d_model=n,heads=n,d_ff=n,depth=n", &graph).unwrap();
        let done = propagate(&graph, &book, book.optimizer("adam").unwrap(), &scaling.along(0)).unwrap();
        (graph.nodes().len(), done.ledger.unknowns.len(), done.conditions.len())
    };
    assert_eq!(of_depth(2), of_depth(1_000_000));
}

fn endings(book: &Arc<RuleBook>, graph: &Arc<Graph>, set: &[(&str, &str)]) -> Vec<Ending> {
    let scaling = Scaling::parse("depth", graph).unwrap();
    let done = propagate(graph, book, book.optimizer("sgd").unwrap(), &scaling.along(0)).unwrap();
    let mut hyperparameters = Hyperparameters::constant(graph);
    for (name, exponent) in set {
        let exponent = exponent.parse().unwrap();
        match graph.find_multiplier(name) {
            Some(id) => hyperparameters.multiplier[id.0] = exponent,
            None => hyperparameters.init[graph.find_parameter(name).unwrap().0] = exponent,
        }
    }
    let point = done.point(&hyperparameters);
    let exceeded = done.conditions.iter().filter(|condition| {
        condition.form.evaluate(|unknown| point.get(unknown.0 as usize)).unwrap().is_positive()
    });
    let mut endings: Vec<Ending> = exceeded.map(|condition| condition.ending).collect();
    endings.sort_unstable();
    endings.dedup();
    let prediction = done.predict(&hyperparameters);
    let known = |held: &[Option<Exponent>]| held.iter().all(Option::is_some);
    assert_eq!(prediction.saturated.is_empty(), endings.is_empty());
    assert_eq!(known(&prediction.forward), !endings.contains(&Ending::Unstable));
    assert_eq!(known(&prediction.backward), endings.is_empty());
    endings
}

#[test]
fn beyond_a_gain_of_the_inverse_root_of_depth_a_stack_is_unstable_or_marginal() {
    let book = book();
    let graph = |name: &str| networks(&book).into_iter().find(|(held, _)| *held == name).unwrap().1;
    let stack = graph("transformer-stack");
    let both = |exponent| [("m_attention", exponent), ("m_mlp", exponent)];
    assert_eq!(endings(&book, &stack, &both("-1/2")), []);
    assert_eq!(endings(&book, &stack, &both("-1")), []);
    assert_eq!(endings(&book, &stack, &both("-1/4")), [Ending::Marginal]);
    // The norm divides by a stream that is larger from the start.
    assert_eq!(endings(&book, &stack, &[both("-1/4").as_slice(), &[("W_E", "1/2")]].concat()), []);
    let plain = graph("resmlp");
    assert_eq!(endings(&book, &plain, &[("beta", "-1/2")]), []);
    assert_eq!(endings(&book, &plain, &[("beta", "-1/4")]), [Ending::Unstable]);
    assert_eq!(endings(&book, &plain, &[("beta", "-1/4"), ("W", "-1/4")]), []);
    let chain = graph("deep-mlp");
    assert_eq!(endings(&book, &chain, &[]), []);
    assert_eq!(endings(&book, &chain, &[("W", "-1/2")]), [Ending::Unstable]);
    assert_eq!(endings(&book, &chain, &[("W", "1/2")]), [Ending::Unstable]);
    let normed = graph("post-LN");
    assert_eq!(endings(&book, &normed, &[("beta", "-1/2")]), []);
    assert_eq!(endings(&book, &normed, &[]), [Ending::Marginal]);
}

#[test]
fn a_chain_of_activations_that_are_not_homogeneous_depends_on_constants() {
    let book = book();
    let graph = parse(&book, &text(&book, "deep-mlp").replace("\"relu\"", "\"gelu\""));
    assert_eq!(endings(&book, &graph, &[]), [Ending::Marginal]);
}

#[test]
fn each_of_two_repeats_has_its_own_depth() {
    let book = book();
    let text = text(&book, "resmlp");
    let (start, end) =
        (text.find("[[node]]\nname  = \"r\"").unwrap(), text.find("[[node]]\nname  = \"last\"").unwrap());
    let mut again = text[start..end].to_owned();
    for (from, to) in [
        ("\"x1\"", "\"x2\""),
        ("\"x\"", "\"x1\""),
        ("\"r\"", "\"r2\""),
        ("\"h\"", "\"h2\""),
        ("\"y\"", "\"y2\""),
        ("\"W\"", "\"V\""),
        ("\"beta\"", "\"gamma\""),
    ] {
        again = again.replace(from, to);
    }
    let two = format!("{}{again}{}", &text[..end], text[end..].replace("input = \"x1\"", "input = \"x2\""));
    let two = two.replace(
        "[[repeat]]",
        "[[repeat]]\ndimension  = \"more\"\nstream_in  = \"x1\"\nstream_out = \"x2\"\n\n[[repeat]]",
    );
    let two = two.replace("depth = { kind", "more = { kind = \"depth\", size = 3 }\ndepth = { kind");
    let graph = parse(&book, &two);
    assert_eq!(graph.repeats.len(), 2);
    for (scale, expected) in
        [("depth", "beta -1"), ("more", "gamma -1"), ("depth=n,more=n^1/2", "beta -1, gamma -1/2")]
    {
        let scaling = Scaling::parse(scale, &graph).unwrap();
        let question = Question::new(
            &graph,
            &book,
            book.optimizer("adam").unwrap(),
            book.desiderata("fsc").unwrap(),
            scaling,
        );
        let Derived::Feasible { table, .. } = derive(&question).unwrap().verdict else { panic!("{scale}") };
        assert!(table.unique, "{scale}");
        let multipliers = table.multipliers.iter().filter(|(_, exponent)| !exponent.is_zero());
        let found: Vec<String> =
            multipliers.map(|(id, exponent)| format!("{} {exponent}", graph.multiplier(*id).name)).collect();
        assert_eq!(found.join(", "), expected);
        let lr: Vec<_> = graph.parameter_ids().filter(|w| !table.parameters[w.0].lr.is_zero()).collect();
        assert_eq!(lr, [], "{scale}");
    }
}

/// Random exponents, depth scaled: the simulation writes out every layer.
#[test]
fn random_exponents_agree_with_the_simulation_of_every_layer() {
    let book = book();
    for (name, scale, values, cases) in [
        ("transformer-stack", "depth", vec![8, 16, 32, 64, 128], 3),
        ("resmlp", "depth", vec![8, 16, 32, 64, 128, 256], 6),
        ("post-LN", "depth", vec![8, 16, 32, 64, 128, 256], 4),
        ("resmlp", "width=n,depth=n^1/2", vec![64, 256, 1024, 4096], 4),
    ] {
        let (_, graph) = networks(&book).into_iter().find(|(held, _)| *held == name).unwrap();
        let scaling = Scaling::parse(scale, &graph).unwrap();
        let (mut agreed, mut all) = (0, 0);
        for optimizer in ["sgd", "adam"] {
            let optimizer = book.optimizer(optimizer).unwrap();
            let done = propagate(&graph, &book, optimizer, &scaling.along(0)).unwrap();
            let mut numbers = ChaCha8Rng::seed_from_u64(3);
            for case in 0..cases {
                let tame = |hyperparameters: &Hyperparameters| {
                    let prediction = done.predict(hyperparameters);
                    prediction.saturated.is_empty()
                        && !prediction.forward.iter().flatten().any(Exponent::is_positive)
                };
                let hyperparameters = (0..100_000).map(|_| random(&graph, &mut numbers)).find(tame).unwrap();
                let verification = Verification {
                    graph: &graph,
                    book: &book,
                    optimizer,
                    scaling: &scaling,
                    runs: Runs::at(values.clone()).seeds(4).base_seed(case),
                };
                let samples =
                    verification.experiment(&hyperparameters).run(&Finished::none(), &|_| {}).unwrap();
                let mut predicted = quantities(&graph, &verification.predict(&hyperparameters).unwrap());
                predicted.retain(|quantity, _| !matches!(quantity, Quantity::Update(_) | Quantity::Angle(_)));
                for measured in compare(&samples, &predicted).quantities {
                    let Some(verdict) = measured.verdict else { continue };
                    all += 1;
                    agreed += usize::from(verdict == Verdict::Agrees);
                    assert_ne!(
                        verdict,
                        Verdict::Disagrees,
                        "{name}, {scale}: {}, {:?}, {hyperparameters:?}",
                        told(&graph, measured.quantity),
                        measured
                    );
                }
            }
        }
        assert!(50 * agreed >= 49 * all, "{name}, {scale}: {agreed} of {all} agree");
    }
}

fn told(graph: &Arc<Graph>, quantity: Quantity) -> String {
    let node = |id: NodeId| graph.node(id).name.as_str();
    let parameter = |id: ParameterId| graph.parameter(id).name.as_str();
    match quantity {
        Quantity::Forward(y) => format!("forward({})", node(y)),
        Quantity::Backward(y) => format!("backward({})", node(y)),
        Quantity::UpdateBy(w, y) => format!("update({}, {})", parameter(w), node(y)),
        Quantity::Update(y) => format!("update({})", node(y)),
        Quantity::Angle(y) => format!("angle({})", node(y)),
        Quantity::Gradient(w) => format!("gradient({})", parameter(w)),
        Quantity::Contribution(w) => format!("contribution({})", parameter(w)),
    }
}

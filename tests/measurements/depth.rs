//! Repeats: one analysis for all layers, against layers written out one by one and against the simulation.
#![allow(clippy::disallowed_types, reason = "measured magnitudes are floats")]

use std::collections::BTreeMap;
use std::sync::Arc;

use fscale::architecture::Architecture;
use fscale::derive::{derive, predict};
use fscale::document::Source;
use fscale::exact::Exponent;
use fscale::graph::{Graph, Hyperparameters, NodeId, Quantity, QuantityKind, Scaling, Site, Unrolled};
use fscale::propagate::{Ending, Growth, Prediction, Question, propagate};
use fscale::rule::RuleBook;
use fscale::simulate::{Finished, Runs, SlopeVerdict, compare};
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
pub(super) fn post_ln(resmlp: &str) -> String {
    let sum = "name   = \"x1\"\nop     = \"add\"";
    assert!(resmlp.contains(sum));
    let summed = resmlp.replace(sum, "name   = \"s\"\nop     = \"add\"");
    let normed = "[[node]]\nname  = \"x1\"\nop    = \"layer_norm\"\ninput = \"s\"\nover  = \"m\"\n\n[[node]]\nname  = \"last\"";
    assert!(summed.contains("[[node]]\nname  = \"last\""));
    summed.replace("[[node]]\nname  = \"last\"", normed)
}

pub(super) fn random(graph: &Arc<Graph>, random: &mut impl Rng) -> Hyperparameters {
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
pub(super) fn copied(unrolled: &Unrolled, of: &Hyperparameters) -> Hyperparameters {
    let copy = |held: &[Exponent]| unrolled.parameters.iter().map(|origin| held[origin.0].clone()).collect();
    Hyperparameters { init: copy(&of.init), lr: copy(&of.lr), multiplier: of.multiplier.clone() }
}

/// The largest exponent among the copies of each quantity.
pub(super) fn folded(unrolled: &Unrolled, prediction: &Prediction) -> BTreeMap<Quantity, Exponent> {
    let mut largest: BTreeMap<Quantity, Exponent> = BTreeMap::new();
    for quantity in prediction.quantities() {
        let Some(exponent) = prediction.of(quantity) else { continue };
        let site = match quantity.site() {
            Site::Node(y) => Site::Node(unrolled.nodes[y.index()]),
            Site::Parameter(w) => Site::Parameter(unrolled.parameters[w.0]),
            Site::Use(w, y) => Site::Use(unrolled.parameters[w.0], unrolled.nodes[y.index()]),
        };
        let held = largest.entry(quantity.at(site)).or_insert_with(|| exponent.clone());
        *held = held.clone().max(exponent.clone());
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
            let growth = Growth::along(Scaling::alone(dimension).along(0));
            let at_once = propagate(&graph, &book, optimizer, growth.clone()).unwrap();
            let one_by_one = propagate(&unrolled.graph, &book, optimizer, growth).unwrap();
            for _ in 0..12 {
                let hyperparameters = random(&graph, &mut numbers);
                let given = std::slice::from_ref(&hyperparameters);
                let prediction = predict(&at_once, given).unwrap();
                if !prediction.saturated.is_empty() {
                    continue;
                }
                let copied = [copied(&unrolled, &hyperparameters)];
                let expected = folded(&unrolled, &predict(&one_by_one, &copied).unwrap());
                let all = graph.unrolled(|_| 1);
                let nodes: Vec<NodeId> =
                    graph.nodes().filter(|id| graph.node(*id).op.repeat().is_none()).collect();
                assert_eq!(all.nodes.len(), nodes.len());
                // What is of all parameters, or of the network as a whole, is of its copies too.
                let of_node = |y: NodeId| {
                    let by = graph.parameter_ids().map(move |w| Quantity::update_by(w, y));
                    [Quantity::forward(y), Quantity::backward(y)].into_iter().chain(by)
                };
                let of_parameter = |w| [Quantity::gradient(w), Quantity::contribution(w)];
                let signals = nodes.into_iter().flat_map(of_node);
                for quantity in signals.chain(graph.parameter_ids().flat_map(of_parameter)) {
                    assert_eq!(
                        prediction.of(quantity),
                        expected.get(&quantity),
                        "{name}, {grows}: {}, {hyperparameters:?}",
                        quantity.write(&graph)
                    );
                    compared += 1;
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
        let done = propagate(&graph, &book, book.optimizer("adam").unwrap(), Growth::along(scaling.along(0)))
            .unwrap();
        (graph.nodes().len(), done.ledger.unknowns.len(), done.conditions.len())
    };
    assert_eq!(of_depth(2), of_depth(1_000_000));
}

fn endings(book: &Arc<RuleBook>, graph: &Arc<Graph>, set: &[(&str, &str)]) -> Vec<Ending> {
    let scaling = Scaling::parse("depth", graph).unwrap();
    let done =
        propagate(graph, book, book.optimizer("sgd").unwrap(), Growth::along(scaling.along(0))).unwrap();
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
    let prediction = predict(&done, &[hyperparameters]).unwrap();
    let known = |of: fn(NodeId) -> Quantity| graph.nodes().all(|y| prediction.of(of(y)).is_some());
    assert_eq!(prediction.saturated.is_empty(), endings.is_empty());
    assert_eq!(known(Quantity::forward), !endings.contains(&Ending::Unstable));
    assert_eq!(known(Quantity::backward), endings.is_empty());
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
        let answer = derive(&question).unwrap();
        let table = answer.feasible().unwrap_or_else(|| panic!("{scale}"));
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
            let done = propagate(&graph, &book, optimizer, Growth::along(scaling.along(0))).unwrap();
            let mut numbers = ChaCha8Rng::seed_from_u64(3);
            for case in 0..cases {
                let tame = |hyperparameters: &Hyperparameters| {
                    let prediction = predict(&done, std::slice::from_ref(hyperparameters)).unwrap();
                    let forward = graph.nodes().filter_map(|y| prediction.of(Quantity::forward(y)));
                    prediction.saturated.is_empty() && !forward.into_iter().any(Exponent::is_positive)
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
                let mut predicted = quantities(&verification.predict(&hyperparameters).unwrap());
                predicted
                    .retain(|quantity, _| !quantity.is_total() && quantity.kind() != QuantityKind::Angle);
                for measured in compare(&samples, &predicted, &[]).quantities {
                    let Some(verdict) = measured.verdict else { continue };
                    all += 1;
                    agreed += usize::from(verdict == SlopeVerdict::Agrees);
                    assert_ne!(
                        verdict,
                        SlopeVerdict::Disagrees,
                        "{name}, {scale}: {}, {:?}, {hyperparameters:?}",
                        measured.quantity.write(&graph),
                        measured
                    );
                }
            }
        }
        assert!(50 * agreed >= 49 * all, "{name}, {scale}: {agreed} of {all} agree");
    }
}

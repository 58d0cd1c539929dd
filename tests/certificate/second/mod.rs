//! Who checks the checker: `check` derives rows with the same propagation and requirements as `derive`, so a wrong exponent
//! would be certified. Here is the calculus a second time (`calculus`), written from the theory alone and sharing no code
//! with the program, and what the program predicts and certifies of random networks is held against it.

mod calculus;
pub(crate) mod random;
mod statement;

use std::collections::BTreeMap;
use std::sync::Arc;

use calculus::{Exponent, Hyperparameters, Magnitude, Network, Optimizer, is_plain, predict};
use fscale::architecture::Architecture;
use fscale::document::Source;
use fscale::exact::Exponent as Exact;
use fscale::graph::{Graph, Hyperparameters as Given, Quantity, Scaling};
use fscale::propagate::{Growth, Prediction, propagate};
use fscale::rule::{Expression, RuleBook};
use random::Draw;
use rayon::prelude::*;

/// How many networks are drawn: so many times as many as `FSCALE_NETWORKS` says, once without.
fn networks(usual: u64) -> u64 {
    let said = std::env::var("FSCALE_NETWORKS").ok().and_then(|said| said.parse().ok());
    said.unwrap_or(1) * usual
}

/// The hyperparameters of a draw, for the second calculus.
fn hyperparameters(draw: &Draw) -> Hyperparameters {
    Hyperparameters {
        optimizer: Optimizer::named(&draw.optimizer).unwrap(),
        init: draw.init.clone(),
        lr: draw.lr.clone(),
        multiplier: draw.multiplier.clone(),
    }
}

/// The same for the program.
fn given(draw: &Draw, graph: &Arc<Graph>) -> Given {
    let mut given = Given::constant(graph);
    let value = |of: &BTreeMap<String, Exponent>, name: &str| of.get(name).map_or(Exact::ZERO, exact);
    for id in graph.parameter_ids() {
        let name = &graph.parameter(id).name;
        given.init[id.0] = value(&draw.init, name);
        given.lr[id.0] = value(&draw.lr, name);
    }
    for id in graph.multiplier_ids() {
        given.multiplier[id.0] = value(&draw.multiplier, &graph.multiplier(id).name);
    }
    given
}

/// A number of the second calculus for the program.
fn exact(value: &Exponent) -> Exact {
    value.to_string().parse().unwrap()
}

/// An architecture of a draw; nothing if it is refused.
fn read(draw: &Draw, book: &Arc<RuleBook>) -> Option<Architecture> {
    Architecture::parse(&Source::new("a random network", draw.network.as_str()), &book.activations()).ok()
}

/// What came of a network.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Compared {
    Refused,
    /// Exponents end in both.
    Saturated,
    /// So many exponents are the same.
    Same(usize),
    Differs(String),
}

/// Every exponent that the program predicts of a draw beside those of the second calculus; nothing of a network on which the
/// theory is known to be wrong ([`is_plain`]).
fn compared(draw: &Draw, book: &Arc<RuleBook>) -> Option<Compared> {
    let network = Network::read(&draw.network).unwrap();
    if !is_plain(&network) {
        return None;
    }
    let Some(architecture) = read(draw, book) else { return Some(Compared::Refused) };
    let graph = &architecture.graph;
    let scaling = Scaling::parse(&draw.scale(), graph).unwrap();
    let optimizer = book.optimizer(&draw.optimizer).unwrap();
    let propagation = propagate(graph, book, optimizer, Growth::along(scaling.along(0))).unwrap();
    let prediction = fscale::derive::predict(&propagation, &[given(draw, graph)]).unwrap();
    Some(match predict(&network, &draw.powers, &hyperparameters(draw)) {
        Err(_) if !prediction.saturated.is_empty() => Compared::Saturated,
        Err(saturated) => Compared::Differs(format!("only the second calculus ends, at {}", saturated.node)),
        Ok(_) if !prediction.saturated.is_empty() => Compared::Differs("only the program ends".into()),
        Ok(second) => same(graph, &prediction, &second),
    })
}

fn same(graph: &Arc<Graph>, first: &Prediction, second: &calculus::Prediction) -> Compared {
    let mut count = 0;
    let mut differing = Vec::new();
    let mut compare = |what: String, first: Option<&Exact>, second: Magnitude| {
        let second = second.as_ref().map(exact);
        count += 1;
        if first != second.as_ref() {
            differing.push(format!("{what}: {first:?}, not {second:?}"));
        }
    };
    for id in graph.nodes() {
        let name = &graph.node(id).name;
        let Some(node) = second.nodes.get(name) else { continue };
        compare(format!("forward({name})"), first.of(Quantity::forward(id)), Some(node.forward));
        compare(format!("backward({name})"), first.of(Quantity::backward(id)), node.backward);
        for parameter in graph.parameter_ids() {
            let of = &graph.parameter(parameter).name;
            let update = first.of(Quantity::update_by(parameter, id));
            compare(format!("update({of}, {name})"), update, node.updates.get(of).copied());
        }
    }
    for id in graph.parameter_ids() {
        let name = &graph.parameter(id).name;
        let parameter = &second.parameters[name];
        compare(format!("gradient({name})"), first.of(Quantity::gradient(id)), parameter.gradient);
        compare(
            format!("contribution({name})"),
            first.of(Quantity::contribution(id)),
            parameter.contribution,
        );
    }
    if differing.is_empty() { Compared::Same(count) } else { Compared::Differs(differing.join("; ")) }
}

/// What came of all networks with these seeds.
fn all_compared(seeds: std::ops::Range<u64>, book: &Arc<RuleBook>) -> Vec<(u64, Compared)> {
    seeds.into_par_iter().filter_map(|seed| Some((seed, compared(&Draw::new(seed), book)?))).collect()
}

#[test]
fn every_exponent_of_random_networks_is_that_of_the_second_calculus() {
    let drawn = networks(3000);
    let all = all_compared(0..drawn, &Arc::new(RuleBook::embedded().unwrap()));
    let (mut exponents, mut same, mut saturated, mut refused) = (0, 0, 0, 0);
    for (seed, compared) in &all {
        match compared {
            Compared::Same(count) => (exponents, same) = (exponents + count, same + 1),
            Compared::Saturated => saturated += 1,
            Compared::Refused => refused += 1,
            Compared::Differs(how) => panic!("seed {seed}: {how}\n{}", Draw::new(*seed).network),
        }
    }
    println!(
        "{drawn} networks: {exponents} exponents of {same} are the same, {saturated} saturate in both, {refused} are refused"
    );
    let drawn = usize::try_from(drawn).unwrap();
    assert!(same > drawn * 8 / 10 && refused < drawn / 500 && exponents > 30 * same);
}

/// The comparison can fail: with any of these rules written wrongly it does.
#[test]
fn a_wrong_rule_is_found_by_the_second_calculus() {
    fn of<'b>(book: &'b mut RuleBook, rule: &str, key: &str) -> &'b mut Expression {
        match (rule, key) {
            ("sgd" | "adam" | "muon", "response") => &mut book.optimizers.get_mut(rule).unwrap().response,
            ("sgd" | "adam" | "muon", _) => &mut book.optimizers.get_mut(rule).unwrap().contribution,
            (_, "forward") => &mut book.ops.get_mut(rule).unwrap().forward,
            (_, "backward") => &mut book.ops.get_mut(rule).unwrap().backward,
            (_, "generic") => &mut book.ops.get_mut(rule).unwrap().generic,
            (_, _) => &mut book.ops.get_mut(rule).unwrap().component,
        }
    }
    for (rule, key, right, wrong) in [
        ("linear", "forward", "1/2 |C|", "|C|"),
        ("linear", "component", "|C|", "1/2 |C|"),
        ("linear", "generic", "1/2 |C|", "|C|"),
        ("softmax", "backward", "backward(z) - |s|", "backward(z)"),
        ("bilinear", "component", "2 forward(q)", "forward(q)"),
        ("layer_norm", "backward", "forward(x)", "2 forward(x)"),
        ("sgd", "response", "2 forward(x)", "forward(x)"),
        ("adam", "contribution", "absolute_gradient(W)", "gradient(W)"),
        ("muon", "response", "|C| - 1/2 |rows| - 1/2 |columns|", "1/2 |C| - 1/2 |Q|"),
        ("muon", "contribution", "1/2 |rows| - 1/2 |columns|", "1/2 |C| - 1/2 |Q|"),
    ] {
        let mut book = RuleBook::embedded().unwrap();
        let held = of(&mut book, rule, key);
        let text = held.to_string();
        let changed = text.replacen(right, wrong, 1);
        assert_ne!(changed, text);
        *held = Expression::parse(&changed).unwrap();
        let all = all_compared(0..300, &Arc::new(book.clone()));
        let differ = all.iter().filter(|(_, compared)| matches!(compared, Compared::Differs(_))).count();
        println!("{rule}, {key} = {changed}: {differ} of {} differ", all.len());
        assert!(differ > 0, "{rule}, {key} = {changed}: none of {} differs", all.len());
    }
}

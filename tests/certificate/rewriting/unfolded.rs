//! Rewritings that write out what a file says in short: layers of a repeat, a bias.

use std::collections::BTreeSet;

use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use toml_edit::{Item, Table, value};

use super::network::{Network, PARAMETERS, operands, read, word};
use super::rewritten::Rewritten;

/// The only repeat: its dimension, where it begins and ends, and the nodes of its block.
struct Block {
    dimension: String,
    begins: String,
    ends: String,
    nodes: BTreeSet<usize>,
}

fn block(network: &Network) -> Option<Block> {
    let repeats = network.document.get("repeat").and_then(Item::as_array_of_tables)?;
    let repeat = repeats.iter().next().filter(|_| repeats.len() == 1)?;
    let told = |key| word(repeat, key).map(str::to_owned);
    let (dimension, begins, ends) = (told("dimension")?, told("stream_in")?, told("stream_out")?);
    let place = |name: &str| network.places(|node| word(node, "name") == Some(name)).pop();
    // What leads to the end, but not to the beginning.
    let (mut nodes, mut open) = (BTreeSet::new(), vec![ends.clone()]);
    while let Some(name) = open.pop() {
        if name != begins && nodes.insert(place(&name)?) {
            open.extend(operands(network.nodes().get(place(&name)?)?));
        }
    }
    Some(Block { dimension, begins, ends, nodes })
}

/// The network without its repeat. A base that counts layers goes too: it is a number.
fn unrepeated(network: &Network, block: &Block, change: impl FnOnce(&mut Vec<Table>)) -> Rewritten {
    let base = format!("1/sqrt({})", block.dimension);
    let mut rewritten = network.with_all(|document, nodes| {
        document.remove("repeat");
        if let Some(all) = document["dimensions"].as_table_like_mut() {
            all.remove(&block.dimension);
        }
        for node in nodes.iter_mut() {
            if word(node, "base") == Some(&base) {
                node.remove("base");
            }
        }
        change(nodes);
    });
    rewritten.dimensions.insert(block.dimension.clone(), Vec::new());
    rewritten
}

/// A block that is run once: layers are a constant where they do not grow.
pub(super) fn run_once(network: &Network, _: &mut ChaCha8Rng) -> Option<Rewritten> {
    Some(unrepeated(network, &block(network)?, |_| ()))
}

/// A block that is written twice instead of repeated.
pub(super) fn written_out(network: &Network, _: &mut ChaCha8Rng) -> Option<Rewritten> {
    let block = block(network)?;
    let names = |at: &usize| network.nodes().get(*at).and_then(|node| word(node, "name")).map(str::to_owned);
    let inner: BTreeSet<String> = block.nodes.iter().filter_map(names).collect();
    let second = |name: &str| format!("{name}_b");
    let mut parameters: Vec<String> = Vec::new();
    let rewritten = unrepeated(network, &block, |nodes| {
        let mut copies = Vec::new();
        for (at, node) in nodes.iter_mut().enumerate() {
            if !block.nodes.contains(&at) {
                // What comes behind the block takes what leaves the second.
                read(node, |name| if name == block.ends { second(name) } else { name.to_owned() });
                continue;
            }
            let mut copy = node.clone();
            read(&mut copy, |name| match name {
                name if name == block.begins => block.ends.clone(),
                name if inner.contains(name) => second(name),
                name => name.to_owned(),
            });
            for key in ["name"].iter().chain(&PARAMETERS) {
                if let Some(held) = word(&copy, key).map(str::to_owned) {
                    copy[*key] = value(second(&held));
                    parameters.extend((*key != "name").then_some(held));
                }
            }
            copies.push(copy);
        }
        nodes.extend(copies);
    });
    let mut rewritten = rewritten;
    for name in parameters {
        rewritten.parameters.get_mut(&name)?.push(second(&name));
    }
    let started = network.document.get("parameters").and_then(Item::as_table_like);
    let is_told = |name: &String| started.is_some_and(|told| told.contains_key(name));
    // How copies start would have to be told too.
    (!rewritten.parameters.iter().any(|(name, copies)| copies.len() > 1 && is_told(name)))
        .then_some(rewritten)
}

/// A bias as the sum of two.
pub(super) fn biased_twice(network: &Network, random: &mut ChaCha8Rng) -> Option<Rewritten> {
    let biases = network.places(|node| {
        word(node, "op") == Some("bias") && !network.is_named(word(node, "name").unwrap_or_default())
    });
    let at = *biases.choose(random)?;
    let bias = network.nodes().get(at)?.clone();
    let parameter = word(&bias, "parameter")?.to_owned();
    // How the second starts would have to be told too.
    if network.document.get("parameters").is_some_and(|told| told.get(&parameter).is_some()) {
        return None;
    }
    let mut rewritten = network.with(|nodes| {
        let mut first = bias.clone();
        first["name"] = value("biased");
        first["parameter"] = value(format!("{parameter}_b"));
        first.remove("role");
        nodes[at]["input"] = value("biased");
        nodes.insert(at, first);
    });
    rewritten.parameters.get_mut(&parameter)?.push(format!("{parameter}_b"));
    Some(rewritten)
}

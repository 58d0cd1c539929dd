//! Rewritings of an architecture file that keep the function that the network computes.

use std::collections::BTreeMap;

use rand::RngExt;
use rand::seq::{IndexedRandom, SliceRandom};
use rand_chacha::ChaCha8Rng;
use toml_edit::{Array, Item, Table, value};

use super::network::{Network, PARAMETERS, operands, read, word};
use super::unfolded::{biased_twice, run_once, written_out};

/// A network written in another way.
#[derive(Clone, Debug)]
pub(super) struct Rewritten {
    pub(super) text: String,
    /// What each parameter of the network is called now; several names where it was split.
    pub(super) parameters: BTreeMap<String, Vec<String>>,
    /// What each dimension became: with which powers others grow instead.
    pub(super) dimensions: BTreeMap<String, Vec<(String, &'static str)>>,
}

/// A rewriting; nothing where the network offers no place for it.
pub(super) type Rewriting = fn(&Network, &mut ChaCha8Rng) -> Option<Rewritten>;

/// Every rewriting with its name.
pub(super) const ALL: [(&str, Rewriting); 15] = [
    ("renamed", renamed),
    ("reordered", reordered),
    ("an identity inserted", identity),
    ("a multiplier behind a map", scaled),
    ("a multiplier on a map", multiplied),
    ("a multiplier behind a map put on it", moved_on),
    ("a multiplier folded into its weight", folded),
    ("a layer split along its units", split),
    ("a sum regrouped", regrouped),
    ("roles left out", unstated),
    ("an axis split in two", halved),
    ("a block run once", run_once),
    ("a block written out", written_out),
    ("a bias as two", biased_twice),
    ("axes on both sides of a map named as blocks", named_blocks),
];

fn renamed(network: &Network, _: &mut ChaCha8Rng) -> Option<Rewritten> {
    let new = |name: &str| format!("my_{name}");
    let mut rewritten = network.with_all(|document, nodes| {
        for node in nodes {
            read(node, new);
            for key in ["name"].iter().chain(&PARAMETERS) {
                if let Some(held) = word(node, key).map(str::to_owned) {
                    node[*key] = value(new(&held));
                }
            }
        }
        let judge = |loss: &mut Table| loss["output"] = value(new(loss["output"].as_str().unwrap()));
        match &mut document["loss"] {
            Item::Table(loss) => judge(loss),
            Item::ArrayOfTables(losses) => losses.iter_mut().for_each(judge),
            Item::Value(_) | Item::None => panic!("a loss is a table"),
        }
        if let Some(repeats) = document.get_mut("repeat").and_then(Item::as_array_of_tables_mut) {
            for repeat in repeats.iter_mut() {
                for key in ["stream_in", "stream_out"] {
                    repeat[key] = value(new(repeat[key].as_str().unwrap()));
                }
            }
        }
        if let Some(told) = document.get_mut("parameters").and_then(Item::as_table_mut) {
            let all: Vec<(String, Item)> =
                told.iter().map(|(name, held)| (new(name), held.clone())).collect();
            told.clear();
            all.into_iter().for_each(|(name, held)| drop(told.insert(&name, held)));
        }
    });
    rewritten.parameters.values_mut().flatten().for_each(|name| *name = new(name));
    Some(rewritten)
}

fn reordered(network: &Network, random: &mut ChaCha8Rng) -> Option<Rewritten> {
    Some(network.with(|nodes| nodes.shuffle(random)))
}

/// A node of an op that reads another.
fn unary(name: &str, op: &str, input: &str) -> Table {
    let mut node = Table::new();
    node["name"] = value(name);
    node["op"] = value(op);
    node["input"] = value(input);
    node
}

fn identity(network: &Network, random: &mut ChaCha8Rng) -> Option<Rewritten> {
    let all = network.places(|node| !operands(node).is_empty());
    let at = *all.choose(random)?;
    let read_by = operands(network.nodes().get(at)?);
    let source = read_by.choose(random)?.clone();
    // What enters and leaves a repeat is one node, and what is not a number is no operand of an activation.
    (!network.is_named(&source)).then(|| {
        network.with(|nodes| {
            read(&mut nodes[at], |name| if name == source { "same".into() } else { name.into() });
            nodes.insert(at, unary("same", "identity", &source));
        })
    })
}

/// The maps of a weight that may have a multiplier.
fn maps(network: &Network) -> Vec<usize> {
    network.places(|node| {
        word(node, "op") == Some("linear")
            && !node.contains_key("multiplier")
            && !network.is_named(word(node, "name").unwrap())
    })
}

fn scaled(network: &Network, random: &mut ChaCha8Rng) -> Option<Rewritten> {
    let at = *maps(network).choose(random)?;
    Some(network.with(|nodes| {
        let name = word(&nodes[at], "name").unwrap().to_owned();
        nodes[at]["name"] = value("before");
        let role = nodes[at].remove("role");
        let mut scale = unary(&name, "scale", "before");
        scale["multiplier"] = value("extra");
        if let Some(role) = role {
            scale.insert("role", role);
        }
        nodes.insert(at + 1, scale);
    }))
}

fn multiplied(network: &Network, random: &mut ChaCha8Rng) -> Option<Rewritten> {
    let at = *maps(network).choose(random)?;
    Some(network.with(|nodes| nodes[at]["multiplier"] = value("extra")))
}

/// The scales that alone take what a map of a weight makes, with the map.
fn behind_maps(network: &Network) -> Vec<(usize, usize)> {
    let scales = network.places(|node| word(node, "op") == Some("scale"));
    let of = |scale: usize| {
        let source = operands(network.nodes().get(scale)?).pop()?;
        let alone = network.users(&source).len() == 1 && !network.is_named(&source);
        let map = network.places(|node| word(node, "name") == Some(&source)).pop()?;
        let node = network.nodes().get(map)?;
        let plain = word(node, "op") == Some("linear") && !node.contains_key("multiplier");
        (alone && plain).then_some((scale, map))
    };
    scales.into_iter().filter_map(of).collect()
}

/// The network without a scale behind a map, and with what is done to the map.
fn without(network: &Network, random: &mut ChaCha8Rng, on: fn(&mut Table, Table)) -> Option<Rewritten> {
    let (scale, map) = *behind_maps(network).choose(random)?;
    Some(network.with(|nodes| {
        let removed = nodes[scale].clone();
        nodes[map]["name"] = removed["name"].clone();
        nodes[map].remove("role");
        if let Some(role) = removed.get("role") {
            nodes[map].insert("role", role.clone());
        }
        on(&mut nodes[map], removed);
        nodes.remove(scale);
    }))
}

fn moved_on(network: &Network, random: &mut ChaCha8Rng) -> Option<Rewritten> {
    without(network, random, |map, scale| {
        map["multiplier"] = scale["multiplier"].clone();
        if let Some(base) = scale.get("base") {
            map.insert("base", base.clone());
        }
    })
}

fn folded(network: &Network, random: &mut ChaCha8Rng) -> Option<Rewritten> {
    without(network, random, |_, _| {})
}

/// A hidden layer `W_2 f(W_1 x)` as the sum of two, each of so many units.
fn split(network: &Network, random: &mut ChaCha8Rng) -> Option<Rewritten> {
    let follow = |name: &str| match network.users(name).as_slice() {
        [user] if !network.is_named(name) => Some(*user),
        _ => None,
    };
    let of = |first: usize| {
        let node = |at: usize| network.nodes().get(at);
        let op = |at: usize| word(node(at)?, "op");
        let bends = follow(word(node(first)?, "name")?)?;
        let is_bent = matches!(op(bends)?, "relu" | "gelu" | "silu" | "tanh");
        let last = follow(word(node(bends)?, "name")?)?;
        let plain = |at: usize| node(at).is_some_and(|held| !held.contains_key("multiplier"));
        let made = word(node(last)?, "name")?;
        (is_bent && op(last)? == "linear" && plain(first) && plain(last) && !network.is_named(made))
            .then_some([first, bends, last])
    };
    let layers: Vec<[usize; 3]> = maps(network).into_iter().filter_map(of).collect();
    let layer = *layers.choose(random)?;
    let weight = |at: usize| word(network.nodes().get(at)?, "weight").map(str::to_owned);
    let [first, last] = [weight(layer[0])?, weight(layer[2])?];
    let mut rewritten = network.with_all(|document, nodes| {
        for name in [&first, &last] {
            let told = document.get("parameters").and_then(|all| all.get(name)).cloned();
            if let Some(told) = told {
                document["parameters"][&format!("{name}_b")] = told;
            }
        }
        let second = |name: &str| format!("{name}_b");
        let name = word(&nodes[layer[2]], "name").unwrap().to_owned();
        let role = nodes[layer[2]].remove("role");
        nodes[layer[2]]["name"] = value("part");
        let mut names: Vec<String> = Vec::new();
        for (at, node) in layer.iter().enumerate() {
            let mut copy = nodes[*node].clone();
            let own = word(&copy, "name").unwrap().to_owned();
            copy["name"] = value(second(&own));
            if let Some(weight) = word(&copy, "weight").map(str::to_owned) {
                copy["weight"] = value(second(&weight));
            }
            if at > 0 {
                let before = names.last().unwrap().clone();
                copy["input"] = value(before);
            }
            names.push(second(&own));
            nodes.push(copy);
        }
        let mut sum = Table::new();
        sum["name"] = value(name);
        sum["op"] = value("add");
        sum["inputs"] = value(["part".to_owned(), names.pop().unwrap()].iter().collect::<Array>());
        if let Some(role) = role {
            sum.insert("role", role);
        }
        nodes.push(sum);
    });
    for name in [first, last] {
        rewritten.parameters.get_mut(&name)?.push(format!("{name}_b"));
    }
    Some(rewritten)
}

/// A sum of three as a sum of sums, or of a sum and another as one.
fn regrouped(network: &Network, random: &mut ChaCha8Rng) -> Option<Rewritten> {
    let wide = network.places(|node| word(node, "op") == Some("add") && operands(node).len() > 2);
    let at = *wide.choose(random)?;
    Some(network.with(|nodes| {
        let mut inputs = operands(&nodes[at]);
        inputs.shuffle(random);
        let mut inner = Table::new();
        inner["name"] = value("inner");
        inner["op"] = value("add");
        inner["inputs"] = value(inputs.drain(..2).collect::<Array>());
        inputs.insert(random.random_range(0..=inputs.len()), "inner".into());
        nodes[at]["inputs"] = value(inputs.into_iter().collect::<Array>());
        nodes.insert(at, inner);
    }))
}

/// Roles that the graph tells are left out.
fn unstated(network: &Network, _: &mut ChaCha8Rng) -> Option<Rewritten> {
    let stated = network.places(|node| word(node, "role") == Some("branch"));
    (!stated.is_empty()).then(|| {
        network.with(|nodes| {
            for node in nodes {
                if word(node, "role") == Some("branch") {
                    node.remove("role");
                }
            }
        })
    })
}

/// An axis of features as two, each of which grows with half the power.
fn halved(network: &Network, random: &mut ChaCha8Rng) -> Option<Rewritten> {
    let axes = network.document["axes"].as_table_like()?;
    let dimensions = network.document["dimensions"].as_table_like()?;
    let text = network.document.to_string();
    let once =
        |dimension: &str| axes.iter().filter(|(_, held)| held.as_str() == Some(dimension)).count() == 1;
    let is_free = |dimension: &str| {
        let kind = dimensions.get(dimension).and_then(|held| held.get("kind")).and_then(Item::as_str);
        let based = text.contains(&format!("1/sqrt({dimension})"));
        kind == Some("feature") && once(dimension) && !based
    };
    let all: Vec<(&str, &str)> =
        axes.iter().filter_map(|(axis, held)| Some((axis, held.as_str()?))).collect();
    let runs_over = |axis: &str| {
        let runs = |node: &Table| word(node, "over").is_some_and(|over| over.contains(axis));
        let one_hot = |node: &Table| {
            node.contains_key("one_hot") && word(node, "axes").is_some_and(|a| a.contains(axis))
        };
        network.nodes().iter().any(|node| runs(node) && word(node, "op") == Some("rope") || one_hot(node))
    };
    let ends = |axis: &str| {
        let is_output =
            |node: &&Table| word(node, "name").is_some_and(|name| network.outputs().contains(&name));
        let made = |node: &Table| {
            let made = word(node, "einsum").and_then(|einsum| einsum.split_once("->")).map(|(_, made)| made);
            made.is_some_and(|made| made.contains(axis))
        };
        network.nodes().iter().filter(is_output).any(made)
    };
    let free: Vec<&(&str, &str)> = all
        .iter()
        .filter(|(axis, dimension)| is_free(dimension) && !runs_over(axis) && !ends(axis))
        .collect();
    let (axis, dimension) = **free.choose(random)?;
    let letter = ('A'..='Z').find(|letter| !all.iter().any(|(axis, _)| axis.starts_with(*letter)))?;
    let both = format!("{axis}{letter}");
    let mut rewritten = network.with_all(|document, nodes| {
        for node in nodes {
            for key in ["einsum", "axes", "over", "shared"] {
                if let Some(held) = word(node, key).map(str::to_owned) {
                    node[key] = value(held.replace(axis, &both));
                }
            }
        }
        if let Some(told) = document.get_mut("parameters").and_then(Item::as_table_like_mut) {
            for (_, held) in told.iter_mut() {
                if let Some(blocks) = held.get("blocks").and_then(Item::as_str).map(str::to_owned) {
                    held["blocks"] = value(blocks.replace(axis, &both));
                }
            }
        }
        let half = document["dimensions"][dimension].clone();
        document["dimensions"]["other_half"] = half;
        document["axes"][&letter.to_string()] = value("other_half");
    });
    let halves = vec![(dimension.to_owned(), "1/2"), ("other_half".to_owned(), "1/2")];
    rewritten.dimensions.insert(dimension.to_owned(), halves);
    Some(rewritten)
}

/// An axis that weight, input and output share numbers matrices, whether it is said or not.
fn named_blocks(network: &Network, random: &mut ChaCha8Rng) -> Option<Rewritten> {
    let shared = |at: usize| -> Option<(String, String)> {
        let node = network.nodes().get(at)?;
        let (weight, rest) = word(node, "einsum")?.split_once(',')?;
        let (input, made) = rest.split_once("->")?;
        let both: String = weight.chars().filter(|a| input.contains(*a) && made.contains(*a)).collect();
        let name = word(node, "weight")?;
        let told = network.document.get("parameters").and_then(|all| all.get(name));
        let users = network.places(|node| word(node, "weight") == Some(name)).len();
        let is_free = told.is_none() && users == 1 && !both.is_empty() && both.len() < weight.len();
        is_free.then(|| (name.to_owned(), both))
    };
    let linear = network.places(|node| word(node, "op") == Some("linear"));
    let all: Vec<(String, String)> = linear.into_iter().filter_map(shared).collect();
    let (weight, blocks) = all.choose(random)?.clone();
    Some(network.with_all(|document, _| {
        let told = document.entry("parameters").or_insert_with(toml_edit::table);
        told[&weight]["blocks"] = value(blocks);
    }))
}

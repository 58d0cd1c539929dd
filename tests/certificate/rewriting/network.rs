//! [`Network`]: an architecture file as a document that can be written in another way.

use std::collections::{BTreeMap, BTreeSet};

use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, value};

use super::rewritten::Rewritten;

/// An architecture file as a document.
pub(super) struct Network {
    pub(super) document: DocumentMut,
}

const OPERANDS: [&str; 1] = ["input"];
pub(super) const PARAMETERS: [&str; 4] = ["weight", "parameter", "gain", "bias"];

impl Network {
    pub(super) fn read(text: &str) -> Self {
        let mut document: DocumentMut = text.parse().unwrap();
        document.remove("example");
        document.remove("tie");
        Self { document }
    }

    pub(super) fn nodes(&self) -> &ArrayOfTables {
        self.document["node"].as_array_of_tables().unwrap()
    }

    /// Every scaling of one dimension of features or samples.
    pub(super) fn dimensions(&self) -> Vec<String> {
        let all = self.document["dimensions"].as_table_like().unwrap();
        all.iter().map(|(name, _)| name.to_owned()).collect()
    }

    pub(super) fn parameters(&self) -> BTreeSet<String> {
        let of = |node: &Table| -> Vec<String> {
            PARAMETERS.iter().filter_map(|key| word(node, key)).map(str::to_owned).collect()
        };
        self.nodes().iter().flat_map(of).collect()
    }

    /// Which nodes use a node, one for each use.
    pub(super) fn users(&self, name: &str) -> Vec<usize> {
        let uses = |node: &Table| operands(node).into_iter().filter(|held| held == name).count();
        let users = self.nodes().iter().enumerate();
        users.flat_map(|(at, node)| std::iter::repeat_n(at, uses(node))).collect()
    }

    /// Nodes that a repeat or a loss names stay as they are called.
    pub(super) fn is_named(&self, name: &str) -> bool {
        let repeats = self.document.get("repeat").and_then(Item::as_array_of_tables);
        let of_repeats = repeats.into_iter().flatten().flat_map(|repeat| {
            ["stream_in", "stream_out"].into_iter().filter_map(|key| word(repeat, key)).collect::<Vec<_>>()
        });
        of_repeats.chain(self.outputs()).any(|held| held == name)
    }

    /// The nodes that losses judge.
    pub(super) fn outputs(&self) -> Vec<&str> {
        let loss = &self.document["loss"];
        let one = loss.as_table().into_iter();
        let several = loss.as_array_of_tables().into_iter().flatten();
        one.chain(several).filter_map(|loss| word(loss, "output")).collect()
    }

    /// The nodes of which this holds, in order.
    pub(super) fn places(&self, holds: impl Fn(&Table) -> bool) -> Vec<usize> {
        self.nodes().iter().enumerate().filter(|(_, node)| holds(node)).map(|(at, _)| at).collect()
    }

    pub(super) fn with(&self, change: impl FnOnce(&mut Vec<Table>)) -> Rewritten {
        self.with_all(|_, nodes| change(nodes))
    }

    pub(super) fn with_all(&self, change: impl FnOnce(&mut DocumentMut, &mut Vec<Table>)) -> Rewritten {
        let mut document = self.document.clone();
        let mut nodes: Vec<Table> = self.nodes().iter().cloned().collect();
        change(&mut document, &mut nodes);
        let mut tables = ArrayOfTables::new();
        nodes.into_iter().for_each(|mut node| {
            node.set_position(None);
            tables.push(node);
        });
        document.insert("node", Item::ArrayOfTables(tables));
        let parameters = self.parameters().into_iter().map(|name| (name.clone(), vec![name]));
        Rewritten {
            text: document.to_string(),
            parameters: parameters.collect(),
            dimensions: BTreeMap::new(),
        }
    }
}

pub(super) fn word<'t>(node: &'t Table, key: &str) -> Option<&'t str> {
    node.get(key).and_then(Item::as_str)
}

pub(super) fn operands(node: &Table) -> Vec<String> {
    let one = OPERANDS.iter().filter_map(|key| word(node, key));
    let several = node.get("inputs").and_then(Item::as_array).into_iter().flatten();
    one.chain(several.filter_map(|held| held.as_str())).map(str::to_owned).collect()
}

/// Lets a node read other nodes.
pub(super) fn read(node: &mut Table, names: impl Fn(&str) -> String) {
    if let Some(one) = word(node, "input").map(str::to_owned) {
        node["input"] = value(names(&one));
    }
    if node.contains_key("inputs") {
        let all: Array = operands(node).iter().map(|held| names(held)).collect();
        node["inputs"] = value(all);
    }
}

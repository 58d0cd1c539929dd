//! The architecture file (contract.md) as a network: the part of it that the calculus covers.

use std::collections::BTreeMap;

use toml_edit::{DocumentMut, Item, Table};

use super::network::{
    Activation, Axes, DimensionKind, Loss, Network, Node, Op, Parameter, ParameterKind, Role, minus,
};

impl Network {
    pub(crate) fn read(text: &str) -> Result<Network, String> {
        let document: DocumentMut = text.parse().map_err(|error| format!("{error}"))?;
        let told = document.get("parameters").and_then(Item::as_table_like);
        let mut reader = Reader { nodes: Vec::new(), parameters: Vec::new() };
        let tables = document["node"].as_array_of_tables().ok_or("no nodes")?;
        for table in tables {
            reader.node(table)?;
        }
        for parameter in &mut reader.parameters {
            let told = told.and_then(|table| table.get(&parameter.name));
            let blocks = told.and_then(|told| told.get("blocks")).and_then(Item::as_str);
            parameter.blocks = blocks.map(letters).unwrap_or_default();
        }
        let losses: Vec<&Table> = match (document["loss"].as_table(), document["loss"].as_array_of_tables()) {
            (Some(one), _) => vec![one],
            (None, several) => several.ok_or("no [loss]")?.iter().collect(),
        };
        let judged =
            |loss: &Table| Ok((loss_named(text_of(loss, "op")?)?, reader.find(text_of(loss, "output")?)?));
        let losses = losses.into_iter().map(judged).collect::<Result<_, String>>()?;
        let mut network = Network {
            dimensions: dimensions(&document["dimensions"])?,
            axes: axes(&document["axes"])?,
            nodes: reader.nodes,
            parameters: reader.parameters,
            losses,
        };
        assign_roles(&mut network);
        Ok(network)
    }
}

fn dimensions(item: &Item) -> Result<BTreeMap<String, DimensionKind>, String> {
    let table = item.as_table_like().ok_or("no [dimensions]")?;
    let mut dimensions = BTreeMap::new();
    for (name, value) in table.iter() {
        let kind = match value.get("kind").and_then(Item::as_str) {
            Some("feature") => DimensionKind::Feature,
            Some("sample") => DimensionKind::Sample,
            _ => {
                return Err(format!("the kind of `{name}` is neither feature nor sample"));
            }
        };
        dimensions.insert(name.to_owned(), kind);
    }
    Ok(dimensions)
}

fn axes(item: &Item) -> Result<BTreeMap<char, String>, String> {
    let table = item.as_table_like().ok_or("no [axes]")?;
    let mut axes = BTreeMap::new();
    for (letter, dimension) in table.iter() {
        let letter = letter.chars().next().ok_or("an axis without a letter")?;
        axes.insert(letter, dimension.as_str().ok_or("an axis without a dimension")?.to_owned());
    }
    Ok(axes)
}

fn loss_named(op: &str) -> Result<Loss, String> {
    match op {
        "mse" => Ok(Loss::Mse),
        "cross_entropy" => Ok(Loss::CrossEntropy),
        other => Err(format!("no rule for the loss `{other}`")),
    }
}

/// Roles that the graph decides: inputs, what enters a softmax, probabilities, outputs.
fn assign_roles(network: &mut Network) {
    for z in 0..network.nodes.len() {
        match network.nodes[z].op {
            Op::Input { .. } => network.nodes[z].role = Role::Input,
            Op::Softmax { .. } => {
                let logits = network.nodes[z].inputs[0];
                network.nodes[z].role = Role::Probability;
                network.nodes[logits].role = Role::Logits;
            }
            Op::Linear
            | Op::Bilinear
            | Op::Scale
            | Op::Activation(_)
            | Op::Norm
            | Op::Mean { .. }
            | Op::Add
            | Op::Bias
            | Op::Rope => {}
        }
    }
    for (_, output) in network.losses.clone() {
        network.nodes[output].role = Role::Output;
    }
    // What is only added to a stream is a branch; else what is passed on is what it becomes.
    for y in (0..network.nodes.len()).rev() {
        let Some(z) = network.only_consumer(y).filter(|_| network.nodes[y].role == Role::Feature) else {
            continue;
        };
        if network.nodes[z].op == Op::Add && network.has_stream(z) {
            network.nodes[y].role = Role::Branch;
        } else if network.nodes[z].passes_on {
            network.nodes[y].role = network.nodes[z].role;
        }
    }
}

fn text_of<'a>(table: &'a Table, key: &str) -> Result<&'a str, String> {
    let item = table.get(key).and_then(Item::as_str);
    item.ok_or_else(|| format!("`{key}` is missing"))
}

fn letters(text: &str) -> Axes {
    text.chars().filter(|letter| letter.is_alphabetic()).collect()
}

/// `"hkd,btd->bthk"` as its two operands and its result.
fn einsum(text: &str) -> Result<(Axes, Axes, Axes), String> {
    let wrong = || format!("`{text}` is no einsum of two operands");
    let (operands, result) = text.split_once("->").ok_or_else(wrong)?;
    let (first, second) = operands.split_once(',').ok_or_else(wrong)?;
    Ok((letters(first), letters(second), letters(result)))
}

/// What an operation says about a node.
struct Shape {
    op: Op,
    operands: Vec<Axes>,
    axes: Axes,
}

struct Reader {
    nodes: Vec<Node>,
    parameters: Vec<Parameter>,
}

impl Reader {
    fn find(&self, name: &str) -> Result<usize, String> {
        let found = self.nodes.iter().position(|node| node.name == name);
        found.ok_or_else(|| format!("no earlier node `{name}`"))
    }

    fn inputs(&self, table: &Table) -> Result<Vec<usize>, String> {
        if let Some(one) = table.get("input").and_then(Item::as_str) {
            return Ok(vec![self.find(one)?]);
        }
        let several = table.get("inputs").and_then(Item::as_array);
        let names = several.into_iter().flatten().filter_map(|value| value.as_str());
        names.map(|name| self.find(name)).collect()
    }

    fn node(&mut self, table: &Table) -> Result<(), String> {
        let inputs = self.inputs(table)?;
        let shape = self.shape(table, &inputs)?;
        self.declare_parameters(table, &shape)?;
        let role = match table.get("role").and_then(Item::as_str) {
            Some("branch") => Role::Branch,
            Some("logits") => Role::Logits,
            _ => Role::Feature,
        };
        self.nodes.push(Node {
            name: text_of(table, "name")?.to_owned(),
            op: shape.op,
            inputs,
            operands: shape.operands,
            axes: shape.axes,
            multiplier: table.get("multiplier").and_then(Item::as_str).map(str::to_owned),
            role,
            passes_on: ["scale", "bias", "rope", "add", "identity"].contains(&text_of(table, "op")?),
        });
        Ok(())
    }

    fn shape(&self, table: &Table, inputs: &[usize]) -> Result<Shape, String> {
        let op = text_of(table, "op")?;
        let of_inputs: Vec<Axes> = inputs.iter().map(|&x| self.nodes[x].axes.clone()).collect();
        let widest = of_inputs.iter().max_by_key(|axes| axes.len()).cloned().unwrap_or_default();
        let same = |op: Op| Ok(Shape { op, operands: of_inputs.clone(), axes: widest.clone() });
        let over = || text_of(table, "over").map(letters);
        match op {
            "input" => Ok(Shape {
                op: Op::Input { one_hot: table.get("one_hot").and_then(Item::as_bool) == Some(true) },
                operands: Vec::new(),
                axes: letters(text_of(table, "axes")?),
            }),
            "linear" => {
                let (_, operand, axes) = einsum(text_of(table, "einsum")?)?;
                Ok(Shape { op: Op::Linear, operands: vec![operand], axes })
            }
            "bilinear" | "product" if table.contains_key("einsum") => {
                let (first, second, axes) = einsum(text_of(table, "einsum")?)?;
                Ok(Shape { op: Op::Bilinear, operands: vec![first, second], axes })
            }
            "product" => same(Op::Bilinear),
            "relu" | "gelu" | "silu" | "identity" => same(Op::Activation(Activation::Unbounded)),
            "tanh" => same(Op::Activation(Activation::Bounded)),
            "layer_norm" | "rms_norm" => same(Op::Norm),
            "softmax" => same(Op::Softmax { over: over()? }),
            "mean" => {
                let over = over()?;
                let axes = minus(&widest, &over);
                Ok(Shape { op: Op::Mean { over }, operands: of_inputs, axes })
            }
            "add" => same(Op::Add),
            "bias" => same(Op::Bias),
            "scale" => same(Op::Scale),
            "rope" => same(Op::Rope),
            other => Err(format!("no rule for the operation `{other}`")),
        }
    }

    /// A linear node's weight, a bias node's bias, a norm's gain and bias.
    fn declare_parameters(&mut self, table: &Table, shape: &Shape) -> Result<(), String> {
        let node = self.nodes.len();
        let mut declare = |name: &str, kind, axes: Axes| {
            self.parameters.push(Parameter {
                name: name.to_owned(),
                kind,
                axes,
                blocks: Axes::default(),
                node,
            });
        };
        match &shape.op {
            Op::Linear => {
                let (weight, _, _) = einsum(text_of(table, "einsum")?)?;
                declare(text_of(table, "weight")?, ParameterKind::Weight, weight);
            }
            Op::Bias => {
                let axes = letters(text_of(table, "axes")?);
                declare(text_of(table, "parameter")?, ParameterKind::Bias, axes);
            }
            Op::Norm => {
                let over = letters(text_of(table, "over")?);
                for (key, kind) in [("gain", ParameterKind::Gain), ("bias", ParameterKind::Bias)] {
                    if let Some(name) = table.get(key).and_then(Item::as_str) {
                        declare(name, kind, over.clone());
                    }
                }
            }
            Op::Input { .. }
            | Op::Bilinear
            | Op::Scale
            | Op::Activation(_)
            | Op::Softmax { .. }
            | Op::Mean { .. }
            | Op::Add
            | Op::Rope => {}
        }
        Ok(())
    }
}

//! `[[repeat]]`: blocks of nodes that are computed several times, layer after layer.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::check::Checked;
use super::declaration::Declarations;
use super::network::TRAINED;
use super::passes::{self, SHARED, SharedParameters};
use super::space::Space;
use crate::document::{Diagnostic, Key, Mistakes, Record, Value, quote};
use crate::graph::{DimensionId, Graph, Kind, NodeId, RepeatId, Shortcut};

/// Most repeats of one file.
const MOST_REPEATS: usize = 20;

/// Keys of a repeat.
pub(super) const KEYS: [Key; 5] = [
    Key::required(
        "dimension",
        Value::TEXT,
        "the dimension, of kind `depth`, that counts the layers",
        r#""depth""#,
    ),
    Key::required("stream_in", Value::TEXT, "the node that enters the block", r#""x""#),
    Key::required("stream_out", Value::TEXT, "the node that leaves it", r#""x1""#),
    Key::optional(
        "residual",
        Value::TRUTH,
        "whether the block is added to a stream that goes around it; true if absent",
        "true",
    ),
    SHARED,
];

/// A repeat as the file declares it, with nodes by their position among the declarations.
pub(super) struct DeclaredRepeat {
    /// How many layers.
    pub(super) dimension: DimensionId,
    /// Whether the stream goes around the block.
    pub(super) shortcut: Shortcut,
    /// The node that enters the block.
    pub(super) stream_in: usize,
    /// The node that leaves it.
    pub(super) stream_out: usize,
    /// Every node of the block.
    pub(super) block: BTreeSet<usize>,
    /// The parameters that all layers have in common.
    pub(super) shared: Option<SharedParameters>,
    /// The place of the table.
    span: Range<usize>,
}

/// Reads every `[[repeat]]`: a block that takes everything from the stream, and leaves it at one node alone. A block of one
/// layer is not repeated.
pub(super) fn repeats(
    file: &Record,
    declarations: &Declarations,
    checked: &[Checked],
    space: &Space,
    outputs: &[usize],
    cyclic: bool,
    mistakes: &mut Mistakes,
) -> Vec<DeclaredRepeat> {
    let mut repeats: Vec<DeclaredRepeat> = Vec::new();
    let mut records = file.tables("repeat", "a repeat", mistakes).unwrap_or_default();
    if let Some(record) = records.get(MOST_REPEATS) {
        let message = format!("the file declares {} repeats", records.len());
        let hint = format!("declare at most {MOST_REPEATS}");
        mistakes.add(&record.span, Diagnostic::new("too-many-repeats", message).hint(hint));
        records.truncate(MOST_REPEATS);
    }
    for record in records {
        let Some(repeat) = read(&record, declarations, checked, space, mistakes) else { continue };
        if cyclic || !declarations.complete {
            continue;
        }
        if repeat.block.is_empty() {
            let name = |position: usize| name(declarations, position);
            let (from, to) = (name(repeat.stream_in), name(repeat.stream_out));
            let message = format!("{to} does not depend on {from}: there is no block between them");
            let hint = "let `stream_in` be the node that enters the block, `stream_out` the last node of it";
            mistakes.add(&repeat.span, Diagnostic::new("repeat-empty", message).hint(hint));
            continue;
        }
        let sound = is_closed(&repeat, declarations, mistakes)
            & is_unjudged(&repeat, outputs, declarations, mistakes)
            & has_own_parameters(&repeat, declarations, mistakes)
            & is_apart(&repeat, &repeats, declarations, mistakes);
        if sound {
            repeats.push(repeat);
        }
    }
    repeats.retain(|repeat| space.size_of(repeat.dimension).is_none_or(|size| size > 1));
    repeats
}

fn read(
    record: &Record,
    declarations: &Declarations,
    checked: &[Checked],
    space: &Space,
    mistakes: &mut Mistakes,
) -> Option<DeclaredRepeat> {
    record.refuse_unknown(KEYS, mistakes);
    let dimension = record.required_text("dimension", mistakes);
    let [stream_in, stream_out] = ["stream_in", "stream_out"].map(|key| record.required_text(key, mistakes));
    let residual = record.truth("residual", mistakes).unwrap_or(true);
    let dimension = dimension.and_then(|name| {
        let id = space.named(&name, mistakes)?;
        if space.kind_of(id).is_some_and(|kind| kind != Kind::Depth) {
            let message = format!("dimension {} does not count layers", quote(name.value));
            let hint = format!(
                "declare it with `kind = \"depth\"`, like `{} = {{ kind = \"depth\", size = 2 }}`",
                name.value
            );
            mistakes.add(&name.span, Diagnostic::new("repeat-dimension", message).hint(hint));
            return None;
        }
        Some(id)
    });
    let first = stream_in.as_ref().and_then(|name| declarations.find(name, mistakes));
    let last = stream_out.as_ref().and_then(|name| declarations.find(name, mistakes));
    let (stream_in, stream_out) = (first?, last?);
    let axes = |position: usize| checked.get(position).and_then(|checked| checked.axes.as_ref());
    if let (Some(before), Some(after)) = (axes(stream_in), axes(stream_out))
        && before != after
        && stream_in != stream_out
    {
        let name = |position: usize| name(declarations, position);
        let letters = |axes| quote(&space.letters(axes));
        let message = format!(
            "{} has the axes {}, but {} has {}: a layer could not take what the layer before it gives",
            name(stream_in),
            letters(before),
            name(stream_out),
            letters(after)
        );
        let hint = "let both have the same axes in the same order";
        mistakes.add(&record.span, Diagnostic::new("repeat-axes", message).hint(hint));
        return None;
    }
    let block = between(declarations, stream_in, stream_out);
    let used = block.iter().flat_map(|position| trained(declarations, *position)).map(|(name, _)| name);
    let shared = passes::read(record, &used.collect(), mistakes);
    Some(DeclaredRepeat {
        dimension: dimension?,
        shortcut: if residual { Shortcut::Residual } else { Shortcut::Chain },
        stream_in,
        stream_out,
        block,
        shared,
        span: record.span.clone(),
    })
}

/// What depends on the first node and leads to the second, the second included.
fn between(declarations: &Declarations, first: usize, last: usize) -> BTreeSet<usize> {
    let operands = |position: usize| {
        let operands = declarations.nodes.get(position).map_or(&[][..], |node| &node.operands);
        operands.iter().filter_map(|operand| operand.declaration)
    };
    let mut above = BTreeSet::from([last]);
    let mut open = vec![last];
    while let Some(position) = open.pop() {
        for operand in operands(position).filter(|operand| *operand != first) {
            if above.insert(operand) {
                open.push(operand);
            }
        }
    }
    if first == last {
        return BTreeSet::new();
    }
    let mut users: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for position in &above {
        operands(*position).for_each(|x| users.entry(x).or_default().push(*position));
    }
    let mut below: BTreeSet<usize> = BTreeSet::new();
    let mut open = vec![first];
    while let Some(position) = open.pop() {
        let below = &mut below;
        open.extend(users.get(&position).into_iter().flatten().filter(|user| below.insert(**user)));
    }
    below
}

/// Refuses a block that takes something from elsewhere than the stream, or is used otherwise than by its exit.
fn is_closed(repeat: &DeclaredRepeat, declarations: &Declarations, mistakes: &mut Mistakes) -> bool {
    let mut sound = true;
    for (position, node) in declarations.nodes.iter().enumerate() {
        let inside = repeat.block.contains(&position);
        for operand in &node.operands {
            let Some(used) = operand.declaration else { continue };
            let (message, hint) = if inside && used != repeat.stream_in && !repeat.block.contains(&used) {
                let message = format!(
                    "{} is in the block between {} and {}, but takes {}, which does not come through the stream",
                    node.record.what,
                    name(declarations, repeat.stream_in),
                    name(declarations, repeat.stream_out),
                    quote(operand.name.value)
                );
                (message, "let every node of the block depend on the stream alone")
            } else if !inside && used != repeat.stream_out && repeat.block.contains(&used) {
                let message = format!(
                    "{} takes {} out of the block between {} and {}, which has a copy of it in every layer",
                    node.record.what,
                    quote(operand.name.value),
                    name(declarations, repeat.stream_in),
                    name(declarations, repeat.stream_out)
                );
                (message, "take the stream behind the block")
            } else {
                continue;
            };
            sound = false;
            mistakes.add(&operand.name.span, Diagnostic::new("repeat-open", message).hint(hint));
        }
    }
    sound
}

/// Refuses a loss that judges a node of the block other than its exit.
fn is_unjudged(
    repeat: &DeclaredRepeat,
    outputs: &[usize],
    declarations: &Declarations,
    mistakes: &mut Mistakes,
) -> bool {
    let inside = |output: &&usize| repeat.block.contains(*output) && **output != repeat.stream_out;
    let Some(judged) = outputs.iter().find(inside) else { return true };
    let message = format!(
        "a loss judges {} in the block between {} and {}, which has a copy of it in every layer",
        name(declarations, *judged),
        name(declarations, repeat.stream_in),
        name(declarations, repeat.stream_out)
    );
    let hint = "judge a node behind the block";
    mistakes.add(&repeat.span, Diagnostic::new("repeat-open", message).hint(hint));
    false
}

/// The parameters that a node names, each with its place.
fn trained<'d>(
    declarations: &'d Declarations,
    position: usize,
) -> impl Iterator<Item = (&'d str, Range<usize>)> {
    let record = &declarations.nodes[position].record;
    let named = TRAINED.iter().filter_map(|key| record.item(key));
    named.filter_map(|(item, span)| Some((item.as_str()?, span)))
}

/// Refuses parameters that are used inside and outside: inside, every layer has its own, or all share one.
fn has_own_parameters(repeat: &DeclaredRepeat, declarations: &Declarations, mistakes: &mut Mistakes) -> bool {
    let of = |position: usize| trained(declarations, position);
    let outside = (0..declarations.nodes.len()).filter(|position| !repeat.block.contains(position));
    let outside: BTreeSet<&str> = outside.flat_map(of).map(|(name, _)| name).collect();
    let mut sound = true;
    for (parameter, span) in repeat.block.iter().flat_map(|position| of(*position)) {
        if outside.contains(parameter) {
            sound = false;
            let message = format!(
                "parameter {} is used inside and outside of the block between {} and {}",
                quote(parameter),
                name(declarations, repeat.stream_in),
                name(declarations, repeat.stream_out)
            );
            let diagnostic = Diagnostic::new("repeat-shared", message)
                .note("every layer of the block has a parameter of its own, or all layers have one that is theirs alone")
                .hint("give it another name inside");
            mistakes.add(&span, diagnostic);
        }
    }
    sound
}

/// Refuses a repeat that has nodes with another one in common.
fn is_apart(
    repeat: &DeclaredRepeat,
    others: &[DeclaredRepeat],
    declarations: &Declarations,
    mistakes: &mut Mistakes,
) -> bool {
    let shared = others.iter().find_map(|other| other.block.intersection(&repeat.block).next());
    let Some(shared) = shared else { return true };
    let message = format!("{} is in the blocks of two repeats", name(declarations, *shared));
    let hint = "let one begin where the other ends; a repeat within a repeat is written as one";
    mistakes.add(&repeat.span, Diagnostic::new("repeat-overlap", message).hint(hint));
    false
}

/// Refuses what the rules of depth do not cover: a residual block with no way around its branches, a branch with a mean, and
/// a chain that is not one path of linear maps and activations.
pub(super) fn refuse_untold(graph: &Graph, declared: &[DeclaredRepeat], mistakes: &mut Mistakes) {
    for (id, repeat) in graph.repeat_ids().zip(declared) {
        let wrong = match repeat.shortcut {
            Shortcut::Residual => untold_residual(graph, id),
            Shortcut::Chain => untold_chain(graph, id),
        };
        if let Some(diagnostic) = wrong {
            mistakes.add(&repeat.span, diagnostic);
            continue;
        }
        let is_chain = repeat.shortcut == Shortcut::Chain;
        if let Some((shared, diagnostic)) = repeat.shared.as_ref().zip(passes::untold(graph, id, is_chain)) {
            mistakes.add(&shared.span, diagnostic);
        }
    }
}

fn untold_residual(graph: &Graph, id: RepeatId) -> Option<Diagnostic> {
    let name = |node: NodeId| quote(&graph.node(node).name);
    let exit = graph.repeat(id).exit;
    let Some(trunk) = graph.trunk(id) else {
        let message =
            format!("no sum of the stream with branches leads to {}, or more than one way does", name(exit));
        let hint =
            "add each branch to the stream with one `op = \"add\"`, or write `residual = false` for a chain";
        return Some(Diagnostic::new("repeat-residual", message).hint(hint));
    };
    let entry = graph.repeat(id).entry;
    let sums = trunk.iter().filter(|node| graph.node(**node).op.facts().adds);
    let branches = sums.flat_map(|node| graph.operands(*node)).filter(|x| *x != entry && !trunk.contains(x));
    let mut independent = branches.into_iter().filter(|branch| !graph.is_looped(*branch));
    let biased = independent.find(|branch| !graph.is_centred(*branch))?;
    let message = format!(
        "the branch {} has entries with a mean, which the layers add up to more than a random walk",
        name(biased)
    );
    Some(
        Diagnostic::new("repeat-mean", message)
            .note("the rule for depth needs branches whose entries have mean zero, as behind a weight")
            .hint(format!("let {} pass a weight of its own before the sum", name(biased))),
    )
}

fn untold_chain(graph: &Graph, id: RepeatId) -> Option<Diagnostic> {
    let block = graph.block(id);
    let one_way = |node: &NodeId| graph.node(*node).op.facts().in_chain && graph.operands(*node).len() == 1;
    let branching = block.iter().find(|node| !one_way(node))?;
    let message = format!(
        "{} is not a step of a chain: only one path of linear maps, biases, activations, norms and scales is",
        quote(&graph.node(*branching).name)
    );
    let hint = "add the block to the stream and write `residual = true`, or write the layers out";
    Some(Diagnostic::new("repeat-chain", message).hint(hint))
}

fn name(declarations: &Declarations, position: usize) -> String {
    let name = declarations.nodes.get(position).and_then(|node| node.name.as_ref());
    name.map_or_else(|| "a node".into(), |name| quote(name.value))
}

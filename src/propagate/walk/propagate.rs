//! [`propagate`]: the walk, forward, backward and forward again.

use std::sync::Arc;

use super::under_way::Walk;
use super::zero::{self, Told};
use crate::exact::UnknownKind;
use crate::graph::op::{FROM_ZERO, Tokens};
use crate::graph::{DimensionId, Graph, Kind, LossOp, NodeId, ParameterId};
use crate::propagate::error::{PropagateError, known};
use crate::propagate::growth::Growth;
use crate::propagate::ledger::Ledger;
use crate::propagate::note::{Note, NoteTopic};
use crate::propagate::propagation::Propagation;
use crate::rule::{Approximated, OpRule, Optimizer, RuleBook};

/// The rule of layers that have parameters in common.
const LOOPED: &str = "looped";

/// Propagates exponents through one training step of `graph` under one optimizer. Along one direction of growth they are
/// forms in the hyperparameters; where the growth of scale variables is left open, in that of each too, which is an unknown
/// of its own, the first of the ledger.
///
/// # Errors
/// If the calculus does not reach the network; and, where growth is left open, if a rule has a number as a summand.
pub fn propagate(
    graph: &Arc<Graph>,
    book: &RuleBook,
    optimizer: &Optimizer,
    growth: Growth,
) -> Result<Propagation, PropagateError> {
    refuse_independent_tokens(graph, &growth)?;
    zero::refuse_still(graph, optimizer)?;
    zero::refuse_lost(graph)?;
    let rules = graph.nodes().map(|id| rule_of(graph, book, id)).collect::<Result<Vec<_>, _>>()?;
    let looped = looped(graph, book)?;
    let units = graph.units();
    let mut ledger = Ledger::default();
    for name in growth.names() {
        ledger.unknown(name.clone(), UnknownKind::Growth);
    }
    let notes = approximations(graph, book, optimizer, &growth);
    let mut walk = Walk::new(graph, rules, optimizer, &book.regime, ledger, growth, notes);
    walk.units = units;
    walk.looped = looped;
    walk.forward()?;
    walk.variation();
    walk.backward()?;
    walk.gradients()?;
    walk.responses()?;
    let mut done = walk.finish()?;
    done.notes = done.notes.into_iter().map(|note| on_chain(note, graph, book, optimizer)).collect();
    // Along one direction of growth a number is an exponent of the only variable.
    let is_open = !done.growth.variables().is_empty();
    if is_open && let Some(derivation) = done.ledger.numbered() {
        return Err(PropagateError::Number { rule: derivation.rule.clone() });
    }
    Ok(done)
}

/// Where the assumption of gradient independence fails: weights used twice, and outputs that grow, since the error
/// contains the output itself.
fn approximations(graph: &Graph, book: &RuleBook, optimizer: &Optimizer, growth: &Growth) -> Vec<Note> {
    let note = |of: Approximated, says: String, parameters: Vec<ParameterId>| {
        let note = Note::new(NoteTopic::Approximated(of), says).on_backward(graph, optimizer, parameters);
        note.measured(book.approximation(of))
    };
    let heard = |id: ParameterId| {
        graph.uses(id).last().map_or_else(Vec::new, |last| graph.parameters_upstream(*last))
    };
    let tied = graph.parameter_ids().filter(|id| graph.uses(*id).len() > 1 && !graph.is_shared(*id));
    let tied = tied.map(|id| {
        let name = &graph.parameter(id).name;
        let says = format!("`{name}` is used more than once: the backward signal is not independent of it, and its exponents are an approximation");
        note(Approximated::Tied, says, heard(id))
    });
    let looped = graph.repeats.iter().filter(|repeat| !repeat.shared.is_empty()).map(|repeat| {
        let names: Vec<String> = repeat.shared.iter().map(|id| format!("`{}`", graph.parameter(*id).name)).collect();
        let says = format!("all layers share {}: backward signals are not independent of what is shared, and exponents are an approximation", names.join(", "));
        let mut before: Vec<ParameterId> = repeat.shared.iter().flat_map(|id| heard(*id)).collect();
        before.sort_unstable();
        before.dedup();
        note(Approximated::Looped, says, before)
    });
    let grown = sizes_of_outputs(graph).into_iter().filter(|(id, _)| growth.grows(*id));
    let grown = grown.map(|(id, last_maps)| {
        let name = &graph.dimension(id).name;
        let says = format!("`{name}` is a size of the output: the error contains the output, so backward signals near it are not independent of the last weight, and their exponents are an approximation");
        note(Approximated::OutputSize, says, before(graph, &last_maps))
    });
    let zero = zero::told(graph, growth).into_iter();
    tied.chain(looped)
        .chain(grown)
        .chain(zero.map(|told| match told {
            Told::Start(says, parameters) => Note { parameters, ..Note::new(NoteTopic::ZeroStart, says) },
            Told::Rank(says, enters) => note(Approximated::AdapterRank, says, before(graph, &[enters])),
        }))
        .collect()
}

/// A note on a chain with what it touches: what passes the chain forward and backward is all there is.
fn on_chain(note: Note, graph: &Graph, book: &RuleBook, optimizer: &Optimizer) -> Note {
    let chain = Approximated::WideChain;
    if note.topic != NoteTopic::Approximated(chain) {
        return note;
    }
    let trained = graph.parameter_ids().filter(|id| graph.parameter(*id).is_trained()).collect();
    note.on_backward(graph, optimizer, trained).measured(book.approximation(chain))
}

/// The feature dimensions of outputs whose error contains the output, each with the nodes whose weights make these.
fn sizes_of_outputs(graph: &Graph) -> Vec<(DimensionId, Vec<NodeId>)> {
    let mut sizes: Vec<(DimensionId, Vec<NodeId>)> = Vec::new();
    for loss in graph.losses.iter().filter(|loss| loss.op == LossOp::Mse) {
        let features = graph.only(Kind::Feature, &graph.node(loss.output).axes);
        for id in features.into_iter().map(|axis| graph.dimension_of(axis)) {
            match sizes.iter_mut().find(|(held, _)| *held == id) {
                Some((_, last_maps)) => last_maps.push(last_map(graph, loss.output)),
                None => sizes.push((id, vec![last_map(graph, loss.output)])),
            }
        }
    }
    sizes
}

/// The node whose weight makes an output: behind it stand at most a multiplier and a bias.
fn last_map(graph: &Graph, output: NodeId) -> NodeId {
    let mut node = output;
    while graph.node(node).op.passes_on()
        && let [only] = graph.operands(node).as_slice()
    {
        node = *only;
    }
    node
}

/// The parameters before some nodes: those that their operands are made with.
fn before(graph: &Graph, nodes: &[NodeId]) -> Vec<ParameterId> {
    let operands = nodes.iter().flat_map(|node| graph.operands(*node));
    let mut before: Vec<ParameterId> =
        operands.flat_map(|operand| graph.parameters_upstream(operand)).collect();
    before.sort_unstable();
    before.dedup();
    before
}

fn refuse_independent_tokens(graph: &Graph, growth: &Growth) -> Result<(), PropagateError> {
    let grown = |id: &DimensionId| growth.grows(*id) && graph.is_shared_over(*id);
    let Some(dimension) = graph.dimension_ids().find(grown) else { return Ok(()) };
    let independent =
        |id: &NodeId| graph.node(*id).op.data().is_some_and(|data| data.tokens == Tokens::Independent);
    match graph.nodes().find(independent) {
        Some(id) => Err(PropagateError::IndependentTokens {
            dimension: graph.dimension(dimension).name.clone(),
            input: graph.node(id).name.clone(),
        }),
        None => Ok(()),
    }
}

/// How layers that have parameters in common add up, where there are any.
fn looped<'a>(graph: &Graph, book: &'a RuleBook) -> Result<Option<&'a OpRule>, PropagateError> {
    let Some(repeat) = graph.repeats.iter().find(|repeat| !repeat.shared.is_empty()) else { return Ok(None) };
    known(book, graph, repeat.entry, LOOPED).map(Some)
}

fn rule_of<'a>(graph: &Graph, book: &'a RuleBook, id: NodeId) -> Result<Option<&'a OpRule>, PropagateError> {
    let op = &graph.node(id).op;
    let name = match op.repeat() {
        Some(repeat) => Some(graph.repeat(repeat).shortcut.rule_name()),
        None if graph.is_from_zero(id) => Some(FROM_ZERO),
        None => op.rule_name(),
    };
    name.map(|name| known(book, graph, id, name)).transpose()
}

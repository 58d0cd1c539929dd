//! Interpreter one: exponents. The graph is walked forward, backward and forward again, and every rule is
//! linear in the unknown hyperparameter exponents but for maxima, each of which becomes an unknown of its own.
//!
//! | file | what |
//! |---|---|
//! | `forward`, `variation` | magnitudes; what of them varies along the positions that a softmax compares |
//! | `backward`, `alike` | the backward signal with its parts; what of it changes alike at all positions meet |
//! | `birth`, `response` | the step of each parameter where it is used, and the response further down |
//! | `echo` | what a weight that is used twice makes of what it made itself |
//! | `assumed` | the same responses, if their alignment is assumed instead |
//! | `depth`, `stack` | repeats: signals of all layers at once, and responses to all layers at once |
//! | `zero` | weights that start at zero, by what their first step makes of them |
//! | `ledger`, `subject` | every derivation, with its unknowns and words |
//! | `evaluate`, `open` | the exponents at given hyperparameters, along one direction of growth or for all |
//!
//! One walk serves both questions: evaluated at given hyperparameters it *predicts*, and with requirements on
//! it, it *derives* them.

mod alike;
mod assumed;
mod backward;
mod bind;
mod birth;
mod condition;
mod demand;
mod depth;
mod echo;
mod error;
mod evaluate;
mod forward;
mod ledger;
mod open;
mod parameterize;
mod response;
mod sizes;
mod stack;
mod subject;
mod table;
mod variation;
mod zero;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use condition::{Condition, Ending};
pub use demand::{Demands, Failing, LimitProgram, Place, Requirement, require};
pub use error::PropagateError;
pub use evaluate::Prediction;
pub use ledger::{Because, Definition, Derivation, DerivationId, Ledger, Magnitude, Part};
pub use open::Stabilisers;
pub use sizes::Sizes;
pub use subject::{PartName, Subject};
pub use table::{ParameterRow, ScalingTable};

use crate::exact::{Exponent, Form, Terms, Unknown, UnknownKind};
use crate::graph::op::{FROM_ZERO, Tokens};
use crate::graph::{
    Alike, DimensionId, Graph, Kind, LossOp, NodeId, ParameterClass, ParameterId, RepeatId, Scaling, Start,
    Unit,
};
use crate::rule::{OpRule, Optimizer, Regime, RuleBook};
use alike::Felt;
use depth::First;

/// The exponents of every quantity of one training step, as forms in the unknown hyperparameters.
#[derive(Clone, Debug)]
pub struct Propagation {
    /// The network.
    pub graph: Arc<Graph>,
    /// Exponents of the sizes.
    pub sizes: Sizes,
    /// Unknowns and derivations.
    pub ledger: Ledger,
    /// Unknown init exponent of each parameter; nothing for what starts at one or zero.
    pub init: Vec<Option<Unknown>>,
    /// Unknown learning rate exponent of each parameter; nothing for what is frozen.
    pub lr: Vec<Option<Unknown>>,
    /// Unknown exponent of each multiplier.
    pub multiplier: Vec<Unknown>,
    /// Forward exponent of each node.
    pub forward: Vec<Magnitude>,
    /// Backward exponent of each node.
    pub backward: Vec<Magnitude>,
    /// Gradient exponent of each parameter.
    pub gradient: Vec<Magnitude>,
    /// Contribution exponent of each parameter.
    pub contribution: Vec<Magnitude>,
    /// Exponent of epsilon for each parameter, if the optimizer has one.
    pub epsilon: Vec<Option<Magnitude>>,
    /// Exponent of weight decay for each parameter, if the optimizer has one.
    pub weight_decay: Vec<Option<Magnitude>>,
    /// The responses of each node to each parameter upstream of it; to the copies in all layers, of a parameter in a repeat.
    pub update_by: BTreeMap<(ParameterId, NodeId), Terms<DerivationId>>,
    /// The responses of the nodes that use a parameter in a repeat to the copy in their own layer.
    pub own: BTreeMap<(ParameterId, NodeId), Terms<DerivationId>>,
    /// The response of each node to all parameters upstream of it.
    pub update: Vec<Terms<DerivationId>>,
    /// The same as one form, nothing where no parameter is upstream.
    pub total: Vec<Option<Magnitude>>,
    /// What must hold for exponents to exist.
    pub conditions: Vec<Condition>,
    /// Where the calculus is an approximation, in words.
    pub notes: Vec<String>,
    /// The name of the alignment that is assumed of the responses; nothing if they are those of the first step, with which
    /// contributions and angles go.
    pub alignment: Option<String>,
}

/// Propagates exponents through one training step of `graph`, its dimensions growing with the given powers
/// of the scale variable (those not named stay fixed), under one optimizer.
pub fn propagate(
    graph: &Arc<Graph>,
    book: &RuleBook,
    optimizer: &Optimizer,
    powers: &BTreeMap<DimensionId, Exponent>,
) -> Result<Propagation, PropagateError> {
    let ledger = Ledger::default();
    walk(graph, book, optimizer, ledger, Sizes::new(graph, powers.clone()))
}

/// The same for several scale variables whose growth is left open: the exponents are forms in the growth of each, which is
/// an unknown of its own, the first of the ledger.
///
/// # Errors
/// As [`propagate`]; and if a rule has a number as a summand.
pub fn propagate_openly(
    graph: &Arc<Graph>,
    book: &RuleBook,
    optimizer: &Optimizer,
    scaling: &Scaling,
) -> Result<Propagation, PropagateError> {
    let mut ledger = Ledger::default();
    let growth = scaling.variables.iter().map(|name| ledger.unknown(name.clone(), UnknownKind::Growth));
    let growth: Vec<Unknown> = growth.collect();
    let done = walk(graph, book, optimizer, ledger, Sizes::open(graph, scaling, &growth))?;
    match done.ledger.numbered() {
        Some(derivation) => Err(PropagateError::Number { rule: derivation.rule.clone() }),
        None => Ok(done),
    }
}

fn walk(
    graph: &Arc<Graph>,
    book: &RuleBook,
    optimizer: &Optimizer,
    ledger: Ledger,
    sizes: Sizes,
) -> Result<Propagation, PropagateError> {
    refuse_independent_tokens(graph, &sizes)?;
    zero::refuse_still(graph, optimizer)?;
    let rules = graph.nodes().map(|id| rule_of(graph, book, id)).collect::<Result<Vec<_>, _>>()?;
    let units = graph.units();
    let mut walk = Walk::new(graph, rules, optimizer, &book.regime, ledger, sizes);
    walk.units = units;
    walk.forward()?;
    walk.variation();
    walk.backward()?;
    walk.gradients()?;
    walk.responses()?;
    walk.finish()
}

/// A propagation under way.
struct Walk<'a> {
    graph: &'a Graph,
    rules: Vec<Option<&'a OpRule>>,
    /// That of each parameter.
    optimizers: Vec<&'a Optimizer>,
    /// How responses are aligned.
    regime: &'a Regime,
    /// What each parameter is in the network.
    classes: Vec<ParameterClass>,
    done: Propagation,
    /// Exponent of the fraction of non-zero entries of the backward signal of each node.
    density: Vec<Form>,
    /// For each node: the terms of its backward signal, by the consumer they come from.
    parts: Vec<Vec<(NodeId, Terms<DerivationId>)>>,
    absolute_gradient: Vec<Magnitude>,
    /// The backward signal as it meets changes that are alike along some axes, where it is not all of it.
    alike: BTreeMap<(NodeId, Alike), Felt>,
    /// The smallest of several ranks that grow apart.
    ranks: BTreeMap<Vec<Form>, Form>,
    /// The order of computation.
    units: Vec<Unit>,
    /// The magnitudes of the first layer, while rules are applied to it.
    first: Option<First>,
    /// The backward signal at the entry of the first layer of each repeat.
    entering: BTreeMap<NodeId, Magnitude>,
    /// The forward magnitudes of the first layer of each repeat.
    firsts: BTreeMap<RepeatId, BTreeMap<NodeId, Magnitude>>,
}

impl<'a> Walk<'a> {
    fn new(
        graph: &'a Arc<Graph>,
        rules: Vec<Option<&'a OpRule>>,
        optimizer: &'a Optimizer,
        regime: &'a Regime,
        mut ledger: Ledger,
        sizes: Sizes,
    ) -> Self {
        let notes = approximations(graph, &sizes);
        let init = graph.parameters.iter().map(|parameter| match parameter.start {
            Start::Gaussian => Some(ledger.unknown(format!("init({})", parameter.name), UnknownKind::Init)),
            Start::One | Start::Zero => None,
        });
        let init = init.collect();
        let lr = graph.parameters.iter().map(|parameter| {
            let name = format!("lr({})", parameter.name);
            parameter.is_trained().then(|| ledger.unknown(name, UnknownKind::LearningRate))
        });
        let lr = lr.collect();
        let multiplier = graph.multipliers.iter();
        let multiplier = multiplier.map(|multiplier| {
            ledger.unknown(format!("multiplier({})", multiplier.name), UnknownKind::Multiplier)
        });
        let multiplier = multiplier.collect();
        let nodes = graph.nodes().len();
        let done = Propagation {
            graph: Arc::clone(graph),
            sizes,
            ledger,
            init,
            lr,
            multiplier,
            forward: vec![Magnitude::given(Form::zero()); nodes],
            backward: vec![Magnitude::given(Form::zero()); nodes],
            gradient: vec![Magnitude::given(Form::zero()); graph.parameters.len()],
            contribution: Vec::new(),
            epsilon: Vec::new(),
            weight_decay: Vec::new(),
            update_by: BTreeMap::new(),
            own: BTreeMap::new(),
            update: vec![Terms::none(); nodes],
            total: vec![None; nodes],
            conditions: Vec::new(),
            notes,
            alignment: regime.assumed().map(str::to_owned),
        };
        let density = vec![Form::zero(); nodes];
        let parts = vec![Vec::new(); nodes];
        Self {
            graph,
            rules,
            optimizers: optimizer.of_each(graph),
            regime,
            classes: graph.classes(),
            done,
            density,
            parts,
            absolute_gradient: vec![Magnitude::given(Form::zero()); graph.parameters.len()],
            alike: BTreeMap::new(),
            ranks: BTreeMap::new(),
            units: Vec::new(),
            first: None,
            entering: BTreeMap::new(),
            firsts: BTreeMap::new(),
        }
    }

    fn finish(mut self) -> Result<Propagation, PropagateError> {
        for id in self.graph.nodes() {
            let subject = Subject::Update(id);
            let name = subject.write(self.graph);
            let terms = self.done.update[id.index()].clone();
            self.done.total[id.index()] = self.done.ledger.settle(subject, name, &terms);
        }
        Ok(self.done)
    }
}

/// Where the assumption of gradient independence fails: weights used twice, and outputs that grow, since the error
/// contains the output itself.
fn approximations(graph: &Graph, sizes: &Sizes) -> Vec<String> {
    let tied = graph.parameter_ids().filter(|id| graph.uses(*id).len() > 1);
    let tied = tied.map(|id| {
        let name = &graph.parameter(id).name;
        format!("`{name}` is used more than once: the backward signal is not independent of it, and its exponents are an approximation")
    });
    let output = &graph.node(graph.loss.output).axes;
    let grown = output.iter().map(|axis| graph.dimension_of(*axis)).filter(|id| {
        graph.loss.op == LossOp::Mse && graph.dimension(*id).kind == Kind::Feature && sizes.grows(*id)
    });
    let grown = grown.map(|id| {
        let name = &graph.dimension(id).name;
        format!("`{name}` is a size of the output: the error contains the output, so backward signals near it are not independent of the last weight, and their exponents are an approximation")
    });
    tied.chain(grown).chain(zero::told(graph, sizes)).collect()
}

fn refuse_independent_tokens(graph: &Graph, sizes: &Sizes) -> Result<(), PropagateError> {
    let grown = |id: &DimensionId| sizes.grows(*id) && graph.is_shared_over(*id);
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

fn rule_of<'a>(graph: &Graph, book: &'a RuleBook, id: NodeId) -> Result<Option<&'a OpRule>, PropagateError> {
    let op = &graph.node(id).op;
    let name = match op.repeat() {
        Some(repeat) => Some(graph.repeat(repeat).shortcut.rule_name()),
        None if graph.is_from_zero(id) => Some(FROM_ZERO),
        None => op.rule_name(),
    };
    let Some(name) = name else { return Ok(None) };
    match book.ops.get(name) {
        Some(rule) => Ok(Some(rule)),
        None => Err(PropagateError::NoRule { node: graph.node(id).name.clone(), rule: name.into() }),
    }
}

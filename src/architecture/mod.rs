//! What the user wrote: an architecture file, read with every error at once, each with its place.
//!
//! ```text
//! document (TOML, typed) -> space (dimensions, axes) + declarations (nodes)
//!      -> order -> check (each node, in order) -> loss, roles, ties -> lower -> Graph
//! ```
//!
//! A mistake does not stop the reading. What it leaves unknown (an axis over no dimension, the axes of a node whose
//! einsum is broken) stays unknown in whatever depends on it and is not judged there, so one mistake is said once.

mod base;
mod built;
mod check;
mod declaration;
mod dimension;
mod einsum;
mod hyperparameter_file;
mod lower;
mod network;
mod op_keys;
mod op_name;
mod order;
mod passes;
mod registry;
mod repeat;
mod roles;
mod section;
mod space;
mod still;

#[cfg(test)]
mod tests;

pub use built::Network;
pub use hyperparameter_file::{Exponents, HyperparameterFile, OptimizerName};
pub(crate) use section::loss::losses;

use std::sync::Arc;

use crate::document::{Diagnostics, Key, Mistakes, Record, Source, document};
use crate::graph::{Graph, Loss, Scaling};

use check::{Checked, Context};
use declaration::Declarations;
use lower::Lowered;
use registry::Registry;
use section::header::Header;
use section::{loss, parameters, ties};
use space::Space;

/// A checked architecture file.
#[derive(Clone, Debug)]
pub struct Architecture {
    /// The network it describes.
    pub graph: Arc<Graph>,
    /// Scalings people use with it, in the order of the file.
    pub ties: Vec<Tie>,
    /// The text it was read from.
    pub source: Source,
}

/// A scaling declared with the architecture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tie {
    /// What people call it.
    pub name: String,
    /// How the dimensions grow.
    pub scaling: Scaling,
}

/// Every key of an architecture file.
pub(crate) fn keys() -> Vec<Key> {
    section::header::KEYS.to_vec()
}

/// Every key of a hyperparameter file.
pub(crate) fn hyperparameter_keys() -> Vec<Key> {
    hyperparameter_file::KEYS.to_vec()
}

impl Architecture {
    /// Reads and checks an architecture file. `activations` are the names of the activations that rules describe.
    ///
    /// # Errors
    /// Everything wrong with the file, in its order, each with its place. Text that is not TOML has one error only.
    pub fn parse(source: &Source, activations: &[&str]) -> Result<Self, Diagnostics> {
        let document = document(source)?;
        let file = Record::file(&document);
        let mut mistakes = Mistakes::new(source);

        let header = Header::read(&file, &mut mistakes);
        let space = Space::read(&file, &mut mistakes);
        let declarations = Declarations::read(&file, activations, &mut mistakes);
        let order = order::order(&declarations, &mut mistakes);
        let mut registry = Registry::default();
        let checked = check_all(&declarations, &order.sequence, &space, &mut registry, &mut mistakes);
        parameters::read(&file, &space, &mut registry, &mut mistakes);
        let losses = loss::read(&file, &declarations, &checked, &space, &mut mistakes);
        let outputs: Vec<usize> = losses.iter().filter_map(|loss| loss.output).collect();
        let repeats =
            repeat::repeats(&file, &declarations, &checked, &space, &outputs, order.cyclic, &mut mistakes);
        let roles = roles::roles(&declarations, &order.sequence, &outputs, &repeats, &mut mistakes);
        let dimensions = space.dimensions();
        let ties = ties::ties(&file, &dimensions, &mut mistakes);

        if outputs.len() == losses.len() {
            network::refuse_idle(&declarations, &order, &outputs, &mut mistakes);
        }
        network::refuse_no_input(&declarations, &file, &mut mistakes);
        if !declarations.nodes.is_empty() {
            space.refuse_unused(&declarations.letters(), header.depth, &mut mistakes);
        }
        network::refuse_untrained(&declarations, &file, &mut mistakes);

        let graph = header.title.zip(space.axes()).and_then(|(title, axes)| {
            let (parameters, multipliers) = registry.into_parts();
            let lowered =
                lower::lower(&declarations, &checked, &roles, &repeats, &parameters, &order.sequence)?;
            let judged = |loss: loss::DeclaredLoss| {
                Some(Loss { op: loss.op?, output: *lowered.nodes.get(loss.output?)?, weight: loss.weight? })
            };
            let losses = losses.into_iter().map(judged).collect::<Option<Vec<Loss>>>()?;
            let name = header.name?;
            let Lowered { network, repeats, .. } = lowered;
            Some(Graph::new(name, title, dimensions, axes, parameters, multipliers, repeats, losses, network))
        });
        if let Some(graph) = &graph {
            network::refuse_unfelt(graph, &declarations, &mut mistakes);
            network::refuse_dependent(graph, &declarations, &mut mistakes);
            repeat::refuse_untold(graph, &repeats, &mut mistakes);
            still::refuse_still(graph, &file, &mut mistakes);
            still::refuse_unlike(graph, &file, &mut mistakes);
        }
        let graph = mistakes.or(graph)?;
        Ok(Self { graph: Arc::new(graph), ties, source: source.clone() })
    }
}

/// Checks every node in order, each with what is known of its operands.
fn check_all<'a>(
    declarations: &Declarations<'a>,
    order: &[usize],
    space: &Space,
    registry: &mut Registry,
    mistakes: &mut Mistakes<'a>,
) -> Vec<Checked> {
    let mut checked: Vec<Checked> = vec![Checked::default(); declarations.nodes.len()];
    for position in order {
        let node = &declarations.nodes[*position];
        let axes = |operand: &declaration::Operand| checked[operand.declaration?].axes.as_deref();
        let operands = node.operands.iter().map(axes).collect();
        let result = check::check(Context { node, operands, space, registry, mistakes });
        checked[*position] = result;
    }
    checked
}

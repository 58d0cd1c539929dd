//! The sides of a requirement at a site: as forms, and in the theory's notation.

use crate::exact::{Exponent, Form};
use crate::graph::{Graph, MultiplierId, NodeId, ParameterId, QuantityKind, RepeatId, Site};
use crate::propagate::{Because, Expressed, Growth, Propagation, Subject};
use crate::rule::{Expression, Name};

/// The summands of the response that the left side speaks of, each with the rest of that side added; the left side as
/// it is if it speaks of none. Nothing if it speaks of a response where nothing moves.
pub(super) fn left_side(
    propagation: &Propagation,
    expression: &Expression,
    site: Site,
) -> Option<Vec<(Form, Because)>> {
    let sum = expression.sums().first()?;
    let mut rest = Form::constant(sum.constant.clone());
    let mut response = None;
    let mut because = Because::Given;
    for (coefficient, name) in &sum.terms {
        let terms = terms_of(propagation, *name, site)?;
        if matches!(name, Name::Update | Name::UpdateBy) {
            response = Some(terms);
            continue;
        }
        for (form, origin) in terms {
            rest.add_scaled(coefficient, &form);
            because = origin;
        }
    }
    let terms = response.unwrap_or_else(|| vec![(Form::zero(), because)]);
    Some(terms.into_iter().map(|(form, because)| (&form + &rest, because)).collect())
}

/// The right side, which speaks of no response.
pub(super) fn right_side(propagation: &Propagation, expression: &Expression, site: Site) -> Option<Form> {
    let sum = expression.sums().first()?;
    let mut right = Form::constant(sum.constant.clone());
    for (coefficient, name) in &sum.terms {
        for (form, _) in terms_of(propagation, *name, site)? {
            right.add_scaled(coefficient, &form);
        }
    }
    Some(right)
}

/// The summands of what a name stands for at a site; of the response to a parameter of a layer, in its own layer.
fn terms_of(propagation: &Propagation, name: Name, site: Site) -> Option<Vec<(Form, Because)>> {
    let told = match (name, site.parameter(), site.node()) {
        (Name::LayersPerCopy, Some(w), _) => {
            Some(layers_per_copy(&propagation.graph, &propagation.growth, w))
        }
        (Name::Behind, _, Some(y)) => {
            let mut sum = Form::zero();
            for id in propagation.graph.multipliers_behind(y) {
                sum.add_scaled(&Exponent::ONE, &Form::unknown(propagation.multiplier[id.0]));
            }
            Some(sum)
        }
        (Name::Copies, _, Some(y)) => Some(copies(&propagation.graph, &propagation.growth, y)),
        _ => None,
    };
    if let Some(form) = told {
        return Some(vec![(form, Because::Given)]);
    }
    let quantity = name.quantity(site)?;
    let is_zero = |node| propagation.graph.starts_at_zero(node);
    if quantity.kind() == QuantityKind::Forward && site.node().is_some_and(is_zero) {
        return None;
    }
    let expressed = match quantity.site() {
        Site::Use(w, y) => propagation.own.get(&(w, y)).map(Expressed::Largest),
        Site::Node(_) | Site::Parameter(_) => None,
    };
    let terms = expressed.or_else(|| propagation.expressed(quantity))?.terms();
    (!terms.is_empty()).then_some(terms)
}

/// The number of layers of the deepest repeat for each copy of a parameter.
pub(super) fn layers_per_copy(graph: &Graph, growth: &Growth, w: ParameterId) -> Form {
    let depth = |id: RepeatId| growth.dimension(graph.repeat(id).dimension);
    let mut deepest = Form::zero();
    for layers in graph.repeat_ids().map(depth) {
        if growth.is_at_least_zero(&(&layers - &deepest)) {
            deepest = layers;
        }
    }
    &deepest - &graph.repeat_of(w).map_or_else(Form::zero, depth)
}

/// The number of layers in all of which a node is added to the stream.
pub(super) fn copies(graph: &Graph, growth: &Growth, y: NodeId) -> Form {
    graph.stacked_over(y).map_or_else(Form::zero, |depth| growth.dimension(depth))
}

/// A side of a requirement in the theory's notation, without summands that nothing stands for.
pub(super) fn write_side(propagation: &Propagation, expression: &Expression, site: Site) -> String {
    let sums = expression.sums().iter();
    sums.map(|sum| sum.write(|name| written(propagation, name, site))).collect()
}

/// What a name stands for at a site: as many summands as there are.
fn written(propagation: &Propagation, name: Name, site: Site) -> Vec<String> {
    let graph = &propagation.graph;
    match (name, site.node()) {
        (Name::Behind, Some(y)) => {
            let name = |id: MultiplierId| format!("multiplier({})", graph.multiplier(id).name);
            graph.multipliers_behind(y).into_iter().map(name).collect()
        }
        (Name::Copies, Some(y)) => write_copies(graph, &propagation.growth, y),
        _ => {
            let subject = name.quantity(site).map(|quantity| match quantity.site() {
                Site::Use(w, y) if graph.repeat_at(y).is_some() => Subject::OwnUpdateBy(w, y),
                Site::Node(_) | Site::Parameter(_) | Site::Use(..) => quantity.into(),
            });
            vec![subject.map_or_else(|| name.written().into(), |subject| subject.write(graph))]
        }
    }
}

/// The number of layers that add a node to the stream, where it grows.
pub(super) fn write_copies(graph: &Graph, growth: &Growth, y: NodeId) -> Vec<String> {
    let grown = graph.stacked_over(y).filter(|depth| growth.grows(*depth));
    grown.map(|depth| format!("|{}|", graph.dimension(depth).name)).into_iter().collect()
}

//! [`LaterRequirement`]: what desiderata ask of every step (theory, section 12).
//!
//! A set says what is asked of one step. Of any number of steps its bounds are asked at every step, and its equations at the last
//! two, as bounds before: what starts smaller may grow to it. A response is then what a node has changed by.

use std::collections::BTreeMap;

use super::require::{Traded, members, traded};
use super::sides::{copies, layers_per_copy, write_copies};
use crate::exact::{Change, Exponent, Form};
use crate::graph::{Graph, MultiplierId, Quantity, QuantityKind, Site};
use crate::propagate::Growth;
use crate::propagate::steps::{Trajectory, Unknowns};
use crate::rule::{Comparison, Desiderata, Expression, Name, Sum};

/// A requirement on a node or parameter, at every step.
#[derive(Clone, Debug)]
pub struct LaterRequirement {
    /// Letter of the desideratum, `F`.
    pub label: String,
    /// On whom.
    pub on: Site,
    /// What must hold, in the theory's notation: `change(q) = 0`.
    pub requires: String,
    /// Why one wants it.
    pub why: String,
    /// How the sides compare at the last steps.
    pub relation: Comparison,
    left: Sum,
    right: Sum,
    /// What names of numbers of layers stand for.
    layers: BTreeMap<Name, Exponent>,
}

/// By how much the left side of a requirement is larger than the right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaterExcess {
    /// The difference.
    pub value: Exponent,
    /// The linear form that it is around the point, if hyperparameters are unknown.
    pub form: Option<Form>,
}

/// What a set asks of a network at later steps; of changes, only where a trained parameter is upstream.
#[must_use]
pub fn require_later(graph: &Graph, desiderata: &Desiderata, growth: &Growth) -> Vec<LaterRequirement> {
    let mut all = Vec::new();
    for rule in &desiderata.requirements {
        for on in members(graph, rule) {
            let (label, site) = (&rule.label, on.name(graph));
            let change = desiderata.relaxed.iter().find(|held| held.is_of(label, site));
            let relation = match change.map(|held| held.change) {
                Some(Change::Dropped) => continue,
                Some(Change::Bounded) => Comparison::AtMost,
                None => rule.relation,
            };
            let sides = (rule.left.sums().first(), rule.right.sums().first());
            let (Some(left), Some(right)) = sides else { continue };
            if !moves(graph, on) && left.terms.iter().any(|(_, name)| *name == Name::Update) {
                continue;
            }
            let sign = if relation == Comparison::Equal { "=" } else { "<=" };
            let write = |sum: &Expression| written(graph, growth, sum, on);
            all.push(LaterRequirement {
                label: label.clone(),
                on,
                requires: format!("{} {sign} {}", write(&rule.left), write(&rule.right)),
                why: rule.why.clone(),
                relation,
                left: left.clone(),
                right: right.clone(),
                layers: layers(graph, growth, on),
            });
        }
    }
    all
}

impl LaterRequirement {
    /// By how much the left side is larger than the right after so many steps; nothing where the left side is zero, or is not told
    /// of that step: nothing has changed before the first.
    #[must_use]
    pub fn excess(
        &self,
        graph: &Graph,
        trajectory: &Trajectory,
        (unknowns, multipliers): (&Unknowns, &[Exponent]),
        step: usize,
    ) -> Option<LaterExcess> {
        let mut value = &self.left.constant - &self.right.constant;
        let mut form = Some(Form::constant(value.clone()));
        for (sign, sum) in [(Exponent::ONE, &self.left), (Exponent::integer(-1), &self.right)] {
            for (coefficient, name) in &sum.terms {
                let coefficient = &sign * coefficient;
                if let Some(layers) = self.layers.get(name) {
                    let by = &coefficient * layers;
                    value += &by;
                    form.iter_mut().for_each(|form| form.add_scaled(&by, &Form::constant(Exponent::ONE)));
                    continue;
                }
                if *name == Name::Behind {
                    for id in behind(graph, self.on) {
                        value += &(&coefficient * &multipliers[id.0]);
                        let multiplier = Form::unknown(unknowns.multiplier(id));
                        form.iter_mut().for_each(|form| form.add_scaled(&coefficient, &multiplier));
                    }
                    continue;
                }
                let quantity = later(*name, self.on)?.after(step);
                value += &(&coefficient * trajectory.of(quantity)?);
                form = form.zip(trajectory.form(quantity)).map(|(mut form, more)| {
                    form.add_scaled(&coefficient, more);
                    form
                });
            }
        }
        Some(LaterExcess { value, form })
    }

    /// Whether it is asked as an equation after so many steps of a training of `steps`.
    #[must_use]
    pub fn is_equation(&self, step: usize, steps: usize) -> bool {
        self.relation == Comparison::Equal && step + 1 >= steps
    }

    /// The left side as it is written: `change(q)` of `change(q) = 0`.
    #[must_use]
    pub fn left_side(&self) -> &str {
        let sides = self.requires.split_once(" <= ").or_else(|| self.requires.split_once(" = "));
        sides.map_or(self.requires.as_str(), |(left, _)| left)
    }

    /// The kind of quantity that it bounds, if that is one alone.
    #[must_use]
    pub fn kind(&self) -> Option<QuantityKind> {
        match self.left.terms.as_slice() {
            [(_, name)] => later(*name, self.on).map(Quantity::kind),
            _ => None,
        }
    }
}

/// What stands for numbers of layers at a site, along one direction of growth.
fn layers(graph: &Graph, growth: &Growth, site: Site) -> BTreeMap<Name, Exponent> {
    let copies = site.node().map_or_else(Form::zero, |node| copies(graph, growth, node));
    let per_copy = site.parameter().map_or_else(Form::zero, |w| layers_per_copy(graph, growth, w));
    let both = [(Name::Copies, copies), (Name::LayersPerCopy, per_copy)];
    both.into_iter().map(|(name, form)| (name, form.constant_part().clone())).collect()
}

/// The multipliers that weights could take the place of, with what a gauge says that they are along one direction of growth.
#[must_use]
pub fn gauged_later(graph: &Graph, gauge: &Expression, growth: &Growth) -> Vec<(MultiplierId, Exponent)> {
    let says = |Traded { id, on, is_last }: Traded| {
        let layers = layers(graph, growth, Site::Node(on));
        let says = gauge.evaluate(|name| layers.get(&name).cloned()).filter(|_| is_last);
        (id, says.unwrap_or_default())
    };
    traded(graph).into_iter().map(says).collect()
}

fn behind(graph: &Graph, site: Site) -> Vec<MultiplierId> {
    site.node().map_or_else(Vec::new, |node| graph.multipliers_behind(node))
}

/// Whether anything that is trained moves a node.
fn moves(graph: &Graph, site: Site) -> bool {
    site.node().is_none_or(|node| !graph.parameters_upstream(node).is_empty())
}

/// What a name of a requirement means at later steps.
fn later(name: Name, site: Site) -> Option<Quantity> {
    match (name, site) {
        (Name::Update, Site::Node(node)) => Some(Quantity::change(node)),
        (name, site) => name.quantity(site),
    }
}

/// A side in the theory's notation.
fn written(graph: &Graph, growth: &Growth, expression: &Expression, site: Site) -> String {
    let sums = expression.sums().iter();
    let told = |name: Name| {
        if name == Name::Behind {
            let name = |id: MultiplierId| format!("multiplier({})", graph.multiplier(id).name);
            return behind(graph, site).into_iter().map(name).collect();
        }
        if name == Name::Copies {
            return site.node().map_or_else(Vec::new, |node| write_copies(graph, growth, node));
        }
        vec![later(name, site).map_or_else(|| name.written().into(), |quantity| quantity.write(graph))]
    };
    sums.map(|sum| sum.write(told)).collect()
}

//! [`require`]: desiderata on a propagation -> a program whose clauses remember which requirement they state.

use std::collections::BTreeSet;

use crate::exact::{Clause, Form, Origin, Program, RequirementId, Row, Terms, Unknown, UnknownKind};
use crate::graph::{Graph, NodeId, ParameterId, RepeatId, Role};
use crate::propagate::{Because, DerivationId, Propagation, Subject};
use crate::rule::{Class, Comparison, Desiderata, Expression, Given, Name, RequirementRule};

/// What is asked of one node or parameter.
#[derive(Clone, Debug)]
pub struct Requirement {
    /// Letter of the desideratum, `F`; `finite` for the condition that exponents exist, `given` for a hyperparameter that is
    /// not derived.
    pub label: String,
    /// On whom.
    pub on: Place,
    /// What must hold, in the theory's notation: `forward(q) = 0`.
    pub requires: String,
    /// Why one wants it.
    pub why: String,
    /// The left side and what it comes from: the largest of these.
    pub terms: Vec<(Form, Because)>,
    /// The right side.
    pub right: Form,
}

impl Requirement {
    /// The label of the condition that exponents exist at a node.
    const CONDITION: &'static str = "finite";
    /// The label of an init or multiplier that is given.
    const GIVEN: &'static str = "given";

    /// Whether it is the condition that exponents exist, which no relaxation gives up.
    #[must_use]
    pub fn is_condition(&self) -> bool {
        self.label == Self::CONDITION
    }
}

/// Whom a requirement is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A node.
    Node(NodeId),
    /// A parameter.
    Parameter(ParameterId),
    /// A parameter where a node uses it.
    Use(ParameterId, NodeId),
}

impl Place {
    /// The name of the node or parameter.
    #[must_use]
    pub fn name(self, graph: &Graph) -> &str {
        match self {
            Self::Node(node) => &graph.node(node).name,
            Self::Parameter(parameter) | Self::Use(parameter, _) => &graph.parameter(parameter).name,
        }
    }
}

/// A program with the requirements that its clauses state.
#[derive(Clone, Debug)]
pub struct Demands {
    /// The rows and choices.
    pub program: Program,
    /// The requirements, by [`RequirementId`].
    pub requirements: Vec<Requirement>,
    /// The parameterization whose inits and multipliers are given, if they are.
    pub given: Option<String>,
}

/// Asks the desiderata of every node and parameter of a propagation, and that exponents end at no node.
/// Requirements on responses are asked only of nodes with a parameter upstream.
#[must_use]
pub fn require(propagation: &Propagation, desiderata: &Desiderata) -> Demands {
    let mut demands = Demands {
        program: Program::default(),
        requirements: Vec::new(),
        given: desiderata.given.as_ref().map(|given| given.name.clone()),
    };
    demands.program.unknowns.clone_from(&propagation.ledger.unknowns);
    for rule in &desiderata.requirements {
        for place in members(&propagation.graph, rule) {
            demands.ask(propagation, rule, place);
        }
    }
    if let Some(given) = &desiderata.given {
        demands.give(propagation, given);
    }
    for condition in &propagation.conditions {
        let (node, right) = (condition.node, Form::zero());
        let requirement = Requirement {
            label: Requirement::CONDITION.into(),
            on: Place::Node(node),
            requires: format!("{} <= 0", condition.what),
            why: condition.ending.tell(&propagation.graph.node(node).name),
            terms: vec![(condition.form.clone(), condition.because)],
            right,
        };
        let row = Row::at_most_zero(condition.form.clone());
        demands.state(requirement, vec![row], Vec::new());
    }
    demands.define(propagation, &[]);
    demands
}

impl Demands {
    fn ask(&mut self, propagation: &Propagation, rule: &RequirementRule, place: Place) {
        let Some(terms) = left_side(propagation, &rule.left, place) else { return };
        let Some(right) = right_side(propagation, &rule.right, place) else { return };
        let forms: Vec<Form> = terms.iter().map(|(form, _)| form - &right).collect();
        let (rows, choice) = match (rule.relation, forms.as_slice()) {
            (Comparison::AtMost, _) => (forms.into_iter().map(Row::at_most_zero).collect(), Vec::new()),
            (Comparison::Equal, [only]) => (vec![Row::zero(only.clone())], Vec::new()),
            (Comparison::Equal, _) => {
                let choice = forms.iter().cloned().map(Row::zero).collect();
                (forms.into_iter().map(Row::at_most_zero).collect(), choice)
            }
        };
        let sign = match rule.relation {
            Comparison::Equal => "=",
            Comparison::AtMost => "<=",
        };
        let written = |expression| write_side(&propagation.graph, expression, place);
        let requirement = Requirement {
            label: rule.label.clone(),
            on: place,
            requires: format!("{} {sign} {}", written(&rule.left), written(&rule.right)),
            why: rule.why.clone(),
            terms,
            right,
        };
        self.state(requirement, rows, choice);
    }

    /// Asks that every init and multiplier is as given.
    fn give(&mut self, propagation: &Propagation, given: &Given) {
        let graph = &propagation.graph;
        let held = &given.hyperparameters;
        let init = graph
            .parameter_ids()
            .filter_map(|id| Some((Place::Parameter(id), propagation.init[id.0]?, held.init(id))));
        let at = |id| graph.nodes().find(|node| graph.node(*node).op.multiplier() == Some(id));
        let multiplier = graph
            .multiplier_ids()
            .filter_map(|id| Some((Place::Node(at(id)?), propagation.multiplier[id.0], held.multiplier(id))));
        for (on, unknown, exponent) in init.chain(multiplier) {
            let left = Form::unknown(unknown);
            let name = propagation.ledger.unknowns.get(unknown.0 as usize).map(|info| info.name.clone());
            let requirement = Requirement {
                label: Requirement::GIVEN.into(),
                on,
                requires: format!("{} = {exponent}", name.unwrap_or_default()),
                why: format!("it is that of `{}`", given.name),
                terms: vec![(left.clone(), Because::Given)],
                right: Form::constant(exponent.clone()),
            };
            self.state(requirement, vec![Row::zero(left.plus(&-exponent))], Vec::new());
        }
    }

    fn state(&mut self, requirement: Requirement, rows: Vec<Row>, choice: Vec<Row>) {
        let origin = Origin::Requirement(RequirementId(self.requirements.len()));
        self.requirements.push(requirement);
        self.program.clauses.push(Clause { origin, rows, choice });
    }

    /// Adds the definition of every maximum that the clauses or the given forms speak of.
    pub fn define(&mut self, propagation: &Propagation, forms: &[Form]) {
        let defined = self.program.clauses.iter().filter_map(|clause| match clause.origin {
            Origin::Definition(unknown) => Some(unknown),
            Origin::Requirement(_) => None,
        });
        let mut defined: BTreeSet<Unknown> = defined.collect();
        let rows = self.program.clauses.iter().flat_map(|clause| clause.rows.iter().chain(&clause.choice));
        let mut open: Vec<Unknown> =
            rows.map(|row| &row.form).chain(forms).flat_map(maxima(propagation)).collect();
        while let Some(unknown) = open.pop() {
            let Some(definition) = propagation.ledger.definition(unknown) else { continue };
            if !defined.insert(unknown) {
                continue;
            }
            let value = Form::unknown(unknown);
            let forms: Vec<Form> = definition.terms.iter().map(|(form, _)| form - &value).collect();
            open.extend(forms.iter().flat_map(maxima(propagation)));
            let choice = forms.iter().cloned().map(Row::zero).collect();
            let rows = forms.into_iter().map(Row::at_most_zero).collect();
            self.program.clauses.push(Clause { origin: Origin::Definition(unknown), rows, choice });
        }
        self.program.clauses.sort_by_key(|clause| clause.origin);
    }
}

/// The maxima that a form speaks of.
fn maxima<'a>(propagation: &'a Propagation) -> impl Fn(&Form) -> Vec<Unknown> + 'a {
    |form| {
        let maximum = |unknown: &Unknown| {
            propagation
                .ledger
                .unknowns
                .get(unknown.0 as usize)
                .is_some_and(|u| u.kind == UnknownKind::Maximum)
        };
        form.coefficients().map(|(unknown, _)| unknown).filter(maximum).collect()
    }
}

/// The nodes or parameters that a requirement is on, in order.
fn members(graph: &Graph, rule: &RequirementRule) -> Vec<Place> {
    let mut members = Vec::new();
    // What enters a layer is what leaves the one before: it is asked of that.
    let is_copy = |id: &NodeId| graph.node(*id).op.repeat().is_some();
    let of_role =
        |role| graph.nodes().filter(move |id| graph.node(*id).role == role).filter(move |id| !is_copy(id));
    let uses_node = rule.left.names().chain(rule.right.names()).any(|name| name == Name::UpdateBy);
    for class in &rule.on {
        match class {
            Class::Nodes(role) => members.extend(of_role(*role).map(Place::Node)),
            Class::LastFeature => members.extend(of_role(Role::Feature).next_back().map(Place::Node)),
            Class::Parameters => {
                for parameter in graph.parameter_ids().filter(|id| graph.parameter(*id).is_trained()) {
                    if uses_node {
                        let uses = graph.uses(parameter).into_iter();
                        members.extend(uses.map(|node| Place::Use(parameter, node)));
                    } else {
                        members.push(Place::Parameter(parameter));
                    }
                }
            }
        }
    }
    members.sort_unstable();
    members
}

/// The summands of the response that the left side speaks of, each with the rest of that side added; the left side as
/// it is if it speaks of none. Nothing if it speaks of a response where nothing moves.
fn left_side(
    propagation: &Propagation,
    expression: &Expression,
    place: Place,
) -> Option<Vec<(Form, Because)>> {
    let sum = expression.sums().first()?;
    let mut rest = Form::constant(sum.constant.clone());
    let mut response = None;
    let mut because = Because::Given;
    for (coefficient, name) in &sum.terms {
        let terms = terms_of(propagation, *name, place)?;
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
fn right_side(propagation: &Propagation, expression: &Expression, place: Place) -> Option<Form> {
    let sum = expression.sums().first()?;
    let mut right = Form::constant(sum.constant.clone());
    for (coefficient, name) in &sum.terms {
        for (form, _) in terms_of(propagation, *name, place)? {
            right.add_scaled(coefficient, &form);
        }
    }
    Some(right)
}

/// The summands of a quantity at a place.
fn terms_of(propagation: &Propagation, name: Name, place: Place) -> Option<Vec<(Form, Because)>> {
    let listed = |terms: &Terms<DerivationId>| {
        let listed: Vec<_> = terms.iter().map(|(form, id)| (form.clone(), Because::Derived(*id))).collect();
        (!listed.is_empty()).then_some(listed)
    };
    match (name, place) {
        (Name::Update, Place::Node(y)) => listed(&propagation.update[y.index()]),
        (Name::UpdateBy, Place::Use(w, y)) => {
            listed(propagation.own.get(&(w, y)).or_else(|| propagation.update_by.get(&(w, y)))?)
        }
        _ => {
            if let (Name::LayersPerCopy, Place::Parameter(w) | Place::Use(w, _)) = (name, place) {
                return Some(vec![(layers_per_copy(propagation, w), Because::Given)]);
            }
            let magnitude = match (name, place) {
                (Name::ForwardY, Place::Node(y)) if propagation.graph.starts_at_zero(y) => return None,
                (Name::ForwardY, Place::Node(y)) => &propagation.forward[y.index()],
                (Name::BackwardY, Place::Node(y)) => &propagation.backward[y.index()],
                (Name::Contribution, Place::Parameter(w) | Place::Use(w, _)) => {
                    &propagation.contribution[w.0]
                }
                (Name::Gradient, Place::Parameter(w) | Place::Use(w, _)) => &propagation.gradient[w.0],
                _ => return None,
            };
            Some(vec![(magnitude.form.clone(), magnitude.because)])
        }
    }
}

/// The number of layers of the deepest repeat for each copy of a parameter.
fn layers_per_copy(propagation: &Propagation, w: ParameterId) -> Form {
    let (graph, sizes) = (propagation.graph.clone(), &propagation.sizes);
    let depth = |id: RepeatId| sizes.dimension(graph.repeat(id).dimension);
    let mut deepest = Form::zero();
    for layers in graph.repeat_ids().map(depth) {
        if sizes.is_at_least_zero(&(&layers - &deepest)) {
            deepest = layers;
        }
    }
    &deepest - &graph.repeat_of(w).map_or_else(Form::zero, depth)
}

fn write_side(graph: &Graph, expression: &Expression, place: Place) -> String {
    let subject = |name| match (name, place) {
        (Name::ForwardY, Place::Node(y)) => Some(Subject::Forward(y)),
        (Name::BackwardY, Place::Node(y)) => Some(Subject::Backward(y)),
        (Name::Update, Place::Node(y)) => Some(Subject::Update(y)),
        (Name::UpdateBy, Place::Use(w, y)) if graph.repeat_at(y).is_some() => {
            Some(Subject::OwnUpdateBy(w, y))
        }
        (Name::UpdateBy, Place::Use(w, y)) => Some(Subject::UpdateBy(w, y)),
        (Name::Contribution, Place::Parameter(w) | Place::Use(w, _)) => Some(Subject::Contribution(w)),
        (Name::Gradient, Place::Parameter(w) | Place::Use(w, _)) => Some(Subject::Gradient(w)),
        _ => None,
    };
    let mut text = expression.to_string();
    for (_, name) in expression.sums().iter().flat_map(|sum| &sum.terms) {
        if let Some(subject) = subject(*name) {
            text = text.replace(name.written(), &subject.write(graph));
        }
    }
    text
}

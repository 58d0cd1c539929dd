//! [`require`]: desiderata on a propagation -> a program whose clauses remember which requirement they state.

use std::collections::BTreeSet;

use crate::exact::{
    Clause, Exponent, Form, Origin, Powers, Program, RequirementId, Row, Unknown, UnknownKind,
};
use crate::graph::{Graph, Hyperparameters, NodeId, ParameterId, QuantityKind, RepeatId, Role, Site};
use crate::propagate::{Because, Expressed, Given, Propagation, Subject};
use crate::rule::{Class, Comparison, Desiderata, Expression, Name, RequirementRule};

/// What is asked of one node or parameter.
#[derive(Clone, Debug)]
pub struct Requirement {
    /// Letter of the desideratum, `F`; `finite` for the condition that exponents exist, `given` for a hyperparameter that is
    /// not derived.
    pub label: String,
    /// On whom.
    pub on: Site,
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

    /// Whether it states a hyperparameter that is given.
    #[must_use]
    pub fn is_given(&self) -> bool {
        self.label == Self::GIVEN
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
pub fn require(propagation: &Propagation, desiderata: &Desiderata, given: Option<&Given>) -> Demands {
    let mut demands = Demands {
        program: Program::default(),
        requirements: Vec::new(),
        given: given.map(|given| given.name.clone()),
    };
    demands.program.unknowns.clone_from(&propagation.ledger.unknowns);
    for rule in &desiderata.requirements {
        for site in members(&propagation.graph, rule) {
            demands.ask(propagation, rule, site);
        }
    }
    if let Some(given) = given {
        demands.give(propagation, given);
    }
    for condition in &propagation.conditions {
        let (node, right) = (condition.node, Form::zero());
        let requirement = Requirement {
            label: Requirement::CONDITION.into(),
            on: Site::Node(node),
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
    fn ask(&mut self, propagation: &Propagation, rule: &RequirementRule, site: Site) {
        let Some(terms) = left_side(propagation, &rule.left, site) else { return };
        let Some(right) = right_side(propagation, &rule.right, site) else { return };
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
        let written = |expression| write_side(&propagation.graph, expression, site);
        let requirement = Requirement {
            label: rule.label.clone(),
            on: site,
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
        let powers = |of: &dyn Fn(&Hyperparameters) -> Exponent| -> Powers {
            Powers(given.hyperparameters.iter().map(of).collect())
        };
        let init = graph.parameter_ids().filter_map(|id| {
            Some((Site::Parameter(id), propagation.init[id.0]?, powers(&|held| held.init(id).clone())))
        });
        let at = |id| graph.nodes().find(|node| graph.node(*node).op.multiplier() == Some(id));
        let multiplier = graph.multiplier_ids().filter_map(|id| {
            let unknown = propagation.multiplier[id.0];
            Some((Site::Node(at(id)?), unknown, powers(&|held| held.multiplier(id).clone())))
        });
        let told: Vec<(Site, Unknown, Powers)> = init.chain(multiplier).collect();
        for (on, unknown, powers) in told {
            let left = Form::unknown(unknown);
            let right = propagation.form_of(&powers);
            let info = |unknown: Unknown| propagation.ledger.unknowns.get(unknown.0 as usize);
            let name = info(unknown).map(|info| info.name.clone()).unwrap_or_default();
            let written = match propagation.growth.variables() {
                [] => powers.to_string(),
                variables => {
                    let variables = variables.iter().filter_map(|unknown| Some(&info(*unknown)?.name));
                    let parts = variables.zip(&powers.0).filter(|(_, exponent)| !exponent.is_zero());
                    let parts: Vec<String> =
                        parts.map(|(variable, exponent)| format!("{exponent} |{variable}|")).collect();
                    if parts.is_empty() { "0".into() } else { parts.join(" + ") }
                }
            };
            let requirement = Requirement {
                label: Requirement::GIVEN.into(),
                on,
                requires: format!("{name} = {written}"),
                why: format!("it is that of `{}`", given.name),
                terms: vec![(left.clone(), Because::Given)],
                right: right.clone(),
            };
            self.state(requirement, vec![Row::zero(&left - &right)], Vec::new());
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
fn members(graph: &Graph, rule: &RequirementRule) -> Vec<Site> {
    let mut members = Vec::new();
    // What enters a layer is what leaves the one before: it is asked of that.
    let is_copy = |id: &NodeId| graph.node(*id).op.repeat().is_some();
    let of_role =
        |role| graph.nodes().filter(move |id| graph.node(*id).role == role).filter(move |id| !is_copy(id));
    let uses_node = rule.left.names().chain(rule.right.names()).any(|name| name == Name::UpdateBy);
    for class in &rule.on {
        match class {
            Class::Nodes(role) => members.extend(of_role(*role).map(Site::Node)),
            Class::LastFeature => members.extend(of_role(Role::Feature).next_back().map(Site::Node)),
            Class::Parameters => {
                for parameter in graph.parameter_ids().filter(|id| graph.parameter(*id).is_trained()) {
                    if uses_node {
                        let uses = graph.uses(parameter).into_iter();
                        members.extend(uses.map(|node| Site::Use(parameter, node)));
                    } else {
                        members.push(Site::Parameter(parameter));
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
fn left_side(propagation: &Propagation, expression: &Expression, site: Site) -> Option<Vec<(Form, Because)>> {
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
fn right_side(propagation: &Propagation, expression: &Expression, site: Site) -> Option<Form> {
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
    if let (Name::LayersPerCopy, Some(w)) = (name, site.parameter()) {
        return Some(vec![(layers_per_copy(propagation, w), Because::Given)]);
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
fn layers_per_copy(propagation: &Propagation, w: ParameterId) -> Form {
    let (graph, growth) = (&propagation.graph, &propagation.growth);
    let depth = |id: RepeatId| growth.dimension(graph.repeat(id).dimension);
    let mut deepest = Form::zero();
    for layers in graph.repeat_ids().map(depth) {
        if growth.is_at_least_zero(&(&layers - &deepest)) {
            deepest = layers;
        }
    }
    &deepest - &graph.repeat_of(w).map_or_else(Form::zero, depth)
}

fn write_side(graph: &Graph, expression: &Expression, site: Site) -> String {
    let subject = |name: Name| {
        let quantity = name.quantity(site)?;
        Some(match quantity.site() {
            Site::Use(w, y) if graph.repeat_at(y).is_some() => Subject::OwnUpdateBy(w, y),
            Site::Node(_) | Site::Parameter(_) | Site::Use(..) => quantity.into(),
        })
    };
    let mut text = expression.to_string();
    for (_, name) in expression.sums().iter().flat_map(|sum| &sum.terms) {
        if let Some(subject) = subject(*name) {
            text = text.replace(name.written(), &subject.write(graph));
        }
    }
    text
}

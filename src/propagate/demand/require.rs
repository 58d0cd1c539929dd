//! [`require`]: desiderata on a propagation -> a program whose clauses remember which requirement they state.

use std::collections::BTreeSet;

use super::sides::{left_side, right_side, write_side};
use crate::exact::{
    Change, Clause, Exponent, Form, Origin, Powers, Program, RequirementId, Row, Unknown, UnknownKind,
};
use crate::graph::{DimensionId, Graph, Hyperparameters, Kept, MultiplierId, NodeId, Role, Site, Trades};
use crate::propagate::{Because, Given, Propagation};
use crate::rule::{Class, Comparison, Concession, Desiderata, Expression, Name, RequirementRule, Which};

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
    /// The label of a multiplier that is fixed because others could take its place.
    const GAUGE: &'static str = "gauge";

    /// The left side as it is written: `forward(q)` of `forward(q) = 0`.
    #[must_use]
    pub fn left_side(&self) -> &str {
        let sides = self.requires.split_once(" <= ").or_else(|| self.requires.split_once(" = "));
        sides.map_or(self.requires.as_str(), |(left, _)| left)
    }

    /// Whether it is the condition that exponents exist, which no relaxation gives up.
    #[must_use]
    pub fn is_condition(&self) -> bool {
        self.label == Self::CONDITION
    }

    /// Whether it asks nothing, and only says which of several ways to write the same table is told.
    #[must_use]
    pub fn is_gauge(&self) -> bool {
        self.label == Self::GAUGE
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
            demands.ask(propagation, rule, site, &desiderata.relaxed);
        }
    }
    match (given, &desiderata.gauge) {
        (Some(given), _) => demands.give(propagation, given),
        (None, Some(gauge)) => demands.fix(propagation, gauge),
        (None, None) => {}
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

/// The requirements that speak of parameters by name, of which the network has none: their labels, with whom they are on.
#[must_use]
pub(in crate::propagate) fn unasked(graph: &Graph, desiderata: &Desiderata) -> Vec<(String, Vec<String>)> {
    let named = |class: &Class| match class {
        Class::Parameters(Which::Named(_)) => true,
        Class::Nodes(_)
        | Class::LastFeature
        | Class::Parameters(Which::All | Which::Matrices | Which::Vectors) => false,
    };
    let rules = desiderata.requirements.iter();
    let rules = rules.filter(|rule| rule.on.iter().any(named) && members(graph, rule).is_empty());
    rules
        .map(|rule| {
            let on = rule.on.iter().map(|class| format!("`{}`", class.written()));
            (rule.label.clone(), on.collect())
        })
        .collect()
}

/// The first relaxed requirement that is none of the network.
#[must_use]
pub(in crate::propagate) fn unknown<'d>(graph: &Graph, desiderata: &'d Desiderata) -> Option<&'d Concession> {
    let is_asked = |held: &&Concession| {
        let rules = desiderata.requirements.iter().filter(|rule| rule.label == held.label);
        rules.flat_map(|rule| members(graph, rule)).any(|site| site.name(graph) == held.on)
    };
    desiderata.relaxed.iter().find(|held| !is_asked(held))
}

impl Demands {
    /// The same of tables however they are written: nothing of [gauge](Requirement::is_gauge) is asked.
    #[must_use]
    pub fn ungauged(mut self) -> Self {
        let requirements = &self.requirements;
        let asks = |id: RequirementId| !requirements[id.0].is_gauge();
        self.program.clauses.retain(|clause| clause.requirement().is_none_or(asks));
        self
    }

    fn ask(&mut self, propagation: &Propagation, rule: &RequirementRule, site: Site, relaxed: &[Concession]) {
        let on = site.name(&propagation.graph);
        let relation = match relaxed.iter().find(|held| held.is_of(&rule.label, on)).map(|held| held.change) {
            Some(Change::Dropped) => return,
            Some(Change::Bounded) if rule.relation == Comparison::AtMost => return,
            Some(Change::Bounded) => Comparison::AtMost,
            None => rule.relation,
        };
        let Some(terms) = left_side(propagation, &rule.left, site) else { return };
        let Some(right) = right_side(propagation, &rule.right, site) else { return };
        let forms: Vec<Form> = terms.iter().map(|(form, _)| form - &right).collect();
        let (rows, choice) = match (relation, forms.as_slice()) {
            (Comparison::AtMost, _) => (forms.into_iter().map(Row::at_most_zero).collect(), Vec::new()),
            (Comparison::Equal, [only]) => (vec![Row::zero(only.clone())], Vec::new()),
            (Comparison::Equal, _) => {
                let choice = forms.iter().cloned().map(Row::zero).collect();
                (forms.into_iter().map(Row::at_most_zero).collect(), choice)
            }
        };
        let sign = match relation {
            Comparison::Equal => "=",
            Comparison::AtMost => "<=",
        };
        let written = |expression| write_side(propagation, expression, site);
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

    /// Fixes every multiplier that could be traded for initial sizes and learning rates without a requirement that notices, as the
    /// gauge says: of several in a row the last one, the others at 1.
    fn fix(&mut self, propagation: &Propagation, gauge: &Expression) {
        let graph = &propagation.graph;
        for Traded { id, on, is_last } in traded(graph) {
            let site = Site::Node(on);
            let right = right_side(propagation, gauge, site).filter(|_| is_last).unwrap_or_default();
            let written = if is_last { write_side(propagation, gauge, site) } else { "0".into() };
            let left = Form::unknown(propagation.multiplier[id.0]);
            let requirement = Requirement {
                label: Requirement::GAUGE.into(),
                on: site,
                requires: format!("multiplier({}) = {written}", graph.multiplier(id).name),
                why: "weights could take its place: this is how the table is told".into(),
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
pub(super) fn members(graph: &Graph, rule: &RequirementRule) -> Vec<Site> {
    let mut members = Vec::new();
    let classes = graph.classes();
    // What enters a layer is what leaves the one before: it is asked of that.
    let is_copy = |id: &NodeId| graph.node(*id).op.repeat().is_some();
    let of_role =
        |role| graph.nodes().filter(move |id| graph.node(*id).role == role).filter(move |id| !is_copy(id));
    // What a multiplier alone takes is seen behind it: it is asked of that.
    let speaks_of = |wanted| rule.left.names().chain(rule.right.names()).any(|name| name == wanted);
    let is_told = |id: &NodeId| {
        !speaks_of(Name::Behind) || !graph.is_seen_scaled(*id) && !graph.scales_for_weights(*id)
    };
    let uses_node = speaks_of(Name::UpdateBy);
    for class in &rule.on {
        match class {
            Class::Nodes(role) => members.extend(of_role(*role).filter(is_told).map(Site::Node)),
            Class::LastFeature => members.extend(of_role(Role::Feature).next_back().map(Site::Node)),
            Class::Parameters(which) => {
                let trained = graph.parameter_ids().filter(|id| graph.parameter(*id).is_trained());
                for parameter in trained.filter(|id| which.holds(&graph.parameter(*id).name, classes[id.0])) {
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
    // Of whom several classes of one requirement speak, it is asked once.
    members.dedup();
    members
}

/// A multiplier that could be traded for initial sizes and learning rates without a requirement that notices.
pub(super) struct Traded {
    pub(super) id: MultiplierId,
    /// The first node that it stands in front of.
    pub(super) on: NodeId,
    /// Whether a gauge says what it is, and not that it is 1: the last of several in a row.
    pub(super) is_last: bool,
}

/// All of them, each in turn with those before it fixed.
pub(super) fn traded(graph: &Graph) -> Vec<Traded> {
    let mut trades = Trades::of(graph, Kept::Seen, 0);
    let mut traded = Vec::new();
    for id in graph.multiplier_ids() {
        let places = graph.nodes().filter(|node| graph.node(*node).op.multiplier() == Some(id));
        let places: Vec<NodeId> = places.collect();
        let Some(on) = places.first().copied() else { continue };
        if trades.ask(&trades.of_multiplier(id)).is_empty() {
            continue;
        }
        let over: BTreeSet<Option<DimensionId>> =
            places.iter().map(|node| graph.stacked_over(*node)).collect();
        let is_last = over.len() == 1 && graph.multipliers_behind(on).is_empty();
        traded.push(Traded { id, on, is_last });
    }
    traded
}

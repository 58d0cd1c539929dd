//! Requirements in words: what an exponent comes from, expanded to hyperparameters, sizes and maxima.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::and;
use crate::exact::{Exponent, Form, Unknown};
use crate::graph::{AxisId, DimensionId, Kind, NodeId};
use crate::propagate::{Because, DerivationId, PartName, Propagation, Requirement};

/// An exponent as a form in hyperparameters, maxima, sizes and densities: each a symbol with a value or unknown.
///
/// Symbols are numbered like unknowns: first the unknowns of the propagation, then the dimensions, then the
/// densities of the nodes; so equal names merge, and those that cancel vanish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expansion(Form);

/// Most maxima that one sentence explains; more would not be read.
const MOST_MAXIMA: usize = 6;
/// Most summands of a maximum that are written out.
const MOST_SUMMANDS: usize = 8;

impl Expansion {
    /// What `form` comes from. Every derivation is undone, the latest first, so each is visited once.
    #[must_use]
    pub fn of(propagation: &Propagation, form: &Form, because: Because) -> Self {
        let symbols = Symbols { propagation };
        let mut open: BTreeMap<DerivationId, Exponent> = BTreeMap::new();
        let mut expanded = Form::zero();
        match because {
            Because::Derived(id) => {
                open.insert(id, Exponent::ONE);
                // What a requirement adds to the derived quantity.
                let rest = form - &propagation.ledger.derivation(id).form;
                expanded.add_scaled(&Exponent::ONE, &rest);
            }
            Because::Given | Because::Largest(_) => expanded.add_scaled(&Exponent::ONE, form),
        }
        while let Some((id, weight)) = open.pop_last() {
            let derivation = propagation.ledger.derivation(id);
            expanded.add_scaled(&weight, &Form::constant(derivation.constant.clone()));
            for part in &derivation.parts {
                let weight = &weight * &part.coefficient;
                match part.because {
                    Because::Derived(earlier) => *open.entry(earlier).or_default() += &weight,
                    Because::Largest(unknown) => expanded.add_scaled(&weight, &Form::unknown(unknown)),
                    Because::Given => expanded.add_scaled(&weight, &symbols.given(&part.name, &part.form)),
                }
            }
        }
        Self(expanded)
    }

    /// Nothing.
    #[must_use]
    pub fn none() -> Self {
        Self(Form::zero())
    }

    /// A form in the unknowns, as it is.
    #[must_use]
    pub fn as_it_is(form: &Form) -> Self {
        Self(form.clone())
    }

    /// Adds `factor * other`.
    pub fn add_scaled(&mut self, factor: &Exponent, other: &Self) {
        self.0.add_scaled(factor, &other.0);
    }

    /// The maxima it speaks of, in order.
    pub fn maxima<'a>(&'a self, propagation: &'a Propagation) -> impl Iterator<Item = Unknown> + 'a {
        let unknowns = self.0.coefficients().map(|(unknown, _)| unknown);
        unknowns.filter(|unknown| propagation.ledger.definition(*unknown).is_some())
    }

    /// As the theory writes it: `init(W_Q) + 1/2 |d_model|`.
    #[must_use]
    pub fn write(&self, propagation: &Propagation) -> String {
        let symbols = Symbols { propagation };
        self.0.write(|symbol| symbols.name(symbol))
    }

    /// The form in the unknowns alone, every size replaced by its exponent.
    #[must_use]
    pub fn form(&self, propagation: &Propagation) -> Form {
        let symbols = Symbols { propagation };
        let mut form = Form::constant(self.0.constant_part().clone());
        for (symbol, coefficient) in self.0.coefficients() {
            form.add_scaled(coefficient, &symbols.value(symbol));
        }
        form
    }
}

/// The numbering of symbols.
struct Symbols<'a> {
    propagation: &'a Propagation,
}

/// What a symbol stands for.
enum Symbol {
    Unknown(Unknown),
    Dimension(usize),
    Density(usize),
}

impl Symbols<'_> {
    fn read(&self, symbol: Unknown) -> Symbol {
        let unknowns = self.propagation.ledger.unknowns.len();
        let dimensions = self.propagation.graph.dimensions.len();
        match symbol.0 as usize {
            index if index < unknowns => Symbol::Unknown(symbol),
            index if index < unknowns + dimensions => Symbol::Dimension(index - unknowns),
            index => Symbol::Density(index - unknowns - dimensions),
        }
    }

    fn number(&self, symbol: &Symbol) -> Unknown {
        let unknowns = self.propagation.ledger.unknowns.len();
        let dimensions = self.propagation.graph.dimensions.len();
        let index = match symbol {
            Symbol::Unknown(unknown) => return *unknown,
            Symbol::Dimension(dimension) => unknowns + dimension,
            Symbol::Density(node) => unknowns + dimensions + node,
        };
        Unknown(u32::try_from(index).unwrap_or(u32::MAX))
    }

    fn name(&self, symbol: Unknown) -> String {
        let graph = &self.propagation.graph;
        match self.read(symbol) {
            Symbol::Unknown(unknown) => {
                let info = self.propagation.ledger.unknowns.get(unknown.0 as usize);
                info.map(|info| info.name.clone()).unwrap_or_default()
            }
            Symbol::Dimension(dimension) => format!("|{}|", graph.dimensions[dimension].name),
            Symbol::Density(node) => PartName::Density(NodeId::new(node)).write(graph),
        }
    }

    /// The exponent of a size; a density is that of a one-hot input or of the loss over its classes.
    fn value(&self, symbol: Unknown) -> Form {
        match self.read(symbol) {
            Symbol::Unknown(unknown) => Form::unknown(unknown),
            Symbol::Dimension(dimension) => self.propagation.growth.dimension(DimensionId(dimension)),
            Symbol::Density(node) => {
                -&self.propagation.growth.features(&self.propagation.graph, NodeId::new(node))
            }
        }
    }

    /// A summand that is not derived: a hyperparameter, a size or a density. Sizes that stay fixed are left out.
    fn given(&self, name: &PartName, form: &Form) -> Form {
        let sizes = |axes: &[AxisId]| {
            let mut sum = Form::zero();
            for axis in axes
                .iter()
                .filter(|axis| self.propagation.growth.of(&self.propagation.graph, &[**axis]) != Form::zero())
            {
                let dimension = self.propagation.graph.dimension_of(*axis);
                let symbol = self.number(&Symbol::Dimension(dimension.0));
                sum.add_scaled(&Exponent::ONE, &Form::unknown(symbol));
            }
            sum
        };
        match name {
            PartName::Size(axes) => sizes(axes),
            PartName::Concentration(node, rank) => {
                let axes = &self.propagation.graph.node(*node).axes;
                &sizes(&self.propagation.graph.only(Kind::Feature, axes)) - rank
            }
            PartName::Layers(_) if *form == Form::zero() => Form::zero(),
            PartName::Layers(dimension) => Form::unknown(self.number(&Symbol::Dimension(dimension.0))),
            PartName::Density(node) => Form::unknown(self.number(&Symbol::Density(node.index()))),
            PartName::Init(_) | PartName::LearningRate(_) | PartName::Multiplier(_) | PartName::Of(_) => {
                form.clone()
            }
        }
    }
}

/// The way along which the backward signal that a requirement speaks of comes back: `v <- o <- y <- x1`, up to where several
/// signals meet. Nothing if it is no way.
#[must_use]
pub fn way_back(propagation: &Propagation, requirement: &Requirement) -> Option<String> {
    let graph = &propagation.graph;
    let mut way: Vec<NodeId> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut open: Vec<Because> = requirement.terms.iter().rev().map(|(_, because)| *because).collect();
    while let Some(because) = open.pop() {
        let Because::Derived(id) = because else { continue };
        if !seen.insert(id) {
            continue;
        }
        let derivation = propagation.ledger.derivation(id);
        for part in &derivation.parts {
            let PartName::Of(subject) = &part.name else { continue };
            let Some(node) = subject.coming_back() else { continue };
            let onward = |last: &NodeId| graph.consumers(*last).iter().any(|consumer| consumer.node == node);
            if way.last().is_none_or(onward) {
                way.push(node);
            }
        }
        open.extend(derivation.parts.iter().rev().map(|part| part.because));
    }
    let names: Vec<&str> = way.iter().map(|node| graph.node(*node).name.as_str()).collect();
    (names.len() > 1).then(|| names.join(" <- "))
}

/// Where the left side of a requirement comes from: `forward(q) = init(W_Q) + 1/2 |d_model|`. Maxima it speaks of
/// are explained behind it, each once.
#[must_use]
pub fn because(propagation: &Propagation, requirement: &Requirement) -> String {
    let mut text = left_in_words(propagation, requirement);
    let maxima = maxima(propagation, &[requirement]);
    for (told, (_, sentence)) in maxima.iter().enumerate() {
        if told == MOST_MAXIMA {
            text.push_str(", and so on");
            break;
        }
        text.push_str(if told == 0 { ", where " } else { ", and " });
        text.push_str(sentence);
    }
    text
}

/// The same without the explanation of the maxima.
#[must_use]
pub fn left_in_words(propagation: &Propagation, requirement: &Requirement) -> String {
    let (expansions, _) = expansions(propagation, requirement);
    format!("{} {}", requirement.left_side(), largest(propagation, &expansions))
}

/// The maxima that some requirements speak of, each explained once, in a sentence.
#[must_use]
pub fn maxima_in_words(propagation: &Propagation, requirements: &[&Requirement]) -> Vec<String> {
    let mut maxima = maxima(propagation, requirements);
    maxima.sort();
    maxima.into_iter().map(|(_, sentence)| sentence).collect()
}

/// Every maximum that some requirements speak of, directly or through another, with its explanation.
fn maxima(propagation: &Propagation, requirements: &[&Requirement]) -> Vec<(Unknown, String)> {
    let mut explained = BTreeSet::new();
    let mut open = Vec::new();
    for requirement in requirements.iter().rev() {
        let (expansions, itself) = expansions(propagation, requirement);
        explained.extend(itself);
        open.extend(expansions.iter().flat_map(|expansion| expansion.maxima(propagation)));
    }
    let mut maxima = Vec::new();
    while let Some(unknown) = open.pop() {
        if explained.insert(unknown) {
            let summands = summands(propagation, unknown);
            let name = &propagation.ledger.unknowns[unknown.0 as usize].name;
            maxima.push((unknown, format!("{name} {}", largest(propagation, &summands))));
            open.extend(summands.iter().flat_map(|expansion| expansion.maxima(propagation)));
        }
    }
    maxima
}

/// The summands of the left side of a requirement. One that is itself a maximum is told by its summands: which one.
fn expansions(propagation: &Propagation, requirement: &Requirement) -> (Vec<Expansion>, Option<Unknown>) {
    if let [(form, Because::Largest(unknown))] = requirement.terms.as_slice()
        && *form == Form::unknown(*unknown)
    {
        return (summands(propagation, *unknown), Some(*unknown));
    }
    let terms = requirement.terms.iter();
    (terms.map(|(form, because)| Expansion::of(propagation, form, *because)).collect(), None)
}

/// The summands of a maximum.
#[must_use]
pub fn summands(propagation: &Propagation, unknown: Unknown) -> Vec<Expansion> {
    let Some(definition) = propagation.ledger.definition(unknown) else { return Vec::new() };
    let summand = |(form, id): &(Form, DerivationId)| Expansion::of(propagation, form, Because::Derived(*id));
    definition.terms.iter().map(summand).collect()
}

/// `= A`, `is the larger of A and B`, `is the largest of A, B and C`.
fn largest(propagation: &Propagation, expansions: &[Expansion]) -> String {
    let mut written: Vec<String> = Vec::new();
    for text in expansions.iter().map(|expansion| expansion.write(propagation)) {
        if !written.contains(&text) {
            written.push(text);
        }
    }
    let more = written.len().saturating_sub(MOST_SUMMANDS);
    if more > 0 {
        written.truncate(MOST_SUMMANDS);
        written.push(format!("{more} more"));
    }
    match written.as_slice() {
        [] => "= 0".into(),
        [only] => format!("= {only}"),
        [first, second] => format!("is the larger of {first} and {second}"),
        several => format!("is the largest of {}", and(several)),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::architecture::Architecture;
    use crate::graph::{Graph, Scaling};
    use crate::propagate::{Growth, propagate, require};
    use crate::rule::RuleBook;

    fn graph(book: &RuleBook, name: &str) -> Arc<Graph> {
        Architecture::parse(&book.architecture(name).unwrap().text, &book.activations()).unwrap().graph
    }

    #[test]
    fn every_expansion_is_worth_the_form_it_explains() {
        let book = RuleBook::embedded().unwrap();
        let cases = [
            ("transformer", "d_model=n,heads=n^1/2,d_ff=n"),
            ("transformer", "d_k=n,context=n^2"),
            ("mlp", "width"),
        ];
        for (name, scale) in cases {
            let graph = graph(&book, name);
            let scaling = Scaling::parse(scale, &graph).unwrap();
            for optimizer in book.optimizers.values() {
                let propagation =
                    propagate(&graph, &book, optimizer, Growth::along(scaling.along(0))).unwrap();
                let demands = require(&propagation, book.desiderata("fsc").unwrap(), None);
                for requirement in &demands.requirements {
                    for (form, because) in &requirement.terms {
                        let expansion = Expansion::of(&propagation, form, *because);
                        assert_eq!(&expansion.form(&propagation), form, "{}", requirement.requires);
                    }
                }
            }
        }
    }

    #[test]
    fn a_requirement_is_told_by_hyperparameters_sizes_and_maxima() {
        let book = RuleBook::embedded().unwrap();
        let graph = graph(&book, "transformer");
        let scaling = Scaling::parse("d_model=n", &graph).unwrap();
        let optimizer = book.optimizer("sgd").unwrap();
        let propagation = propagate(&graph, &book, optimizer, Growth::along(scaling.along(0))).unwrap();
        let demands = require(&propagation, book.desiderata("fsc").unwrap(), None);
        let cases = [
            ("forward(q) = 0", "forward(q) = init(W_Q) + 1/2 |d_model|"),
            (
                "forward(x1) = 0",
                "forward(x1) is the larger of init(W_E) and init(W_V) + init(W_O) + 1/2 |d_model|",
            ),
            ("forward(n1) = 0", "forward(n1) = 0"),
            ("update(x) = 0", "update(x) = lr(W_E) + backward(x), where backward(x) is the larger of "),
        ];
        for (requires, words) in cases {
            let found = demands.requirements.iter().find(|held| held.requires == requires).unwrap();
            let told = because(&propagation, found);
            assert!(told.starts_with(words), "{told}");
        }
    }
}

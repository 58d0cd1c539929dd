//! [`Question`]: what is to be derived; and [`Posed`]: the exponents of a question with what is asked of them, which is all of
//! an answer that needs no solver.

use std::sync::Arc;

use super::{Demands, Growth, PropagateError, Propagation, demand, propagate, require};
use crate::architecture::Network;
use crate::document::{Diagnostic, Diagnostics, Source};
use crate::exact::{Exponent, Form};
use crate::graph::{Graph, Hyperparameters, Scaling};
use crate::rule::{Desiderata, Name, Optimizer, Regime, RequirementRule, RuleBook};

/// What is to be derived.
///
/// ```
/// let question = fscale::Network::builtin("transformer")?.scale("d_k")?.optimizer("adam")?;
/// assert!(question.derive()?.is_feasible());
/// assert!(question.desiderata("no such").is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Question {
    /// The network.
    pub graph: Arc<Graph>,
    /// The rules.
    pub book: Arc<RuleBook>,
    /// The optimizer of every parameter.
    pub optimizer: Arc<Optimizer>,
    /// What is asked.
    pub desiderata: Arc<Desiderata>,
    /// Inits and multipliers that are not derived but given.
    pub given: Option<Given>,
    /// How the dimensions grow, in one scale variable or in several.
    pub scaling: Scaling,
    /// What the network is called, and its text: what a certificate of the answer is about.
    pub identity: Arc<Identity>,
}

/// Where a network comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The name of a built-in architecture, or the `name` in its text.
    pub name: String,
    /// Its text.
    pub source: Source,
}

/// Inits and multipliers that are given, so that only learning rates are derived: requirements like others, each with the
/// label `given`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// The parameterization: built in or a file.
    pub name: String,
    /// Its exponents in each scale variable, multipliers of weights folded into them. Its learning rates are not asked for.
    pub hyperparameters: Vec<Hyperparameters>,
}

/// A question with the exponents and what is asked of them. In one scale variable exponents are numbers, in several forms in
/// the growth of each.
#[derive(Clone, Debug)]
pub struct Posed {
    /// What is asked.
    pub question: Question,
    /// The exponents.
    pub propagation: Propagation,
    /// The requirements on them.
    pub demands: Demands,
}

impl Question {
    /// A question about a network under these rules.
    #[must_use]
    pub fn new(
        graph: &Arc<Graph>,
        book: &Arc<RuleBook>,
        optimizer: &Optimizer,
        desiderata: &Desiderata,
        scaling: Scaling,
    ) -> Self {
        Self {
            graph: Arc::clone(graph),
            book: Arc::clone(book),
            optimizer: Arc::new(optimizer.clone()),
            desiderata: Arc::new(desiderata.clone()),
            given: None,
            scaling,
            identity: Arc::new(Identity { name: graph.name.clone(), source: Source::new("", "") }),
        }
    }

    /// The same with another optimizer of every parameter, by its name in the rules.
    ///
    /// # Errors
    /// If the rules have none of that name; the nearest is named.
    pub fn optimizer(self, name: &str) -> Result<Self, Diagnostic> {
        Ok(Self { optimizer: Arc::new(self.book.optimizer(name)?.clone()), ..self })
    }

    /// The same with other requirements, by their name in the rules.
    ///
    /// # Errors
    /// If the rules have none of that name; the nearest is named.
    pub fn desiderata(self, name: &str) -> Result<Self, Diagnostic> {
        Ok(Self { desiderata: Arc::new(self.book.desiderata(name)?.clone()), ..self })
    }

    /// The same where inits and multipliers are given.
    #[must_use]
    pub fn given(self, given: Option<Given>) -> Self {
        Self { given, ..self }
    }

    /// The same in the scale variable number `variable`, the others fixed.
    #[must_use]
    pub fn only(&self, variable: usize) -> Self {
        let one = |given: &Given| Given {
            name: given.name.clone(),
            hyperparameters: given.hyperparameters.get(variable).cloned().into_iter().collect(),
        };
        Self { scaling: self.scaling.only(variable), given: self.given.as_ref().map(one), ..self.clone() }
    }

    /// The same in one scale variable that drives all others, each of which grows like a power of it.
    #[must_use]
    pub fn towards(&self, direction: &[Exponent]) -> Self {
        let one = |given: &Given| Given {
            name: given.name.clone(),
            hyperparameters: vec![Hyperparameters::towards(&given.hyperparameters, direction)],
        };
        Self { scaling: self.scaling.ray(direction), given: self.given.as_ref().map(one), ..self.clone() }
    }

    /// The exponents and what is asked of them.
    ///
    /// # Errors
    /// If the question cannot be asked: of contributions under an assumed alignment, of a network through which exponents cannot
    /// be propagated; in several scale variables of numbers, or of the number of all layers where there are depths that grow
    /// apart.
    pub fn posed(&self) -> Result<Posed, PropagateError> {
        let Self { graph, book, optimizer, desiderata, given, scaling, .. } = self;
        if let Regime::Assumed(_) = book.regime {
            refuse_contributions(desiderata)?;
        }
        let several = scaling.variables.len() > 1;
        let propagation = propagate(graph, book, optimizer, Growth::of_scaling(scaling))?;
        if several {
            refuse_depths_apart(&propagation, desiderata)?;
        }
        if let Some(unknown) = demand::unknown(graph, desiderata) {
            return Err(PropagateError::NoRequirement(unknown.to_string()));
        }
        let demands = require(&propagation, desiderata, given.as_ref());
        if several {
            refuse_numbers(&demands)?;
        }
        Ok(Posed { question: self.clone(), propagation, demands })
    }
}

impl Network {
    /// How must hyperparameters change where dimensions grow so: `d_k`, tied `d_model=n,heads=n^1/2`, or apart
    /// `d_model=n,heads=n,d_k=m`? Asked under sgd of `fsc`, until another optimizer or other requirements are named.
    ///
    /// # Errors
    /// If the text is no scaling of the network's dimensions; or the rules lack `sgd` or `fsc`.
    pub fn scale(&self, scaling: &str) -> Result<Question, Diagnostics> {
        let parsed = Scaling::parse(scaling, self.graph());
        let parsed =
            parsed.map_err(|error| Diagnostic::new("scale", error.to_string()).hint(error.hint()))?;
        let (optimizer, desiderata) = (self.book().optimizer("sgd")?, self.book().desiderata("fsc")?);
        let question = Question::new(self.graph(), self.book(), optimizer, desiderata, parsed);
        let source = self.architecture().source.clone();
        Ok(Question { identity: Arc::new(Identity { name: self.name().into(), source }), ..question })
    }
}

/// A contribution says how an update meets the gradient, an alignment how it meets activations.
fn refuse_contributions(desiderata: &Desiderata) -> Result<(), PropagateError> {
    match asking(desiderata, Name::Contribution) {
        Some(rule) => Err(PropagateError::Unassumed(rule.label.clone())),
        None => Ok(()),
    }
}

/// The number of all layers is that of the deepest repeat, and of depths that grow apart none is known to be the deepest.
fn refuse_depths_apart(open: &Propagation, desiderata: &Desiderata) -> Result<(), PropagateError> {
    let depths = open.graph.repeat_ids().map(|id| open.growth.dimension(open.graph.repeat(id).dimension));
    let depths: Vec<Form> = depths.collect();
    let is_deepest = |depth: &Form| depths.iter().all(|other| open.growth.is_at_least_zero(&(depth - other)));
    if depths.is_empty() || depths.iter().any(is_deepest) {
        return Ok(());
    }
    match asking(desiderata, Name::LayersPerCopy) {
        Some(rule) => Err(PropagateError::DepthsApart(rule.label.clone())),
        None => Ok(()),
    }
}

/// The first requirement that speaks of something.
fn asking(desiderata: &Desiderata, of: Name) -> Option<&RequirementRule> {
    let asks = |rule: &&RequirementRule| rule.left.names().chain(rule.right.names()).any(|name| name == of);
    desiderata.requirements.iter().find(asks)
}

/// A number is the exponent of no scale variable.
fn refuse_numbers(demands: &Demands) -> Result<(), PropagateError> {
    for clause in &demands.program.clauses {
        let numbered = |form: &Form| !form.constant_part().is_zero();
        if let Some(id) = clause.requirement()
            && clause.rows.iter().any(|row| numbered(&row.form))
        {
            return Err(PropagateError::Numbered(demands.requirements[id.0].requires.clone()));
        }
    }
    Ok(())
}

//! `fscale explain`: why a scaling is possible or not, and where an exponent comes from.

use std::path::PathBuf;

use clap::Args;

use super::Reply;
use crate::cli::args::fixed::{AlignmentOption, AskedOptions};
use crate::cli::args::hyperparameters::{DERIVED, Stated, derived, parameterized};
use crate::cli::args::options::{FormatOption, NetworkOptions, derive_failed, unknown};
use crate::cli::args::scale::ScaleOption;
use crate::cli::io::certificate::CertificateOption;
use crate::cli::io::progress::waited;
use crate::derive::{Alone, Answer as Derivation, DeriveError, Obstacle, Search, Verdict, derive_by};
use crate::document::{Diagnostic, Diagnostics};
use crate::exact::Exponent;
use crate::explain::chain::Chain;
use crate::graph::{Graph, Hyperparameters, NodeId, ParameterId, Quantity};
use crate::propagate::{Propagation, Question};
use crate::report::answer::derivation::Derived;
use crate::report::answer::explanation::{Broken, Explained, ExplainedAlone};
use crate::report::explain::contradictions::Contradictions;
use crate::rule::RuleBook;

/// Arguments of `explain`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Explain {
    #[command(flatten)]
    network: NetworkOptions,
    #[command(flatten)]
    scale: ScaleOption,
    /// The optimizer of every parameter; a hyperparameter file names its own [default: sgd]
    #[arg(long, value_name = "NAME")]
    optimizer: Option<String>,
    #[command(flatten)]
    asked: AskedOptions,
    #[command(flatten)]
    alignment: AlignmentOption,
    /// Tell how the exponents of this node come about
    #[arg(long, value_name = "NAME")]
    node: Option<String>,
    /// Tell how the exponents of this parameter come about; with `--node`, the node's response to it
    #[arg(long, value_name = "NAME")]
    parameter: Option<String>,
    /// Evaluate at these hyperparameters, built in or of a file, instead of what is `derived`
    #[arg(long, value_name = "FILE")]
    hp: Option<String>,
    /// List every conflict and every smallest set of requirements to give up
    #[arg(long)]
    all: bool,
    /// Most conflicts and sets that `--all` lists
    #[arg(long, value_name = "N", default_value_t = 20, requires = "all")]
    limit: usize,
    /// Look for all changes of at most so many requirements, not only for the smallest
    #[arg(long, value_name = "K")]
    changes: Option<usize>,
    #[command(flatten)]
    certificate: CertificateOption,
    #[command(flatten)]
    format: FormatOption,
}

const EXAMPLES: &str = "\
Examples:
  fscale explain --scale d_v                          why the value size alone cannot grow
  fscale explain --scale d_k --node a                 where the exponents of the logits come from
  fscale explain --scale d_ff --node h --parameter W_1
  fscale explain --scale d_ff --node z --hp standard
  fscale explain --scale d_model --all                every conflict, and what to give up
  fscale explain --scale d_model --changes 3          ways out by changing up to 3 requirements

Exit status: 0 feasible, 1 infeasible, 2 bad input.";

impl Explain {
    pub(super) fn run(&self) -> Result<Reply, Diagnostics> {
        let rules = self.network.rules()?;
        self.certificate.try_file(&self.files(&rules))?;
        let book = self.alignment.assumed(rules)?;
        let architecture = self.network.read(&book)?;
        let graph = &architecture.graph;
        let scaling = self.scale.read(graph)?;
        let places = self.places(graph)?;
        let hp = self.hp.as_deref().filter(|hp| *hp != DERIVED);
        let hp = hp.map(|hp| Stated::read(hp, graph, &book)).transpose()?;
        let optimizer = match &hp {
            Some(hp) => &hp.optimizer(self.optimizer.as_deref(), &book)?.about.name,
            None => self.optimizer.as_deref().unwrap_or("sgd"),
        };
        let (desiderata, given) = self.asked.read(optimizer, graph, &scaling, &book)?;
        let optimizer = book.optimizer(optimizer)?;
        let question = Question::new(graph, &book, optimizer, &desiderata, scaling);
        let question = question.given(given.map(|given| given.given));
        let search = self.changes.map_or_else(Search::default, Search::UpTo);
        let answer = waited("deriving", || derive_by(&question, search, self.asked.priority()));
        let answer = answer.map_err(|error| derive_failed(&error))?;
        let at = match &hp {
            Some(hp) => Some(self.hyperparameters(hp, &question)?),
            None if self.hp.is_some() => derived(&answer).map(|_| None)?,
            None => None,
        };
        let alone = answer.alone.iter().enumerate().map(|(variable, alone)| {
            self.explained(alone, at.as_ref().and_then(|at| at.get(variable)), places)
        });
        let alone = alone.collect::<Result<Vec<_>, _>>()?;
        let breaks = breaks(&answer).map_err(|error| derive_failed(&error))?;
        let derived = Derived { answer: &answer };
        let told = self.format.print(&Explained { derived, alone, breaks });
        let certificate = self.certificate.write(self.network.name(), &architecture, &answer);
        Diagnostics::both(told, certificate)?;
        Ok(Reply::when(answer.is_feasible()))
    }

    /// The reasons in one scale variable, evaluated at `--hp` if that is given.
    fn explained<'a>(
        &self,
        alone: &'a Alone,
        hp: Option<&Hyperparameters>,
        places: Places,
    ) -> Result<ExplainedAlone<'a>, Diagnostics> {
        let contradictions = match (alone.impossible(), self.all) {
            (Some(_), true) => {
                let found = waited("looking for contradictions", || alone.contradictions());
                let found = found.map_err(|error| derive_failed(&error))?;
                Some(Contradictions { found, limit: self.limit })
            }
            (Some(_) | None, _) => None,
        };
        let (point, evaluated) = self.point(alone, hp);
        let (propagation, at) = (&alone.posed.propagation, point.as_deref());
        let chain = match places {
            (None, None) => None,
            (Some(y), None) => {
                let signals = [Quantity::forward(y), Quantity::backward(y), Quantity::update(y)];
                Some(Chain::of(propagation, &signals, at))
            }
            (None, Some(w)) => {
                Some(Chain::of(propagation, &[Quantity::gradient(w), Quantity::contribution(w)], at))
            }
            (Some(y), Some(w)) => {
                refuse_unreached(propagation, w, y)?;
                Some(Chain::of(propagation, &[Quantity::update_by(w, y)], at))
            }
        };
        Ok(ExplainedAlone { alone, chain, point, evaluated, contradictions })
    }

    /// The files that are read.
    fn files(&self, rules: &RuleBook) -> Vec<PathBuf> {
        let hp = self.hp.as_ref().and_then(|named| Stated::file(named, rules));
        let files = self.network.files(rules).into_iter().chain(hp);
        files.chain(self.asked.file(rules)).chain(self.alignment.file(rules)).collect()
    }

    /// The node and the parameter asked about; both names are checked before either is refused.
    fn places(&self, graph: &Graph) -> Result<Places, Diagnostics> {
        let mut errors = Diagnostics::none();
        let node = self.node.as_ref().and_then(|name| {
            let names: Vec<&str> = graph.nodes().map(|id| graph.node(id).name.as_str()).collect();
            let found = graph.find_node(name);
            if found.is_none() {
                errors.push(unknown("node", name, &names));
            }
            found
        });
        let parameter = self.parameter.as_ref().and_then(|name| {
            let names: Vec<&str> = graph.parameters.iter().map(|held| held.name.as_str()).collect();
            let found = graph.find_parameter(name);
            if found.is_none() {
                errors.push(unknown("parameter", name, &names));
            }
            found
        });
        errors.or((node, parameter))
    }

    /// The hyperparameters of `--hp` in each scale variable.
    fn hyperparameters(
        &self,
        hp: &Stated<'_>,
        question: &Question,
    ) -> Result<Vec<Hyperparameters>, Diagnostics> {
        let Question { graph, optimizer, scaling, .. } = question;
        let named = self.hp.as_deref().unwrap_or_default();
        Ok(parameterized(named, hp, optimizer, graph, scaling)?.hyperparameters)
    }

    /// Where derivations are evaluated, and that in words: at `--hp`, else at the derived table if there is one.
    fn point(&self, alone: &Alone, hp: Option<&Hyperparameters>) -> (Option<Vec<Exponent>>, String) {
        let propagation = &alone.posed.propagation;
        match (&self.hp, hp, alone.hyperparameters()) {
            (Some(named), Some(hp), _) => {
                (Some(propagation.point(hp)), format!("evaluated at the hyperparameters of `{named}`"))
            }
            (_, _, Some(derived)) => {
                (Some(propagation.point(&derived)), "evaluated at the derived hyperparameters".into())
            }
            (_, _, None) => {
                let words =
                    "as forms in the hyperparameters, for the scaling is impossible; `--hp` evaluates them";
                (None, words.into())
            }
        }
    }
}

/// A node, a parameter, both or none.
type Places = (Option<NodeId>, Option<ParameterId>);

/// What breaks a table, with the exponents along the direction and the value of every unknown there.
fn breaks(answer: &Derivation) -> Result<Vec<Broken<'_>>, DeriveError> {
    let Verdict::Infeasible(Obstacle::Breaks { table, breaks, .. }) = &answer.verdict else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for broken in breaks {
        let posed = answer.question.towards(&broken.direction).posed()?;
        let point = posed.propagation.point(&table.towards(&broken.direction));
        found.push((broken, posed, point));
    }
    Ok(found)
}

/// Refuses to tell the response of a node that a parameter does not reach.
fn refuse_unreached(
    propagation: &Propagation,
    parameter: ParameterId,
    node: NodeId,
) -> Result<(), Diagnostic> {
    let is_reached = |node| propagation.update_by.contains_key(&(parameter, node));
    if is_reached(node) {
        return Ok(());
    }
    let graph = &propagation.graph;
    let name = |node: NodeId| graph.node(node).name.as_str();
    let reached: Vec<&str> = graph.nodes().filter(|node| is_reached(*node)).map(name).collect();
    let parameter = &graph.parameter(parameter).name;
    let message = format!("nothing of `{parameter}` reaches `{}`", name(node));
    Err(Diagnostic::new("unreached", message).hint(format!("it reaches {}", reached.join(", "))))
}

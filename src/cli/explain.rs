//! `fscale explain`: why a scaling is possible or not, and where an exponent comes from.

use std::path::PathBuf;

use clap::Args;

use super::Answer;
use crate::cli::args::fixed::{AlignmentOption, AskedOptions};
use crate::cli::args::hyperparameters::Stated;
use crate::cli::args::options::{
    FormatOption, NetworkOptions, OptimizerOption, ScaleOption, derive_failed, hyperparameters, unknown,
};
use crate::cli::io::certificate::CertificateOption;
use crate::cli::io::progress::waited;
use crate::derive::{Answer as Derivation, Question, Search, Verdict, derive_by};
use crate::document::{Diagnostic, Diagnostics};
use crate::exact::Exponent;
use crate::graph::{Graph, NodeId, ParameterId};
use crate::propagate::Propagation;
use crate::report::answer::derivation::Derived;
use crate::report::answer::explanation::Explained;
use crate::report::explain::chain::Chain;
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
    #[command(flatten)]
    optimizer: OptimizerOption,
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
    /// Evaluate at these hyperparameters instead of the derived ones
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
    pub(super) fn run(&self) -> Result<Answer, Diagnostics> {
        let rules = self.network.rules()?;
        self.certificate.try_file(&self.files(&rules))?;
        let book = self.alignment.assumed(rules)?;
        let architecture = self.network.read(&book)?;
        let graph = &architecture.graph;
        let scaling = self.scale.read(graph)?;
        let (node, parameter) = self.places(graph)?;
        let optimizer = &self.optimizer.optimizer;
        let (desiderata, _) = self.asked.read(optimizer, graph, &scaling, &book)?;
        let optimizer = book.optimizer(optimizer)?;
        let question = Question::new(graph, &book, optimizer, &desiderata, scaling);
        let search = self.changes.map_or_else(Search::default, Search::UpTo);
        let answer = waited("deriving", || derive_by(&question, search, self.asked.priority()));
        let answer = answer.map_err(|error| derive_failed(&error))?;
        let contradictions = match (&answer.verdict, self.all) {
            (Verdict::Infeasible { .. }, true) => {
                let found = waited("looking for contradictions", || answer.contradictions());
                let found = found.map_err(|error| derive_failed(&error))?;
                Some(Contradictions { found, limit: self.limit })
            }
            (Verdict::Feasible { .. } | Verdict::Infeasible { .. }, _) => None,
        };
        let (point, evaluated) = self.point(&question, &answer)?;
        let at = point.as_deref();
        let propagation = &answer.propagation;
        let chain = match (node, parameter) {
            (None, None) => None,
            (Some(node), None) => Some(Chain::of_node(propagation, node, at)),
            (None, Some(parameter)) => Some(Chain::of_parameter(propagation, parameter, at)),
            (Some(node), Some(parameter)) => {
                refuse_unreached(propagation, parameter, node)?;
                Some(Chain::of_update(propagation, parameter, node, at))
            }
        };
        let derived = Derived { question: &question, answer: &answer };
        let told = self.format.print(&Explained { derived, chain, point, evaluated, contradictions });
        let certificate = self.certificate.write(self.network.name(), &architecture, &question, &answer);
        Diagnostics::both(told, certificate)?;
        Ok(Answer::when(matches!(answer.verdict, Verdict::Feasible { .. })))
    }

    /// The files that are read.
    fn files(&self, rules: &RuleBook) -> Vec<PathBuf> {
        let hp = self.hp.as_ref().and_then(|named| Stated::file(named, rules));
        let files = self.network.files(rules).into_iter().chain(hp);
        files.chain(self.asked.file(rules)).chain(self.alignment.file(rules)).collect()
    }

    /// The node and the parameter asked about; both names are checked before either is refused.
    fn places(&self, graph: &Graph) -> Result<(Option<NodeId>, Option<ParameterId>), Diagnostics> {
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

    /// Where derivations are evaluated, and that in words: at `--hp`, else at the derived table if there is one.
    fn point(
        &self,
        question: &Question,
        answer: &Derivation,
    ) -> Result<(Option<Vec<Exponent>>, String), Diagnostics> {
        let propagation = &answer.propagation;
        match (&self.hp, &answer.verdict) {
            (Some(hp), _) => {
                let Question { graph, book, optimizer, scaling, .. } = question;
                let given = hyperparameters(hp, Some(&optimizer.about.name), graph, scaling, book)?;
                let point = propagation.point(&given.hyperparameters);
                Ok((Some(point), format!("evaluated at the hyperparameters of `{hp}`")))
            }
            (None, Verdict::Feasible { table, .. }) => {
                let point = propagation.point(&table.hyperparameters());
                Ok((Some(point), "evaluated at the derived hyperparameters".into()))
            }
            (None, Verdict::Infeasible { .. }) => {
                let words =
                    "as forms in the hyperparameters, for the scaling is impossible; `--hp` evaluates them";
                Ok((None, words.into()))
            }
        }
    }
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

//! [`Stated`]: a parameterization that an argument names, built in or in a file, before it is put under a scaling.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::architecture::HyperparameterFile;
use crate::cli::args::options::{file, looks_like_a_name};
use crate::cli::io::input;
use crate::document::{Diagnostic, Diagnostics};
use crate::graph::{Graph, Scaling, Unfolded};
use crate::propagate::Sizes;
use crate::rule::{Optimizer, Parameterization, RuleBook};

/// A parameterization for every scaling.
pub(crate) enum Stated<'a> {
    /// A file, for one optimizer.
    File(HyperparameterFile),
    /// A rule, for all of them.
    BuiltIn(&'a Parameterization),
}

impl<'a> Stated<'a> {
    /// The file that is read for a name, if it is no built-in parameterization.
    pub(crate) fn file(named: &str, book: &RuleBook) -> Option<PathBuf> {
        file(named, book.parameterization(named).is_ok())
    }

    /// The built-in parameterization of that name, or else the file of that path.
    pub(crate) fn read(named: &str, graph: &Graph, book: &'a RuleBook) -> Result<Self, Diagnostics> {
        let path = Path::new(named);
        let source = match book.parameterization(named) {
            Ok(parameterization) => return Ok(Self::BuiltIn(parameterization)),
            Err(unknown) if !path.exists() && looks_like_a_name(named) => {
                let message = format!("`{named}` is neither a file nor a built-in parameterization");
                return Err(Diagnostic { message, ..unknown }.into());
            }
            Err(_) => input::read(path)?,
        };
        HyperparameterFile::parse(&source, graph).map(Self::File)
    }

    /// The name of the optimizer that a file states.
    pub(crate) fn states(&self) -> Option<&str> {
        match self {
            Self::File(file) => Some(&file.optimizer.name),
            Self::BuiltIn(_) => None,
        }
    }

    /// The optimizer that a file names, which an `--optimizer` beside it must not contradict; for a built-in
    /// parameterization the wanted one, or `sgd`.
    pub(crate) fn optimizer(
        &self,
        wanted: Option<&str>,
        book: &'a RuleBook,
    ) -> Result<&'a Optimizer, Diagnostics> {
        let stated = match self {
            Self::BuiltIn(_) => return Ok(book.optimizer(wanted.unwrap_or("sgd"))?),
            Self::File(file) => &file.optimizer,
        };
        let known = book.optimizer(&stated.name).map_err(|unknown| unknown.at(stated.place.clone()))?;
        if let Some(wanted) = wanted.filter(|wanted| *wanted != stated.name) {
            let message =
                format!("`--optimizer {wanted}` contradicts the file, which says `{}`", stated.name);
            let contradiction = Diagnostic::new("optimizer", message).at(stated.place.clone());
            return Err(contradiction.hint("leave `--optimizer` out").into());
        }
        Ok(known)
    }

    /// The exponents in the scale variable number `variable` of a scaling, under one optimizer.
    pub(crate) fn along(
        &self,
        graph: &Arc<Graph>,
        scaling: &Scaling,
        variable: usize,
        optimizer: &Optimizer,
    ) -> Unfolded {
        match self {
            Self::File(file) => file.along(graph, scaling, variable),
            Self::BuiltIn(rule) => {
                rule.hyperparameters(graph, &Sizes::new(graph, scaling.along(variable)), optimizer)
            }
        }
    }
}

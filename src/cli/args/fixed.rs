//! What is given beforehand: an alignment that is assumed, or a parameterization of which only learning rates are derived.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use crate::cli::args::hyperparameters::{DERIVED, Parameterized, Stated, parameterized};
use crate::cli::args::options::{RelaxOption, file, known, looks_like_a_name};
use crate::cli::io::input;
use crate::derive::Priority;
use crate::document::{Diagnostic, Diagnostics};
use crate::exact::Powers;
use crate::graph::{Graph, Scaling};
use crate::propagate::Given;
use crate::rule::{Desiderata, Folder, Optimizer, RuleBook};

/// How responses are aligned with what they meet.
#[derive(Args, Debug)]
pub(crate) struct AlignmentOption {
    /// Assume an alignment of later steps instead of that at initialization: `full`, `none`, `readout` or a rule file
    #[arg(long, value_name = "NAME")]
    alignment: Option<String>,
}

impl AlignmentOption {
    /// The file that is read, if it is no alignment of the book.
    pub(crate) fn file(&self, book: &RuleBook) -> Option<PathBuf> {
        self.alignment.as_ref().and_then(|named| file(named, book.alignments.contains_key(named)))
    }

    /// The rules, with the assumption.
    pub(crate) fn assumed(&self, book: Arc<RuleBook>) -> Result<Arc<RuleBook>, Diagnostics> {
        let Some(named) = &self.alignment else { return Ok(book) };
        let mut book = Arc::unwrap_or_clone(book);
        let path = Path::new(named);
        if book.alignments.contains_key(named) || (!path.exists() && looks_like_a_name(named)) {
            book.assume(named)?;
            return Ok(Arc::new(book));
        }
        let source = input::read(path)?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        book.add(Folder::Alignments, source)?;
        book.assume(&name)?;
        Ok(Arc::new(book))
    }
}

/// Which of several tables is taken.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(crate) struct PreferOption {
    /// Which table to take if there are several [default: largest-forward, with `--given` largest-lr]
    #[arg(long, value_enum, value_name = "PRIORITY")]
    pub(crate) prefer: Option<Priority>,
}

impl PreferOption {
    /// Refuses to prefer one of several tables where hyperparameters are those of a file.
    pub(crate) fn refuse_idle(self, hp: Option<&str>) -> Result<(), Diagnostic> {
        let (Some(_), Some(hp)) = (self.prefer, hp.filter(|hp| *hp != DERIVED)) else { return Ok(()) };
        let message = format!("`--prefer` chooses among derived tables, and `--hp {hp}` is none");
        Err(Diagnostic::new("usage", message).hint(format!("leave it out, or write `--hp {DERIVED}`")))
    }
}

/// What is asked, and of what.
#[derive(Args, Debug)]
pub(crate) struct AskedOptions {
    /// The requirements on every exponent [default: fsc, with `--given` stable]
    #[arg(long, value_name = "NAME")]
    pub(crate) desiderata: Option<String>,
    /// Derive learning rates alone, by default the largest: inits and multipliers are those of a built-in
    /// parameterization, like `standard`, or of a hyperparameter file
    #[arg(long, value_name = "FILE")]
    pub(crate) given: Option<String>,
    #[command(flatten)]
    pub(crate) relax: RelaxOption,
    #[command(flatten)]
    pub(crate) prefer: PreferOption,
}

/// What is given of a parameterization.
pub(crate) struct GivenBy {
    pub(crate) given: Given,
    /// The multiplier of its own of each parameter in each scale variable, in order; nothing if none has one.
    own: Option<Vec<Powers>>,
}

impl AskedOptions {
    /// The file that is read, if there is one.
    pub(crate) fn file(&self, book: &RuleBook) -> Option<PathBuf> {
        self.given.as_ref().and_then(|named| Stated::file(named, book))
    }

    /// The requirements, and what is given.
    pub(crate) fn read(
        &self,
        optimizer: &str,
        graph: &Arc<Graph>,
        scaling: &Scaling,
        book: &RuleBook,
    ) -> Result<(Desiderata, Option<GivenBy>), Diagnostics> {
        let default = if self.given.is_some() { "stable" } else { "fsc" };
        let (optimizer, desiderata) = known(book, optimizer, self.desiderata.as_deref().unwrap_or(default))?;
        let given = self.given.as_ref().map(|named| given_by(named, optimizer, graph, scaling, book));
        Ok((self.relax.of(desiderata)?, given.transpose()?))
    }

    /// Which table to take.
    pub(crate) fn priority(&self) -> Priority {
        let default = if self.given.is_some() { Priority::LargestLr } else { Priority::default() };
        self.prefer.prefer.unwrap_or(default)
    }
}

/// The inits and multipliers of a built-in parameterization or a file, whatever optimizer that is for.
pub(crate) fn given_by(
    named: &str,
    optimizer: &Optimizer,
    graph: &Arc<Graph>,
    scaling: &Scaling,
    book: &RuleBook,
) -> Result<GivenBy, Diagnostics> {
    let stated = Stated::read(named, graph, book)?;
    let Parameterized { hyperparameters, own, .. } =
        parameterized(named, &stated, optimizer, graph, scaling)?;
    Ok(GivenBy { given: Given { name: named.into(), hyperparameters }, own })
}

impl GivenBy {
    /// The multiplier of its own of each parameter, if some have one.
    pub(crate) fn own(&self) -> Option<&[Powers]> {
        self.own.as_deref()
    }
}

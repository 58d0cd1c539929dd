//! `fscale check`: an architecture, rule or hyperparameter file is well formed, or a certificate proves what it states.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::Reply;
use super::proven::Presented;
use crate::architecture::{Architecture, HyperparameterFile};
use crate::certificate::Certificate;
use crate::cli::args::fixed::AlignmentOption;
use crate::cli::args::kind::Described;
use crate::cli::args::options::{FormatOption, RulesOption, architecture};
use crate::cli::io::input;
use crate::cli::io::progress::waited;
use crate::document::{Diagnostic, Diagnostics, Source, document};
use crate::graph::Stabiliser;
use crate::report::answer::checked::Checked;
use crate::rule::{Folder, RuleBook};
use crate::study::worked;

/// Arguments of `check`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Check {
    /// The file; what it describes is told by the name of its folder or by its keys
    file: PathBuf,
    /// The architecture that a hyperparameter file is for (`transformer` if none is given), or that a certificate is
    /// about (the one it names)
    #[arg(long, value_name = "ARCH")]
    arch: Option<String>,
    /// The parameterization that a certificate takes as given (the built-in one or the file beside it that it names)
    #[arg(long, value_name = "FILE")]
    given: Option<String>,
    #[command(flatten)]
    alignment: AlignmentOption,
    #[command(flatten)]
    rules: RulesOption,
    #[command(flatten)]
    format: FormatOption,
}

const EXAMPLES: &str = "\
Examples:
  fscale check net.toml                    an architecture
  fscale check rules/optimizers/mine.toml  a rule, by the name of its folder
  fscale check mine.toml --arch mlp        hyperparameters, for an architecture
  fscale check proof.json                  a certificate, by `fscale derive --certificate proof.json`

Exit status: 0 well formed or proven, 1 not proven, 2 not well formed.";

impl Check {
    pub(super) fn run(&self) -> Result<Reply, Diagnostics> {
        let (source, is_certificate) = input::read_either(&self.file, Certificate::LARGEST)?;
        if is_certificate {
            return self.certificate(&source);
        }
        let book = self.rules.read()?;
        let described = Described::by_folder(&self.file).or_else(|| Described::by_keys(&source));
        let checked = match described.ok_or_else(|| unrecognised(&source))? {
            Described::Hyperparameters => {
                let architecture = architecture(self.arch.as_deref().unwrap_or("transformer"), &book)?;
                hyperparameters(&source, &architecture, &book)?
            }
            Described::Rule(Folder::Architectures) => architecture_file(&source, &book)?,
            Described::Rule(folder) => rule(source, folder, Arc::unwrap_or_clone(book))?,
        };
        self.format.print(&checked)?;
        Ok(Reply::Yes)
    }

    fn certificate(&self, source: &Source) -> Result<Reply, Diagnostics> {
        let book = &self.alignment.assumed(self.rules.read()?)?;
        let (arch, given) = (self.arch.as_deref(), self.given.as_deref());
        let presented = Presented { source, path: &self.file, arch, given, book };
        let verified = waited("checking", || presented.verify())?;
        self.format.print(&verified)?;
        Ok(Reply::when(verified.flaw.is_none()))
    }
}

/// Why it is not told what a file describes: it is not TOML, or has none of the keys.
fn unrecognised(source: &Source) -> Diagnostics {
    if let Err(mistakes) = document(source) {
        return mistakes;
    }
    let message = format!("`{}` is neither an architecture nor a rule", source.name);
    let hint = "an architecture has `[dimensions]`, a desiderata set `[[require]]`, an optimizer `step`, an op \
                `forward`, an alignment `update`, a hyperparameter file `optimizer`";
    Diagnostic::new("unrecognised-file", message).hint(hint).into()
}

fn architecture_file(source: &Source, book: &Arc<RuleBook>) -> Result<Checked, Diagnostics> {
    let (architecture, examples) =
        (Architecture::parse(source, &book.activations()), RuleBook::examples(source));
    let mistakes = [architecture.as_ref().err(), examples.as_ref().err()].into_iter().flatten();
    Diagnostics(mistakes.flat_map(|mistakes| mistakes.0.clone()).collect()).or(())?;
    let (architecture, examples) = (architecture?, examples?);
    let graph = &architecture.graph;
    worked::of_architecture(graph, &examples, book)?;
    let counts = vec![
        ("dimensions", graph.dimensions.len()),
        ("nodes", graph.declared().count()),
        ("parameters", graph.parameters.len()),
        ("multipliers", graph.multipliers.len()),
        ("ties", architecture.ties.len()),
        ("worked examples", examples.len()),
    ];
    Ok(Checked { file: source.name.clone(), describes: "an architecture", counts })
}

/// A rule that is no architecture. Worked examples of its expressions hold if it can be added.
fn rule(source: Source, folder: Folder, mut book: RuleBook) -> Result<Checked, Diagnostics> {
    let file = source.name.clone();
    let name = Path::new(&file).file_stem().unwrap_or_default().to_string_lossy();
    book.add(folder, source)?;
    let book = &Arc::new(book);
    let (describes, examples) = match folder {
        Folder::Architectures => ("an architecture", book.architecture(&name)?.examples.len()),
        Folder::Desiderata => {
            let desiderata = book.desiderata(&name)?;
            worked::of_desiderata(desiderata, book)?;
            ("a desiderata set", desiderata.examples.len())
        }
        Folder::Optimizers => {
            let optimizer = book.optimizer(&name)?;
            worked::of_mix(optimizer, book)?;
            let derived = optimizer.mix.as_ref().map_or(0, |mix| mix.examples.len());
            ("an optimizer", optimizer.examples.len() + derived)
        }
        Folder::Parameterizations => ("a parameterization", book.parameterization(&name)?.examples.len()),
        Folder::Alignments => ("an alignment", book.alignment(&name)?.examples.len()),
        Folder::Ops => ("an op or activation", book.ops.get(&*name).map_or(0, |rule| rule.examples.len())),
        Folder::Reference => {
            let words = book.notations.get(&*name).map_or(0, |rule| rule.words.len());
            return Ok(Checked { file, describes: "a list of words", counts: vec![("words", words)] });
        }
    };
    Ok(Checked { file, describes, counts: vec![("worked examples", examples)] })
}

fn hyperparameters(
    source: &Source,
    architecture: &Architecture,
    book: &RuleBook,
) -> Result<Checked, Diagnostics> {
    let file = HyperparameterFile::read(source, &architecture.graph, book)?;
    let mut counts = vec![
        ("init", file.init.len()),
        ("lr", file.lr.len()),
        ("multiplier", file.multiplier.len() + file.own.len()),
    ];
    for stabiliser in Stabiliser::ALL {
        let stated = file.stabilisers.keys().filter(|(of, _)| *of == stabiliser).count();
        counts.extend((stated > 0).then_some((stabiliser.key(), stated)));
    }
    Ok(Checked { file: source.name.clone(), describes: "a hyperparameter file", counts })
}

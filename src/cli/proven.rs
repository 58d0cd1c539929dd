//! Certificates that are given: what one names is found, and what it states is derived anew.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::architecture::Architecture;
use crate::certificate::{Certificate, Flaw, Names};
use crate::cli::args::fixed::given_by;
use crate::cli::args::options::{architecture, derive_failed};
use crate::cli::io::certificate::NetworkName;
use crate::cli::io::input;
use crate::document::{Diagnostic, Diagnostics, Source, quote};
use crate::exact::Status;
use crate::graph::Scaling;
use crate::propagate::{Given, Question};
use crate::report::answer::verified::Verified;
use crate::rule::{Concession, Desiderata, Optimizer, Regime, RuleBook};

/// A certificate, and where to find what it names.
pub(super) struct Presented<'a> {
    /// Its text.
    pub(super) source: &'a Source,
    /// Where it lies: files that it names are looked for beside it only.
    pub(super) path: &'a Path,
    /// The architecture, if it is given apart.
    pub(super) arch: Option<&'a str>,
    /// The parameterization whose inits and multipliers are given, if that is given apart.
    pub(super) given: Option<&'a str>,
    /// The rules; with the alignment that is assumed, if that is given apart.
    pub(super) book: &'a RuleBook,
}

/// Everything that a certificate names.
struct Referents<'a> {
    /// What `derive` would call the architecture.
    name: String,
    architecture: Architecture,
    scaling: Scaling,
    optimizer: &'a Optimizer,
    desiderata: Desiderata,
    given: Option<Given>,
}

impl Presented<'_> {
    /// Verifies the certificate against what it names.
    ///
    /// # Errors
    /// If it has not the form of one, or names what is not there.
    pub(super) fn verify(&self) -> Result<Verified, Diagnostics> {
        let certificate = Certificate::read(self.source)?;
        let names = certificate.names();
        let book = &Arc::new(self.assuming(&names)?);
        let found = self.found(&names, book)?;
        let question = found.question(book);
        let network = Self::network(&found, &names);
        let verified = certificate.verify_question(network.words(), &question);
        let verified = verified.map_err(|error| derive_failed(&error.into()))?;
        Ok(self.verified(&names, &question, certificate.status(), verified.err()))
    }

    /// What the architecture that was found is called. Where its file lay is no part of what is stated.
    fn network<'n>(found: &'n Referents<'_>, names: &Names<'_>) -> NetworkName<'n> {
        let file = names.file.map(str::to_owned);
        NetworkName { name: &found.name, file, source: &found.architecture.source }
    }

    /// The rules, with the alignment that the certificate assumes.
    fn assuming(&self, names: &Names<'_>) -> Result<RuleBook, Diagnostics> {
        let mut book = self.book.clone();
        if let (Some(name), Regime::Exact) = (names.alignment, &book.regime) {
            book.assume(name).map_err(|wrong| wrong.note(self.at("/statement/alignment")))?;
        }
        Ok(book)
    }

    fn at(&self, pointer: &str) -> String {
        format!("at `{pointer}` of `{}`", self.source.name)
    }

    /// Everything that the certificate names; every name that is unknown is told.
    fn found<'b>(&self, names: &Names<'_>, book: &'b RuleBook) -> Result<Referents<'b>, Diagnostics> {
        let (name, architecture) = self.architecture(names, book)?;
        let optimizer = book.optimizer(names.optimizer);
        let optimizer = optimizer.map_err(|wrong| wrong.note(self.at("/statement/optimizer")));
        let desiderata = book.desiderata(names.desiderata);
        let desiderata = desiderata.map_err(|wrong| wrong.note(self.at("/statement/desiderata")));
        let relaxed = names.relaxed.iter().map(|text| Concession::parse_all(text));
        let relaxed = relaxed.collect::<Result<Vec<_>, _>>();
        let relaxed = relaxed.map_err(|wrong| wrong.note(self.at("/statement/relaxed")))?.concat();
        let desiderata = desiderata.map(|held| held.clone().asking_less(relaxed));
        let scaling = Scaling::parse(names.scaling, &architecture.graph).map_err(|error| {
            let wrong = Diagnostic::new("scale", error.to_string()).note(self.at("/statement/scaling"));
            wrong.hint(error.hint())
        });
        match (optimizer, desiderata, scaling) {
            (Ok(optimizer), Ok(desiderata), Ok(scaling)) => {
                let given = self.parameterization(names, book)?.map(|named| {
                    let read = given_by(&named, optimizer, &architecture.graph, &scaling, book);
                    read.map_err(|wrong| self.noted(wrong, "/statement/given")).map(|read| read.given)
                });
                let given = given.transpose()?;
                Ok(Referents { name, architecture, scaling, optimizer, desiderata, given })
            }
            (optimizer, desiderata, scaling) => {
                let wrong = [optimizer.err(), desiderata.err(), scaling.err()];
                Err(Diagnostics(wrong.into_iter().flatten().collect()))
            }
        }
    }

    /// The architecture that is given apart, that lies beside the certificate, or that is built in; with the name that a
    /// certificate of it has.
    fn architecture(
        &self,
        names: &Names<'_>,
        book: &RuleBook,
    ) -> Result<(String, Architecture), Diagnostics> {
        let of_file = |architecture: Architecture| (architecture.graph.name.clone(), architecture);
        if let Some(named) = self.arch {
            let found = architecture(named, book)?;
            let is_built_in = book.architecture(named).is_ok();
            return Ok(if is_built_in { (named.to_owned(), found) } else { of_file(found) });
        }
        if let Some(file) = names.file {
            let pointer = "/statement/architecture/file";
            let path = self.beside(file, pointer, "give the architecture with `--arch`")?;
            let source = input::read(&path).map_err(|mut wrong| {
                for diagnostic in &mut wrong.0 {
                    diagnostic.notes.push(self.at(pointer));
                    diagnostic.hint = Some("give the architecture with `--arch`".into());
                }
                wrong
            })?;
            return Architecture::parse(&source, &book.activations()).map(of_file);
        }
        let name = names.architecture;
        let rule = book.architecture(name).map_err(|unknown| {
            let unknown =
                Diagnostic { message: format!("no architecture {} is built in", quote(name)), ..unknown };
            let unknown = unknown.note(self.at("/statement/architecture/name"));
            unknown.hint("give the architecture with `--arch`")
        })?;
        Ok((name.to_owned(), Architecture::parse(&rule.text, &book.activations())?))
    }

    /// The parameterization that is given apart, that is built in, or that lies beside the certificate; nothing if none is
    /// stated.
    fn parameterization(&self, names: &Names<'_>, book: &RuleBook) -> Result<Option<String>, Diagnostics> {
        let stated = match (names.given, self.given) {
            (None, None) => return Ok(None),
            (None, Some(given)) => {
                let message = format!("the certificate takes nothing as given, not {} either", quote(given));
                let nothing = Diagnostic::new("certificate", message);
                return Err(nothing.hint("leave `--given` out").into());
            }
            (Some(_), Some(given)) => return Ok(Some(given.to_owned())),
            (Some(stated), None) => stated,
        };
        if book.parameterization(stated).is_ok() {
            return Ok(Some(stated.to_owned()));
        }
        let path = self.beside(stated, "/statement/given", "give the parameterization with `--given`")?;
        Ok(Some(path.display().to_string()))
    }

    /// The path of a file beside the certificate. Whoever wrote the certificate says its name, so no other place is looked at.
    fn beside(&self, name: &str, pointer: &str, hint: &str) -> Result<PathBuf, Diagnostics> {
        let mut parts = Path::new(name).components();
        let is_name =
            matches!((parts.next(), parts.next()), (Some(Component::Normal(part)), None) if part == name);
        if !is_name {
            let message = format!("{} is no name of a file beside the certificate", quote(name));
            return Err(Diagnostic::new("certificate", message).note(self.at(pointer)).hint(hint).into());
        }
        Ok(self.path.with_file_name(name))
    }

    fn noted(&self, mut wrong: Diagnostics, pointer: &str) -> Diagnostics {
        wrong.0.iter_mut().for_each(|diagnostic| diagnostic.notes.push(self.at(pointer)));
        wrong
    }

    fn verified(
        &self,
        names: &Names<'_>,
        question: &Question,
        states: Status,
        flaw: Option<Flaw>,
    ) -> Verified {
        let Names { architecture, file, scaling, optimizer, desiderata, relaxed, alignment, given } = names;
        // Where `--arch` says it lies, the file is not the one that was looked at.
        let place = self.arch.filter(|arch| arch != architecture).or(file.filter(|_| self.arch.is_none()));
        let place = place.map_or_else(String::new, |file| format!(" (`{file}`)"));
        let alignment = alignment.map_or_else(String::new, |name| format!(", alignment {name}"));
        let given = given.map_or_else(String::new, |name| format!(", `{name}` given"));
        let less =
            if relaxed.is_empty() { String::new() } else { format!(" relaxed in {}", relaxed.join(", ")) };
        let about = format!(
            "`{scaling}` of {architecture}{place} with {optimizer}, {desiderata}{less}{alignment}{given}"
        );
        Verified { file: self.source.name.clone(), about, asked: question.into(), states, flaw }
    }
}

impl Referents<'_> {
    fn question(&self, book: &Arc<RuleBook>) -> Question {
        Question::new(&self.architecture.graph, book, self.optimizer, &self.desiderata, self.scaling.clone())
            .given(self.given.clone())
    }
}

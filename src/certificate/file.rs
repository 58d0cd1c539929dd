//! [`Certificate`]: a statement about a network with its evidence, in a file of its own.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::compare::compare;
use super::evidence::{self, Proof, tree};
use super::first::{FirstRows, refuse_later};
use super::flaw::Flaw;
use super::form::{ClauseEntry, Evidence, File, Fingerprinted, KIND, Requirement, SCHEMA, Table};
use super::kind::said;
use super::layout::layout;
use super::statement::{Asked, Names, One, Words, listed, names};
use super::work::Arithmetic;
use crate::document::{Diagnostic, Diagnostics, Source, json, place, quote};
use crate::exact::{
    Certified, Claim, ClaimPart, Program, Refutation, RequirementId, Status, Unknown, check_parts,
};
use crate::graph::Hyperparameters;

/// A certificate that has the form. Whether what it states is so is another question: [`Certificate::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    pub(super) file: File,
    pub(super) proof: Content,
}

/// The evidence, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// In one scale variable.
    One(Proof),
    /// In several: certificates in single ones, and why nothing fails where they grow together.
    Several(Vec<Certificate>, Vec<Refutation>),
}

/// An answer, with what proves it.
#[derive(Clone, Debug)]
pub enum Proven<'a> {
    /// In one scale variable: what is certified of a program of the network, its demands, restricted or with definitions added.
    One(&'a Program, &'a Certified),
    /// In several: these exponents meet the requirements however the variables grow.
    Holds {
        /// In each variable.
        hyperparameters: &'a [Hyperparameters],
        /// Of each way in which a requirement could fail ([`LimitProgram::all_failures`](crate::propagate::LimitProgram::all_failures)).
        refutations: &'a [Refutation],
        /// If they are the only ones: the unique answer in each variable, the others fixed.
        alone: Option<Vec<(&'a Program, &'a Certified)>>,
    },
    /// In several: in this variable there are none, even with the others fixed.
    Impossible(usize, &'a Program, &'a Certified),
}

/// Before certificates of one scale variable and of several had one form.
const FIRST_SCHEMA: u32 = 1;

const HINT: &str = "write certificates with `fscale derive --certificate FILE`";

impl Certificate {
    /// Largest file, in bytes.
    pub const LARGEST: u64 = 32 << 20;

    /// The document that states an answer.
    ///
    /// # Errors
    /// If the document would not be accepted: it is too large, the program is not that of the network, or the proof is none.
    pub fn write(asked: &Asked<'_>, proven: &Proven<'_>) -> Result<String, Flaw> {
        let file = match proven {
            Proven::One(program, certified) => Self::of_one(&asked.only()?, program, certified),
            Proven::Holds { hyperparameters, refutations, alone } => {
                asked.holds(hyperparameters, refutations, alone.as_deref())?
            }
            Proven::Impossible(variable, program, certified) => {
                asked.impossible(*variable, program, certified)?
            }
        };
        let source = Source::new("the certificate", layout(&value(&file)));
        let read = Self::read(&source).map_err(|wrong| Flaw::new("", wrong.to_string()))?;
        read.verify(asked)?;
        Ok(source.text)
    }

    pub(super) fn of_one(one: &One<'_>, program: &Program, certified: &Certified) -> File {
        let (stated, kept) = program.excerpt(|_| true);
        let claim = moved(certified.claim(), &kept, program.clauses.len());
        let claim = FirstRows::of(&stated).named(&stated, claim);
        let names = names(&stated);
        let listed = listed(&stated, certified.status());
        File {
            schema: SCHEMA,
            fscale: env!("CARGO_PKG_VERSION").into(),
            kind: KIND.into(),
            statement: one.statement(&stated, certified.status(), Some(certified)),
            evidence: evidence::write(&claim, &names, |unknown| listed.contains(&unknown)),
        }
    }

    /// Reads a document. That it has the form does not mean that what it states is so.
    ///
    /// # Errors
    /// The first thing that does not have the form, with its place.
    pub fn read(source: &Source) -> Result<Self, Diagnostics> {
        let (schema, kind) = said(source);
        if kind.as_deref().is_some_and(|kind| kind != KIND) || schema.is_some_and(|schema| schema != SCHEMA) {
            let kind = kind.unwrap_or_else(|| KIND.into());
            head(source, (&kind, schema.unwrap_or(SCHEMA), env!("CARGO_PKG_VERSION")))?;
        }
        let file: File = parsed(source)?;
        head(source, (&file.kind, file.schema, &file.fscale))?;
        let proof = Content::read(&file.evidence).map_err(|flaw| malformed(source, flaw))?;
        Ok(Self { file, proof })
    }

    /// A certificate inside another document, of the same version.
    pub(super) fn of(file: &File) -> Result<Self, Flaw> {
        let wrong =
            |key: &str, said: &str| Flaw::new(key, format!("{said} is not that of a certificate in another"));
        match (file.schema, file.fscale.as_str(), file.kind.as_str()) {
            (SCHEMA, env!("CARGO_PKG_VERSION"), KIND) => {}
            (SCHEMA, env!("CARGO_PKG_VERSION"), kind) => return Err(wrong("/kind", &quote(kind))),
            (SCHEMA, version, _) => return Err(wrong("/fscale", &quote(version))),
            (schema, ..) => return Err(wrong("/schema", &schema.to_string())),
        }
        Ok(Self { file: file.clone(), proof: Content::One(evidence::read(&file.evidence)?) })
    }

    /// The table it states, if it states one.
    pub(super) fn table(&self) -> Option<&Table> {
        self.file.statement.table.as_ref()
    }

    /// The scale variable in which its exponents are meant.
    pub(super) fn variable(&self) -> &str {
        &self.file.statement.variable
    }

    /// What it is about, as it names it.
    #[must_use]
    pub fn names(&self) -> Names<'_> {
        let stated = &self.file.statement;
        Names {
            architecture: &stated.architecture.name,
            file: stated.architecture.file.as_deref(),
            scaling: &stated.scaling,
            optimizer: &stated.optimizer,
            desiderata: &stated.desiderata,
            relaxed: &stated.relaxed,
            alignment: stated.alignment.as_deref(),
            given: stated.given.as_deref(),
        }
    }

    /// What it says is certain.
    #[must_use]
    pub fn status(&self) -> Status {
        self.file.statement.status.status()
    }

    /// Whether it states what follows from the network, and its evidence proves it: the statement is derived anew and
    /// compared, entry by entry, and the evidence is checked by arithmetic alone.
    ///
    /// # Errors
    /// The first thing that is not so.
    pub fn verify(&self, asked: &Asked<'_>) -> Result<Status, Flaw> {
        refuse_another(&self.file.statement.architecture, &asked.words)?;
        let is_several = asked.posed.question.scaling.variables.len() > 1;
        match &self.proof {
            Content::One(proof) if !is_several => self.verify_one(proof, &asked.only()?),
            Content::Several(alone, refutations) if is_several => {
                self.verify_several(alone, refutations, asked)
            }
            Content::One(_) => {
                let message = "a certificate about one scale variable proves nothing about several";
                Err(Flaw::new("/statement/scaling", message))
            }
            Content::Several(..) => {
                let message = "a certificate about several scale variables proves nothing about one";
                Err(Flaw::new("/statement/scaling", message))
            }
        }
    }

    /// The same of a certificate inside another, which is in one scale variable.
    pub(super) fn verify_alone(&self, one: &One<'_>) -> Result<Status, Flaw> {
        refuse_another(&self.file.statement.architecture, &one.words)?;
        match &self.proof {
            Content::One(proof) => self.verify_one(proof, one),
            Content::Several(..) => Err(Flaw::new("/evidence", "one scale variable belongs here")),
        }
    }

    /// The same in one scale variable.
    fn verify_one(&self, proof: &Proof, asked: &One<'_>) -> Result<Status, Flaw> {
        let (stated, status) = (&self.file.statement, self.status());
        let requirements: BTreeSet<&Requirement> =
            stated.clauses.iter().filter_map(|clause| clause.states.as_ref()).collect();
        let is_stated =
            |id: RequirementId| asked.requirement(id).is_some_and(|held| requirements.contains(&held));
        refuse_unknown(asked, &stated.clauses)?;
        let program = match status {
            Status::Infeasible => asked.program(is_stated),
            Status::Unique | Status::UniqueUpToStarts | Status::Feasible => asked.program(|_| true),
        };
        let mut derived = asked.statement(&program, status, None);
        derived.table.clone_from(&stated.table);
        derived.smaller_starts.clone_from(&stated.smaller_starts);
        compare("/statement", &value(stated), &value(&derived))?;

        let names = names(&program);
        let listed = listed(&program, status);
        let claim = proof.clone().claim(&names, |unknown| listed.contains(&unknown))?;
        Arithmetic::default().add(&program, &claim)?;
        let certified = check_parts(&program, claim).map_err(|(part, error)| {
            Flaw::new(pointer(part), error.tell(|unknown| named(&names, unknown)))
        })?;
        if certified.status() != status {
            return Err(Flaw::new("/statement/status", "the evidence proves another status"));
        }
        derived = asked.statement(&program, status, Some(&certified));
        compare("/statement", &value(stated), &value(&derived))?;
        refuse_later(&program, certified.claim())?;
        Ok(status)
    }
}

impl Content {
    fn read(evidence: &Evidence) -> Result<Self, Flaw> {
        let (alone, refutations) = match (&evidence.alone, &evidence.refutations) {
            (None, None) => return Ok(Self::One(evidence::read(evidence)?)),
            (Some(alone), Some(refutations)) => (alone, refutations),
            (Some(_), None) | (None, Some(_)) => {
                let message = "`alone` and `refutations` belong together, in several scale variables";
                return Err(Flaw::new("/evidence", message));
            }
        };
        let one = Evidence { alone: None, refutations: None, ..evidence.clone() };
        if one != Evidence::default() {
            let message = "in several scale variables the evidence is `alone` and `refutations`";
            return Err(Flaw::new("/evidence", message));
        }
        let alone = alone.iter().enumerate().map(|(position, held)| {
            Certificate::of(held).map_err(|flaw| flaw.below(&format!("/evidence/alone/{position}")))
        });
        let refutations = refutations
            .iter()
            .enumerate()
            .map(|(position, nodes)| tree(nodes, &format!("/evidence/refutations/{position}")));
        Ok(Self::Several(alone.collect::<Result<_, _>>()?, refutations.collect::<Result<_, _>>()?))
    }
}

/// A document that has all keys and no others.
fn parsed<T: DeserializeOwned + Serialize>(source: &Source) -> Result<T, Diagnostics> {
    if source.text.len() as u64 > Certificate::LARGEST {
        let large = format!("the certificate has more than {} bytes", Certificate::LARGEST);
        return Err(Diagnostic::new("file-too-large", large).hint("certify a smaller network").into());
    }
    let read: T = json(source, "certificate", HINT)?;
    // A list of values is read as an object too, and nothing as a key that is left out.
    if json::<Value>(source, "certificate", HINT)? != value(&read) {
        let message =
            "the certificate has another form: objects have keys, and what there is not is left out";
        return Err(Diagnostic::new("certificate", message).at(source.place(0..0)).hint(HINT).into());
    }
    Ok(read)
}

/// Whether a document is a certificate of the schema and version of this program. `said` is what it says of kind, schema and
/// version.
fn head(source: &Source, said: (&str, u32, &str)) -> Result<(), Diagnostics> {
    let own = env!("CARGO_PKG_VERSION");
    let (kind, schema, version) = said;
    let wrong = |message: String| Diagnostic::new("certificate", message).at(source.place(0..0));
    if schema == FIRST_SCHEMA {
        let message = format!("{} of schema {schema}: this program reads schema {SCHEMA}", quote(kind));
        return Err(wrong(message).hint("derive it anew with `fscale derive --certificate FILE`").into());
    }
    if kind != KIND || schema != SCHEMA {
        let message = format!("{} of schema {schema} is no {KIND} of schema {SCHEMA}", quote(kind));
        return Err(wrong(message).hint(HINT).into());
    }
    if version != own {
        let message =
            format!("the certificate speaks of the rules of fscale {}, this is {own}", quote(version));
        return Err(wrong(message).hint("check it with that version, or derive it anew").into());
    }
    Ok(())
}

/// What is wrong with the form of a document, with its place in the text.
fn malformed(source: &Source, flaw: Flaw) -> Diagnostics {
    let at = place(&source.text, &flaw.pointer);
    let wrong = Diagnostic::new("certificate", flaw.message).at(source.place(at..at + 1));
    wrong.note(format!("at `{}`", flaw.pointer)).hint(HINT).into()
}

/// Refuses an architecture that is not the one that was named.
fn refuse_another(stated: &Fingerprinted, asked: &Words<'_>) -> Result<(), Flaw> {
    let own = asked.fingerprinted();
    if stated.name != own.name {
        let message =
            format!("{} is stated, the architecture found is {}", quote(&stated.name), quote(&own.name));
        return Err(Flaw::new("/statement/architecture/name", message));
    }
    if stated.fingerprint != own.fingerprint {
        let message =
            format!("the text of the architecture has changed: its fingerprint is `{}`", own.fingerprint);
        return Err(Flaw::new("/statement/architecture/fingerprint", message));
    }
    Ok(())
}

/// Refuses a requirement that the network does not have.
fn refuse_unknown(asked: &One<'_>, clauses: &[ClauseEntry]) -> Result<(), Flaw> {
    let known =
        (0..asked.posed.demands.requirements.len()).filter_map(|id| asked.requirement(RequirementId(id)));
    let known: BTreeSet<Requirement> = known.collect();
    let unknown = |clause: &ClauseEntry| clause.states.as_ref().is_some_and(|states| !known.contains(states));
    match clauses.iter().enumerate().find(|(_, clause)| unknown(clause)) {
        Some((position, _)) => {
            let pointer = format!("/statement/clauses/{position}/states");
            Err(Flaw::new(pointer, "no such requirement follows from the network and the desiderata"))
        }
        None => Ok(()),
    }
}

fn named(names: &BTreeMap<Unknown, String>, unknown: Unknown) -> String {
    names.get(&unknown).cloned().unwrap_or_default()
}

pub(super) fn value(entry: &impl Serialize) -> Value {
    // Only a map whose keys are no texts could fail.
    serde_json::to_value(entry).unwrap_or_default()
}

/// The claim for the program that has only the clauses at the positions `kept` of `count`.
fn moved(claim: &Claim, kept: &[usize], count: usize) -> Claim {
    let mut positions = vec![usize::MAX; count];
    for (new, old) in kept.iter().enumerate() {
        if let Some(position) = positions.get_mut(*old) {
            *position = new;
        }
    }
    match claim.clone() {
        Claim::Infeasible(refutation) => Claim::Infeasible(refutation.moved(&positions)),
        Claim::Feasible { point, choices, unique } => {
            let choices = kept.iter().map(|position| choices.get(*position).copied().flatten()).collect();
            let moved = |(unknown, side, refutation): (Unknown, _, Refutation)| {
                (unknown, side, refutation.moved(&positions))
            };
            let unique = unique.map(|proof| proof.into_iter().map(moved).collect());
            Claim::Feasible { point, choices, unique }
        }
    }
}

/// Where the part stands in the document.
fn pointer(part: ClaimPart) -> String {
    match part {
        ClaimPart::Solution => "/evidence".into(),
        ClaimPart::Step { step, node: None } => format!("/evidence/uniqueness/{step}"),
        ClaimPart::Step { step, node: Some(node) } => {
            format!("/evidence/uniqueness/{step}/refutation/{node}")
        }
        ClaimPart::Node(node) => format!("/evidence/refutation/{node}"),
    }
}

//! [`Certificate`]: a statement about a network with its evidence, in a file of its own.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use super::check::{Certified, Part, Status, check_parts};
use super::evidence::{self, Proof};
use super::form::{File, KIND, Requirement, SCHEMA, Stated};
use super::layout::layout;
use super::statement::{Asked, fingerprint, listed, names};
use crate::desiderata::{Claim, Program, Refutation, Relation, RequirementId, Row};
use crate::diagnostic::{Diagnostic, Diagnostics, Source};
use crate::document::quote;
use crate::exponent::{Exponent, Unknown};

/// A certificate that has the form. Whether what it states is so is another question: [`Certificate::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    file: File,
    proof: Proof,
}

/// What is wrong with a certificate, and where in the document: a JSON pointer (RFC 6901).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// Where.
    pub pointer: String,
    /// What is wrong there.
    pub message: String,
}

/// Most multiplications and additions of a check, each weighed with the square of the length of its numbers in words.
const MOST_WORK: usize = 100_000_000;

/// Longest message of the parser that is shown, in characters.
const LONGEST_MESSAGE: usize = 200;

const HINT: &str = "write certificates with `fscale derive --certificate FILE`";

impl Flaw {
    pub(super) fn new(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), message: message.into() }
    }
}

impl Certificate {
    /// Largest file, in bytes.
    pub const LARGEST: u64 = 64 << 20;

    /// The document that states what is certified of a program of the network: its demands, restricted or with definitions
    /// added.
    ///
    /// # Errors
    /// If the document would not be accepted: it is too large, or the program is not that of the network.
    pub fn write(asked: &Asked<'_>, program: &Program, certified: &Certified) -> Result<String, Flaw> {
        let (stated, kept) = program.excerpt(|_| true);
        let claim = moved(certified.claim(), &kept, program.clauses.len());
        let names = names(&stated);
        let listed = listed(&stated, certified.status());
        let file = File {
            schema: SCHEMA,
            fscale: env!("CARGO_PKG_VERSION").into(),
            kind: KIND.into(),
            statement: asked.statement(&stated, certified.status(), Some(certified)),
            evidence: evidence::write(&claim, &names, |unknown| listed.contains(&unknown)),
        };
        let text = layout(&value(&file));
        let source = Source::new("the certificate", text);
        let read = Self::read(&source).map_err(|wrong| Flaw::new("", wrong.to_string()))?;
        read.verify(asked)?;
        Ok(source.text)
    }

    /// Reads a document. That it has the form does not mean that what it states is so.
    ///
    /// # Errors
    /// The first thing that does not have the form, with its place.
    pub fn read(source: &Source) -> Result<Self, Diagnostics> {
        if source.text.len() as u64 > Self::LARGEST {
            let large = format!("the certificate has more than {} bytes", Self::LARGEST);
            return Err(Diagnostic::new("file-too-large", large).hint("certify a smaller network").into());
        }
        let file: File = serde_json::from_str(&source.text).map_err(|error| unreadable(source, &error))?;
        let own = env!("CARGO_PKG_VERSION");
        if file.kind != KIND || file.schema != SCHEMA {
            let message = format!(
                "{} of schema {} is no certificate of schema {SCHEMA}",
                quote(&file.kind),
                file.schema
            );
            return Err(Diagnostic::new("certificate", message).at(source.place(0..0)).hint(HINT).into());
        }
        if file.fscale != own {
            let message = format!(
                "the certificate speaks of the rules of fscale {}, this is {own}",
                quote(&file.fscale)
            );
            let other = Diagnostic::new("certificate", message).at(source.place(0..0));
            return Err(other.hint("check it with that version, or derive it anew").into());
        }
        let malformed = |flaw: Flaw| -> Diagnostics {
            let wrong = Diagnostic::new("certificate", flaw.message).at(source.place(0..0));
            wrong.note(format!("at `{}`", flaw.pointer)).hint(HINT).into()
        };
        let proof = evidence::read(&file.evidence).map_err(malformed)?;
        Ok(Self { file, proof })
    }

    /// The architecture it names.
    #[must_use]
    pub fn architecture(&self) -> &str {
        &self.file.statement.architecture.name
    }

    /// How the dimensions grow.
    #[must_use]
    pub fn scaling(&self) -> &str {
        &self.file.statement.scaling
    }

    /// The scale variable in which its exponents are meant.
    #[must_use]
    pub fn variable(&self) -> &str {
        &self.file.statement.variable
    }

    /// The optimizer it names.
    #[must_use]
    pub fn optimizer(&self) -> &str {
        &self.file.statement.optimizer
    }

    /// The desiderata set it names.
    #[must_use]
    pub fn desiderata(&self) -> &str {
        &self.file.statement.desiderata
    }

    /// What it says is certain.
    #[must_use]
    pub fn status(&self) -> Status {
        match self.file.statement.status {
            Stated::Unique => Status::Unique,
            Stated::Feasible => Status::Feasible,
            Stated::Infeasible => Status::Infeasible,
        }
    }

    /// Whether it states what follows from the network, and its evidence proves it: the statement is derived anew and
    /// compared, entry by entry, and the evidence is checked by arithmetic alone.
    ///
    /// # Errors
    /// The first thing that is not so.
    pub fn verify(&self, asked: &Asked<'_>) -> Result<Status, Flaw> {
        let (stated, status) = (&self.file.statement, self.status());
        if stated.architecture.fingerprint != fingerprint(&asked.source.text) {
            let message = format!(
                "the text of the architecture has changed: its fingerprint is `{}`",
                fingerprint(&asked.source.text)
            );
            return Err(Flaw::new("/statement/architecture/fingerprint", message));
        }
        let requirements: BTreeSet<&Requirement> =
            stated.clauses.iter().filter_map(|clause| clause.states.as_ref()).collect();
        let is_stated =
            |id: RequirementId| asked.requirement(id).is_some_and(|held| requirements.contains(&held));
        let program = match status {
            Status::Infeasible => asked.program(is_stated),
            Status::Unique | Status::Feasible => asked.program(|_| true),
        };
        let mut derived = asked.statement(&program, status, None);
        derived.table.clone_from(&stated.table);
        compare("/statement", &value(stated), &value(&derived))?;

        let names = names(&program);
        let listed = listed(&program, status);
        let claim = self.proof.clone().claim(&names, |unknown| listed.contains(&unknown))?;
        refuse_endless(&program, &claim)?;
        let certified = check_parts(&program, claim).map_err(|(part, error)| {
            Flaw::new(pointer(part), error.tell(|unknown| named(&names, unknown)))
        })?;
        if certified.status() != status {
            return Err(Flaw::new("/statement/status", "the evidence proves another status"));
        }
        derived = asked.statement(&program, status, Some(&certified));
        compare("/statement", &value(stated), &value(&derived))?;
        refuse_later_choices(&program, certified.claim())?;
        Ok(status)
    }
}

fn named(names: &BTreeMap<Unknown, String>, unknown: Unknown) -> String {
    names.get(&unknown).cloned().unwrap_or_default()
}

fn value(entry: &impl Serialize) -> Value {
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

/// The parser's complaint, in the form of all others.
fn unreadable(source: &Source, error: &serde_json::Error) -> Diagnostics {
    let full = error.to_string();
    let message = full.split(" at line ").next().unwrap_or(&full);
    let message: String = message
        .chars()
        .take(LONGEST_MESSAGE)
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect();
    let lines = source.text.split_inclusive('\n');
    let start: usize = lines.take(error.line().saturating_sub(1)).map(str::len).sum();
    let at = start + error.column().saturating_sub(1);
    let place = source.place(at..at + 1);
    let wrong = match error.classify() {
        serde_json::error::Category::Data => Diagnostic::new("certificate", message),
        serde_json::error::Category::Io
        | serde_json::error::Category::Syntax
        | serde_json::error::Category::Eof => Diagnostic::new("syntax", format!("not valid JSON: {message}")),
    };
    wrong.at(place).hint(HINT).into()
}

/// Where the part stands in the document.
fn pointer(part: Part) -> String {
    match part {
        Part::Solution => "/evidence".into(),
        Part::Step { step, node: None } => format!("/evidence/uniqueness/{step}"),
        Part::Step { step, node: Some(node) } => format!("/evidence/uniqueness/{step}/refutation/{node}"),
        Part::Node(node) => format!("/evidence/refutation/{node}"),
    }
}

/// The first entry that is not what follows from the network.
fn compare(pointer: &str, stated: &Value, derived: &Value) -> Result<(), Flaw> {
    let flaw = |message: String| Err(Flaw::new(pointer, message));
    match (stated, derived) {
        (Value::Array(stated), Value::Array(derived)) => {
            for (position, (stated, derived)) in stated.iter().zip(derived).enumerate() {
                compare(&format!("{pointer}/{position}"), stated, derived)?;
            }
            if stated.len() == derived.len() {
                return Ok(());
            }
            flaw(format!("{} entries are stated, {} follow from the network", stated.len(), derived.len()))
        }
        (Value::Object(stated), Value::Object(derived)) => {
            let key = |key: &str| format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
            for (name, derived) in derived {
                let Some(stated) = stated.get(name) else {
                    return flaw(format!("there is no `{name}`, which follows from the network"));
                };
                compare(&key(name), stated, derived)?;
            }
            match stated.keys().find(|name| !derived.contains_key(*name)) {
                Some(name) => Err(Flaw::new(key(name), "this does not follow from the network")),
                None => Ok(()),
            }
        }
        (Value::String(stated), Value::String(derived)) if stated != derived => {
            flaw(format!("{} is stated, {} follows from the network", quote(stated), quote(derived)))
        }
        _ if stated != derived => flaw("another entry follows from the network".into()),
        _ => Ok(()),
    }
}

/// Refuses evidence whose numbers are so long, in so many rows, that adding them up would take minutes.
fn refuse_endless(program: &Program, claim: &Claim) -> Result<(), Flaw> {
    let length = |row: &Row| row.form.len() + 1;
    let rows = |clause: usize| {
        program
            .clauses
            .get(clause)
            .map_or(1, |clause| clause.rows.iter().chain(&clause.choice).map(length).max().unwrap_or(1))
    };
    let work = match claim {
        Claim::Infeasible(refutation) => work_of(refutation, &rows),
        Claim::Feasible { point, unique, .. } => {
            let denominator =
                |value: &Exponent| value.to_string().split_once('/').map(|(_, below)| below.to_owned());
            let denominators: BTreeSet<String> = point.iter().filter_map(denominator).collect();
            let digits: usize = denominators.iter().map(String::len).sum();
            let words = digits / 19 + point.iter().map(Exponent::words).max().unwrap_or(1);
            let all: usize = program
                .clauses
                .iter()
                .map(|clause| clause.rows.iter().chain(&clause.choice).map(length).sum::<usize>())
                .sum();
            let steps = unique.iter().flatten().map(|(.., refutation)| work_of(refutation, &rows));
            let solution = all.saturating_mul(words.saturating_mul(words));
            steps.fold(solution, usize::saturating_add)
        }
    };
    if work > MOST_WORK {
        return Err(Flaw::new("/evidence", "the numbers are too long, in too many rows, to be added up"));
    }
    Ok(())
}

fn work_of(refutation: &Refutation, rows: &impl Fn(usize) -> usize) -> usize {
    match refutation {
        Refutation::Farkas(combination) => {
            let words = combination.iter().map(|(_, times)| times.words()).max().unwrap_or(1);
            let lengths = combination.iter().map(|(row, _)| match row {
                crate::desiderata::RowId::Row { clause, .. }
                | crate::desiderata::RowId::Choice { clause, .. } => rows(*clause),
                crate::desiderata::RowId::Assumed => 2,
            });
            lengths.sum::<usize>().saturating_mul(words.saturating_mul(words))
        }
        Refutation::Split { branches, .. } => {
            branches.iter().map(|branch| work_of(branch, rows)).fold(1, usize::saturating_add)
        }
    }
}

/// Of several alternatives that hold, the first is to be named.
fn refuse_later_choices(program: &Program, claim: &Claim) -> Result<(), Flaw> {
    let Claim::Feasible { point, choices, .. } = claim else { return Ok(()) };
    let holds = |row: &Row| {
        let value = row.form.evaluate(|unknown| point.get(unknown.0 as usize));
        value.is_some_and(|value| match row.relation {
            Relation::Zero => value.is_zero(),
            Relation::AtMostZero => !value.is_positive(),
        })
    };
    for (position, (clause, taken)) in program.clauses.iter().zip(choices).enumerate() {
        if clause.choice.iter().position(holds) != *taken {
            let message = "an earlier alternative holds too, and the first is to be named";
            return Err(Flaw::new(format!("/evidence/choices/{position}"), message));
        }
    }
    Ok(())
}

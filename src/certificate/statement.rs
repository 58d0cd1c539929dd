//! [`Asked`]: what is stated of a network, derived from it: in one scale variable the program with its unknowns by name, and
//! the table.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::form::{
    ClauseEntry, Fingerprinted, Kind, ParameterEntry, Requirement, RowEntry, Sign, Stated, Statement, Table,
    UnknownEntry,
};
use super::number::{Named, Number};
use crate::document::Source;
use crate::exact::{
    Certified, Clause, Origin, PowerSum, Powers, Program, Relation, RequirementId, Row, Status, Unknown,
    UnknownKind,
};
use crate::propagate::{self, Posed};
use crate::rule::Concession;

/// A question about a network, as far as its requirements: everything a statement is derived from.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// What it is about.
    pub words: Words<'a>,
    /// The question with its exponents and requirements; in several scale variables where their growth is left open.
    pub posed: &'a Posed,
    /// If there are several scale variables, the question in each, the others fixed.
    pub alone: &'a [Posed],
}

/// A question in one scale variable.
#[derive(Clone, Copy, Debug)]
pub(super) struct One<'a> {
    pub(super) words: Words<'a>,
    pub(super) posed: &'a Posed,
}

/// What a question is about, in words that must be those of what its answer is derived from.
#[derive(Clone, Copy, Debug)]
pub struct Words<'a> {
    /// The name of the architecture: of a built-in one, or the `name` that stands in its text.
    pub architecture: &'a str,
    /// The name of its file, if that lies beside the certificate.
    pub file: Option<&'a str>,
    /// Its text.
    pub source: &'a Source,
}

/// What a certificate is about, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Names<'a> {
    /// The architecture: a built-in one, or the `name` in its text.
    pub architecture: &'a str,
    /// The name of its file, if that lay beside the certificate.
    pub file: Option<&'a str>,
    /// How the dimensions grow.
    pub scaling: &'a str,
    /// The optimizer.
    pub optimizer: &'a str,
    /// The desiderata set.
    pub desiderata: &'a str,
    /// The requirements of which less is asked: `U on W_V`.
    pub relaxed: &'a [String],
    /// The alignment, if one is assumed.
    pub alignment: Option<&'a str>,
    /// The parameterization whose inits and multipliers are given, if they are: a built-in one, or the name of a file.
    pub given: Option<&'a str>,
}

/// 64 bits of a text, in hexadecimal digits (FNV-1a): a text that was changed has others. It notices accidents; it is no
/// proof that two texts are the same, and none is needed, since the program is derived anew.
#[must_use]
pub fn fingerprint(text: &str) -> String {
    let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    format!("{:016x}", text.bytes().fold(0xcbf2_9ce4_8422_2325, mix))
}

/// The last part of a path; a name is its own.
pub(super) fn file_name(path: &str) -> &str {
    Path::new(path).file_name().and_then(|name| name.to_str()).unwrap_or(path)
}

impl Words<'_> {
    pub(super) fn fingerprinted(&self) -> Fingerprinted {
        Fingerprinted {
            name: self.architecture.into(),
            file: self.file.map(str::to_owned),
            fingerprint: fingerprint(&self.source.text),
        }
    }
}

impl One<'_> {
    /// The program of a certificate: some requirements, with the definitions they speak of.
    pub(super) fn program(&self, keep: impl Fn(RequirementId) -> bool) -> Program {
        self.posed.demands.program.excerpt(keep).0
    }

    /// The statement of a program that follows from the network, with the table of a certified answer.
    pub(super) fn statement(
        &self,
        program: &Program,
        status: Status,
        certified: Option<&Certified>,
    ) -> Statement {
        let names = names(program);
        let listed = listed(program, status);
        let unknowns =
            listed.iter().filter_map(|unknown| unknown_entry(program, *unknown, names.get(unknown)?));
        let Posed { question, propagation, demands } = self.posed;
        Statement {
            architecture: self.words.fingerprinted(),
            scaling: question.scaling.write(&question.graph),
            variable: question.scaling.variables.join(","),
            optimizer: question.optimizer.about.name.clone(),
            desiderata: question.desiderata.about.name.clone(),
            relaxed: question.desiderata.relaxed.iter().map(Concession::to_string).collect(),
            alignment: propagation.alignment.clone(),
            given: demands.given.as_deref().map(|name| file_name(name).to_owned()),
            status: match status {
                Status::Unique => Stated::Unique,
                Status::UniqueUpToStarts => Stated::UniqueUpToStarts,
                Status::Feasible => Stated::Feasible,
                Status::Infeasible => Stated::Infeasible,
            },
            smaller_starts: certified.filter(|_| status == Status::UniqueUpToStarts).map(|certified| {
                certified.smaller_starts().iter().filter_map(|start| names.get(start).cloned()).collect()
            }),
            table: certified.and_then(|certified| self.table(certified)),
            tables: None,
            unknowns: unknowns.collect(),
            clauses: program.clauses.iter().map(|clause| self.clause(clause, &names)).collect(),
            failures: None,
        }
    }

    /// What a requirement is called.
    pub(super) fn requirement(&self, id: RequirementId) -> Option<Requirement> {
        requirement(self.posed, id)
    }

    fn clause(&self, clause: &Clause, names: &BTreeMap<Unknown, String>) -> ClauseEntry {
        let row = |row: &Row| row_entry(row, names);
        let (states, defines) = match clause.origin {
            Origin::Requirement(id) => (self.requirement(id), None),
            Origin::Definition(unknown) => (None, names.get(&unknown).cloned()),
        };
        let rows = clause.rows.iter().map(row).collect();
        ClauseEntry { states, defines, rows, choice: clause.choice.iter().map(row).collect() }
    }

    fn table(&self, certified: &Certified) -> Option<Table> {
        let Posed { question, propagation, .. } = self.posed;
        let hyperparameters = propagation.solved(certified)?;
        let variables = &question.scaling.variables;
        let table = propagate::Table::new(propagation, variables, &[hyperparameters], false);
        let graph = &propagation.graph;
        let only = |powers: &Powers| powers.0.first().cloned().map(Number);
        let sum = |sum: &PowerSum| sum.largest()?.first().cloned().map(Number);
        let parameters = table.parameters.iter().map(|row| {
            let entry = ParameterEntry {
                init: row.init.as_ref().and_then(only),
                lr: only(&row.lr)?,
                weight_decay: row.weight_decay.as_ref().and_then(sum),
                epsilon: row.epsilon.as_ref().and_then(sum),
            };
            Some((graph.parameter(row.parameter).name.clone(), entry))
        });
        let multipliers = table.multipliers.iter();
        let multipliers =
            multipliers.map(|(id, powers)| Some((graph.multiplier(*id).name.clone(), only(powers)?)));
        Some(Table {
            parameters: Named(parameters.collect::<Option<_>>()?),
            multipliers: Named(multipliers.collect::<Option<_>>()?),
        })
    }
}

/// What a requirement is called.
pub(super) fn requirement(posed: &Posed, id: RequirementId) -> Option<Requirement> {
    let requirement = posed.demands.requirements.get(id.0)?;
    Some(Requirement {
        label: requirement.label.clone(),
        on: requirement.on.name(&posed.propagation.graph).into(),
        requires: requirement.requires.clone(),
    })
}

pub(super) fn row_entry(row: &Row, names: &BTreeMap<Unknown, String>) -> RowEntry {
    let terms = row.form.coefficients();
    let terms =
        terms.filter_map(|(unknown, value)| Some((names.get(&unknown)?.clone(), Number(value.clone()))));
    RowEntry {
        terms: Named(terms.collect()),
        constant: Number(row.form.constant_part().clone()),
        relation: match row.relation {
            Relation::Zero => Sign::Zero,
            Relation::AtMostZero => Sign::AtMostZero,
        },
    }
}

pub(super) fn unknown_entry(program: &Program, unknown: Unknown, name: &str) -> Option<UnknownEntry> {
    let info = program.unknowns.get(unknown.0 as usize)?;
    Some(UnknownEntry { name: name.into(), kind: kind(info.kind) })
}

fn kind(kind: UnknownKind) -> Kind {
    match kind {
        UnknownKind::Init => Kind::Init,
        UnknownKind::LearningRate => Kind::Lr,
        UnknownKind::Multiplier => Kind::Multiplier,
        UnknownKind::Maximum => Kind::Maximum,
        UnknownKind::Growth => Kind::Growth,
    }
}

/// The name of every unknown. Of those that the theory gives one name, the later ones are numbered.
pub(super) fn names(program: &Program) -> BTreeMap<Unknown, String> {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut names = BTreeMap::new();
    for (index, info) in (0..).zip(&program.unknowns) {
        let count = seen.entry(&info.name).or_default();
        *count += 1;
        let name = if *count == 1 { info.name.clone() } else { format!("{} #{count}", info.name) };
        names.insert(Unknown(index), name);
    }
    names
}

/// The unknowns of a certificate: those its clauses speak of, and where there is a solution every hyperparameter.
pub(super) fn listed(program: &Program, status: Status) -> BTreeSet<Unknown> {
    let rows = program.clauses.iter().flat_map(|clause| clause.rows.iter().chain(&clause.choice));
    let mut listed: BTreeSet<Unknown> =
        rows.flat_map(|row| row.form.coefficients().map(|(unknown, _)| unknown)).collect();
    if status != Status::Infeasible {
        let unknowns = (0..).zip(&program.unknowns);
        let hyperparameters = unknowns.filter(|(_, info)| info.kind != UnknownKind::Maximum);
        listed.extend(hyperparameters.map(|(index, _)| Unknown(index)));
    }
    listed
}

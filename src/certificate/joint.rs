//! [`JointCertificate`]: a statement about how several sizes of a network may grow together, with its evidence.

use super::compare::compare;
use super::evidence::{flat, tree};
use super::file::{Certificate, Flaw, head, malformed, parsed, refuse_another, value};
use super::first::FirstRows;
use super::form::{
    FailureEntry, JOINT_KIND, JointEvidence, JointFile, JointStatement, ParameterEntry, Requirement, SCHEMA,
    Stated, Table,
};
use super::kind::kind;
use super::layout::layout;
use super::number::{Named, Number};
use super::statement::{Asked, Names, Words, names, requirement, row_entry, unknown_entry};
use super::work::Arithmetic;
use crate::document::{Diagnostics, Source};
use crate::exact::{
    Certified, Claim, Exponent, Origin, Part, Program, Refutation, RequirementId, Row, Status, check_parts,
};
use crate::graph::{Hyperparameters, Scaling};
use crate::propagate::{Demands, LimitProgram, Propagation};

/// A question about a network in several scale variables: everything a joint statement is derived from.
#[derive(Clone, Debug)]
pub struct JointlyAsked<'a> {
    /// What it is about.
    pub words: Words<'a>,
    /// How the dimensions grow.
    pub scaling: &'a Scaling,
    /// The exponents where the growth of every variable is left open.
    pub open: &'a Propagation,
    /// The requirements on them.
    pub demands: &'a Demands,
    /// The question in each variable, the others fixed.
    pub alone: Vec<Asked<'a>>,
}

/// An answer in several scale variables, with what proves it.
#[derive(Clone, Debug)]
pub enum JointProof<'a> {
    /// These exponents meet the requirements however the variables grow.
    Holds {
        /// In each variable.
        hyperparameters: &'a [Hyperparameters],
        /// Of each way in which a requirement could fail ([`LimitProgram::all_failures`]).
        refutations: Vec<Refutation>,
        /// If they are the only ones: the unique answer in each variable, the others fixed.
        alone: Option<Vec<(&'a Program, &'a Certified)>>,
    },
    /// In this variable there are none, even with the others fixed.
    Impossible(usize, &'a Program, &'a Certified),
}

/// A joint certificate that has the form. Whether what it states is so is another question: [`JointCertificate::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JointCertificate {
    file: JointFile,
    alone: Vec<Certificate>,
    refutations: Vec<Refutation>,
}

impl JointCertificate {
    /// The document that states an answer.
    ///
    /// # Errors
    /// If the document would not be accepted: it is too large, or the proof is none.
    pub fn write(asked: &JointlyAsked<'_>, proof: &JointProof<'_>) -> Result<String, Flaw> {
        let (status, hyperparameters, failures, alone) = match proof {
            JointProof::Impossible(variable, program, certified) => {
                let alone = vec![Certificate::file(asked.alone(*variable)?, program, certified)];
                (Stated::Infeasible, None, Vec::new(), alone)
            }
            JointProof::Holds { hyperparameters, refutations, alone } => {
                let status = if alone.is_some() { Stated::Unique } else { Stated::Feasible };
                let alone = alone.iter().flatten().enumerate().map(|(variable, (program, certified))| {
                    Ok(Certificate::file(asked.alone(variable)?, program, certified))
                });
                let alone = alone.collect::<Result<_, Flaw>>()?;
                (status, Some(*hyperparameters), refutations.clone(), alone)
            }
        };
        let limits = hyperparameters.map(|given| LimitProgram::new(asked.open, given));
        let failures = match &limits {
            None => failures,
            Some(limits) => {
                let ways = limits.all_failures(asked.demands).into_iter().map(|(_, rows)| rows);
                let first = FirstRows::of(&limits.program);
                let mut failing = limits.failing();
                let named =
                    |(rows, refutation): (Vec<Row>, Refutation)| first.renamed(failing.by(rows), refutation);
                ways.zip(failures).map(named).collect()
            }
        };
        let file = JointFile {
            schema: SCHEMA,
            fscale: env!("CARGO_PKG_VERSION").into(),
            kind: JOINT_KIND.into(),
            statement: asked.statement(status, hyperparameters, limits.as_ref()),
            evidence: JointEvidence { alone, refutations: failures.iter().map(flat).collect() },
        };
        let source = Source::new("the certificate", layout(&value(&file)));
        let read = Self::read(&source).map_err(|wrong| Flaw::new("", wrong.to_string()))?;
        read.verify(asked)?;
        Ok(source.text)
    }

    /// Reads a document. That it has the form does not mean that what it states is so.
    ///
    /// # Errors
    /// The first thing that does not have the form, with its place.
    pub fn read(source: &Source) -> Result<Self, Diagnostics> {
        let file: JointFile = parsed(source)?;
        head(source, JOINT_KIND, (&file.kind, file.schema, &file.fscale))?;
        let malformed = |flaw: Flaw| malformed(source, flaw);
        let mut alone = Vec::new();
        for (position, held) in file.evidence.alone.iter().enumerate() {
            let at = format!("/evidence/alone/{position}");
            alone.push(Certificate::of(held).map_err(|flaw| malformed(flaw.below(&at)))?);
        }
        let mut refutations = Vec::new();
        for (position, nodes) in file.evidence.refutations.iter().enumerate() {
            refutations.push(tree(nodes, &format!("/evidence/refutations/{position}")).map_err(malformed)?);
        }
        Ok(Self { file, alone, refutations })
    }

    /// Whether a document says that it is one; it need not be whole.
    #[must_use]
    pub fn is_meant(source: &Source) -> bool {
        kind(source).is_some_and(|kind| kind == JOINT_KIND)
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
            alignment: stated.alignment.as_deref(),
            given: None,
        }
    }

    /// What it says is certain.
    #[must_use]
    pub fn status(&self) -> Status {
        self.file.statement.status.status()
    }

    /// Whether it states what follows from the network, and its evidence proves it, as [`Certificate::verify`].
    ///
    /// # Errors
    /// The first thing that is not so.
    pub fn verify(&self, asked: &JointlyAsked<'_>) -> Result<Status, Flaw> {
        let (stated, status) = (&self.file.statement, self.status());
        refuse_another(&stated.architecture, &asked.words)?;
        if asked.scaling.variables.len() < 2 {
            let message = "a joint certificate speaks of several scale variables";
            return Err(Flaw::new("/statement/scaling", message));
        }
        if let Some(id) = asked.numbered() {
            let message = format!("`{}` compares with a number", asked.demands.requirements[id.0].requires);
            return Err(Flaw::new("/statement/desiderata", message));
        }
        let given = match (&stated.tables, status) {
            (None, Status::Infeasible) => None,
            (Some(tables), Status::Unique | Status::Feasible) => Some(asked.read(tables)?),
            (_, Status::Infeasible | Status::Unique | Status::Feasible) => {
                return Err(Flaw::new(
                    "/statement",
                    "`tables` are stated of what is possible, and only of that",
                ));
            }
        };
        let limits = given.as_ref().map(|given| LimitProgram::new(asked.open, given));
        let derived = asked.statement(stated.status, given.as_deref(), limits.as_ref());
        compare("/statement", &value(stated), &value(&derived))?;
        let wanted = match status {
            Status::Infeasible => 1,
            Status::Unique => asked.alone.len(),
            Status::Feasible => 0,
        };
        if self.alone.len() != wanted {
            return Err(Flaw::new(
                "/evidence/alone",
                format!("{wanted} answers in one variable belong here"),
            ));
        }
        for (position, held) in self.alone.iter().enumerate() {
            let at = format!("/evidence/alone/{position}");
            let variables = &asked.scaling.variables;
            let variable = variables.iter().position(|variable| variable == held.variable());
            let expected = if status == Status::Unique { Some(position) } else { variable };
            let Some(variable) = variable.filter(|variable| Some(*variable) == expected) else {
                return Err(Flaw::new(
                    format!("{at}/statement/variable"),
                    "another scale variable belongs here",
                ));
            };
            if held.status() != status {
                return Err(Flaw::new(format!("{at}/statement/status"), "another status belongs here"));
            }
            held.verify(asked.alone(variable)?).map_err(|flaw| flaw.below(&at))?;
            let table = given.as_ref().and_then(|given| given.get(variable));
            if let (Some(table), Some(alone)) = (table, held.table()) {
                let (table, alone) = (asked.table(table), plain(alone));
                compare(&format!("{at}/statement/table"), &value(&alone), &value(&table))?;
            }
        }
        for (alone, table) in asked.alone.iter().zip(given.iter().flatten()) {
            let point = alone.propagation.point(table);
            if let Some(id) = alone.demands.program.unmet(&point) {
                let Requirement { on, requires, .. } = alone.requirement(id).unwrap_or_default();
                let variable = alone.scaling.variables.concat();
                let message = format!("`{requires}` on `{on}` does not hold where only {variable} grows");
                return Err(Flaw::new(format!("/statement/tables/{variable}"), message));
            }
        }
        self.verify_failures(asked, limits.as_ref())?;
        Ok(status)
    }

    /// Whether no requirement can fail.
    fn verify_failures(&self, asked: &JointlyAsked<'_>, limits: Option<&LimitProgram>) -> Result<(), Flaw> {
        let failures = limits.map(|limits| limits.all_failures(asked.demands)).unwrap_or_default();
        if self.refutations.len() != failures.len() {
            let message = format!("{} failures are to be refuted", failures.len());
            return Err(Flaw::new("/evidence/refutations", message));
        }
        let Some(limits) = limits else { return Ok(()) };
        let (names, first) = (names(&limits.program), FirstRows::of(&limits.program));
        let mut failing = limits.failing();
        let mut arithmetic = Arithmetic::default();
        for (position, ((_, rows), refutation)) in failures.into_iter().zip(&self.refutations).enumerate() {
            let at = format!("/evidence/refutations/{position}");
            let program = failing.by(rows);
            let claim = Claim::Infeasible(refutation.clone());
            arithmetic.add(program, &claim)?;
            check_parts(program, claim).map_err(|(part, error)| {
                let node = if let Part::Node(node) = part { node } else { 0 };
                let name = |unknown| names.get(&unknown).cloned().unwrap_or_default();
                Flaw::new(format!("{at}/{node}"), error.tell(name))
            })?;
            first.refuse(program, refutation, &at)?;
        }
        Ok(())
    }
}

impl JointlyAsked<'_> {
    /// The question in one variable, the others fixed.
    fn alone(&self, variable: usize) -> Result<&Asked<'_>, Flaw> {
        self.alone.get(variable).ok_or_else(|| Flaw::new("/evidence/alone", "no such scale variable"))
    }

    /// A requirement that compares with a number, which does not grow with the scale variables.
    fn numbered(&self) -> Option<RequirementId> {
        let constant = |row: &Row| !row.form.constant_part().is_zero();
        let mut clauses = self.demands.program.clauses.iter();
        clauses.find_map(|clause| {
            clause.requirement().filter(|_| clause.rows.iter().chain(&clause.choice).any(constant))
        })
    }

    fn statement(
        &self,
        status: Stated,
        hyperparameters: Option<&[Hyperparameters]>,
        limits: Option<&LimitProgram>,
    ) -> JointStatement {
        let program = limits.map(|limits| limits.program.clone()).unwrap_or_default();
        let names = names(&program);
        let unknowns = names.iter().filter_map(|(unknown, name)| unknown_entry(&program, *unknown, name));
        let variables = self.scaling.variables.iter().cloned();
        let graph = &self.open.graph;
        let failures = limits.map(|limits| limits.all_failures(self.demands)).unwrap_or_default();
        let failures = failures.into_iter().filter_map(|(id, rows)| {
            let rows = rows.iter().map(|row| row_entry(row, &names)).collect();
            Some(FailureEntry { of: requirement(self.demands, graph, id)?, rows })
        });
        let clauses = program.clauses.iter().map(|clause| {
            let defines = match clause.origin {
                Origin::Definition(unknown) => names.get(&unknown).cloned(),
                Origin::Requirement(_) => None,
            };
            let entries = |rows: &[Row]| rows.iter().map(|row| row_entry(row, &names)).collect();
            let (rows, choice) = (entries(&clause.rows), entries(&clause.choice));
            super::form::ClauseEntry { states: None, defines, rows, choice }
        });
        JointStatement {
            architecture: self.words.fingerprinted(),
            scaling: self.scaling.write(graph),
            optimizer: self.words.optimizer.into(),
            desiderata: self.words.desiderata.into(),
            alignment: self.open.alignment.clone(),
            status,
            tables: hyperparameters
                .map(|given| Named(variables.zip(given.iter().map(|given| self.table(given))).collect())),
            unknowns: unknowns.collect(),
            clauses: clauses.collect(),
            failures: failures.collect(),
        }
    }

    /// The exponents of the hyperparameters in one variable, by name.
    fn table(&self, given: &Hyperparameters) -> Table {
        let graph = &self.open.graph;
        let parameters = graph.parameter_ids().map(|id| {
            let init = self.open.init[id.0].map(|_| Number(given.init(id).clone()));
            let entry =
                ParameterEntry { init, lr: Number(given.lr(id).clone()), weight_decay: None, epsilon: None };
            (graph.parameter(id).name.clone(), entry)
        });
        let multipliers = graph
            .multiplier_ids()
            .map(|id| (graph.multiplier(id).name.clone(), Number(given.multiplier(id).clone())));
        Table { parameters: Named(parameters.collect()), multipliers: Named(multipliers.collect()) }
    }

    /// The hyperparameters that tables state; zero where they state none, which then do not follow from the network.
    fn read(&self, tables: &Named<Table>) -> Result<Vec<Hyperparameters>, Flaw> {
        let graph = &self.open.graph;
        let read = |variable: &String| {
            let table = tables.0.iter().find(|(name, _)| name == variable).map(|(_, table)| table);
            let table = table.ok_or_else(|| {
                Flaw::new("/statement/tables", format!("there is no table in `{variable}`"))
            })?;
            let mut given = Hyperparameters::constant(graph);
            for id in graph.parameter_ids() {
                let name = &graph.parameter(id).name;
                if let Some((_, entry)) = table.parameters.0.iter().find(|(held, _)| held == name) {
                    given.init[id.0] = entry.init.clone().map_or(Exponent::ZERO, |Number(value)| value);
                    // What is frozen has no learning rate: whatever is stated, zero follows.
                    if self.open.lr[id.0].is_some() {
                        given.lr[id.0] = entry.lr.0.clone();
                    }
                }
            }
            for id in graph.multiplier_ids() {
                let name = &graph.multiplier(id).name;
                if let Some((_, Number(value))) = table.multipliers.0.iter().find(|(held, _)| held == name) {
                    given.multiplier[id.0] = value.clone();
                }
            }
            Ok(given)
        };
        self.scaling.variables.iter().map(read).collect()
    }
}

/// A table with nothing but the hyperparameters that were solved for.
fn plain(table: &Table) -> Table {
    let mut table = table.clone();
    for (_, entry) in &mut table.parameters.0 {
        (entry.weight_decay, entry.epsilon) = (None, None);
    }
    table
}

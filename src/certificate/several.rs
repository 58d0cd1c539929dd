//! [`Certificate`] in several scale variables: a statement about how sizes of a network may grow together, with its evidence.

use super::compare::compare;
use super::evidence::flat;
use super::file::{Certificate, value};
use super::first::FirstRows;
use super::flaw::Flaw;
use super::form::{
    ClauseEntry, Evidence, FailureEntry, File, KIND, Node, ParameterEntry, Requirement, SCHEMA, Stated,
    Statement, Table,
};
use super::number::{Named, Number};
use super::statement::{Asked, One, file_name, names, requirement, row_entry, unknown_entry};
use super::work::Arithmetic;
use crate::exact::{
    Certified, Claim, ClaimPart, Exponent, Origin, Program, Refutation, RequirementId, Row, Status,
    check_parts,
};
use crate::graph::Hyperparameters;
use crate::propagate::{LimitProgram, Posed};
use crate::rule::Concession;

impl Asked<'_> {
    /// The question in its only scale variable.
    pub(super) fn only(&self) -> Result<One<'_>, Flaw> {
        if self.posed.question.scaling.variables.len() == 1 {
            return Ok(One { words: self.words, posed: self.posed });
        }
        Err(Flaw::new(
            "/statement/scaling",
            "a certificate about one scale variable proves nothing about several",
        ))
    }

    /// The document that states that these exponents meet the requirements however the variables grow.
    pub(super) fn holds(
        &self,
        hyperparameters: &[Hyperparameters],
        refutations: &[Refutation],
        alone: Option<&[(&Program, &Certified)]>,
    ) -> Result<File, Flaw> {
        let strictly = |(_, held): &(&Program, &Certified)| held.status() == Status::Unique;
        let status = match alone {
            Some(alone) if alone.iter().all(strictly) => Stated::Unique,
            Some(_) => Stated::UniqueUpToStarts,
            None => Stated::Feasible,
        };
        let alone = alone.into_iter().flatten().enumerate().map(|(variable, (program, certified))| {
            Ok(Certificate::of_one(&self.alone(variable)?, program, certified))
        });
        let alone = alone.collect::<Result<_, Flaw>>()?;
        let limits = LimitProgram::new(&self.posed.propagation, hyperparameters);
        let ways = limits.all_failures(&self.posed.demands).into_iter().map(|(_, rows)| rows);
        let first = FirstRows::of(&limits.program);
        let mut failing = limits.failing();
        let refutations = ways
            .zip(refutations)
            .map(|(rows, refutation)| flat(&first.renamed(failing.by(rows), refutation.clone())));
        let refutations = refutations.collect();
        let statement = self.statement(status, Some(hyperparameters), Some(&limits));
        Ok(file(statement, alone, refutations))
    }

    /// The document that states that in a variable there are no exponents, even with the others fixed.
    pub(super) fn impossible(
        &self,
        variable: usize,
        program: &Program,
        certified: &Certified,
    ) -> Result<File, Flaw> {
        let alone = vec![Certificate::of_one(&self.alone(variable)?, program, certified)];
        Ok(file(self.statement(Stated::Infeasible, None, None), alone, Vec::new()))
    }
}

fn file(statement: Statement, alone: Vec<File>, refutations: Vec<Vec<Node>>) -> File {
    File {
        schema: SCHEMA,
        fscale: env!("CARGO_PKG_VERSION").into(),
        kind: KIND.into(),
        statement,
        evidence: Evidence { alone: Some(alone), refutations: Some(refutations), ..Evidence::default() },
    }
}

impl Certificate {
    /// [`Certificate::verify`] in several scale variables.
    pub(super) fn verify_several(
        &self,
        alone: &[Certificate],
        refutations: &[Refutation],
        asked: &Asked<'_>,
    ) -> Result<Status, Flaw> {
        let (stated, status) = (&self.file.statement, self.status());
        if let Some(id) = asked.numbered() {
            let requirement = &asked.posed.demands.requirements[id.0];
            let message = format!("`{}` compares with a number", requirement.requires);
            return Err(Flaw::new("/statement/desiderata", message));
        }
        let given = match (&stated.tables, status) {
            (None, Status::Infeasible) => None,
            (Some(tables), Status::Unique | Status::UniqueUpToStarts | Status::Feasible) => {
                Some(asked.read(tables)?)
            }
            (_, Status::Infeasible | Status::Unique | Status::UniqueUpToStarts | Status::Feasible) => {
                return Err(Flaw::new(
                    "/statement",
                    "`tables` are stated of what is possible, and only of that",
                ));
            }
        };
        let limits = given.as_ref().map(|given| LimitProgram::new(&asked.posed.propagation, given));
        let derived = asked.statement(stated.status, given.as_deref(), limits.as_ref());
        compare("/statement", &value(stated), &value(&derived))?;
        let wanted = match status {
            Status::Infeasible => 1,
            Status::Unique | Status::UniqueUpToStarts => asked.alone.len(),
            Status::Feasible => 0,
        };
        if alone.len() != wanted {
            return Err(Flaw::new(
                "/evidence/alone",
                format!("{wanted} answers in one variable belong here"),
            ));
        }
        for (position, held) in alone.iter().enumerate() {
            let at = format!("/evidence/alone/{position}");
            let variables = &asked.posed.question.scaling.variables;
            let variable = variables.iter().position(|variable| variable == held.variable());
            let is_unique = matches!(status, Status::Unique | Status::UniqueUpToStarts);
            let expected = if is_unique { Some(position) } else { variable };
            let Some(variable) = variable.filter(|variable| Some(*variable) == expected) else {
                return Err(Flaw::new(
                    format!("{at}/statement/variable"),
                    "another scale variable belongs here",
                ));
            };
            // Together they may start smaller if some variable alone lets them.
            let belongs = held.status() == status
                || status == Status::UniqueUpToStarts && held.status() == Status::Unique;
            if !belongs {
                return Err(Flaw::new(format!("{at}/statement/status"), "another status belongs here"));
            }
            held.verify_alone(&asked.alone(variable)?).map_err(|flaw| flaw.below(&at))?;
            let table = given.as_ref().and_then(|given| given.get(variable));
            if let (Some(table), Some(alone)) = (table, held.table()) {
                let (table, alone) = (asked.table(table), plain(alone));
                compare(&format!("{at}/statement/table"), &value(&alone), &value(&table))?;
            }
        }
        for (alone, table) in asked.alone.iter().zip(given.iter().flatten()) {
            let point = alone.propagation.point(table);
            if let Some(id) = alone.demands.program.unmet(&point) {
                let Requirement { on, requires, .. } = requirement(alone, id).unwrap_or_default();
                let variable = alone.question.scaling.variables.concat();
                let message = format!("`{requires}` on `{on}` does not hold where only {variable} grows");
                return Err(Flaw::new(format!("/statement/tables/{variable}"), message));
            }
        }
        verify_failures(asked, limits.as_ref(), refutations)?;
        Ok(status)
    }
}

/// Whether no requirement can fail.
fn verify_failures(
    asked: &Asked<'_>,
    limits: Option<&LimitProgram>,
    refutations: &[Refutation],
) -> Result<(), Flaw> {
    let failures = limits.map(|limits| limits.all_failures(&asked.posed.demands)).unwrap_or_default();
    if refutations.len() != failures.len() {
        let message = format!("{} failures are to be refuted", failures.len());
        return Err(Flaw::new("/evidence/refutations", message));
    }
    let Some(limits) = limits else { return Ok(()) };
    let (names, first) = (names(&limits.program), FirstRows::of(&limits.program));
    let mut failing = limits.failing();
    let mut arithmetic = Arithmetic::default();
    for (position, ((_, rows), refutation)) in failures.into_iter().zip(refutations).enumerate() {
        let at = format!("/evidence/refutations/{position}");
        let program = failing.by(rows);
        let claim = Claim::Infeasible(refutation.clone());
        arithmetic.add(program, &claim)?;
        check_parts(program, claim).map_err(|(part, error)| {
            let node = if let ClaimPart::Node(node) = part { node } else { 0 };
            let name = |unknown| names.get(&unknown).cloned().unwrap_or_default();
            Flaw::new(format!("{at}/{node}"), error.tell(name))
        })?;
        first.refuse(program, refutation, &at)?;
    }
    Ok(())
}

impl Asked<'_> {
    /// The question in one variable, the others fixed.
    fn alone(&self, variable: usize) -> Result<One<'_>, Flaw> {
        let posed = self.alone.get(variable);
        let posed = posed.ok_or_else(|| Flaw::new("/evidence/alone", "no such scale variable"))?;
        Ok(One { words: self.words, posed })
    }

    /// A requirement that compares with a number, which does not grow with the scale variables.
    fn numbered(&self) -> Option<RequirementId> {
        let constant = |row: &Row| !row.form.constant_part().is_zero();
        let mut clauses = self.posed.demands.program.clauses.iter();
        clauses.find_map(|clause| {
            clause.requirement().filter(|_| clause.rows.iter().chain(&clause.choice).any(constant))
        })
    }

    fn statement(
        &self,
        status: Stated,
        hyperparameters: Option<&[Hyperparameters]>,
        limits: Option<&LimitProgram>,
    ) -> Statement {
        let program = limits.map(|limits| limits.program.clone()).unwrap_or_default();
        let names = names(&program);
        let unknowns = names.iter().filter_map(|(unknown, name)| unknown_entry(&program, *unknown, name));
        let Posed { question, propagation, demands } = self.posed;
        let variables = question.scaling.variables.iter().cloned();
        let failures = limits.map(|limits| limits.all_failures(demands)).unwrap_or_default();
        let failures = failures.into_iter().filter_map(|(id, rows)| {
            let rows = rows.iter().map(|row| row_entry(row, &names)).collect();
            Some(FailureEntry { of: requirement(self.posed, id)?, rows })
        });
        let clauses = program.clauses.iter().map(|clause| {
            let defines = match clause.origin {
                Origin::Definition(unknown) => names.get(&unknown).cloned(),
                Origin::Requirement(_) => None,
            };
            let entries = |rows: &[Row]| rows.iter().map(|row| row_entry(row, &names)).collect();
            let (rows, choice) = (entries(&clause.rows), entries(&clause.choice));
            ClauseEntry { states: None, defines, rows, choice }
        });
        Statement {
            architecture: self.words.fingerprinted(),
            scaling: question.scaling.write(&question.graph),
            variable: question.scaling.variables.join(","),
            optimizer: question.optimizer.about.name.clone(),
            desiderata: question.desiderata.about.name.clone(),
            relaxed: question.desiderata.relaxed.iter().map(Concession::to_string).collect(),
            smaller_starts: None,
            alignment: propagation.alignment.clone(),
            given: demands.given.as_deref().map(|name| file_name(name).to_owned()),
            status,
            table: None,
            tables: hyperparameters
                .map(|given| Named(variables.zip(given.iter().map(|given| self.table(given))).collect())),
            unknowns: unknowns.collect(),
            clauses: clauses.collect(),
            failures: limits.is_some().then(|| failures.collect()),
        }
    }

    /// The exponents of the hyperparameters in one variable, by name.
    fn table(&self, given: &Hyperparameters) -> Table {
        let graph = &self.posed.propagation.graph;
        let parameters = graph.parameter_ids().map(|id| {
            let init = self.posed.propagation.init[id.0].map(|_| Number(given.init(id).clone()));
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
        let graph = &self.posed.propagation.graph;
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
                    if self.posed.propagation.lr[id.0].is_some() {
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
        self.posed.question.scaling.variables.iter().map(read).collect()
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

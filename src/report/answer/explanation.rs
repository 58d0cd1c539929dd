//! The answer of `explain`: why a scaling is possible or not, and where exponents come from. In several scale variables that is
//! told in each, the others fixed, and along each direction of growth that breaks a table.

use crate::derive::{Alone, Break, Outcome, write_direction};
use crate::exact::{self, Claim, Exponent};
use crate::explain::chain::Chain;
use crate::explain::proof::WrittenProof;
use crate::explain::words;
use crate::propagate::{Posed, Requirement};
use crate::report::Report;
use crate::report::answer::derivation::{Derived, conflict_of};
use crate::report::answer::nearest;
use crate::report::explain::conflict::Conflict;
use crate::report::explain::contradictions::Contradictions;
use crate::report::explain::proof::written;
use crate::report::explain::requirement::maxima;
use crate::report::explain::requirement::requirement_object;
use crate::report::format::document::{Block, Cell, Column, Document, Grid};
use crate::report::json::{
    AnyAnswer, DerivationObject, ExplainAnswer, ExplainedObject, ExplainedRequirement, ReasonObject,
    ReasonsObject,
};

/// An answer with its reasons.
#[derive(Clone, Debug)]
pub struct Explained<'a> {
    /// The answer.
    pub derived: Derived<'a>,
    /// The reasons in each scale variable, the others fixed.
    pub alone: Vec<ExplainedAlone<'a>>,
    /// What breaks the table along directions of growth, if something does.
    pub breaks: Vec<Broken<'a>>,
}

/// What breaks a table along a direction of growth, with the exponents along it and the value of every unknown there.
pub type Broken<'a> = (&'a Break, Posed, Vec<Exponent>);

/// The reasons in one scale variable.
#[derive(Clone, Debug)]
pub struct ExplainedAlone<'a> {
    /// The answer in it.
    pub alone: &'a Alone,
    /// What was asked about: derivations of a node, of a parameter, or of one's response to the other.
    pub chain: Option<Chain>,
    /// The value of every unknown at the hyperparameters that the derivations are evaluated at.
    pub point: Option<Vec<Exponent>>,
    /// Where those hyperparameters come from, in words.
    pub evaluated: String,
    /// Every conflict, if they were asked for and the scaling is impossible.
    pub contradictions: Option<Contradictions>,
}

/// A requirement with what its left side comes from, and its value at a point.
fn told(posed: &Posed, requirement: &Requirement, point: Option<&[Exponent]>) -> String {
    format!(
        "{} on `{}` requires `{}`: {}{}",
        requirement.label,
        requirement.on.name(&posed.propagation.graph),
        requirement.requires,
        words::left_in_words(&posed.propagation, requirement),
        value(requirement, point)
            .map(|value| format!(", which is {}", exact::told(&value)))
            .unwrap_or_default()
    )
}

/// The left side at a point.
fn value(requirement: &Requirement, point: Option<&[Exponent]>) -> Option<Exponent> {
    let point = point?;
    let values =
        requirement.terms.iter().map(|(form, _)| form.evaluate(|unknown| point.get(unknown.0 as usize)));
    values.collect::<Option<Vec<_>>>()?.into_iter().max()
}

impl ExplainedAlone<'_> {
    fn posed(&self) -> &Posed {
        &self.alone.posed
    }

    fn conflict(&self) -> Option<Conflict<'_>> {
        Some(conflict_of(self.alone, self.alone.impossible()?))
    }

    /// The proof of a conflict, as lines.
    fn proof(&self) -> Vec<String> {
        let Some(conflict) = self.conflict() else { return Vec::new() };
        let Claim::Infeasible(refutation) = conflict.certified.claim() else { return Vec::new() };
        let program = conflict.program();
        let proof = WrittenProof {
            program: &program,
            demands: &self.posed().demands,
            propagation: &self.posed().propagation,
            variable: self.alone.variable(),
        };
        written(&proof.lines(refutation))
    }

    /// Why the requirements are met, or cannot be.
    fn blocks(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        match &self.alone.outcome {
            Outcome::Feasible { .. } => {
                let requirements = &self.posed().demands.requirements;
                let item = |requirement| told(self.posed(), requirement, self.point.as_deref());
                blocks.push(Block::Heading("Why".into()));
                blocks.push(Block::List(requirements.iter().map(item).collect()));
                let all: Vec<&Requirement> = requirements.iter().collect();
                blocks.extend(maxima(&self.posed().propagation, &all));
            }
            Outcome::Infeasible(_) => {
                blocks.extend(self.conflict().map(|conflict| conflict.explained()).unwrap_or_default());
                blocks.push(Block::Heading("Proof".into()));
                blocks.push(Block::Verbatim(self.proof()));
                if let Some(contradictions) = &self.contradictions {
                    blocks.push(Block::Heading("All conflicts".into()));
                    blocks.extend(contradictions.blocks(self.posed()));
                }
                blocks.push(Block::Heading("Ways out".into()));
                if let Some(conflict) = self.conflict() {
                    blocks.extend(conflict.ways_out.blocks());
                    blocks.extend(conflict.ways_out.tables());
                }
            }
        }
        blocks
    }

    fn data(&self) -> Grid {
        let variable = self.alone.variable();
        if let Some(chain) = &self.chain {
            return chain.data(variable);
        }
        let keys = ["label", "on", "requires", "because"].map(|key| (key, key));
        let mut grid = Grid::new(variable, &keys);
        let propagation = &self.posed().propagation;
        for requirement in &self.posed().demands.requirements {
            grid.rows.push(vec![
                Cell::words(&requirement.label),
                Cell::name(requirement.on.name(&propagation.graph)),
                Cell::words(&requirement.requires),
                Cell::words(words::because(propagation, requirement)),
            ]);
        }
        grid
    }

    /// The same for machines.
    fn json(&self) -> ReasonsObject {
        let explained = |requirement: &Requirement| ExplainedRequirement {
            reason: ReasonObject {
                requirement: requirement_object(self.posed(), requirement),
                because: words::because(&self.posed().propagation, requirement),
            },
            value: value(requirement, self.point.as_deref()),
        };
        let derivation =
            |chain: &Chain| DerivationObject { evaluated: self.evaluated.clone(), lines: chain.json() };
        ReasonsObject {
            requirements: self.posed().demands.requirements.iter().map(explained).collect(),
            proof: self.proof(),
            contradictions: self.contradictions.as_ref().map(|all| all.json(self.posed())),
            derivation: self.chain.as_ref().map(derivation),
        }
    }
}

impl Explained<'_> {
    /// What fails along each direction of growth, and what it comes from there.
    fn broken(&self) -> Vec<Block> {
        let Some(open) = self.derived.answer.posed() else { return Vec::new() };
        let mut blocks = Vec::new();
        for (broken, along, point) in &self.breaks {
            let stated = &open.demands.requirements[broken.requirement.0];
            let variables = &self.derived.question().scaling.variables;
            let heading = format!("Along {}", write_direction(variables, &broken.direction));
            let same = |other: &&Requirement| (&other.label, other.on) == (&stated.label, stated.on);
            let Some(requirement) = along.demands.requirements.iter().find(same) else { continue };
            blocks.push(Block::Heading(heading));
            blocks.push(Block::List(vec![told(along, requirement, Some(point))]));
            blocks.extend(maxima(&along.propagation, &[requirement]));
        }
        blocks
    }
}

impl Report for Explained<'_> {
    fn document(&self) -> Document {
        let mut document = Document::default();
        document.push(Block::Heading(self.derived.title()));
        let is_several = self.alone.len() > 1;
        let has_chain = self.alone.iter().any(|alone| alone.chain.is_some());
        let is_told = !has_chain && (is_several || self.derived.answer.is_feasible());
        if is_told {
            document.0.extend(self.derived.blocks());
            document.0.extend(self.broken());
        }
        for alone in &self.alone {
            if is_several {
                let scaling = &alone.posed().question.scaling;
                let scale = scaling.write(&alone.posed().question.graph);
                document.push(Block::Heading(format!("`{scale}`, the rest fixed")));
            }
            match &alone.chain {
                Some(chain) => {
                    document.say(&alone.evaluated);
                    document.push(Block::Verbatim(chain.text()));
                }
                None => document.0.extend(alone.blocks()),
            }
        }
        if let Some(nearest) = self.derived.answer.nearest.as_deref().filter(|_| !has_chain) {
            document.push(Block::Heading("The nearest rule".into()));
            document.0.extend(nearest::told(nearest));
        }
        if !has_chain && !is_told {
            document.0.extend(self.derived.noted());
        }
        document
    }

    fn data(&self) -> Grid {
        let mut grids = self.alone.iter().map(|alone| (alone.alone.variable(), alone.data()));
        let Some((first, mut grid)) = grids.next() else { return Grid::new("n", &[]) };
        if self.alone.len() > 1 {
            grid.columns.insert(0, Column { key: "alone".into(), title: "alone".into() });
            grid.rows.iter_mut().for_each(|row| row.insert(0, Cell::name(first)));
            for (variable, more) in grids {
                grid.rows.extend(more.rows.into_iter().map(|mut row| {
                    row.insert(0, Cell::name(variable));
                    row
                }));
            }
        }
        grid
    }

    fn json(&self) -> AnyAnswer {
        let explained = match self.alone.as_slice() {
            [only] => ExplainedObject::Alone(only.json()),
            several => {
                let each = several.iter().map(|alone| (alone.alone.variable().to_owned(), alone.json()));
                ExplainedObject::Each { explained: each.collect() }
            }
        };
        AnyAnswer::Explain(ExplainAnswer { derived: self.derived.object(), explained })
    }

    fn names_its_words(&self) -> bool {
        true
    }
}

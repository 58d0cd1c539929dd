//! The answer of `explain`: why a scaling is possible or not, and where exponents come from.

use crate::derive::Verdict;
use crate::exact::{Claim, Exponent};
use crate::propagate::Requirement;
use crate::report::Report;
use crate::report::answer::derivation::Derived;
use crate::report::explain::chain::Chain;
use crate::report::explain::conflict::requirement_object;
use crate::report::explain::contradictions::Contradictions;
use crate::report::explain::proof::Proof;
use crate::report::explain::words;
use crate::report::format::document::{Block, Cell, Document, Grid};
use crate::report::json::{AnyAnswer, DerivationObject, ExplainAnswer, ExplainedRequirement, ReasonObject};

/// An answer with its reasons.
#[derive(Clone, Debug)]
pub struct Explained<'a> {
    /// The answer.
    pub derived: Derived<'a>,
    /// What was asked about: derivations of a node, of a parameter, or of one's response to the other.
    pub chain: Option<Chain>,
    /// The value of every unknown at the hyperparameters that the derivations are evaluated at.
    pub point: Option<Vec<Exponent>>,
    /// Where those hyperparameters come from, in words.
    pub evaluated: String,
    /// Every conflict, if they were asked for and the scaling is impossible.
    pub contradictions: Option<Contradictions>,
}

impl Explained<'_> {
    /// Every requirement with what its left side comes from, and its value.
    fn requirements(&self) -> Vec<String> {
        let propagation = &self.derived.answer.propagation;
        let graph = &propagation.graph;
        let told = |requirement: &Requirement| {
            format!(
                "{} on `{}` requires `{}`: {}{}",
                requirement.label,
                requirement.on.name(graph),
                requirement.requires,
                words::left_in_words(propagation, requirement),
                self.value(requirement).map(|value| format!(", which is {value}")).unwrap_or_default()
            )
        };
        self.derived.answer.demands.requirements.iter().map(told).collect()
    }

    /// The left side at the point.
    fn value(&self, requirement: &Requirement) -> Option<Exponent> {
        let point = self.point.as_ref()?;
        let values =
            requirement.terms.iter().map(|(form, _)| form.evaluate(|unknown| point.get(unknown.0 as usize)));
        values.collect::<Option<Vec<_>>>()?.into_iter().max()
    }

    /// The proof of a conflict, as lines.
    fn proof(&self) -> Vec<String> {
        let Some(conflict) = self.derived.conflict() else { return Vec::new() };
        let Claim::Infeasible(refutation) = conflict.certified.claim() else { return Vec::new() };
        let program = conflict.program();
        let answer = self.derived.answer;
        let proof = Proof {
            program: &program,
            demands: &answer.demands,
            propagation: &answer.propagation,
            variable: self.derived.variable(),
        };
        proof.lines(refutation)
    }

    /// Each change that makes the scaling possible, with the table it gives.
    fn relaxed(&self) -> Vec<Block> {
        let Some(conflict) = self.derived.conflict() else { return Vec::new() };
        let mut blocks = conflict.ways_out.blocks();
        blocks.extend(conflict.ways_out.tables());
        blocks
    }
}

impl Report for Explained<'_> {
    fn document(&self) -> Document {
        let mut document = Document::default();
        document.push(Block::Heading(self.derived.title()));
        if let Some(chain) = &self.chain {
            document.say(&self.evaluated);
            document.push(Block::Verbatim(chain.text()));
            return document;
        }
        match &self.derived.answer.verdict {
            Verdict::Feasible { .. } => {
                document.0.extend(self.derived.blocks());
                document.push(Block::Heading("Why".into()));
                document.push(Block::List(self.requirements()));
                document.0.extend(words::maxima_in_words(
                    &self.derived.answer.propagation,
                    &self.derived.answer.demands.requirements.iter().collect::<Vec<_>>(),
                ));
            }
            Verdict::Infeasible { .. } => {
                if let Some(conflict) = self.derived.conflict() {
                    document.0.extend(conflict.explained());
                }
                document.push(Block::Heading("Proof".into()));
                document.push(Block::Verbatim(self.proof()));
                if let Some(contradictions) = &self.contradictions {
                    document.push(Block::Heading("All conflicts".into()));
                    document.0.extend(contradictions.blocks(self.derived.answer));
                }
                document.push(Block::Heading("Ways out".into()));
                document.0.extend(self.relaxed());
            }
        }
        document
    }

    fn data(&self) -> Grid {
        if let Some(chain) = &self.chain {
            return chain.data(self.derived.variable());
        }
        let keys = ["label", "on", "requires", "because"].map(|key| (key, key));
        let mut grid = Grid::new(self.derived.variable(), &keys);
        let propagation = &self.derived.answer.propagation;
        for requirement in &self.derived.answer.demands.requirements {
            grid.rows.push(vec![
                Cell::words(&requirement.label),
                Cell::name(requirement.on.name(&propagation.graph)),
                Cell::words(&requirement.requires),
                Cell::words(words::because(propagation, requirement)),
            ]);
        }
        grid
    }

    fn json(&self) -> AnyAnswer {
        let answer = self.derived.answer;
        let explained = |requirement: &Requirement| ExplainedRequirement {
            reason: ReasonObject {
                requirement: requirement_object(answer, requirement),
                because: words::because(&answer.propagation, requirement),
            },
            value: self.value(requirement),
        };
        let derivation =
            |chain: &Chain| DerivationObject { evaluated: self.evaluated.clone(), lines: chain.json() };
        AnyAnswer::Explain(ExplainAnswer {
            derived: self.derived.object(),
            requirements: answer.demands.requirements.iter().map(explained).collect(),
            proof: self.proof(),
            contradictions: self.contradictions.as_ref().map(|all| all.json(answer)),
            derivation: self.chain.as_ref().map(derivation),
        })
    }
}

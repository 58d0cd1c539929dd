//! The answer of `predict`: every exponent at given hyperparameters, in one scale variable or in several.

use std::collections::BTreeMap;

use crate::exact::{Exponent, PowerSum};
use crate::graph::{Graph, NodeId, ParameterId, Scaling};
use crate::propagate::Prediction;
use crate::report::Report;
use crate::report::format::document::{Block, Cell, Document, Grid};
use crate::report::json::{
    AnyAnswer, AskedObject, Growth, Named, NodeObject, PredictAnswer, PredictedParameter, SaturatedObject,
};

/// A prediction with what it is of.
#[derive(Clone, Copy, Debug)]
pub struct Predicted<'a> {
    /// The network.
    pub graph: &'a Graph,
    /// How it grows.
    pub scaling: &'a Scaling,
    /// What was asked.
    pub asked: &'a AskedObject,
    /// What trains it, and where its hyperparameters come from, in words.
    pub setting: &'a str,
    /// The exponents.
    pub prediction: &'a Prediction<PowerSum>,
}

/// A prediction in one scale variable, each exponent as a sum of a single power.
#[must_use]
pub fn as_sums(prediction: &Prediction) -> Prediction<PowerSum> {
    let sum = |exponent: &Exponent| PowerSum::single(vec![exponent.clone()]);
    let sums = |exponents: &[Option<Exponent>]| exponents.iter().map(|held| held.as_ref().map(sum)).collect();
    Prediction {
        forward: sums(&prediction.forward),
        backward: sums(&prediction.backward),
        update_by: prediction.update_by.iter().map(|(place, held)| (*place, sum(held))).collect(),
        update: sums(&prediction.update),
        gradient: sums(&prediction.gradient),
        contribution: sums(&prediction.contribution),
        angle: sums(&prediction.angle),
        summands: BTreeMap::new(),
        divisors: Vec::new(),
        saturated: prediction.saturated.clone(),
        notes: prediction.notes.clone(),
    }
}

impl Predicted<'_> {
    fn variable(&self) -> &str {
        self.scaling.variables.first().map_or("n", String::as_str)
    }

    /// The quantities of nodes with their names for machines.
    fn of_nodes(&self) -> [(&'static str, &[Option<PowerSum>]); 4] {
        let Prediction { forward, backward, update, angle, .. } = self.prediction;
        [("forward", forward), ("backward", backward), ("update", update), ("angle", angle)]
    }

    fn cell(&self, sum: Option<&PowerSum>) -> Cell {
        Cell::powers(sum, &self.scaling.variables, &self.prediction.divisors)
    }

    fn growth(&self, sum: &PowerSum) -> Growth {
        Growth::of(sum, &self.scaling.variables, &self.prediction.divisors)
    }

    fn nodes(&self) -> Grid {
        let columns = [("node", "node")].into_iter().chain(self.of_nodes().map(|(name, _)| (name, name)));
        let mut grid = Grid::new(self.variable(), &columns.collect::<Vec<_>>());
        for id in self.graph.nodes() {
            let cells = self.of_nodes().map(|(_, exponents)| self.cell(exponents[id.index()].as_ref()));
            grid.rows.push([Cell::name(self.name(id))].into_iter().chain(cells).collect());
        }
        grid
    }

    /// A row for each node that moves, a column for each parameter.
    fn updates(&self) -> Grid {
        let names = self.graph.parameters.iter().map(|parameter| parameter.name.as_str());
        let columns: Vec<(&str, &str)> =
            [("node", "update by")].into_iter().chain(names.map(|name| (name, name))).collect();
        let mut grid = Grid::new(self.variable(), &columns);
        for id in self.graph.nodes() {
            let by = |w| self.prediction.update_by.get(&(w, id));
            if self.graph.parameter_ids().any(|w| by(w).is_some()) {
                let cells = self.graph.parameter_ids().map(|w| self.cell(by(w)));
                grid.rows.push([Cell::name(self.name(id))].into_iter().chain(cells).collect());
            }
        }
        grid
    }

    fn parameters(&self) -> Grid {
        let columns = ["parameter", "gradient", "contribution"].map(|key| (key, key));
        let mut grid = Grid::new(self.variable(), &columns);
        for id in self.graph.parameter_ids() {
            grid.rows.push(vec![
                Cell::name(&self.graph.parameter(id).name),
                self.cell(self.prediction.gradient[id.0].as_ref()),
                self.cell(self.prediction.contribution[id.0].as_ref()),
            ]);
        }
        grid
    }

    fn name(&self, id: NodeId) -> &str {
        &self.graph.node(id).name
    }
}

/// The nodes at which exponents end, for machines.
pub(crate) fn saturated<E>(prediction: &Prediction<E>, graph: &Graph) -> Vec<SaturatedObject> {
    let object = |(node, because): &(NodeId, String)| SaturatedObject {
        node: graph.node(*node).name.clone(),
        because: because.clone(),
    };
    prediction.saturated.iter().map(object).collect()
}

impl Report for Predicted<'_> {
    fn document(&self) -> Document {
        let mut document = Document::default();
        let scale = self.scaling.write(self.graph);
        document.push(Block::Heading(format!("{}: `{scale}` with {}", self.graph.title, self.setting)));
        for (node, reason) in &self.prediction.saturated {
            document.say(format!("exponents end at `{}`, {reason}", self.name(*node)));
        }
        document.push(Block::Grid(self.nodes()));
        let updates = self.updates();
        if !updates.rows.is_empty() {
            document.push(Block::Grid(updates));
            document.push(Block::Grid(self.parameters()));
        }
        for note in &self.prediction.notes {
            document.say(format!("note: {note}"));
        }
        document
    }

    /// One exponent in a row.
    fn data(&self) -> Grid {
        let keys = ["quantity", "node", "parameter", "exponent"].map(|key| (key, key));
        let mut grid = Grid::new(self.variable(), &keys);
        for (quantity, exponents) in self.of_nodes() {
            for id in self.graph.nodes() {
                let exponent = self.cell(exponents[id.index()].as_ref());
                let node = Cell::name(self.name(id));
                grid.rows.push(vec![Cell::words(quantity), node, Cell::Empty, exponent]);
            }
        }
        for ((w, node), exponent) in &self.prediction.update_by {
            let parameter = Cell::name(&self.graph.parameter(*w).name);
            let node = Cell::name(self.name(*node));
            grid.rows.push(vec![Cell::words("update"), node, parameter, self.cell(Some(exponent))]);
        }
        let Prediction { gradient, contribution, .. } = self.prediction;
        for (quantity, exponents) in [("gradient", gradient), ("contribution", contribution)] {
            for id in self.graph.parameter_ids() {
                let parameter = Cell::name(&self.graph.parameter(id).name);
                let exponent = self.cell(exponents[id.0].as_ref());
                grid.rows.push(vec![Cell::words(quantity), Cell::Empty, parameter, exponent]);
            }
        }
        grid
    }

    fn json(&self) -> AnyAnswer {
        let Prediction { forward, backward, update, angle, gradient, contribution, .. } = self.prediction;
        let mut scale: Named<Named<Exponent>> = Named::new();
        for (dimension, variable, power) in &self.scaling.powers {
            let growth = [(self.scaling.variables[*variable].clone(), power.clone())];
            scale.insert(self.graph.dimension(*dimension).name.clone(), growth.into_iter().collect());
        }
        let growth = |sum: &Option<PowerSum>| sum.as_ref().map(|sum| self.growth(sum));
        let node = |id: NodeId| {
            let updates = self.graph.parameter_ids().filter_map(|w| {
                let by = self.prediction.update_by.get(&(w, id))?;
                Some((self.graph.parameter(w).name.clone(), self.growth(by)))
            });
            let object = NodeObject {
                forward: growth(&forward[id.index()]),
                backward: growth(&backward[id.index()]),
                update: growth(&update[id.index()]),
                updates: updates.collect(),
                angle: growth(&angle[id.index()]),
            };
            (self.name(id).to_owned(), object)
        };
        let parameter = |w: ParameterId| {
            let object = PredictedParameter {
                gradient: growth(&gradient[w.0]),
                contribution: growth(&contribution[w.0]),
            };
            (self.graph.parameter(w).name.clone(), object)
        };
        AnyAnswer::Predict(PredictAnswer {
            asked: self.asked.clone(),
            scale,
            nodes: self.graph.nodes().map(node).collect(),
            parameters: self.graph.parameter_ids().map(parameter).collect(),
            saturated: saturated(self.prediction, self.graph),
            notes: self.prediction.notes.clone(),
        })
    }
}

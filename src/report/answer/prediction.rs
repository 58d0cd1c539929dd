//! The answer of `predict`: every exponent at given hyperparameters, in one scale variable or in several.

use crate::derive::stabilisers::StatedStabiliser;
use crate::exact::{Exponent, PowerSum, Powers};
use crate::graph::{Graph, NodeId, ParameterId, Quantity, QuantityKind, Scaling, Site, Stabiliser};
use crate::propagate::Prediction;
use crate::report::Report;
use crate::report::answer::at_sizes::{AtSizes, COLUMNS};
use crate::report::format::document::{Block, Cell, Document, Grid};
use crate::report::json::{
    AnyAnswer, AskedObject, GrowthObject, Named, NodeObject, PredictAnswer, PredictedParameter,
    SaturatedObject,
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
    /// What moves each parameter, where a mix leaves them to several.
    pub movers: &'a [Option<String>],
    /// The exponents.
    pub prediction: &'a Prediction,
    /// What is stated of weight decay and epsilon, beside what is predicted.
    pub stabilisers: &'a [StatedStabiliser],
    /// How fast quantities grow over sizes that people use, if that is asked for.
    pub at_sizes: Option<&'a AtSizes>,
}

/// A kind of quantity, and that of a node or parameter.
type Told<Id> = (QuantityKind, fn(Id) -> Quantity);

/// The quantities of a node, in the order in which they are told.
const OF_NODES: [Told<NodeId>; 4] = [
    (QuantityKind::Forward, Quantity::forward),
    (QuantityKind::Backward, Quantity::backward),
    (QuantityKind::Update, Quantity::update),
    (QuantityKind::Angle, Quantity::angle),
];

/// Those of a parameter.
const OF_PARAMETERS: [Told<ParameterId>; 2] =
    [(QuantityKind::Gradient, Quantity::gradient), (QuantityKind::Contribution, Quantity::contribution)];

impl Predicted<'_> {
    fn variable(&self) -> &str {
        self.scaling.variables.first().map_or("n", String::as_str)
    }

    fn cell(&self, quantity: Quantity) -> Cell {
        let Self { scaling, prediction, .. } = self;
        Cell::powers(prediction.sum(quantity), &scaling.variables, &prediction.divisors)
    }

    fn growth(&self, quantity: Quantity) -> Option<GrowthObject> {
        let Self { scaling, prediction, .. } = self;
        let sum = prediction.sum(quantity)?;
        Some(GrowthObject::of(sum, &scaling.variables, &prediction.divisors))
    }

    /// A grid whose first column is called so, with columns for these.
    fn grid<'n>(&self, first: (&'n str, &'n str), others: impl Iterator<Item = &'n str>) -> Grid {
        let columns: Vec<(&str, &str)> = [first].into_iter().chain(others.map(|name| (name, name))).collect();
        Grid::new(self.variable(), &columns)
    }

    fn nodes(&self) -> Grid {
        let mut grid = self.grid(("node", "node"), OF_NODES.iter().map(|(kind, _)| kind.name()));
        for id in self.graph.nodes() {
            let cells = OF_NODES.map(|(_, of)| self.cell(of(id)));
            grid.rows.push([Cell::name(self.name(id))].into_iter().chain(cells).collect());
        }
        grid
    }

    /// A row for each node that moves, a column for each parameter.
    fn updates(&self) -> Grid {
        let names = self.graph.parameters.iter().map(|parameter| parameter.name.as_str());
        let mut grid = self.grid(("node", "update by"), names);
        for id in self.graph.nodes() {
            let by = |w| Quantity::update_by(w, id);
            if self.graph.parameter_ids().any(|w| self.prediction.sum(by(w)).is_some()) {
                let cells = self.graph.parameter_ids().map(|w| self.cell(by(w)));
                grid.rows.push([Cell::name(self.name(id))].into_iter().chain(cells).collect());
            }
        }
        grid
    }

    fn parameters(&self) -> Grid {
        let is_mixed = self.movers.iter().any(Option::is_some);
        let names = is_mixed.then_some("optimizer").into_iter();
        let names = names.chain(OF_PARAMETERS.iter().map(|(kind, _)| kind.name()));
        let stated = Stabiliser::ALL.into_iter().filter(|of| self.states(*of));
        let stated: Vec<Stabiliser> = stated.collect();
        let names = names.chain(stated.iter().map(|stabiliser| stabiliser.words()));
        let mut grid = self.grid(("parameter", "parameter"), names);
        for id in self.graph.parameter_ids() {
            let cells = OF_PARAMETERS.map(|(_, of)| self.cell(of(id)));
            let stated = stated.iter().map(|stabiliser| self.told(self.stated(*stabiliser, id)));
            let name = Cell::name(&self.graph.parameter(id).name);
            let mover = is_mixed.then(|| self.movers[id.0].as_ref().map_or(Cell::Empty, Cell::words));
            grid.rows.push([name].into_iter().chain(mover).chain(cells).chain(stated).collect());
        }
        grid
    }

    fn states(&self, stabiliser: Stabiliser) -> bool {
        self.stabilisers.iter().any(|stated| stated.stabiliser == stabiliser)
    }

    /// What is stated of a parameter's weight decay or epsilon.
    fn stated(&self, stabiliser: Stabiliser, parameter: ParameterId) -> Option<&Powers> {
        let mut stated = self.stabilisers.iter();
        let stated = stated.find(|held| (held.stabiliser, held.parameter) == (stabiliser, parameter));
        stated.map(|held| &held.exponents)
    }

    fn told(&self, powers: Option<&Powers>) -> Cell {
        Cell::powers(powers.map(PowerSum::from).as_ref(), &self.scaling.variables, &[])
    }

    /// Every quantity of nodes, then the updates by each parameter, then the quantities of parameters: those of nodes and
    /// parameters whether they are predicted or not.
    fn quantities(&self) -> Vec<Quantity> {
        let of_nodes = OF_NODES.iter().flat_map(|(_, of)| self.graph.nodes().map(of));
        let by_each =
            self.prediction.quantities().filter(|quantity| matches!(quantity.site(), Site::Use(..)));
        let of_parameters = OF_PARAMETERS.iter().flat_map(|(_, of)| self.graph.parameter_ids().map(of));
        of_nodes.chain(by_each).chain(of_parameters).collect()
    }

    fn name(&self, id: NodeId) -> &str {
        &self.graph.node(id).name
    }
}

/// The nodes at which exponents end, for machines.
pub(crate) fn saturated(prediction: &Prediction, graph: &Graph) -> Vec<SaturatedObject> {
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
        if let Some(at_sizes) = self.at_sizes {
            at_sizes.tell(&mut document, self.graph, self.variable());
        }
        for note in &self.prediction.notes {
            document.say(format!("note: {note}"));
        }
        document
    }

    /// One exponent in a row.
    fn data(&self) -> Grid {
        let keys = ["quantity", "node", "parameter", "exponent"].map(|key| (key, key));
        let columns: Vec<(&str, &str)> =
            keys.into_iter().chain(self.at_sizes.map(|_| COLUMNS).into_iter().flatten()).collect();
        let mut grid = Grid::new(self.variable(), &columns);
        let by_quantity = self.at_sizes.map(AtSizes::by_quantity);
        for quantity in self.quantities() {
            let (kind, node, parameter) = quantity.named(self.graph);
            let name = |name: Option<&str>| name.map_or(Cell::Empty, Cell::name);
            let exponent = [Cell::words(kind), name(node), name(parameter), self.cell(quantity)];
            let powers = by_quantity.as_ref().map(|powers| AtSizes::cells(powers.get(&quantity)));
            grid.rows.push(exponent.into_iter().chain(powers.into_iter().flatten()).collect());
        }
        for stated in self.stabilisers {
            let parameter = Cell::name(&self.graph.parameter(stated.parameter).name);
            let exponent = self.told(Some(&stated.exponents));
            let row = [Cell::words(stated.stabiliser.key()), Cell::Empty, parameter, exponent];
            let powers = self.at_sizes.map(|_| COLUMNS.map(|_| Cell::Empty));
            grid.rows.push(row.into_iter().chain(powers.into_iter().flatten()).collect());
        }
        grid
    }

    fn json(&self) -> AnyAnswer {
        let mut scale: Named<Named<Exponent>> = Named::new();
        for (dimension, variable, power) in &self.scaling.powers {
            let growth = [(self.scaling.variables[*variable].clone(), power.clone())];
            scale.insert(self.graph.dimension(*dimension).name.clone(), growth.into_iter().collect());
        }
        let node = |id: NodeId| {
            let updates = self.graph.parameter_ids().filter_map(|w| {
                let by = self.growth(Quantity::update_by(w, id))?;
                Some((self.graph.parameter(w).name.clone(), by))
            });
            let object = NodeObject {
                forward: self.growth(Quantity::forward(id)),
                backward: self.growth(Quantity::backward(id)),
                update: self.growth(Quantity::update(id)),
                updates: updates.collect(),
                angle: self.growth(Quantity::angle(id)),
            };
            (self.name(id).to_owned(), object)
        };
        let stated = |stabiliser, w| {
            let powers = self.stated(stabiliser, w)?;
            Some(GrowthObject::of(&PowerSum::from(powers), &self.scaling.variables, &[]))
        };
        let parameter = |w: ParameterId| {
            let object = PredictedParameter {
                optimizer: self.movers[w.0].clone(),
                gradient: self.growth(Quantity::gradient(w)),
                contribution: self.growth(Quantity::contribution(w)),
                weight_decay: stated(Stabiliser::WeightDecay, w),
                epsilon: stated(Stabiliser::Epsilon, w),
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
            at_sizes: self.at_sizes.map(|at_sizes| at_sizes.json(self.graph)),
        })
    }

    fn names_its_words(&self) -> bool {
        true
    }
}

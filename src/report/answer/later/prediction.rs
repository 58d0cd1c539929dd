//! The answer of `predict --at later` and `predict --steps`: the exponents of every step, and which of them stay.

use crate::graph::{Graph, NodeId, ParameterId, Quantity, QuantityKind, Scaling};
use crate::propagate::{Trajectory, TrajectoryEnd};
use crate::report::Report;
use crate::report::format::document::{Block, Cell, Document, Grid, counted};
use crate::report::json::{
    AnyAnswer, AskedObject, GrowthObject, LaterNodeObject, LaterParameterObject, PredictLaterAnswer,
    SaturatedObject, StateObject,
};

/// The exponents of a training with what they are of.
#[derive(Clone, Copy, Debug)]
pub struct PredictedLater<'a> {
    /// The network.
    pub graph: &'a Graph,
    /// How it grows, in one scale variable.
    pub scaling: &'a Scaling,
    /// What was asked.
    pub asked: &'a AskedObject,
    /// What trains it, and where its hyperparameters come from, in words.
    pub setting: &'a str,
    /// The exponents.
    pub trajectory: &'a Trajectory,
    /// Whether every step is told, and not only the one that stays.
    pub each: bool,
}

const OF_NODES: [fn(NodeId) -> Quantity; 3] = [Quantity::forward, Quantity::change, Quantity::backward];

impl PredictedLater<'_> {
    /// The number of steps whose exponents stand for all later ones: those that stay, or the last that are known.
    fn last(&self) -> usize {
        self.trajectory.settled().unwrap_or(self.trajectory.steps)
    }

    fn told(&self) -> Vec<usize> {
        if self.each { (0..=self.trajectory.steps).collect() } else { vec![self.last()] }
    }

    /// What the exponents of all further steps are.
    fn outlook(&self) -> String {
        let Trajectory { steps, .. } = self.trajectory;
        match (&self.trajectory.ends, self.trajectory.settled()) {
            (Some(TrajectoryEnd { node, says, .. }), _) => {
                let at = counted(*steps as u64 + 1, "step");
                format!("exponents end after {at}: `{}`, {says}", self.graph.node(*node).name)
            }
            (None, Some(0)) => "a step changes no exponent: these are those of every later step".into(),
            (None, Some(settled)) => {
                format!("settled after {}: one step more changes nothing", counted(settled as u64, "step"))
            }
            (None, None) => {
                format!("not settled after {}: some exponents still change", counted(*steps as u64, "step"))
            }
        }
    }

    /// The nodes that are, or have changed by, more than order 1 at some step.
    fn exploding(&self) -> Vec<NodeId> {
        let grows = |quantity: Quantity| {
            let after = |step| self.trajectory.of(quantity.after(step));
            (0..=self.trajectory.steps).any(|step| after(step).is_some_and(|exponent| exponent.is_positive()))
        };
        let nodes = self.graph.nodes();
        nodes.filter(|node| grows(Quantity::forward(*node)) || grows(Quantity::change(*node))).collect()
    }

    fn power(&self, quantity: Quantity, step: usize) -> Cell {
        Cell::power(self.trajectory.of(quantity.after(step)))
    }

    /// Every quantity that is told, node by node and then parameter by parameter.
    fn quantities(&self) -> Vec<Quantity> {
        let nodes = self.graph.nodes().flat_map(|node| OF_NODES.map(|of| of(node)));
        let parameters = self.graph.parameter_ids().filter(|w| self.graph.parameter(*w).is_trained());
        let parameters = parameters.flat_map(|w| {
            let update = self.graph.uses(w).into_iter().map(move |node| Quantity::update_by(w, node));
            [Quantity::gradient(w)].into_iter().chain(update).chain([Quantity::contribution(w)])
        });
        nodes.chain(parameters).collect()
    }

    fn grid(&self, of: impl Fn(Quantity) -> bool, name: &'static str) -> Grid {
        let steps: Vec<String> = self.told().iter().map(|step| format!("step {step}")).collect();
        let columns = [name, "quantity"].into_iter().chain(steps.iter().map(String::as_str));
        let columns: Vec<(&str, &str)> = columns.map(|name| (name, name)).collect();
        let variable = self.scaling.variables.first().map_or("n", String::as_str);
        let mut grid = Grid::new(variable, &columns);
        for quantity in self.quantities().into_iter().filter(|quantity| of(*quantity)) {
            let (kind, node, parameter) = quantity.named(self.graph);
            let words = match (node, parameter) {
                (Some(node), Some(_)) => format!("{kind} of {node}"),
                _ => kind.into(),
            };
            let first = [Cell::name(parameter.or(node).unwrap_or_default()), Cell::words(words)];
            let powers = self.told().into_iter().map(|step| self.power(quantity, step));
            grid.rows.push(first.into_iter().chain(powers).collect());
        }
        grid
    }

    fn growth(&self, quantity: Quantity, step: usize) -> Option<GrowthObject> {
        self.trajectory.of(quantity.after(step)).cloned().map(GrowthObject::Alone)
    }

    fn state(&self, step: usize) -> StateObject {
        let node = |node: NodeId| {
            let [forward, change, backward] = OF_NODES.map(|of| self.growth(of(node), step));
            (self.graph.node(node).name.clone(), LaterNodeObject { forward, change, backward })
        };
        let parameter = |w: ParameterId| {
            let updates = self.graph.uses(w).into_iter();
            let updates =
                updates.filter_map(|node| self.trajectory.of(Quantity::update_by(w, node).after(step)));
            let object = LaterParameterObject {
                gradient: self.growth(Quantity::gradient(w), step),
                update: updates.max().cloned().map(GrowthObject::Alone),
                contribution: self.growth(Quantity::contribution(w), step),
            };
            (self.graph.parameter(w).name.clone(), object)
        };
        StateObject {
            step,
            nodes: self.graph.nodes().map(node).collect(),
            parameters: self.graph.parameter_ids().map(parameter).collect(),
        }
    }
}

fn is_of_node(quantity: Quantity) -> bool {
    match quantity.kind() {
        QuantityKind::Forward | QuantityKind::Change | QuantityKind::Backward => true,
        QuantityKind::Gradient | QuantityKind::Update | QuantityKind::Contribution | QuantityKind::Angle => {
            false
        }
    }
}

impl Report for PredictedLater<'_> {
    fn document(&self) -> Document {
        let mut document = Document::default();
        let scale = self.scaling.write(self.graph);
        document.push(Block::Heading(format!("{}: `{scale}` with {}", self.graph.title, self.setting)));
        document.say(self.outlook());
        let exploding = self.exploding();
        if !exploding.is_empty() {
            let names: Vec<String> =
                exploding.iter().map(|node| format!("`{}`", self.graph.node(*node).name)).collect();
            document.say(format!("grow beyond order 1: {}", names.join(", ")));
        }
        document.push(Block::Grid(self.grid(is_of_node, "node")));
        document.push(Block::Grid(self.grid(|quantity| !is_of_node(quantity), "parameter")));
        document.say("Step s: at the weights that s steps have left. Nothing where something is zero");
        document
    }

    fn data(&self) -> Grid {
        let keys = ["quantity", "node", "parameter", "step", "exponent"].map(|key| (key, key));
        let mut grid = Grid::new(self.scaling.variables.first().map_or("n", String::as_str), &keys);
        for quantity in self.quantities() {
            for step in self.told() {
                let (kind, node, parameter) = quantity.named(self.graph);
                let name = |name: Option<&str>| name.map_or(Cell::Empty, Cell::name);
                let first = [Cell::words(kind), name(node), name(parameter), Cell::Number(step.to_string())];
                grid.rows.push(first.into_iter().chain([self.power(quantity, step)]).collect());
            }
        }
        grid
    }

    fn json(&self) -> AnyAnswer {
        let ends = self.trajectory.ends.iter().map(|TrajectoryEnd { node, says, .. }| SaturatedObject {
            node: self.graph.node(*node).name.clone(),
            because: says.clone(),
        });
        let explodes = self.exploding().into_iter().map(|node| self.graph.node(node).name.clone());
        AnyAnswer::PredictLater(PredictLaterAnswer {
            asked: self.asked.clone(),
            settled: self.trajectory.settled(),
            last: self.state(self.last()),
            explodes: explodes.collect(),
            saturated: ends.collect(),
            steps: self.each.then(|| self.told().into_iter().map(|step| self.state(step)).collect()),
        })
    }

    fn names_its_words(&self) -> bool {
        true
    }
}

//! The answer of `equiv`: whether two parameterizations are the same up to gauge, and what is traded.

use crate::derive::gauge::{Difference, Invariant, Resized, Sameness, Trade};
use crate::document::quote_all;
use crate::exact::Exponent;
use crate::graph::{Graph, ParameterId, Stabiliser, StatedStabilisers};
use crate::report::Report;
use crate::report::format::document::{Block, Cell, Document, Grid, power};
use crate::report::json::{AnyAnswer, At, DifferenceObject, EquivAnswer, Named, TradedObject};
use crate::rule::Optimizer;

/// A comparison of two parameterizations.
#[derive(Clone, Copy, Debug)]
pub struct Equivalence<'a> {
    /// The network.
    pub graph: &'a Graph,
    /// What the parameterizations are called.
    pub names: [&'a str; 2],
    /// The optimizer, if they agree in it.
    pub optimizer: &'a Optimizer,
    /// The scaling, as it was asked; nothing if each dimension grows alone.
    pub scale: Option<&'a str>,
    /// Of which parameters each states weight decay and epsilon.
    pub stated: Option<&'a [StatedStabilisers; 2]>,
    /// What came out.
    pub outcome: &'a Sameness,
}

impl Equivalence<'_> {
    fn title(&self) -> String {
        let [first, second] = self.names;
        let scale = self.scale.map_or_else(|| "each dimension alone".into(), |scale| format!("`{scale}`"));
        let optimizer = match self.outcome {
            Sameness::Same { .. } | Sameness::Differ { .. } => {
                format!(", with {}", self.optimizer.about.name)
            }
            Sameness::OtherOptimizer(_) => String::new(),
        };
        format!("{}: `{first}` and `{second}`, {scale}{optimizer}", self.graph.title)
    }

    /// `the init of W_O times the multiplier m`, `the learning rate of W relative to the init of W`.
    fn of(&self, invariant: &Invariant) -> String {
        let parameter = |id: ParameterId| &self.graph.parameter(id).name;
        if let ([(w, _)], [(of, often)], []) = (&*invariant.lr, &*invariant.init, &*invariant.multiplier)
            && w == of
            && often.is_negative()
        {
            return format!(
                "the learning rate of `{}` relative to its {}",
                parameter(*w),
                power("init", &-often)
            );
        }
        if let Some((stabiliser, w)) = invariant.stabiliser {
            let times = invariant.init.iter().chain(&invariant.lr).find(|(_, often)| !often.is_zero());
            let what = if invariant.init.is_empty() { "its learning rate" } else { "its init" };
            let times = times.map(|(_, often)| format!(" times {}", power(what, often))).unwrap_or_default();
            return format!("the {} of `{}`{times}", stabiliser.words(), parameter(w));
        }
        let lr = invariant
            .lr
            .iter()
            .map(|(w, often)| (format!("the learning rate of `{}`", parameter(*w)), often));
        let init =
            invariant.init.iter().map(|(w, often)| (format!("the init of `{}`", parameter(*w)), often));
        let multiplier = invariant
            .multiplier
            .iter()
            .map(|(id, often)| (format!("the multiplier `{}`", self.graph.multiplier(*id).name), often));
        let (mut times, mut per) = (Vec::new(), Vec::new());
        for (name, often) in lr.chain(init).chain(multiplier) {
            let side = if often.is_negative() { &mut per } else { &mut times };
            let often = often.abs();
            side.push(if often == Exponent::ONE { name } else { format!("{name} to the power {often}") });
        }
        let per =
            if per.is_empty() { String::new() } else { format!(" relative to {}", per.join(" times ")) };
        format!("{}{per}", times.join(" times "))
    }

    /// Which nodes have another size, in words; nothing if none has.
    fn resized(&self, resized: &[Resized]) -> Option<String> {
        let told = |held: &Resized| format!("`{}` by {}", self.graph.node(held.node).name, product(&held.by));
        let told: Vec<String> = resized.iter().map(told).collect();
        let [_, second] = self.names;
        (!told.is_empty()).then(|| {
            format!(
                "inside, some nodes are multiplied too, though all is trained alike in `{second}`: {}",
                told.join(", ")
            )
        })
    }

    /// What only one of them states, in words.
    fn notes(&self) -> Vec<String> {
        let (Some([first, second]), Sameness::Same { .. } | Sameness::Differ { .. }) =
            (self.stated, self.outcome)
        else {
            return Vec::new();
        };
        let mut notes = Vec::new();
        for (name, states, other) in [(self.names[0], first, second), (self.names[1], second, first)] {
            for stabiliser in Stabiliser::ALL {
                let alone = states.keys().filter(|of| of.0 == stabiliser && !other.contains_key(of));
                let alone = alone.map(|(_, w)| self.graph.parameter(*w).name.as_str());
                let alone: Vec<&str> = alone.collect();
                if !alone.is_empty() {
                    let (what, whose) = (stabiliser.words(), quote_all(alone));
                    notes.push(format!("the {what} of {whose} is not compared: only `{name}` states it"));
                }
            }
        }
        notes
    }

    fn traded(&self, trade: &Trade) -> (String, TradedObject) {
        let Trade { multiplier, init, lr, weight_decay, epsilon, .. } = trade;
        let named = |exponents: &Vec<(String, Exponent)>| exponents.iter().cloned().collect::<Named<_>>();
        let [multiplier, init, lr] = [multiplier, init, lr].map(named);
        let [weight_decay, epsilon] = [weight_decay, epsilon].map(named);
        let object = TradedObject { multiplier, init, lr, weight_decay, epsilon };
        (self.graph.parameter(trade.parameter).name.clone(), object)
    }

    fn trades(&self, trades: &[Trade]) -> Grid {
        let mut columns = vec![
            ("parameter", "parameter"),
            ("multiplier", "multiplier"),
            ("init", "init"),
            ("lr", "learning rate"),
        ];
        let decays = trades.iter().any(|trade| !trade.weight_decay.is_empty());
        let stabilised = trades.iter().any(|trade| !trade.epsilon.is_empty());
        columns.extend(decays.then_some(("weight_decay", "weight decay")));
        columns.extend(stabilised.then_some(("epsilon", "epsilon")));
        let mut grid = Grid::new("n", &columns);
        for trade in trades {
            let mut written = vec![&trade.multiplier, &trade.init, &trade.lr];
            written.extend(decays.then_some(&trade.weight_decay));
            written.extend(stabilised.then_some(&trade.epsilon));
            let written = written.into_iter().map(|exponents| match exponents.as_slice() {
                [] => Cell::Empty,
                exponents => Cell::words(product(exponents)),
            });
            let name = Cell::name(&self.graph.parameter(trade.parameter).name);
            grid.rows.push([name].into_iter().chain(written).collect());
        }
        grid
    }
}

/// `width^-1/2 heads`
fn product(exponents: &[(String, Exponent)]) -> String {
    let factors = exponents.iter().map(|(variable, exponent)| power(variable, exponent));
    factors.collect::<Vec<_>>().join(" ")
}

/// A power that says what it is a power of, even if it is 1.
fn in_full(variable: &str, exponent: &Exponent) -> String {
    format!("{variable}^{exponent}")
}

impl Report for Equivalence<'_> {
    fn document(&self) -> Document {
        let mut document = Document::default();
        document.push(Block::Heading(self.title()));
        let [first, second] = self.names;
        match self.outcome {
            Sameness::Same { trades, .. } if trades.is_empty() => {
                document.say("the same parameterization: nothing is traded");
            }
            Sameness::Same { trades, resized } => {
                document.say(format!("the same parameterization up to gauge: `{second}` is `{first}` times"));
                document.push(Block::Grid(self.trades(trades)));
                self.resized(resized).into_iter().for_each(|told| document.say(told));
            }
            Sameness::Differ { variable, difference: Difference { of, exponents: [a, b] } } => {
                let (a, b) = (in_full(variable, a), in_full(variable, b));
                document.say(format!("different: {} is {a} in `{first}`, {b} in `{second}`", self.of(of)));
            }
            Sameness::OtherOptimizer([a, b]) => {
                document.say(format!("different: `{first}` is for {a}, `{second}` for {b}"));
            }
        }
        for note in self.notes() {
            document.say(format!("note: {note}"));
        }
        document
    }

    fn data(&self) -> Grid {
        match self.outcome {
            Sameness::Same { trades, .. } => self.trades(trades),
            Sameness::Differ { variable, difference: Difference { of, exponents } } => {
                let mut grid = Grid::new(variable, &["differs", "first", "second"].map(|key| (key, key)));
                let [a, b] = exponents.clone().map(Cell::Power);
                grid.rows.push(vec![Cell::words(self.of(of)), a, b]);
                grid
            }
            Sameness::OtherOptimizer(names) => {
                let mut grid = Grid::new("n", &["differs", "first", "second"].map(|key| (key, key)));
                let [a, b] = names.clone().map(Cell::words);
                grid.rows.push(vec![Cell::words("the optimizer"), a, b]);
                grid
            }
        }
    }

    fn json(&self) -> AnyAnswer {
        let (mut optimizer, mut transformation, mut difference) = (None, None, None);
        match self.outcome {
            Sameness::Same { trades, .. } => {
                optimizer = Some(self.optimizer.about.name.clone());
                transformation = Some(trades.iter().map(|trade| self.traded(trade)).collect());
            }
            Sameness::Differ { variable, difference: Difference { of, exponents } } => {
                optimizer = Some(self.optimizer.about.name.clone());
                let [first, second] = exponents.each_ref().map(ToString::to_string);
                let (quantity, variable) = (self.of(of), Some(variable.clone()));
                difference = Some(DifferenceObject { quantity, variable, first, second });
            }
            Sameness::OtherOptimizer(names) => {
                let [first, second] = names.clone();
                let quantity = "the optimizer".into();
                difference = Some(DifferenceObject { quantity, variable: None, first, second });
            }
        }
        let [first, second] = self.names.map(str::to_owned);
        AnyAnswer::Equiv(EquivAnswer {
            architecture: self.graph.name.clone(),
            first,
            second,
            scaling: self.scale.map(str::to_owned),
            equivalent: matches!(self.outcome, Sameness::Same { .. }),
            optimizer,
            desiderata: None,
            at: At::First,
            transformation,
            difference,
            notes: self.notes(),
        })
    }
}

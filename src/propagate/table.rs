//! [`Table`]: how every hyperparameter must scale, in one scale variable or in several.

use std::fmt;
use std::sync::Arc;

use super::{Propagation, Stabilisers};
use crate::exact::{Certified, Exponent, Form, LARGE_NAME, PowerSum, Powers, Unknown, apart, power};
use crate::graph::{Graph, Hyperparameters, MultiplierId, ParameterId};
use crate::rule::Optimizer;

/// The exponents of all hyperparameters in every scale variable of a scaling.
///
/// ```
/// let answer = fscale::Network::builtin("transformer")?.scale("d_k")?.optimizer("adam")?.derive()?;
/// let table = answer.table()?;
/// assert!(table.unique);
/// assert_eq!(table.lr("W_O").to_string(), "1"); // larger keys and queries do not change it
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Table {
    graph: Arc<Graph>,
    /// The names of the scale variables.
    pub variables: Vec<String>,
    /// Whether no other exponents meet the desiderata, but for smaller starts.
    pub unique: bool,
    /// The parameters that may start smaller where the table is unique else: what they add to is as large without them, or grows to
    /// the same.
    pub smaller_starts: Vec<ParameterId>,
    /// A row for each parameter, in order.
    pub parameters: Vec<ParameterRow>,
    /// The exponents of each multiplier, in order.
    pub multipliers: Vec<(MultiplierId, Powers)>,
    /// The sums without a largest summand that a weight decay or epsilon is divided by, by their number.
    pub divisors: Vec<PowerSum>,
}

/// The exponents of one parameter.
///
/// ```
/// let answer = fscale::Network::builtin("mlp")?.scale("width")?.derive()?;
/// let constant = answer.table()?.parameters.iter().filter(|row| row.lr.is_zero()).count();
/// assert!(constant > 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterRow {
    /// The parameter.
    pub parameter: ParameterId,
    /// The name of the optimizer that moves it, where a mix leaves parameters to several; nothing else, and of what is frozen.
    pub optimizer: Option<String>,
    /// Of its initial standard deviation; nothing for gains, which start at one.
    pub init: Option<Powers>,
    /// Of its learning rate; 0 for what is frozen, which has none.
    pub lr: Powers,
    /// Of its own multiplier, if the table is told in a gauge that may need one.
    pub multiplier: Option<Powers>,
    /// Its decoupled weight decay, if the optimizer has one; where scale variables grow apart it may be a sum.
    pub weight_decay: Option<PowerSum>,
    /// Its epsilon, if the optimizer has one; likewise.
    pub epsilon: Option<PowerSum>,
}

/// Two tables are equal that say the same, whatever network they are of.
impl PartialEq for Table {
    fn eq(&self, other: &Self) -> bool {
        let Self { graph: _, variables, unique, smaller_starts, parameters, multipliers, divisors } = self;
        (variables, unique, parameters) == (&other.variables, &other.unique, &other.parameters)
            && (multipliers, divisors) == (&other.multipliers, &other.divisors)
            && *smaller_starts == other.smaller_starts
    }
}

impl Eq for Table {}

impl Table {
    /// The table of these hyperparameters, given in each scale variable of the propagation: of a certified answer, unless they
    /// are only proposed.
    #[must_use]
    pub fn new(
        propagation: &Propagation,
        variables: &[String],
        hyperparameters: &[Hyperparameters],
        unique: bool,
    ) -> Self {
        let graph = &propagation.graph;
        let Stabilisers { epsilon, weight_decay, divisors } = propagation.stabilisers(hyperparameters);
        let powers = |of: &dyn Fn(&Hyperparameters) -> Exponent| -> Powers {
            Powers(hyperparameters.iter().map(of).collect())
        };
        let of = |held: &[Option<PowerSum>], id: ParameterId| held.get(id.0).cloned().flatten();
        let mover = |id: ParameterId| {
            let movers = propagation.movers.as_ref().filter(|_| graph.parameter(id).is_trained());
            movers.and_then(|movers| movers.get(id.0)).cloned()
        };
        let row = |parameter: ParameterId| ParameterRow {
            parameter,
            optimizer: mover(parameter),
            init: propagation.init[parameter.0].map(|_| powers(&|held| held.init(parameter).clone())),
            lr: powers(&|held| held.lr(parameter).clone()),
            multiplier: None,
            weight_decay: of(&weight_decay, parameter),
            epsilon: of(&epsilon, parameter),
        };
        Self {
            graph: Arc::clone(graph),
            variables: variables.to_vec(),
            unique,
            smaller_starts: Vec::new(),
            parameters: graph.parameter_ids().map(row).collect(),
            multipliers: graph
                .multiplier_ids()
                .map(|id| (id, powers(&|held| held.multiplier(id).clone())))
                .collect(),
            divisors,
        }
    }

    /// The table of hyperparameters in one scale variable, with the epsilon and the weight decay of each parameter.
    #[must_use]
    pub fn at_steps(
        graph: &Arc<Graph>,
        variable: &str,
        hyperparameters: &Hyperparameters,
        optimizer: &Optimizer,
        stabilisers: &[[Option<Exponent>; 2]],
    ) -> Self {
        let alone = |exponent: &Exponent| Powers(vec![exponent.clone()]);
        let sum =
            |exponent: &Option<Exponent>| exponent.clone().map(|exponent| PowerSum::single(vec![exponent]));
        let movers = optimizer.movers(graph);
        let row = |parameter: ParameterId| {
            let held = graph.parameter(parameter);
            let of = stabilisers.get(parameter.0);
            ParameterRow {
                parameter,
                optimizer: movers[parameter.0].clone(),
                init: held.has_init().then(|| alone(hyperparameters.init(parameter))),
                lr: alone(hyperparameters.lr(parameter)),
                multiplier: None,
                epsilon: of.and_then(|[epsilon, _]| sum(epsilon)),
                weight_decay: of.and_then(|[_, decay]| sum(decay)),
            }
        };
        let multiplier = |id| (id, alone(hyperparameters.multiplier(id)));
        Self {
            graph: Arc::clone(graph),
            variables: vec![variable.to_owned()],
            unique: false,
            smaller_starts: Vec::new(),
            parameters: graph.parameter_ids().map(row).collect(),
            multipliers: graph.multiplier_ids().map(multiplier).collect(),
            divisors: Vec::new(),
        }
    }

    /// The table of a certified answer in one scale variable; nothing if there is no solution.
    #[must_use]
    pub fn certified(propagation: &Propagation, variable: &str, certified: &Certified) -> Option<Self> {
        let hyperparameters = propagation.solved(certified)?;
        let table = Self::new(propagation, &[variable.to_owned()], &[hyperparameters], certified.is_unique());
        Some(table.starting_smaller(propagation.smaller_starts(certified)))
    }

    /// The same where these parameters may start smaller.
    #[must_use]
    pub fn starting_smaller(mut self, mut parameters: Vec<ParameterId>) -> Self {
        parameters.sort_unstable();
        parameters.dedup();
        self.smaller_starts = parameters;
        self
    }

    /// The same, in one scale variable, with the powers of what is called large apart: in two, the second of which is `large`.
    #[must_use]
    pub fn with_large_apart(mut self) -> Self {
        let split = |powers: &mut Powers| *powers = Powers(powers.0.iter().flat_map(apart).collect());
        let split_sum = |sum: &mut PowerSum| {
            if let Some(largest) = sum.largest() {
                *sum = PowerSum::single(largest.iter().flat_map(apart).collect());
            }
        };
        for row in &mut self.parameters {
            split(&mut row.lr);
            row.init.iter_mut().chain(&mut row.multiplier).for_each(split);
            row.weight_decay.iter_mut().chain(&mut row.epsilon).for_each(split_sum);
        }
        self.multipliers.iter_mut().for_each(|(_, powers)| split(powers));
        self.variables.push(LARGE_NAME.into());
        self
    }

    /// The network.
    #[must_use]
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// The exponents for prediction and simulation in each scale variable, of a table as it was derived: multipliers that another
    /// gauge gives to parameters are not in them.
    #[must_use]
    pub fn hyperparameters(&self) -> Vec<Hyperparameters> {
        let at = |powers: &Powers, variable: usize| powers.0.get(variable).cloned().unwrap_or_default();
        let init = |row: &ParameterRow, variable| row.init.as_ref().map(|init| at(init, variable));
        let in_variable = |variable: usize| Hyperparameters {
            init: self.parameters.iter().map(|row| init(row, variable).unwrap_or_default()).collect(),
            lr: self.parameters.iter().map(|row| at(&row.lr, variable)).collect(),
            multiplier: self.multipliers.iter().map(|(_, powers)| at(powers, variable)).collect(),
        };
        (0..self.variables.len()).map(in_variable).collect()
    }

    /// The same where the scale variables grow like powers of one that drives them all.
    #[must_use]
    pub fn towards(&self, direction: &[Exponent]) -> Hyperparameters {
        Hyperparameters::towards(&self.hyperparameters(), direction)
    }

    /// Whether nothing in it changes.
    #[must_use]
    pub fn is_constant(&self) -> bool {
        let is_one =
            |sum: &PowerSum| sum.largest().is_some_and(|powers| powers.iter().all(Exponent::is_zero));
        let is_still = |row: &ParameterRow| {
            let sums = [&row.weight_decay, &row.epsilon];
            row.lr.is_zero()
                && row.init.as_ref().is_none_or(Powers::is_zero)
                && sums.into_iter().flatten().all(is_one)
        };
        self.parameters.iter().all(is_still) && self.multipliers.iter().all(|(_, powers)| powers.is_zero())
    }

    /// How the initial standard deviation of the parameter of that name scales.
    #[must_use]
    pub fn init(&self, parameter: &str) -> Law<'_> {
        self.law(self.row(parameter).and_then(|row| row.init.as_ref()).map(PowerSum::from))
    }

    /// How the learning rate of the parameter of that name scales.
    #[must_use]
    pub fn lr(&self, parameter: &str) -> Law<'_> {
        let is_trained = |row: &&ParameterRow| self.graph.parameter(row.parameter).is_trained();
        self.law(self.row(parameter).filter(is_trained).map(|row| PowerSum::from(&row.lr)))
    }

    /// How the decoupled weight decay of the parameter of that name scales.
    #[must_use]
    pub fn weight_decay(&self, parameter: &str) -> Law<'_> {
        self.law(self.row(parameter).and_then(|row| row.weight_decay.clone()))
    }

    /// How the epsilon of the parameter of that name scales.
    #[must_use]
    pub fn epsilon(&self, parameter: &str) -> Law<'_> {
        self.law(self.row(parameter).and_then(|row| row.epsilon.clone()))
    }

    /// How the declared multiplier of that name scales.
    #[must_use]
    pub fn multiplier(&self, name: &str) -> Law<'_> {
        let mut named = self.multipliers.iter().filter(|(id, _)| self.graph.multiplier(*id).name == name);
        self.law(named.next().map(|(_, powers)| PowerSum::from(powers)))
    }

    fn row(&self, name: &str) -> Option<&ParameterRow> {
        self.parameters.iter().find(|row| self.graph.parameter(row.parameter).name == name)
    }

    fn law(&self, sum: Option<PowerSum>) -> Law<'_> {
        Law { table: self, sum }
    }
}

/// How one hyperparameter scales. It is written as the theory writes it, `n^-1/2 m`, or `1` if it does not change; as `none`
/// if there is no such hyperparameter: a parameter of another name, a gain's init, the learning rate of what is frozen, the
/// epsilon of an optimizer without one.
///
/// ```
/// let answer = fscale::Network::builtin("transformer")?.scale("d_k=n,d_ff=m")?.optimizer("adam")?.derive()?;
/// let table = answer.table()?;
/// assert_eq!(table.multiplier("attention").to_string(), "n^-1");
/// assert_eq!(table.init("W_2").exponent("m").unwrap().to_string(), "-1");
/// assert_eq!(table.lr("no such").to_string(), "none");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Law<'t> {
    table: &'t Table,
    sum: Option<PowerSum>,
}

impl Law<'_> {
    /// The exponent in a scale variable; nothing if there is no such hyperparameter or variable, or if it is a sum of powers
    /// of which none is the largest.
    #[must_use]
    pub fn exponent(&self, variable: &str) -> Option<&Exponent> {
        let position = self.table.variables.iter().position(|name| name == variable)?;
        self.sum.as_ref()?.largest()?.get(position)
    }
}

impl fmt::Display for Law<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.sum {
            None => f.write_str("none"),
            Some(sum) => f.write_str(&sum.write(&self.table.variables, &self.table.divisors, &power)),
        }
    }
}

impl Propagation {
    /// The hyperparameters at a certified solution of a program over the unknowns of this propagation; nothing if there is no
    /// solution.
    #[must_use]
    pub fn solved(&self, certified: &Certified) -> Option<Hyperparameters> {
        let solution = certified.point()?;
        let of = |unknown: Unknown| solution.get(unknown.0 as usize).cloned().unwrap_or_default();
        Some(Hyperparameters {
            init: self.init.iter().map(|unknown| unknown.map(of).unwrap_or_default()).collect(),
            lr: self.lr.iter().map(|unknown| unknown.map(of).unwrap_or_default()).collect(),
            multiplier: self.multiplier.iter().copied().map(of).collect(),
        })
    }

    /// The parameters that may start smaller where a certified solution is unique else.
    #[must_use]
    pub fn smaller_starts(&self, certified: &Certified) -> Vec<ParameterId> {
        let of = |unknown: &Unknown| self.init.iter().position(|held| held.as_ref() == Some(unknown));
        certified.smaller_starts().iter().filter_map(of).map(ParameterId).collect()
    }

    /// How many unknowns stand for the growth of scale variables: the first ones, where it is left open.
    #[must_use]
    pub fn growing(&self) -> u32 {
        u32::try_from(self.growth.variables().len()).unwrap_or(u32::MAX)
    }

    /// These exponents as a form: a number along one direction of growth, or a form in the growth of each scale variable.
    #[must_use]
    pub fn form_of(&self, powers: &Powers) -> Form {
        match self.growth.variables() {
            [] => Form::constant(powers.0.first().cloned().unwrap_or_default()),
            variables => {
                let mut form = Form::zero();
                for (variable, exponent) in variables.iter().zip(&powers.0) {
                    form.add_scaled(exponent, &Form::unknown(*variable));
                }
                form
            }
        }
    }
}

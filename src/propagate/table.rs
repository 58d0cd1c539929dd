//! [`ScalingTable`]: how every hyperparameter must scale; built only from a certified answer.

use crate::exact::{Certified, Exponent, Form, Unknown};
use crate::graph::{Hyperparameters, MultiplierId, ParameterId};
use crate::propagate::{Magnitude, Propagation};

/// The exponents of all hyperparameters in the scale variable of one scaling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScalingTable {
    /// Whether no other exponents meet the desiderata.
    pub unique: bool,
    /// A row for each parameter, in order.
    pub parameters: Vec<ParameterRow>,
    /// The exponent of each multiplier, in order.
    pub multipliers: Vec<(MultiplierId, Exponent)>,
}

/// The exponents of one parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterRow {
    /// The parameter.
    pub parameter: ParameterId,
    /// Of its initial standard deviation; nothing for gains, which start at one.
    pub init: Option<Exponent>,
    /// Of its learning rate; 0 for what is frozen, which has none.
    pub lr: Exponent,
    /// Of its own multiplier, if the table is told in a gauge that may need one.
    pub multiplier: Option<Exponent>,
    /// Of its decoupled weight decay, if the optimizer has one.
    pub weight_decay: Option<Exponent>,
    /// Of its epsilon, if the optimizer has one.
    pub epsilon: Option<Exponent>,
}

impl ScalingTable {
    /// The table of a certified solution of a program over the unknowns of `propagation`; nothing if there is
    /// no solution.
    #[must_use]
    pub fn new(propagation: &Propagation, certified: &Certified) -> Option<Self> {
        let solution = certified.point()?;
        let of = |unknown: Unknown| solution.get(unknown.0 as usize).cloned().unwrap_or_default();
        let hyperparameters = Hyperparameters {
            init: propagation.init.iter().map(|unknown| unknown.map(of).unwrap_or_default()).collect(),
            lr: propagation.lr.iter().map(|unknown| unknown.map(of).unwrap_or_default()).collect(),
            multiplier: propagation.multiplier.iter().copied().map(of).collect(),
        };
        // Maxima that the program does not speak of follow from the hyperparameters.
        let point = propagation.point(&hyperparameters);
        let value = |form: &Form| form.evaluate(|unknown| point.get(unknown.0 as usize)).unwrap_or_default();
        let optional =
            |magnitude: &Option<Magnitude>| magnitude.as_ref().map(|magnitude| value(&magnitude.form));
        let row = |parameter: ParameterId| ParameterRow {
            parameter,
            init: propagation.init[parameter.0].map(of),
            lr: hyperparameters.lr(parameter).clone(),
            multiplier: None,
            weight_decay: optional(&propagation.weight_decay[parameter.0]),
            epsilon: optional(&propagation.epsilon[parameter.0]),
        };
        let multipliers = propagation.graph.multiplier_ids();
        Some(Self {
            unique: certified.is_unique(),
            parameters: propagation.graph.parameter_ids().map(row).collect(),
            multipliers: multipliers.map(|id| (id, hyperparameters.multiplier(id).clone())).collect(),
        })
    }

    /// The exponents for prediction and simulation, of a table as it was derived: multipliers that another gauge gives to
    /// parameters are not in them.
    #[must_use]
    pub fn hyperparameters(&self) -> Hyperparameters {
        Hyperparameters {
            init: self.parameters.iter().map(|row| row.init.clone().unwrap_or_default()).collect(),
            lr: self.parameters.iter().map(|row| row.lr.clone()).collect(),
            multiplier: self.multipliers.iter().map(|(_, exponent)| exponent.clone()).collect(),
        }
    }
}

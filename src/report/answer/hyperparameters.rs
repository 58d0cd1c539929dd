//! A parameterization for machines: its exponents, by name.

use crate::exact::Exponent;
use crate::graph::{Graph, Hyperparameters, Parameter};
use crate::report::json::{HyperparametersObject, Named};

/// `init`, `lr` and `multiplier`, as in a hyperparameter file. Gains start at one whatever the size, some biases at zero.
#[must_use]
pub fn json(hyperparameters: &Hyperparameters, graph: &Graph) -> HyperparametersObject {
    let of = |exponents: &[Exponent], kept: fn(&Parameter) -> bool| -> Named<Exponent> {
        let parameters = graph.parameters.iter().zip(exponents);
        let kept = parameters.filter(|(parameter, _)| kept(parameter));
        kept.map(|(parameter, value)| (parameter.name.clone(), value.clone())).collect()
    };
    let multipliers = graph.multipliers.iter().zip(&hyperparameters.multiplier);
    HyperparametersObject {
        init: of(&hyperparameters.init, Parameter::has_init),
        lr: of(&hyperparameters.lr, |_| true),
        multiplier: multipliers.map(|(multiplier, value)| (multiplier.name.clone(), value.clone())).collect(),
    }
}

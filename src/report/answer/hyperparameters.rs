//! A parameterization for machines: its exponents, by name.

use serde_json::{Value, json};

use crate::exact::Exponent;
use crate::graph::{Graph, Hyperparameters, Parameter};
use crate::report::format::json::{exponent, object};

/// `init`, `lr` and `multiplier`, as in a hyperparameter file. Gains start at one whatever the size, some biases at zero.
#[must_use]
pub fn json(hyperparameters: &Hyperparameters, graph: &Graph) -> Value {
    let of = |exponents: &[Exponent], kept: fn(&Parameter) -> bool| -> Value {
        let parameters = graph.parameters.iter().zip(exponents);
        let kept = parameters.filter(|(parameter, _)| kept(parameter));
        Value::Object(object(kept.map(|(parameter, value)| (parameter.name.clone(), exponent(value)))))
    };
    let multipliers = graph.multipliers.iter().zip(&hyperparameters.multiplier);
    let multipliers = multipliers.map(|(multiplier, value)| (multiplier.name.clone(), exponent(value)));
    json!({
        "init": of(&hyperparameters.init, Parameter::has_init),
        "lr": of(&hyperparameters.lr, |_| true),
        "multiplier": object(multipliers),
    })
}

//! The exponents that a named parameterization gives to a network (rule files know no graph).

use super::Sizes;
use crate::architecture::Hyperparameters;
use crate::exponent::Exponent;
use crate::graph::{AxisId, Graph, MultiplierBase, ParameterId, ParameterKind};
use crate::rule::{Expression, Name, Parameterization};

impl Parameterization {
    /// The hyperparameters under a scaling: the expressions at the first use of each parameter. A gain starts at
    /// one, and a multiplier keeps the formula of its base: `1/sqrt(d_k)` falls like `d_k^-1/2`, a number stays.
    #[must_use]
    pub fn hyperparameters(&self, graph: &Graph, sizes: &Sizes<'_>) -> Hyperparameters {
        let says = |expression: &Expression, id| {
            expression.evaluate(|name| Some(sizes.along(&axes_of(graph, name, id)))).unwrap_or_default()
        };
        let init = |id| match graph.parameter(id).kind {
            ParameterKind::Weight | ParameterKind::Bias => says(&self.init, id),
            ParameterKind::Gain => Exponent::ZERO,
        };
        let multiplier = |base: &MultiplierBase| match base {
            MultiplierBase::Number(_) => Exponent::ZERO,
            MultiplierBase::InverseSqrt(dimension) => -sizes.dimension(*dimension).constant_part().half(),
        };
        Hyperparameters {
            init: graph.parameter_ids().map(init).collect(),
            lr: graph.parameter_ids().map(|id| says(&self.lr, id)).collect(),
            multiplier: graph.multipliers.iter().map(|held| multiplier(&held.base)).collect(),
        }
    }
}

/// The axes whose size a name stands for, where the parameter is first used. Other names are refused when the rule
/// is read.
fn axes_of(graph: &Graph, name: Name, id: ParameterId) -> Vec<AxisId> {
    let all = graph.parameter(id).axes.clone();
    // Only a linear map contracts its parameter.
    let linear = graph.uses(id).first().and_then(|node| graph.node(*node).op.einsum());
    match linear {
        Some(einsum) if name == Name::Contracted => einsum.contracted(),
        Some(einsum) if name == Name::Produced => {
            let [weight, x] = &einsum.operands;
            weight.iter().copied().filter(|axis| !x.contains(axis)).collect()
        }
        None if name == Name::Contracted => Vec::new(),
        Some(_) | None => all,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::architecture::Architecture;
    use crate::graph::Scaling;
    use crate::rule::RuleBook;

    #[test]
    fn the_standard_parameterization_is_fan_in_init_and_the_base_of_multipliers() {
        let book = RuleBook::embedded().unwrap();
        let text = &book.architecture("transformer").unwrap().text;
        let graph = Architecture::parse(text, &book.activations()).unwrap().graph;
        let cases = [
            ("d_k", "W_Q", "0", "-1/2"),
            ("d_ff", "W_2", "-1/2", "0"),
            ("d_ff", "W_1", "0", "0"),
            ("heads=n,d_v=n^1/2", "W_O", "-3/4", "0"),
        ];
        for (scale, parameter, init, multiplier) in cases {
            let sizes = Sizes::new(&graph, Scaling::parse(scale, &graph).unwrap().along(0));
            let standard = book.parameterization("standard").unwrap();
            let hyperparameters = standard.hyperparameters(&graph, &sizes);
            let id = graph.find_parameter(parameter).unwrap();
            assert_eq!(hyperparameters.init(id).to_string(), init, "{scale} {parameter}");
            assert_eq!(hyperparameters.multiplier[0].to_string(), multiplier, "{scale}");
            assert!(hyperparameters.lr.iter().all(Exponent::is_zero));
        }
    }
}

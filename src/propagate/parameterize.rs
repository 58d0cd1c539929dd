//! The exponents that a named parameterization gives to a network (rule files know no graph).

use super::Growth;
use crate::exact::Exponent;
use crate::graph::{
    AxisId, BaseValue, Graph, Hyperparameters, Kind, MultiplierId, ParameterId, Start, Unfolded,
};
use crate::rule::{Expression, Name, Optimizer, Parameterization};

impl Parameterization {
    /// The hyperparameters under a scaling, for an optimizer: the expressions at the first use of each
    /// parameter. A gain starts at one. A multiplier of two activations whose features are contracted is as the rule
    /// says; any other keeps the formula of its base: `1/sqrt(d_k)` falls like `d_k^-1/2`, a number stays.
    #[must_use]
    pub fn hyperparameters(&self, graph: &Graph, growth: &Growth, optimizer: &Optimizer) -> Unfolded {
        let size = |axes: &[AxisId]| growth.of(graph, axes).constant_part().clone();
        let says = |expression: &Expression, id| {
            expression.evaluate(|name| Some(size(&axes_of(graph, name, id)))).unwrap_or_default()
        };
        let of_gaussian = |id, expression: Option<&Expression>| match graph.parameter(id).start {
            Start::Gaussian => expression.map(|expression| says(expression, id)).unwrap_or_default(),
            // Frameworks start these at numbers that do not know the size.
            Start::Constant | Start::Identity | Start::One | Start::Zero => Exponent::ZERO,
        };
        let base = |id: MultiplierId| match &graph.multiplier(id).base {
            BaseValue::Number(_) => Exponent::ZERO,
            BaseValue::InverseSqrt(dimension) => -growth.dimension(*dimension).constant_part().half(),
        };
        let multiplier = |id: MultiplierId| {
            let contracted = contracted_features(graph, id).zip(self.bilinear.as_ref());
            let said = contracted.and_then(|(axes, says)| says.evaluate(|_| Some(size(&axes))));
            said.unwrap_or_else(|| base(id))
        };
        let optimizers = optimizer.of_each(graph);
        let own = |id| of_gaussian(id, self.multiplier.as_ref());
        let of_trained = |id: ParameterId| match graph.parameter(id).is_trained() {
            true => {
                let says = |name| match name == Name::Multiplier {
                    true => Some(own(id)),
                    false => Some(size(&axes_of(graph, name, id))),
                };
                self.rate(optimizers[id.0].step).evaluate(says).unwrap_or_default()
            }
            false => Exponent::ZERO,
        };
        let hyperparameters = Hyperparameters {
            init: graph.parameter_ids().map(|id| of_gaussian(id, Some(&self.init))).collect(),
            lr: graph.parameter_ids().map(of_trained).collect(),
            multiplier: graph.multiplier_ids().map(multiplier).collect(),
        };
        let own = graph.parameter_ids().map(own).collect();
        Unfolded { hyperparameters, own }
    }
}

/// The feature axes that two activations contract, where the multiplier first stands in front of such a node.
fn contracted_features(graph: &Graph, id: MultiplierId) -> Option<Vec<AxisId>> {
    let contracted = |node| {
        let op = &graph.node(node).op;
        let einsum = op.einsum().filter(|_| op.parameter().is_none() && op.multiplier() == Some(id));
        let mut axes = einsum?.contracted();
        axes.retain(|axis| graph.kind_of(*axis) == Kind::Feature);
        (!axes.is_empty()).then_some(axes)
    };
    graph.nodes().find_map(contracted)
}

/// The axes whose size a name stands for, where the parameter is first used: of a one-hot input a row meets one entry of the
/// weight, so that its axis does not count. Other names are refused when the rule is read.
fn axes_of(graph: &Graph, name: Name, id: ParameterId) -> Vec<AxisId> {
    let first = graph.uses(id).first().copied();
    if name == Name::Rows || name == Name::Columns {
        let [mut rows, mut columns] = graph.matrix(id);
        let met = graph.met_axes(id);
        [&mut rows, &mut columns].into_iter().for_each(|side| side.retain(|axis| met.contains(axis)));
        return if name == Name::Rows { rows } else { columns };
    }
    // Only a linear map contracts its parameter.
    let linear = first.and_then(|node| Some((node, graph.node(node).op.linear_einsum()?)));
    match linear {
        Some((node, _)) if name == Name::Contracted => graph.summed_axes(node),
        Some((_, einsum)) if name == Name::Produced => einsum.produced(),
        None if name == Name::Contracted => Vec::new(),
        Some(_) | None => graph.met_axes(id),
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
            let growth = Growth::along(Scaling::parse(scale, &graph).unwrap().along(0));
            let standard = book.parameterization("standard").unwrap();
            let sgd = book.optimizer("sgd").unwrap();
            let hyperparameters = standard.hyperparameters(&graph, &growth, sgd).hyperparameters;
            let id = graph.find_parameter(parameter).unwrap();
            assert_eq!(hyperparameters.init(id).to_string(), init, "{scale} {parameter}");
            assert_eq!(hyperparameters.multiplier[0].to_string(), multiplier, "{scale}");
            assert!(hyperparameters.lr.iter().all(Exponent::is_zero));
        }
    }

    /// Two maps of a one-hot input over `vocab` words, the second behind a factor and over an ordinary axis too.
    const ONE_HOT: &str = r#"
name = "words"
node = [
    { name = "u", op = "input", axes = "bw", one_hot = true },
    { name = "x", op = "linear", input = "u", weight = "W_E", einsum = "dw,bw->bd" },
    { name = "s", op = "scale", input = "u", multiplier = "m" },
    { name = "y", op = "linear", input = "s", weight = "W_S", einsum = "dw,bw->bd" },
    { name = "z", op = "add", inputs = ["x", "y"] },
    { name = "out", op = "linear", input = "z", weight = "W_U", einsum = "od,bd->bo" },
]
loss = { op = "mse", output = "out" }

[dimensions]
batch = { kind = "sample",  size = 4 }
vocab = { kind = "feature", size = 64 }
width = { kind = "feature", size = 16 }
d_out = { kind = "feature", size = 4 }

[axes]
b = "batch"
w = "vocab"
d = "width"
o = "d_out"
"#;

    #[test]
    fn weights_of_a_one_hot_input_have_a_fan_in_of_one() {
        let book = RuleBook::embedded().unwrap();
        let graph =
            Architecture::parse(&crate::document::Source::new("words.toml", ONE_HOT), &book.activations())
                .unwrap()
                .graph;
        let growth = Growth::along(Scaling::parse("vocab", &graph).unwrap().along(0));
        for (parameterization, optimizer) in
            [("standard", "adam"), ("mup", "sgd"), ("mup", "adam"), ("ntk", "adam")]
        {
            let rule = book.parameterization(parameterization).unwrap();
            let told = rule.hyperparameters(&graph, &growth, book.optimizer(optimizer).unwrap());
            let moved = |exponents: &[Exponent]| exponents.iter().any(|exponent| !exponent.is_zero());
            let Unfolded { hyperparameters, own } = told;
            assert!(
                !moved(&hyperparameters.init) && !moved(&hyperparameters.lr),
                "{parameterization}, {optimizer}"
            );
            assert!(!moved(&own), "{parameterization}, {optimizer}");
        }
    }
}

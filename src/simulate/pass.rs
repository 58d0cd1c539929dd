//! [`Pass`]: the forward and the backward pass of a network.

use super::network::{Network, Value};
use super::tensor::{Real, Tensor};
use crate::graph::ParameterId;

/// The value of every node, and the derivative of the loss by it.
pub(super) struct Pass<R> {
    /// The value of each node.
    pub(super) values: Vec<Tensor<R>>,
    /// The derivative of the loss by each node; nothing where the loss does not depend on it.
    pub(super) back: Vec<Option<Tensor<R>>>,
}

impl<R: Real> Pass<R> {
    /// Evaluates a network and its derivatives.
    pub(super) fn of(network: &Network<'_, R>) -> Self {
        let values = forward(network);
        let back = backward(network, &values);
        Self { values, back }
    }

    /// The gradient of a parameter that is held as a tensor, summed over its uses.
    pub(super) fn gradient(&self, network: &Network<'_, R>, id: ParameterId) -> Tensor<R> {
        let mut gradient: Option<Tensor<R>> = None;
        for node in network.graph.uses(id) {
            if let Some(back) = &self.back[node.index()] {
                accumulate(&mut gradient, network.pull(node, 0, &self.values, back));
            }
        }
        let still = || match &network.parameters[id.0] {
            Value::Tensor(tensor) => Tensor::zeros(&tensor.shape),
            Value::Weight(_) => unreachable!("the gradient of a weight is kept as its factors"),
        };
        gradient.unwrap_or_else(still)
    }
}

/// The value of each node.
pub(super) fn forward<R: Real>(network: &Network<'_, R>) -> Vec<Tensor<R>> {
    let mut values: Vec<Tensor<R>> = Vec::with_capacity(network.graph.nodes().len());
    for id in network.graph.nodes() {
        values.push(network.forward(id, &values));
    }
    values
}

fn backward<R: Real>(network: &Network<'_, R>, values: &[Tensor<R>]) -> Vec<Option<Tensor<R>>> {
    let mut back: Vec<Option<Tensor<R>>> = vec![None; values.len()];
    let output = network.graph.loss.output.index();
    back[output] = Some(network.truth.derivative(&values[output]));
    for id in network.graph.nodes().rev() {
        let (before, here) = back.split_at_mut(id.index());
        let Some(Some(here)) = here.first() else { continue };
        for (position, operand) in network.positions(id) {
            let part = network.pull(id, position, values, here);
            accumulate(&mut before[operand.index()], part);
        }
    }
    back
}

/// Adds to a sum that may not have begun.
pub(super) fn accumulate<R: Real>(sum: &mut Option<Tensor<R>>, part: Tensor<R>) {
    match sum {
        Some(sum) => sum.add(&part),
        None => *sum = Some(part),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::Step;
    use crate::simulate::draw::Source;
    use crate::simulate::samples::Seed;
    use crate::simulate::tensor::dot;
    use crate::simulate::testing::{graphs, with_network};

    /// Central differences of step `h` are off by about `h^2` and by roundings of the loss divided by `h`:
    /// 1e-10 in all for `h` = 1e-5, on derivatives that are mostly above 1e-3.
    const STEP: f64 = 1e-5;
    const TOLERANCE: f64 = 1e-7;

    #[test]
    fn every_gradient_is_the_limit_of_differences_of_the_loss() {
        for (name, graph) in graphs() {
            with_network::<f64>(&graph, Step::Gradient, |_, mut network| {
                let pass = Pass::of(&network);
                let output = graph.loss.output.index();
                for id in graph.parameter_ids() {
                    let gradient = pass.all_entries(&network, id);
                    let at = network.entries(id).clone();
                    for seed in 0..3 {
                        let source = Source { base: 9, seed: Seed(seed) };
                        let direction = source.gaussian::<f64>("direction", &[at.len()], 1.0);
                        let mut loss = |step: f64| {
                            let moved = network.entries(id);
                            moved.clone_from(&at);
                            moved.iter_mut().zip(&direction.data).for_each(|(w, d)| *w += step * d);
                            network.truth.loss(&forward(&network)[output])
                        };
                        let slope = (loss(STEP) - loss(-STEP)) / (2.0 * STEP);
                        let derivative = dot(&gradient, &direction.data);
                        let parameter = &graph.parameter(id).name;
                        assert!(
                            (slope - derivative).abs() <= TOLERANCE * (1.0 + derivative.abs()),
                            "{name}, {parameter}: {slope} by differences, {derivative} backwards"
                        );
                    }
                    network.entries(id).clone_from(&at);
                }
            });
        }
    }

    #[test]
    fn the_derivative_by_the_output_is_that_of_the_loss() {
        for (name, graph) in graphs() {
            with_network::<f64>(&graph, Step::Gradient, |_, network| {
                let output = &forward(&network)[graph.loss.output.index()];
                let back = network.truth.derivative(output);
                for place in 0..output.data.len().min(20) {
                    let loss = |step: f64| {
                        let mut moved = output.clone();
                        moved.data[place] += step;
                        network.truth.loss(&moved)
                    };
                    let slope = (loss(STEP) - loss(-STEP)) / (2.0 * STEP);
                    assert!((slope - back.data[place]).abs() <= TOLERANCE, "{name} at {place}");
                }
            });
        }
    }
}

//! [`Pass`]: the forward and the backward pass of a network.

use super::network::{Network, Value};
use super::step::Gradient;
use super::witness::Witness;
use crate::graph::{NodeId, ParameterId};
use crate::simulate::array::{Real, Tensor};
use crate::simulate::plan::{Part, Region, Schedule};

/// The value of every node, and the derivative of the loss by it. Where a region is sliced, its nodes have those of one slice
/// at a time.
pub(crate) struct Pass<R: Real> {
    /// The value of each node.
    pub(crate) values: Vec<Tensor<R>>,
    /// The derivative of the loss by each node; nothing where the loss does not depend on it.
    pub(crate) back: Vec<Option<Tensor<R>>>,
}

/// What a slice of a region does for nodes outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outside {
    /// Its part of their derivatives is added to them.
    Added,
    /// They have it already.
    Known,
}

impl<R: Real> Pass<R> {
    /// Evaluates a network and its derivatives.
    pub(crate) fn of(network: &Network<'_, R>, schedule: &Schedule, witness: &mut impl Witness<R>) -> Self {
        let nodes = network.graph.nodes().len();
        let mut pass = Self { values: vec![Tensor::nothing(); nodes], back: vec![None; nodes] };
        for part in &schedule.parts {
            match part {
                Part::Node(id) => {
                    let value = network.forward(*id, &pass.values);
                    witness.forwards(*id, &value);
                    pass.values[id.index()] = value;
                }
                Part::Region(number) => pass.forward_region(network, &schedule.regions[*number], witness),
            }
        }
        for (output, back) in network.truth.derivatives(&pass.values) {
            pass.back[output.index()] = Some(back);
        }
        for part in schedule.parts.iter().rev() {
            match part {
                Part::Node(id) => {
                    if let Some(here) = pass.back[id.index()].take() {
                        witness.backs(*id, &here);
                        pass.pull(network, *id, &here, |_| true);
                        pass.back[id.index()] = Some(here);
                    }
                }
                Part::Region(number) => pass.backward_region(network, &schedule.regions[*number], witness),
            }
        }
        pass
    }

    /// Adds the parts of the derivatives by the chosen operands of a node that come from that by the node.
    fn pull(
        &mut self,
        network: &Network<'_, R>,
        id: NodeId,
        here: &Tensor<R>,
        chosen: impl Fn(NodeId) -> bool,
    ) {
        for (position, operand) in network.positions(id).filter(|(_, operand)| chosen(*operand)) {
            let part = network.pull(id, position, &self.values, here);
            accumulate(&mut self.back[operand.index()], part);
        }
    }

    fn forward_region(&mut self, network: &Network<'_, R>, region: &Region, witness: &mut impl Witness<R>) {
        let mut sums: Vec<Option<Tensor<R>>> = vec![None; region.exits.len()];
        for slice in network.slices(region) {
            self.forward_slice(&slice, region);
            region.nodes.iter().for_each(|id| witness.forwards(*id, &self.values[id.index()]));
            for (exit, sum) in region.exits.iter().zip(&mut sums) {
                accumulate(sum, slice.forward(*exit, &self.values));
            }
        }
        for (exit, sum) in region.exits.iter().zip(sums) {
            let sum = sum.unwrap_or_else(Tensor::nothing);
            witness.forwards(*exit, &sum);
            self.values[exit.index()] = sum;
        }
        self.forget(region);
    }

    fn backward_region(&mut self, network: &Network<'_, R>, region: &Region, witness: &mut impl Witness<R>) {
        for exit in region.exits.iter().rev() {
            if let Some(back) = &self.back[exit.index()] {
                witness.backs(*exit, back);
            }
        }
        for slice in network.slices(region) {
            self.forward_slice(&slice, region);
            self.backward_slice(&slice, region, Outside::Added);
            for id in &region.nodes {
                if let Some(back) = &self.back[id.index()] {
                    witness.backs(*id, back);
                }
            }
        }
        self.forget(region);
    }

    /// Values and derivatives of a slice of a region, when those outside are known.
    pub(crate) fn slice(&mut self, slice: &Network<'_, R>, region: &Region) {
        self.forward_slice(slice, region);
        self.backward_slice(slice, region, Outside::Known);
    }

    fn forward_slice(&mut self, slice: &Network<'_, R>, region: &Region) {
        for id in &region.nodes {
            self.values[id.index()] = slice.forward(*id, &self.values);
            self.back[id.index()] = None;
        }
    }

    fn backward_slice(&mut self, slice: &Network<'_, R>, region: &Region, outside: Outside) {
        let inside = |id: NodeId| region.nodes.contains(&id);
        for id in region.nodes.iter().chain(&region.exits).rev() {
            if let Some(here) = self.back[id.index()].take() {
                self.pull(slice, *id, &here, |operand| inside(operand) || outside == Outside::Added);
                self.back[id.index()] = Some(here);
            }
        }
    }

    /// Forgets the last slice of a region.
    pub(crate) fn forget(&mut self, region: &Region) {
        for id in &region.nodes {
            self.values[id.index()] = Tensor::nothing();
            self.back[id.index()] = None;
        }
    }

    /// The gradient of a weight as its factors; nothing for another parameter.
    pub(super) fn factors<'p>(
        &'p self,
        network: &'p Network<'_, R>,
        id: ParameterId,
    ) -> Option<Gradient<'p, R>> {
        let sizes = network.weight(id)?.sizes();
        let uses = network.graph.uses(id).into_iter().filter_map(|node| {
            let applied = network.applied(node)?;
            Some((applied, &self.values[applied.operand.index()], self.back[node.index()].as_ref()?))
        });
        Some(Gradient::of(sizes, uses))
    }

    /// The gradient of a parameter that is held as a tensor, summed over its uses.
    pub(crate) fn gradient(&self, network: &Network<'_, R>, id: ParameterId) -> Tensor<R> {
        let mut gradient: Option<Tensor<R>> = None;
        for node in network.graph.uses(id) {
            if let Some(back) = &self.back[node.index()] {
                accumulate(&mut gradient, network.pull(node, 0, &self.values, back));
            }
        }
        let still = || match network.value(id) {
            Value::Tensor(tensor) => Tensor::zeros(&tensor.shape),
            Value::Weight(_) => unreachable!("the gradient of a weight is kept as its factors"),
        };
        gradient.unwrap_or_else(still)
    }
}

/// Adds to a sum that may not have begun.
fn accumulate<R: Real>(sum: &mut Option<Tensor<R>>, part: Tensor<R>) {
    match sum {
        Some(sum) => sum.add(&part),
        None => *sum = Some(part),
    }
}

#[cfg(test)]
impl<R: Real> Pass<R> {
    /// Evaluates a network and its derivatives, nothing sliced and nobody looking.
    pub(crate) fn whole(network: &Network<'_, R>) -> Self {
        Self::of(network, &Schedule::new(network.graph, Vec::new()), &mut super::witness::Nobody)
    }

    /// Every entry of the gradient of a parameter, in the order in which it is held.
    pub(super) fn all_entries(&self, network: &Network<'_, R>, id: ParameterId) -> Vec<R> {
        match self.factors(network, id) {
            Some(gradient) => gradient.all(),
            None => self.gradient(network, id).data.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::Step;
    use crate::simulate::array::dot;
    use crate::simulate::random::{Seed, Source};
    use crate::simulate::testing::{graphs, with_network};

    /// Central differences of step `h` are off by about `h^2` and by roundings of the loss divided by `h`:
    /// 1e-10 in all for `h` = 1e-5, on derivatives that are mostly above 1e-3.
    const STEP: f64 = 1e-5;
    const TOLERANCE: f64 = 1e-7;

    #[test]
    fn every_gradient_is_the_limit_of_differences_of_the_loss() {
        for (name, graph) in graphs() {
            with_network::<f64>(&graph, Step::Gradient, |_, mut network| {
                let pass = Pass::whole(&network);
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
                            network.truth.loss(&Pass::whole(&network).values)
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
    fn the_derivative_by_an_output_is_that_of_the_loss() {
        for (name, graph) in graphs() {
            with_network::<f64>(&graph, Step::Gradient, |_, network| {
                let values = Pass::whole(&network).values;
                for (output, back) in network.truth.derivatives(&values) {
                    for place in 0..back.data.len().min(20) {
                        let loss = |step: f64| {
                            let mut moved = values.clone();
                            moved[output.index()].data[place] += step;
                            network.truth.loss(&moved)
                        };
                        let slope = (loss(STEP) - loss(-STEP)) / (2.0 * STEP);
                        assert!((slope - back.data[place]).abs() <= TOLERANCE, "{name} at {place}");
                    }
                }
            });
        }
    }
}

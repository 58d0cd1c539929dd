//! What is recorded of one run: the magnitude of every quantity, in a fixed order.

use std::collections::{BTreeMap, BTreeSet};

use super::network::Network;
use super::pass::Pass;
use super::quantity::Quantity;
use super::respond::{Followed, respond};
use super::response::{Cause, Responses};
use super::step::Direction;
use super::witness::Witness;
use crate::graph::{NodeId, ParameterId};
use crate::simulate::array::{Real, Tensor, dot, in_pieces};
use crate::simulate::plan::{Layout, Plan, Point, SimulateError, Updates};
use crate::simulate::random::Source;

/// Runs a network once and gives the magnitudes of the quantities, in order. The exponents of learning rates enter as
/// factors of the base ones, see [`base_rates`].
pub(crate) fn record<R: Real>(
    plan: &Plan<'_>,
    point: &Point,
    source: Source,
    base_rates: &[f64],
    quantities: &[Quantity],
) -> Result<Vec<f64>, SimulateError> {
    let found = record_at::<R>(plan, point, source, base_rates, plan.simulation.updates)?;
    Ok(quantities.iter().map(|quantity| found.get(quantity).copied().unwrap_or(0.0)).collect())
}

pub(crate) fn record_at<R: Real>(
    plan: &Plan<'_>,
    point: &Point,
    source: Source,
    base_rates: &[f64],
    updates: Updates,
) -> Result<BTreeMap<Quantity, f64>, SimulateError> {
    plan.written_out(point, |plan| {
        let layout = Layout::of(plan, point);
        record_in::<R>(plan, point, &layout, source, base_rates, updates)
    })
}

/// The same in a given layout.
fn record_in<R: Real>(
    plan: &Plan<'_>,
    point: &Point,
    layout: &Layout,
    source: Source,
    base_rates: &[f64],
    updates: Updates,
) -> Result<BTreeMap<Quantity, f64>, SimulateError> {
    let rates: Vec<f64> =
        plan.graph.parameter_ids().map(|id| base_rates[plan.parameter(id).0] * plan.lr(id, point)).collect();
    let network = Network::<R>::draw(plan, point, layout, source, &rates)?;
    let followed = match updates {
        Updates::Each => Followed::Each,
        Updates::Total => Followed::Together(&rates),
    };
    let mut of_origin = vec![1.0; base_rates.len()];
    for (id, rate) in plan.graph.parameter_ids().zip(&rates) {
        of_origin[plan.parameter(id).0] = *rate;
    }
    let mut record =
        Record { plan, rates: &rates, of_origin, squares: BTreeMap::new(), decreases: BTreeMap::new() };
    let mut pass = Pass::of(&network, &layout.schedule, &mut record);
    respond(plan, &network, &layout.schedule, &mut pass, followed, &mut record);
    Ok(record.found())
}

/// What was seen, summed over slices.
struct Record<'a> {
    plan: &'a Plan<'a>,
    /// Learning rates, for each parameter of the network that is simulated.
    rates: &'a [f64],
    /// The same before it was written out.
    of_origin: Vec<f64>,
    /// Of every copy of a node, in all layers; updates by the parameter before its copies.
    squares: BTreeMap<Quantity, Squares>,
    /// Of every copy of a parameter.
    decreases: BTreeMap<ParameterId, f64>,
}

/// A sum of squares and how many there are.
#[derive(Clone, Copy, Debug, Default)]
struct Squares {
    sum: f64,
    count: f64,
}

impl Squares {
    fn add(&mut self, other: Self) {
        self.sum += other.sum;
        self.count += other.count;
    }

    fn root_mean(self) -> f64 {
        (self.sum / self.count.max(1.0)).sqrt()
    }
}

impl Record<'_> {
    fn see<R: Real>(&mut self, quantity: Quantity, entries: &[R], factor: f64) {
        let squares = self.squares.entry(quantity).or_default();
        squares.sum += dot(entries, entries) * factor.powi(2);
        #[allow(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
        let count = entries.len() as f64;
        squares.count += count;
    }

    /// The magnitude of everything that was seen, copies in several layers taken together.
    fn found(&self) -> BTreeMap<Quantity, f64> {
        let plan = self.plan;
        let mut squares: BTreeMap<Quantity, Squares> = BTreeMap::new();
        for (quantity, seen) in &self.squares {
            let quantity = match *quantity {
                Quantity::Forward(id) => Quantity::Forward(plan.node(id)),
                Quantity::Backward(id) => Quantity::Backward(plan.node(id)),
                Quantity::UpdateBy(by, id) => Quantity::UpdateBy(by, plan.node(id)),
                Quantity::Update(id) => Quantity::Update(plan.node(id)),
                Quantity::Angle(id) => Quantity::Angle(plan.node(id)),
                Quantity::Gradient(id) => Quantity::Gradient(plan.parameter(id)),
                Quantity::Contribution(id) => Quantity::Contribution(plan.parameter(id)),
            };
            squares.entry(quantity).or_default().add(*seen);
        }
        for (id, cosine) in self.angles() {
            let angle = Squares { sum: cosine * cosine, count: 1.0 };
            squares.entry(Quantity::Angle(plan.node(id))).or_default().add(angle);
        }
        let mut found: BTreeMap<Quantity, f64> =
            squares.into_iter().map(|(quantity, squares)| (quantity, squares.root_mean())).collect();
        for (id, decrease) in &self.decreases {
            *found.entry(Quantity::Contribution(plan.parameter(*id))).or_default() += decrease;
        }
        found
    }

    /// The cosine of the angle at every node of the network that is simulated.
    fn angles(&self) -> Vec<(NodeId, f64)> {
        let graph = self.plan.graph;
        let mut upstream: Vec<BTreeSet<ParameterId>> = Vec::with_capacity(graph.nodes().len());
        let mut angles = Vec::new();
        for id in graph.nodes() {
            let above = graph.operands(id).into_iter().flat_map(|x| upstream[x.index()].iter().copied());
            let above: BTreeSet<ParameterId> = above.chain(graph.parameter_at(id)).collect();
            if let (Some(update), Some(back)) =
                (self.squares.get(&Quantity::Update(id)), self.squares.get(&Quantity::Backward(id)))
            {
                let decrease: f64 = above.iter().filter_map(|by| self.decreases.get(by)).sum();
                let lengths = update.sum.sqrt() * back.sum.sqrt();
                angles.push((id, if lengths > 0.0 { decrease / lengths } else { 0.0 }));
            }
            upstream.push(above);
        }
        angles
    }
}

impl<R: Real> Witness<R> for Record<'_> {
    fn forwards(&mut self, id: NodeId, value: &Tensor<R>) {
        self.see(Quantity::Forward(id), &value.data, 1.0);
    }

    fn backs(&mut self, id: NodeId, back: &Tensor<R>) {
        self.see(Quantity::Backward(id), &back.data, 1.0);
    }

    fn steps(&mut self, id: ParameterId, direction: &Direction<'_, R>) {
        let squares = self.squares.entry(Quantity::Gradient(id)).or_default();
        squares.sum += direction.square;
        squares.count += direction.entries;
        *self.decreases.entry(id).or_default() += self.rates[id.0] * direction.decrease;
    }

    fn responds(&mut self, id: NodeId, responses: &Responses<R>) {
        if let [Cause::Together] = responses.causes[..] {
            return self.see(Quantity::Update(id), &responses.stack.data, 1.0);
        }
        let length = responses.stack.data.len() / responses.causes.len();
        let mut total = Tensor::<R>::zeros(&[length]);
        for (cause, response) in responses.each() {
            let Cause::Step(parameter) = cause else { continue };
            let lr = self.of_origin[parameter.0];
            self.see(Quantity::UpdateBy(parameter, id), response, lr);
            let factor = R::narrow(lr);
            in_pieces(&mut total.data, |first, piece| {
                piece.iter_mut().zip(&response[first..]).for_each(|(sum, entry)| *sum += *entry * factor);
            });
        }
        self.see(Quantity::Update(id), &total.data, 1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::Step;
    use crate::simulate::plan::{Needs, Region, Schedule};
    use crate::simulate::random::Seed;
    use crate::simulate::run::quantity::quantities;
    use crate::simulate::run::rates::base_rates;
    use crate::simulate::testing::{LANGUAGE_MODEL, graph, graphs, with_plan};
    use crate::simulate::weight::Way;

    /// A shift of all logits of a row changes no probability, so a bias on the keys has no gradient and moves
    /// nothing, also where the sign of what rounding leaves would be as large as that of any other gradient. (Behind an
    /// activation, whatever it is, the shift is not seen when the file is read.)
    #[test]
    fn what_only_rounding_moves_does_not_move() {
        let rotated = r#"{ name = "kr", op = "rope", input = "k", over = "k", positions = "t" }"#;
        let biased = r#"{ name = "kb", op = "bias", input = "k", parameter = "b_k", axes = "hk" },
            { name = "kr", op = "identity", input = "kb" }"#;
        assert!(LANGUAGE_MODEL.contains(rotated));
        let graph = graph(&LANGUAGE_MODEL.replace(rotated, biased));
        let quantities = quantities(&graph, Updates::Each);
        let bias = graph.find_parameter("b_k").unwrap();
        let by_bias = |place: &usize| {
            let by = [Quantity::Gradient(bias), Quantity::Contribution(bias)];
            by.contains(&quantities[*place])
                || matches!(quantities[*place], Quantity::UpdateBy(by, _) if by == bias)
        };
        let still: Vec<usize> = (0..quantities.len()).filter(by_bias).collect();
        assert!(still.len() > 10);
        for (_, step) in Step::NAMES {
            with_plan(&graph, step, |plan| {
                let point = plan.points.base();
                for seed in 0..5 {
                    let source = Source { base: 1, seed: Seed(seed) };
                    let rates = base_rates::<f64>(plan, source).unwrap();
                    let single = record::<f32>(plan, point, source, &rates, &quantities).unwrap();
                    let double = record::<f64>(plan, point, source, &rates, &quantities).unwrap();
                    assert!(
                        still.iter().all(|place| single[*place] == 0.0 && double[*place] == 0.0),
                        "{step:?}"
                    );
                }
            });
        }
    }

    #[test]
    fn quantities_are_listed_once_and_only_where_they_are_defined() {
        let graph = graph(LANGUAGE_MODEL);
        let quantities = quantities(&graph, Updates::Each);
        let mut distinct = quantities.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), quantities.len());
        let u = graph.find_node("u").unwrap();
        let q = graph.find_node("q").unwrap();
        let out = graph.find_node("out").unwrap();
        assert!(!quantities.contains(&Quantity::Update(u)), "no parameter is above the data");
        assert!(!quantities.contains(&Quantity::Angle(q)), "the stream leads around the queries");
        assert!(quantities.contains(&Quantity::Angle(out)));
    }

    /// Whatever is sliced, and in however many slices, what is measured differs by roundings alone.
    #[test]
    fn sliced_networks_are_measured_alike() {
        /// Sums of some hundred numbers in another order, in double precision; a norm and an angle follow from them.
        const TOLERANCE: f64 = 1e-9;
        let mut cases = 0;
        for (name, graph) in graphs() {
            for (step_name, step) in Step::NAMES {
                with_plan(&graph, step, |plan| {
                    let point = plan.points.base();
                    let source = Source { base: 1, seed: Seed(5) };
                    let rates = vec![1.0; graph.parameters.len()];
                    let whole = Layout::of(plan, point);
                    let record = |layout: &Layout, updates| {
                        record_in::<f64>(plan, point, layout, source, &rates, updates).unwrap()
                    };
                    for region in Region::all(&graph) {
                        if step.needs() == Needs::Whole {
                            continue;
                        }
                        for slices in [2, 3, 100] {
                            let slices = slices.min(point.size(region.dimension));
                            let regions = vec![Region { slices, ..region.clone() }];
                            let mut layout = Layout {
                                schedule: Schedule::new(&graph, regions),
                                ..Layout::of(plan, point)
                            };
                            region.parameters(&graph).iter().for_each(|id| layout.ways[id.0] = Way::Drawn);
                            for updates in [Updates::Each, Updates::Total] {
                                let (whole, sliced) = (record(&whole, updates), record(&layout, updates));
                                assert!(whole.keys().eq(sliced.keys()));
                                for (quantity, expected) in &whole {
                                    let found = sliced[quantity];
                                    assert!(
                                        (found - expected).abs() <= TOLERANCE * expected.abs(),
                                        "{name}, {step_name}, {slices} slices of {:?}, {quantity:?}: {found} for {expected}",
                                        region.dimension
                                    );
                                    cases += 1;
                                }
                            }
                        }
                    }
                });
            }
        }
        assert!(cases > 10_000, "{cases}");
    }
}

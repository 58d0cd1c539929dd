//! [`Method`]: how the weights of a simulation are held, and what that costs.

use super::checked::Plan;
use super::memory;
use super::needs::Needs;
use super::points::Point;
use super::region::{Region, Schedule};
use super::simulation::Updates;
use crate::graph::{Graph, NodeId, ParameterId};
use crate::simulate::run::sizes;
use crate::simulate::weight::{Linear, Side, Sizes, Split, Way};

/// How weights are simulated. The law of everything that is measured is the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// Each weight in the way that takes less work.
    #[default]
    Auto,
    /// No weight has entries: products are drawn, given all earlier products (Lu arXiv:2101.07464). Work and memory grow
    /// with the width of a weight, not with its square, but with the square of the number of samples.
    Law,
    /// Every weight has entries; those for which there is no memory are drawn anew for every product.
    Direct,
}

impl Method {
    /// Every method with its name.
    pub const NAMES: [(&'static str, Self); 3] =
        [("auto", Self::Auto), ("law", Self::Law), ("direct", Self::Direct)];
}

/// Multiplications that take as long as drawing a normal number and writing it down.
const DRAW: f64 = 150.0;

/// How much longer a multiplication takes where matrices are thin.
const THIN: f64 = 1.5;

/// Bytes of a run whose buffers are used again and again. What is sliced at all is cut down to this, where more slices make
/// it smaller: fresh memory for every slice takes as long as the work.
const HANDY: u128 = 1 << 29;

/// What a weight is asked in one run.
pub(crate) struct Questions {
    pub(crate) sizes: Sizes,
    /// Vectors that are multiplied from the right and from the left, for each matrix.
    pub(crate) vectors: [usize; 2],
}

impl Questions {
    /// What a parameter is asked; nothing if it is no weight that is only multiplied with something.
    pub(crate) fn of(plan: &Plan<'_>, id: ParameterId, point: &Point) -> Option<Self> {
        let graph = plan.graph;
        let split = Split::of_weight(graph, id)?;
        let shape: Vec<usize> =
            graph.parameter(id).axes.iter().map(|axis| point.size(graph.dimension_of(*axis))).collect();
        let mut vectors = [0_usize; 2];
        for node in graph.uses(id) {
            let linear = Linear::new(&split, graph.node(node).op.einsum()?, 1.0)?;
            let samples = samples(plan, node, point);
            let operand = *graph.operands(node).first()?;
            let tangents = match plan.manner.updates {
                Updates::Each => plan.causes(operand),
                Updates::Total => plan.causes(operand).min(1),
            };
            let [forward, back] = match linear.side {
                Side::Columns => [0, 1],
                Side::Rows => [1, 0],
            };
            vectors[forward] = vectors[forward].saturating_add(samples.saturating_mul(1 + tangents));
            vectors[back] = vectors[back].saturating_add(samples);
        }
        Some(Self { sizes: sizes(&split, &shape), vectors })
    }

    fn entries(&self) -> f64 {
        count(self.sizes.places()) * count(self.sizes.rows()) * count(self.sizes.columns())
    }

    fn all(&self) -> f64 {
        count(self.vectors[0]) + count(self.vectors[1])
    }

    /// Multiplications of all products with entries, their drawing included.
    pub(crate) fn direct(&self) -> f64 {
        self.entries() * (self.all() + DRAW)
    }

    /// The same for a weight known by what it has been asked.
    pub(crate) fn law(&self) -> f64 {
        let lengths = count(self.sizes.rows()) + count(self.sizes.columns());
        THIN * count(self.sizes.places()) * lengths * self.all() * (self.all() + DRAW)
    }

    /// Numbers that are kept of what has been asked: vectors and answers, with room for those that are being
    /// asked.
    pub(crate) fn kept(&self) -> u128 {
        let lengths = self.sizes.rows() as u128 + self.sizes.columns() as u128;
        let vectors = self.vectors[0] as u128 + self.vectors[1] as u128;
        (self.sizes.places() as u128).saturating_mul(lengths).saturating_mul(vectors).saturating_mul(2)
    }
}

/// The samples for which a node applies one matrix of its weight.
fn samples(plan: &Plan<'_>, node: NodeId, point: &Point) -> usize {
    let graph = plan.graph;
    let Some(einsum) = graph.node(node).op.einsum() else { return 0 };
    let [weight, input] = &einsum.operands;
    let axes = input.iter().filter(|axis| !weight.contains(axis));
    axes.map(|axis| point.size(graph.dimension_of(*axis))).fold(1, usize::saturating_mul)
}

/// How a run is laid out in memory.
pub(crate) struct Layout {
    /// How each parameter is held.
    pub(crate) ways: Vec<Way>,
    /// In which order nodes are computed, and which of them slice by slice.
    pub(crate) schedule: Schedule,
}

impl Layout {
    /// The layout of a run at a point. If it would not fit in memory, the largest weights are drawn again and again rather
    /// than stored, and then regions of nodes are computed slice by slice.
    pub(crate) fn of(plan: &Plan<'_>, point: &Point) -> Self {
        let graph = plan.graph;
        let questions: Vec<Option<Questions>> =
            graph.parameter_ids().map(|id| Questions::of(plan, id, point)).collect();
        let asked = |questions: &Questions| match plan.manner.method {
            Method::Auto => questions.law() < questions.direct(),
            Method::Law => true,
            Method::Direct => false,
        };
        let way = |questions: &Option<Questions>| match questions {
            Some(questions) if asked(questions) => Way::Asked,
            Some(_) | None => Way::Stored,
        };
        let ways: Vec<Way> = questions.iter().map(way).collect();
        let entries = |place: &usize| questions[*place].as_ref().map_or(0.0, Questions::entries);
        let is_stored = |place: &usize| ways[*place] == Way::Stored && questions[*place].is_some();
        let mut stored: Vec<usize> = (0..ways.len()).filter(is_stored).collect();
        stored.sort_by(|a, b| entries(a).total_cmp(&entries(b)));
        let mut layout = Self { ways, schedule: Schedule::new(graph, Vec::new()) };
        let fits = |layout: &Self| layout.bytes(plan, point) <= u128::from(plan.manner.memory);
        while !fits(&layout) {
            let Some(largest) = stored.pop() else { break };
            layout.ways[largest] = Way::Drawn;
        }
        if fits(&layout) {
            return layout;
        }
        let mut candidates = Region::all(graph);
        let apart = |region: &Region| {
            region.parameters(graph).into_iter().all(|id| plan.step(id).needs() != Needs::Whole)
        };
        candidates.retain(apart);
        while !fits(&layout) {
            let overlaps = |region: &Region| {
                let taken = |known: &Region| known.members().iter().any(|id| region.members().contains(id));
                layout.schedule.regions.iter().any(taken)
            };
            candidates.retain(|region| !overlaps(region));
            let size = |region: &Region| -> f64 {
                let extent = |id: &NodeId| -> f64 {
                    let axes = graph.node(*id).axes.iter();
                    axes.map(|axis| count(point.size(graph.dimension_of(*axis)))).product()
                };
                region.nodes.iter().map(extent).sum()
            };
            // The largest of those that are enough, or else the one that leaves least.
            let thinnest =
                |region: &Region| layout.with(graph, region, point.size(region.dimension)).bytes(plan, point);
            let memory = u128::from(plan.manner.memory);
            let enough = |region: &&Region| thinnest(region) <= memory;
            let largest = candidates.iter().filter(enough).max_by(|a, b| size(a).total_cmp(&size(b)));
            let chosen = largest.or_else(|| candidates.iter().min_by_key(|region| thinnest(region)));
            let Some(region) = chosen.cloned() else { break };
            let most = point.size(region.dimension);
            let mut slices = 1_usize;
            let (mut held, mut helped) = (layout.bytes(plan, point), true);
            while slices < most && (!fits(&layout) || (held > HANDY && helped)) {
                slices = slices.saturating_mul(2).min(most);
                layout = layout.with(graph, &region, slices);
                let less = layout.bytes(plan, point);
                helped = less < held / 4 * 3;
                held = less;
            }
            candidates.retain(|known| *known != region);
        }
        layout
    }

    /// The same with a region computed in so many slices.
    fn with(&self, graph: &Graph, region: &Region, slices: usize) -> Self {
        let mut ways = self.ways.clone();
        region.parameters(graph).iter().for_each(|id| ways[id.0] = Way::Drawn);
        let others = self.schedule.regions.iter().filter(|known| known.nodes != region.nodes);
        let regions = others.cloned().chain([Region { slices, ..region.clone() }]).collect();
        Self { ways, schedule: Schedule::new(graph, regions) }
    }

    /// The bytes of the run, estimated from above.
    pub(crate) fn bytes(&self, plan: &Plan<'_>, point: &Point) -> u128 {
        memory::bytes(plan, point, &self.ways, &self.schedule)
    }
}

/// Multiplications of one run.
pub(crate) fn cost(plan: &Plan<'_>, point: &Point, layout: &Layout) -> f64 {
    let graph = plan.graph;
    let of_weight = |(id, way): (ParameterId, &Way)| match (Questions::of(plan, id, point), way) {
        (Some(questions), Way::Stored | Way::Drawn) => questions.direct(),
        (Some(questions), Way::Asked) => questions.law(),
        (None, _) => 0.0,
    };
    let of_node = |id: NodeId| {
        let axes = graph.operands(id).into_iter().flat_map(|operand| graph.node(operand).axes.clone());
        let mut axes: Vec<_> = axes.chain(graph.node(id).axes.iter().copied()).collect();
        axes.sort_unstable();
        axes.dedup();
        let extent: f64 = axes.iter().map(|axis| count(point.size(graph.dimension_of(*axis)))).product();
        extent * count(3 + plan.causes(id))
    };
    let weights: f64 = graph.parameter_ids().zip(&layout.ways).map(of_weight).sum();
    let is_linear = |id: &NodeId| graph.parameter_at(*id).is_some();
    weights + graph.nodes().filter(|id| !is_linear(id)).map(of_node).sum::<f64>()
}

#[allow(clippy::cast_precision_loss, reason = "work is only estimated")]
fn count(number: usize) -> f64 {
    number as f64
}

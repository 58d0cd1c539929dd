//! [`Layout`]: how a run is laid out in memory: how each weight is held, and what is computed slice by slice.

use super::constants::Plan;
use super::memory;
use super::needs::Needs;
use super::points::Point;
use super::questions::{Questions, count};
use super::region::{Region, Schedule};
use super::simulation::Method;
use crate::graph::{Graph, NodeId};
use crate::simulate::weight::Way;

/// Bytes of a run whose buffers are used again and again. What is sliced at all is cut down to this, where more slices make
/// it smaller: fresh memory for every slice takes as long as the work.
const HANDY: u128 = 1 << 29;

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
        let asked = |questions: &Questions| match plan.simulation.method {
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
        let fits = |layout: &Self| layout.bytes(plan, point) <= u128::from(plan.simulation.memory);
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
            let memory = u128::from(plan.simulation.memory);
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

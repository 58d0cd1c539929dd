//! [`Ladder`]: at which sizes to measure, where nobody names them.

use crate::exact::Exponent;
use crate::graph::{Graph, Kind, Scaling};

/// Sizes, each twice the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ladder {
    /// The first size of a feature dimension that grows alone.
    pub feature: usize,
    /// The first size of a sample dimension that grows alone: smaller, since attention costs its square.
    pub sample: usize,
    /// The first number of layers that grow alone: fewer still, since every layer is computed.
    pub depth: usize,
    /// How often a dimension that grows alone is doubled.
    pub doublings_alone: u32,
    /// How often the dimensions of a tie are doubled, from the size of the first one in the file.
    pub doublings_tied: u32,
    /// How often layers are doubled, alone or in a tie.
    pub doublings_depth: u32,
}

impl Default for Ladder {
    /// A factor of 64 from 64 or 8 on for dimensions alone, and of 128 for ties, whose sums cross over late; of 32 from 4 on
    /// for layers.
    fn default() -> Self {
        Self { feature: 64, sample: 8, depth: 4, doublings_alone: 6, doublings_tied: 7, doublings_depth: 5 }
    }
}

impl Ladder {
    /// The sizes of the first dimension of a scaling. With fractional powers, sizes at which a tied dimension would
    /// not be whole are left out.
    #[must_use]
    pub fn values(&self, graph: &Graph, scaling: &Scaling) -> Vec<usize> {
        let Some((leader, _, power)) = scaling.powers.first() else { return Vec::new() };
        let dimension = graph.dimension(*leader);
        let deepens = scaling.powers.iter().any(|(id, ..)| graph.dimension(*id).kind == Kind::Depth);
        let (first, doublings) = match (scaling.powers.len(), dimension.kind) {
            (1, Kind::Feature) => (self.feature, self.doublings_alone),
            (1, Kind::Sample) => (self.sample, self.doublings_alone),
            (1, Kind::Depth) => (self.depth, self.doublings_depth),
            _ if deepens => (dimension.size, self.doublings_depth.min(self.doublings_tied)),
            _ => (dimension.size, self.doublings_tied),
        };
        let inverse = power.reciprocal().unwrap_or(Exponent::ONE);
        let is_whole = |doubling: u32| {
            let doubled = |power: &Exponent| &(power * &inverse) * &Exponent::integer(doubling.into());
            scaling.powers.iter().all(|(_, _, power)| doubled(power).is_integer())
        };
        // What does not fit in a machine word could not be simulated either.
        let value = |doubling: u32| first.checked_mul(1_usize.checked_shl(doubling)?);
        (0..=doublings).filter(|doubling| is_whole(*doubling)).map_while(value).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::architecture::Architecture;
    use crate::rule::RuleBook;

    fn transformer() -> Arc<Graph> {
        let book = RuleBook::embedded().unwrap();
        let text = &book.architecture("transformer").unwrap().text;
        Architecture::parse(text, &book.activations()).unwrap().graph
    }

    #[test]
    fn sizes_are_doubled_and_stay_whole() {
        let graph = &transformer();
        let ladder = Ladder { feature: 16, doublings_alone: 2, doublings_tied: 4, ..Ladder::default() };
        let cases: [(&str, &[usize]); 5] = [
            ("d_k", &[16, 32, 64]),
            ("context", &[8, 16, 32]),
            ("d_model=n,heads=n", &[64, 128, 256, 512, 1024]),
            ("d_model=n,heads=n^1/2", &[64, 256, 1024]),
            ("heads=n^1/2,d_model=n", &[4, 8, 16, 32, 64]),
        ];
        for (scale, expected) in cases {
            let scaling = Scaling::parse(scale, graph).unwrap();
            assert_eq!(ladder.values(graph, &scaling), expected, "{scale}");
        }
    }

    #[test]
    fn sizes_beyond_a_machine_word_are_left_out() {
        let graph = transformer();
        let ladder = Ladder { feature: usize::MAX / 2, doublings_alone: 99, ..Ladder::default() };
        let scaling = Scaling::parse("d_k", &graph).unwrap();
        assert_eq!(ladder.values(&graph, &scaling).len(), 2);
    }
}

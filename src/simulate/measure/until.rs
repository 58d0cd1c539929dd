//! [`Until`]: which runs come next, where slopes are to be known to a half width.

use super::crossover::Crossover;
use super::measured::{MeasuredQuantity, Measurement};

/// How well every slope is to be known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Until {
    /// At most so far may the ends of the 95% confidence interval be from the slope.
    pub half_width: f64,
}

/// What to run next. Every value has the same seeds: a new seed is run at every value, a new value with every seed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Every slope is known.
    Known,
    /// So many seeds in all.
    Seeds(u64),
    /// These sizes.
    Values(Vec<usize>),
    /// More runs would not help, or not enough.
    Exhausted,
}

impl Until {
    /// The most seeds: the half width falls with their root, so more are no use.
    pub const MOST_SEEDS: u64 = 4096;

    /// The fewest seeds of which a spread is believed.
    pub const FEWEST_SEEDS: u64 = 4;

    /// Whether the slope of a quantity is known. One that vanishes has none.
    #[must_use]
    pub fn is_known(&self, measured: &MeasuredQuantity) -> bool {
        half_width(measured).is_some_and(|half_width| half_width <= self.half_width)
    }

    /// What is to be run next after a measurement with so many seeds. `larger` are the sizes with one more, if there may
    /// be one.
    ///
    /// Seeds as long as they help, at most twice as many at a time. A larger size where they do not, since
    /// [`Until::MOST_SEEDS`] would be too few, and where a slope that is not known still changes with size, since the
    /// seeds would be spent on one that is not the exponent.
    #[must_use]
    pub fn next(&self, measurement: &Measurement, seeds: u64, larger: Option<&[usize]>) -> Next {
        let open = || measurement.quantities.iter().filter(|measured| !self.is_known(measured));
        if open().next().is_none() {
            return Next::Known;
        }
        if seeds < Self::FEWEST_SEEDS {
            return Next::Seeds(Self::FEWEST_SEEDS);
        }
        let helped = || open().filter(|measured| half_width(measured).is_some());
        let wanted = helped().filter_map(|measured| self.seeds(measured, seeds)).max();
        let drifts = helped().any(|measured| {
            matches!(measured.crossover, Some(Crossover::Terms(_) | Crossover::Correction { .. }))
        });
        match (wanted, larger) {
            (None, Some(larger)) if helped().next().is_some() => Next::Values(larger.to_vec()),
            (Some(_), Some(larger)) if drifts => Next::Values(larger.to_vec()),
            (Some(wanted), _) if seeds < Self::MOST_SEEDS => {
                Next::Seeds(wanted.clamp(seeds + 1, 2 * seeds).min(Self::MOST_SEEDS))
            }
            (Some(_) | None, _) => Next::Exhausted,
        }
    }

    /// How many seeds make the slope of a quantity known, if it is not too many: the half width falls with their root.
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "there are few seeds"
    )]
    fn seeds(&self, measured: &MeasuredQuantity, seeds: u64) -> Option<u64> {
        let wanted = (seeds as f64 * (half_width(measured)? / self.half_width).powi(2)).ceil();
        (wanted <= Self::MOST_SEEDS as f64).then_some(wanted as u64)
    }
}

/// How far the ends of the interval are from the slope.
fn half_width(measured: &MeasuredQuantity) -> Option<f64> {
    let [low, high] = measured.interval?;
    Some((high - measured.slope).max(measured.slope - low))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{NodeId, Quantity};
    use crate::simulate::FittedSum;
    use crate::simulate::measure::sum::Adds;

    const UNTIL: Until = Until { half_width: 0.125 };

    fn measured(half_width: Option<f64>, drifts: Option<()>) -> MeasuredQuantity {
        let sum = FittedSum { terms: vec![], adds: Adds::Squares, size: 1.0, stderr: 1.0, shares: vec![] };
        MeasuredQuantity {
            quantity: Quantity::forward(NodeId::new(0)),
            magnitudes: vec![],
            slope: 1.0,
            stderr: 0.0,
            interval: half_width.map(|half_width| [1.0 - half_width, 1.0 + half_width / 2.0]),
            predicted: None,
            verdict: None,
            crossover: drifts.map(|()| Crossover::Terms(sum)),
            cause: None,
        }
    }

    fn next(quantities: Vec<MeasuredQuantity>, seeds: u64, larger: Option<&[usize]>) -> Next {
        UNTIL.next(&Measurement { values: vec![8, 16], quantities }, seeds, larger)
    }

    #[test]
    fn seeds_are_added_as_many_as_are_needed_and_at_most_twice_as_many_at_a_time() {
        let wide = |half_width| vec![measured(Some(0.1), None), measured(Some(half_width), None)];
        let larger = [8, 16, 32];
        assert_eq!(next(wide(0.125), 8, None), Next::Known);
        assert_eq!(next(wide(0.15), 16, Some(&larger)), Next::Seeds(24), "16 (0.15 / 0.125)^2 is 23.04");
        assert_eq!(next(wide(0.5), 8, Some(&larger)), Next::Seeds(16));
        assert_eq!(next(wide(0.125_1), 4095, None), Next::Exhausted, "4102 would be needed");
        assert_eq!(next(wide(0.125_000_1), 4096, None), Next::Exhausted);
        assert_eq!(next(vec![measured(None, None)], 1, None), Next::Seeds(4), "one seed has no interval");
    }

    #[test]
    fn a_larger_size_comes_where_seeds_do_not_help_or_a_slope_drifts() {
        let larger = [8, 16, 32];
        let values = Next::Values(larger.to_vec());
        let drifting = || vec![measured(Some(0.2), Some(()))];
        assert_eq!(next(drifting(), 8, Some(&larger)), values);
        assert_eq!(next(drifting(), 8, None), Next::Seeds(16));
        assert_eq!(next(vec![measured(Some(0.1), Some(()))], 8, Some(&larger)), Next::Known);
        let hopeless = || vec![measured(Some(64.0), None)];
        assert_eq!(next(hopeless(), 8, Some(&larger)), values);
        assert_eq!(next(hopeless(), 8, None), Next::Exhausted);
    }

    #[test]
    fn what_has_no_slope_asks_for_nothing() {
        let vanishing = || measured(None, None);
        assert_eq!(next(vec![vanishing()], 8, Some(&[8, 16, 32])), Next::Exhausted);
        assert_eq!(next(vec![vanishing(), measured(Some(0.25), None)], 8, None), Next::Seeds(16));
    }

    /// Whatever the spread, the loop ends: each step adds a seed or a size, and both are bounded.
    #[test]
    fn every_spread_ends() {
        for spread in [0.0, 0.3, 3.0, 7.9, 8.1, 1e9, f64::INFINITY] {
            let (mut seeds, mut sizes) = (2, 2);
            for step in 0.. {
                assert!(step < 40, "{spread}");
                #[allow(clippy::cast_precision_loss)]
                let quantity = measured(Some(spread / (seeds as f64).sqrt()), None);
                let larger = (sizes < 6).then(|| vec![8; sizes + 1]);
                match next(vec![quantity, measured(None, None)], seeds, larger.as_deref()) {
                    Next::Seeds(more) => seeds = more,
                    Next::Values(values) => sizes = values.len(),
                    Next::Known | Next::Exhausted => break,
                }
            }
        }
    }
}

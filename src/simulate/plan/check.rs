//! Everything that is checked before the first run: the plan, how many runs there are, and whether each fits in memory.

use super::constants::Plan;
use super::error::SimulateError;
use super::experiment::Experiment;
use super::layout::Layout;

/// The most runs that an experiment may have.
const MOST_RUNS: u64 = 1_000_000;

impl Experiment<'_> {
    /// Makes every check, also of memory, that [`Experiment::run`] makes before the first run.
    ///
    /// # Errors
    /// What is wrong with the experiment, see [`SimulateError`].
    pub fn check(&self) -> Result<(), SimulateError> {
        self.checked().map(|_| ())
    }

    /// The experiment with every constant, and the bytes of a run at each value.
    pub(crate) fn checked(&self) -> Result<(Plan<'_>, Vec<u128>), SimulateError> {
        let plan = Plan::of(self)?;
        if self.runs.seeds == 0 {
            return Err(SimulateError::NoSeeds);
        }
        if self.runs.seeds.saturating_mul(self.runs.values.len() as u64) > MOST_RUNS {
            return Err(SimulateError::TooManySeeds(self.runs.seeds));
        }
        let bytes = self.check_memory(&plan)?;
        Ok((plan, bytes))
    }

    /// The bytes of a run at each value.
    fn check_memory(&self, plan: &Plan<'_>) -> Result<Vec<u128>, SimulateError> {
        let fits = |(point, value): (_, &usize)| {
            let needed = plan.written_out(point, |plan| Layout::of(plan, point).bytes(plan, point));
            if needed > u128::from(self.runs.simulation.memory) {
                return Err(SimulateError::Memory {
                    value: *value,
                    needed,
                    allowed: self.runs.simulation.memory,
                });
            }
            Ok(needed)
        };
        plan.points.all.iter().zip(&self.runs.values).map(fits).collect()
    }
}

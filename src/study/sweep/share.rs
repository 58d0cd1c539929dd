//! [`Share`]: the part of the tasks that one of several machines makes.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::{Sweep, Task};

/// One of several shares, counted from 0: `0/4` to `3/4`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    index: u32,
    count: u32,
}

/// Why something is no share.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ShareError {
    /// Not of the form `0/4`.
    #[error("a share has the form `0/4`")]
    Malformed,
    /// There are no shares, or too many.
    #[error("there may be 1 to {} shares", Share::MOST)]
    Count,
    /// The number of the share is not below their count.
    #[error("{} shares are numbered 0 to {}, not {}", .1, .1.saturating_sub(1), .0)]
    Index(u32, u32),
}

impl Share {
    /// The most shares there may be.
    pub const MOST: u32 = 1_000_000;

    /// The share of that number.
    ///
    /// # Errors
    /// If there is none.
    pub fn new(index: u32, count: u32) -> Result<Self, ShareError> {
        if !(1..=Self::MOST).contains(&count) {
            return Err(ShareError::Count);
        }
        if index >= count {
            return Err(ShareError::Index(index, count));
        }
        Ok(Self { index, count })
    }

    /// Its tasks, in order. The dearest task that is left goes to the share that has the least to do: what any two
    /// shares cost differs by one task at most, and the same plan is always shared in the same way.
    #[must_use]
    pub fn of(self, sweep: &Sweep) -> Vec<&Task> {
        let costs: Vec<u64> = sweep.tasks().iter().map(|task| task.cost.multiply_adds).collect();
        let owners = owners(&costs, self.count);
        let mine = sweep.tasks().iter().zip(owners).filter(|(_, owner)| *owner == self.index);
        mine.map(|(task, _)| task).collect()
    }

    /// A name for its file: `share-0-of-4`.
    #[must_use]
    pub fn name(self) -> String {
        format!("share-{}-of-{}", self.index, self.count)
    }
}

impl FromStr for Share {
    type Err = ShareError;

    fn from_str(text: &str) -> Result<Self, ShareError> {
        let (index, count) = text.split_once('/').ok_or(ShareError::Malformed)?;
        let number = |text: &str| text.parse().map_err(|_| ShareError::Malformed);
        Self::new(number(index)?, number(count)?)
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

/// The number of the share of each task.
fn owners(costs: &[u64], shares: u32) -> Vec<u32> {
    let mut order: Vec<usize> = (0..costs.len()).collect();
    order.sort_by_key(|task| Reverse(costs[*task]));
    let mut loads: BinaryHeap<Reverse<(u128, u32)>> = (0..shares).map(|share| Reverse((0, share))).collect();
    let mut owners = vec![0; costs.len()];
    for task in order {
        let Some(Reverse((load, share))) = loads.pop() else { break };
        owners[task] = share;
        // What costs nothing takes its turn too.
        loads.push(Reverse((load + u128::from(costs[task].max(1)), share)));
    }
    owners
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_read_as_it_is_written_and_what_is_none_is_refused() {
        for text in ["0/1", "3/4", "999999/1000000"] {
            assert_eq!(text.parse::<Share>().unwrap().to_string(), text);
        }
        let cases = [
            ("4/4", "4 shares are numbered 0 to 3, not 4"),
            ("0/0", "there may be 1 to 1000000 shares"),
            ("0/1000001", "there may be 1 to 1000000 shares"),
            ("1", "a share has the form `0/4`"),
            ("-1/4", "a share has the form `0/4`"),
            ("1/", "a share has the form `0/4`"),
            ("1/2/3", "a share has the form `0/4`"),
        ];
        for (text, said) in cases {
            assert_eq!(text.parse::<Share>().unwrap_err().to_string(), said, "{text}");
        }
    }

    #[test]
    fn shares_differ_by_one_task_at_most() {
        let doubled: Vec<u64> = (0..7).flat_map(|size| [1 << (2 * size); 8]).collect();
        let cases =
            [doubled, vec![5; 12], vec![7, 1, 1, 1, 1, 1, 1, 1], vec![0; 6], vec![u64::MAX; 3], vec![]];
        for costs in cases {
            for shares in [1, 2, 3, 5, 16, 100] {
                let owners = owners(&costs, shares);
                assert_eq!(owners.len(), costs.len(), "every task has one owner");
                let mut loads = vec![0_u128; shares as usize];
                for (owner, cost) in owners.iter().zip(&costs) {
                    loads[*owner as usize] += u128::from(*cost);
                }
                let dearest = costs.iter().copied().max().unwrap_or(0);
                let (least, most) = (loads.iter().min().unwrap(), loads.iter().max().unwrap());
                assert!(most - least <= u128::from(dearest), "{costs:?} in {shares}: {loads:?}");
            }
        }
        assert_eq!(owners(&[0; 6], 3), [0, 1, 2, 0, 1, 2], "what costs nothing is shared too");
    }

    #[test]
    fn the_dearest_tasks_are_spread() {
        assert_eq!(owners(&[1, 1, 1, 9, 9, 9], 3), [0, 1, 2, 0, 1, 2]);
        assert_eq!(owners(&[2, 3, 4, 5, 6], 2), [0, 0, 1, 1, 0]);
    }
}

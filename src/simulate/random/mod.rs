//! Random numbers: normal ones that are found by their place in a sequence, and the sequence of each tensor of a run.

mod draw;
mod normals;
mod transform;
mod words;

#[cfg(test)]
mod distribution;
#[cfg(test)]
mod independence;
#[cfg(test)]
mod statistic;

pub use self::draw::Seed;
pub(super) use self::draw::Source;
pub(super) use self::normals::Normals;

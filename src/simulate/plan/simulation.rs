//! [`Manner`]: in which way a network is simulated.

use super::layout::Method;

/// In which way networks are simulated: what it costs, and how exactly it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manner {
    /// In which precision arrays are stored.
    pub precision: Precision,
    /// How weights are held.
    pub method: Method,
    /// Whose steps responses are recorded for.
    pub updates: Updates,
    /// Bytes that the arrays of all simultaneous runs may take.
    pub memory: u64,
}

impl Default for Manner {
    /// In single precision, with all responses, each weight as it takes less work, in at most 8 GiB.
    fn default() -> Self {
        let (precision, method, updates) = (Precision::default(), Method::default(), Updates::default());
        Self { precision, method, updates, memory: 8 << 30 }
    }
}

/// The precision in which arrays are stored. Norms and inner products are accumulated in double precision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// 32 bits: faster; what rounding leaves of a cancellation is set to zero.
    #[default]
    F32,
    /// 64 bits.
    F64,
}

impl Precision {
    /// Every precision with its name.
    pub const NAMES: [(&'static str, Self); 2] = [("f32", Self::F32), ("f64", Self::F64)];
}

/// Whose steps a response is recorded for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Updates {
    /// Each parameter's and all of them together.
    #[default]
    Each,
    /// All together: as many fewer numbers as there are parameters.
    Total,
}

impl Updates {
    /// Every choice with its name.
    pub const NAMES: [(&'static str, Self); 2] = [("each", Self::Each), ("total", Self::Total)];
}

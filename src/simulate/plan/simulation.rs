//! [`Simulation`]: how networks are simulated.

/// How networks are simulated: what it costs, and how exactly it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Simulation {
    /// In which precision arrays are stored.
    pub precision: Precision,
    /// How weights are held.
    pub method: Method,
    /// Whose steps responses are recorded for.
    pub updates: Updates,
    /// Bytes that the arrays of all simultaneous runs may take.
    pub memory: u64,
}

impl Default for Simulation {
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

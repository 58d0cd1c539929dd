//! [`Unknowns`]: the hyperparameters that later steps are derived for, numbered.

use crate::exact::{Exponent, Unknown, UnknownInfo, UnknownKind};
use crate::graph::{Graph, Hyperparameters, MultiplierId, ParameterId};

/// The unknown exponents of a network: an init for each parameter that starts at random, a learning rate for each that is
/// trained, and every multiplier.
#[derive(Clone, Debug)]
pub struct Unknowns {
    /// What each is, in order.
    pub all: Vec<UnknownInfo>,
    init: Vec<Option<Unknown>>,
    lr: Vec<Option<Unknown>>,
    multiplier: Vec<Unknown>,
}

impl Unknowns {
    /// Those of a network.
    #[must_use]
    pub fn of(graph: &Graph) -> Self {
        let mut unknowns = Self { all: Vec::new(), init: Vec::new(), lr: Vec::new(), multiplier: Vec::new() };
        for id in graph.parameter_ids() {
            let parameter = graph.parameter(id);
            let name = |of: &str| format!("{of}({})", parameter.name);
            let init = parameter.has_init().then(|| unknowns.add(name("init"), UnknownKind::Init));
            let trained = parameter.is_trained();
            let lr = trained.then(|| unknowns.add(name("lr"), UnknownKind::LearningRate));
            unknowns.init.push(init);
            unknowns.lr.push(lr);
        }
        for id in graph.multiplier_ids() {
            let name = format!("multiplier({})", graph.multiplier(id).name);
            let multiplier = unknowns.add(name, UnknownKind::Multiplier);
            unknowns.multiplier.push(multiplier);
        }
        unknowns
    }

    fn add(&mut self, name: String, kind: UnknownKind) -> Unknown {
        let unknown = u32::try_from(self.all.len()).map_or(Unknown(u32::MAX), Unknown);
        self.all.push(UnknownInfo { name, kind });
        unknown
    }

    /// The init of a parameter.
    #[must_use]
    pub fn init(&self, id: ParameterId) -> Option<Unknown> {
        self.init[id.0]
    }

    /// The learning rate of a parameter.
    #[must_use]
    pub fn lr(&self, id: ParameterId) -> Option<Unknown> {
        self.lr[id.0]
    }

    /// A multiplier.
    #[must_use]
    pub fn multiplier(&self, id: MultiplierId) -> Unknown {
        self.multiplier[id.0]
    }

    /// The parameters whose init is unknown.
    pub fn starts(&self) -> impl Iterator<Item = (ParameterId, Unknown)> + '_ {
        let starts = self.init.iter().enumerate();
        starts.filter_map(|(id, unknown)| Some((ParameterId(id), (*unknown)?)))
    }

    /// The hyperparameters at a point.
    #[must_use]
    pub fn hyperparameters(&self, point: &[Exponent]) -> Hyperparameters {
        let value = |unknown: Unknown| point.get(unknown.0 as usize).cloned().unwrap_or_default();
        let of = |unknowns: &[Option<Unknown>]| {
            unknowns.iter().map(|unknown| unknown.map(value).unwrap_or_default()).collect()
        };
        Hyperparameters {
            init: of(&self.init),
            lr: of(&self.lr),
            multiplier: self.multiplier.iter().map(|unknown| value(*unknown)).collect(),
        }
    }
}

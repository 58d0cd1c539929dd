//! [`Provenance`]: where hyperparameters come from.

/// Where hyperparameters come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provenance {
    /// In words: `hyperparameters of fsc`.
    pub words: String,
    /// The requirements that they were derived from, if they were.
    pub desiderata: Option<String>,
    /// The parameterization whose inits and multipliers were given, if some were.
    pub given: Option<String>,
    /// The alignment that is assumed of every response, if one is.
    pub alignment: Option<String>,
}

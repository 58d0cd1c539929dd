//! [`Name`]: the quantities that rule expressions may speak of, in the theory's own notation.

use crate::graph::{Quantity, Site};

/// A quantity in a rule expression. `x` is an operand, `z` (or `y`) the node, `q` the other operand, `W` (or
/// `w`) the parameter of the node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Name {
    /// Exponent of the operand's magnitude.
    ForwardX,
    /// Exponent of the other operand's magnitude.
    ForwardQ,
    /// Exponent of the node's magnitude.
    ForwardY,
    /// Exponent of the operand's mean absolute value: below [`Name::ForwardX`] if it is sparse.
    AbsoluteX,
    /// Exponent of the backward signal of the node.
    BackwardZ,
    /// The same, where the node is called `y`.
    BackwardY,
    /// Exponent of the initial standard deviation of the parameter.
    Init,
    /// Exponent of the learning rate of the parameter.
    LearningRate,
    /// Exponent of the scalar in front of the node; 0 if there is none.
    Multiplier,
    /// Exponent of the gradient of the parameter.
    Gradient,
    /// Exponent of the mean absolute gradient of the parameter.
    AbsoluteGradient,
    /// Size of the contracted axes.
    Contracted,
    /// Size of the contracted feature axes.
    ContractedFeature,
    /// Size of the contracted sample axes.
    ContractedSample,
    /// Size of the axes of the weight that only the result has.
    Produced,
    /// Size of the axes that the first use of the parameter produces, less those that number its matrices; of all axes of a
    /// bias or gain.
    Rows,
    /// Size of the axes that the first use of the parameter contracts, likewise.
    Columns,
    /// Size of the parameter: the number of its entries.
    Entries,
    /// Size of the sample axes of the node along which the parameter is shared.
    Shared,
    /// Size of the feature axes of the node over which the parameter is shared.
    SharedFeature,
    /// Size of the axes that a softmax or mean runs over.
    Over,
    /// Size of the feature axes of the node that the operand lacks.
    LackedFeature,
    /// Size of the sample axes of the node that the operand lacks.
    LackedSample,
    /// Average eigenvalue of a component of the operand's response.
    Eigenvalue,
    /// Effective rank of a component of the operand's response.
    Rank,
    /// Feature size of the node.
    FeaturesZ,
    /// Feature size of the operand.
    FeaturesX,
    /// Magnitude of the operand's response that is not aligned with what comes back through this node.
    Sideways,
    /// How much of what an earlier use of the parameter made is left in the operand.
    Share,
    /// Exponent of the total response of the node.
    Update,
    /// Exponent of the response of the node to the step of the parameter used there.
    UpdateBy,
    /// Exponent of the loss decrease caused by the parameter.
    Contribution,
    /// Number of layers of a repeat.
    Layers,
    /// Number of layers of the network for each copy of the parameter: 1 in the deepest repeat, all layers outside of any.
    LayersPerCopy,
    /// Exponent of the multipliers that the node passes before anything else sees it.
    Behind,
    /// Number of layers of a repeat in all of which the node is added to the stream, before anything else sees it; 1 elsewhere.
    Copies,
    /// What the block of a repeat makes of a vector of the stream, beside the stream itself if that goes around: the
    /// exponent of its Jacobian, in the first layer.
    Gain,
}

impl Name {
    /// The quantity that a requirement on a site means by it, where it is called `y` or `w`; nothing if it is none of that site.
    #[must_use]
    pub fn quantity(self, site: Site) -> Option<Quantity> {
        match (self, site) {
            (Self::ForwardY, Site::Node(y)) => Some(Quantity::forward(y)),
            (Self::BackwardY, Site::Node(y)) => Some(Quantity::backward(y)),
            (Self::Update, Site::Node(y)) => Some(Quantity::update(y)),
            (Self::UpdateBy, Site::Use(w, y)) => Some(Quantity::update_by(w, y)),
            (Self::Contribution, Site::Parameter(w) | Site::Use(w, _)) => Some(Quantity::contribution(w)),
            (Self::Gradient, Site::Parameter(w) | Site::Use(w, _)) => Some(Quantity::gradient(w)),
            _ => None,
        }
    }

    /// Every name as it is written.
    pub const WRITTEN: [(&'static str, Self); 37] = [
        ("forward(x)", Self::ForwardX),
        ("forward(q)", Self::ForwardQ),
        ("forward(y)", Self::ForwardY),
        ("absolute(x)", Self::AbsoluteX),
        ("backward(z)", Self::BackwardZ),
        ("backward(y)", Self::BackwardY),
        ("init(W)", Self::Init),
        ("lr", Self::LearningRate),
        ("multiplier", Self::Multiplier),
        ("gradient(W)", Self::Gradient),
        ("absolute_gradient(W)", Self::AbsoluteGradient),
        ("|C|", Self::Contracted),
        ("|C feature|", Self::ContractedFeature),
        ("|C sample|", Self::ContractedSample),
        ("|Q|", Self::Produced),
        ("|rows|", Self::Rows),
        ("|columns|", Self::Columns),
        ("|W|", Self::Entries),
        ("|S|", Self::Shared),
        ("|S feature|", Self::SharedFeature),
        ("|s|", Self::Over),
        ("|z - x feature|", Self::LackedFeature),
        ("|z - x sample|", Self::LackedSample),
        ("k", Self::Eigenvalue),
        ("R", Self::Rank),
        ("N(z)", Self::FeaturesZ),
        ("N(x)", Self::FeaturesX),
        ("sideways", Self::Sideways),
        ("share", Self::Share),
        ("update(y)", Self::Update),
        ("update(w, y)", Self::UpdateBy),
        ("contribution(w)", Self::Contribution),
        ("|L|", Self::Layers),
        ("|layers / w|", Self::LayersPerCopy),
        ("behind", Self::Behind),
        ("|copies|", Self::Copies),
        ("gain", Self::Gain),
    ];

    /// How rule files write it.
    #[must_use]
    pub fn written(self) -> &'static str {
        Self::WRITTEN.iter().find(|(_, name)| *name == self).map_or("", |(text, _)| text)
    }

    /// The name written so, whatever the spaces.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let squeezed = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        let wanted = squeezed(text);
        Self::WRITTEN.iter().find(|(written, _)| squeezed(written) == wanted).map(|(_, name)| *name)
    }
}

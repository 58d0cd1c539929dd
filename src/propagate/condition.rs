//! [`Condition`]: what must hold for exponents to exist.

use super::Because;
use crate::exact::Form;
use crate::graph::NodeId;

/// A form that must be at most zero, or exponents end at the node.
#[derive(Clone, Debug)]
pub struct Condition {
    /// The node.
    pub node: NodeId,
    /// The form.
    pub form: Form,
    /// What the form is the exponent of, in words.
    pub what: String,
    /// Where it comes from.
    pub because: Because,
    /// What happens otherwise.
    pub ending: Ending,
}

/// Why exponents end at a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ending {
    /// Its argument grows until its slope vanishes.
    Saturated,
    /// The positions that it compares become alike.
    Collapsed,
    /// Signals grow exponentially with the number of layers.
    Unstable,
    /// The backward signal is a power of the number of layers that depends on constants.
    Marginal,
}

impl Ending {
    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Saturated => "saturated",
            Self::Collapsed => "rank collapse",
            Self::Unstable => "unstable",
            Self::Marginal => "marginal",
        }
    }

    /// Whether forward magnitudes end there too.
    #[must_use]
    pub fn ends_forward(self) -> bool {
        match self {
            Self::Saturated | Self::Unstable => true,
            Self::Collapsed | Self::Marginal => false,
        }
    }

    /// What happens to the node of that name, as a sentence.
    #[must_use]
    pub fn tell(self, node: &str) -> String {
        match self {
            Self::Saturated => format!("`{node}` saturates otherwise, and exponents end there"),
            Self::Collapsed => format!(
                "the positions that `{node}` compares become alike otherwise (rank collapse), and exponents end there"
            ),
            Self::Unstable => {
                format!(
                    "signals grow or vanish exponentially with depth behind `{node}` otherwise (unstable), which is no exponent"
                )
            }
            Self::Marginal => format!(
                "backward signals behind `{node}` depend on constants otherwise (marginal), which is no exponent"
            ),
        }
    }
}

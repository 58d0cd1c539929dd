//! [`Activation`]: an elementwise function.

use super::{Centred, Entries, Facts, Operation, Room, Slope, Zeros};

/// An elementwise function. Its rule, of that name, says how magnitudes pass and which function it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activation(pub String);

impl Activation {
    /// The name of the function that changes nothing.
    pub const IDENTITY: &'static str = "identity";

    pub(super) const FACTS: Facts = Facts {
        name: "activation",
        rules: &[],
        uses: None,
        // As of every function that grows. Counterexample: of a symmetric `x`, `|x|` is orthogonal to `x`.
        keeps_direction: true,
        zeros: Zeros::AsItsRule,
        // Counterexample: a rectified signal is positive.
        centred: Centred::Never,
        entries: Entries::Operands,
        // Counterexample: the slope of `relu` is 0 or 1, as the entry is negative or positive.
        slope: Slope::Operand,
        adds: false,
        normalises: false,
        passes_on: false,
        narrows: false,
        room: Room::Each,
        // On the stream it would bend what every layer adds.
        in_stream: false,
        in_chain: true,
    };
}

impl Operation for Activation {
    fn facts(&self) -> &'static Facts {
        &Self::FACTS
    }

    fn rule_name(&self) -> Option<&str> {
        Some(&self.0)
    }

    fn passes_on(&self) -> bool {
        self.0 == Self::IDENTITY
    }

    fn activation(&self) -> Option<&str> {
        Some(&self.0)
    }
}

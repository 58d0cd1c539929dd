//! [`Facts`]: what is so of every op of one kind, and what the analyses of a network rely on.
//!
//! A fact is a promise. Where an op does more than it promises nothing goes wrong, only less is known: `false`, `Lost` and
//! the like say that nothing is relied on. `simulate/op/facts.rs` holds every promise about numbers against the arrays.

use crate::graph::ParameterKind;

/// The table that each op fills in, in its own file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The word for the op.
    pub name: &'static str,
    /// Its rules in `rules/ops`, the usual one first. None for data, none for a stream, whose rule is that of its repeat, and none
    /// for activations, which are called like theirs.
    pub rules: &'static [&'static str],
    /// What its parameter does, if it uses one. Then its rule says what gradient that has.
    pub uses: Option<ParameterKind>,
    /// Whether something of the direction of each operand is left in the result, whatever the sizes: their angle stays away from
    /// a right one. A weight that meets what it made itself across such nodes hears an *echo*.
    /// Counterexample: `W x` with a random weight is orthogonal to `x`, up to one over the root of the features.
    pub keeps_direction: bool,
    /// What becomes of entries that are zero.
    pub zeros: Zeros,
    /// When the entries of the result have mean zero.
    pub centred: Centred,
    /// Where the entries along an axis come from.
    pub entries: Entries,
    /// On what the derivative by an operand depends.
    pub slope: Slope,
    /// Whether the result is the sum of the operands, and of the parameter if there is one. Of a sum only the summands that vary
    /// along an axis count there. Counterexample: a mean is a sum along an axis, of one operand.
    pub adds: bool,
    /// Whether the size of the result does not depend on that of the operand: `f(c x) = f(x)` for `c > 0`.
    /// Counterexample: a softmax forgets a shift, not a factor.
    pub normalises: bool,
    /// Whether the result is the operand, entry by entry or rotated: times a scalar or a parameter that starts at one, plus a
    /// parameter or other operands. What alone goes on that way is seen only behind it, so what is asked of it counts there.
    /// Counterexample: an activation bends its operand, so that it matters how large that is.
    pub passes_on: bool,
    /// Whether a contraction makes the result, which may so have fewer features than an operand: a response of higher rank is
    /// narrowed there. Counterexample: a mean has as many features as before.
    pub narrows: bool,
    /// Where one more multiplier could stand that is not the same as one elsewhere.
    pub room: Room,
    /// Whether the op may stand on the stream of a residual block, on the way around its branches (theory, section 5).
    /// Counterexample: a factor on the stream multiplies with itself from layer to layer, exponentially in depth.
    pub in_stream: bool,
    /// Whether the op may be a step of a chain (theory, section 5): one operand, features alone.
    /// Counterexample: a sum has several operands, and a softmax over positions mixes them in every layer.
    pub in_chain: bool,
}

/// What becomes of an entry that is zero. In all cases but `Lost` an entry of the result depends on the same entry of the
/// operands alone, so what comes back as zero stays zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zeros {
    /// It stays zero.
    Kept,
    /// It is zero if all summands are.
    Summed,
    /// It stays zero if the rule of that name says so: `tanh(0) = 0`, but `sigmoid(0) = 1/2`.
    AsItsRule,
    /// It is filled by a parameter, even where all are zero.
    Filled,
    /// Nothing is known.
    Lost,
}

/// When the entries of a result have mean zero, as far as weights see to it; those of different layers add up like a square
/// root only then. A symmetric operand has mean zero, and stays symmetric under a function that is odd in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Centred {
    /// Always: it is odd in a weight, which is symmetric.
    Always,
    /// If one operand is: it is odd in each.
    IfAny,
    /// If all operands are: it is odd in all together.
    IfAll,
    /// Nothing is known.
    Never,
}

/// Where the entries of a result along an axis come from; two operands of one origin are not independent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entries {
    /// Data.
    Data,
    /// A weight that mixes what is before it, so that nothing older is recognised.
    Weight,
    /// The operands that have the axis: the op acts entry by entry, or along other axes.
    Operands,
}

/// On what the derivative of a result by an operand depends. Along an axis on which it does not depend, a change that is
/// alike at all places stays alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slope {
    /// On nothing.
    Constant,
    /// On the parameter, along its axes.
    Parameter,
    /// On the place along the axes that the op runs over.
    Place,
    /// On the other operands, along their axes.
    Others,
    /// On the operand itself, along every axis.
    Operand,
}

/// Where one more multiplier could stand. In front of a weight it could be traded for the weight's initial size and learning
/// rate, and in front of a multiplier for that one: there is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// Nowhere.
    None,
    /// In front of the result, if no multiplier stands there.
    Front,
    /// On the way into the first operand: a factor in front of the other is the same.
    First,
    /// On the way into each operand that has no multiplier in front.
    Each,
}

//! [`OpRule`]: how magnitudes pass a node (theory, sections 2 to 4).

use super::about::{ABOUT, About, read_about};
use super::approximation::{APPROXIMATION, Approximation, read_approximations};
use super::example::{Example, check_examples, example_keys, examples, read_examples};
use super::expression::{Expression, Sum};
use super::name::Name;
use super::{Function, expression};
use crate::document::{Diagnostic, Key, Mistakes, Record, Value, quote};
use crate::graph::op::{FROM_ZERO, Facts, VOCABULARY};

/// The rule of an op or activation.
#[derive(Clone, Debug)]
pub struct OpRule {
    /// Name, summary, why, source.
    pub about: About,
    /// Each must be at most zero, or exponents end at the node: it is *saturated*, a repeat *unstable* or *marginal*.
    pub requires: Vec<Sum>,
    /// Exponent of the node; where an operand is named, the largest over the operands. Of none where the node starts at zero.
    pub forward: Expression,
    /// `part(x, z)`: what comes back to the operand through the node.
    pub backward: Expression,
    /// Average eigenvalue of a component after the node.
    pub component: Expression,
    /// Effective rank of a component after the node.
    pub rank: Expression,
    /// What the node makes of a response that is not aligned.
    pub generic: Expression,
    /// Exponent of the gradient of the node's parameter, if the op has one.
    pub gradient: Option<Expression>,
    /// By what a linear node multiplies what an earlier use of its weight took, where it meets what that use made, transposed. Without
    /// it such uses are taken to be independent.
    pub echo: Option<Expression>,
    /// Whether an activation satisfies `f(c x) = c f(x)` for every `c > 0`: only then does a chain of layers keep a magnitude
    /// exactly.
    pub homogeneous: bool,
    /// The function the simulation computes; nothing for an activation that is only predicted.
    pub function: Option<Function>,
    /// Where it is an approximation.
    pub approximations: Vec<Approximation>,
    /// Worked examples.
    pub examples: Vec<Example>,
}

/// Those that say how the layers of a repeat add up.
const REPEATS: [&str; 3] = ["residual", "looped", "chain"];

const FORWARD: &[Name] = &[
    Name::ForwardX,
    Name::ForwardQ,
    Name::Init,
    Name::Multiplier,
    Name::Contracted,
    Name::ContractedFeature,
    Name::ContractedSample,
    Name::Over,
];
/// What the derivative of a node may depend on.
const DERIVATIVE: &[Name] = &[
    Name::ForwardX,
    Name::ForwardQ,
    Name::Init,
    Name::Multiplier,
    Name::Contracted,
    Name::ContractedFeature,
    Name::ContractedSample,
    Name::Over,
    Name::LackedFeature,
    Name::LackedSample,
];
/// What the derivative of a map whose weight starts at zero may depend on.
const AFTER_A_STEP: &[Name] = &[
    Name::ForwardX,
    Name::UpdateBy,
    Name::FeaturesX,
    Name::FeaturesZ,
    Name::LackedFeature,
    Name::LackedSample,
];
/// What a weight makes of what it made itself.
const ECHO: &[Name] = &[Name::Init, Name::Multiplier, Name::Contracted, Name::Share];
const GRADIENT: &[Name] =
    &[Name::BackwardZ, Name::ForwardX, Name::Multiplier, Name::Shared, Name::SharedFeature];

const KEYS: [Key; 12] = [
    Key::optional(
        "requires",
        Value::TEXT,
        "a condition; where it fails, exponents end",
        r#""forward(x) <= 0""#,
    ),
    Key::required(
        "forward",
        Value::Expression,
        "exponent of the node; the largest over `x` if there are several; not where a weight starts at zero",
        r#""forward(x)""#,
    ),
    Key::required("backward", Value::Expression, "what comes back to the operand", r#""backward(z)""#),
    Key::required("component", Value::Expression, "average eigenvalue of a component behind it", r#""k""#),
    Key::required("rank", Value::Expression, "effective rank of a component behind it", r#""R""#),
    Key::required(
        "generic",
        Value::Expression,
        "what it makes of a response that is not aligned",
        r#""sideways""#,
    ),
    Key::required(
        "gradient",
        Value::Expression,
        "of its parameter; only of ops that have one",
        r#""|S| + backward(z)""#,
    ),
    Key::optional(
        "echo",
        Value::Expression,
        "what a weight makes of what it made, transposed; only of `linear`",
        r#""2 init(W) + |C|""#,
    ),
    Key::optional(
        "homogeneous",
        Value::TRUTH,
        "whether f(c x) = c f(x) for every c > 0; only of activations",
        "true",
    ),
    Key::optional(
        "function",
        Value::Word(Function::words),
        "what `measure` computes; only of activations, only predicted if absent",
        r#""relu""#,
    ),
    APPROXIMATION,
    examples(|| example_keys(&VALUES)),
];
const VALUES: [&str; 7] = ["forward", "backward", "component", "rank", "generic", "gradient", "echo"];

/// The facts of the op that a rule is of, if it is of one.
fn op_of(rule: &str) -> Option<&'static Facts> {
    VOCABULARY.into_iter().find(|facts| facts.rules.contains(&rule))
}

/// Whether a rule in `ops` is that of an activation: of no other op, and of no repeat.
pub(super) fn is_of_activation(rule: &str) -> bool {
    op_of(rule).is_none() && !REPEATS.contains(&rule)
}

impl OpRule {
    /// Every key of the file, of whatever op it is.
    pub(super) fn keys() -> Vec<Key> {
        ABOUT.into_iter().chain(KEYS).collect()
    }

    pub(super) fn read(file: &Record<'_>, mistakes: &mut Mistakes<'_>) -> Option<Self> {
        let about = read_about(file, mistakes);
        let name = about.as_ref().map_or("", |about| about.name.as_str());
        let activation = is_of_activation(name);
        let trained = op_of(name).is_some_and(|op| op.uses.is_some());
        let from_zero = name == FROM_ZERO;
        let meaningless = |key: &str| {
            (["function", "homogeneous"].contains(&key) && !activation)
                || (key == "gradient" && !trained)
                || (key == "echo" && name != "linear")
                || (["forward", "requires"].contains(&key) && from_zero)
        };
        file.refuse_unknown(Self::keys().into_iter().filter(|key| !meaningless(key.name)), mistakes);
        let function = if activation { read_function(file, mistakes) } else { None };
        let repeats = REPEATS.contains(&name);
        let homogeneous = activation && file.truth("homogeneous", mistakes).unwrap_or(false);
        let requires = read_requires(file, if repeats { OF_REPEATS } else { OF_NODES }, mistakes);
        let layers: &[Name] = if repeats { &[Name::Layers] } else { &[] };
        let with_layers = |names: &[Name]| [names, layers].concat();
        let forward = match from_zero {
            true => Some(Expression::Max(Vec::new())),
            false => expression(file, "forward", &with_layers(FORWARD), mistakes),
        };
        let derivative = if from_zero { AFTER_A_STEP } else { DERIVATIVE };
        let of = |derived: Name| with_layers(&[&[derived], derivative].concat());
        let backward = expression(file, "backward", &of(Name::BackwardZ), mistakes);
        let component = expression(file, "component", &of(Name::Eigenvalue), mistakes);
        let rank = expression(file, "rank", &with_layers(&[Name::Rank, Name::FeaturesZ]), mistakes);
        let generic = expression(file, "generic", &of(Name::Sideways), mistakes);
        let gradient = if trained { Some(expression(file, "gradient", GRADIENT, mistakes)?) } else { None };
        let has_echo = name == "linear" && file.has("echo");
        let echo = if has_echo { Some(expression(file, "echo", ECHO, mistakes)?) } else { None };
        let approximations = read_approximations(file, mistakes);
        let examples = read_examples(file, &VALUES, mistakes);
        let rule = Self {
            about: about?,
            requires,
            forward: forward?,
            backward: backward?,
            component: component?,
            rank: rank?,
            generic: generic?,
            gradient,
            echo,
            homogeneous,
            function,
            approximations,
            examples,
        };
        check_examples(&rule.examples, |key| rule.expression(key), mistakes);
        Some(rule)
    }

    /// Whether an activation maps zero to zero, as far as its magnitudes tell: it vanishes with its operand.
    #[must_use]
    pub fn keeps_zero(&self) -> bool {
        let vanishes =
            |sum: &Sum| sum.constant.is_zero() && sum.terms.iter().all(|(_, name)| *name == Name::ForwardX);
        self.forward.sums().iter().all(|sum| vanishes(sum) && !sum.terms.is_empty())
    }

    /// Whether an activation is known to be odd, so that its mean over entries vanishes.
    #[must_use]
    pub fn is_odd(&self) -> bool {
        self.function.is_some_and(Function::is_odd)
    }

    /// Whether nothing comes back through an entry of an activation that is zero; where its function is not known, it is so if its
    /// magnitudes say that it has a kink there.
    #[must_use]
    pub fn is_dead_at_zero(&self) -> bool {
        self.function.map_or(self.homogeneous, Function::is_dead_at_zero)
    }

    /// The expression under a key of the rule file.
    #[must_use]
    pub fn expression(&self, key: &str) -> Option<&Expression> {
        match key {
            "forward" => Some(&self.forward),
            "backward" => Some(&self.backward),
            "component" => Some(&self.component),
            "rank" => Some(&self.rank),
            "generic" => Some(&self.generic),
            "gradient" => self.gradient.as_ref(),
            "echo" => self.echo.as_ref(),
            _ => None,
        }
    }
}

fn read_function(file: &Record<'_>, mistakes: &mut Mistakes<'_>) -> Option<Function> {
    let text = file.text("function", mistakes)?;
    let found = Function::NAMES.iter().find(|(name, _)| *name == text.value).map(|(_, function)| *function);
    if found.is_none() {
        let known = Function::NAMES.map(|(name, _)| name).join(", ");
        let unknown = Diagnostic::new("unknown-function", format!("unknown function {}", quote(text.value)));
        let hint = format!("known functions: {known}; leave it out if the activation is only predicted");
        mistakes.add(&text.span, unknown.hint(hint));
    }
    found
}

/// What a condition may speak of, and how it is written.
struct Conditions {
    names: &'static [Name],
    example: &'static str,
}

const OF_NODES: Conditions = Conditions { names: &[Name::ForwardX], example: "`forward(x) <= 0`" };
const OF_REPEATS: Conditions =
    Conditions { names: &[Name::Gain, Name::Layers], example: "`gain + |L| <= 0` or `gain = 0`" };

/// `forward(x) <= 0`: the left side; of an equation that and its negative.
fn read_requires(file: &Record<'_>, allowed: Conditions, mistakes: &mut Mistakes<'_>) -> Vec<Sum> {
    let Some(text) = file.text("requires", mistakes) else { return Vec::new() };
    let bounds = text.value.split_once("<=");
    let equals = text.value.split_once('=').filter(|_| bounds.is_none());
    if let Some((left, right)) = bounds.or(equals)
        && let (Ok(Expression::Sum(sum)), "0") = (Expression::parse(left), right.trim())
        && sum.terms.iter().all(|(_, name)| allowed.names.contains(name))
    {
        return if equals.is_some() { vec![-&sum, sum] } else { vec![sum] };
    }
    let message = format!("{} is not a condition here", quote(text.value));
    mistakes.add(&text.span, Diagnostic::new("requires", message).hint(format!("write {}", allowed.example)));
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::RuleBook;

    #[test]
    fn every_rule_is_that_of_an_op_of_a_repeat_or_of_an_activation() {
        let book = RuleBook::embedded().unwrap();
        for rule in VOCABULARY.iter().flat_map(|op| op.rules).chain(&REPEATS) {
            assert!(book.ops.contains_key(*rule), "{rule} is missing");
        }
        assert_eq!(book.activations(), ["gelu", "identity", "relu", "silu", "tanh"]);
    }
}

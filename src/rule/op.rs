//! [`OpRule`]: how magnitudes pass a node (theory, sections 2 to 4).

use super::book::{About, Example, read_about, read_examples};
use super::expression::Expression;
use super::name::Name;
use super::reader::Reader;
use super::{Function, expression_of};
use crate::diagnostic::Diagnostic;

/// The rule of an op or activation.
#[derive(Clone, Debug)]
pub struct OpRule {
    /// Name, summary, why, source.
    pub about: About,
    /// Must be at most zero, or the node is *saturated*: exponents end there.
    pub requires: Option<Expression>,
    /// Exponent of the node; where an operand is named, the largest over the operands.
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
    /// The function the simulation computes; nothing for an activation that is only predicted.
    pub function: Option<Function>,
    /// Worked examples.
    pub examples: Vec<Example>,
}

/// The ops of the closed vocabulary that need a rule; every other rule in `ops` is an activation.
pub const OPS: [&str; 12] = [
    "linear",
    "bilinear",
    "product",
    "scale",
    "add",
    "bias",
    "gain",
    "layer_norm",
    "rms_norm",
    "softmax",
    "mean",
    "rope",
];
const WITH_PARAMETER: [&str; 3] = ["linear", "bias", "gain"];

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
const BACKWARD: &[Name] = &[
    Name::BackwardZ,
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
const COMPONENT: &[Name] = &[
    Name::Eigenvalue,
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
const GENERIC: &[Name] = &[
    Name::Sideways,
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
const GRADIENT: &[Name] = &[Name::BackwardZ, Name::ForwardX, Name::Multiplier, Name::Shared];

impl OpRule {
    pub(super) fn read(reader: &Reader<'_>) -> Option<Self> {
        let about = read_about(reader);
        let name = about.as_ref().map_or("", |about| about.name.as_str());
        let activation = !OPS.contains(&name);
        let function = if activation { read_function(reader) } else { None };
        let requires = reader.has("requires").then(|| read_requires(reader)).flatten();
        let forward = expression_of(reader, "forward", FORWARD);
        let backward = expression_of(reader, "backward", BACKWARD);
        let component = expression_of(reader, "component", COMPONENT);
        let rank = expression_of(reader, "rank", &[Name::Rank, Name::FeaturesZ]);
        let generic = expression_of(reader, "generic", GENERIC);
        let gradient = if WITH_PARAMETER.contains(&name) {
            Some(expression_of(reader, "gradient", GRADIENT)?)
        } else {
            None
        };
        let examples =
            read_examples(reader, &["forward", "backward", "component", "rank", "generic", "gradient"]);
        Some(Self {
            about: about?,
            requires,
            forward: forward?,
            backward: backward?,
            component: component?,
            rank: rank?,
            generic: generic?,
            gradient,
            function,
            examples,
        })
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
            _ => None,
        }
    }
}

fn read_function(reader: &Reader<'_>) -> Option<Function> {
    let text = reader.text("function")?;
    let found = Function::NAMES.iter().find(|(name, _)| *name == text.value).map(|(_, function)| *function);
    if found.is_none() {
        let known = Function::NAMES.map(|(name, _)| name).join(", ");
        let unknown = Diagnostic::new("unknown-function", format!("unknown function `{}`", text.value));
        let hint = format!("known functions: {known}; leave it out if the activation is only predicted");
        reader.report(text.span, unknown.hint(hint));
    }
    found
}

/// `forward(x) <= 0`: the left side.
fn read_requires(reader: &Reader<'_>) -> Option<Expression> {
    let text = reader.text("requires")?;
    let (left, right) = text.value.split_once("<=").unwrap_or((text.value.as_str(), ""));
    match (Expression::parse(left), right.trim()) {
        (Ok(Expression::Sum(sum)), "0") if sum.terms.iter().all(|(_, name)| *name == Name::ForwardX) => {
            Some(Expression::Sum(sum))
        }
        _ => {
            let wrong =
                Diagnostic::new("requires", format!("`{}` is not a condition on the operand", text.value));
            reader.report(text.span, wrong.hint("write `forward(x) <= 0`"));
            None
        }
    }
}

//! [`Desiderata`]: what is asked of the exponents (theory, section 7).

use super::book::{About, read_about};
use super::check_names;
use super::example::{DerivedExample, read_derived_examples};
use super::expression::Expression;
use super::name::Name;
use super::reader::{Reader, Spanned};
use crate::diagnostic::{Diagnostic, nearest};
use crate::exponent::Exponent;
use crate::graph::Role;

/// A set of labelled requirements.
#[derive(Clone, Debug)]
pub struct Desiderata {
    /// Name, summary, why, source.
    pub about: About,
    /// The requirements, in the order of the file.
    pub requirements: Vec<RequirementRule>,
    /// Worked examples.
    pub examples: Vec<DerivedExample>,
}

/// One requirement on every member of some classes.
#[derive(Clone, Debug)]
pub struct RequirementRule {
    /// Its letter, as in `F`.
    pub label: String,
    /// On whom.
    pub on: Vec<Class>,
    /// The left side.
    pub left: Expression,
    /// How it compares to the right side.
    pub relation: Comparison,
    /// The right side.
    pub right: Expression,
    /// Why one wants it.
    pub why: String,
}

/// A class of nodes or parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// The nodes of a role.
    Nodes(Role),
    /// The last node of role `feature`.
    LastFeature,
    /// Every parameter.
    Parameters,
}

/// `=` or `<=`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `<=`
    AtMost,
}

const OF_NODES: &[Name] = &[Name::ForwardY, Name::BackwardY, Name::Update];
const OF_PARAMETERS: &[Name] = &[Name::UpdateBy, Name::Contribution, Name::Gradient];

impl Desiderata {
    pub(super) fn read(reader: &Reader<'_>) -> Option<Self> {
        let about = read_about(reader);
        if !reader.has("require") {
            let missing = Diagnostic::new("missing-key", "`require` is missing");
            reader.report(0..0, missing.hint("add a table `[[require]]` with label, on, says, why"));
        }
        let requirements = reader.tables("require", read_requirement);
        let examples = read_derived_examples(reader, "architecture");
        Some(Self { about: about?, requirements, examples })
    }
}

fn read_requirement(reader: &Reader<'_>) -> Option<RequirementRule> {
    let label = reader.required_text("label");
    let classes = reader.texts("on");
    if classes.is_empty() {
        let missing = Diagnostic::new("missing-key", "`on` names no class");
        reader.report(reader.span(), missing.hint("add `on = [\"feature\"]`"));
    }
    let on: Vec<Class> = classes.iter().filter_map(|class| read_class(reader, class)).collect();
    let says = reader.required_text("says");
    let why = reader.required_text("why");
    let (says, why) = (says?, why?);
    let (left, relation, right) = read_says(reader, &says)?;
    let parameters = on.contains(&Class::Parameters);
    let allowed = if parameters { OF_PARAMETERS } else { OF_NODES };
    if parameters && on.len() > 1 {
        let mixed =
            Diagnostic::new("mixed-classes", "a requirement is on nodes or on parameters, not on both");
        reader.report(classes[0].span.clone(), mixed.hint("write two requirements"));
        return None;
    }
    check_names(reader, &says.span, &left, allowed)?;
    check_names(reader, &says.span, &right, allowed)?;
    check_responses(reader, &says, &left, &right)?;
    Some(RequirementRule { label: label?.value, on, left, relation, right, why: why.value })
}

/// A response is a maximum: it may stand alone on the left, so that it is bounded from above by a linear form.
fn check_responses(
    reader: &Reader<'_>,
    says: &Spanned<String>,
    left: &Expression,
    right: &Expression,
) -> Option<()> {
    let response = |name: &Name| matches!(name, Name::Update | Name::UpdateBy);
    let terms = |side: &Expression| side.sums().iter().flat_map(|sum| sum.terms.clone()).collect::<Vec<_>>();
    let on_left: Vec<_> = terms(left).into_iter().filter(|(_, name)| response(name)).collect();
    let single = on_left.len() <= 1 && on_left.iter().all(|(coefficient, _)| *coefficient == Exponent::ONE);
    if single && !terms(right).iter().any(|(_, name)| response(name)) {
        return Some(());
    }
    let wrong =
        Diagnostic::new("requirement", "a response must stand on the left, once, without a coefficient");
    reader.report(says.span.clone(), wrong.hint("write `update(y) = 0` or `update(y) <= forward(y)`"));
    None
}

fn read_class(reader: &Reader<'_>, text: &Spanned<String>) -> Option<Class> {
    let roles = Role::NAMES.iter().filter(|(_, role)| *role != Role::Input);
    let mut classes: Vec<(&str, Class)> = roles.map(|(name, role)| (*name, Class::Nodes(*role))).collect();
    classes.extend([("last feature", Class::LastFeature), ("parameters", Class::Parameters)]);
    let found = classes.iter().find(|(name, _)| *name == text.value).map(|(_, class)| *class);
    if found.is_none() {
        let names: Vec<&str> = classes.iter().map(|(name, _)| *name).collect();
        let hint = match nearest(&text.value, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known classes: {}", names.join(", ")),
        };
        let unknown = Diagnostic::new("unknown-class", format!("unknown class `{}`", text.value));
        reader.report(text.span.clone(), unknown.hint(hint));
    }
    found
}

/// `update(y) = forward(y)`, `forward(y) <= 0`.
fn read_says(reader: &Reader<'_>, says: &Spanned<String>) -> Option<(Expression, Comparison, Expression)> {
    let text = &says.value;
    let (left, relation, right) = match (text.split_once("<="), text.split_once('=')) {
        (Some((left, right)), _) => (left, Comparison::AtMost, right),
        (None, Some((left, right))) => (left, Comparison::Equal, right),
        (None, None) => {
            let wrong = Diagnostic::new("requirement", format!("`{text}` requires nothing"));
            reader.report(says.span.clone(), wrong.hint("write `forward(y) = 0` or `forward(y) <= 0`"));
            return None;
        }
    };
    let mut sides = Vec::new();
    for side in [left, right] {
        match Expression::parse(side) {
            Ok(expression @ Expression::Sum(_)) => sides.push(expression),
            Ok(Expression::Max(_) | Expression::Min(_)) => {
                let wrong = Diagnostic::new("requirement", "a requirement compares linear forms");
                reader.report(
                    says.span.clone(),
                    wrong.hint("write one requirement for each of the alternatives"),
                );
            }
            Err((_, diagnostic)) => reader.report(says.span.clone(), diagnostic),
        }
    }
    let right = sides.pop()?;
    Some((sides.pop()?, relation, right))
}

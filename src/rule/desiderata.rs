//! [`Desiderata`]: what is asked of the exponents (theory, section 7).

use super::about::{ABOUT, About, read_about, said};
use super::check_names;
use super::concession::Concession;
use super::example::{DerivedExample, derived_example_keys, derived_examples, read_derived_examples};
use super::expression::Expression;
use super::name::Name;
use crate::document::{Diagnostic, Key, Mistakes, Record, Text, Value, Wanted, is_match, nearest, quote};
use crate::exact::Exponent;
use crate::graph::{ParameterClass, Role};

/// A set of labelled requirements.
#[derive(Clone, Debug)]
pub struct Desiderata {
    /// Name, summary, why, source.
    pub about: About,
    /// The requirements, in the order of the file.
    pub requirements: Vec<RequirementRule>,
    /// What a multiplier is told as that could be traded for initial sizes and learning rates without a requirement that notices;
    /// nothing if all ways to write a table are told apart.
    pub gauge: Option<Expression>,
    /// Requirements of which less is asked than the file says.
    pub relaxed: Vec<Concession>,
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
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// The nodes of a role.
    Nodes(Role),
    /// The last node of role `feature`.
    LastFeature,
    /// Parameters.
    Parameters(Which),
}

/// Which parameters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Which {
    /// Every one.
    All,
    /// Weights that contract and produce something: input, hidden and output weights.
    Matrices,
    /// Gains, biases, and weights entry by entry.
    Vectors,
    /// Those of a name, in which a star stands for anything: `W_V`, `W_*`. A network need not have one.
    Named(String),
}

impl Which {
    /// Whether a parameter of a name and class is one of them.
    #[must_use]
    pub fn holds(&self, name: &str, class: ParameterClass) -> bool {
        match self {
            Self::All => true,
            Self::Matrices => class != ParameterClass::Vector,
            Self::Vectors => class == ParameterClass::Vector,
            Self::Named(pattern) => is_match(pattern, name),
        }
    }
}

impl Class {
    /// As a rule file writes it.
    #[must_use]
    pub fn written(&self) -> &str {
        match self {
            Self::Nodes(role) => role.name(),
            Self::LastFeature => "last feature",
            Self::Parameters(Which::All) => "parameters",
            Self::Parameters(Which::Matrices) => "matrices",
            Self::Parameters(Which::Vectors) => "vectors",
            Self::Parameters(Which::Named(name)) => name,
        }
    }
}

/// `=` or `<=`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `<=`
    AtMost,
}

const OF_NODES: &[Name] = &[Name::ForwardY, Name::BackwardY, Name::Update, Name::Behind, Name::Copies];
const OF_PARAMETERS: &[Name] =
    &[Name::UpdateBy, Name::Contribution, Name::Gradient, Name::LayersPerCopy, Name::Behind, Name::Copies];

/// What an example names beside the set.
const OTHERS: [&str; 2] = ["architecture", "optimizer"];

const KEYS: [Key; 3] = [
    Key::optional(
        "gauge",
        Value::Expression,
        "what a multiplier is told as that could be traded for weights",
        r#""- |copies|""#,
    ),
    Key::required("require", Value::Tables(|| REQUIREMENT.to_vec()), "a requirement; at least one", ""),
    derived_examples(|| derived_example_keys(OTHERS)),
];

const REQUIREMENT: [Key; 4] = [
    Key::required("label", Value::TEXT, "its letter", r#""F""#),
    Key::required(
        "on",
        Value::Plain(Wanted::Texts),
        "on whom: roles, `last feature`; or `parameters`, `matrices`, `vectors`, names of parameters like `W_V`, `W_*`",
        r#"["feature"]"#,
    ),
    Key::required("says", Value::Expression, "a quantity, `=` or `<=`, and its bound", r#""forward(y) = 0""#),
    Key::required("why", Value::TEXT, "why one wants it", r#""entries of order 1""#),
];

impl Desiderata {
    /// The same, asking less.
    #[must_use]
    pub fn asking_less(mut self, relaxed: impl IntoIterator<Item = Concession>) -> Self {
        self.relaxed.extend(relaxed);
        self
    }

    /// What it is called, with what is asked less of: `fsc relaxed in U on W_V`.
    #[must_use]
    pub fn told(&self) -> String {
        let less: Vec<String> = self.relaxed.iter().map(Concession::to_string).collect();
        let name = &self.about.name;
        if less.is_empty() { name.clone() } else { format!("{name} relaxed in {}", less.join(", ")) }
    }

    /// Every key of the file.
    pub(super) fn keys() -> Vec<Key> {
        ABOUT.into_iter().chain(KEYS).collect()
    }

    pub(super) fn read(file: &Record<'_>, mistakes: &mut Mistakes<'_>) -> Option<Self> {
        file.refuse_unknown(Self::keys(), mistakes);
        let about = read_about(file, mistakes);
        if !file.has("require") {
            file.missing("require", Wanted::Tables, mistakes);
        }
        let tables = file.tables("require", "a requirement", mistakes).unwrap_or_default();
        let requirements = tables.iter().filter_map(|table| read_requirement(table, mistakes)).collect();
        let gauge = file.text("gauge", mistakes).and_then(|says| read_gauge(&says, mistakes));
        let examples = read_derived_examples(file, OTHERS, mistakes);
        Some(Self { about: about?, requirements, gauge, relaxed: Vec::new(), examples })
    }
}

/// `- |copies|`
fn read_gauge(says: &Text<'_>, mistakes: &mut Mistakes<'_>) -> Option<Expression> {
    match Expression::parse(says.value) {
        Ok(expression) => {
            check_names(&says.span, &expression, &[Name::Copies], mistakes)?;
            Some(expression)
        }
        Err((_, diagnostic)) => {
            mistakes.add(&says.span, diagnostic);
            None
        }
    }
}

fn read_requirement(table: &Record<'_>, mistakes: &mut Mistakes<'_>) -> Option<RequirementRule> {
    table.refuse_unknown(REQUIREMENT, mistakes);
    let label = said(table, "label", mistakes);
    let classes = table.texts("on", mistakes).unwrap_or_default();
    if classes.is_empty() {
        table.missing("on", Wanted::Texts, mistakes);
    }
    let on: Vec<Class> = classes.iter().filter_map(|class| read_class(class, mistakes)).collect();
    let says = said(table, "says", mistakes);
    let why = said(table, "why", mistakes);
    let (says, why) = (says?, why?);
    let (left, relation, right) = read_says(&says, mistakes)?;
    let is_parameter = |class: &Class| matches!(class, Class::Parameters(_));
    let parameters = on.iter().any(is_parameter);
    let allowed = if parameters { OF_PARAMETERS } else { OF_NODES };
    if parameters && !on.iter().all(is_parameter) {
        let mixed =
            Diagnostic::new("mixed-classes", "a requirement is on nodes or on parameters, not on both");
        mistakes.add(&classes.first()?.span, mixed.hint("write two requirements"));
        return None;
    }
    check_names(&says.span, &left, allowed, mistakes)?;
    check_names(&says.span, &right, allowed, mistakes)?;
    check_responses(&says, &left, &right, mistakes)?;
    Some(RequirementRule { label: label?.value.into(), on, left, relation, right, why: why.value.into() })
}

/// A response is a maximum: it may stand alone on the left, so that it is bounded from above by a linear form.
fn check_responses(
    says: &Text<'_>,
    left: &Expression,
    right: &Expression,
    mistakes: &mut Mistakes<'_>,
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
    mistakes.add(&says.span, wrong.hint("write `update(y) = 0` or `update(y) <= forward(y)`"));
    None
}

fn read_class(text: &Text<'_>, mistakes: &mut Mistakes<'_>) -> Option<Class> {
    let roles = Role::NAMES.iter().filter(|(_, role)| *role != Role::Input);
    let mut classes: Vec<(&str, Class)> = roles.map(|(name, role)| (*name, Class::Nodes(*role))).collect();
    classes.push(("last feature", Class::LastFeature));
    let which = [("parameters", Which::All), ("matrices", Which::Matrices), ("vectors", Which::Vectors)];
    classes.extend(which.map(|(name, which)| (name, Class::Parameters(which))));
    let found = classes.iter().find(|(name, _)| *name == text.value).map(|(_, class)| class.clone());
    let names: Vec<&str> = classes.iter().map(|(name, _)| *name).collect();
    if found.is_none() && may_be_a_name(text.value) && nearest(text.value, names.iter().copied()).is_none() {
        return Some(Class::Parameters(Which::Named(text.value.into())));
    }
    if found.is_none() {
        let known = || format!("known classes: {}", names.join(", "));
        let hint = mistakes.suggest(text.value, names.iter().copied(), known);
        let unknown = Diagnostic::new("unknown-class", format!("unknown class {}", quote(text.value)));
        mistakes.add(&text.span, unknown.hint(hint));
    }
    found
}

/// Whether a parameter may be called so: a name, in which stars may stand.
fn may_be_a_name(text: &str) -> bool {
    let first = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '*');
    first && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '*')
}

/// `update(y) = forward(y)`, `forward(y) <= 0`.
fn read_says(says: &Text<'_>, mistakes: &mut Mistakes<'_>) -> Option<(Expression, Comparison, Expression)> {
    let text = says.value;
    let (left, relation, right) = match (text.split_once("<="), text.split_once('=')) {
        (Some((left, right)), _) => (left, Comparison::AtMost, right),
        (None, Some((left, right))) => (left, Comparison::Equal, right),
        (None, None) => {
            let wrong = Diagnostic::new("requirement", format!("{} requires nothing", quote(text)));
            mistakes.add(&says.span, wrong.hint("write `forward(y) = 0` or `forward(y) <= 0`"));
            return None;
        }
    };
    let mut sides = Vec::new();
    for side in [left, right] {
        match Expression::parse(side) {
            Ok(expression @ Expression::Sum(_)) => sides.push(expression),
            Ok(Expression::Max(_) | Expression::Min(_)) => {
                let wrong = Diagnostic::new("requirement", "a requirement compares linear forms");
                mistakes.add(&says.span, wrong.hint("write one requirement for each of the alternatives"));
            }
            Err((_, diagnostic)) => mistakes.add(&says.span, diagnostic),
        }
    }
    let right = sides.pop()?;
    Some((sides.pop()?, relation, right))
}

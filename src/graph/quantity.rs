//! [`Quantity`]: what an exponent is the exponent of, and what a simulation measures (theory, section 1).

use super::{Graph, NodeId, ParameterId};

/// A quantity of training: its kind, its site, and how many steps were made before. Written `forward(x)`, `update(W_Q, a)`,
/// `contribution(W)` before the first step, `forward(x, step 2)` after two.
///
/// Whoever makes a quantity by name means the first step; those of later ones (theory, section 12) are of the same kinds at the
/// same sites.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity {
    kind: QuantityKind,
    site: Site,
    step: usize,
}

/// What of a node or parameter is meant. In the order in which one follows from the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum QuantityKind {
    /// rms of a node.
    Forward,
    /// rms of what a node has changed by since the first step.
    Change,
    /// rms of the derivative of the loss by a node.
    Backward,
    /// rms of the gradient of a parameter.
    Gradient,
    /// Loss decrease caused by the step of a parameter.
    Contribution,
    /// rms of the first-order response of a node to the step of all parameters, or of the one that is named.
    Update,
    /// Cosine of the angle between the update and the backward signal of a cut node (theory, section 8).
    Angle,
}

/// Where something is in a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Site {
    /// A node.
    Node(NodeId),
    /// A parameter.
    Parameter(ParameterId),
    /// A parameter as it is felt at a node, at one that uses it or further down.
    Use(ParameterId, NodeId),
}

impl QuantityKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Forward,
        Self::Change,
        Self::Backward,
        Self::Gradient,
        Self::Contribution,
        Self::Update,
        Self::Angle,
    ];

    /// As the theory writes it and answers tell it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Forward => "forward",
            Self::Change => "change",
            Self::Backward => "backward",
            Self::Gradient => "gradient",
            Self::Contribution => "contribution",
            Self::Update => "update",
            Self::Angle => "angle",
        }
    }
}

impl Quantity {
    fn new(kind: QuantityKind, site: Site) -> Self {
        Self { kind, site, step: 0 }
    }

    /// `forward(y)`
    #[must_use]
    pub fn forward(node: NodeId) -> Self {
        Self::new(QuantityKind::Forward, Site::Node(node))
    }

    /// `change(y)`
    #[must_use]
    pub fn change(node: NodeId) -> Self {
        Self::new(QuantityKind::Change, Site::Node(node))
    }

    /// `backward(y)`
    #[must_use]
    pub fn backward(node: NodeId) -> Self {
        Self::new(QuantityKind::Backward, Site::Node(node))
    }

    /// `gradient(w)`
    #[must_use]
    pub fn gradient(parameter: ParameterId) -> Self {
        Self::new(QuantityKind::Gradient, Site::Parameter(parameter))
    }

    /// `contribution(w)`
    #[must_use]
    pub fn contribution(parameter: ParameterId) -> Self {
        Self::new(QuantityKind::Contribution, Site::Parameter(parameter))
    }

    /// `update(y)`, by all parameters.
    #[must_use]
    pub fn update(node: NodeId) -> Self {
        Self::new(QuantityKind::Update, Site::Node(node))
    }

    /// `update(w, y)`, by one parameter.
    #[must_use]
    pub fn update_by(parameter: ParameterId, node: NodeId) -> Self {
        Self::new(QuantityKind::Update, Site::Use(parameter, node))
    }

    /// `angle(y)`
    #[must_use]
    pub fn angle(node: NodeId) -> Self {
        Self::new(QuantityKind::Angle, Site::Node(node))
    }

    /// What is meant.
    #[must_use]
    pub fn kind(self) -> QuantityKind {
        self.kind
    }

    /// Of whom.
    #[must_use]
    pub fn site(self) -> Site {
        self.site
    }

    /// The same after so many steps.
    #[must_use]
    pub fn after(self, step: usize) -> Self {
        Self { step, ..self }
    }

    /// How many steps were made before.
    #[must_use]
    pub fn step(self) -> usize {
        self.step
    }

    /// Whether it is the update by all parameters together: a sum, and sums of powers cross over (theory, section 11).
    #[must_use]
    pub fn is_total(self) -> bool {
        self.kind == QuantityKind::Update && self.site.parameter().is_none()
    }

    /// Whether it is the update by one parameter of what another is the update of by all.
    #[must_use]
    pub fn is_row_of(self, whole: Self) -> bool {
        whole.is_total()
            && matches!(self.site, Site::Use(_, node) if self.kind == QuantityKind::Update && whole.site == Site::Node(node))
    }

    /// The same of another node, parameter or use.
    #[must_use]
    pub fn at(self, site: Site) -> Self {
        Self { site, ..self }
    }

    /// As the theory writes it: `update(W_Q, a)`, and `change(a, step 2)`.
    #[must_use]
    pub fn write(self, graph: &Graph) -> String {
        let (kind, site) = (self.kind.name(), self.site.write(graph));
        match self.step {
            0 => format!("{kind}({site})"),
            step => format!("{kind}({site}, step {step})"),
        }
    }

    /// The quantity that [`Quantity::write`] writes so; nothing if there is no such kind, node or parameter, or not that kind
    /// of it.
    #[must_use]
    pub fn read(text: &str, graph: &Graph) -> Option<Self> {
        let (kind, of) = text.trim().strip_suffix(')')?.split_once('(')?;
        let kind = QuantityKind::ALL.into_iter().find(|known| known.name() == kind)?;
        let (of, step) = match of.rsplit_once(", step ") {
            Some((of, step)) => (of, step.parse().ok()?),
            None => (of, 0),
        };
        let (parameter, node) = match of.split_once(',') {
            Some((parameter, node)) => (Some(parameter.trim()), node.trim()),
            None => (None, of.trim()),
        };
        let quantity = match (kind, parameter) {
            (QuantityKind::Update, Some(by)) => {
                Self::update_by(graph.find_parameter(by)?, graph.find_node(node)?)
            }
            (_, Some(_)) => return None,
            (QuantityKind::Forward, None) => Self::forward(graph.find_node(node)?),
            (QuantityKind::Change, None) => Self::change(graph.find_node(node)?),
            (QuantityKind::Backward, None) => Self::backward(graph.find_node(node)?),
            (QuantityKind::Update, None) => Self::update(graph.find_node(node)?),
            (QuantityKind::Angle, None) => Self::angle(graph.find_node(node)?),
            (QuantityKind::Gradient, None) => Self::gradient(graph.find_parameter(node)?),
            (QuantityKind::Contribution, None) => Self::contribution(graph.find_parameter(node)?),
        };
        Some(quantity.after(step))
    }

    /// The name of its kind, and those of its node and its parameter where it has such.
    #[must_use]
    pub fn named(self, graph: &Graph) -> (&'static str, Option<&str>, Option<&str>) {
        let node = self.site.node().map(|id| graph.node(id).name.as_str());
        let parameter = self.site.parameter().map(|id| graph.parameter(id).name.as_str());
        (self.kind.name(), node, parameter)
    }

    /// ``update of `a` by `W_Q` ``
    #[must_use]
    pub fn words(self, graph: &Graph) -> String {
        let words = match self.named(graph) {
            (kind, Some(node), Some(parameter)) => format!("{kind} of `{node}` by `{parameter}`"),
            (kind, Some(name), None) | (kind, None, Some(name)) => format!("{kind} of `{name}`"),
            (kind, None, None) => kind.into(),
        };
        match self.step {
            0 => words,
            1 => format!("{words} after 1 step"),
            step => format!("{words} after {step} steps"),
        }
    }
}

impl Site {
    /// The node, unless it is a parameter wherever that is.
    #[must_use]
    pub fn node(self) -> Option<NodeId> {
        match self {
            Self::Node(node) | Self::Use(_, node) => Some(node),
            Self::Parameter(_) => None,
        }
    }

    /// The parameter, unless it is a node.
    #[must_use]
    pub fn parameter(self) -> Option<ParameterId> {
        match self {
            Self::Parameter(parameter) | Self::Use(parameter, _) => Some(parameter),
            Self::Node(_) => None,
        }
    }

    /// The name of the node or parameter; of a use, that of the parameter.
    #[must_use]
    pub fn name(self, graph: &Graph) -> &str {
        match self {
            Self::Node(node) => &graph.node(node).name,
            Self::Parameter(parameter) | Self::Use(parameter, _) => &graph.parameter(parameter).name,
        }
    }

    /// As the theory writes it: `a`, `W_Q`, or `W_Q, a`.
    #[must_use]
    pub fn write(self, graph: &Graph) -> String {
        match self {
            Self::Node(_) | Self::Parameter(_) => self.name(graph).into(),
            Self::Use(_, node) => format!("{}, {}", self.name(graph), graph.node(node).name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::architecture::Architecture;
    use crate::rule::RuleBook;

    #[test]
    fn what_is_written_is_read_again_and_nothing_else() {
        let book = RuleBook::embedded().unwrap();
        let text = &book.architecture("transformer").unwrap().text;
        let graph = Architecture::parse(text, &book.activations()).unwrap().graph;
        let node = graph.find_node("q").unwrap();
        let parameter = graph.find_parameter("W_Q").unwrap();
        let aligned = [
            ("forward(q)", "forward of `q`", Quantity::forward(node)),
            ("forward(q, step 1)", "forward of `q` after 1 step", Quantity::forward(node).after(1)),
            ("change(q, step 2)", "change of `q` after 2 steps", Quantity::change(node).after(2)),
            ("backward(q)", "backward of `q`", Quantity::backward(node)),
            ("gradient(W_Q)", "gradient of `W_Q`", Quantity::gradient(parameter)),
            ("contribution(W_Q)", "contribution of `W_Q`", Quantity::contribution(parameter)),
            ("update(q)", "update of `q`", Quantity::update(node)),
            ("update(W_Q, q)", "update of `q` by `W_Q`", Quantity::update_by(parameter, node)),
            ("angle(q)", "angle of `q`", Quantity::angle(node)),
        ];
        for (written, words, quantity) in aligned {
            assert_eq!(quantity.write(&graph), written);
            assert_eq!(quantity.words(&graph), words);
            assert_eq!(Quantity::read(written, &graph), Some(quantity));
        }
        assert!(aligned.is_sorted_by_key(|(.., quantity)| *quantity));
        for text in [
            "forward(q, step q)",
            "forward(W_Q)",
            "gradient(q)",
            "forward(W_Q, q)",
            "update(q, W_Q)",
            "update",
            "q",
            "",
        ] {
            assert_eq!(Quantity::read(text, &graph), None, "{text}");
        }
    }
}

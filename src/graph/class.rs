//! [`ParameterClass`]: the kinds of parameters that one optimizer treats unlike others.

use std::collections::BTreeSet;

use super::{Graph, ParameterId, ParameterKind};

/// What a parameter is in the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ParameterClass {
    /// A weight before which there is no other weight, like an embedding, also if it is used elsewhere too.
    Input,
    /// A weight with weights before and behind it, whose matrices contract and produce at least one axis.
    Matrix,
    /// A weight behind which there is no other weight, like a readout.
    Output,
    /// A bias, a gain, or a weight whose matrices contract or produce nothing.
    Vector,
}

impl ParameterClass {
    /// Every class with its name in rule files.
    pub const NAMES: [(&'static str, Self); 4] = [
        ("input", Self::Input),
        ("matrices", Self::Matrix),
        ("output", Self::Output),
        ("vectors", Self::Vector),
    ];
}

impl Graph {
    /// The class of each parameter, in order.
    #[must_use]
    pub fn classes(&self) -> Vec<ParameterClass> {
        let is_weight = |id: &ParameterId| self.parameter(*id).kind == ParameterKind::Weight;
        let weights: Vec<ParameterId> = self.parameter_ids().filter(is_weight).collect();
        // The weights before each use of a weight: a use is before none of its own.
        let before = |id: ParameterId| -> Vec<Vec<ParameterId>> {
            let above = |node| {
                let operands = self.operands(node).into_iter();
                let mut above: Vec<ParameterId> = operands
                    .flat_map(|operand| self.parameters_above(operand, |id| self.sources(id)))
                    .collect();
                above.retain(|other| is_weight(other) && *other != id);
                above
            };
            self.uses(id).into_iter().map(above).collect()
        };
        let (mut first, mut preceding) = (BTreeSet::new(), BTreeSet::new());
        for id in weights {
            let uses = before(id);
            if uses.iter().any(Vec::is_empty) {
                first.insert(id);
            }
            preceding.extend(uses.into_iter().flatten());
        }
        let class = |id: ParameterId| {
            let is_matrix = is_weight(&id) && self.matrix(id).iter().all(|side| !side.is_empty());
            if !is_matrix {
                ParameterClass::Vector
            } else if first.contains(&id) {
                ParameterClass::Input
            } else if preceding.contains(&id) {
                ParameterClass::Matrix
            } else {
                ParameterClass::Output
            }
        };
        self.parameter_ids().map(class).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::architecture::Architecture;
    use crate::rule::RuleBook;

    #[test]
    fn parameters_are_told_apart_by_the_weights_before_and_behind_them() {
        let book = RuleBook::embedded().unwrap();
        let told = |name: &str| -> String {
            let text = &book.architecture(name).unwrap().text;
            let graph = Architecture::parse(text, &book.activations()).unwrap().graph;
            let named = |(class, parameter): (ParameterClass, &super::super::Parameter)| {
                let (class, _) = ParameterClass::NAMES.iter().find(|(_, known)| *known == class).unwrap();
                format!("{} {class}", parameter.name)
            };
            graph.classes().into_iter().zip(&graph.parameters).map(named).collect::<Vec<_>>().join(", ")
        };
        assert_eq!(
            told("transformer"),
            "W_E input, W_Q matrices, W_K matrices, W_V matrices, W_O matrices, W_1 matrices, W_2 matrices, W_U output"
        );
        assert_eq!(
            told("mlp"),
            "W_1 input, b_1 vectors, W_2 matrices, b_2 vectors, W_3 matrices, b_3 vectors, W_4 output, b_4 vectors"
        );
    }
}

//! [`Registry`]: the parameters and multipliers that nodes name, in the order of first use.

use crate::document::{Mistakes, Text, quote};
use std::collections::BTreeMap;

use super::base::Base;
use super::space::Space;
use crate::document::Diagnostic;
use crate::graph::{
    AxisId, BaseValue, Kind, Motion, Multiplier, MultiplierId, Parameter, ParameterId, ParameterKind, Start,
};

/// The parameters and multipliers of a file. One name is one tensor or scalar, wherever it is used.
#[derive(Default)]
pub(super) struct Registry {
    parameters: Vec<Parameter>,
    multipliers: Vec<DeclaredMultiplier>,
    parameter_ids: BTreeMap<String, ParameterId>,
    multiplier_ids: BTreeMap<String, MultiplierId>,
}

struct DeclaredMultiplier {
    name: String,
    base: Option<BaseValue>,
}

impl Registry {
    /// The parameter of that name over `axes`. Another kind or other dimensions than at its first use are mistakes.
    pub(super) fn parameter(
        &mut self,
        name: &Text,
        kind: ParameterKind,
        axes: &[AxisId],
        space: &Space,
        mistakes: &mut Mistakes,
    ) -> Option<ParameterId> {
        let Some(id) = self.parameter_ids.get(name.value).copied() else {
            let id = ParameterId(self.parameters.len());
            let start = if kind == ParameterKind::Gain { Start::One } else { Start::Gaussian };
            let (name, axes, training) = (name.value.to_owned(), axes.to_vec(), Motion::Trained);
            let (blocks, base) = (Vec::new(), None);
            self.parameters.push(Parameter { name: name.clone(), axes, blocks, kind, start, base, training });
            self.parameter_ids.insert(name, id);
            return Some(id);
        };
        let first = self.parameters.get(id.0)?;
        if first.kind != kind {
            let message = format!(
                "{} is used as a {} and as a {}",
                quote(name.value),
                kind_name(first.kind),
                kind_name(kind)
            );
            mistakes
                .add(&name.span, Diagnostic::new("parameter-kinds", message).hint("give each its own name"));
            return None;
        }
        if !space.same_dimensions(&first.axes, axes) {
            let message = format!(
                "{} has two shapes: {} where it is used first, {} here",
                quote(name.value),
                shape(&first.axes, space),
                shape(axes, space)
            );
            mistakes
                .add(&name.span, Diagnostic::new("parameter-shapes", message).hint("give each its own name"));
            return None;
        }
        let other_position =
            |(first, here): (&AxisId, &AxisId)| first != here && space.kind(*here) == Some(Kind::Sample);
        if kind == ParameterKind::Bias && first.axes.iter().zip(axes).any(other_position) {
            let message = format!(
                "{} is learned for positions {} where it is used first, {} here",
                quote(name.value),
                quote(&space.letters(&first.axes)),
                quote(&space.letters(axes))
            );
            let hint = "use the same letters, or give each its own name";
            mistakes.add(&name.span, Diagnostic::new("parameter-positions", message).hint(hint));
            return None;
        }
        Some(id)
    }

    /// The multiplier of that name. Two stated bases that differ are a mistake; a base may be stated at one use only.
    pub(super) fn multiplier(
        &mut self,
        name: &Text,
        base: Option<Base>,
        space: &Space,
        mistakes: &mut Mistakes,
    ) -> MultiplierId {
        let next = MultiplierId(self.multipliers.len());
        let id = *self.multiplier_ids.entry(name.value.into()).or_insert(next);
        if id == next {
            self.multipliers.push(DeclaredMultiplier { name: name.value.into(), base: None });
        }
        if let (Some(multiplier), Some(base)) = (self.multipliers.get_mut(id.0), base) {
            let stated = multiplier.base.get_or_insert_with(|| base.value.clone());
            if *stated != base.value {
                let message = format!(
                    "multiplier {} has two bases: {} where it is stated first, {} here",
                    quote(name.value),
                    base_text(stated, space),
                    base_text(&base.value, space)
                );
                mistakes.add(
                    &base.span,
                    Diagnostic::new("multiplier-bases", message)
                        .hint("state one base, or give each node a multiplier of its own"),
                );
            }
        }
        id
    }

    /// The parameter of that name, if a node uses one.
    pub(super) fn named(&mut self, name: &str) -> Option<&mut Parameter> {
        self.parameters.get_mut(self.parameter_ids.get(name)?.0)
    }

    /// The names of all parameters.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.parameters.iter().map(|parameter| parameter.name.as_str())
    }

    /// The parameters and multipliers; a base that was never stated is 1.
    pub(super) fn into_parts(self) -> (Vec<Parameter>, Vec<Multiplier>) {
        let multiplier = |declared: DeclaredMultiplier| Multiplier {
            name: declared.name,
            base: declared.base.unwrap_or_else(|| BaseValue::Number("1".into())),
        };
        (self.parameters, self.multipliers.into_iter().map(multiplier).collect())
    }
}

/// What a parameter is, in a word.
pub(super) fn kind_name(kind: ParameterKind) -> &'static str {
    match kind {
        ParameterKind::Weight => "weight",
        ParameterKind::Bias => "bias",
        ParameterKind::Gain => "gain",
    }
}

fn shape(axes: &[AxisId], space: &Space) -> String {
    let names: Vec<&str> = axes.iter().map(|axis| space.dimension_name(*axis)).collect();
    format!("[{}]", names.join(", "))
}

fn base_text(base: &BaseValue, space: &Space) -> String {
    match base {
        BaseValue::Number(number) => quote(number),
        BaseValue::InverseSqrt(dimension) => quote(&format!("1/sqrt({})", space.name_of(*dimension))),
    }
}

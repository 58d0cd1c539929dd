//! `shared = "t"`: the feature axes over which a parameter is shared on purpose, as an MLP-Mixer shares what mixes its
//! channels over the patches, and what mixes its patches over the channels. By default that is refused (theory, section 3):
//! mostly a sample axis was declared as a feature.

use super::Context;
use crate::architecture::space::{Labels, Space};
use crate::document::{Diagnostic, Sound, quote};
use crate::graph::{AxisId, Kind};

/// The axes that `shared` names.
pub(super) enum Shared {
    /// There is no such key.
    Absent,
    /// It cannot be read, and its mistake is said.
    Wrong,
    /// These.
    Named(Labels),
}

impl Shared {
    /// Reads the key of a node.
    pub(super) fn read(context: &mut Context) -> Self {
        let record = &context.node.record;
        if !record.has("shared") {
            return Self::Absent;
        }
        let text = record.text("shared", context.mistakes);
        let labels = text.and_then(|text| context.space.labels(&text, context.mistakes));
        labels.map_or(Self::Wrong, Self::Named)
    }

    /// Whether sharing over an axis is meant, or may be.
    pub(super) fn allows(&self, axis: AxisId) -> bool {
        match self {
            Self::Absent => false,
            Self::Wrong => true,
            Self::Named(labels) => labels.axes.contains(&axis),
        }
    }

    /// The axes among those that a parameter lacks over which sharing is not meant.
    pub(super) fn untold(&self, lacked: &[AxisId], space: &Space) -> Vec<AxisId> {
        let is_feature = |axis: &AxisId| space.kind(*axis) == Some(Kind::Feature);
        lacked.iter().copied().filter(|axis| is_feature(axis) && !self.allows(*axis)).collect()
    }

    /// Refuses the key of a node without a parameter.
    pub(super) fn refuse_without_parameter(&self, context: &mut Context) -> Sound {
        let Self::Named(labels) = self else { return Sound::Yes };
        let message = format!("{} has no parameter that could be shared", context.node.record.what);
        let hint = "leave `shared` out, or name a gain or bias";
        context.mistakes.add(&labels.span, Diagnostic::new("shared-axis", message).hint(hint));
        Sound::No
    }

    /// Refuses named axes over which the parameter is not shared, and those of another kind, over which it always is.
    pub(super) fn refuse_others(&self, parameter: &str, lacked: &[AxisId], context: &mut Context) -> Sound {
        let labels = match self {
            Self::Absent => return Sound::Yes,
            Self::Wrong => return Sound::No,
            Self::Named(labels) => labels,
        };
        let mut sound = Sound::Yes;
        for (axis, span) in labels.iter() {
            let letter = context.space.letter(axis);
            let (message, hint) = if !lacked.contains(&axis) {
                let message = format!("{} is not shared over `{letter}`", quote(parameter));
                (message, "name feature axes that its node has and it lacks".into())
            } else if context.space.kind(axis) == Some(Kind::Sample) {
                let message =
                    format!("{} is shared over the sample axis `{letter}` anyway", quote(parameter));
                (message, format!("leave `{letter}` out"))
            } else {
                continue;
            };
            context.mistakes.add(span, Diagnostic::new("shared-axis", message).hint(hint));
            sound = Sound::No;
        }
        sound
    }
}

/// How to mend a parameter that lacks a feature axis of its node, and in which way it would get it.
pub(super) fn hint(parameter: &str, axis: AxisId, way: &str, space: &Space) -> String {
    let (letter, dimension) = (space.letter(axis), space.dimension_name(axis));
    format!(
        "declare `{dimension}` with `kind = \"sample\"`, or give {} the axis `{letter}`{way}; if it is meant, write `shared = \"{letter}\"`",
        quote(parameter)
    )
}

//! The texts of einsums, `W,x->y`: read into axes, and fitted to the operands they stand for.

use crate::document::{Mistakes, Sound, Text, quote};
use std::collections::BTreeSet;

use super::space::{Labels, Space};
use crate::document::Diagnostic;
use crate::graph::{AxisId, Einsum, Kind};

/// An einsum of two operands, with the place of every axis.
pub(super) struct EinsumText {
    /// The axes of the operands.
    pub(super) operands: [Labels; 2],
    /// The axes of the result.
    pub(super) result: Labels,
}

impl EinsumText {
    /// Reads `di,bti->btd`. Malformed text, unknown and repeated axes are mistakes.
    pub(super) fn read(text: &Text, space: &Space, mistakes: &mut Mistakes) -> Option<Self> {
        let written = text.value;
        let malformed = |part, message: String, mistakes: &mut Mistakes| {
            mistakes.add(
                &text.part(part),
                Diagnostic::new("einsum-malformed", message)
                    .hint("write two operands, `->` and the result, like `di,bti->btd`"),
            );
            None
        };
        let Some(arrow) = written.find("->") else {
            return malformed(
                0..written.len(),
                format!("the einsum {} has no `->`", quote(written)),
                mistakes,
            );
        };
        if let Some(second) = written[arrow + 2..].find("->").map(|offset| arrow + 2 + offset) {
            return malformed(second..second + 2, "the einsum has a second `->`".into(), mistakes);
        }
        let commas: Vec<usize> = written.match_indices(',').map(|(at, _)| at).collect();
        let comma = match commas.as_slice() {
            [comma] if *comma < arrow => *comma,
            [] => {
                let message = format!("the einsum {} has no `,` between two operands", quote(written));
                return malformed(0..written.len(), message, mistakes);
            }
            [_] => return malformed(0..written.len(), "the `,` stands behind the `->`".into(), mistakes),
            _ => {
                let message =
                    format!("the einsum {} has {} operands, not two", quote(written), commas.len() + 1);
                return malformed(0..written.len(), message, mistakes);
            }
        };
        let mut told = BTreeSet::new();
        let first = space.part(text, 0..comma, &mut told, mistakes);
        let second = space.part(text, comma + 1..arrow, &mut told, mistakes);
        let result = space.part(text, arrow + 2..written.len(), &mut told, mistakes);
        Some(Self { operands: [first?, second?], result: result? })
    }

    /// Refuses an axis of the result that no operand has, and an axis that is summed over in one operand alone.
    /// `names` are those of the operands.
    pub(super) fn refuse_stray(&self, names: [&str; 2], space: &Space, mistakes: &mut Mistakes) -> Sound {
        let [p, q] = &self.operands;
        let mut sound = Sound::Yes;
        for (axis, span) in self.result.iter() {
            if !p.axes.contains(&axis) && !q.axes.contains(&axis) {
                let letter = space.letter(axis);
                let message = format!("axis `{letter}` of the result is in no operand");
                mistakes.add(
                    span,
                    Diagnostic::new("einsum-result", message)
                        .hint(format!("give an operand the axis `{letter}`, or remove it from the result")),
                );
                sound = Sound::No;
            }
        }
        for (operand, other, name) in [(p, q, names[0]), (q, p, names[1])] {
            for (axis, span) in operand.iter() {
                if other.axes.contains(&axis) || self.result.axes.contains(&axis) {
                    continue;
                }
                let letter = space.letter(axis);
                let message = format!("axis `{letter}` is in {} alone, so it would be summed", quote(name));
                let hint = match space.kind(axis) {
                    Some(Kind::Sample) => format!(
                        "add `{letter}` to the result, or average over it before with `op = \"mean\"`"
                    ),
                    Some(Kind::Feature | Kind::Depth) | None => {
                        format!("add `{letter}` to the result or to the other operand")
                    }
                };
                mistakes.add(span, Diagnostic::new("einsum-sum", message).hint(hint));
                sound = Sound::No;
            }
        }
        sound
    }

    /// Refuses labels of operand `position` that do not fit the axes of the node called `name`: an einsum may rename
    /// axes, but only over the same dimensions in the same order.
    pub(super) fn refuse_misfit(
        &self,
        position: usize,
        name: &str,
        axes: &[AxisId],
        space: &Space,
        mistakes: &mut Mistakes,
    ) -> Sound {
        let labels = &self.operands[position];
        let letters = space.letters(axes);
        if labels.axes.len() != axes.len() {
            let written = space.letters(&labels.axes);
            let message = format!(
                "{} has {} axes, {}, but the einsum gives it {}, {}",
                quote(name),
                axes.len(),
                quote(&letters),
                labels.axes.len(),
                quote(&written)
            );
            mistakes.add(
                &labels.span,
                Diagnostic::new("einsum-rank", message).hint(format!("write `{letters}` for it")),
            );
            return Sound::No;
        }
        let mut sound = Sound::Yes;
        for ((label, span), axis) in labels.iter().zip(axes) {
            if space.same_dimensions(&[label], &[*axis]) {
                continue;
            }
            let message = format!(
                "axis `{}` runs over {}, but this axis of {} runs over {}",
                space.letter(label),
                quote(space.dimension_name(label)),
                quote(name),
                quote(space.dimension_name(*axis))
            );
            mistakes.add(
                span,
                Diagnostic::new("einsum-dimension", message)
                    .note(format!("the axes of {} are `{letters}`", quote(name)))
                    .hint(format!("write `{}`", space.letter(*axis))),
            );
            sound = Sound::No;
        }
        sound
    }

    /// The einsum without its places.
    pub(super) fn einsum(&self) -> Einsum {
        let [p, q] = &self.operands;
        Einsum { operands: [p.axes.clone(), q.axes.clone()], result: self.result.axes.clone() }
    }
}

//! [`DeclaredLoss`]: `[loss]`, what training minimises.

use crate::architecture::check::Checked;
use crate::architecture::declaration::Declarations;
use crate::architecture::space::Space;
use crate::document::{Diagnostic, Key, Mistakes, Record, Value, Wanted, Word, quote};
use crate::graph::{Kind, LossOp};

const LOSSES: [(&str, LossOp, &str); 2] = [
    ("mse", LossOp::Mse, "half the squared error, summed over outputs, averaged over samples"),
    (
        "cross_entropy",
        LossOp::CrossEntropy,
        "cross-entropy over the one feature axis of the output, the classes",
    ),
];

/// Keys of `[loss]`.
pub(super) const KEYS: [Key; 2] = [
    Key::required("op", Value::Word(losses), "which loss", r#""mse""#),
    Key::required("output", Value::TEXT, "the node that it judges, which no other node uses", r#""out""#),
];

/// Every loss.
pub(crate) fn losses() -> Vec<Word> {
    Word::all(&LOSSES)
}

/// The loss as declared; what is wrong is absent.
pub(in crate::architecture) struct DeclaredLoss {
    /// Which.
    pub(in crate::architecture) op: Option<LossOp>,
    /// The position of the judged node among the declarations.
    pub(in crate::architecture) output: Option<usize>,
}

impl DeclaredLoss {
    /// Reads `[loss]` and checks its output: it feeds no other node, has a sample axis to average over, and
    /// for cross-entropy exactly one feature axis, the classes.
    pub(in crate::architecture) fn read(
        file: &Record,
        declarations: &Declarations,
        checked: &[Checked],
        space: &Space,
        mistakes: &mut Mistakes,
    ) -> Self {
        if !file.has("loss") {
            file.missing("loss", Wanted::Table, mistakes);
        }
        let Some(record) = file.table("loss", Wanted::Table, "`[loss]`".into(), mistakes) else {
            return Self { op: None, output: None };
        };
        record.refuse_unknown(KEYS, mistakes);
        let op = read_op(&record, mistakes);
        let Some(text) = record.required_text("output", mistakes) else {
            return Self { op, output: None };
        };
        let output = declarations.find(&text, mistakes);
        let name = quote(text.value);
        let mut refuse = |diagnostic: Diagnostic| mistakes.add(&text.span, diagnostic);
        if let Some(output) = output {
            if let Some(user) = declarations.user_of(output) {
                let message = format!("the loss judges {name}, but {} uses it", user.record.what);
                refuse(
                    Diagnostic::new("output-used", message)
                        .hint("judge a node that no other node uses: give the loss a node of its own"),
                );
            }
            if let Some(axes) = checked.get(output).and_then(|checked| checked.axes.as_ref()) {
                let count = |kind| axes.iter().filter(|axis| space.kind(**axis) == Some(kind)).count();
                let known = axes.iter().all(|axis| space.kind(*axis).is_some());
                if known && count(Kind::Sample) == 0 {
                    let message = format!("{name} has no sample axis for the loss to average over");
                    refuse(
                        Diagnostic::new("output-axes", message)
                            .hint("let the batch reach the output: average over other axes only"),
                    );
                }
                if known && op == Some(LossOp::CrossEntropy) && count(Kind::Feature) != 1 {
                    let message = format!(
                        "cross-entropy needs one feature axis, the classes, but {name} has {}",
                        count(Kind::Feature)
                    );
                    refuse(
                        Diagnostic::new("output-axes", message)
                            .hint("give the output one feature axis, or write `op = \"mse\"`"),
                    );
                }
            }
        }
        Self { op, output }
    }
}

fn read_op(record: &Record, mistakes: &mut Mistakes) -> Option<LossOp> {
    let text = record.required_text("op", mistakes)?;
    let op = LOSSES.iter().find(|(name, ..)| *name == text.value).map(|(_, op, _)| *op);
    if op.is_none() {
        let hint = mistakes.suggest(text.value, LOSSES.map(|(name, ..)| name), || {
            "losses are `mse` and `cross_entropy`".into()
        });
        let message = format!("unknown loss {}", quote(text.value));
        mistakes.add(&text.span, Diagnostic::new("unknown-loss", message).hint(hint));
    }
    op
}

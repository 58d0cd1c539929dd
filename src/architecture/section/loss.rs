//! [`DeclaredLoss`]: `[loss]`, or several `[[loss]]`: what training minimises.

use crate::architecture::base;
use crate::architecture::check::Checked;
use crate::architecture::declaration::Declarations;
use crate::architecture::space::Space;
use crate::document::{Diagnostic, Key, Mistakes, Record, Text, Value, Wanted, Word, quote};
use crate::graph::{Kind, LossOp};

const LOSSES: [(&str, LossOp, &str); 2] = [
    ("mse", LossOp::Mse, "half the squared error, summed over outputs, averaged over samples"),
    (
        "cross_entropy",
        LossOp::CrossEntropy,
        "cross-entropy over the one feature axis of the output, the classes",
    ),
];

/// Keys of a loss.
pub(super) const KEYS: [Key; 3] = [
    Key::required("op", Value::Word(losses), "which loss", r#""mse""#),
    Key::required(
        "output",
        Value::TEXT,
        "the node that it judges; one that others use too feeds another loss",
        r#""out""#,
    ),
    Key::optional(
        "weight",
        Value::Plain(Wanted::Number),
        "by what it is multiplied in a sum of several; 1 if absent, and no exponent depends on it",
        "1",
    ),
];

/// Most losses of one file.
const MOST_LOSSES: usize = 100;

/// Every loss.
pub(crate) fn losses() -> Vec<Word> {
    Word::all(&LOSSES)
}

/// A loss as declared; what is wrong is absent.
pub(in crate::architecture) struct DeclaredLoss {
    /// Which.
    pub(in crate::architecture) op: Option<LossOp>,
    /// The position of the judged node among the declarations.
    pub(in crate::architecture) output: Option<usize>,
    /// By what it is multiplied.
    pub(in crate::architecture) weight: Option<String>,
}

/// Reads every loss; at least one, each of another node.
pub(in crate::architecture) fn read(
    file: &Record,
    declarations: &Declarations,
    checked: &[Checked],
    space: &Space,
    mistakes: &mut Mistakes,
) -> Vec<DeclaredLoss> {
    let mut records = file.one_or_more("loss", "a loss", mistakes);
    if !file.has("loss") || records.as_ref().is_some_and(Vec::is_empty) {
        file.missing("loss", Wanted::Table, mistakes);
    }
    if let Some(records) = &mut records
        && let Some(record) = records.get(MOST_LOSSES)
    {
        let message = format!("the file declares {} losses", records.len());
        let hint = format!("declare at most {MOST_LOSSES}");
        mistakes.add(&record.span, Diagnostic::new("too-many-losses", message).hint(hint));
        records.truncate(MOST_LOSSES);
    }
    let records = records.unwrap_or_default();
    let mut losses: Vec<DeclaredLoss> = Vec::new();
    for record in &records {
        record.refuse_unknown(KEYS, mistakes);
        let op = read_op(record, mistakes);
        let weight = read_weight(record, mistakes);
        let text = record.required_text("output", mistakes);
        let output = text.as_ref().and_then(|text| declarations.find(text, mistakes));
        if let Some((output, text)) = output.zip(text) {
            if losses.iter().any(|loss| loss.output == Some(output)) {
                let message = format!("two losses judge {}", quote(text.value));
                let hint = "remove one of them, or let it judge another node";
                mistakes.add(&text.span, Diagnostic::new("duplicate-output", message).hint(hint));
            }
            if records.len() == 1 {
                refuse_used(output, &text, declarations, mistakes);
            }
            refuse_axes(op, output, &text, checked, space, mistakes);
        }
        losses.push(DeclaredLoss { op, output, weight });
    }
    losses
}

/// Refuses an output that feeds other nodes where there is no other loss that these could reach.
fn refuse_used(output: usize, text: &Text, declarations: &Declarations, mistakes: &mut Mistakes) {
    let Some(user) = declarations.user_of(output) else { return };
    let message = format!("the loss judges {}, but {} uses it", quote(text.value), user.record.what);
    mistakes.add(
        &text.span,
        Diagnostic::new("output-used", message)
            .hint("judge a node that no other node uses: give the loss a node of its own"),
    );
}

/// Refuses an output without a sample axis to average over, and for cross-entropy one with other than one feature axis, the
/// classes.
fn refuse_axes(
    op: Option<LossOp>,
    output: usize,
    text: &Text,
    checked: &[Checked],
    space: &Space,
    mistakes: &mut Mistakes,
) {
    let Some(axes) = checked.get(output).and_then(|checked| checked.axes.as_ref()) else { return };
    let name = quote(text.value);
    let count = |kind| axes.iter().filter(|axis| space.kind(**axis) == Some(kind)).count();
    let known = axes.iter().all(|axis| space.kind(*axis).is_some());
    let mut refuse = |message: String, hint: &str| {
        mistakes.add(&text.span, Diagnostic::new("output-axes", message).hint(hint));
    };
    if known && count(Kind::Sample) == 0 {
        let message = format!("{name} has no sample axis for the loss to average over");
        refuse(message, "let the batch reach the output: average over other axes only");
    }
    if known && op == Some(LossOp::CrossEntropy) && count(Kind::Feature) != 1 {
        let message = format!(
            "cross-entropy needs one feature axis, the classes, but {name} has {}",
            count(Kind::Feature)
        );
        refuse(message, "give the output one feature axis, or write `op = \"mse\"`");
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

/// A number above zero; 1 if there is none.
fn read_weight(record: &Record, mistakes: &mut Mistakes) -> Option<String> {
    let Some((item, span)) = record.item("weight") else { return Some("1".into()) };
    let weight = base::positive(item, &span, mistakes.source());
    if weight.is_none() && (item.is_integer() || item.is_float()) {
        let written = base::written(&span, mistakes.source());
        let message = format!("the weight {} is not a finite number above zero", quote(&written));
        let hint = "write a number above zero, like `weight = 0.5`, or leave the loss out";
        mistakes.add(&span, Diagnostic::new("bad-weight", message).hint(hint));
    } else if weight.is_none() {
        record.wrong_type("weight", Wanted::Number, mistakes);
    }
    weight
}

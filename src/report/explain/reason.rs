//! [`Reason`]: why a slope is not its exponent; and all of a measurement, those of one kind together.

use crate::document::and;
use crate::report::explain::crossover::Sizes;
use crate::simulate::{MeasuredQuantity, SlopeVerdict};

/// So many quantities of one kind are named.
const NAMED: usize = 3;

/// Why a slope is not its exponent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reason {
    /// What is so of all slopes of the kind, behind their number.
    pub(crate) why: String,
    /// What is so of one alone.
    pub(crate) aside: Option<String>,
    /// What to do.
    advice: Option<String>,
}

impl Reason {
    pub(crate) fn new(why: impl Into<String>) -> Self {
        Self { why: why.into(), aside: None, advice: None }
    }

    pub(crate) fn aside(self, aside: impl Into<String>) -> Self {
        Self { aside: Some(aside.into()), ..self }
    }

    pub(crate) fn advice(self, advice: impl Into<String>) -> Self {
        Self { advice: Some(advice.into()), ..self }
    }
}

/// Why slopes are not their exponents, a line for each kind: what is in a crossover first, then what disagrees.
pub(crate) fn reasons<'m>(
    quantities: impl IntoIterator<Item = &'m MeasuredQuantity>,
    sizes: Sizes<'_>,
) -> Vec<String> {
    let quantities: Vec<&MeasuredQuantity> = quantities.into_iter().collect();
    let crossover =
        |measured: &&'m MeasuredQuantity| Some((*measured, sizes.reason(measured.crossover.as_ref()?)));
    let cause = |measured: &&'m MeasuredQuantity| Some((*measured, sizes.cause(measured.cause.as_ref()?)));
    let all = quantities.iter().filter_map(crossover).chain(quantities.iter().filter_map(cause));
    let mut groups: Vec<Vec<(&MeasuredQuantity, Reason)>> = Vec::new();
    for (measured, reason) in all {
        match groups.iter_mut().find(|group| group[0].1.why == reason.why) {
            Some(group) => group.push((measured, reason)),
            None => groups.push(vec![(measured, reason)]),
        }
    }
    groups.iter().map(|group| line(group, sizes)).collect()
}

/// `12 crossover, crossing over from 1 to n^1/2: update of `x1` (at d_k = 64 ± 8), .. and 9 more`
fn line(group: &[(&MeasuredQuantity, Reason)], sizes: Sizes<'_>) -> String {
    let shown = group.iter().take(NAMED).map(|(measured, reason)| {
        let aside = reason.aside.as_ref().map(|aside| format!(" ({aside})")).unwrap_or_default();
        format!("{}{aside}", measured.quantity.words(sizes.graph))
    });
    let rest = group.len().saturating_sub(NAMED);
    let names: Vec<String> = shown.chain((rest > 0).then(|| format!("{rest} more"))).collect();
    let why = &group[0].1.why;
    // That which reaches farthest.
    let advice =
        group.iter().filter_map(|(_, reason)| reason.advice.as_ref()).max_by_key(|advice| advice.len());
    let advice = advice.map(|advice| format!("; {advice}")).unwrap_or_default();
    let what = match group[0].0.verdict {
        Some(SlopeVerdict::Disagrees) if group.len() == 1 => "1 disagrees".into(),
        Some(SlopeVerdict::Disagrees) => format!("{} disagree", group.len()),
        Some(SlopeVerdict::Agrees | SlopeVerdict::Crossover) | None => format!("{} crossover", group.len()),
    };
    format!("{what}, {why}: {}{advice}", and(&names))
}

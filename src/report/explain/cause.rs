//! What disagreements of slopes and exponents most likely come from, and what to type: in words, and for machines.
#![allow(clippy::disallowed_types, reason = "slopes and sizes are floating-point numbers")]

use crate::report::explain::crossover::{Sizes, rounded};
use crate::report::explain::reason::Reason;
use crate::report::format::document::power;
use crate::report::json::{CauseObject, finite};
use crate::simulate::Cause;

/// So many larger sizes are advised at most.
const MOST_MORE: usize = 5;

impl Sizes<'_> {
    /// Why slopes disagree with their exponents.
    pub(crate) fn cause(&self, cause: &Cause) -> Reason {
        let size = |size: f64| format!("{} = {}", self.dimension, rounded(size));
        match cause {
            Cause::Vanishes => Reason::new("zero, or no number, at some size"),
            Cause::Late { term, not_before } => {
                let term = power(self.variable, term);
                let why = format!("still led by {term}, a smaller term that is predicted too");
                let aside = format!("not before {}", size(*not_before));
                self.larger(Reason::new(why).aside(aside), *not_before)
            }
            Cause::Drifts { from, to, leads_at } => {
                let leads = leads_at.map(|at| format!(", there perhaps at {}", size(at))).unwrap_or_default();
                let why = "still drifting towards the exponent";
                let aside = format!("from {from:.2} to {to:.2}{leads}");
                self.larger(Reason::new(why).aside(aside), leads_at.unwrap_or_default())
            }
            Cause::Saturates { node, magnitude } => {
                let name = &self.graph.node(*node).name;
                let why = format!(
                    "of a network where `{name}` is {magnitude:.1}: a softmax of logits so large is led by few of its entries"
                );
                Reason::new(why)
                    .advice("give the multiplier in front of it a smaller `base`, or measure at larger sizes")
            }
            Cause::OneSeed => {
                Reason::new("of one seed, which tells nothing of the noise").advice("try `--seeds 8`")
            }
            Cause::Unknown => {
                Reason::new("with no cause to be seen: sizes are too small, or theory or simulation is wrong")
            }
        }
    }

    /// With advice to measure at larger sizes: the largest three with two more, each as many times the one before as the
    /// last, or with as many as it takes to be well beyond a size, at most [`MOST_MORE`].
    #[allow(clippy::cast_precision_loss, reason = "sizes stay far below 2^52")]
    fn larger(&self, reason: Reason, beyond: f64) -> Reason {
        let values = || {
            let [.., before, last] = self.values else { return None };
            let times = (last / before).max(2);
            let mut all = self.values[self.values.len().saturating_sub(3)..].to_vec();
            let kept = all.len();
            let reaches = |all: &[usize]| all.last().is_some_and(|last| *last as f64 >= 4.0 * beyond);
            while all.len() < kept + 2 || all.len() < kept + MOST_MORE && !reaches(&all) {
                all.push(all.last()?.checked_mul(times)?);
            }
            Some(all.iter().map(ToString::to_string).collect::<Vec<_>>().join(","))
        };
        match values() {
            Some(values) => reason.advice(format!("try `--values {values}`")),
            None => reason,
        }
    }

    /// A cause for machines.
    pub(crate) fn cause_json(&self, cause: &Cause) -> CauseObject {
        match cause {
            Cause::Vanishes => CauseObject::Vanishes,
            Cause::Late { term, not_before } => {
                CauseObject::Late { term: term.clone(), not_before: finite(*not_before) }
            }
            Cause::Drifts { from, to, leads_at } => CauseObject::Drifts {
                from: finite(*from),
                to: finite(*to),
                leads_at: leads_at.and_then(finite),
            },
            Cause::Saturates { node, magnitude } => CauseObject::Saturates {
                node: self.graph.node(*node).name.clone(),
                magnitude: finite(*magnitude),
            },
            Cause::OneSeed => CauseObject::OneSeed,
            Cause::Unknown => CauseObject::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::architecture::Architecture;
    use crate::rule::RuleBook;

    #[test]
    fn a_cause_says_what_to_type() {
        let book = RuleBook::embedded().unwrap();
        let text = &book.architecture("transformer").unwrap().text;
        let graph = Architecture::parse(text, &book.activations()).unwrap().graph;
        let sizes = Sizes { graph: &graph, dimension: "context", variable: "n", values: &[8, 16, 32, 64] };
        let late = sizes.cause(&Cause::Late { term: "-1/2".parse().unwrap(), not_before: 900.0 });
        assert_eq!(late.why, "still led by n^-1/2, a smaller term that is predicted too");
        assert_eq!(late.aside.as_deref(), Some("not before context = 9.0e2"));
        assert_eq!(late, late.clone().advice("try `--values 16,32,64,128,256,512,1024,2048`"));
        let drifts = sizes.cause(&Cause::Drifts { from: -0.62, to: -0.431, leads_at: Some(33.0) });
        assert_eq!(drifts.aside.as_deref(), Some("from -0.62 to -0.43, there perhaps at context = 33"));
        let few = Sizes { values: &[8], ..sizes };
        assert_eq!(few.cause(&Cause::OneSeed), sizes.cause(&Cause::OneSeed));
    }
}

//! Where exponents come from, as an indented tree: each rule that was applied, with its summands beneath it.

use std::collections::BTreeSet;

use crate::exact::{Exponent, Form, Unknown, told};
use crate::graph::Quantity;
use crate::propagate::{Because, DerivationId, Expressed, Part, PartName, Propagation};

/// The derivation of some quantities. A derivation that was told before is not told again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// One for each quantity, in the order of reading.
    pub lines: Vec<Line>,
}

/// One quantity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// How far it is from what was asked.
    pub depth: usize,
    /// As the theory writes it.
    pub quantity: String,
    /// Its exponent: a number at given hyperparameters, else a form.
    pub exponent: String,
    /// The rule that gave it; nothing for sizes and hyperparameters.
    pub rule: Option<String>,
    /// What the rule says here: `init(W_Q) + 1/2 |d_model| + forward(n1)`.
    pub says: Option<String>,
    /// Whether its derivation stands further up, or is left out.
    pub rest: Rest,
}

/// What is said of the summands of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rest {
    /// They follow, or there are none.
    Told,
    /// They stand further up.
    Above,
    /// They are too far down.
    Deeper,
}

/// Deepest line that is told; further down one asks again, of a node nearer to the matter.
const DEEPEST: usize = 24;

/// A quantity that is yet to be told.
struct Open {
    depth: usize,
    quantity: String,
    form: Form,
    origin: Origin,
}

enum Origin {
    Because(Because),
    /// The largest of these.
    LargestOf(Vec<(Form, DerivationId)>),
}

/// Tells derivations, each once.
struct Teller<'a> {
    propagation: &'a Propagation,
    point: Option<&'a [Exponent]>,
    derived: BTreeSet<DerivationId>,
    maxima: BTreeSet<Unknown>,
    lines: Vec<Line>,
}

impl Chain {
    /// The derivations of some quantities, evaluated at a point if one is given; no line of what does not move.
    #[must_use]
    pub fn of(propagation: &Propagation, quantities: &[Quantity], point: Option<&[Exponent]>) -> Self {
        let open = quantities.iter().filter_map(|quantity| opened(propagation, *quantity, point)).collect();
        Self::tell(propagation, open, point)
    }

    fn tell(propagation: &Propagation, open: Vec<Open>, point: Option<&[Exponent]>) -> Self {
        let mut teller = Teller {
            propagation,
            point,
            derived: BTreeSet::new(),
            maxima: BTreeSet::new(),
            lines: Vec::new(),
        };
        let mut stack: Vec<Open> = open.into_iter().rev().collect();
        while let Some(next) = stack.pop() {
            let beneath = teller.tell_one(next);
            stack.extend(beneath.into_iter().rev());
        }
        Self { lines: teller.lines }
    }
}

/// A quantity with its exponent; where that is the largest of several terms, the one that is largest at the point.
fn opened(propagation: &Propagation, quantity: Quantity, point: Option<&[Exponent]>) -> Option<Open> {
    let (form, origin) = match propagation.expressed(quantity)? {
        Expressed::Form(magnitude) => (magnitude.form.clone(), Origin::Because(magnitude.because)),
        Expressed::Largest(terms) => {
            let all: Vec<(Form, DerivationId)> = terms.iter().cloned().collect();
            match all.as_slice() {
                [] => return None,
                [(form, id)] => (form.clone(), Origin::Because(Because::Derived(*id))),
                [(first, _), ..] => {
                    let value = |form: &Form| point.and_then(|point| evaluate(form, point));
                    let largest = all.iter().map(|(form, _)| form).max_by_key(|form| value(form));
                    (largest.unwrap_or(first).clone(), Origin::LargestOf(all))
                }
            }
        }
    };
    Some(Open { depth: 0, quantity: quantity.write(&propagation.graph), form, origin })
}

fn evaluate(form: &Form, point: &[Exponent]) -> Option<Exponent> {
    form.evaluate(|unknown| point.get(unknown.0 as usize))
}

impl Teller<'_> {
    fn value(&self, form: &Form) -> String {
        match self.point.and_then(|point| evaluate(form, point)) {
            Some(value) => told(&value),
            None => form.write(|unknown| self.name(unknown)),
        }
    }

    fn name(&self, unknown: Unknown) -> String {
        let info = self.propagation.ledger.unknowns.get(unknown.0 as usize);
        info.map(|info| info.name.clone()).unwrap_or_default()
    }

    /// Writes one line; what is to be told beneath it.
    fn tell_one(&mut self, open: Open) -> Vec<Open> {
        let Open { depth, quantity, form, origin } = open;
        let mut exponent = self.value(&form);
        let (rule, says, fresh, beneath) = match origin {
            Origin::Because(Because::Given) => (None, None, true, Vec::new()),
            Origin::Because(Because::Derived(id)) => {
                let derivation = self.propagation.ledger.derivation(id);
                let says = self.says(&derivation.parts, &derivation.constant);
                let rule = derivation.rule.clone();
                (Some(rule), Some(says), self.derived.insert(id), self.parts(id, depth))
            }
            Origin::Because(Because::Largest(unknown)) => {
                let definition = self.propagation.ledger.definition(unknown);
                let terms = definition.map_or_else(Vec::new, |held| held.terms.iter().cloned().collect());
                let rule = format!("the largest of {}", terms.len());
                (Some(rule), None, self.maxima.insert(unknown), self.terms(&terms, depth))
            }
            Origin::LargestOf(terms) => {
                if self.point.is_none() {
                    let forms: Vec<String> = terms.iter().map(|(form, _)| self.value(form)).collect();
                    exponent = format!("max({})", forms.join(", "));
                }
                let rule = format!("the largest of {}", terms.len());
                (Some(rule), None, true, self.terms(&terms, depth))
            }
        };
        let (rest, beneath) = match (fresh, beneath) {
            (_, none) if none.is_empty() => (Rest::Told, none),
            (false, _) => (Rest::Above, Vec::new()),
            (true, _) if depth >= DEEPEST => (Rest::Deeper, Vec::new()),
            (true, beneath) => (Rest::Told, beneath),
        };
        // A hyperparameter without a value says nothing that the line above does not.
        if exponent == quantity && rule.is_none() {
            return Vec::new();
        }
        self.lines.push(Line { depth, quantity, exponent, rule, says, rest });
        beneath
    }

    /// The summands that are not fixed sizes.
    fn parts(&self, id: DerivationId, depth: usize) -> Vec<Open> {
        let parts = self.propagation.ledger.derivation(id).parts.iter().filter(|part| scales(part));
        let open = |part: &Part| Open {
            depth: depth + 1,
            quantity: part.name.write(&self.propagation.graph),
            form: part.form.clone(),
            origin: Origin::Because(part.because),
        };
        parts.map(open).collect()
    }

    fn terms(&self, terms: &[(Form, DerivationId)], depth: usize) -> Vec<Open> {
        let open = |(form, id): &(Form, DerivationId)| Open {
            depth: depth + 1,
            quantity: self.propagation.ledger.derivation(*id).subject.write(&self.propagation.graph),
            form: form.clone(),
            origin: Origin::Because(Because::Derived(*id)),
        };
        terms.iter().map(open).collect()
    }

    /// `init(W_Q) + 1/2 |d_model| + forward(n1)`.
    fn says(&self, parts: &[Part], constant: &Exponent) -> String {
        let parts: Vec<&Part> = parts.iter().filter(|part| scales(part)).collect();
        let mut form = Form::constant(constant.clone());
        for (part, number) in parts.iter().zip(0..) {
            form.add_scaled(&part.coefficient, &Form::unknown(Unknown(number)));
        }
        let name = |number: Unknown| {
            let part = parts.get(number.0 as usize);
            part.map(|part| part.name.write(&self.propagation.graph)).unwrap_or_default()
        };
        form.write(name)
    }
}

/// Sizes that stay fixed say nothing.
fn scales(part: &Part) -> bool {
    match part.name {
        PartName::Size(_) | PartName::Layers(_) => part.form.as_constant().is_none_or(|size| !size.is_zero()),
        PartName::Init(_)
        | PartName::LearningRate(_)
        | PartName::Multiplier(_)
        | PartName::Concentration(..)
        | PartName::Density(_)
        | PartName::Of(_) => true,
    }
}

//! [`Ledger`]: every derived exponent with the rule and the summands it came from, and the unknowns.

use std::collections::BTreeMap;

use super::subject::{PartName, Subject};
use crate::exact::{Exponent, Form, Terms, Unknown, UnknownInfo, UnknownKind};

/// Position of a derivation in the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DerivationId(pub usize);

/// One application of a rule.
#[derive(Clone, Debug)]
pub struct Derivation {
    /// What it is about.
    pub subject: Subject,
    /// The rule: name of an op, activation or optimizer, or a section of the theory.
    pub rule: String,
    /// The summands.
    pub parts: Vec<Part>,
    /// A constant summand.
    pub constant: Exponent,
    /// Their sum.
    pub form: Form,
}

/// A summand of a derivation.
#[derive(Clone, Debug)]
pub struct Part {
    /// How often it is taken.
    pub coefficient: Exponent,
    /// What it is.
    pub name: PartName,
    /// Its exponent.
    pub form: Form,
    /// Where that comes from.
    pub because: Because,
}

/// Where an exponent comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Because {
    /// It is a size or a hyperparameter.
    Given,
    /// One application of a rule.
    Derived(DerivationId),
    /// The largest of several: see the definition of the unknown.
    Largest(Unknown),
}

/// An exponent with its origin.
#[derive(Clone, Debug)]
pub struct Magnitude {
    /// The exponent.
    pub form: Form,
    /// Where it comes from.
    pub because: Because,
}

impl Magnitude {
    /// A known size or hyperparameter.
    #[must_use]
    pub fn given(form: Form) -> Self {
        Self { form, because: Because::Given }
    }
}

/// An unknown that stands for the largest of several forms.
#[derive(Clone, Debug)]
pub struct Definition {
    /// The unknown.
    pub unknown: Unknown,
    /// What it is the exponent of.
    pub subject: Subject,
    /// The forms with their derivations; at least two.
    pub terms: Terms<DerivationId>,
}

/// Most coefficients of one propagation, about a gigabyte.
const MOST_COEFFICIENTS: usize = 15_000_000;

/// Everything that has been derived.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// All unknowns: hyperparameters first, then maxima in the order in which they can be evaluated.
    pub unknowns: Vec<UnknownInfo>,
    /// The maxima, in order.
    pub definitions: Vec<Definition>,
    derivations: Vec<Derivation>,
    /// The maxima by their forms, in order: those of the same forms are one unknown.
    maxima: BTreeMap<Vec<Form>, Unknown>,
    /// Coefficients of all forms of derivations and of their parts.
    coefficients: usize,
}

impl Ledger {
    /// Whether more has been derived than a machine should hold: the forms of a network of a few hundred layers written out
    /// one by one grow with the cube of their number.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.coefficients > MOST_COEFFICIENTS
    }

    /// A new unknown.
    pub fn unknown(&mut self, name: String, kind: UnknownKind) -> Unknown {
        let unknown = Unknown(u32::try_from(self.unknowns.len()).unwrap_or(u32::MAX));
        self.unknowns.push(UnknownInfo { name, kind });
        unknown
    }

    /// One derivation.
    #[must_use]
    pub fn derivation(&self, id: DerivationId) -> &Derivation {
        &self.derivations[id.0]
    }

    /// A derivation with a constant summand.
    pub(super) fn numbered(&self) -> Option<&Derivation> {
        self.derivations.iter().find(|derivation| !derivation.constant.is_zero())
    }

    /// Writes a derivation down; its form is the sum of its parts.
    pub fn derive(
        &mut self,
        subject: impl Into<Subject>,
        rule: &str,
        parts: Vec<Part>,
        constant: Exponent,
    ) -> (Form, DerivationId) {
        let mut form = Form::constant(constant.clone());
        for part in &parts {
            form.add_scaled(&part.coefficient, &part.form);
        }
        self.coefficients += form.len() + parts.iter().map(|part| part.form.len()).sum::<usize>();
        let id = DerivationId(self.derivations.len());
        let (subject, rule) = (subject.into(), rule.into());
        self.derivations.push(Derivation { subject, rule, parts, constant, form: form.clone() });
        (form, id)
    }

    /// The largest of the terms as one form: itself if there is one, an unknown if there are several (that of an earlier
    /// maximum of the same forms, else a new one), nothing if there is none.
    pub fn settle(
        &mut self,
        subject: impl Into<Subject>,
        name: String,
        terms: &Terms<DerivationId>,
    ) -> Option<Magnitude> {
        if terms.len() <= 1 {
            let (form, id) = terms.iter().next()?;
            return Some(Magnitude { form: form.clone(), because: Because::Derived(*id) });
        }
        let mut forms: Vec<Form> = terms.iter().map(|(form, _)| form.clone()).collect();
        forms.sort_unstable();
        if let Some(known) = self.maxima.get(&forms) {
            return Some(Magnitude { form: Form::unknown(*known), because: Because::Largest(*known) });
        }
        let unknown = self.unknown(name, UnknownKind::Maximum);
        self.coefficients += forms.iter().map(Form::len).sum::<usize>();
        self.maxima.insert(forms, unknown);
        self.definitions.push(Definition { unknown, subject: subject.into(), terms: terms.clone() });
        Some(Magnitude { form: Form::unknown(unknown), because: Because::Largest(unknown) })
    }

    /// The definition of a maximum.
    #[must_use]
    pub fn definition(&self, unknown: Unknown) -> Option<&Definition> {
        let position =
            self.definitions.binary_search_by_key(&unknown, |definition| definition.unknown).ok()?;
        self.definitions.get(position)
    }
}

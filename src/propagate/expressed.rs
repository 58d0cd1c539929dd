//! [`Expressed`]: the exponent of a quantity as it was propagated.

use super::{Because, DerivationId, Magnitude, Propagation};
use crate::exact::{Form, Terms};
use crate::graph::{Quantity, QuantityKind, Site};

/// How an exponent is expressed in the unknowns.
#[derive(Clone, Copy, Debug)]
pub enum Expressed<'p> {
    /// As one form.
    Form(&'p Magnitude),
    /// As the largest of several; of at least one.
    Largest(&'p Terms<DerivationId>),
}

impl Expressed<'_> {
    /// The forms of which it is the largest, each with where it comes from.
    #[must_use]
    pub fn terms(self) -> Vec<(Form, Because)> {
        match self {
            Self::Form(magnitude) => vec![(magnitude.form.clone(), magnitude.because)],
            Self::Largest(terms) => {
                terms.iter().map(|(form, id)| (form.clone(), Because::Derived(*id))).collect()
            }
        }
    }
}

impl Propagation {
    /// The exponent of a quantity. `None` of an update where nothing moves, and of an angle, which is a quotient of others. What
    /// vanishes has a form all the same, that says nothing: see [`Propagation::quantities`].
    #[must_use]
    pub fn expressed(&self, quantity: Quantity) -> Option<Expressed<'_>> {
        let site = quantity.site();
        if quantity.step() > 0 {
            return None;
        }
        match quantity.kind() {
            QuantityKind::Forward => self.forward.get(site.node()?.index()).map(Expressed::Form),
            QuantityKind::Backward => self.backward.get(site.node()?.index()).map(Expressed::Form),
            QuantityKind::Gradient => self.gradient.get(site.parameter()?.0).map(Expressed::Form),
            QuantityKind::Contribution => self.contribution.get(site.parameter()?.0).map(Expressed::Form),
            QuantityKind::Update => {
                let terms = match site {
                    Site::Node(y) => self.update.get(y.index()),
                    Site::Use(w, y) => self.update_by.get(&(w, y)),
                    Site::Parameter(_) => None,
                };
                terms.filter(|terms| !terms.is_empty()).map(Expressed::Largest)
            }
            QuantityKind::Change | QuantityKind::Angle => None,
        }
    }
}

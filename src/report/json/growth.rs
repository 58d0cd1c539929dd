//! [`GrowthObject`]: how a magnitude grows, and objects by names.

use std::borrow::Cow;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::exact::{Exponent, PowerSum, Summand};
use crate::report::format::document::{NamedSum, power};

/// An object by names, in the order in which they are written.
pub type Named<T> = IndexMap<String, T>;

/// How a magnitude grows: an exponent where there is one scale variable; an object with one for each where there are several,
/// an array of them for a sum without a largest summand. A power of such a sum stands in the object under the sum itself,
/// written out: `{"n": "1", "m": "0", "(n + m)": "-1"}`.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(untagged)]
pub enum GrowthObject {
    /// A power of the scale variable.
    Alone(Exponent),
    /// A product of powers.
    Product(Named<Exponent>),
    /// A sum of such products.
    Sum(Vec<Named<Exponent>>),
}

impl GrowthObject {
    /// That of a sum of powers.
    #[must_use]
    pub fn of(sum: &PowerSum, variables: &[String], divisors: &[PowerSum]) -> Self {
        let named = |sum: &PowerSum| {
            let (variables, divisors) = (variables.to_vec(), divisors.to_vec());
            format!("({})", NamedSum { variables, divisors, sum: sum.clone() }.write(power))
        };
        let product = |summand: &Summand| {
            let exponents = variables.iter().cloned().zip(summand.exponents.iter().cloned());
            let sums = summand.sums.iter();
            let sums =
                sums.filter_map(|(number, value)| Some((named(divisors.get(*number)?), value.clone())));
            exponents.chain(sums).collect::<Named<_>>()
        };
        match (variables, sum.summands()) {
            ([_], [only]) => Self::Alone(only.exponents.first().cloned().unwrap_or_default()),
            (_, [only]) => Self::Product(product(only)),
            (_, several) => Self::Sum(several.iter().map(product).collect()),
        }
    }

    /// The exponent, where there is one scale variable.
    #[must_use]
    pub fn alone(&self) -> Option<&Exponent> {
        match self {
            Self::Alone(exponent) => Some(exponent),
            Self::Product(_) | Self::Sum(_) => None,
        }
    }
}

impl From<&Exponent> for GrowthObject {
    fn from(exponent: &Exponent) -> Self {
        Self::Alone(exponent.clone())
    }
}

/// A text like `"-1/2"`, in lowest terms.
impl JsonSchema for Exponent {
    fn schema_name() -> Cow<'static, str> {
        "Exponent".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "An exact rational number in lowest terms, like `-1/2`.",
            "type": "string",
            "pattern": "^(0|-?[1-9][0-9]*(/([2-9]|[1-9][0-9]+))?)$",
        })
    }
}

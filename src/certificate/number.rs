//! The values of the document: exact numbers as texts, and objects in which no key stands twice.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::document::quote;
use crate::exact::Exponent;

/// Longest number, in characters.
const LONGEST_NUMBER: usize = 600;

/// An exact number: a text like `"-1/2"`, in lowest terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Number(pub(super) Exponent);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Number;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an exact number as a text, like `\"-1/2\"`")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Number, E> {
                if text.len() > LONGEST_NUMBER {
                    return Err(E::custom(format!("a number has more than {LONGEST_NUMBER} characters")));
                }
                let value = Exponent::from_written(text).map(Number);
                value.ok_or_else(|| {
                    E::custom(format!("{} is no number in lowest terms, like `-1/2`", quote(text)))
                })
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// An object by names, in the order in which they are written. No name stands twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named<T>(pub(super) Vec<(String, T)>);

impl<T: Serialize> Serialize for Named<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Named<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
            type Value = Named<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object by names")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Named<T>, A::Error> {
                let mut names = std::collections::BTreeSet::new();
                let mut entries = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, T>()? {
                    if !names.insert(name.clone()) {
                        return Err(A::Error::custom(format!("the key {} stands twice", quote(&name))));
                    }
                    entries.push((name, value));
                }
                Ok(Named(entries))
            }
        }
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

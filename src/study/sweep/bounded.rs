//! Lists and tables of a plan that are refused as soon as they have more entries than any plan: who reads a file holds it in
//! memory, and an entry may take many times its text.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};

/// A list of at most so many items.
pub(super) fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>, const MOST: usize>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    deserializer.deserialize_seq(AList::<T, MOST>(PhantomData))
}

struct AList<T, const MOST: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const MOST: usize> Visitor<'de> for AList<T, MOST> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Vec<T>, A::Error> {
        let mut list = Vec::new();
        while let Some(entry) = entries.next_element()? {
            list.push(bounded::<_, A::Error, MOST>(list.len(), entry)?);
        }
        Ok(list)
    }
}

/// Texts by name, in the order in which they are written, at most so many.
#[derive(Debug)]
pub(super) struct Texts<const MOST: usize>(pub(super) Vec<(String, String)>);

impl<const MOST: usize> Serialize for Texts<MOST> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, text)| (name, text)))
    }
}

impl<'de, const MOST: usize> Deserialize<'de> for Texts<MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(TextsByName)
    }
}

struct TextsByName<const MOST: usize>;

impl<'de, const MOST: usize> Visitor<'de> for TextsByName<MOST> {
    type Value = Texts<MOST>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("texts by name")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Texts<MOST>, A::Error> {
        let mut texts = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            texts.push(bounded::<_, A::Error, MOST>(texts.len(), entry)?);
        }
        Ok(Texts(texts))
    }
}

/// An entry after so many.
fn bounded<T, E: Error, const MOST: usize>(before: usize, entry: T) -> Result<T, E> {
    if before < MOST { Ok(entry) } else { Err(E::custom(format_args!("there are more than {MOST} entries"))) }
}

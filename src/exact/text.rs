//! An exponent in a document of a program: a text like `"-1/2"`, in lowest terms.

use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Exponent;

/// Longest exponent that is read, in characters.
const LONGEST: usize = 1 << 16;

impl Serialize for Exponent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Exponent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Exponent;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an exact number as a text, like `\"-1/2\"`")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Exponent, E> {
                let value = Some(text).filter(|text| text.len() <= LONGEST).and_then(Exponent::from_written);
                value.ok_or_else(|| E::custom("no number in lowest terms, like `-1/2`"))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exponent_is_a_text_in_lowest_terms() {
        let half = -Exponent::HALF;
        assert_eq!(serde_json::to_string(&half).unwrap(), r#""-1/2""#);
        assert_eq!(serde_json::from_str::<Exponent>(r#""-1/2""#).unwrap(), half);
        for wrong in [r#""2/4""#, r#""0.5""#, "0.5", "1", "null"] {
            assert!(serde_json::from_str::<Exponent>(wrong).is_err(), "{wrong}");
        }
        let long = format!("\"1{}\"", "0".repeat(LONGEST));
        assert!(serde_json::from_str::<Exponent>(&long).is_err());
    }
}

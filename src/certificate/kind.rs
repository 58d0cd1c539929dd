//! [`head`]: what a document says it is, also if it is not whole.

use std::fmt;

use serde::Deserializer as _;
use serde::de::{IgnoredAny, MapAccess, Visitor};

use crate::document::Source;

/// The schema and the kind that a document says it has, read no further than that.
pub(super) fn said(source: &Source) -> (Option<u32>, Option<String>) {
    struct Until<'k>(&'k mut (Option<u32>, Option<String>));
    impl<'de> Visitor<'de> for Until<'_> {
        type Value = ();
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object with a kind")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
            while let Some(key) = map.next_key::<String>()? {
                match key.as_str() {
                    "schema" => self.0.0 = Some(map.next_value()?),
                    "kind" => {
                        self.0.1 = Some(map.next_value()?);
                        break;
                    }
                    _ => {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
            }
            Ok(())
        }
    }
    let mut found = (None, None);
    // What is behind the kind is not read, and not missed.
    let _ = serde_json::Deserializer::from_str(&source.text).deserialize_map(Until(&mut found));
    found
}

//! What is stated against what follows from the network, entry by entry.

use serde_json::Value;

use super::flaw::Flaw;
use crate::document::quote;

/// The first entry that is not what follows from the network.
pub(super) fn compare(pointer: &str, stated: &Value, derived: &Value) -> Result<(), Flaw> {
    let flaw = |message: String| Err(Flaw::new(pointer, message));
    match (stated, derived) {
        (Value::Array(stated), Value::Array(derived)) => {
            for (position, (stated, derived)) in stated.iter().zip(derived).enumerate() {
                compare(&format!("{pointer}/{position}"), stated, derived)?;
            }
            if stated.len() == derived.len() {
                return Ok(());
            }
            flaw(format!("{} entries are stated, {} follow from the network", stated.len(), derived.len()))
        }
        (Value::Object(stated), Value::Object(derived)) => {
            let key = |key: &str| format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
            for (name, derived) in derived {
                let Some(stated) = stated.get(name) else {
                    return flaw(format!("there is no `{name}`, which follows from the network"));
                };
                compare(&key(name), stated, derived)?;
            }
            match stated.keys().find(|name| !derived.contains_key(*name)) {
                Some(name) => Err(Flaw::new(key(name), "this does not follow from the network")),
                None => Ok(()),
            }
        }
        (Value::String(stated), Value::String(derived)) if stated != derived => {
            flaw(format!("{} is stated, {} follows from the network", quote(stated), quote(derived)))
        }
        _ if stated != derived => flaw("another entry follows from the network".into()),
        _ => Ok(()),
    }
}

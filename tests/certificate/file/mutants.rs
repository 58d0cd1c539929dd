//! Every way to change one thing in a document.

use rayon::prelude::*;
use serde_json::{Map, Value, json};

/// What stands before a key that is to stand twice: JSON values hold each key once, texts do not.
const TWICE: &str = "twice:";

/// Of every way to change one thing in a document one in `stride`, with words for it, handed to `found`. Gives how many
/// ways there are.
fn mutate(document: &Value, stride: usize, found: &mut dyn FnMut(String, Value)) -> usize {
    let mut count = 0;
    let mut places = Vec::new();
    visit(document, String::new(), &mut places);
    let texts: Vec<&Value> =
        places.iter().filter_map(|place| document.pointer(place)).filter(|value| value.is_string()).collect();
    for place in &places {
        let value = document.pointer(place).unwrap();
        let mut put = |what: &str, new: Value| {
            if new == *value {
                return;
            }
            count += 1;
            if count % stride == 0 {
                let mut mutant = document.clone();
                *mutant.pointer_mut(place).unwrap() = new;
                found(format!("{place}: {what}"), mutant);
            }
        };
        match value {
            Value::Null => [json!(0), json!(true), json!("")].into_iter().for_each(|new| put("no null", new)),
            Value::Bool(truth) => [json!(!truth), Value::Null].into_iter().for_each(|new| put("other", new)),
            Value::Number(number) => {
                let number = number.as_i64().unwrap();
                let others = [json!(number + 1), json!(number - 1), json!(number.to_string())];
                others.into_iter().chain([json!(0.5), Value::Null]).for_each(|new| put("other", new));
            }
            Value::String(text) => {
                let another = texts.iter().find(|other| ***other != *value).unwrap();
                let others = [format!("{text}x"), format!("-{text}"), format!("1{text}"), String::new()];
                others.into_iter().for_each(|new| put("other", json!(new)));
                put("another text", (*another).clone());
                ["0", "1", "-1", "2", "1/2"].into_iter().for_each(|new| put("other number", json!(new)));
                [json!(1), Value::Null].into_iter().for_each(|new| put("no text", new));
            }
            Value::Array(items) => {
                for position in 0..items.len() {
                    let mut fewer = items.clone();
                    let item = fewer.remove(position);
                    put("one less", json!(fewer));
                    let mut more = items.clone();
                    more.insert(position, item);
                    put("one twice", json!(more));
                    if position > 0 {
                        let mut swapped = items.clone();
                        swapped.swap(position - 1, position);
                        put("two swapped", json!(swapped));
                    }
                }
                put("no list", json!({}));
            }
            Value::Object(entries) => mutate_object(entries, &mut put),
        }
    }
    count
}

fn mutate_object(entries: &Map<String, Value>, put: &mut dyn FnMut(&str, Value)) {
    for (position, (key, value)) in entries.iter().enumerate() {
        let renamed = |new: &str| -> Map<String, Value> {
            let key = |held: &String| if held == key { new.to_owned() } else { held.clone() };
            entries.iter().map(|(held, value)| (key(held), value.clone())).collect()
        };
        let mut fewer = entries.clone();
        fewer.shift_remove(key);
        put("one key less", json!(fewer));
        put("a key renamed", json!(renamed(&format!("{key}x"))));
        let mut more = entries.clone();
        more.insert(format!("{TWICE}{key}"), value.clone());
        put("a key twice", json!(more));
        let mut more = entries.clone();
        more.insert(format!("{key}x"), value.clone());
        put("one key more", json!(more));
        if let Some((next, other)) = entries.iter().nth(position + 1) {
            let mut swapped = entries.clone();
            swapped.insert(key.clone(), other.clone());
            swapped.insert(next.clone(), value.clone());
            put("two values swapped", json!(swapped));
        }
    }
    put("no object", json!([]));
}

/// The JSON pointer of a value and of everything in it.
pub(crate) fn visit(value: &Value, at: String, places: &mut Vec<String>) {
    match value {
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(position, item)| visit(item, format!("{at}/{position}"), places)),
        Value::Object(entries) => entries.iter().for_each(|(key, entry)| {
            visit(entry, format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), places);
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    places.push(at);
}

/// Changes everything in a document that is proven, one thing at a time, and of it all tries one in `stride`. Gives how
/// many were tried of how many.
pub(crate) fn refuse_every_mutant(
    text: &str,
    is_proven: impl Fn(&str) -> bool + Sync,
    stride: usize,
) -> (usize, usize) {
    assert!(is_proven(text));
    let document: Value = serde_json::from_str(text).unwrap();
    let (mut batch, mut accepted, mut tried) = (Vec::new(), Vec::new(), 0);
    let mut run = |batch: &mut Vec<(String, Value)>| {
        tried += batch.len();
        accepted.par_extend(batch.par_drain(..).filter_map(|(what, mutant)| {
            let text = mutant.to_string().replace(&format!("\"{TWICE}"), "\"");
            is_proven(&text).then_some(what)
        }));
    };
    let count = mutate(&document, stride, &mut |what, mutant| {
        batch.push((what, mutant));
        if batch.len() == 256 {
            run(&mut batch);
        }
    });
    run(&mut batch);
    assert!(
        accepted.is_empty(),
        "{} of {count} were accepted: {:#?}",
        accepted.len(),
        &accepted[..accepted.len().min(20)]
    );
    (tried, count)
}

/// One in how many mutants of a large certificate is tried: one in so many as `FSCALE_MUTATIONS` says, all with 1.
pub(crate) fn stride(usual: usize) -> usize {
    let said = std::env::var("FSCALE_MUTATIONS").ok().and_then(|said| said.parse().ok());
    said.unwrap_or(usual).max(1)
}

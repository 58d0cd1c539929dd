//! The committed `figures/` are what `fscale report --out figures` writes today. Not part of `cargo test`, since it runs
//! the main job: `cargo test --test fresh`.
//!
//! Words must be equal. Measured numbers may differ a little, since processors round products of matrices in another order.
#![allow(clippy::unwrap_used, clippy::disallowed_types, reason = "compares measured numbers")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

/// What rounding in another order may change of a printed number: coordinates are quarters of a pixel, slopes have two
/// decimals, magnitudes three digits.
const ABSOLUTE: f64 = 4.0;
const RELATIVE: f64 = 0.02;

fn files(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let read = |entry: fs::DirEntry| {
        (entry.file_name().into_string().unwrap(), fs::read_to_string(entry.path()).unwrap())
    };
    entries.map(read).collect()
}

/// A text as its words and its numbers.
fn words_and_numbers(text: &str) -> (String, Vec<f64>) {
    let (mut words, mut numbers) = (String::new(), Vec::new());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        words.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
        words.push('#');
        numbers.push(rest[..end].trim_end_matches('.').parse().unwrap_or(f64::NAN));
        rest = &rest[end..];
    }
    words.push_str(rest);
    (words, numbers)
}

#[test]
fn the_committed_figures_are_what_the_report_writes() {
    let fresh = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_fscale"));
    let status = command.args(["report", "--out"]).arg(fresh.path()).status().unwrap();
    assert!(status.success(), "{status}");
    let committed = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("figures"));
    let fresh = files(fresh.path());
    let again = "run `cargo run --release -- report --out figures`";
    assert!(committed.keys().eq(fresh.keys()), "other files than committed: {again}");
    for (name, committed) in &committed {
        let (words, numbers) = words_and_numbers(committed);
        let (fresh_words, fresh_numbers) = words_and_numbers(&fresh[name]);
        assert!(words == fresh_words, "{name} says something else: {again}");
        let far = |(a, b): &(&f64, &f64)| (*a - *b).abs() > ABSOLUTE.max(RELATIVE * a.abs());
        let differ = numbers.iter().zip(&fresh_numbers).filter(far).count();
        assert_eq!(differ, 0, "numbers of {name} differ: {again}");
    }
}

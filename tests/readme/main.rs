//! The README tells the truth: after every `<!-- output: ARGUMENTS -->` stands what `fscale ARGUMENTS` prints.
//! `FSCALE_BLESS=1 cargo test --test readme` writes it anew.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::fs;
use std::path::Path;
use std::process::Command;

const MARK: &str = "<!-- output: ";

/// What the command prints, stdout before stderr, as a fenced block with the command above it.
fn printed(arguments: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_fscale"))
        .args(arguments.split_whitespace())
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    format!("\n```text\n$ fscale {arguments}\n{}\n```\n", String::from_utf8(text).unwrap().trim_end())
}

/// The README with every output as it is today.
fn renewed(readme: &str) -> String {
    let mut parts = readme.split(MARK);
    let mut renewed = parts.next().unwrap().to_owned();
    for part in parts {
        let (arguments, rest) = part.split_once(" -->\n").unwrap();
        // The old block ends where the next paragraph begins: behind its closing fence.
        let rest = match rest.strip_prefix("\n```text\n") {
            Some(block) => block.split_once("\n```\n").unwrap().1,
            None => rest,
        };
        renewed.push_str(&format!("{MARK}{arguments} -->\n{}{rest}", printed(arguments)));
    }
    renewed
}

#[test]
fn the_readme_shows_what_the_commands_print() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    assert!(readme.contains(MARK), "there is something to compare");
    let renewed = renewed(&readme);
    if std::env::var_os("FSCALE_BLESS").is_some() {
        fs::write(&path, &renewed).unwrap();
        return;
    }
    assert_eq!(readme, renewed, "run `FSCALE_BLESS=1 cargo test --test readme`");
}

#[test]
fn the_readme_names_every_function_that_a_simulation_computes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(path).unwrap();
    for (name, _) in fscale::rule::Function::NAMES {
        assert!(readme.contains(&format!("`{name}`")), "{name}");
    }
}

//! How far long work has come: a bar on stderr, if somebody watches it.

use std::io::{IsTerminal, stderr};

use indicatif::{ProgressBar, ProgressStyle};

/// A bar for so many `things`; hidden if stderr is no terminal.
pub(super) fn bar(length: u64, things: &str) -> ProgressBar {
    if !stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(length);
    match ProgressStyle::with_template(&format!(
        "{{wide_bar}} {{pos}}/{{len}} {things}, {{eta}} left {{msg}}"
    )) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

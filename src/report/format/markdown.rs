//! Documents as Markdown (GitHub's tables; powers as superscripts).

use crate::exact::Exponent;
use crate::report::format::document::{Block, Cell, Document, Grid};

/// The document as Markdown; blocks are set apart by empty lines.
#[must_use]
pub fn markdown(document: &Document) -> String {
    let blocks: Vec<String> = document.0.iter().map(block).collect();
    blocks.join("\n")
}

fn block(block: &Block) -> String {
    match block {
        Block::Heading(words) => format!("## {}\n", words_of(words)),
        Block::Paragraph(words) => format!("{}\n", words_of(words)),
        Block::List(items) => items.iter().map(|item| format!("- {}\n", words_of(item))).collect(),
        Block::Verbatim(lines) => {
            // A fence longer than any run of backticks inside cannot be closed by it.
            let fence = "`".repeat(longest_run(lines).max(2) + 1);
            format!("{fence}text\n{}\n{fence}\n", lines.join("\n"))
        }
        Block::Grid(rows) => grid(rows),
    }
}

fn longest_run(lines: &[String]) -> usize {
    let runs = lines.iter().flat_map(|line| line.split(|c| c != '`')).map(str::len);
    runs.max().unwrap_or(0)
}

fn grid(grid: &Grid) -> String {
    let titles: Vec<String> = grid.columns.iter().map(|column| cell_text(&column.title)).collect();
    let mut text = format!("| {} |\n|{}\n", titles.join(" | "), "---|".repeat(grid.columns.len()));
    for row in &grid.rows {
        let cells: Vec<String> = row.iter().map(|cell| written(cell, &grid.variable)).collect();
        text.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    text
}

fn written(cell: &Cell, variable: &str) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Name(name) => format!("`{}`", name.replace('|', "\\|")),
        Cell::Words(words) | Cell::Sentence(words) => cell_text(words),
        Cell::Number(number) => number.clone(),
        Cell::Power(exponent) => power(variable, exponent),
        Cell::Powers(powers) => powers.write(power),
    }
}

/// `1`, `n`, or `n` with the exponent raised.
fn power(variable: &str, exponent: &Exponent) -> String {
    if exponent.is_zero() {
        "1".into()
    } else if *exponent == Exponent::ONE {
        variable.into()
    } else {
        format!("{variable}<sup>{exponent}</sup>")
    }
}

/// A bar ends a cell, even inside code.
fn cell_text(words: &str) -> String {
    words_of(words).replace('|', "\\|")
}

/// Outside code, the characters that Markdown would take for markup are escaped.
fn words_of(words: &str) -> String {
    let mut text = String::with_capacity(words.len());
    let mut code = false;
    for c in words.chars() {
        match c {
            '`' => code = !code,
            '\\' | '*' | '_' | '<' | '>' | '[' | ']' | '#' | '~' if !code => text.push('\\'),
            '\n' | '\r' => {
                text.push(' ');
                continue;
            }
            _ => {}
        }
        text.push(c);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_words_is_escaped_and_code_is_not() {
        let cases = [
            ("a_b *c* <d>", "a\\_b \\*c\\* \\<d\\>"),
            ("on `W_Q <= 0`", "on `W_Q <= 0`"),
            ("line\nline", "line line"),
        ];
        for (words, written) in cases {
            assert_eq!(words_of(words), written);
        }
        assert_eq!(cell_text("`|d|` or |e|"), "`\\|d\\|` or \\|e\\|");
    }

    #[test]
    fn no_line_closes_the_fence_around_it() {
        let written = block(&Block::Verbatim(vec!["```".into()]));
        assert_eq!(written, "````text\n```\n````\n");
    }
}

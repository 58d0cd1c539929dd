//! Documents as LaTeX, to be included in a document that loads `booktabs`.

use crate::exact::Exponent;
use crate::report::format::document::{Block, Cell, Document, Grid};

/// The document as LaTeX; blocks are set apart by empty lines.
#[must_use]
pub fn latex(document: &Document) -> String {
    let blocks: Vec<String> = document.0.iter().map(block).collect();
    format!("% needs \\usepackage{{booktabs}}\n{}", blocks.join("\n"))
}

fn block(block: &Block) -> String {
    match block {
        Block::Heading(words) => format!("\\paragraph{{{}}}\n", words_of(words)),
        Block::Paragraph(words) => format!("{}\n", words_of(words)),
        Block::List(items) => {
            let items: String = items.iter().map(|item| format!("  \\item {}\n", words_of(item))).collect();
            format!("\\begin{{itemize}}\n{items}\\end{{itemize}}\n")
        }
        Block::Verbatim(lines) => {
            // Each line on its own: nothing in it can end an environment.
            let lines: String = lines.iter().map(|line| format!("{} \\\\\n", verbatim(line))).collect();
            format!("\\begin{{flushleft}}\n{lines}\\end{{flushleft}}\n")
        }
        Block::Grid(rows) => grid(rows),
    }
}

fn grid(grid: &Grid) -> String {
    let numeric = |at: usize| grid.rows.iter().any(|row| matches!(row.get(at), Some(Cell::Number(_))));
    let alignment: String = (0..grid.columns.len()).map(|at| if numeric(at) { 'r' } else { 'l' }).collect();
    let titles: Vec<String> = grid.columns.iter().map(|column| words_of(&column.title)).collect();
    let mut text =
        format!("\\begin{{tabular}}{{{alignment}}}\n\\toprule\n{} \\\\\n\\midrule\n", titles.join(" & "));
    for row in &grid.rows {
        let cells: Vec<String> = row.iter().map(|cell| written(cell, &grid.variable)).collect();
        text.push_str(&format!("{} \\\\\n", cells.join(" & ")));
    }
    text.push_str("\\bottomrule\n\\end{tabular}\n");
    text
}

fn written(cell: &Cell, variable: &str) -> String {
    match cell {
        Cell::Empty => "--".into(),
        Cell::Name(name) => format!("\\texttt{{{}}}", escaped(name)),
        Cell::Words(words) | Cell::Sentence(words) => words_of(words),
        Cell::Number(number) => format!("${}$", escaped(number)),
        Cell::Power(exponent) => format!("${}$", power(variable, exponent)),
        Cell::Powers(powers) => format!("${}$", powers.write(power)),
    }
}

/// `1`, `n`, `n^{-1/2}`, in mathematics.
fn power(variable: &str, exponent: &Exponent) -> String {
    let variable = match variable.chars().count() {
        1 => escaped(variable),
        // Letters of one name stand together.
        _ => format!("\\mathit{{{}}}", escaped(variable)),
    };
    if exponent.is_zero() {
        "1".into()
    } else if *exponent == Exponent::ONE {
        variable
    } else {
        format!("{variable}^{{{exponent}}}")
    }
}

/// Words with code between backticks in typewriter letters.
fn words_of(words: &str) -> String {
    let mut text = String::with_capacity(words.len());
    for (position, part) in words.split('`').enumerate() {
        if position % 2 == 0 {
            text.push_str(&escaped(part));
        } else {
            text.push_str(&format!("\\texttt{{{}}}", escaped(part)));
        }
    }
    text
}

fn verbatim(line: &str) -> String {
    let spaces = line.len() - line.trim_start_matches(' ').len();
    format!("\\mbox{{}}{}\\texttt{{{}}}", "~".repeat(spaces), escaped(&line[spaces..]))
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '_' | '&' | '%' | '$' | '#' | '{' | '}' => {
                out.push('\\');
                out.push(c);
            }
            '^' => out.push_str("\\textasciicircum{}"),
            '~' => out.push_str("\\textasciitilde{}"),
            '\\' => out.push_str("\\textbackslash{}"),
            '|' => out.push_str("\\textbar{}"),
            '<' => out.push_str("\\textless{}"),
            '>' => out.push_str("\\textgreater{}"),
            '\n' | '\r' => out.push(' '),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_characters_are_escaped() {
        let special = "_&%$#{}^~\\|<>";
        let written = "\\_\\&\\%\\$\\#\\{\\}\\textasciicircum{}\\textasciitilde{}\\textbackslash{}\\textbar{}\\textless{}\\textgreater{}";
        assert_eq!(escaped(special), written);
        assert_eq!(words_of("on `W_Q`"), "on \\texttt{W\\_Q}");
        assert_eq!(power("n", &Exponent::ratio(-1, 2)), "n^{-1/2}");
    }
}

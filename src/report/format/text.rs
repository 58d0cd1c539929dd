//! Documents as plain text for a terminal: aligned columns, wrapped words.

use crate::report::format::document::{Block, Cell, Document, Grid, power};

/// Longest line of running words, in characters.
pub(crate) const WIDTH: usize = 100;
/// The least part of a line at which the last column of a table is wrapped, however wide the others are: two fifths.
const LEAST_WRAPPED: (usize, usize) = (2, 5);
/// The same of each of several wrapped columns: seven in 25.
const LEAST_OF_SEVERAL: (usize, usize) = (7, 25);
/// Width from which a column of words before the last is wrapped too.
const WIDE: usize = 60;
/// Between two columns.
const GAP: &str = "  ";
/// Longest cell that others are aligned with, in characters: a longer one is shown whole, and only its own line is longer.
pub(crate) const WIDEST: usize = 200;

/// The document as text; blocks are set apart by empty lines.
#[must_use]
pub fn text(document: &Document) -> String {
    text_within(document, WIDTH)
}

/// The same with lines of running words of at most so many characters.
pub(crate) fn text_within(document: &Document, width: usize) -> String {
    let mut text = String::new();
    // A heading stays with what it heads.
    let mut together = true;
    for block in &document.0 {
        if !together {
            text.push('\n');
        }
        together = matches!(block, Block::Heading(_));
        text.push_str(&match block {
            Block::Heading(words) => format!("{words}\n"),
            Block::Paragraph(words) => wrap(words, "", "", width),
            Block::List(items) => items.iter().map(|item| wrap(item, "  - ", "    ", width)).collect(),
            Block::Verbatim(lines) => {
                lines.iter().map(|line| format!("{}\n", format!("  {line}").trim_end())).collect()
            }
            Block::Grid(rows) => grid(rows, width),
        });
    }
    text
}

/// Words in lines of at most so many characters, the first of which begins with `first`, the others with `rest`, which
/// is as long.
fn wrap(words: &str, first: &str, rest: &str, width: usize) -> String {
    let lines = lines(words.split_whitespace(), width.saturating_sub(first.chars().count()));
    let begins = [first].into_iter().chain(std::iter::repeat(rest));
    begins.zip(lines).map(|(begin, line)| format!("{begin}{line}\n")).collect()
}

/// Words in lines of at most so many characters; a longer word stands alone. There is at least one line.
fn lines<'w>(words: impl IntoIterator<Item = &'w str>, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in words {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

/// A table with aligned columns. Words in the last one, and in others that are wide, are wrapped; their further lines are rows of
/// these columns alone.
fn grid(grid: &Grid, widest: usize) -> String {
    let written = |cell: &Cell| match cell {
        Cell::Empty => "-".to_owned(),
        Cell::Name(text) | Cell::Words(text) | Cell::Sentence(text) | Cell::Number(text) => text.clone(),
        Cell::Power(exponent) => power(&grid.variable, exponent),
        Cell::Powers(powers) => powers.write(power),
    };
    let rows: Vec<Vec<String>> = grid.rows.iter().map(|row| row.iter().map(written).collect()).collect();
    let width = |at: usize, rows: &[Vec<String>]| {
        let cells = rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count());
        cells
            .chain([grid.columns[at].title.chars().count()])
            .filter(|width| *width <= WIDEST)
            .max()
            .unwrap_or(0)
    };
    let last = grid.columns.len().saturating_sub(1);
    let is_words = |cell: Option<&Cell>| matches!(cell, Some(Cell::Words(_) | Cell::Sentence(_)));
    let holds_words = |at: usize| grid.rows.iter().any(|row| is_words(row.get(at)));
    let is_wrapped: Vec<bool> =
        (0..=last).map(|at| at == last || holds_words(at) && width(at, &rows) > WIDE).collect();
    let fixed = (0..last).map(|at| GAP.len() + if is_wrapped[at] { 0 } else { width(at, &rows) });
    let count = is_wrapped.iter().filter(|wrapped| **wrapped).count();
    let (part, of) = if count > 1 { LEAST_OF_SEVERAL } else { LEAST_WRAPPED };
    let room = (widest.saturating_sub(fixed.sum()) / count.max(1)).max(widest * part / of);
    let rows: Vec<Vec<String>> =
        rows.iter().zip(&grid.rows).flat_map(|(row, cells)| wrapped(row, cells, &is_wrapped, room)).collect();
    let widths: Vec<usize> = (0..grid.columns.len()).map(|at| width(at, &rows)).collect();
    let numeric: Vec<bool> = (0..grid.columns.len())
        .map(|at| grid.rows.iter().any(|row| matches!(row.get(at), Some(Cell::Number(_)))))
        .collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded = cells.zip(widths.iter().zip(&numeric)).map(|(cell, (width, numeric))| {
            let space = padding(cell, *width);
            if *numeric { format!("{space}{cell}") } else { format!("{cell}{space}") }
        });
        format!("{}\n", padded.collect::<Vec<_>>().join(GAP).trim_end())
    };
    let mut text = line(&mut grid.columns.iter().map(|column| column.title.as_str()));
    let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
    text.push_str(&line(&mut rule.iter().map(String::as_str)));
    for row in &rows {
        text.push_str(&line(&mut row.iter().map(String::as_str)));
    }
    text
}

/// What a cell lacks of a width. (Formatting with a width panics beyond 65,535.)
pub(crate) fn padding(cell: &str, width: usize) -> String {
    " ".repeat(width.saturating_sub(cell.chars().count()))
}

/// What is kept together: parts between commas, like `F on q` and `W_U ~ n^-1`, and the words of longer parts.
fn parts(words: &str, width: usize) -> impl Iterator<Item = &str> {
    words.split_inclusive([',', ';']).flat_map(move |part| {
        let (part, fits) = (part.trim(), part.trim().chars().count() <= width);
        let whole = fits.then_some(part).filter(|part| !part.is_empty());
        whole.into_iter().chain(part.split_whitespace().filter(move |_| !fits))
    })
}

/// A row whose wrapped cells are at most `room` wide where they hold words, and rows for the rest of them.
fn wrapped(row: &[String], cells: &[Cell], is_wrapped: &[bool], room: usize) -> Vec<Vec<String>> {
    let cell =
        |(at, words): (usize, &String)| match cells.get(at).filter(|_| is_wrapped.get(at) == Some(&true)) {
            Some(Cell::Words(_)) => lines(parts(words, room), room),
            Some(Cell::Sentence(_)) => lines(words.split_whitespace(), room),
            _ => vec![words.clone()],
        };
    let columns: Vec<Vec<String>> = row.iter().enumerate().map(cell).collect();
    let height = columns.iter().map(Vec::len).max().unwrap_or(0);
    let line = |number: usize| {
        columns.iter().map(|column| column.get(number).cloned().unwrap_or_default()).collect()
    };
    (0..height).map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exact::Exponent;

    #[test]
    fn blocks_are_set_apart_and_columns_aligned() {
        let mut grid = Grid::new("n", &[("name", "name"), ("value", "value"), ("count", "count")]);
        let half = Exponent::ratio(-1, 2);
        let row = |name, exponent, count: &str| {
            vec![Cell::name(name), Cell::power(exponent), Cell::Number(count.into())]
        };
        grid.rows.push(row("W", Some(&half), "7"));
        grid.rows.push(row("long name", None, "12"));
        let blocks = vec![
            Block::Heading("Title".into()),
            Block::Grid(grid),
            Block::List(vec!["word ".repeat(30), "short".into()]),
        ];
        insta::assert_snapshot!(text(&Document(blocks)), @r"
        Title
        name       value   count
        ---------  ------  -----
        W          n^-1/2      7
        long name  -          12

          - word word word word word word word word word word word word word word word word word word word
            word word word word word word word word word word word
          - short
        ");
    }

    #[test]
    fn a_cell_of_any_length_is_shown_and_moves_no_other() {
        let mut grid = Grid::new("n", &[("name", "name"), ("value", "value")]);
        for (name, value) in [("W", "7"), (&*"k".repeat(70_000), "8"), ("V", &*"9".repeat(70_000))] {
            grid.rows.push(vec![Cell::name(name), Cell::Number(value.into())]);
        }
        let text = text(&Document(vec![Block::Grid(grid)]));
        let lengths: Vec<usize> = text.lines().map(str::len).collect();
        assert_eq!(lengths, [11, 11, 11, 70_007, 70_006]);
    }

    #[test]
    fn words_in_the_last_column_are_wrapped_beneath_each_other() {
        let mut grid = Grid::new("n", &[("scaling", "scaling"), ("rule", "rule")]);
        for (name, words) in
            [("width", "word ".repeat(30)), ("depth", "W_1 ~ n, ".repeat(12)), ("one", "1".into())]
        {
            grid.rows.push(vec![Cell::name(name), Cell::words(words)]);
        }
        let text = text(&Document(vec![Block::Grid(grid)]));
        insta::assert_snapshot!(text, @r"
        scaling  rule
        -------  -----------------------------------------------------------------------------------------
        width    word word word word word word word word word word word word word word word word word word
                 word word word word word word word word word word word word
        depth    W_1 ~ n, W_1 ~ n, W_1 ~ n, W_1 ~ n, W_1 ~ n, W_1 ~ n, W_1 ~ n, W_1 ~ n, W_1 ~ n, W_1 ~ n,
                 W_1 ~ n, W_1 ~ n,
        one      1
        ");
        assert!(text.lines().all(|line| line.len() <= WIDTH));
    }
}

//! Documents as plain text for a terminal: aligned columns, wrapped words.

use super::document::{Block, Cell, Document, Grid, power};

/// Longest line of running words, in characters.
const WIDTH: usize = 100;
/// Between two columns.
const GAP: &str = "  ";

/// The document as text; blocks are set apart by empty lines.
#[must_use]
pub fn text(document: &Document) -> String {
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
            Block::Paragraph(words) => wrap(words, "", ""),
            Block::List(items) => items.iter().map(|item| wrap(item, "  - ", "    ")).collect(),
            Block::Verbatim(lines) => lines.iter().map(|line| format!("  {line}\n")).collect(),
            Block::Grid(rows) => grid(rows),
        });
    }
    text
}

/// Words in lines of at most [`WIDTH`] characters; a longer word stands alone.
fn wrap(words: &str, first: &str, rest: &str) -> String {
    let mut lines = String::new();
    let mut line = first.to_owned();
    let mut empty = true;
    for word in words.split_whitespace() {
        if !empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push_str(&line);
            lines.push('\n');
            line = rest.to_owned();
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    format!("{lines}{line}\n")
}

fn grid(grid: &Grid) -> String {
    let written = |cell: &Cell| match cell {
        Cell::Empty => "-".to_owned(),
        Cell::Name(text) | Cell::Words(text) | Cell::Number(text) => text.clone(),
        Cell::Power(exponent) => power(&grid.variable, exponent),
    };
    let rows: Vec<Vec<String>> = grid.rows.iter().map(|row| row.iter().map(written).collect()).collect();
    let widths: Vec<usize> = grid
        .columns
        .iter()
        .enumerate()
        .map(|(at, column)| {
            let cells = rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count());
            cells.chain([column.title.chars().count()]).max().unwrap_or(0)
        })
        .collect();
    let numeric: Vec<bool> = (0..grid.columns.len())
        .map(|at| grid.rows.iter().any(|row| matches!(row.get(at), Some(Cell::Number(_)))))
        .collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded = cells.zip(widths.iter().zip(&numeric)).map(|(cell, (width, numeric))| {
            if *numeric { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exponent::Exponent;

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
}

//! The words of answers as tables.

use crate::report::answer::library::quoted;
use crate::report::format::document::{Cell, Grid};
use crate::rule::{DefinedWord, Notation};

/// Every group of words by its name, as a table.
pub(crate) fn grids(notation: &Notation) -> Vec<(&str, Grid)> {
    let grid = |(group, words): (_, Vec<&DefinedWord>)| {
        let mut grid = Grid::new("n", &[("word", "word"), ("says", "says")]);
        for word in words {
            let DefinedWord { word, says, from, .. } = word;
            grid.rows.push(vec![Cell::name(word), Cell::sentence(quoted(&format!("{says} ({from})")))]);
        }
        (group, grid)
    };
    notation.groups().into_iter().map(grid).collect()
}

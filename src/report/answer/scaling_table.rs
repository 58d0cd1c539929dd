//! A [`ScalingTable`] as grids, in one line, and for machines.

use crate::exact::Exponent;
use crate::graph::{Graph, MultiplierId, ParameterKind};
use crate::propagate::{ParameterRow, ScalingTable};
use crate::report::format::document::{Block, Cell, Grid, power};
use crate::report::json::{Growth, TableObject, TableRow};

/// The parameters, then the multipliers if there are any. Weight decay and epsilon have columns only where the
/// optimizer has them, and multipliers of parameters one only where a gauge is asked for.
#[must_use]
pub fn grids(table: &ScalingTable, graph: &Graph, variable: &str) -> Vec<Block> {
    let decays = table.parameters.iter().any(|row| row.weight_decay.is_some());
    let stabilised = table.parameters.iter().any(|row| row.epsilon.is_some());
    let multiplied = table.parameters.iter().any(|row| row.multiplier.is_some());
    let mut columns = vec![("parameter", "parameter")];
    columns.extend(multiplied.then_some(("multiplier", "multiplier")));
    columns.extend([("init", "init"), ("lr", "learning rate")]);
    columns.extend(decays.then_some(("weight_decay", "weight decay")));
    columns.extend(stabilised.then_some(("epsilon", "epsilon")));
    let mut parameters = Grid::new(variable, &columns);
    for row in &table.parameters {
        let mut cells = vec![Cell::name(&graph.parameter(row.parameter).name)];
        cells.extend(multiplied.then(|| Cell::power(row.multiplier.as_ref())));
        cells.extend([Cell::power(row.init.as_ref()), Cell::power(rate(row, graph))]);
        cells.extend(decays.then(|| Cell::power(row.weight_decay.as_ref())));
        cells.extend(stabilised.then(|| Cell::power(row.epsilon.as_ref())));
        parameters.rows.push(cells);
    }
    let mut multipliers = Grid::new(variable, &[("multiplier", "multiplier"), ("value", "value")]);
    for (id, exponent) in &table.multipliers {
        let name = &graph.multiplier(*id).name;
        multipliers.rows.push(vec![Cell::name(name), Cell::Power(exponent.clone())]);
    }
    let grids = [parameters, multipliers];
    grids.into_iter().filter(|grid| !grid.rows.is_empty()).map(Block::Grid).collect()
}

/// Every hyperparameter in a row: `parameter,kind,init,lr,weight_decay,epsilon,value`. The value of a multiplier stands
/// in the last column, that of a parameter's own too, which it has only where a gauge is asked for.
#[must_use]
pub fn data(table: &ScalingTable, graph: &Graph, variable: &str) -> Grid {
    let keys = ["parameter", "kind", "init", "lr", "weight_decay", "epsilon", "value"];
    let mut grid = Grid::new(variable, &keys.map(|key| (key, key)));
    for row in &table.parameters {
        let parameter = graph.parameter(row.parameter);
        grid.rows.push(vec![
            Cell::name(&parameter.name),
            Cell::words(kind(parameter.kind)),
            Cell::power(row.init.as_ref()),
            Cell::power(rate(row, graph)),
            Cell::power(row.weight_decay.as_ref()),
            Cell::power(row.epsilon.as_ref()),
            Cell::power(row.multiplier.as_ref()),
        ]);
    }
    for (id, exponent) in &table.multipliers {
        let mut cells = vec![Cell::name(&graph.multiplier(*id).name), Cell::words("multiplier")];
        cells.extend([Cell::Empty, Cell::Empty, Cell::Empty, Cell::Empty, Cell::Power(exponent.clone())]);
        grid.rows.push(cells);
    }
    grid
}

/// The learning rate of what is trained.
fn rate<'a>(row: &'a ParameterRow, graph: &Graph) -> Option<&'a Exponent> {
    graph.parameter(row.parameter).is_trained().then_some(&row.lr)
}

/// What a parameter is called by its kind.
#[must_use]
pub fn kind(kind: ParameterKind) -> &'static str {
    match kind {
        ParameterKind::Weight => "weight",
        ParameterKind::Bias => "bias",
        ParameterKind::Gain => "gain",
    }
}

/// What changes with size, in a line: `multiplier attention ~ n^-1; lr W_Q, W_K ~ n, W_O ~ n^-1`.
#[must_use]
pub fn in_short(table: &ScalingTable, graph: &Graph, variable: &str) -> String {
    let multipliers = table.multipliers.iter();
    let multipliers: Vec<(&str, &Exponent)> =
        multipliers.map(|(id, exponent)| (graph.multiplier(*id).name.as_str(), exponent)).collect();
    let column = |of: fn(&ParameterRow) -> Option<&Exponent>| -> Vec<(&str, &Exponent)> {
        let rows = table.parameters.iter();
        rows.filter_map(|row| Some((graph.parameter(row.parameter).name.as_str(), of(row)?))).collect()
    };
    let columns = [
        ("multiplier", multipliers),
        ("init", column(|row| row.init.as_ref())),
        ("lr", column(|row| Some(&row.lr))),
        ("weight decay", column(|row| row.weight_decay.as_ref())),
        ("epsilon", column(|row| row.epsilon.as_ref())),
    ];
    let changes: Vec<String> = columns
        .iter()
        .filter_map(|(title, entries)| Some(format!("{title} {}", grouped(entries, variable)?)))
        .collect();
    if changes.is_empty() { "nothing changes".into() } else { changes.join("; ") }
}

/// Names with equal exponents together, in the order of first appearance; those that do not change are left out.
fn grouped(entries: &[(&str, &Exponent)], variable: &str) -> Option<String> {
    let mut groups: Vec<(&Exponent, Vec<&str>)> = Vec::new();
    for (name, exponent) in entries.iter().filter(|(_, exponent)| !exponent.is_zero()) {
        match groups.iter_mut().find(|(held, _)| held == exponent) {
            Some((_, names)) => names.push(name),
            None => groups.push((exponent, vec![name])),
        }
    }
    let written = |(exponent, names): &(&Exponent, Vec<&str>)| {
        format!("{} ~ {}", names.join(", "), power(variable, exponent))
    };
    (!groups.is_empty()).then(|| groups.iter().map(written).collect::<Vec<_>>().join(", "))
}

/// The table, for machines.
#[must_use]
pub fn json(table: &ScalingTable, graph: &Graph) -> TableObject {
    let row = |row: &ParameterRow| {
        let growth = |exponent: &Option<Exponent>| exponent.as_ref().map(Growth::from);
        let object = TableRow {
            init: growth(&row.init),
            lr: rate(row, graph).map(Growth::from),
            multiplier: growth(&row.multiplier),
            weight_decay: growth(&row.weight_decay),
            epsilon: growth(&row.epsilon),
        };
        (graph.parameter(row.parameter).name.clone(), object)
    };
    let multipliers = table.multipliers.iter();
    let multiplier =
        |(id, value): &(MultiplierId, Exponent)| (graph.multiplier(*id).name.clone(), Growth::from(value));
    TableObject {
        unique: table.unique,
        parameters: table.parameters.iter().map(row).collect(),
        multipliers: multipliers.map(multiplier).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_equal_exponents_stand_together() {
        let (one, half, zero) = (Exponent::ONE, Exponent::ratio(-1, 2), Exponent::ZERO);
        let entries = [("a", &one), ("b", &half), ("c", &zero), ("d", &one)];
        assert_eq!(grouped(&entries, "n"), Some("a, d ~ n, b ~ n^-1/2".into()));
        assert_eq!(grouped(&[("c", &zero)], "n"), None);
    }
}

//! A [`Table`] as grids, in one line, and for machines; in one scale variable and in several.

use crate::exact::{PowerSum, Powers};
use crate::graph::{MultiplierId, ParameterId, ParameterKind};
use crate::propagate::{ParameterRow, Table};
use crate::report::format::document::{Block, Cell, Grid, power};
use crate::report::json::{GrowthObject, TableObject, TableRow};

/// The columns that a table has only where some parameter needs them.
struct Columns {
    /// Which optimizer moves the parameter, where a mix leaves them to several.
    mixed: bool,
    /// Multipliers of parameters, where a gauge is asked for.
    multiplied: bool,
    /// Weight decay, where an optimizer has it.
    decays: bool,
    /// Epsilon, likewise.
    stabilised: bool,
}

impl Columns {
    fn of(table: &Table) -> Self {
        let any = |has: fn(&ParameterRow) -> bool| table.parameters.iter().any(has);
        Self {
            mixed: any(|row| row.optimizer.is_some()),
            multiplied: any(|row| row.multiplier.is_some()),
            decays: any(|row| row.weight_decay.is_some()),
            stabilised: any(|row| row.epsilon.is_some()),
        }
    }
}

/// The scale variable of the grids of a table; in several the cells name theirs.
pub(crate) fn variable(table: &Table) -> &str {
    match table.variables.as_slice() {
        [only] => only,
        _ => "n",
    }
}

fn cell(table: &Table, sum: Option<&PowerSum>) -> Cell {
    Cell::powers(sum, &table.variables, &table.divisors)
}

fn of_powers(table: &Table, powers: Option<&Powers>) -> Cell {
    cell(table, powers.map(PowerSum::from).as_ref())
}

/// The parameters, then the multipliers if there are any. Weight decay and epsilon have columns only where the
/// optimizer has them, multipliers of parameters one only where a gauge is asked for, and optimizers one where they are mixed.
#[must_use]
pub fn grids(table: &Table) -> Vec<Block> {
    let Columns { mixed, multiplied, decays, stabilised } = Columns::of(table);
    let mut columns = vec![("parameter", "parameter")];
    columns.extend(mixed.then_some(OPTIMIZER));
    columns.extend(multiplied.then_some(("multiplier", "multiplier")));
    columns.extend([("init", "init"), ("lr", "learning rate")]);
    columns.extend(decays.then_some(("weight_decay", "weight decay")));
    columns.extend(stabilised.then_some(("epsilon", "epsilon")));
    let mut parameters = Grid::new(variable(table), &columns);
    for row in &table.parameters {
        let mut cells = vec![Cell::name(&table.graph().parameter(row.parameter).name)];
        cells.extend(mixed.then(|| mover(row)));
        cells.extend(multiplied.then(|| of_powers(table, row.multiplier.as_ref())));
        cells.extend([of_powers(table, row.init.as_ref()), of_powers(table, rate(table, row))]);
        cells.extend(decays.then(|| cell(table, row.weight_decay.as_ref())));
        cells.extend(stabilised.then(|| cell(table, row.epsilon.as_ref())));
        parameters.rows.push(cells);
    }
    let mut multipliers = Grid::new(variable(table), &[("multiplier", "multiplier"), ("value", "value")]);
    for (id, powers) in &table.multipliers {
        let name = &table.graph().multiplier(*id).name;
        multipliers.rows.push(vec![Cell::name(name), of_powers(table, Some(powers))]);
    }
    let grids = [parameters, multipliers];
    grids.into_iter().filter(|grid| !grid.rows.is_empty()).map(Block::Grid).collect()
}

/// Every hyperparameter in a row: `parameter,kind,init,lr,weight_decay,epsilon,value`, in several scale variables without the
/// kind, and with the `optimizer` before `init` where they are mixed. The value of a multiplier stands in the last column, that of a parameter's own too, which it has only where a gauge
/// is asked for.
#[must_use]
pub fn data(table: &Table) -> Grid {
    let is_alone = table.variables.len() == 1;
    let Columns { mixed, .. } = Columns::of(table);
    let mut keys = vec![("parameter", "parameter")];
    keys.extend(is_alone.then_some(("kind", "kind")));
    keys.extend(mixed.then_some(OPTIMIZER));
    keys.extend(["init", "lr", "weight_decay", "epsilon", "value"].map(|key| (key, key)));
    let mut grid = Grid::new(variable(table), &keys);
    for row in &table.parameters {
        let parameter = table.graph().parameter(row.parameter);
        let mut cells = vec![Cell::name(&parameter.name)];
        cells.extend(is_alone.then(|| Cell::words(kind(parameter.kind))));
        cells.extend(mixed.then(|| mover(row)));
        cells.extend([
            of_powers(table, row.init.as_ref()),
            of_powers(table, rate(table, row)),
            cell(table, row.weight_decay.as_ref()),
            cell(table, row.epsilon.as_ref()),
            of_powers(table, row.multiplier.as_ref()),
        ]);
        grid.rows.push(cells);
    }
    for (id, powers) in &table.multipliers {
        let mut cells = vec![Cell::name(&table.graph().multiplier(*id).name)];
        cells.extend(is_alone.then(|| Cell::words("multiplier")));
        cells.extend(mixed.then_some(Cell::Empty));
        cells.extend([Cell::Empty, Cell::Empty, Cell::Empty, Cell::Empty, of_powers(table, Some(powers))]);
        grid.rows.push(cells);
    }
    grid
}

/// The column that says which optimizer moves a parameter.
const OPTIMIZER: (&str, &str) = ("optimizer", "optimizer");

/// The optimizer that moves a parameter, of several.
fn mover(row: &ParameterRow) -> Cell {
    row.optimizer.as_ref().map_or(Cell::Empty, Cell::words)
}

/// The learning rate of what is trained.
fn rate<'a>(table: &Table, row: &'a ParameterRow) -> Option<&'a Powers> {
    table.graph().parameter(row.parameter).is_trained().then_some(&row.lr)
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
pub fn in_short(table: &Table) -> String {
    let graph = table.graph();
    let multipliers = table.multipliers.iter();
    let multipliers: Vec<(&str, PowerSum)> =
        multipliers.map(|(id, powers)| (graph.multiplier(*id).name.as_str(), powers.into())).collect();
    let column = |of: fn(&ParameterRow) -> Option<PowerSum>| -> Vec<(&str, PowerSum)> {
        let rows = table.parameters.iter();
        rows.filter_map(|row| Some((graph.parameter(row.parameter).name.as_str(), of(row)?))).collect()
    };
    let columns = [
        ("multiplier", multipliers),
        ("init", column(|row| row.init.as_ref().map(PowerSum::from))),
        ("lr", column(|row| Some((&row.lr).into()))),
        ("weight decay", column(|row| row.weight_decay.clone())),
        ("epsilon", column(|row| row.epsilon.clone())),
    ];
    let written = |sum: &PowerSum| sum.write(&table.variables, &table.divisors, &power);
    let changes: Vec<String> = columns
        .iter()
        .filter_map(|(title, entries)| Some(format!("{title} {}", grouped(entries, &written)?)))
        .collect();
    if changes.is_empty() { "nothing changes".into() } else { changes.join("; ") }
}

/// Names with equal exponents together, in the order of first appearance; those that do not change are left out.
fn grouped(entries: &[(&str, PowerSum)], written: &dyn Fn(&PowerSum) -> String) -> Option<String> {
    let changes =
        |sum: &PowerSum| sum.largest().is_none_or(|powers| powers.iter().any(|power| !power.is_zero()));
    let mut groups: Vec<(&PowerSum, Vec<&str>)> = Vec::new();
    for (name, sum) in entries.iter().filter(|(_, sum)| changes(sum)) {
        match groups.iter_mut().find(|(held, _)| *held == sum) {
            Some((_, names)) => names.push(name),
            None => groups.push((sum, vec![name])),
        }
    }
    let group = |(sum, names): &(&PowerSum, Vec<&str>)| format!("{} ~ {}", names.join(", "), written(sum));
    (!groups.is_empty()).then(|| groups.iter().map(group).collect::<Vec<_>>().join(", "))
}

/// The table, for machines. What an optimizer has of a parameter is left out where it has no such thing, or where that is a
/// sum too long to be told.
#[must_use]
pub fn json(table: &Table) -> TableObject {
    let growth = |sum: &PowerSum| GrowthObject::of(sum, &table.variables, &table.divisors);
    let of = |powers: &Powers| growth(&PowerSum::from(powers));
    let row = |row: &ParameterRow| {
        let object = TableRow {
            optimizer: row.optimizer.clone(),
            init: row.init.as_ref().map(of),
            lr: rate(table, row).map(of),
            multiplier: row.multiplier.as_ref().map(of),
            weight_decay: row.weight_decay.as_ref().map(growth),
            epsilon: row.epsilon.as_ref().map(growth),
        };
        (table.graph().parameter(row.parameter).name.clone(), object)
    };
    let multiplier =
        |(id, powers): &(MultiplierId, Powers)| (table.graph().multiplier(*id).name.clone(), of(powers));
    let names =
        |ids: &[ParameterId]| ids.iter().map(|id| table.graph().parameter(*id).name.clone()).collect();
    TableObject {
        unique: table.unique,
        smaller_starts: names(&table.smaller_starts),
        parameters: table.parameters.iter().map(row).collect(),
        multipliers: table.multipliers.iter().map(multiplier).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exact::Exponent;

    #[test]
    fn names_of_equal_exponents_stand_together() {
        let of = |exponent| PowerSum::single(vec![exponent]);
        let (one, half, zero) = (of(Exponent::ONE), of(Exponent::ratio(-1, 2)), of(Exponent::ZERO));
        let entries = [("a", one.clone()), ("b", half), ("c", zero.clone()), ("d", one)];
        let written = |sum: &PowerSum| sum.write(&["n".into()], &[], &power);
        assert_eq!(grouped(&entries, &written), Some("a, d ~ n, b ~ n^-1/2".into()));
        assert_eq!(grouped(&[("c", zero)], &written), None);
    }
}

//! A derived table as a hyperparameter file. A table is in scale variables, a file in dimensions: of the dimensions that grow
//! with a variable, the first has the exponent, divided by the power with which it grows.

use thiserror::Error;

use crate::derive::{Answer, Verdict};
use crate::exact::{Exponent, PowerSum, Powers};
use crate::graph::{Graph, Scaling, Stabiliser};
use crate::propagate::{ParameterRow, Question, Table};
use crate::report::answer::derivation::{Derived, title};
use crate::report::format::document::power;
use crate::report::{Format, render, shown};

/// Why a table cannot be written so.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum UnwrittenTable {
    /// A name under `[multiplier]` would stand for another.
    #[error("`{0}` has a multiplier of its own, and under `[multiplier]` its name is that of another one")]
    SameName(String),
}

impl UnwrittenTable {
    /// What kind of mistake it is, for machines.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::SameName(_) => "same-name",
        }
    }

    /// What to do.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::SameName(name) => {
                format!("give the parameter or the multiplier `{name}` another name in the architecture")
            }
        }
    }
}

/// The table as a file that, read under the same scaling, is the table again; the conflict, if there is no table, as comments
/// alone. `command` is what asked for it.
///
/// # Errors
/// If the file could not say it.
pub fn write(answer: &Answer, command: &str) -> Result<String, UnwrittenTable> {
    let Verdict::Feasible { table, .. } = &answer.verdict else {
        let text = render(&Derived { answer }, Format::Text);
        return Ok(text.lines().map(comment).collect());
    };
    let solutions = if table.unique { "the only solution" } else { "one of several solutions" };
    let heading = [&title(&answer.question), command, solutions];
    let notes: Vec<String> = answer.notes().iter().map(|note| format!("note: {note}")).collect();
    write_table(table, &answer.question, &heading, &notes)
}

/// A table as a file, with these lines before it as comments, and these notes.
///
/// # Errors
/// If the file could not say it.
pub(crate) fn write_table(
    table: &Table,
    question: &Question,
    heading: &[&str],
    notes: &[String],
) -> Result<String, UnwrittenTable> {
    let file = File { table, graph: table.graph(), scaling: &question.scaling };
    let mut text: String = heading.iter().map(comment).collect();
    text.push_str(&file.convention());
    text.extend(notes.iter().map(comment));
    text.push_str(&format!("\noptimizer = {}\n", quoted(&question.optimizer.about.name)));
    for section in file.sections()? {
        text.push_str(&section);
    }
    Ok(shown(text))
}

/// A table that is written.
struct File<'a> {
    table: &'a Table,
    graph: &'a Graph,
    scaling: &'a Scaling,
}

impl File<'_> {
    /// The dimension that has the exponents in a scale variable, and its power.
    fn bearer(&self, variable: usize) -> Option<(&str, &Exponent)> {
        let mut powers = self.scaling.powers.iter();
        let (dimension, _, power) = powers.find(|(_, of, _)| *of == variable)?;
        Some((&self.graph.dimension(*dimension).name, power))
    }

    fn convention(&self) -> String {
        let variables = self.scaling.variables.iter().enumerate();
        let bearers = variables.filter_map(|(at, name)| {
            let (dimension, power) = self.bearer(at)?;
            let divided =
                if *power == Exponent::ONE { String::new() } else { format!(", divided by {power}") };
            Some(format!("that of {name} stands at {dimension}{divided}"))
        });
        let bearers = bearers.collect::<Vec<_>>().join("; ");
        let words = [
            format!("exponents are per dimension: {bearers}"),
            format!(
                "read under `{}` it is this table, under another scaling it need not be one",
                self.scaling.write(self.graph)
            ),
        ];
        words.map(comment).concat()
    }

    /// `{ d_model = "-1/2" }`
    fn exponents(&self, powers: &Powers) -> String {
        let in_each = powers.0.iter().enumerate().filter(|(_, exponent)| !exponent.is_zero());
        let in_each = in_each.filter_map(|(variable, exponent)| {
            let (dimension, power) = self.bearer(variable)?;
            Some(format!("{dimension} = \"{}\"", exponent * &power.reciprocal()?))
        });
        let mut in_each: Vec<String> = in_each.collect();
        if in_each.is_empty() {
            in_each.extend(self.bearer(0).map(|(dimension, _)| format!("{dimension} = \"0\"")));
        }
        format!("{{ {} }}", in_each.join(", "))
    }

    /// Init, learning rate and multiplier where they change, weight decay and epsilon of every parameter that has them.
    fn sections(&self) -> Result<Vec<String>, UnwrittenTable> {
        let named = |row: &ParameterRow| self.graph.parameter(row.parameter).name.clone();
        let column = |of: fn(&ParameterRow) -> Option<&Powers>| {
            let changing = self.table.parameters.iter();
            let changing =
                changing.filter_map(|row| Some((row, of(row).filter(|powers| !powers.is_zero())?)));
            changing.map(|(row, powers)| (named(row), self.exponents(powers))).collect::<Vec<_>>()
        };
        let own = column(|row| row.multiplier.as_ref());
        if let Some((name, _)) = own.iter().find(|(name, _)| self.graph.find_multiplier(name).is_some()) {
            return Err(UnwrittenTable::SameName(name.clone()));
        }
        let declared = self.table.multipliers.iter().filter(|(_, powers)| !powers.is_zero());
        let declared = declared
            .map(|(id, powers)| (self.graph.multiplier(*id).name.clone(), self.exponents(powers)))
            .chain(own)
            .collect::<Vec<_>>();
        let mut sections = vec![
            section("init", &column(|row| row.init.as_ref())),
            section("lr", &column(|row| Some(&row.lr))),
            section("multiplier", &declared),
        ];
        for stabiliser in Stabiliser::ALL {
            sections.push(self.stabilisers(stabiliser));
        }
        Ok(sections)
    }

    fn stabilisers(&self, stabiliser: Stabiliser) -> String {
        let (mut entries, mut left_out) = (Vec::new(), String::new());
        for row in &self.table.parameters {
            let sum = match stabiliser {
                Stabiliser::WeightDecay => &row.weight_decay,
                Stabiliser::Epsilon => &row.epsilon,
            };
            let name = &self.graph.parameter(row.parameter).name;
            match sum.as_ref().map(|sum| (sum, sum.largest())) {
                None => {}
                Some((_, Some(largest))) => {
                    entries.push((name.clone(), self.exponents(&Powers(largest.to_vec()))));
                }
                Some((sum, None)) => {
                    let words = stabiliser.words();
                    let sum = self.write(sum);
                    left_out.push_str(&comment(format!(
                        "the {words} of {name} grows like {sum}, which is no product of powers: it is left out"
                    )));
                }
            }
        }
        let before = if left_out.is_empty() { String::new() } else { format!("\n{left_out}") };
        format!("{before}{}", section(stabiliser.key(), &entries))
    }

    fn write(&self, sum: &PowerSum) -> String {
        sum.write(&self.table.variables, &self.table.divisors, &power)
    }
}

/// A section with its entries in columns; nothing if there are none.
fn section(key: &str, entries: &[(String, String)]) -> String {
    if entries.is_empty() {
        return String::new();
    }
    let width = entries.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let lines: String = entries.iter().map(|(name, value)| format!("{name:width$} = {value}\n")).collect();
    format!("\n[{key}]\n{lines}")
}

/// A line that is no part of the file.
pub(crate) fn comment(line: impl AsRef<str>) -> String {
    let line: String = line.as_ref().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("# {line}").trim_end().to_owned() + "\n"
}

/// A basic string of TOML.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            letter if letter.is_control() => quoted.push_str(&format!("\\u{:04X}", u32::from(letter))),
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

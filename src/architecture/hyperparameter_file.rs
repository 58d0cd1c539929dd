//! [`HyperparameterFile`]: a parameterization written by hand, as exponents of each dimension.

use crate::document::{Key, Mistakes, Record, Text, Value, Wanted, document, quote, quote_all, shorten};
use std::collections::BTreeMap;

use crate::document::{Diagnostic, Diagnostics, Place, Source};
use crate::exact::{Exponent, ParseExponentError};
use crate::graph::{
    DimensionId, Graph, Hyperparameters, MultiplierId, ParameterId, Scaling, Start, Unfolded,
};

/// Exponents by parameter or multiplier, and by dimension.
const EXPONENTS: Value = Value::Entries("W_1", Wanted::Exponents);

/// Keys of the file. The texts are for its readers.
pub(super) const KEYS: [Key; 9] = [
    Key::optional("name", Value::TEXT, "its name", r#""mine""#),
    Key::optional("title", Value::TEXT, "its title", r#""As I train it""#),
    Key::optional("summary", Value::TEXT, "what it is, in a line", r#""fan-in init, one learning rate""#),
    Key::optional("why", Value::TEXT, "why it is so", r#""It always worked.""#),
    Key::optional("source", Value::TEXT, "where it is published", r#""arXiv:1234.56789""#),
    Key::required("optimizer", Value::TEXT, "the optimizer that they are meant for, by name", r#""sgd""#),
    Key::optional(
        "init",
        EXPONENTS,
        "exponents of initial standard deviations, by parameter and dimension",
        r#"{ d_model = "-1/2" }"#,
    ),
    Key::optional(
        "lr",
        EXPONENTS,
        "exponents of learning rates, by parameter and dimension",
        r#"{ d_model = "-1" }"#,
    ),
    Key::optional(
        "multiplier",
        EXPONENTS,
        "exponents of multipliers, by multiplier, or by weight or bias",
        r#"{ d_model = "-1/2" }"#,
    ),
];

/// The exponents of hyperparameters in each dimension; what is not stated is 0.
///
/// ```toml
/// optimizer = "sgd"
/// [init]
/// W_O = { heads = "-1/2" }      # the initial standard deviation falls like heads^-1/2
/// [lr]
/// W_O = { heads = "-1" }
/// [multiplier]
/// attention = { d_k = "-1" }    # of nodes, by the name that the architecture gives it
/// W_U = { d_model = "-1" }      # of a weight or bias: `m W` stands wherever it is used
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HyperparameterFile {
    /// The optimizer they are meant for.
    pub optimizer: OptimizerName,
    /// Exponents of initial standard deviations.
    pub init: BTreeMap<ParameterId, BTreeMap<DimensionId, Exponent>>,
    /// Exponents of learning rates.
    pub lr: BTreeMap<ParameterId, BTreeMap<DimensionId, Exponent>>,
    /// Exponents of multipliers.
    pub multiplier: BTreeMap<MultiplierId, BTreeMap<DimensionId, Exponent>>,
    /// Exponents of the multipliers that weights and biases have of their own.
    pub own: BTreeMap<ParameterId, BTreeMap<DimensionId, Exponent>>,
}

/// What a name under `[multiplier]` stands for. Of a multiplier and a parameter of one name, it is the multiplier.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Scalar {
    Declared(MultiplierId),
    Own(ParameterId),
}

/// The name of an optimizer as the file writes it. Whether a rule describes it is not known here: the place lets
/// whoever knows say that none does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptimizerName {
    /// The name.
    pub name: String,
    /// Where it stands.
    pub place: Place,
}

impl HyperparameterFile {
    /// Reads and checks a hyperparameter file for the parameters, multipliers and dimensions of `graph`.
    ///
    /// # Errors
    /// Everything wrong with the file, in its order, each with its place. Text that is not TOML has one error only.
    pub fn parse(source: &Source, graph: &Graph) -> Result<Self, Diagnostics> {
        let document = document(source)?;
        let record = Record::file(&document);
        let mut mistakes = Mistakes::new(source);
        record.refuse_unknown(KEYS, &mut mistakes);
        let optimizer =
            record.required_text("optimizer", &mut mistakes).and_then(|text| text.name(&mut mistakes));
        let optimizer =
            optimizer.map(|text| OptimizerName { name: text.value.into(), place: source.place(text.span) });
        let parameters = Known {
            what: "parameter",
            all: "parameters",
            code: "unknown-parameter",
            elsewhere: (
                graph.multipliers.iter().map(|known| known.name.as_str()).collect(),
                "`[multiplier]`",
            ),
            ids: graph.parameter_ids().map(|id| (graph.parameter(id).name.as_str(), id)).collect(),
        };
        let own = parameters.ids.iter().map(|(name, id)| (*name, Scalar::Own(*id)));
        let declared = graph.multiplier_ids();
        let declared = declared.map(|id| (graph.multiplier(id).name.as_str(), Scalar::Declared(id)));
        let multipliers = Known {
            what: "multiplier or parameter",
            all: "multipliers and parameters",
            code: "unknown-multiplier",
            elsewhere: (Vec::new(), ""),
            ids: own.chain(declared).collect(),
        };
        let dimensions = Known {
            what: "dimension",
            all: "dimensions",
            code: "unknown-dimension",
            elsewhere: (Vec::new(), ""),
            ids: graph.dimension_ids().map(|id| (graph.dimension(id).name.as_str(), id)).collect(),
        };
        let init = read_section("init", &record, &parameters, &dimensions, &mut mistakes);
        let lr = read_section("lr", &record, &parameters, &dimensions, &mut mistakes);
        let (mut multiplier, mut own) = (BTreeMap::new(), BTreeMap::new());
        for (scalar, exponents) in
            read_section("multiplier", &record, &multipliers, &dimensions, &mut mistakes)
        {
            match scalar {
                Scalar::Declared(id) => multiplier.insert(id, exponents),
                Scalar::Own(id) => own.insert(id, exponents),
            };
        }
        for fixed in [INIT_OF_FIXED, MULTIPLIER_OF_FIXED] {
            fixed.refuse(&record, graph, &mut mistakes);
        }
        refuse_rates_of_frozen(&record, graph, &mut mistakes);
        mistakes.or(optimizer.map(|optimizer| Self { optimizer, init, lr, multiplier, own }))
    }

    /// The exponents in the scale variable number `variable` of a scaling: for each hyperparameter the sum over
    /// dimensions of its exponent times the dimension's power.
    #[must_use]
    pub fn along(&self, graph: &Graph, scaling: &Scaling, variable: usize) -> Unfolded {
        let powers = scaling.along(variable);
        let exponent = |exponents: Option<&BTreeMap<DimensionId, Exponent>>| -> Exponent {
            let terms = exponents.into_iter().flatten();
            terms.filter_map(|(dimension, exponent)| Some(exponent * powers.get(dimension)?)).sum()
        };
        let hyperparameters = Hyperparameters {
            init: graph.parameter_ids().map(|id| exponent(self.init.get(&id))).collect(),
            lr: graph.parameter_ids().map(|id| exponent(self.lr.get(&id))).collect(),
            multiplier: graph.multiplier_ids().map(|id| exponent(self.multiplier.get(&id))).collect(),
        };
        let own = graph.parameter_ids().map(|id| exponent(self.own.get(&id))).collect();
        Unfolded { hyperparameters, own }
    }
}

/// The names that may stand as keys, with what they mean.
struct Known<'g, Id> {
    what: &'static str,
    all: &'static str,
    code: &'static str,
    /// Names that belong to another section, with that section.
    elsewhere: (Vec<&'g str>, &'static str),
    ids: BTreeMap<&'g str, Id>,
}

impl<Id: Copy> Known<'_, Id> {
    fn find(&self, name: &Text, mistakes: &mut Mistakes) -> Option<Id> {
        let id = self.ids.get(name.value).copied();
        if id.is_none() {
            let (misplaced, section) = &self.elsewhere;
            let hint = if misplaced.contains(&name.value) {
                format!("write it under {section}")
            } else {
                self.suggest(name, mistakes)
            };
            let message = format!("the architecture has no {} {}", self.what, quote(name.value));
            mistakes.add(&name.span, Diagnostic::new(self.code, message).hint(hint));
        }
        id
    }
}

impl<Id> Known<'_, Id> {
    fn suggest(&self, name: &Text, mistakes: &mut Mistakes) -> String {
        mistakes.suggest(name.value, self.ids.keys().copied(), || {
            if self.ids.is_empty() {
                format!("the architecture has no {}: remove it", self.what)
            } else {
                format!("{} are {}", self.all, quote_all(self.ids.keys().copied()))
            }
        })
    }
}

/// One of `[init]`, `[lr]`, `[multiplier]`; all zero if it is absent.
fn read_section<Id: Copy + Ord>(
    key: &str,
    file: &Record,
    subjects: &Known<Id>,
    dimensions: &Known<DimensionId>,
    mistakes: &mut Mistakes,
) -> BTreeMap<Id, BTreeMap<DimensionId, Exponent>> {
    let mut section = BTreeMap::new();
    let Some(table) = file.table(key, Wanted::Table, format!("`[{key}]`"), mistakes) else {
        return section;
    };
    for name in table.keys(mistakes.source()) {
        let subject = subjects.find(&name, mistakes);
        let what = format!("the {key} of {}", quote(name.value));
        let Some(record) = exponents_of(&table, &name, what, mistakes) else {
            continue;
        };
        let mut exponents = BTreeMap::new();
        for dimension in record.keys(mistakes.source()) {
            let id = dimensions.find(&dimension, mistakes);
            let exponent = read_exponent(&record, dimension.value, mistakes);
            exponents.extend(id.zip(exponent));
        }
        section.extend(subject.map(|subject| (subject, exponents)));
    }
    section
}

/// The table of exponents under a name. A bare exponent is the likely mistake: it does not say of which dimension.
fn exponents_of<'a>(
    table: &Record<'a>,
    name: &Text,
    what: String,
    mistakes: &mut Mistakes,
) -> Option<Record<'a>> {
    let (item, span) = table.item(name.value)?;
    if item.is_str() || item.is_integer() || item.is_float() {
        let written = item.as_str().map_or_else(
            || mistakes.source().text.get(span.clone()).unwrap_or_default().to_owned(),
            str::to_owned,
        );
        let message = format!("{what} does not say in which dimension {} is the exponent", quote(&written));
        let hint = Wanted::Exponents.example(name.value);
        mistakes.add(&span, Diagnostic::new("no-dimension", message).hint(hint));
        return None;
    }
    table.table(name.value, Wanted::Exponents, what, mistakes)
}

/// A fraction in quotes, or a whole number. A decimal is refused with the fraction that it stands for.
fn read_exponent(record: &Record, key: &str, mistakes: &mut Mistakes) -> Option<Exponent> {
    let (item, span) = record.item(key)?;
    let written = match item.as_str() {
        Some(text) => text.to_owned(),
        None if item.is_integer() || item.is_float() => {
            mistakes.source().text.get(span.clone()).unwrap_or_default().replace('_', "")
        }
        None => {
            record.wrong_type(key, Wanted::Exponent, mistakes);
            return None;
        }
    };
    let read = match item.as_integer() {
        Some(whole) => whole.to_string().parse::<Exponent>(),
        None => written.parse::<Exponent>(),
    };
    match read {
        Ok(exponent) => Some(exponent),
        Err(why) => {
            let message = format!("{} is not an exponent: {why}", quote(&written));
            let hint = match &why {
                ParseExponentError::Decimal(Some(meant)) => format!("write `{} = \"{meant}\"`", shorten(key)),
                ParseExponentError::Empty
                | ParseExponentError::Decimal(None)
                | ParseExponentError::ZeroDenominator
                | ParseExponentError::OutOfRange
                | ParseExponentError::NotANumber => why.hint(),
            };
            mistakes.add(&span, Diagnostic::new("bad-exponent", message).hint(hint));
            None
        }
    }
}

/// Refuses learning rates of parameters that are not trained.
fn refuse_rates_of_frozen(file: &Record, graph: &Graph, mistakes: &mut Mistakes) {
    let Some(table) = file.item("lr").and_then(|(item, _)| item.as_table_like()) else { return };
    for (name, _) in table.iter() {
        if graph.find_parameter(name).is_some_and(|id| !graph.parameter(id).is_trained()) {
            let span = table.key(name).and_then(toml_edit::Key::span).unwrap_or_else(|| file.span.clone());
            let message = format!("{} is frozen and has no learning rate", quote(name));
            mistakes.add(&span, Diagnostic::new("lr-of-frozen", message).hint("remove it from `[lr]`"));
        }
    }
}

/// What a parameter of fixed start cannot have.
struct OfFixed {
    section: &'static str,
    code: &'static str,
    why: &'static str,
}

const INIT_OF_FIXED: OfFixed = OfFixed { section: "init", code: "init-of-gain", why: "" };
const MULTIPLIER_OF_FIXED: OfFixed =
    OfFixed { section: "multiplier", code: "multiplier-of-gain", why: " and has no multiplier of its own" };

impl OfFixed {
    /// Refuses the gains, and the biases that start at zero, that a section names.
    fn refuse(&self, file: &Record, graph: &Graph, mistakes: &mut Mistakes) {
        let Self { section, code, why } = self;
        let Some(table) = file.item(section).and_then(|(item, _)| item.as_table_like()) else {
            return;
        };
        for (name, _) in table.iter() {
            let fixed = graph.find_parameter(name).and_then(|id| match graph.parameter(id).start {
                Start::Gaussian => None,
                Start::One => Some("the gain of a norm, which starts at one"),
                Start::Zero => Some("a parameter that starts at zero"),
            });
            let declared = *section == "multiplier" && graph.find_multiplier(name).is_some();
            if let (Some(what), false) = (fixed, declared) {
                let span =
                    table.key(name).and_then(toml_edit::Key::span).unwrap_or_else(|| file.span.clone());
                let message = format!("{} is {what}{why}", quote(name));
                let hint = format!("remove it from `[{section}]`");
                mistakes.add(&span, Diagnostic::new(code, message).hint(hint));
            }
        }
    }
}

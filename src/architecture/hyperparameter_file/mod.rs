//! [`HyperparameterFile`]: a parameterization written by hand, as exponents of each dimension.

mod exponents;
mod names;
mod refusals;
mod suited;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use exponents::Exponents;
use names::{Known, Section};
use suited::Suited;

use crate::document::{Diagnostics, Key, Mistakes, Place, Record, Source, Value, Wanted, document};
use crate::exact::Exponent;
use crate::graph::{
    DimensionId, Graph, Hyperparameters, MultiplierId, ParameterClass, ParameterId, Scaling, Stabiliser,
    StatedStabilisers, Unfolded,
};
use crate::rule::RuleBook;

/// Exponents by parameter or multiplier, and by dimension.
const EXPONENTS: Value = Value::Entries("W_1", Wanted::Exponents);

/// Keys of the file. The texts are for its readers.
pub(super) const KEYS: [Key; 11] = [
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
    Key::optional(
        "weight_decay",
        EXPONENTS,
        "exponents of weight decays, if the optimizer has them, by parameter and dimension",
        r#"{ d_model = "1" }"#,
    ),
    Key::optional(
        "epsilon",
        EXPONENTS,
        "exponents of epsilons, if the optimizer has them, by parameter and dimension",
        r#"{ d_model = "-1" }"#,
    ),
];

/// The exponents of hyperparameters in each dimension; what is not stated is 0, but for weight decay and epsilon, of which then
/// nothing is said.
///
/// ```toml
/// optimizer = "adamw"
/// [init]
/// W_O = { heads = "-1/2" }      # the initial standard deviation falls like heads^-1/2
/// [lr]
/// W_O = { heads = "-1" }        # a name wins over a pattern,
/// "W_*" = { d_model = "-1" }    # a pattern over a class:
/// vectors = {}                  # input, matrices, output or vectors
/// [multiplier]
/// attention = { d_k = "-1" }    # of nodes, by the name that the architecture gives it
/// W_U = { d_model = "-1" }      # of a weight or bias: `m W` stands wherever it is used
/// [weight_decay]
/// matrices = { d_model = "1" }
/// [epsilon]
/// matrices = { d_model = "-1" }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HyperparameterFile {
    /// The optimizer they are meant for.
    pub optimizer: OptimizerName,
    /// Exponents of initial standard deviations.
    pub init: BTreeMap<ParameterId, Arc<Exponents>>,
    /// Exponents of learning rates.
    pub lr: BTreeMap<ParameterId, Arc<Exponents>>,
    /// Exponents of multipliers.
    pub multiplier: BTreeMap<MultiplierId, Arc<Exponents>>,
    /// Exponents of the multipliers that weights and biases have of their own.
    pub own: BTreeMap<ParameterId, Arc<Exponents>>,
    /// Exponents of weight decay and epsilon.
    pub stabilisers: BTreeMap<(Stabiliser, ParameterId), Arc<Exponents>>,
}

/// What a name under `[multiplier]` stands for. Of a multiplier and a parameter of one name, it is the multiplier.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Scalar {
    Declared(MultiplierId),
    Own(ParameterId),
}

/// The name of an optimizer as the file writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptimizerName {
    /// The name.
    pub name: String,
    /// Where it stands.
    pub place: Place,
}

impl HyperparameterFile {
    /// Reads and checks a hyperparameter file for the parameters, multipliers and dimensions of `graph`. Whether a rule
    /// describes its optimizer is not asked.
    ///
    /// # Errors
    /// Everything wrong with the file, in its order, each with its place. Text that is not TOML has one error only.
    pub fn parse(source: &Source, graph: &Graph) -> Result<Self, Diagnostics> {
        Self::parse_by(source, graph, None)
    }

    /// The same by the rules of optimizers: there must be one of that name, with the weight decay and epsilon that are stated.
    ///
    /// # Errors
    /// As [`HyperparameterFile::parse`].
    pub fn read(source: &Source, graph: &Graph, book: &RuleBook) -> Result<Self, Diagnostics> {
        Self::parse_by(source, graph, Some(book))
    }

    fn parse_by(source: &Source, graph: &Graph, book: Option<&RuleBook>) -> Result<Self, Diagnostics> {
        let document = document(source)?;
        let record = Record::file(&document);
        let mut mistakes = Mistakes::new(source);
        record.refuse_unknown(KEYS, &mut mistakes);
        let optimizer = record.required_text("optimizer", &mut mistakes);
        let suited = optimizer.as_ref().map(|text| Suited::read(text, graph, book, &mut mistakes));
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
            classes: &ParameterClass::NAMES,
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
            classes: &ParameterClass::NAMES,
        };
        let dimensions = Known {
            what: "dimension",
            all: "dimensions",
            code: "unknown-dimension",
            elsewhere: (Vec::new(), ""),
            ids: graph.dimension_ids().map(|id| (graph.dimension(id).name.as_str(), id)).collect(),
            classes: &[],
        };
        let classes = if names_a_class(&record) { classes(graph) } else { BTreeMap::new() };
        let mut of_parameters = |key, has: &dyn Fn(ParameterId) -> bool| {
            let having = graph.parameter_ids().filter(|id| has(*id)).collect();
            let section = Section { key, subjects: &parameters, having, classes: &classes };
            section.read(&record, &dimensions, &mut mistakes)
        };
        let is_trained = |id| graph.parameter(id).is_trained();
        let init = of_parameters("init", &|id| graph.parameter(id).has_init());
        let lr = of_parameters("lr", &is_trained);
        let mut stabilisers = BTreeMap::new();
        for stabiliser in Stabiliser::ALL {
            let has = |id| is_trained(id) && suited.as_ref().is_none_or(|suited| suited.has(stabiliser, id));
            let stated = of_parameters(stabiliser.key(), &has);
            stabilisers.extend(stated.into_iter().map(|(id, exponents)| ((stabiliser, id), exponents)));
        }
        let (multiplier, own) =
            multiplied(graph, &record, &multipliers, &classes, &dimensions, &mut mistakes);
        refusals::refuse(&record, graph, &mut mistakes);
        if let Some(suited) = &suited {
            suited.refuse(&record, graph, &mut mistakes);
        }
        let file = optimizer.map(|optimizer| Self { optimizer, init, lr, multiplier, own, stabilisers });
        mistakes.or(file)
    }

    /// The exponents in the scale variable number `variable` of a scaling: for each hyperparameter the sum over
    /// dimensions of its exponent times the dimension's power.
    #[must_use]
    pub fn along(&self, graph: &Graph, scaling: &Scaling, variable: usize) -> Unfolded {
        let powers = scaling.along(variable);
        let exponent = |exponents: Option<&Arc<Exponents>>| towards(&powers, exponents.map(Arc::as_ref));
        let hyperparameters = Hyperparameters {
            init: graph.parameter_ids().map(|id| exponent(self.init.get(&id))).collect(),
            lr: graph.parameter_ids().map(|id| exponent(self.lr.get(&id))).collect(),
            multiplier: graph.multiplier_ids().map(|id| exponent(self.multiplier.get(&id))).collect(),
        };
        let own = graph.parameter_ids().map(|id| exponent(self.own.get(&id))).collect();
        Unfolded { hyperparameters, own }
    }

    /// The exponents of weight decay and epsilon that are stated, in the scale variable number `variable` of a scaling.
    #[must_use]
    pub fn stabilisers_along(&self, scaling: &Scaling, variable: usize) -> StatedStabilisers {
        let powers = scaling.along(variable);
        self.stabilisers.iter().map(|(of, exponents)| (*of, towards(&powers, Some(exponents)))).collect()
    }
}

/// The sum over the dimensions that grow of exponent times power.
fn towards(powers: &BTreeMap<DimensionId, Exponent>, exponents: Option<&Exponents>) -> Exponent {
    let Some(exponents) = exponents else { return Exponent::ZERO };
    powers.iter().filter_map(|(dimension, power)| Some(power * exponents.get(dimension)?)).sum()
}

/// Whether some section speaks of a class.
fn names_a_class(file: &Record) -> bool {
    let sections = ["init", "lr", "multiplier"].into_iter().chain(Stabiliser::ALL.map(Stabiliser::key));
    let mut tables = sections.filter_map(|key| file.item(key)?.0.as_table_like());
    tables.any(|table| ParameterClass::NAMES.iter().any(|(class, _)| table.contains_key(class)))
}

/// The parameters of each class.
fn classes(graph: &Graph) -> BTreeMap<ParameterClass, Vec<ParameterId>> {
    let mut members: BTreeMap<ParameterClass, Vec<ParameterId>> = BTreeMap::new();
    for (id, class) in graph.parameter_ids().zip(graph.classes()) {
        members.entry(class).or_default().push(id);
    }
    members
}

/// The exponents of declared multipliers, and of those that parameters have of their own.
#[allow(clippy::type_complexity, reason = "two sections of the file that have one key")]
fn multiplied(
    graph: &Graph,
    file: &Record,
    subjects: &Known<Scalar>,
    classes: &BTreeMap<ParameterClass, Vec<ParameterId>>,
    dimensions: &Known<DimensionId>,
    mistakes: &mut Mistakes,
) -> (BTreeMap<MultiplierId, Arc<Exponents>>, BTreeMap<ParameterId, Arc<Exponents>>) {
    let own = |ids: &Vec<ParameterId>| ids.iter().map(|id| Scalar::Own(*id)).collect();
    let classes = classes.iter().map(|(class, ids)| (*class, own(ids))).collect();
    let has = |scalar: &Scalar| match scalar {
        Scalar::Declared(_) => true,
        Scalar::Own(id) => graph.parameter(*id).has_init(),
    };
    let having = subjects.ids.values().copied().filter(has).collect();
    let section = Section { key: "multiplier", subjects, having, classes: &classes };
    let (mut multiplier, mut own) = (BTreeMap::new(), BTreeMap::new());
    for (scalar, exponents) in section.read(file, dimensions, mistakes) {
        match scalar {
            Scalar::Declared(id) => multiplier.insert(id, exponents),
            Scalar::Own(id) => own.insert(id, exponents),
        };
    }
    (multiplier, own)
}

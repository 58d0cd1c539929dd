//! [`Note`]: what is to be known of an answer beside its exponents, in words and as data.

use std::fmt;

use crate::document::and;
use crate::exact::Powers;
use crate::graph::{Graph, ParameterId};
use crate::rule::{Approximated, Approximation, Optimizer};

/// What is to be known of an answer beside its exponents: where these are an approximation, what they are those of, and what the
/// theory leaves out. Written it is a sentence.
///
/// ```
/// let answer = fscale::Network::builtin("llama")?.scale("batch")?.optimizer("adamw")?.derive()?;
/// let told: Vec<String> = answer.notes().iter().map(ToString::to_string).collect();
/// assert!(told.iter().any(|note| note.starts_with("gradient noise is not in the theory")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What it is about.
    pub topic: NoteTopic,
    /// In words.
    pub says: String,
    /// The parameters whose rows of a table it touches, in order.
    pub parameters: Vec<ParameterId>,
    /// The columns of those rows.
    pub columns: Vec<NoteColumn>,
    /// What another theory says of some of these columns: not derived here, and not certified.
    pub beside: Vec<(NoteColumn, Powers)>,
    /// Where that stands; empty if nothing is cited.
    pub source: String,
    /// How far off the exponents were measured, if they are an approximation of which that is known.
    pub measured: Option<Approximation>,
}

/// What a note is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoteTopic {
    /// Exponents are an approximation here.
    Approximated(Approximated),
    /// Weights that start at zero: exponents are those of the second step.
    ZeroStart,
    /// Later steps leave the bounds that are asked of the first.
    FirstStep,
    /// An alignment is assumed.
    Alignment,
    /// The table is told in another gauge.
    Gauge,
    /// A requirement is on parameters by name, of which the network has none.
    Unasked,
    /// Gradient noise, which falls with the number of samples.
    GradientNoise,
    /// Over how many steps weight decay acts.
    DecayHorizon,
    /// How gradients shrink beside epsilon while training goes on.
    LaterGradients,
}

/// How a note bears on an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoteKind {
    /// Exponents that it touches are an approximation.
    Approximation,
    /// It says what the exponents are those of.
    Meaning,
    /// It says what the theory leaves out.
    Outside,
}

/// A column of a table, or what stands in none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoteColumn {
    /// The learning rate.
    Lr,
    /// The weight decay.
    WeightDecay,
    /// Epsilon.
    Epsilon,
    /// What is missing to 1 of the factor of a running mean; no table has it.
    OneLessBeta,
}

impl NoteTopic {
    /// Its name, for machines.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Approximated(of) => of.name(),
            Self::ZeroStart => "zero_start",
            Self::FirstStep => "first_step",
            Self::Alignment => "alignment",
            Self::Gauge => "gauge",
            Self::Unasked => "unasked",
            Self::GradientNoise => "gradient_noise",
            Self::DecayHorizon => "decay_horizon",
            Self::LaterGradients => "later_gradients",
        }
    }

    /// How it bears on an answer.
    #[must_use]
    pub fn kind(self) -> NoteKind {
        match self {
            Self::Approximated(_) => NoteKind::Approximation,
            Self::ZeroStart | Self::FirstStep | Self::Alignment | Self::Gauge | Self::Unasked => {
                NoteKind::Meaning
            }
            Self::GradientNoise | Self::DecayHorizon | Self::LaterGradients => NoteKind::Outside,
        }
    }
}

impl NoteKind {
    /// Its name, for machines.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Approximation => "approximation",
            Self::Meaning => "meaning",
            Self::Outside => "outside",
        }
    }
}

impl NoteColumn {
    /// As text and machines write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Lr => "lr",
            Self::WeightDecay => "weight_decay",
            Self::Epsilon => "epsilon",
            Self::OneLessBeta => "1 - beta",
        }
    }
}

impl Note {
    /// A note that touches no row in particular.
    #[must_use]
    pub fn new(topic: NoteTopic, says: impl Into<String>) -> Self {
        Self {
            topic,
            says: says.into(),
            parameters: Vec::new(),
            columns: Vec::new(),
            beside: Vec::new(),
            source: String::new(),
            measured: None,
        }
    }

    /// The same, where the backward signals that the trained of these parameters hear are an approximation: the rates that are solved
    /// for with them are, and an epsilon that follows the gradient.
    #[must_use]
    pub(super) fn on_backward(
        mut self,
        graph: &Graph,
        optimizer: &Optimizer,
        parameters: Vec<ParameterId>,
    ) -> Self {
        let stabilised = optimizer.of_each(graph);
        let stabilised = parameters.iter().any(|id| stabilised[id.0].epsilon.is_some());
        let what = if stabilised { "learning rate and epsilon" } else { "learning rate" };
        let rows = match parameters.as_slice() {
            [] => "no row of the table".into(),
            rows => format!("{what} of {}", those(graph, rows)),
        };
        self.says.push_str(&format!("; it touches {rows}"));
        self.columns =
            [NoteColumn::Lr].into_iter().chain(stabilised.then_some(NoteColumn::Epsilon)).collect();
        self.parameters = parameters;
        self
    }

    /// The same with how far off it was measured, if that is known.
    #[must_use]
    pub(super) fn measured(mut self, approximation: Option<&Approximation>) -> Self {
        if let Some(Approximation { off, measured, .. }) = approximation {
            self.says
                .push_str(&format!("; slopes were measured within {off} of told exponents ({measured})"));
        }
        self.measured = approximation.cloned();
        self
    }
}

/// The names of parameters; `every parameter` if they are all that are trained.
pub(super) fn those(graph: &Graph, parameters: &[ParameterId]) -> String {
    let trained = graph.parameter_ids().filter(|id| graph.parameter(*id).is_trained()).count();
    if parameters.len() == trained {
        return "every parameter".into();
    }
    let name = |id: &ParameterId| format!("`{}`", graph.parameter(*id).name);
    and(&parameters.iter().map(name).collect::<Vec<_>>())
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.says)
    }
}

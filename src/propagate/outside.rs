//! What an answer leaves out: requirements that are on nobody, the noise of gradients where samples grow, and what weight decay and epsilon do beyond
//! one step. Rules of other theories are told beside, never as derived.

use super::demand::unasked;
use super::note::{Note, NoteColumn, NoteTopic, those};
use super::{Question, Table};
use crate::document::and;
use crate::exact::{Exponent, PowerSum, Powers, power};
use crate::graph::{DimensionId, LossSamples, NodeId, ParameterId};
use crate::rule::{NoiseRule, Optimizer};

impl Question {
    /// The requirements that ask nothing of this network, since they are on parameters by names that it has not.
    #[must_use]
    pub fn unasked(&self) -> Vec<Note> {
        let told = |(label, on): (String, Vec<String>)| {
            let name = &self.desiderata.about.name;
            let says = format!(
                "{label} of {name} is asked of nothing here: no trained parameter is called like {}",
                on.join(" or ")
            );
            Note::new(NoteTopic::Unasked, says)
        };
        unasked(&self.graph, &self.desiderata).into_iter().map(told).collect()
    }

    /// What gradient noise would ask where sample dimensions of the loss grow: notes, and no part of the answer.
    #[must_use]
    pub fn noise(&self) -> Vec<Note> {
        let grown = |id: &DimensionId| self.scaling.powers.iter().any(|(scaled, ..)| scaled == id);
        let samples = self.graph.samples_of_loss().into_iter().filter(|(id, _)| grown(id));
        let (mut apart, mut notes) = (Vec::new(), Vec::new());
        for (id, samples) in samples {
            match samples {
                LossSamples::Apart => apart.push(id),
                LossSamples::Mixed(node) => notes.push(self.correlated(id, node)),
            }
        }
        if !apart.is_empty() {
            let of_batches = self.optimizers().into_iter().enumerate();
            let of_batches =
                of_batches.map(|(at, (optimizer, on))| self.of_batch(&apart, optimizer, on, at == 0));
            notes.splice(0..0, of_batches.collect::<Vec<_>>());
        }
        notes
    }

    /// Each optimizer with the trained parameters that it moves.
    fn optimizers(&self) -> Vec<(&Optimizer, Vec<ParameterId>)> {
        let mut found: Vec<(&Optimizer, Vec<ParameterId>)> = Vec::new();
        let each = self.graph.parameter_ids().zip(self.optimizer.of_each(&self.graph));
        for (id, optimizer) in each.filter(|(id, _)| self.graph.parameter(*id).is_trained()) {
            match found.iter_mut().find(|(held, _)| held.about.name == optimizer.about.name) {
                Some((_, parameters)) => parameters.push(id),
                None => found.push((optimizer, vec![id])),
            }
        }
        found
    }

    /// By which powers of the scale variables the number of samples grows.
    fn growth_of(&self, dimensions: &[DimensionId]) -> Powers {
        let mut growth = Powers::zero(self.scaling.variables.len());
        for (_, variable, by) in self.scaling.powers.iter().filter(|(id, ..)| dimensions.contains(id)) {
            growth.0[*variable] += by;
        }
        growth
    }

    fn names(&self, dimensions: &[DimensionId]) -> String {
        let name = |id: &DimensionId| format!("`{}`", self.graph.dimension(*id).name);
        and(&dimensions.iter().map(name).collect::<Vec<_>>())
    }

    /// A batch that grows, under one of the optimizers; what is left out is told of the first.
    fn of_batch(
        &self,
        dimensions: &[DimensionId],
        optimizer: &Optimizer,
        on: Vec<ParameterId>,
        is_first: bool,
    ) -> Note {
        let (growth, names) = (self.growth_of(dimensions), self.names(dimensions));
        let beside = by_rule(optimizer, &growth);
        let under = match &self.optimizer.mix {
            Some(_) => format!("{}, which moves {}", optimizer.about.name, those(&self.graph, &on)),
            None => optimizer.about.name.clone(),
        };
        let left_out = match is_first {
            true => format!(
                "gradient noise is not in the theory, which tells one step along the gradient of the batch at hand: nothing here \
                 follows from a noise that falls with {names}"
            ),
            false => format!("gradient noise falls with {names} under another optimizer too"),
        };
        let source = &optimizer.noise.source;
        let known = match optimizer.noise.rule {
            rule @ (NoiseRule::Root | NoiseRule::Linear) => format!(
                "beside it, from another theory, neither derived nor certified here: the {} rule of {under}, up to a critical \
                 batch size: {} ({source})",
                rule.name(),
                self.written(&beside)
            ),
            NoiseRule::Unknown => format!("no rule is known for {under}"),
        };
        let told = beside.iter().map(|(column, _)| *column);
        let columns = match optimizer.noise.rule {
            NoiseRule::Root | NoiseRule::Linear => {
                told.filter(|column| *column != NoteColumn::OneLessBeta).collect()
            }
            NoiseRule::Unknown => vec![NoteColumn::Lr],
        };
        Note {
            parameters: on,
            columns,
            beside,
            source: source.clone(),
            ..Note::new(NoteTopic::GradientNoise, format!("{left_out}; {known}"))
        }
    }

    /// `lr ~ n^1/2, epsilon ~ n^-1/2`.
    fn written(&self, beside: &[(NoteColumn, Powers)]) -> String {
        let one = |(column, powers): &(NoteColumn, Powers)| {
            let written = PowerSum::from(powers).write(&self.scaling.variables, &[], &power);
            format!("{} ~ {written}", column.name())
        };
        beside.iter().map(one).collect::<Vec<_>>().join(", ")
    }

    /// Samples that the network mixes.
    fn correlated(&self, dimension: DimensionId, node: NodeId) -> Note {
        let runs = self.graph.runs_over(node, dimension);
        let how = if runs { "runs over" } else { "tells apart" };
        let node = &self.graph.node(node).name;
        let name = &self.graph.dimension(dimension).name;
        let says = format!(
            "gradient noise is not in the theory: the loss averages over `{name}` too, but its samples are not independent, since \
             `{node}` {how} them; how noise falls with `{name}` is not known, and the rules for larger batches \
             do not speak of it"
        );
        let trained = self.graph.parameter_ids().filter(|id| self.graph.parameter(*id).is_trained());
        Note {
            parameters: trained.collect(),
            columns: vec![NoteColumn::Lr],
            ..Note::new(NoteTopic::GradientNoise, says)
        }
    }

    /// What the columns of a table that keep one step in balance leave open of many steps.
    #[must_use]
    pub fn beyond_a_step(&self, table: &Table) -> Vec<Note> {
        let rows = |has: &dyn Fn(usize) -> bool| -> Vec<ParameterId> {
            let rows = table.parameters.iter().enumerate().filter(|(at, _)| has(*at));
            rows.map(|(_, row)| row.parameter).collect()
        };
        let decays = rows(&|at| table.parameters[at].weight_decay.is_some());
        let stabilised = rows(&|at| table.parameters[at].epsilon.is_some());
        let of = |parameters: Vec<ParameterId>, column, topic, says: &str, source: &str| {
            let note = Note { columns: vec![column], source: source.into(), ..Note::new(topic, says) };
            (!parameters.is_empty()).then_some(Note { parameters, ..note })
        };
        let horizon =
            of(decays, NoteColumn::WeightDecay, NoteTopic::DecayHorizon, HORIZON, "arXiv:2405.13698");
        let epsilon = of(stabilised, NoteColumn::Epsilon, NoteTopic::LaterGradients, LATER, "");
        horizon.into_iter().chain(epsilon).collect()
    }
}

const HORIZON: &str = "weight decay keeps its share of one step; over how many steps it acts, its horizon, is not in the theory \
                       (arXiv:2405.13698)";
const LATER: &str = "epsilon is told beside gradients of the first step; that they shrink while training goes on is not in the theory";

/// What the rule for an optimizer says where the number of samples grows so.
fn by_rule(optimizer: &Optimizer, growth: &Powers) -> Vec<(NoteColumn, Powers)> {
    let half = growth.scaled(&Exponent::ratio(1, 2));
    match optimizer.noise.rule {
        NoiseRule::Root => {
            let rest = optimizer.epsilon.is_some().then(|| {
                let epsilon = (NoteColumn::Epsilon, half.scaled(&Exponent::integer(-1)));
                [(NoteColumn::OneLessBeta, growth.clone()), epsilon]
            });
            [(NoteColumn::Lr, half.clone())].into_iter().chain(rest.into_iter().flatten()).collect()
        }
        NoiseRule::Linear => vec![(NoteColumn::Lr, growth.clone())],
        NoiseRule::Unknown => Vec::new(),
    }
}

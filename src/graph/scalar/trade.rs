//! [`Trades`]: what of the scalars of a network can be moved without changing what it computes.
//!
//! A factor passes every map that is linear in its operand. Let each node `y` be multiplied by `n^t(y)`, each parameter by
//! `n^s(w)` and each multiplier by `n^t(m)`: the network computes the same if these exponents solve the equations of its
//! nodes, `t(z) = t(x) + s(W) + t(m)` for `z = m W x`, and are zero at data and at the output (theory, section 7).

use crate::exact::{Echelon, Exponent, Form, Unknown};
use crate::graph::{Graph, MultiplierId, NodeId, ParameterId, Start};

/// The equations of all trades of a network.
#[derive(Clone, Debug)]
pub struct Trades {
    equations: Echelon,
    parameters: usize,
    multipliers: usize,
    before: usize,
}

/// Most terms of all equations, about half a gigabyte.
const MOST_TERMS: usize = 3_000_000;

/// What stays as it is under trades.
#[derive(Clone, Copy)]
pub enum Kept<'a> {
    /// Every node that others see, whatever is behind it: see [`Graph::is_scalable`].
    Seen,
    /// Only what the network computes. A factor passes the activations of which this is so, and a norm takes it away.
    Output(&'a dyn Fn(&str) -> bool),
}

impl Trades {
    /// The trades of a graph. The first `before` unknowns are left to the caller, for equations of his own: they come first, so
    /// that what is left of an equation in which no trade is free is one in these.
    #[must_use]
    pub fn of(graph: &Graph, kept: Kept<'_>, before: usize) -> Self {
        let mut trades = Self {
            equations: Echelon::default(),
            parameters: graph.parameters.len(),
            multipliers: graph.multipliers.len(),
            before,
        };
        for node in graph.nodes() {
            if trades.is_full() {
                return trades;
            }
            trades.pass(graph, node, kept);
        }
        graph.outputs().for_each(|output| trades.keep(output));
        for repeat in &graph.repeats {
            let around = &trades.of_node(repeat.exit) - &trades.of_node(repeat.entry);
            trades.equations.insert(&around);
        }
        trades
    }

    /// Whether there are more equations than a machine should hold: those of thousands of multipliers one behind the other.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.equations.terms() > MOST_TERMS
    }

    /// By how much a parameter is multiplied.
    #[must_use]
    pub fn of_parameter(&self, w: ParameterId) -> Form {
        self.unknown(w.0)
    }

    /// By how much a multiplier is.
    #[must_use]
    pub fn of_multiplier(&self, m: MultiplierId) -> Form {
        self.unknown(self.parameters + m.0)
    }

    /// By how much a node is.
    #[must_use]
    pub fn of_node(&self, y: NodeId) -> Form {
        self.unknown(self.parameters + self.multipliers + y.index())
    }

    fn unknown(&self, index: usize) -> Form {
        Form::unknown(Unknown(u32::try_from(self.before + index).unwrap_or(u32::MAX)))
    }

    /// Asks `form = 0` besides: what is new in it, as [`Echelon::insert`] tells.
    pub fn ask(&mut self, form: &Form) -> Form {
        self.equations.insert(form)
    }

    /// A form, as far as the equations determine it.
    #[must_use]
    pub fn reduced(&self, form: &Form) -> Form {
        self.equations.reduced(form)
    }

    fn keep(&mut self, node: NodeId) {
        let kept = self.of_node(node);
        self.equations.insert(&kept);
    }

    /// The equation of a node.
    fn pass(&mut self, graph: &Graph, z: NodeId, kept: Kept<'_>) {
        let op = &graph.node(z).op;
        let operands = graph.operands(z);
        if let Kept::Seen = kept {
            let is_free = graph.is_scalable(z) && graph.passed_to(z).is_some() || graph.scales_for_weights(z);
            if !is_free {
                self.keep(z);
            }
        }
        let bends = match (op.activation(), kept) {
            (Some(name), Kept::Output(homogeneous)) => !homogeneous(name),
            (Some(_), Kept::Seen) => !op.passes_on(),
            (None, _) => op.compares().is_some(),
        };
        if op.data().is_some() || op.facts().normalises || bends {
            self.keep(z);
            if bends {
                operands.iter().for_each(|x| self.keep(*x));
            }
            return;
        }
        let mut rest = self.of_node(z);
        let mut less = |by: &Form| rest.add_scaled(&-Exponent::ONE, by);
        op.multiplier().iter().for_each(|m| less(&self.of_multiplier(*m)));
        if op.facts().adds {
            let summands =
                operands.iter().map(|x| self.of_node(*x)).chain(op.bias().map(|b| self.of_parameter(b)));
            let equations: Vec<Form> = summands.map(|summand| &summand - &self.of_node(z)).collect();
            equations.iter().for_each(|equation| drop(self.equations.insert(equation)));
            return;
        }
        operands.iter().for_each(|x| less(&self.of_node(*x)));
        op.parameter().iter().for_each(|w| less(&self.of_parameter(*w)));
        self.equations.insert(&rest);
        let fixed = op.parameter().filter(|w| graph.parameter(*w).start == Start::One);
        if let Some(gain) = fixed {
            let kept = self.of_parameter(gain);
            self.equations.insert(&kept);
        }
    }
}

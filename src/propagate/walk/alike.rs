//! What of the backward signal meets a change that is alike at all positions, as the response to a bias is. A softmax
//! takes such changes away, and what comes back through it sums to zero over the positions it compares; so it neither
//! makes a gradient of a bias nor moves one's response. This goes beyond theory sections 3 and 4; `tests/measurements/positions.rs`
//! holds it against a simulation.

use super::bind::Place;
use super::under_way::{Felt, Walk};
use crate::exact::Terms;
use crate::graph::{Alike, Consumer, NodeId, ParameterId, Quantity};
use crate::propagate::PropagateError;
use crate::propagate::ledger::{DerivationId, Magnitude};
use crate::propagate::subject::{PartName, Subject};
use crate::rule::Name;

impl Walk<'_> {
    /// The backward signal of a node as it meets a change that is alike along these axes, with its name.
    pub(super) fn felt(&self, x: NodeId, alike: &Alike) -> Option<(PartName, Magnitude)> {
        match self.alike.get(&(x, alike.clone())) {
            None => Some((PartName::of(Quantity::backward(x)), self.done.backward[x.index()].clone())),
            Some(felt) => {
                let name = PartName::of(Subject::BackwardAlike(x, alike.clone()));
                felt.backward.clone().map(|magnitude| (name, magnitude))
            }
        }
    }

    /// The parts of the backward signal that a change alike along these axes meets, by consumer.
    pub(super) fn felt_parts(&self, x: NodeId, alike: &Alike) -> &[(NodeId, Terms<DerivationId>)] {
        self.alike.get(&(x, alike.clone())).map_or(&self.parts[x.index()], |felt| &felt.parts)
    }

    /// What stands for the backward signal in the rules at a node that uses a parameter. Nothing if none of it reaches
    /// the parameter there; no file that is accepted has such a use.
    pub(super) fn felt_at_birth(
        &self,
        parameter: ParameterId,
        z: NodeId,
    ) -> Option<[(Name, PartName, Magnitude); 2]> {
        let (name, magnitude) = self.felt(z, &self.graph.alike_at_birth(parameter, z))?;
        Some([(Name::BackwardY, name.clone(), magnitude.clone()), (Name::BackwardZ, name, magnitude)])
    }

    /// Writes down the backward signal of a node as changes alike along `alike` meet it, if that is not all of it. In the
    /// stream of a repeat all of it comes `way` of one consumer, but for small parts.
    pub(super) fn feel(
        &mut self,
        x: NodeId,
        alike: &Alike,
        way: Option<NodeId>,
    ) -> Result<(), PropagateError> {
        let counts = |node: NodeId| way.is_none_or(|way| way == node);
        let mut met = Vec::new();
        let mut all = true;
        for Consumer { node, position } in self.graph.consumers(x) {
            let beyond = self.graph.alike_beyond(Consumer { node, position }, alike);
            let felt = beyond.and_then(|beyond| self.felt(node, &beyond));
            let is_whole = |(_, whole): &(_, Magnitude)| whole.form == self.done.backward[node.index()].form;
            all &= !counts(node) || felt.as_ref().is_some_and(is_whole);
            met.extend(felt.map(|felt| (Place { z: node, operand: position }, felt)));
        }
        if all {
            return Ok(());
        }
        let of_loss = self.parts[x.index()].iter().filter(|(from, _)| *from == x).cloned();
        let mut felt = Felt { backward: None, parts: of_loss.collect() };
        let mut terms = Terms::none();
        for (form, id) in felt.parts.iter().flat_map(|(_, part)| part.iter()) {
            terms.insert(form.clone(), *id);
        }
        for (place, (name, magnitude)) in met {
            let Some(rule) = self.rules[place.z.index()] else { continue };
            let mut part = Terms::none();
            let mut given = vec![(Name::BackwardZ, name, magnitude)];
            given.extend(self.first_step(place.z)?);
            for sum in rule.backward.sums() {
                let subject = Subject::Part(x, place.z);
                let (form, because) = self.apply(subject, &rule.about.name, sum, place, &given)?;
                part.insert(form.clone(), because);
                if counts(place.z) {
                    terms.insert(form, because);
                }
            }
            felt.parts.push((place.z, part));
        }
        let subject = Subject::BackwardAlike(x, alike.clone());
        let name = subject.write(self.graph);
        felt.backward = self.done.ledger.settle(subject, name, &terms);
        self.alike.insert((x, alike.clone()), felt);
        Ok(())
    }
}

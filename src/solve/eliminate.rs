//! [`Elimination`]: unknowns taken out of a system of rows one after the other, as long as that makes it little larger.
//!
//! An equality takes out an unknown by substitution, the shortest equality first and in it the unknown of fewest rows
//! (after Markowitz). An unknown of which only few bounds are left is taken out by adding each upper one to each lower
//! one (Fourier and Motzkin). Every row knows the two it is the sum of, so a contradiction is traced to the rows given;
//! every unknown knows the rows that bounded it, so a point of what is left becomes one of the whole. Of bounds with the
//! same entries only the tightest is kept: most rows of repeated structure become alike, and vanish.
//! All numbers are whole and fit in machine words: a step that would leave them is not taken.
//!
//! It always ends: each step takes an unknown out, and none comes back.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use num_integer::Integer;

use super::alike::Alike;
use super::bound::Combination;
use super::effort::{Effort, SolveError};
use super::whole::Whole;
use crate::exact::{Exponent, Relation, Row, RowId};

/// The most numbers that substituting an unknown may write, beyond those it replaces.
const MOST_FILL: usize = 400;

/// A system of rows and what became of it.
#[derive(Debug, Default)]
pub(super) struct Elimination {
    lines: Vec<Line>,
    /// Which lines still say something of the unknowns that are left.
    live: Vec<bool>,
    sources: Vec<Source>,
    columns: Vec<Column>,
    steps: Vec<Step>,
    /// The bounds, by their entries.
    alike: Alike,
}

/// What a row given or a sum of rows says.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) whole: Whole,
    pub(super) relation: Relation,
    /// Where it comes from, as [`Elimination::traced`] takes it.
    pub(super) source: usize,
}

#[derive(Debug)]
enum Source {
    /// A row given, times a number.
    Given(RowId, Exponent),
    /// What has these sources, each so many times, divided by a number.
    Sum([(usize, i64); 2], i64),
}

/// Where an unknown occurs.
#[derive(Clone, Debug, Default)]
struct Column {
    /// Lines, some of which may be live no longer.
    lines: Vec<usize>,
    upper: usize,
    lower: usize,
    equalities: usize,
    gone: bool,
}

/// How an unknown was taken out, with the lines that say where it lies once those taken out later are known.
#[derive(Debug)]
enum Step {
    Substituted(u32, usize),
    Bounded(u32, Vec<usize>),
}

impl Elimination {
    /// The rows of a system over so many unknowns; nothing if they do not fit in machine words.
    pub(super) fn new<'r>(unknowns: usize, rows: impl Iterator<Item = (RowId, &'r Row)>) -> Option<Self> {
        let mut system = Self { columns: vec![Column::default(); unknowns], ..Self::default() };
        for (id, row) in rows {
            let (whole, scale) = Whole::of(&row.form)?;
            system.add(whole, row.relation, Source::Given(id, scale));
        }
        Some(system)
    }

    /// Takes a line in. Of two bounds with the same entries only the tighter one stays, in one place.
    fn add(&mut self, whole: Whole, relation: Relation, source: Source) -> usize {
        let index = self.lines.len();
        if relation == Relation::AtMostZero {
            let digest = whole.digest();
            if let Some(other) = self.alike.with(digest)
                && self.live[other]
                && let held = &mut self.lines[other]
                && held.whole.entries == whole.entries
            {
                if held.whole.constant < whole.constant {
                    held.whole.constant = whole.constant;
                    held.source = self.sources.len();
                    self.sources.push(source);
                }
                return other;
            }
            self.alike.note(digest, index);
        }
        for (unknown, coefficient) in &whole.entries {
            let column = &mut self.columns[*unknown as usize];
            column.lines.push(index);
            *column.count(relation, *coefficient) += 1;
        }
        self.lines.push(Line { whole, relation, source: self.sources.len() });
        self.live.push(true);
        self.sources.push(source);
        index
    }

    fn retire(&mut self, index: usize) {
        self.live[index] = false;
        let line = &self.lines[index];
        for (unknown, coefficient) in &line.whole.entries {
            *self.columns[*unknown as usize].count(line.relation, *coefficient) -= 1;
        }
    }

    /// Lets an unknown that no equality has stay.
    pub(super) fn keep(&mut self, unknown: u32) {
        if let Some(column) = self.columns.get_mut(unknown as usize) {
            column.gone = true;
        }
    }

    /// Takes out what it can. The answer is a line that contradicts itself, if one shows.
    ///
    /// # Errors
    /// If no effort is left.
    pub(super) fn run(&mut self, effort: &Effort) -> Result<Option<usize>, SolveError> {
        let contradiction = (0..self.lines.len()).find(|index| self.contradicts_itself(*index));
        if contradiction.is_some() {
            return Ok(contradiction);
        }
        match self.substitute(effort)? {
            Some(contradiction) => Ok(Some(contradiction)),
            None => self.eliminate_bounds(effort),
        }
    }

    /// Takes an unknown out by each equality that does not write too much.
    fn substitute(&mut self, effort: &Effort) -> Result<Option<usize>, SolveError> {
        let equalities = self.lines.iter().enumerate().filter(|(_, line)| line.relation == Relation::Zero);
        let mut shortest: BinaryHeap<_> =
            equalities.map(|(index, line)| Reverse((line.whole.entries.len(), index))).collect();
        while let Some(Reverse((_, index))) = shortest.pop() {
            if !self.live[index] {
                continue;
            }
            let entries = &self.lines[index].whole.entries;
            let occurrences = |unknown: u32| self.columns[unknown as usize].occurrences();
            let fewest = entries.iter().min_by_key(|(unknown, coefficient)| {
                (occurrences(*unknown), coefficient.unsigned_abs(), *unknown)
            });
            let Some((unknown, _)) = fewest.copied() else { continue };
            if (entries.len() - 1) * (occurrences(unknown) - 1) > MOST_FILL {
                continue;
            }
            let before = self.lines.len();
            let contradiction = self.substitute_by(index, unknown, effort)?;
            if contradiction.is_some() {
                return Ok(contradiction);
            }
            let added =
                (before..self.lines.len()).filter(|added| self.lines[*added].relation == Relation::Zero);
            shortest.extend(added.map(|added| Reverse((self.lines[added].whole.entries.len(), added))));
        }
        Ok(None)
    }

    fn substitute_by(
        &mut self,
        index: usize,
        unknown: u32,
        effort: &Effort,
    ) -> Result<Option<usize>, SolveError> {
        let pivot = self.lines[index].whole.coefficient(unknown);
        let mut sums = Vec::new();
        for other in self.live_lines(unknown).filter(|other| *other != index) {
            let factor = self.lines[other].whole.coefficient(unknown);
            let divisor = pivot.gcd(&factor);
            let (times, pivots) = ((pivot / divisor).abs(), -(factor / divisor) * pivot.signum());
            let parts = [(other, times), (index, pivots)];
            effort.spend(self.lines[index].whole.entries.len() + self.lines[other].whole.entries.len())?;
            let Some(sum) = self.sum(parts) else { return Ok(None) };
            sums.push((other, sum));
        }
        self.columns[unknown as usize].gone = true;
        self.retire(index);
        self.steps.push(Step::Substituted(unknown, index));
        for (other, (whole, source)) in sums {
            self.retire(other);
            self.lines[other].whole.entries = Vec::new();
            let added = self.add(whole, self.lines[other].relation, source);
            if self.contradicts_itself(added) {
                return Ok(Some(added));
            }
        }
        Ok(None)
    }

    /// Takes out the unknowns whose bounds, each upper one added to each lower one, are no more rows than before.
    fn eliminate_bounds(&mut self, effort: &Effort) -> Result<Option<usize>, SolveError> {
        let growth = |system: &Self, unknown: u32| {
            let column = &system.columns[unknown as usize];
            let settled = column.gone || column.equalities > 0;
            (!settled && column.upper * column.lower <= column.upper + column.lower)
                .then_some((column.upper * column.lower, unknown))
        };
        let all = 0..u32::try_from(self.columns.len()).unwrap_or(u32::MAX);
        let mut easiest: BinaryHeap<_> =
            all.filter_map(|unknown| growth(self, unknown)).map(Reverse).collect();
        while let Some(Reverse(key @ (_, unknown))) = easiest.pop() {
            let now = growth(self, unknown);
            if now != Some(key) {
                continue;
            }
            let touched = match self.eliminate(unknown, effort)? {
                Ok(touched) => touched,
                Err(contradiction) => return Ok(Some(contradiction)),
            };
            easiest.extend(touched.into_iter().filter_map(|unknown| growth(self, unknown)).map(Reverse));
        }
        Ok(None)
    }

    /// Adds each upper bound of an unknown to each lower one. The answer is the unknowns that occurred beside it, or
    /// a line that contradicts itself.
    fn eliminate(&mut self, unknown: u32, effort: &Effort) -> Result<Result<Vec<u32>, usize>, SolveError> {
        let bounds: Vec<usize> = self.live_lines(unknown).collect();
        let (upper, lower): (Vec<usize>, Vec<usize>) =
            bounds.iter().partition(|line| self.lines[**line].whole.coefficient(unknown) > 0);
        let mut sums = Vec::with_capacity(upper.len() * lower.len());
        for above in &upper {
            let rise = self.lines[*above].whole.coefficient(unknown);
            for below in &lower {
                let fall = -self.lines[*below].whole.coefficient(unknown);
                let divisor = rise.gcd(&fall);
                let parts = [(*above, fall / divisor), (*below, rise / divisor)];
                effort.spend(parts.iter().map(|(line, _)| self.lines[*line].whole.entries.len()).sum())?;
                let Some(sum) = self.sum(parts) else { return Ok(Ok(Vec::new())) };
                sums.push(sum);
            }
        }
        let beside = bounds.iter().flat_map(|line| &self.lines[*line].whole.entries);
        let mut touched: Vec<u32> = beside.map(|(other, _)| *other).collect();
        touched.sort_unstable();
        touched.dedup();
        self.columns[unknown as usize].gone = true;
        bounds.iter().for_each(|line| self.retire(*line));
        self.steps.push(Step::Bounded(unknown, bounds));
        for (whole, source) in sums {
            if whole.entries.is_empty() && whole.constant <= 0 {
                continue;
            }
            let added = self.add(whole, Relation::AtMostZero, source);
            if self.contradicts_itself(added) {
                return Ok(Err(added));
            }
        }
        Ok(Ok(touched))
    }

    fn sum(&self, parts: [(usize, i64); 2]) -> Option<(Whole, Source)> {
        let [(first, times), (second, others)] = parts;
        let (first, second) = (&self.lines[first], &self.lines[second]);
        let (whole, divisor) = first.whole.plus(times, &second.whole, others)?;
        Some((whole, Source::Sum([(first.source, times), (second.source, others)], divisor)))
    }

    fn live_lines(&self, unknown: u32) -> impl Iterator<Item = usize> {
        self.columns[unknown as usize].lines.iter().copied().filter(|line| self.live[*line])
    }

    fn contradicts_itself(&self, index: usize) -> bool {
        let Line { whole, relation, .. } = &self.lines[index];
        whole.entries.is_empty()
            && match relation {
                Relation::Zero => whole.constant != 0,
                Relation::AtMostZero => whole.constant > 0,
            }
    }

    /// The lines that are left.
    pub(super) fn left(&self) -> impl Iterator<Item = &Line> {
        let live = self.lines.iter().zip(&self.live).filter(|(_, live)| **live).map(|(line, _)| line);
        live.filter(|line| !line.whole.entries.is_empty())
    }

    /// The rows given of which lines, each named by its source, are sums.
    pub(super) fn origins(&self, sources: impl IntoIterator<Item = usize>) -> BTreeSet<RowId> {
        let mut open: BTreeSet<usize> = sources.into_iter().collect();
        let mut rows = BTreeSet::new();
        while let Some(source) = open.pop_last() {
            match &self.sources[source] {
                Source::Given(id, _) => drop(rows.insert(*id)),
                Source::Sum(parts, _) => open.extend(parts.map(|(part, _)| part)),
            }
        }
        rows
    }

    /// The rows given that add up to a sum of lines, each named by its source.
    pub(super) fn traced(&self, sum: impl IntoIterator<Item = (usize, Exponent)>) -> Combination {
        let mut open: BTreeMap<usize, Exponent> = BTreeMap::new();
        for (source, times) in sum {
            *open.entry(source).or_default() += &times;
        }
        let mut rows = Combination::new();
        while let Some((index, times)) = open.pop_last() {
            match &self.sources[index] {
                Source::Given(id, scale) => rows.push((*id, &times * scale)),
                Source::Sum(parts, divisor) => {
                    let times = &times / &Exponent::integer(*divisor);
                    for (part, factor) in parts {
                        *open.entry(*part).or_default() += &(&times * &Exponent::integer(*factor));
                    }
                }
            }
        }
        rows.retain(|(_, multiplier)| !multiplier.is_zero());
        rows.sort_unstable_by_key(|(id, _)| *id);
        rows
    }

    /// Where a line comes from.
    pub(super) fn source(&self, index: usize) -> usize {
        self.lines[index].source
    }

    /// A refutation by one line that contradicts itself.
    pub(super) fn refutation(&self, index: usize) -> Combination {
        let line = &self.lines[index];
        self.traced([(line.source, Exponent::integer(line.whole.constant.signum()))])
    }

    /// Gives the unknowns taken out their values, where `point` holds those of the others: as large as they may be, or
    /// as small as they may be where `least` says so; zero where nothing bounds them.
    pub(super) fn complete(&self, point: &mut [Exponent], least: impl Fn(u32) -> bool) {
        for step in self.steps.iter().rev() {
            match step {
                Step::Substituted(unknown, line) => {
                    point[*unknown as usize] = self.lines[*line].solved(*unknown, point);
                }
                Step::Bounded(unknown, lines) => {
                    let side = |upper| {
                        let of_side = lines.iter().filter(move |line| {
                            (self.lines[**line].whole.coefficient(*unknown) > 0) == upper
                        });
                        of_side.map(|line| self.lines[*line].solved(*unknown, point))
                    };
                    let value = if least(*unknown) {
                        side(false).max().or_else(|| side(true).min())
                    } else {
                        side(true).min().or_else(|| side(false).max())
                    };
                    point[*unknown as usize] = value.unwrap_or_default();
                }
            }
        }
    }
}

impl Line {
    /// The value of an unknown of the line that makes it zero.
    fn solved(&self, unknown: u32, point: &[Exponent]) -> Exponent {
        let rest = -&self.whole.besides(unknown, point);
        match self.whole.coefficient(unknown) {
            1 => rest,
            coefficient => rest / Exponent::integer(coefficient),
        }
    }
}

impl Column {
    fn count(&mut self, relation: Relation, coefficient: i64) -> &mut usize {
        match relation {
            Relation::Zero => &mut self.equalities,
            Relation::AtMostZero if coefficient > 0 => &mut self.upper,
            Relation::AtMostZero => &mut self.lower,
        }
    }

    fn occurrences(&self) -> usize {
        self.upper + self.lower + self.equalities
    }
}

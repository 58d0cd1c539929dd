//! A response to all parameters, explained by the responses to each of them.

use super::crossover::FittedRows;
use super::curve::{Curve, TOLERANCE};
use super::measured::MeasuredQuantity;
use super::slope::FittedSlope;
use super::sum::{Adds, Law, Model, PowerSum};
use super::verdict::SlopeVerdict;
use crate::graph::{ParameterId, Quantity};

/// A response to all parameters may be so much smaller than independent parts would make it, and so much larger than
/// aligned ones: there is some noise in each.
const SLACK: [f64; 2] = [0.5, 1.1];

/// How much a slope may be outside those of its bounds.
const NEAR: f64 = TOLERANCE;

impl FittedRows {
    /// Explains a response to all parameters whose slope is not the exponent. All of this must hold:
    ///
    /// - of the responses of its node to single parameters none disagrees with its prediction, and the largest of their
    ///   exponents is that of the whole, another smaller;
    /// - at every size the whole lies between the root of the sum of their squares and their sum, as it does whether they are
    ///   independent or aligned: nothing cancels;
    /// - so does its slope: the whole is as far from its exponent as what it is made of.
    pub(super) fn of(
        whole: &MeasuredQuantity,
        quantities: &[MeasuredQuantity],
        curve: &Curve<'_>,
    ) -> Option<Self> {
        let rows = rows(whole.quantity, quantities);
        let exponent = whole.predicted.as_ref()?;
        let agree = rows
            .iter()
            .all(|(row, _)| matches!(row.verdict, Some(SlopeVerdict::Agrees | SlopeVerdict::Crossover)));
        let largest = rows.iter().filter_map(|(row, _)| row.predicted.as_ref()).max()?;
        if curve.growth.len() < 3
            || rows.len() < 2
            || !agree
            || largest != exponent
            || !is_between(whole, &rows, curve)
        {
            return None;
        }
        let leading = |row: &MeasuredQuantity| row.predicted.as_ref() == Some(exponent);
        if rows.iter().all(|(row, _)| leading(row)) {
            return None;
        }
        let sum = extended(&rows, curve)?;
        let size = |x: f64| curve.size(x).0;
        let (start, law) = (curve.growth.first()?.ln(), Law::Sum(sum.clone()));
        let end = curve.growth.last()?.ln();
        let first = sum.model.terms.first()?;
        // Where the exponent rules from the smallest size on, something else is the reason.
        let ruled_from = law.ruled_from(*first, TOLERANCE).filter(|x| *x > start)?;
        let shares = sum.shares(end).into_iter().zip(&sum.model.terms);
        Some(Self {
            leading: rows.iter().filter(|(row, _)| leading(row)).map(|(_, parameter)| *parameter).collect(),
            size: size(sum.crossing()),
            ruled_from: size(ruled_from),
            share: shares.filter(|(_, term)| *term == first).map(|(share, _)| share).sum(),
        })
    }
}

/// The responses of the node to single parameters.
fn rows(whole: Quantity, quantities: &[MeasuredQuantity]) -> Vec<(&MeasuredQuantity, ParameterId)> {
    let rows = quantities.iter().filter(|measured| measured.quantity.is_row_of(whole));
    rows.filter_map(|row| Some((row, row.quantity.site().parameter()?))).collect()
}

/// Whether the whole and its slope are between what independent and aligned rows would give.
fn is_between(
    whole: &MeasuredQuantity,
    rows: &[(&MeasuredQuantity, ParameterId)],
    curve: &Curve<'_>,
) -> bool {
    let added = |power: f64| -> Vec<f64> {
        let at = |place: usize| rows.iter().map(|(row, _)| row.magnitudes[place].powf(power)).sum::<f64>();
        (0..whole.magnitudes.len()).map(|place| at(place).powf(power.recip())).collect()
    };
    let [independent, aligned] = [2.0, 1.0].map(added);
    let is_held =
        |(whole, (low, high)): (&f64, (&f64, &f64))| (SLACK[0] * low..=SLACK[1] * high).contains(whole);
    let slope = |magnitudes: Vec<f64>| FittedSlope::of(curve.growth, &[magnitudes]).slope;
    let held = whole.magnitudes.iter().zip(independent.iter().zip(&aligned)).all(is_held);
    let [independent, aligned] = [independent, aligned].map(slope);
    held && (independent.min(aligned) - NEAR..=independent.max(aligned) + NEAR).contains(&whole.slope)
}

/// The sum of the rows as they are at the largest size, each growing as predicted, those with the same exponent one
/// term, the largest exponent first.
fn extended(rows: &[(&MeasuredQuantity, ParameterId)], curve: &Curve<'_>) -> Option<PowerSum> {
    let end = curve.growth.last()?.ln();
    let mut exponents: Vec<_> = rows.iter().filter_map(|(row, _)| row.predicted.clone()).collect();
    exponents.sort_by(|a, b| b.cmp(a));
    exponents.dedup();
    let coefficient = |exponent| {
        let alike = rows.iter().filter(|(row, _)| row.predicted.as_ref() == Some(exponent));
        let size: f64 = alike.filter_map(|(row, _)| row.magnitudes.last()).sum();
        size.ln() - exponent.approximate() * end
    };
    let coefficients = exponents.iter().map(coefficient).collect();
    let terms = exponents.iter().map(crate::exact::Exponent::approximate).collect();
    Some(PowerSum { model: Model { terms, divisor: None, adds: Adds::Amplitudes }, coefficients })
}

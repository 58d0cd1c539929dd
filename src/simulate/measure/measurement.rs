//! [`compare`]: what was simulated against what was predicted.

use std::collections::{BTreeMap, BTreeSet};

use super::cause::Cause;
use super::comparisons::{Compared, beyond_doubt};
use super::crossover::{Crossover, FittedRows};
use super::curve::{Curve, PredictedSlope, curves_of, series_of};
use super::measured::{MeasuredQuantity, Measurement};
use super::verdict::SlopeVerdict;
use crate::graph::{NodeId, Quantity, QuantityKind};
use crate::simulate::run::Samples;

/// Measured magnitudes with their slopes, beside predicted exponents where there are some. Only seeds with
/// which every value was run count. `logits` are the nodes that enter a softmax.
///
/// A slope that is not its exponent is looked at in the light of all others: with few seeds some are so by chance, see
/// `measure/comparisons.rs`; a response to all parameters is held against those to each, see [`FittedRows`], and an angle
/// against what it is a quotient of. What then still disagrees has a likely [`Cause`].
#[must_use]
pub fn compare(
    samples: &Samples,
    predicted: &BTreeMap<Quantity, PredictedSlope>,
    logits: &[NodeId],
) -> Measurement {
    let series = series_of(samples);
    let curves = curves_of(samples, &series);
    let measured = |(quantity, curve): (&Quantity, &Curve<'_>)| measured(*quantity, curve, predicted);
    let mut quantities: Vec<MeasuredQuantity> =
        samples.quantities.iter().zip(&curves).map(measured).collect();
    doubt(&mut quantities, samples.seeds().len());
    explain_totals(&mut quantities, &curves);
    excuse_angles(&mut quantities, predicted);
    hide(&mut quantities);
    find_causes(&mut quantities, &curves, predicted, logits);
    Measurement { values: samples.values.clone(), quantities }
}

/// A quantity by itself.
fn measured(
    quantity: Quantity,
    curve: &Curve<'_>,
    predicted: &BTreeMap<Quantity, PredictedSlope>,
) -> MeasuredQuantity {
    let predicted = predicted.get(&quantity);
    let (verdict, crossover) = predicted.map(|predicted| SlopeVerdict::of(curve, predicted)).unzip();
    MeasuredQuantity {
        quantity,
        magnitudes: (0..curve.values.len()).map(|value| geometric_mean(curve.series, value)).collect(),
        slope: curve.slope.slope,
        stderr: curve.slope.stderr,
        interval: curve.slope.interval,
        predicted: predicted.map(|predicted| predicted.exponent.clone()),
        verdict,
        crossover: crossover.flatten(),
        cause: None,
    }
}

/// Whether a quantity disagrees with its prediction.
fn disagrees(measured: &MeasuredQuantity) -> bool {
    measured.verdict == Some(SlopeVerdict::Disagrees)
}

/// Takes back what disagrees, but among so many comparisons may do so by chance.
fn doubt(quantities: &mut [MeasuredQuantity], seeds: usize) {
    let compared = |measured: &MeasuredQuantity| {
        let off = (measured.slope - measured.predicted.as_ref()?.approximate()).abs();
        Some(Compared { off, stderr: measured.stderr })
    };
    let (places, compared): (Vec<usize>, Vec<Compared>) = quantities
        .iter()
        .enumerate()
        .filter_map(|(place, measured)| Some((place, compared(measured)?)))
        .unzip();
    for (place, doubtless) in places.into_iter().zip(beyond_doubt(&compared, seeds)) {
        if !doubtless && disagrees(&quantities[place]) {
            quantities[place].verdict = Some(SlopeVerdict::Crossover);
            quantities[place].crossover = Some(Crossover::Seeds);
        }
    }
}

/// Holds responses to all parameters against those to each.
fn explain_totals(quantities: &mut [MeasuredQuantity], curves: &[Curve<'_>]) {
    let is_open = |measured: &MeasuredQuantity| {
        measured.quantity.is_total() && (disagrees(measured) || measured.crossover == Some(Crossover::Seeds))
    };
    let explained = |(place, curve): (usize, &Curve<'_>)| {
        let whole = quantities.get(place).filter(|measured| is_open(measured))?;
        Some((place, FittedRows::of(whole, quantities, curve)?))
    };
    let found: Vec<(usize, FittedRows)> = curves.iter().enumerate().filter_map(explained).collect();
    for (place, rows) in found {
        quantities[place].verdict = Some(SlopeVerdict::Crossover);
        quantities[place].crossover = Some(Crossover::Rows(rows));
    }
}

/// Says what most likely is the cause of each disagreement.
fn find_causes(
    quantities: &mut [MeasuredQuantity],
    curves: &[Curve<'_>],
    predicted: &BTreeMap<Quantity, PredictedSlope>,
    logits: &[NodeId],
) {
    let largest = |node: &NodeId| {
        let forward = quantities.iter().find(|measured| measured.quantity == Quantity::forward(*node))?;
        Some((*node, *forward.magnitudes.last()?))
    };
    let logits: Vec<(NodeId, f64)> = logits.iter().filter_map(largest).collect();
    for (measured, curve) in quantities.iter_mut().zip(curves) {
        let predicted = predicted.get(&measured.quantity).filter(|_| disagrees(measured));
        measured.cause = predicted.map(|predicted| Cause::of(curve, predicted, &logits));
    }
}

/// A node in training is what it began with and its change: where that is as predicted, so is the node, once it is large enough.
fn hide(quantities: &mut [MeasuredQuantity]) {
    let settled: BTreeSet<Quantity> = quantities
        .iter()
        .filter(|measured| measured.quantity.kind() == QuantityKind::Change)
        .filter(|measured| measured.verdict.is_some() && !disagrees(measured))
        .map(|measured| measured.quantity)
        .collect();
    for measured in quantities.iter_mut().filter(|measured| disagrees(measured)) {
        let Some(node) = measured.quantity.site().node() else { continue };
        let change = Quantity::change(node).after(measured.quantity.step());
        if measured.quantity.kind() == QuantityKind::Forward && settled.contains(&change) {
            measured.verdict = Some(SlopeVerdict::Crossover);
            measured.crossover = Some(Crossover::Hidden);
        }
    }
}

/// An angle is a quotient of sums, of which no summands are predicted: where everything that it is made of is predicted and
/// nothing of it disagrees, neither does the angle, if the update has summands to cross over.
fn excuse_angles(quantities: &mut [MeasuredQuantity], predicted: &BTreeMap<Quantity, PredictedSlope>) {
    let wrong = |verdict: Option<SlopeVerdict>| matches!(verdict, None | Some(SlopeVerdict::Disagrees));
    let disagreeing: Vec<Quantity> = quantities
        .iter()
        .filter(|measured| wrong(measured.verdict))
        .map(|measured| measured.quantity)
        .collect();
    let several = |y| predicted.get(&Quantity::update(y)).is_some_and(|held| held.summands.len() > 1);
    let part_disagrees = |y: NodeId| {
        disagreeing.iter().any(|part| match part.kind() {
            QuantityKind::Update | QuantityKind::Backward => part.site().node() == Some(y),
            QuantityKind::Contribution => true,
            QuantityKind::Forward | QuantityKind::Change | QuantityKind::Gradient | QuantityKind::Angle => {
                false
            }
        })
    };
    for measured in quantities {
        let Some(y) = measured.quantity.site().node() else { continue };
        if measured.quantity.kind() == QuantityKind::Angle
            && disagrees(measured)
            && several(y)
            && !part_disagrees(y)
        {
            measured.verdict = Some(SlopeVerdict::Crossover);
            measured.crossover = Some(Crossover::Parts);
        }
    }
}

/// The geometric mean over seeds at one value; 0 if one vanishes.
#[allow(clippy::cast_precision_loss, reason = "there are few seeds")]
fn geometric_mean(series: &[Vec<f64>], value: usize) -> f64 {
    let logs: f64 = series.iter().map(|magnitudes| magnitudes[value].ln()).sum();
    (logs / series.len() as f64).exp()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exact::Exponent;
    use crate::graph::ParameterId;
    use crate::simulate::measure::curve::PredictedSlope;
    use crate::simulate::plan::Run;
    use crate::simulate::random::Seed;

    fn samples(runs: &[(usize, u64, [f64; 2])]) -> Samples {
        let by = Quantity::update_by(ParameterId(0), NodeId::new(1));
        Samples {
            values: vec![64, 256],
            growth: vec![1.0, 4.0],
            quantities: vec![Quantity::forward(NodeId::new(1)), by],
            runs: runs
                .iter()
                .map(|(value, seed, magnitudes)| {
                    (Run { value: *value, seed: Seed(*seed) }, magnitudes.to_vec())
                })
                .collect(),
        }
    }

    /// These are a few operations on numbers of order one.
    const TOLERANCE: f64 = 1e-12;

    #[test]
    fn only_what_is_predicted_is_judged() {
        let samples = samples(&[(0, 0, [3.0, 1.0]), (1, 0, [3.0, 2.0])]);
        let exponents = [(samples.quantities[1], Exponent::HALF.into())].into_iter().collect();
        let measurement = compare(&samples, &exponents, &[]);
        let [forward, update] = measurement.quantities.as_slice() else { panic!("two quantities") };
        assert!((forward.magnitudes[0] - 3.0).abs() < TOLERANCE);
        assert_eq!((forward.predicted.clone(), forward.verdict), (None, None));
        assert!(
            (update.magnitudes[0] - 1.0).abs() < TOLERANCE && (update.magnitudes[1] - 2.0).abs() < TOLERANCE
        );
        assert!((update.slope - 0.5).abs() < TOLERANCE && update.stderr.is_nan());
        assert_eq!(update.verdict, Some(SlopeVerdict::Agrees));
    }

    #[test]
    fn an_angle_is_in_a_crossover_where_none_of_its_parts_disagrees() {
        let mut samples = samples(&[(0, 0, [1.0, 1.0]), (1, 0, [2.0, 1.0])]);
        samples.quantities[0] = Quantity::angle(NodeId::new(1));
        let [angle, by] = [samples.quantities[0], samples.quantities[1]];
        let exponent = |text: &str| text.parse::<Exponent>().unwrap();
        let sum = |of: &[&str]| PredictedSlope {
            exponent: exponent(of[0]),
            summands: of.iter().map(|text| exponent(text)).collect(),
        };
        let aligned: [(&[&str], Option<&str>, SlopeVerdict); 4] = [
            (&["0", "-1"], Some("0"), SlopeVerdict::Crossover),
            (&["0", "-1"], Some("1"), SlopeVerdict::Disagrees),
            (&["0", "-1"], None, SlopeVerdict::Disagrees),
            (&["0"], Some("0"), SlopeVerdict::Disagrees),
        ];
        for (of_total, of_part, expected) in aligned {
            let total = Quantity::update(NodeId::new(1));
            let mut predicted = BTreeMap::from([(angle, sum(&["0"])), (total, sum(of_total))]);
            predicted.extend(of_part.map(|exponent| (by, sum(&[exponent]))));
            let measurement = compare(&samples, &predicted, &[]);
            assert_eq!(measurement.quantities[0].verdict, Some(expected), "{of_total:?} {of_part:?}");
        }
    }

    #[test]
    fn a_seed_that_has_not_run_everywhere_does_not_count() {
        let samples = samples(&[(0, 0, [2.0, 1.0]), (0, 1, [8.0, 1.0]), (1, 0, [2.0, 1.0])]);
        assert_eq!(samples.seeds(), [Seed(0)]);
        let measurement = compare(&samples, &BTreeMap::new(), &[]);
        assert!((measurement.quantities[0].magnitudes[0] - 2.0).abs() < TOLERANCE);
    }

    #[test]
    fn nothing_measured_is_no_slope_and_no_panic() {
        let measurement = compare(&samples(&[]), &BTreeMap::new(), &[]);
        assert!(measurement.quantities.iter().all(|quantity| quantity.slope.is_nan()));
    }
}

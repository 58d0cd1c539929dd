//! What is measured has the same law, however weights are held: tests.

use rayon::prelude::*;

use super::quantity::{Quantity, quantities};
use super::record::record;
use crate::graph::{DimensionId, Graph, Hyperparameters, Scaling};
use crate::rule::Step;
use crate::simulate::plan::{Experiment, Method, Plan, Simulation, Updates};
use crate::simulate::random::{Seed, Source};
use crate::simulate::testing::{experiment, graphs};

/// Seeds of each of two samples.
const SEEDS: u64 = 150;

/// Sizes from here on are divided by 4.
const LARGE: usize = 16;

/// The chance that any of all comparisons is wrongly refused.
const LEVEL: f64 = 1e-3;

/// The logarithms of every quantity for each seed.
fn sample(graph: &Graph, step: Step, method: Method, seeds: std::ops::Range<u64>) -> Vec<Vec<f64>> {
    let hyperparameters = Hyperparameters::constant(graph);
    let scaling = Scaling::alone(DimensionId(0));
    let size = graph.dimensions[0].size;
    let experiment = experiment(graph, &hyperparameters, step, &scaling, &[size, 2 * size]);
    let runs = experiment.runs.clone().simulated(Simulation { method, ..Simulation::default() });
    let experiment = Experiment { runs, ..experiment };
    let plan = Plan::of(&experiment).unwrap();
    let quantities = quantities(graph, Updates::Each);
    let one = |seed| {
        let source = Source { base: 11, seed: Seed(seed) };
        let rates = vec![1.0; graph.parameters.len()];
        let magnitudes = record::<f32>(&plan, plan.points.base(), source, &rates, &quantities).unwrap();
        magnitudes.into_iter().map(|magnitude: f64| magnitude.abs().ln()).collect()
    };
    seeds.into_par_iter().map(one).collect()
}

/// The largest distance of the distribution functions of two samples (Kolmogorov and Smirnov).
fn distance(a: &[f64], b: &[f64]) -> f64 {
    let mut all: Vec<(f64, f64)> = a.iter().map(|x| (*x, 1.0)).chain(b.iter().map(|x| (*x, -1.0))).collect();
    all.sort_by(|x, y| x.0.total_cmp(&y.0));
    #[allow(clippy::cast_precision_loss)]
    let size = a.len() as f64;
    let (mut sum, mut largest) = (0.0_f64, 0.0_f64);
    for (place, (x, step)) in all.iter().enumerate() {
        sum += step;
        if all.get(place + 1).is_none_or(|next| next.0 > *x) {
            largest = largest.max(sum.abs() / size);
        }
    }
    largest
}

/// Mean and variance.
fn moments(sample: &[f64]) -> (f64, f64) {
    #[allow(clippy::cast_precision_loss)]
    let count = sample.len() as f64;
    let mean = sample.iter().sum::<f64>() / count;
    (mean, sample.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (count - 1.0))
}

/// How far two samples are apart, as the largest of three statistics, each divided by what it exceeds with the given
/// chance: the distance of distribution functions, the difference of means, that of the logarithms of spreads.
fn apart(a: &[f64], b: &[f64], chance: f64) -> f64 {
    #[allow(clippy::cast_precision_loss)]
    let count = a.len() as f64;
    // The tail of Kolmogorov's distribution is 2 exp(-2 x^2).
    let ks = distance(a, b) / ((2.0 / chance).ln() / 2.0 * 2.0 / count).sqrt();
    // A bound on the quantile of the normal distribution, whose tail is below exp(-x^2 / 2).
    let quantile = (2.0 * (2.0 / chance).ln()).sqrt();
    let ((mean_a, a_variance), (mean_b, b_variance)) = (moments(a), moments(b));
    let means = (mean_a - mean_b).abs() / ((a_variance + b_variance) / count).sqrt() / quantile;
    // The variance of the logarithm of a sample variance is (kurtosis - 1) / n; logarithms of magnitudes have heavier tails
    // than normal numbers, which the larger of both sample kurtoses tells.
    let kurtosis = |sample: &[f64], mean: f64, variance: f64| {
        sample.iter().map(|x| (x - mean).powi(4)).sum::<f64>() / count / variance.powi(2)
    };
    let tails = kurtosis(a, mean_a, a_variance).max(kurtosis(b, mean_b, b_variance)).max(3.0);
    let spreads = (a_variance / b_variance).ln().abs() / (2.0 * tails / count).sqrt() / quantile;
    ks.max(means).max(spreads)
}

#[test]
fn every_quantity_has_the_same_law_by_either_method_for_every_op_and_optimizer() {
    let mut comparisons = 0;
    let mut worst: (f64, String) = (0.0, String::new());
    // What its weights are multiplied with makes no other law.
    let mut all = graphs();
    all.remove("image model");
    // Limits are not asked for: laws are equal at every size, and small ones tell them apart sooner.
    for graph in all.values_mut() {
        for dimension in
            std::sync::Arc::make_mut(graph).dimensions.iter_mut().filter(|dimension| dimension.size >= LARGE)
        {
            dimension.size /= 4;
        }
    }
    let count: usize = all.values().map(|graph| quantities(graph, Updates::Each).len()).sum();
    #[allow(clippy::cast_precision_loss)]
    let chance = LEVEL / (3 * count * Step::NAMES.len()) as f64;
    for (name, graph) in all {
        for (step_name, step) in Step::NAMES {
            let direct = sample(&graph, step, Method::Direct, 0..SEEDS);
            let law = sample(&graph, step, Method::Law, SEEDS..2 * SEEDS);
            for (place, quantity) in quantities(&graph, Updates::Each).iter().enumerate() {
                let column =
                    |sample: &[Vec<f64>]| -> Vec<f64> { sample.iter().map(|row| row[place]).collect() };
                let (direct, law) = (column(&direct), column(&law));
                let constant =
                    |sample: &[f64]| sample.iter().all(|x| (x - direct[0]).abs() < 1e-3 || *x == direct[0]);
                if constant(&direct) && constant(&law) {
                    continue;
                }
                // Cosines of angles and others that can vanish: zero is a value like others.
                let (direct, law): (Vec<f64>, Vec<f64>) = (
                    direct.iter().map(|x| x.max(-80.0)).collect(),
                    law.iter().map(|x| x.max(-80.0)).collect(),
                );
                let apart = apart(&direct, &law, chance);
                comparisons += 1;
                if apart > worst.0 {
                    worst = (apart, format!("{name}, {step_name}, {}", told(&graph, *quantity)));
                }
            }
        }
    }
    assert!(comparisons > 500, "{comparisons}");
    assert!(worst.0 < 1.0, "{worst:?}");
}

fn told(graph: &Graph, quantity: Quantity) -> String {
    match quantity {
        Quantity::UpdateBy(parameter, node) => {
            format!("update of {} by {}", graph.node(node).name, graph.parameter(parameter).name)
        }
        Quantity::Forward(node) => format!("forward of {}", graph.node(node).name),
        Quantity::Backward(node) => format!("backward of {}", graph.node(node).name),
        Quantity::Update(node) => format!("update of {}", graph.node(node).name),
        Quantity::Angle(node) => format!("angle at {}", graph.node(node).name),
        Quantity::Gradient(parameter) => format!("gradient of {}", graph.parameter(parameter).name),
        Quantity::Contribution(parameter) => format!("contribution of {}", graph.parameter(parameter).name),
    }
}

/// The comparison sees what a wrong law would do: another mean, or another spread.
#[test]
fn samples_of_other_laws_are_told_apart() {
    let normals = |seed| {
        let mut entries = vec![0.0_f64; 2 * usize::try_from(SEEDS).unwrap()];
        Source { base: 0, seed: Seed(seed) }.normals("test", "x").fill(0, &mut entries, 1.0);
        entries
    };
    let (a, b) = (normals(1), normals(2));
    let chance = LEVEL / 10_000.0;
    assert!(apart(&a, &b, chance) < 1.0);
    let shifted: Vec<f64> = b.iter().map(|x| x + 0.6).collect();
    assert!(apart(&a, &shifted, chance) > 1.0);
    let spread: Vec<f64> = b.iter().map(|x| x * 1.8).collect();
    assert!(apart(&a, &spread, chance) > 1.0);
}

//! Every step, not only the first: the calculus of several steps against that of one, and against training.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use fscale::architecture::Architecture;
use fscale::derive::predict;
use fscale::document::Source;
use fscale::exact::Exponent;
use fscale::graph::{DimensionId, Graph, Hyperparameters, Kind, Quantity, QuantityKind, Scaling};
use fscale::propagate::{Growth, Trajectory, propagate, trajectory};
use fscale::rule::{Optimizer, RuleBook};
use fscale::simulate::{Experiment, Precision, Runs, SlopeVerdict, Training};
use fscale::study::Summary;
use fscale::study::steps::{SteppedMeasurement, compared};
use fscale::study::verify::functions;
use rand::SeedableRng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;

fn whole(book: &RuleBook, name: &str) -> Arc<Graph> {
    let text = &book.architecture(name).unwrap().text;
    Architecture::parse(text, &book.activations()).unwrap().graph
}

fn single(book: &RuleBook, name: &str) -> Arc<Graph> {
    whole(book, name).unrolled(|_| 1).graph
}

fn draw(graph: &Graph, random: &mut ChaCha8Rng, slower: &Exponent) -> Hyperparameters {
    let mut pick = |from: &[&str]| -> Exponent { from.choose(random).unwrap().parse().unwrap() };
    let (inits, rates) = (["0", "-1/2", "-1"], ["1/2", "0", "-1/2", "-1"]);
    let init = graph.parameters.iter().map(|p| if p.has_init() { pick(&inits) } else { Exponent::ZERO });
    let init = init.collect();
    let lr = graph.parameters.iter().map(|_| pick(&rates) - slower.clone()).collect();
    let multiplier = graph.multipliers.iter().map(|_| pick(&inits)).collect();
    Hyperparameters { init, lr, multiplier }
}

/// So slow that a step is to first order.
const SLOWER: i64 = 20;

#[test]
fn the_first_step_is_that_of_the_calculus_of_one() {
    let book = RuleBook::embedded().unwrap();
    let slower = Exponent::integer(SLOWER);
    let mut counts: BTreeMap<String, [usize; 2]> = BTreeMap::new();
    let names: Vec<String> = book.architectures.keys().cloned().collect();
    for name in names.iter().filter(|name| *name != "lora") {
        let graph = &single(&book, name);
        for dimension in graph.dimension_ids() {
            let of_output = is_of_output(graph, dimension);
            if graph.dimension(dimension).kind == Kind::Depth || of_output {
                continue;
            }
            for optimizer in ["sgd", "adam", "muon"] {
                let optimizer = book.optimizer(optimizer).unwrap();
                let scaling = Scaling::alone(dimension);
                let growth: BTreeMap<DimensionId, Exponent> = scaling.along(0);
                let Ok(propagation) = propagate(graph, &book, optimizer, Growth::along(growth.clone()))
                else {
                    continue;
                };
                let mut random = ChaCha8Rng::seed_from_u64(7);
                for _ in 0..6 {
                    let drawn = draw(graph, &mut random, &slower);
                    let one = predict(&propagation, std::slice::from_ref(&drawn)).unwrap();
                    if !one.saturated.is_empty() {
                        continue;
                    }
                    let all = trajectory(graph, &book, optimizer, &growth, &drawn, 1).unwrap();
                    if all.steps < 1 {
                        println!("{name} {} ends", graph.dimension(dimension).name);
                        continue;
                    }
                    let mut hold = |quantity: Quantity, later: Quantity| {
                        let (expected, found) = (one.of(quantity), all.of(later));
                        let key = format!("{name} {:?}", quantity.kind());
                        let count = counts.entry(key).or_default();
                        count[usize::from(expected != found)] += 1;
                        if expected != found && count[1] < 4 {
                            println!(
                                "{name} {} {} {}: {expected:?} but {found:?}",
                                graph.dimension(dimension).name,
                                optimizer.about.name,
                                quantity.write(graph),
                            );
                        }
                    };
                    for y in graph.nodes() {
                        hold(Quantity::forward(y), Quantity::forward(y));
                        hold(Quantity::backward(y), Quantity::backward(y));
                        hold(Quantity::update(y), Quantity::change(y).after(1));
                    }
                    for w in graph.parameter_ids() {
                        hold(Quantity::gradient(w), Quantity::gradient(w));
                        hold(Quantity::contribution(w), Quantity::contribution(w));
                    }
                }
            }
        }
    }
    let compared: usize = counts.values().map(|[same, _]| same).sum();
    assert!(counts.values().all(|[_, other]| *other == 0) && compared > 50_000, "{counts:?}");
}

/// Whether a dimension is a size of an output.
fn is_of_output(graph: &Graph, dimension: DimensionId) -> bool {
    let outputs = graph.losses.iter().flat_map(|loss| graph.node(loss.output).axes.iter());
    outputs.into_iter().any(|axis| graph.dimension_of(*axis) == dimension)
}

/// The network with few features in what does not grow, and with one layer in each repeat, unless the number of layers grows.
fn small(book: &RuleBook, name: &str, is_deep: bool) -> Arc<Graph> {
    let mut graph = match is_deep {
        true => whole(book, name),
        false => single(book, name),
    };
    for dimension in &mut Arc::make_mut(&mut graph).dimensions {
        dimension.size = match dimension.kind {
            Kind::Feature => dimension.size.min(8),
            Kind::Sample => dimension.size.min(4),
            Kind::Depth => 1,
        };
    }
    graph
}

/// A training at random exponents that stays within bounds, beside its prediction.
struct Tried {
    says: String,
    against: SteppedMeasurement,
}

const STEPS: usize = 3;

/// So many draws are refused in a row before none is tame.
const MOST_REFUSED: usize = 2000;

/// Trains at so many random exponents along a dimension.
fn tried(
    book: &RuleBook,
    name: &str,
    dimension: &str,
    optimizer: &str,
    (values, seeds, cases): (&[usize], u64, usize),
) -> Vec<Tried> {
    let graph = &small(book, name, dimension == "depth");
    let optimizer = book.optimizer(optimizer).unwrap();
    let scaling = Scaling::alone(graph.find_dimension(dimension).unwrap());
    let growth = scaling.along(0);
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let mut all = Vec::new();
    for _ in 0..MOST_REFUSED {
        if all.len() == cases {
            break;
        }
        let drawn = draw(graph, &mut random, &Exponent::ZERO);
        let predicted = trajectory(graph, book, optimizer, &growth, &drawn, STEPS).unwrap();
        let is_size =
            |quantity: &Quantity| matches!(quantity.kind(), QuantityKind::Forward | QuantityKind::Change);
        let mut sizes = predicted.quantities().filter(is_size);
        if predicted.ends.is_some() || sizes.any(|quantity| predicted.of(quantity).unwrap().is_positive()) {
            continue;
        }
        let mut runs = Runs::at(values).seeds(seeds);
        runs.simulation.precision = Precision::F64;
        let against = trained(book, graph, optimizer, (&scaling, runs), &drawn, &predicted);
        let mut says = format!("{name} along {dimension}, {}, #{}", optimizer.about.name, all.len());
        for measured in &against.measurement.quantities {
            if measured.verdict == Some(SlopeVerdict::Disagrees) {
                let (quantity, slope) = (measured.quantity.write(graph), measured.slope);
                says +=
                    &format!("\n  {quantity}: {:?} but {slope:.2}", predicted.summands(measured.quantity));
            }
        }
        all.push(Tried { says, against });
    }
    all
}

/// A training beside its prediction.
fn trained(
    book: &RuleBook,
    graph: &Graph,
    optimizer: &Optimizer,
    (scaling, runs): (&Scaling, Runs),
    hyperparameters: &Hyperparameters,
    predicted: &Trajectory,
) -> SteppedMeasurement {
    let movers = optimizer.of_each(graph);
    let experiment = Experiment {
        graph,
        hyperparameters,
        steps: movers.iter().map(|optimizer| optimizer.step).collect(),
        functions: functions(book),
        scaling,
        runs,
    };
    let later = movers.iter().map(|optimizer| optimizer.later.unwrap()).collect();
    // Large enough that what a step adds is soon larger than what was there.
    let training = Training { experiment, later, steps: STEPS, largest_update: 1.0 };
    compared(graph, &training.run(&|_| {}).unwrap(), predicted)
}

/// Weights that start at ones, at a number and at the identity.
#[test]
fn static_hyper_connections_train_as_predicted() {
    let book = RuleBook::embedded().unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/answers/cases/hyper-connections.toml");
    let text = fs::read_to_string(path).unwrap().replace("init = \"ones\"", "init = 0.25");
    let text = text.replace("H_post = { init = 0.25 }", "H_post = { init = \"ones\" }");
    let source = Source::new("hyper-connections", text);
    let graph = &Architecture::parse(&source, &book.activations()).unwrap().graph;
    let aligned = [
        ("d_model=n,d_ff=n", "W_1 -1/2 -1, W_2 -1/2 -1, W_U -1 -1", [32, 64, 128, 256, 512]),
        ("depth", "H_post -1 -1, H_res -1 -1", [4, 8, 16, 32, 64]),
    ];
    for (scale, rule, values) in aligned {
        let scaling = Scaling::parse(scale, graph).unwrap();
        let mut given = Hyperparameters::constant(graph);
        for row in rule.split(", ") {
            let [name, init, lr] = row.split(' ').collect::<Vec<_>>().try_into().unwrap();
            let w = graph.find_parameter(name).unwrap();
            given.init[w.0] = init.parse().unwrap();
            given.lr[w.0] = lr.parse().unwrap();
        }
        for optimizer in ["sign", "sgd"] {
            let optimizer = book.optimizer(optimizer).unwrap();
            let predicted = trajectory(graph, &book, optimizer, &scaling.along(0), &given, STEPS).unwrap();
            let runs = (&scaling, Runs::at(values).seeds(3));
            let against = trained(&book, graph, optimizer, runs, &given, &predicted);
            let summary = Summary::of(&against.measurement);
            println!("{scale}, {}: {summary:?}", optimizer.about.name);
            assert!(predicted.ends.is_none(), "{scale}");
            assert!(summary.disagrees * 50 <= summary.compared(), "{scale}: {summary:?}");
        }
    }
}

/// `FSCALE_LATER=1` tries every dimension of every network whose layers all are of one kind.
#[test]
fn training_is_as_predicted_at_random_exponents() {
    let book = RuleBook::embedded().unwrap();
    let is_whole = std::env::var_os("FSCALE_LATER").is_some();
    let mut asks: Vec<(String, String)> = [
        ("transformer", "d_v"),
        ("transformer", "d_ff"),
        ("transformer", "heads"),
        ("llama", "queries"),
        ("gpt2", "d_k"),
        ("moe", "experts"),
    ]
    .map(|(name, dimension)| (name.into(), dimension.into()))
    .into();
    if is_whole {
        asks.clear();
        for name in ["transformer", "llama", "gpt2", "vit", "moe", "mixer", "resmlp"] {
            let graph = small(&book, name, false);
            for id in graph.dimension_ids() {
                if graph.dimension(id).kind == Kind::Feature && !is_of_output(&graph, id) {
                    asks.push((name.into(), graph.dimension(id).name.clone()));
                }
            }
        }
    }
    // Layers side by side are those of a stack that adds little in each.
    let deep = ["transformer-stack", "llama", "gpt2", "conv-resnet"];
    let count = if is_whole { deep.len() } else { 1 };
    asks.extend(deep[..count].iter().map(|name| ((*name).into(), "depth".into())));
    let cases = if is_whole { 3 } else { 1 };
    let mut sum = Summary::default();
    let (mut awake, mut disagreeing) = (0, Vec::new());
    for (name, dimension) in &asks {
        for optimizer in ["sgd", "sign"] {
            let values: &[usize] =
                if dimension == "depth" { &[16, 32, 64, 128, 256] } else { &[32, 128, 512, 2048, 8192] };
            for tried in tried(&book, name, dimension, optimizer, (values, 4, cases)) {
                let summary = Summary::of(&tried.against.measurement);
                awake += tried.against.awake.len();
                sum = [sum, summary].into_iter().sum();
                if summary.disagrees > 0 {
                    disagreeing.push(tried.says);
                }
            }
        }
    }
    println!("{sum:?}, {awake} awake\n{}", disagreeing.join("\n"));
    assert_eq!(awake, 0);
    // A sum whose smaller term still leads at all sizes looks like that term alone.
    assert!(sum.disagrees * 50 <= sum.compared(), "{}", disagreeing.join("\n"));
    assert!(sum.agrees * 10 >= sum.compared() * 8, "{sum:?}");
}

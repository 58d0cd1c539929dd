//! The simulation as a user of the library sees it: determinism, resuming, refusals, and the slopes of a network
//! whose answer is known.
#![allow(clippy::disallowed_types, reason = "magnitudes are floats")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;

use fscale::architecture::Architecture;
use fscale::exact::Exponent;
use fscale::graph::{Graph, Hyperparameters, Quantity, Scaling};
use fscale::rule::{Function, RuleBook, Step};
use fscale::simulate::{
    Ended, Experiment, Finished, Precision, PredictedSlope, Run, Runs, Samples, Seed, Simulation,
    SlopeVerdict, compare,
};

fn architecture(name: &str) -> Arc<Graph> {
    let book = RuleBook::embedded().unwrap();
    let text = &book.architecture(name).unwrap().text;
    Architecture::parse(text, &book.activations()).unwrap().graph
}

fn experiment<'a>(
    graph: &'a Arc<Graph>,
    hyperparameters: &'a Hyperparameters,
    scaling: &'a Scaling,
    values: &[usize],
) -> Experiment<'a> {
    Experiment {
        graph,
        hyperparameters,
        steps: vec![Step::Gradient; graph.parameters.len()],
        functions: BTreeMap::from([("relu".into(), Function::Relu)]),
        scaling,
        runs: Runs::at(values).seeds(3).base_seed(1),
    }
}

/// Every magnitude, as bits: equal numbers that differ in a bit are different results.
fn bits(samples: &Samples) -> Vec<u64> {
    samples.runs.values().flatten().map(|magnitude| magnitude.to_bits()).collect()
}

fn run(experiment: &Experiment<'_>) -> Samples {
    experiment.run(&Finished::none(), &|_| {}).unwrap()
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let graph = architecture("transformer");
    let scaling = Scaling::parse("d_k", &graph).unwrap();
    let hyperparameters = Hyperparameters::constant(&graph);
    for (_, step) in Step::NAMES {
        let mut experiment = experiment(&graph, &hyperparameters, &scaling, &[2, 4, 8]);
        experiment.steps.fill(step);
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            bits(&pool.install(|| run(&experiment)))
        };
        assert_eq!(on(1), on(3), "{step:?}");
    }
}

#[test]
fn what_has_been_run_is_not_run_again_and_changes_nothing() {
    let graph = architecture("mlp");
    let scaling = Scaling::parse("width", &graph).unwrap();
    let hyperparameters = Hyperparameters::constant(&graph);
    let experiment = experiment(&graph, &hyperparameters, &scaling, &[8, 16, 32]);
    let all = run(&experiment);
    let name = experiment.name();
    let mut finished = Finished::none();
    let ended = |run: Run| (experiment.runs.values[run.value], run.seed, &all.runs[&run]);
    for (size, seed, magnitudes) in experiment.runs.each().map(ended) {
        if seed == Seed(1) {
            finished.add(Ended { experiment: &name, size, seed, magnitudes });
        }
        finished.add(Ended { experiment: "another", size, seed, magnitudes: &[0.0] });
    }
    let started = Mutex::new(Vec::new());
    let resumed = experiment
        .run(&finished, &|ended| {
            let value = experiment.runs.values.iter().position(|size| *size == ended.size).unwrap();
            let run = Run { value, seed: ended.seed };
            assert_eq!((ended.experiment, ended.magnitudes), (name.as_str(), all.runs[&run].as_slice()));
            started.lock().unwrap().push(run);
        })
        .unwrap();
    assert_eq!(bits(&resumed), bits(&all));
    let mut started = started.into_inner().unwrap();
    started.sort_unstable();
    assert_eq!(started, experiment.missing(&finished));
    assert_eq!(started, experiment.runs.each().filter(|run| run.seed != Seed(1)).collect::<Vec<_>>());
}

#[test]
fn whatever_changes_a_magnitude_changes_the_name_of_an_experiment() {
    let graph = architecture("mlp");
    let [width, tied] = ["width", "width=n,d_in=n"].map(|text| Scaling::parse(text, &graph).unwrap());
    let constant = Hyperparameters::constant(&graph);
    let mut changed = [constant.clone(), constant.clone()];
    changed[0].init[1] = Exponent::HALF;
    changed[1].lr[1] = Exponent::HALF;
    let sound = experiment(&graph, &constant, &width, &[8, 16]);
    let with = |runs: Runs| Experiment { runs, ..sound.clone() };
    let mut stepped = sound.clone();
    stepped.steps[2] = Step::Sign;
    let others = [
        stepped,
        Experiment { scaling: &tied, ..sound.clone() },
        with(Runs::at([4, 8, 16]).seeds(3).base_seed(1)),
        Experiment { hyperparameters: &changed[0], ..sound.clone() },
        Experiment { hyperparameters: &changed[1], ..sound.clone() },
        Experiment { functions: BTreeMap::from([("relu".into(), Function::Abs)]), ..sound.clone() },
        with(sound.runs.clone().base_seed(2)),
        with(sound.runs.clone().simulated(Simulation { precision: Precision::F64, ..Simulation::default() })),
    ];
    let mut names: Vec<String> = others.iter().map(Experiment::name).collect();
    names.push(sound.name());
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), others.len() + 1, "{names:#?}");
    assert_eq!(with(Runs::at([8, 32]).seeds(9).base_seed(1)).name(), sound.name());
}

#[test]
fn both_precisions_measure_the_same_magnitudes() {
    let graph = architecture("transformer");
    let scaling = Scaling::parse("d_model", &graph).unwrap();
    let hyperparameters = Hyperparameters::constant(&graph);
    let mut experiment = experiment(&graph, &hyperparameters, &scaling, &[32, 64]);
    let single = run(&experiment);
    experiment.runs.simulation.precision = Precision::F64;
    let double = run(&experiment);
    for (run, magnitudes) in &single.runs {
        for (place, magnitude) in magnitudes.iter().enumerate() {
            let expected = double.runs[run][place];
            // Sums of some hundred terms in single precision, some fifteen layers deep.
            assert!((magnitude - expected).abs() <= 1e-4 * expected, "{:?}", single.quantities[place]);
        }
    }
}

#[test]
fn too_much_memory_is_refused_before_anything_runs() {
    let graph = architecture("mlp");
    let scaling = Scaling::parse("width", &graph).unwrap();
    let hyperparameters = Hyperparameters::constant(&graph);
    let experiment = experiment(&graph, &hyperparameters, &scaling, &[64, 1 << 20]);
    let error = experiment.run(&Finished::none(), &|_| panic!("nothing runs")).unwrap_err();
    let message = error.to_string();
    assert!(
        message.starts_with("a run at `1048576` needs ") && message.ends_with(", more than 8 GiB"),
        "{message}"
    );
    assert_eq!(error.hint(), "leave out the largest values, or allow more with `--memory`");
}

#[test]
fn what_is_missing_from_an_experiment_is_said() {
    let graph = architecture("mlp");
    let scaling = Scaling::parse("width", &graph).unwrap();
    let hyperparameters = Hyperparameters::constant(&graph);
    let sound = experiment(&graph, &hyperparameters, &scaling, &[8, 16]);
    let with = |runs: Runs| Experiment { runs, ..sound.clone() };
    let message =
        |experiment: Experiment<'_>| experiment.run(&Finished::none(), &|_| {}).unwrap_err().to_string();
    let aligned = [
        (with(sound.runs.clone().seeds(0)), "a measurement needs at least one seed"),
        (with(sound.runs.clone().seeds(u64::MAX)), "18446744073709551615 seeds at every size are too many"),
        (Experiment { steps: vec![], ..sound.clone() }, "the graph asks for 8 optimizer steps, found 0"),
        (
            Experiment { functions: BTreeMap::new(), ..sound.clone() },
            "activation `relu` has no function to compute",
        ),
        (with(Runs::at([8])), "a slope needs at least two sizes, found 1"),
    ];
    for (experiment, expected) in aligned {
        assert_eq!(message(experiment), expected);
    }
}

/// Fan-in init keeps every forward magnitude at order 1 while the width of an MLP grows; with one learning rate
/// for all, the response of the output to the last layer grows like the width (Yang et al. arXiv:2203.03466).
#[test]
fn the_standard_parameterization_of_an_mlp_is_flat_forward_and_explodes_at_the_output() {
    let graph = architecture("mlp");
    let scaling = Scaling::parse("width", &graph).unwrap();
    let mut hyperparameters = Hyperparameters::constant(&graph);
    let half = -&Exponent::HALF;
    for weight in ["W_2", "W_3", "W_4"] {
        hyperparameters.init[graph.find_parameter(weight).unwrap().0] = half.clone();
    }
    let experiment = experiment(&graph, &hyperparameters, &scaling, &[32, 64, 128, 256]);
    let out = graph.find_node("out").unwrap();
    let last = graph.find_parameter("W_4").unwrap();
    let mut predicted: BTreeMap<Quantity, PredictedSlope> =
        graph.nodes().map(|id| (Quantity::forward(id), Exponent::ZERO.into())).collect();
    predicted.insert(Quantity::update_by(last, out), Exponent::ONE.into());
    let measurement = compare(&run(&experiment), &predicted, &[]);
    let judged: Vec<_> =
        measurement.quantities.iter().filter(|quantity| quantity.verdict.is_some()).collect();
    assert_eq!(judged.len(), predicted.len());
    for quantity in judged {
        assert_eq!(quantity.verdict, Some(SlopeVerdict::Agrees), "{quantity:?}");
    }
}

#[test]
fn the_smallest_sizes_are_measured_like_any_other() {
    let graph = architecture("transformer");
    let hyperparameters = Hyperparameters::constant(&graph);
    for text in ["d_model", "heads", "context", "batch", "d_model=n,d_k=n,d_v=n,d_ff=n,heads=n"] {
        let scaling = Scaling::parse(text, &graph).unwrap();
        for (_, step) in Step::NAMES {
            let mut experiment = experiment(&graph, &hyperparameters, &scaling, &[1, 2]);
            experiment.steps.fill(step);
            let samples = run(&experiment);
            assert!(
                samples.runs.values().flatten().all(|magnitude| magnitude.is_finite()),
                "{text}, {step:?}"
            );
        }
    }
}

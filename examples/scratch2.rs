#![allow(missing_docs, clippy::all)]
use fscale::architecture::*;
use fscale::graph::*;
use fscale::propagate::propagate;
use fscale::rule::*;
use fscale::simulate::*;
use fscale::trial::*;
fn main() {
    let book = RuleBook::embedded().unwrap();
    let a = Architecture::parse(&book.architecture("mlp").unwrap().text, &book.activations()).unwrap();
    let graph = &a.graph;
    let d = graph.find_dimension("d_in").unwrap();
    let trial = Trial {
        graph,
        book: &book,
        optimizer: book.optimizer("sgd").unwrap(),
        dimensions: vec![d],
        cases: 1,
        values: vec![16, 32, 64, 128, 256, 512, 1024],
        seeds: 4,
        base_seed: 1,
        memory: 8 << 30,
    };
    trial
        .run(|case| {
            let hp = &case.hyperparameters;
            for (i, p) in graph.parameters.iter().enumerate() {
                println!("{} init {} lr {}", p.name, hp.init[i], hp.lr[i]);
            }
            let scaling = Scaling::alone(d);
            for seeds in [0u64, 10, 20, 30] {
                let e = Experiment {
                    graph,
                    hyperparameters: hp,
                    steps: vec![Step::Gradient; graph.parameters.len()],
                    functions: functions(&book),
                    scaling: &scaling,
                    values: vec![16, 32, 64, 128, 256, 512, 1024],
                    seeds: 6,
                    base_seed: seeds,
                    precision: Precision::F64,
                    memory: 8 << 30,
                };
                let s = e.run(&Default::default(), &|_, _| {}).unwrap();
                for q in ["u", "z1", "h1", "r1", "z2"] {
                    let id = s
                        .quantities
                        .iter()
                        .position(|x| *x == Quantity::Backward(graph.find_node(q).unwrap()))
                        .unwrap();
                    let fd = s
                        .quantities
                        .iter()
                        .position(|x| *x == Quantity::Forward(graph.find_node(q).unwrap()))
                        .unwrap();
                    for seed in 0..2 {
                        let v: Vec<f64> =
                            (0..7).map(|v| s.runs[&Run { value: v, seed: Seed(seed) }][id]).collect();
                        let f: Vec<f64> =
                            (0..7).map(|v| s.runs[&Run { value: v, seed: Seed(seed) }][fd]).collect();
                        println!(
                            "back {q} {seed}: {:?}   fwd {:?}",
                            v.windows(2).map(|w| format!("{:.2}", (w[1] / w[0]).log2())).collect::<Vec<_>>(),
                            f.windows(2).map(|w| format!("{:.2}", (w[1] / w[0]).log2())).collect::<Vec<_>>()
                        );
                    }
                }
            }
            let pr = propagate(graph, &book, trial.optimizer, &scaling.along(0)).unwrap().predict(hp);
            for q in ["u", "z1", "h1", "r1", "z2"] {
                let i = graph.find_node(q).unwrap().index();
                println!("{q} f {:?} b {:?}", pr.forward[i], pr.backward[i]);
            }
        })
        .unwrap();
}

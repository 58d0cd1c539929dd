#![allow(missing_docs, clippy::all)]
use fscale::architecture::Architecture;
use fscale::rule::RuleBook;
use fscale::simulate::*;
use fscale::trial::*;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let book = RuleBook::embedded().unwrap();
    let a = Architecture::parse(&book.architecture(&args[1]).unwrap().text, &book.activations()).unwrap();
    let graph = &a.graph;
    let cases = args[3].parse().unwrap();
    let dims: Vec<_> = if args.len() > 4 {
        args[4].split(',').map(|d| graph.find_dimension(d).unwrap()).collect()
    } else {
        graph.dimension_ids().filter(|d| graph.dimension(*d).kind == fscale::graph::Kind::Feature).collect()
    };
    let values = if args.len() > 5 {
        args[5].split(',').map(|v| v.parse().unwrap()).collect()
    } else {
        vec![16, 32, 64, 128, 256, 512, 1024]
    };
    let trial = Trial {
        graph,
        book: &book,
        optimizer: book.optimizer(&args[2]).unwrap(),
        dimensions: dims,
        cases,
        values,
        seeds: std::env::var("SEEDS").map(|s| s.parse().unwrap()).unwrap_or(32),
        base_seed: 1,
        memory: 8 << 30,
    };
    let mut count = std::collections::BTreeMap::new();
    let t = std::time::Instant::now();
    trial
        .run(|case| {
            let dim = graph.dimension(case.dimension).name.clone();
            for q in &case.measurement.quantities {
                if matches!(q.quantity, Quantity::Update(_) | Quantity::Angle(_)) {
                    continue;
                }
                let Some(v) = q.verdict else {
                    if q.predicted.is_none() {
                        println!("{dim} unpredicted {:?} {:?}", q.quantity, q.magnitudes);
                    }
                    continue;
                };
                *count.entry((dim.clone(), v)).or_insert(0) += 1;
                if v != Verdict::Agrees {
                    let name = match q.quantity {
                        Quantity::Forward(n) => format!("forward({})", graph.node(n).name),
                        Quantity::Backward(n) => format!("backward({})", graph.node(n).name),
                        Quantity::UpdateBy(w, n) => {
                            format!("update({},{})", graph.parameter(w).name, graph.node(n).name)
                        }
                        Quantity::Update(n) => format!("update({})", graph.node(n).name),
                        Quantity::Gradient(w) => format!("gradient({})", graph.parameter(w).name),
                        Quantity::Contribution(w) => format!("contribution({})", graph.parameter(w).name),
                        Quantity::Angle(n) => format!("angle({})", graph.node(n).name),
                    };
                    println!(
                        "{dim:8} {v:?} {name:24} predicted {} slope {:.3} +- {:.3}  {:?}",
                        q.predicted.as_ref().unwrap(),
                        q.slope,
                        q.stderr,
                        q.magnitudes.iter().map(|m| format!("{m:.2e}")).collect::<Vec<_>>()
                    );
                }
            }
        })
        .unwrap();
    println!("{count:?} {:?}", t.elapsed());
}

//! Layers that share their parameters, against passes written out one by one and against the simulation.

use std::path::Path;
use std::sync::Arc;

use fscale::architecture::Architecture;
use fscale::derive::{derive, predict};
use fscale::document::Source;
use fscale::exact::Exponent;
use fscale::graph::{Graph, Hyperparameters, Quantity, QuantityKind, Scaling};
use fscale::propagate::{Ending, Growth, Question, propagate};
use fscale::rule::RuleBook;
use fscale::simulate::{Finished, Runs, SlopeVerdict};
use fscale::study::verify::Verification;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::depth::{copied, folded, post_ln, random};

fn book() -> Arc<RuleBook> {
    Arc::new(RuleBook::embedded().unwrap())
}

fn parse(book: &RuleBook, text: &str) -> Arc<Graph> {
    Architecture::parse(&Source::new("looped.toml", text), &book.activations())
        .unwrap_or_else(|wrong| panic!("{wrong}"))
        .graph
}

fn changed(text: &str, changes: &[(&str, &str)]) -> String {
    changes.iter().fold(text.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    })
}

/// The layer of the case. At the smallest depth all passes change the stream by less than half, so that what is of higher order in
/// the gain is small from the start.
fn looped() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/answers/cases/looped.toml");
    std::fs::read_to_string(path).unwrap()
}

/// The same by way of fewer features than the stream has.
fn narrow() -> String {
    let first = "[[node]]\nname  = \"r\"\nop    = \"relu\"\ninput = \"x\"";
    let map = "[[node]]\nname = \"g\"\nop = \"linear\"\ninput = \"x\"\nweight = \"W_1\"\neinsum = \"fm,bm->bf\"\n\n";
    changed(
        &looped(),
        &[
            ("width = {", "inner = { kind = \"feature\", size = 32 }\nwidth = {"),
            ("n = \"width\"    # the same, before a hidden weight", "f = \"inner\""),
            (first, &format!("{map}{}", first.replace("\"x\"", "\"g\""))),
            ("einsum = \"mn,bn->bm\"", "einsum = \"mf,bf->bm\""),
        ],
    )
}

/// A branch that ends in an activation, which has a mean: what is alike adds up in full anyway.
fn with_a_mean() -> String {
    let scale = "[[node]]\nname       = \"y\"";
    changed(
        &looped(),
        &[
            ("[[node]]\nname  = \"r\"\nop    = \"relu\"\ninput = \"x\"\n\n", ""),
            ("input  = \"r\"", "input  = \"x\""),
            (scale, &format!("[[node]]\nname  = \"r\"\nop    = \"relu\"\ninput = \"h\"\n\n{scale}")),
            ("input      = \"h\"", "input      = \"r\""),
        ],
    )
}

/// The stack of transformers whose layers share the given parameters.
fn stack(book: &RuleBook, shared: &str) -> String {
    let text = &book.architecture("transformer-stack").unwrap().text.text;
    let exit = "stream_out = \"x2\"\n";
    changed(text, &[(exit, &format!("{exit}shared = {shared}\n")), ("\"1/sqrt(depth)\"", "0.03")])
}

const ATTENTION: &str = r#"["W_Q", "W_K", "W_V", "W_O"]"#;

/// How many slopes agree, of how many; none may disagree.
fn agreed(
    book: &Arc<RuleBook>,
    graph: &Arc<Graph>,
    (scale, optimizer): (&str, &str),
    set: &Hyperparameters,
    runs: Runs,
) -> (usize, usize) {
    let scaling = Scaling::parse(scale, graph).unwrap();
    let optimizer = book.optimizer(optimizer).unwrap();
    let verification = Verification { graph, book, optimizer, scaling: &scaling, runs };
    let mut measurement = verification.measure(set, &Finished::none(), &|_| {}).unwrap();
    measurement
        .quantities
        .retain(|measured| !measured.quantity.is_total() && measured.quantity.kind() != QuantityKind::Angle);
    let (mut agreed, mut all) = (0, 0);
    for measured in &measurement.quantities {
        let Some(verdict) = measured.verdict else { continue };
        let name = measured.quantity.write(graph);
        assert_ne!(
            verdict,
            SlopeVerdict::Disagrees,
            "{}, {scale}: {name}, {measured:?}, {set:?}",
            graph.name
        );
        all += 1;
        agreed += usize::from(verdict == SlopeVerdict::Agrees);
    }
    (agreed, all)
}

#[test]
fn what_is_derived_of_passes_is_measured() {
    let book = book();
    for text in [looped(), stack(&book, "true"), stack(&book, ATTENTION)] {
        let graph = parse(&book, &text);
        for optimizer in ["sgd", "adam"] {
            let question = Question::new(
                &graph,
                &book,
                book.optimizer(optimizer).unwrap(),
                book.desiderata("fsc").unwrap(),
                Scaling::parse("depth", &graph).unwrap(),
            );
            let answer = derive(&question).unwrap();
            let set = answer.feasible().unwrap().hyperparameters().remove(0);
            let runs = Runs::at([8, 16, 32, 64]).seeds(4);
            let (agreed, all) = agreed(&book, &graph, ("depth", optimizer), &set, runs);
            assert!(50 * agreed >= 49 * all, "{}, {optimizer}: {agreed} of {all}", graph.name);
        }
    }
}

#[test]
fn random_exponents_of_passes_agree_with_the_simulation_of_every_pass() {
    let book = book();
    for (text, scale, values, cases) in [
        (looped(), "depth", vec![8, 16, 32, 64, 128], 8),
        (post_ln(&looped()), "depth", vec![8, 16, 32, 64, 128], 4),
        (with_a_mean(), "depth", vec![8, 16, 32, 64, 128], 4),
        (looped(), "width=n,depth=n^1/2", vec![64, 256, 1024, 4096], 4),
        (stack(&book, "true"), "depth", vec![8, 16, 32, 64, 128], 1),
        (stack(&book, ATTENTION), "depth", vec![8, 16, 32, 64, 128], 1),
    ] {
        let graph = parse(&book, &text);
        let scaling = Scaling::parse(scale, &graph).unwrap();
        let (mut agree, mut all) = (0, 0);
        for name in ["sgd", "adam"] {
            let optimizer = book.optimizer(name).unwrap();
            let done = propagate(&graph, &book, optimizer, Growth::along(scaling.along(0))).unwrap();
            let mut numbers = ChaCha8Rng::seed_from_u64(3);
            for case in 0..cases {
                let tame = |set: &Hyperparameters| {
                    let prediction = predict(&done, std::slice::from_ref(set)).unwrap();
                    let mut forward = graph.nodes().filter_map(|y| prediction.of(Quantity::forward(y)));
                    prediction.saturated.is_empty() && !forward.any(Exponent::is_positive)
                };
                let set = (0..100_000).map(|_| random(&graph, &mut numbers)).find(tame).unwrap();
                let runs = Runs::at(values.clone()).seeds(4).base_seed(case);
                let (agreeing, compared) = agreed(&book, &graph, (scale, name), &set, runs);
                (agree, all) = (agree + agreeing, all + compared);
            }
        }
        println!("{}, {scale}: {agree} of {all}", graph.name);
        assert!(20 * agree >= 19 * all, "{}, {scale}: {agree} of {all} agree", graph.name);
    }
}

/// What all passes together return of a response that a branch narrows is `J K J^T`, with `J` that of all of them: |L| counts twice,
/// and once where layers have weights of their own. Only where all passes change the stream by about its size is that larger than
/// what it is beside, so the constants are such here.
#[test]
fn what_a_narrow_branch_returns_is_that_of_all_passes_together() {
    let book = book();
    let text = changed(&narrow(), &[("base       = 0.05", "base       = 0.5")]);
    let shared = "shared     = true\n";
    for (text, exponent) in [(text.clone(), "-3/2"), (changed(&text, &[(shared, "")]), "-2")] {
        let graph = parse(&book, &text);
        let parameter = |name: &str| graph.find_parameter(name).unwrap();
        let mut set = Hyperparameters::constant(&graph);
        let exponents =
            [("W_in", "-1/2", "-1"), ("W_1", "-1", "-1/2"), ("W", "0", "1/2"), ("W_out", "-1", "-1/2")];
        for (name, init, lr) in exponents {
            set.init[parameter(name).0] = init.parse().unwrap();
            set.lr[parameter(name).0] = lr.parse().unwrap();
        }
        let scaling = Scaling::parse("width=n,depth=n^1/2", &graph).unwrap();
        let verification = Verification {
            graph: &graph,
            book: &book,
            optimizer: book.optimizer("sgd").unwrap(),
            scaling: &scaling,
            runs: Runs::at([256, 1024, 4096, 16384]).seeds(12),
        };
        let measurement = verification.measure(&set, &Finished::none(), &|_| {}).unwrap();
        let response = Quantity::update_by(parameter("W_in"), graph.repeats[0].exit);
        let measured = measurement.quantities.iter().find(|measured| measured.quantity == response).unwrap();
        assert_eq!(measured.predicted, Some(exponent.parse().unwrap()), "{measured:?}");
        assert_eq!(measured.verdict, Some(SlopeVerdict::Agrees), "{measured:?}");
        assert!(measurement.quantities.iter().all(|held| held.verdict != Some(SlopeVerdict::Disagrees)));
    }
}

/// Where the number of passes is fixed, what the rules say of all at once is what they say of one weight used several times.
#[test]
fn passes_written_out_one_by_one_agree() {
    let book = book();
    let mut compared = 0;
    for text in [looped(), narrow(), stack(&book, "true"), stack(&book, ATTENTION)] {
        let graph = parse(&book, &text);
        let unrolled = graph.unrolled(|_| 3);
        let shared = graph.repeats[0].shared.len();
        let own =
            graph.parameter_ids().filter(|w| graph.repeat_of(*w).is_some() && !graph.is_shared(*w)).count();
        assert_eq!(unrolled.graph.parameters.len(), graph.parameters.len() + 2 * own);
        assert!(shared > 0);
        let features = graph.dimension_ids().filter(|id| graph.dimension(*id).name != "depth");
        for (dimension, optimizer) in features.flat_map(|id| ["sgd", "adam"].map(|optimizer| (id, optimizer)))
        {
            let optimizer = book.optimizer(optimizer).unwrap();
            let growth = Growth::along(Scaling::alone(dimension).along(0));
            let at_once = propagate(&graph, &book, optimizer, growth.clone()).unwrap();
            let one_by_one = propagate(&unrolled.graph, &book, optimizer, growth).unwrap();
            let mut numbers = ChaCha8Rng::seed_from_u64(7);
            for _ in 0..6 {
                let set = random(&graph, &mut numbers);
                let prediction = predict(&at_once, std::slice::from_ref(&set)).unwrap();
                if !prediction.saturated.is_empty() {
                    continue;
                }
                let expected = folded(&unrolled, &predict(&one_by_one, &[copied(&unrolled, &set)]).unwrap());
                let nodes = graph.nodes().filter(|id| graph.node(*id).op.repeat().is_none());
                let of_node = |y| {
                    let by = graph.parameter_ids().map(move |w| Quantity::update_by(w, y));
                    [Quantity::forward(y), Quantity::backward(y)].into_iter().chain(by)
                };
                let of_parameter = |w| [Quantity::gradient(w), Quantity::contribution(w)];
                for quantity in nodes.flat_map(of_node).chain(graph.parameter_ids().flat_map(of_parameter)) {
                    let name = quantity.write(&graph);
                    assert_eq!(
                        prediction.of(quantity),
                        expected.get(&quantity),
                        "{}: {name}, {set:?}",
                        graph.name
                    );
                    compared += 1;
                }
            }
        }
    }
    assert!(compared > 5_000, "{compared}");
}

#[test]
fn beyond_a_gain_of_the_inverse_of_their_number_passes_are_unstable_or_marginal() {
    let book = book();
    let endings = |graph: &Arc<Graph>, set: &[(&str, &str)]| {
        let growth = Growth::along(Scaling::parse("depth", graph).unwrap().along(0));
        let done = propagate(graph, &book, book.optimizer("sgd").unwrap(), growth).unwrap();
        let mut hyperparameters = Hyperparameters::constant(graph);
        for (name, exponent) in set {
            hyperparameters.multiplier[graph.find_multiplier(name).unwrap().0] = exponent.parse().unwrap();
        }
        let point = done.point(&hyperparameters);
        let exceeded = done.conditions.iter().filter(|condition| {
            condition.form.evaluate(|unknown| point.get(unknown.0 as usize)).unwrap().is_positive()
        });
        let mut endings: Vec<Ending> = exceeded.map(|condition| condition.ending).collect();
        endings.sort_unstable();
        endings.dedup();
        endings
    };
    let plain = parse(&book, &looped());
    assert_eq!(endings(&plain, &[("beta", "-1")]), []);
    assert_eq!(endings(&plain, &[("beta", "-1/2")]), [Ending::Unstable]);
    assert_eq!(endings(&parse(&book, &post_ln(&looped())), &[("beta", "-1/2")]), [Ending::Marginal]);
    let all = parse(&book, &stack(&book, "true"));
    assert_eq!(endings(&all, &[("m_attention", "-1"), ("m_mlp", "-1")]), []);
    assert_eq!(endings(&all, &[("m_attention", "-1"), ("m_mlp", "-1/2")]), [Ending::Marginal]);
    // Beside shared attention, layers with an MLP of their own may add it like a random walk.
    let some = parse(&book, &stack(&book, ATTENTION));
    assert_eq!(endings(&some, &[("m_attention", "-1"), ("m_mlp", "-1/2")]), []);
    assert_eq!(endings(&some, &[("m_attention", "-1/2"), ("m_mlp", "-1/2")]), [Ending::Marginal]);
}

//! What a softmax over positions sees: only how they differ. Where averages over tokens outgrow the stream they enter,
//! tokens become alike (rank collapse), and what it compares is smaller than its size says: exponents end there, and the
//! simulation shows that they must. And a change that is alike at all positions passes through queries, not through keys.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_types,
    reason = "a test that cannot go on fails; slopes are floats"
)]

use fscale::architecture::Architecture;
use fscale::derive::{Question, Verdict, derive};
use fscale::document::Source;
use fscale::exact::Exponent;
use fscale::graph::{Graph, Hyperparameters, Scaling};
use fscale::rule::RuleBook;
use fscale::simulate::{Finished, Quantity, Runs};
use fscale::study::verify::Verification;
use std::sync::Arc;

fn two_blocks(book: &Arc<RuleBook>) -> Arc<Graph> {
    let text = include_str!("networks/two-blocks.toml");
    Architecture::parse(&Source::new("two-blocks", text), &book.activations()).unwrap().graph
}

/// The heads grow, the logits of the first block fall like `attention`, and its output projection does not shrink with
/// the heads: the first attention adds `n^1/2` to a stream of order 1.
fn outgrown(graph: &Arc<Graph>, attention: &str) -> Hyperparameters {
    let mut hyperparameters = Hyperparameters::constant(graph);
    hyperparameters.init[graph.find_parameter("W_O_1").unwrap().0] = "-1/2".parse().unwrap();
    hyperparameters.multiplier[graph.find_multiplier("attention_0").unwrap().0] = attention.parse().unwrap();
    hyperparameters
}

fn verification<'a>(graph: &'a Arc<Graph>, book: &'a RuleBook, scaling: &'a Scaling) -> Verification<'a> {
    Verification {
        graph,
        book,
        optimizer: book.optimizer("sgd").unwrap(),
        scaling,
        runs: Runs::at([8, 32, 128, 512, 2048]).seeds(4),
    }
}

#[test]
fn exponents_end_where_tokens_become_alike() {
    let book = Arc::new(RuleBook::embedded().unwrap());
    let graph = two_blocks(&book);
    let scaling = Scaling::parse("heads", &graph).unwrap();
    let verification = verification(&graph, &book, &scaling);
    // Attention that still distinguishes tokens varies as much as it is large.
    assert!(verification.predict(&outgrown(&graph, "0")).unwrap().saturated.is_empty());
    // Attention that does not adds the same to every token.
    let prediction = verification.predict(&outgrown(&graph, "-1")).unwrap();
    let told: Vec<String> =
        prediction.saturated.iter().map(|(node, why)| format!("{}: {why}", graph.node(*node).name)).collect();
    let expected = [
        "p_1: rank collapse: forward(a_1) - variation(a_1, s) = 1/2 is above 0",
        "o_1: rank collapse: forward(v_1) - variation(v_1, t) = 1/2 is above 0",
    ];
    assert_eq!(told, expected);
    let x1 = graph.find_node("x1_1").unwrap();
    assert_eq!(
        prediction.forward[x1.index()],
        Some(Exponent::HALF),
        "what goes forward is known all the same"
    );
    assert_eq!(prediction.backward[x1.index()], None);
}

/// Half the smallest difference between exponents here.
const TOLERANCE: f64 = 0.25;

#[test]
fn tokens_that_become_alike_shrink_what_comes_back_through_a_softmax() {
    let book = Arc::new(RuleBook::embedded().unwrap());
    let graph = two_blocks(&book);
    let scaling = Scaling::parse("heads", &graph).unwrap();
    let verification = verification(&graph, &book, &scaling);
    let measurement = verification.measure(&outgrown(&graph, "-1"), &Finished::none(), &|_| {}).unwrap();
    let slope = |node: &str| {
        let quantity = Quantity::Backward(graph.find_node(node).unwrap());
        measurement.quantities.iter().find(|measured| measured.quantity == quantity).unwrap().slope
    };
    // By sizes alone every one of them would be n^-1. What varies between tokens is n^-1/2 of values and keys: the
    // softmax takes the rest of the values away, and what comes back through it sums to zero against the rest of the keys.
    for (node, expected) in [("p_1", -1.0), ("a_1", -1.5), ("q_1", -2.0)] {
        assert!((slope(node) - expected).abs() < TOLERANCE, "{node}: {} for {expected}", slope(node));
    }
}

/// The transformer with a bias of its first norm and one of its queries. The queries are as large as their bias, far
/// above what their weight adds.
const BIASED_QUERIES: [(&str, &str); 3] = [
    ("name  = \"n1\"\n", "name = \"n1\"\nbias = \"c\"\n"),
    ("name   = \"q\"\n", "name   = \"q_W\"\n"),
    (
        "[[node]]\nname   = \"k\"\n",
        "[[node]]\nname = \"q\"\nop = \"bias\"\ninput = \"q_W\"\nparameter = \"b_Q\"\naxes = \"hk\"\n\n[[node]]\nname   = \"k\"\n",
    ),
];

#[test]
fn a_change_that_is_alike_at_all_positions_moves_attention_through_its_queries() {
    let book = Arc::new(RuleBook::embedded().unwrap());
    let mut text = book.architecture("transformer").unwrap().text.text.clone();
    for (from, to) in BIASED_QUERIES {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    let graph = Architecture::parse(&Source::new("biased", text), &book.activations()).unwrap().graph;
    let scaling = Scaling::parse("d_k", &graph).unwrap();
    let mut hyperparameters = Hyperparameters::constant(&graph);
    hyperparameters.init[graph.find_parameter("W_Q").unwrap().0] = "-1".parse().unwrap();
    hyperparameters.multiplier[0] = "-1".parse().unwrap();
    let verification = verification(&graph, &book, &scaling);

    let (c, p) = (graph.find_parameter("c").unwrap(), graph.find_node("p").unwrap());
    let of = |node: &str| {
        let node = graph.find_node(node).unwrap();
        verification.predict(&hyperparameters).unwrap().update_by[&(c, node)].clone()
    };
    // The logits move most by the keys, all of a query alike; their softmax by what the weight of the queries lets pass.
    assert_eq!(
        (of("n1"), of("a"), of("p")),
        (Exponent::ZERO, "-1/2".parse().unwrap(), "-3/2".parse().unwrap())
    );
    let measurement = verification.measure(&hyperparameters, &Finished::none(), &|_| {}).unwrap();
    let measured = measurement.quantities.iter();
    let slope =
        |node| measured.clone().find(|held| held.quantity == Quantity::UpdateBy(c, node)).unwrap().slope;
    let a = graph.find_node("a").unwrap();
    for (node, expected) in [(a, -0.5), (p, -1.5)] {
        assert!((slope(node) - expected).abs() < TOLERANCE, "{}", slope(node));
    }
}

#[test]
fn keys_of_a_weight_for_each_position_tell_positions_apart() {
    let book = Arc::new(RuleBook::embedded().unwrap());
    let text = include_str!("networks/positional-keys.toml");
    let graph = Architecture::parse(&Source::new("positional", text), &book.activations()).unwrap().graph;
    assert_eq!(graph.unfelt(), []);
}

#[test]
fn two_blocks_have_the_rules_of_one() {
    let book = Arc::new(RuleBook::embedded().unwrap());
    let one =
        Architecture::parse(&book.architecture("transformer").unwrap().text, &book.activations()).unwrap();
    let two = two_blocks(&book);
    let rules = |graph: &Arc<Graph>, block: fn(&str) -> &str, scale: &str, optimizer: &str| {
        let (optimizer, desiderata) = (book.optimizer(optimizer).unwrap(), book.desiderata("fsc").unwrap());
        let scaling = Scaling::parse(scale, graph).unwrap();
        let question = Question::new(graph, &book, optimizer, desiderata, scaling);
        let Verdict::Feasible { table, .. } = derive(&question).unwrap().verdict else { return Vec::new() };
        assert!(table.unique);
        let named = |row: &fscale::propagate::ParameterRow| {
            (block(&graph.parameter(row.parameter).name).to_owned(), row.init.clone(), row.lr.clone())
        };
        let mut rules: Vec<_> = table.parameters.iter().map(named).collect();
        rules.sort();
        rules.dedup();
        rules
    };
    for scale in ["d_k", "heads", "d_ff", "context", "d_v", "d_model=n,heads=n,d_ff=n"] {
        for optimizer in ["sgd", "adam"] {
            let of_one = rules(&one.graph, |name| name, scale, optimizer);
            let of_two = rules(&two, without_block, scale, optimizer);
            assert_eq!(of_one.is_empty(), scale == "d_v");
            assert_eq!(of_two, of_one, "{scale} with {optimizer}");
        }
    }
}

/// `W_Q` for `W_Q_0` and `W_Q_1`.
fn without_block(name: &str) -> &str {
    name.strip_suffix("_0").or(name.strip_suffix("_1")).unwrap_or(name)
}

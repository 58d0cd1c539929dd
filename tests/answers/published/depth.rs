//! Depth: Chizat and Netrapalli, depth-muP, CompleteP, and the limits of Bordelon et al.

use super::{answer, architecture, book, failing, multiplier, row, table, written};
use fscale::derive::gauge::{Gauge, in_gauge};
use fscale::derive::predict;
use fscale::exact::{Exponent, PowerSum, Powers};
use fscale::graph::{Graph, Hyperparameters, Quantity, Scaling};
use fscale::propagate::{Growth, Table, propagate};
use fscale::rule::RuleBook;
use std::sync::Arc;

/// The hidden weights of the stack.
const HIDDEN: [&str; 6] = ["W_Q", "W_K", "W_V", "W_O", "W_1", "W_2"];

/// The exponent of the cosine of the angle at a node, at a derived table.
fn angle(
    book: &Arc<RuleBook>,
    graph: &Arc<Graph>,
    scale: &str,
    optimizer: &str,
    table: &Table,
    node: &str,
) -> Exponent {
    let powers = Scaling::parse(scale, graph).unwrap().along(0);
    let propagation =
        propagate(graph, book, book.optimizer(optimizer).unwrap(), Growth::along(powers)).unwrap();
    let prediction = predict(&propagation, &table.hyperparameters()).unwrap();
    prediction.of(Quantity::angle(graph.find_node(node).unwrap())).unwrap().clone()
}

/// Chizat and Netrapalli, arXiv:2311.18718, Prop. 4.1 and section 4: width m, depth L, sgd, large width and then depth. With
/// L = m^p, for several p, every exponent is that of m plus p times that of L.
#[test]
fn the_papers_own_desiderata_give_its_tables_for_deep_networks() {
    let book = book();
    for p in ["1/2", "1/3", "1/4"] {
        let p: Exponent = p.parse().unwrap();
        let scale = format!("width=n,depth=n^{p}");
        let power = |m: i64, l: Exponent| &Exponent::integer(m) + &(&l * &p);
        let whole = Exponent::integer;
        let architecture = architecture(&book, "deep-mlp");
        let graph = &architecture.graph;
        let answer = answer(&book, graph, &scale, "sgd", "paper");
        let table = answer.feasible().unwrap_or_else(|| panic!("{scale}"));
        assert!(table.unique);
        let init = |name| row(graph, table, name).init.as_ref().map(|powers| powers[0].clone());
        let lr = |name| row(graph, table, name).lr[0].clone();
        assert_eq!(init("W_in"), Some(Exponent::ZERO));
        assert_eq!(init("W"), Some(Exponent::ratio(-1, 2)));
        assert_eq!(init("W_out"), Some(power(-1, Exponent::HALF)));
        assert_eq!(lr("W_in"), power(1, whole(-2)));
        assert_eq!(lr("W"), power(0, whole(-2)));
        assert_eq!(lr("W_out"), power(-1, whole(-1)));
        assert_eq!(
            angle(&book, graph, &scale, "sgd", table, "last"),
            &p * &Exponent::ratio(-1, 2),
            "closes like L^-1/2"
        );

        // The residual network leaves beta to be chosen, up to L^-1/2: hidden rates are 1 / (L beta^2).
        let architecture = self::architecture(&book, "resmlp");
        let graph = &architecture.graph;
        let table = &table_of(&book, graph, &scale);
        let init = |name| row(graph, table, name).init.as_ref().map(|powers| powers[0].clone());
        let lr = |name| row(graph, table, name).lr[0].clone();
        let beta = &table.multipliers[0].1[0];
        assert!(!(beta + &(&p * &Exponent::HALF)).is_positive(), "{scale}: beta is n^{beta}");
        assert_eq!(init("W"), Some(Exponent::ratio(-1, 2)));
        assert_eq!(init("W_out"), Some(whole(-1)));
        assert_eq!(lr("W_in"), power(1, whole(-1)));
        assert_eq!(lr("W"), &-&p - &(&whole(2) * beta));
        assert_eq!(lr("W_out"), power(-1, whole(-1)));
        assert_eq!(angle(&book, graph, &scale, "sgd", table, "last"), Exponent::ZERO, "stays open");
    }
}

fn table_of(book: &Arc<RuleBook>, graph: &Arc<Graph>, scale: &str) -> Table {
    table(book, graph, scale, "sgd", "paper")
}

/// The stack with gain and bias in each norm, and biases of the hidden layers are those of the norms.
fn stack_with_gains(book: &Arc<RuleBook>) -> Arc<Graph> {
    let mut text = book.architecture("transformer-stack").unwrap().text.text.clone();
    for (number, input) in ["x", "x1", "x2"].iter().enumerate() {
        let norm = format!("op    = \"layer_norm\"\ninput = \"{input}\"\n");
        assert!(text.contains(&norm), "{input}");
        text = text.replace(&norm, &format!("{norm}gain = \"g{number}\"\nbias = \"c{number}\"\n"));
    }
    written(book, &text)
}

/// Dey et al. arXiv:2505.01618 (CompleteP), Table 1 with alpha = 1, adamw, width n and depth n^2: all of its columns. Its readout
/// has a multiplier of 1/width and constant init, rate and decay: that is the gauge of constant inits.
#[test]
fn width_and_depth_of_a_transformer_give_every_column_of_complete_p() {
    let book = book();
    let graph = &stack_with_gains(&book);
    let table = table(&book, graph, "d_model=n,heads=n,d_ff=n,depth=n^2", "adamw", "fsc");
    assert_eq!(
        (multiplier(graph, &table, "m_attention"), multiplier(graph, &table, "m_mlp")),
        ("-2".into(), "-2".into())
    );
    let (constant, _) =
        in_gauge(&table, graph, book.optimizer("adamw").unwrap(), Gauge::ConstantInit).unwrap();
    let told = |table: &Table, name: &str| {
        let row = row(graph, table, name);
        let of = |powers: &Option<Powers>| powers.as_ref().map_or("-".into(), Powers::to_string);
        let sum = |sum: &Option<PowerSum>| {
            sum.as_ref().map_or("-".into(), |sum| sum.largest().unwrap()[0].to_string())
        };
        [of(&row.multiplier), of(&row.init), row.lr.to_string(), sum(&row.epsilon), sum(&row.weight_decay)]
    };
    //                 multiplier, init, rate, epsilon, decay
    let hidden = ["-", "-1/2", "-1", "-3", "1"];
    assert_eq!(told(&table, "W_E"), ["-", "0", "0", "-1", "0"]);
    for name in HIDDEN {
        assert_eq!(told(&table, name), hidden, "{name}");
    }
    assert_eq!(told(&constant, "W_U"), ["-1", "0", "0", "-1", "0"]);
    for name in ["g0", "c0", "g1", "c1"] {
        assert_eq!(told(&table, name)[2..4], ["0", "-3"], "{name}: a norm in the stack");
    }
    for name in ["g2", "c2"] {
        assert_eq!(told(&table, name)[2..4], ["0", "-1"], "{name}: the last norm");
    }
}

/// Bordelon et al. arXiv:2405.15712, Table 1: branches over L^alpha, rates times L^(2 alpha - 1) with sgd and L^(alpha - 1) with
/// adam. Every alpha keeps what is above it stable; alpha = 1 is the one at which a layer itself learns.
#[test]
fn of_all_branch_exponents_only_one_lets_each_layer_learn() {
    let book = book();
    let architecture = architecture(&book, "transformer-stack");
    let graph = &architecture.graph;
    for (optimizer, rate) in [("sgd", 2), ("adam", 1)] {
        for alpha in ["1/2", "3/4", "1"] {
            let alpha: Exponent = alpha.parse().unwrap();
            let mut given = Hyperparameters::constant(graph);
            for name in ["m_attention", "m_mlp"] {
                given.multiplier[graph.find_multiplier(name).unwrap().0] = -&alpha;
            }
            for name in HIDDEN {
                given.lr[graph.find_parameter(name).unwrap().0] =
                    &(&Exponent::integer(rate) * &alpha) - &Exponent::ONE;
            }
            let own = &alpha - &Exponent::ONE;
            let expected: Vec<String> = if own.is_zero() {
                let table = table(&book, graph, "depth", optimizer, "fsc");
                assert!(table.unique);
                assert_eq!(table.hyperparameters(), [given.clone()], "{optimizer}");
                Vec::new()
            } else {
                // What W_O and W_2 make is seen behind the multipliers: there it is as large for every alpha. What is too large is
                // what branches make of a changed stream.
                let moved = ["ys", "zs"].map(|y| format!("update({y}) <= -|depth| (-{alpha})"));
                let born = [("W_Q", "q"), ("W_K", "k"), ("W_V", "v"), ("W_1", "h")];
                let of = |(w, y): (&str, &str)| format!("update({w}, {y}) in its own layer = 0 ({own})");
                moved.into_iter().chain(born.map(of)).collect()
            };
            assert_eq!(failing(&book, graph, "depth", optimizer, &given), expected, "{optimizer}, {alpha}");
        }
    }
}

/// Yang et al. arXiv:2310.02244 (depth-muP): branches over the root of the number of layers, and adam's rates too. Everything
/// that fsc asks holds, but that a branch moves by its part: the random weights that it starts from make more of a changed stream
/// than its own step does. That is what being lazy within a layer is, however the multiplier is written.
#[test]
fn depth_mup_is_lazy_within_a_layer_and_nowhere_else() {
    let book = book();
    let architecture = architecture(&book, "resmlp");
    let graph = &architecture.graph;
    let mut given = Hyperparameters::constant(graph);
    given.multiplier[graph.find_multiplier("beta").unwrap().0] = Exponent::ratio(-1, 2);
    given.lr[graph.find_parameter("W").unwrap().0] = Exponent::ratio(-1, 2);
    let failing = failing(&book, graph, "depth", "adam", &given);
    assert_eq!(failing, ["update(y) <= -|depth| (-1/2)"]);
}

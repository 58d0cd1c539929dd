//! Width, keys and optimizers: Tensor Programs 5 and what came after it. Tables 8 and 9, which differ by a gauge, are in
//! `tests/answers/gauge.rs`, with the mean-field rates of Everett et al. and the kernel parameterization.

use super::{architecture, book, failing, in_short, multiplier, table};
use fscale::exact::{Exponent, PowerSum};
use fscale::graph::Hyperparameters;

/// Yang et al. arXiv:2203.03466, Table 3.
#[test]
fn width_of_an_mlp_with_biases_gives_table_3_of_tensor_programs_5() {
    let init = "init W_2 -1/2, W_3 -1/2, W_4 -1";
    let expected = [
        ("sgd", format!("{init}; lr W_1 1, b_1 1, b_2 1, b_3 1, W_4 -1")),
        ("adam", format!("{init}; lr W_2 -1, W_3 -1, W_4 -1")),
    ];
    let book = book();
    let architecture = architecture(&book, "mlp");
    for desiderata in ["fsc", "mup"] {
        for (optimizer, expected) in &expected {
            let table = table(&book, &architecture.graph, "width", optimizer, desiderata);
            assert_eq!(in_short(&architecture.graph, &table), *expected, "{desiderata}, {optimizer}");
        }
    }
}

/// Yang et al. arXiv:2203.03466, Definition 4.1; Bordelon et al. arXiv:2405.15712: logits q.k / d_k. The usual root of d_k keeps them
/// of order 1 at first, and lets a step move them by the root of d_k.
#[test]
fn logits_are_divided_by_the_size_of_the_keys_not_by_its_root() {
    let book = book();
    let architecture = architecture(&book, "transformer");
    let graph = &architecture.graph;
    for optimizer in ["sgd", "adam"] {
        let table = table(&book, graph, "d_k", optimizer, "fsc");
        assert!(table.unique);
        assert_eq!(multiplier(graph, &table, "attention"), "-1", "{optimizer}");
    }
    let mut usual = Hyperparameters::constant(graph);
    usual.multiplier[graph.find_multiplier("attention").unwrap().0] = Exponent::ratio(-1, 2);
    let failing = failing(&book, graph, "d_k", "adam", &usual);
    assert!(failing.contains(&"update(a) = 0 (1/2)".into()), "{failing:?}");
    assert!(!failing.iter().any(|asked| asked.starts_with("forward")), "{failing:?}");
}

/// Yang et al. arXiv:2203.03466, appendix B, and the `mup` package, `MuAdam(impl = ...)`: what divides each entry of a gradient by
/// its size follows Adam's column. Lion (arXiv:2302.06675, section 5) is tuned with lr times decay fixed: its decay moves against
/// its rate, like that of adamw.
#[test]
fn optimizers_that_act_on_entries_share_the_column_of_adam() {
    let book = book();
    let architecture = architecture(&book, "mlp");
    let graph = &architecture.graph;
    let column = in_short(graph, &table(&book, graph, "width", "adam", "fsc"));
    for optimizer in ["sign", "lion", "adamw", "adam-l2", "rmsprop", "adagrad"] {
        assert_eq!(in_short(graph, &table(&book, graph, "width", optimizer, "fsc")), column, "{optimizer}");
    }
    for optimizer in ["lion", "adamw"] {
        for row in table(&book, graph, "width", optimizer, "fsc").parameters {
            assert_eq!(row.weight_decay, Some(PowerSum::single(vec![-&row.lr[0]])), "{optimizer}");
        }
    }
}

/// The `mup` package multiplies the decay of hidden weights by the width, `MuAdam` as well as `MuAdamW`. For decay that is added to
/// the gradient, as in PyTorch's Adam, that is too much by n^3/2: a hidden gradient falls like n^-1, the weight like n^-1/2.
#[test]
fn coupled_decay_of_hidden_weights_falls_with_width_where_the_mup_package_lets_it_grow() {
    let book = book();
    let architecture = architecture(&book, "mlp");
    let graph = &architecture.graph;
    for (optimizer, decay) in [("adamw", "1"), ("adam-l2", "-1/2")] {
        let table = table(&book, graph, "width", optimizer, "fsc");
        let found = table.weight_decay("W_2").exponent("n").unwrap().to_string();
        assert_eq!(found, decay, "{optimizer}");
    }
}

/// Adafactor (arXiv:1804.04235, section 8) multiplies its rate by the rms of the weight, and recommends one rate for all. Its rates do
/// not depend on the width where the weight's rms is that of the step that muP asks for; hidden weights are larger than that.
#[test]
fn relative_rates_leave_only_hidden_weights_to_be_scaled() {
    let book = book();
    let architecture = architecture(&book, "mlp");
    let graph = &architecture.graph;
    let init = "init W_2 -1/2, W_3 -1/2, W_4 -1";
    for optimizer in ["adafactor", "lamb", "lars"] {
        let found = in_short(graph, &table(&book, graph, "width", optimizer, "fsc"));
        assert_eq!(found, format!("{init}; lr W_2 -1/2, W_3 -1/2"), "{optimizer}");
    }
}

//! u-muP, which starts every weight at 1: Blake et al. arXiv:2407.17465, Table 2.
//!
//! Its output multiplier is 1/fan-in forward and 1/sqrt(fan-in) backward: the gradients of everything before are larger by one factor,
//! which adam divides by.

use super::{architecture, book, failing, published, table};
use fscale::derive::gauge::{self, Gauge, Symmetry};
use fscale::exact::{Exponent, PowerSum, Powers};
use fscale::graph::Unfolded;

/// The rates of muP itself: that of the input does not depend on its fan-out.
fn with_the_input_rate_of_mup(mut given: Unfolded, input: usize) -> Unfolded {
    given.hyperparameters.lr[input] = Exponent::ZERO;
    given
}

#[test]
fn width_in_unit_scaling_is_the_derived_table_but_for_the_rate_of_the_input() {
    let book = book();
    let architecture = architecture(&book, "mlp");
    let graph = &architecture.graph;
    let adam = book.optimizer("adam").unwrap();
    let symmetry = Symmetry::new(graph, &book, adam).unwrap();
    let derived = table(&book, graph, "width", "adam", "fsc");
    let plain = Unfolded::without_own(derived.hyperparameters().remove(0));
    let given = published(include_str!("u-mup.toml"), graph, "width");
    let input = graph.find_parameter("W_1").unwrap();

    let difference = symmetry.difference(&plain, &given).unwrap();
    assert_eq!(difference.of.lr, [(input, Exponent::ONE)]);
    assert_eq!(difference.of.init, [(input, -Exponent::ONE)]);
    assert_eq!(difference.exponents, [Exponent::ZERO, Exponent::ratio(-1, 2)]);
    let folded = gauge::folded(&given, adam).unwrap();
    let failing = failing(&book, graph, "width", "adam", &folded);
    assert_eq!(
        failing,
        ["update(z1) = 0 (-1/2)", "update(W_1, z1) = 0 (-1/2)", "contribution(W_1) = 0 (-1/2)"]
    );

    // With that of muP it is the derived table, told with every weight at 1: column by column.
    let mended = with_the_input_rate_of_mup(given, input.0);
    assert_eq!(symmetry.difference(&plain, &mended), None);
    let (told, notes) = gauge::in_gauge(&derived, graph, adam, Gauge::ConstantInit).unwrap();
    assert_eq!(notes, Vec::<String>::new());
    for row in &told.parameters {
        let w = row.parameter;
        let found = (row.init.clone(), row.multiplier.clone(), row.lr.clone());
        let stored = &mended.hyperparameters;
        let powers = |exponent: &Exponent| Powers(vec![exponent.clone()]);
        let expected = (Some(powers(stored.init(w))), Some(powers(&mended.own[w.0])), powers(stored.lr(w)));
        assert_eq!(found, expected, "{}", graph.parameter(w).name);
    }
}

/// Its factors for depth are those of depth-muP, with the same consequence.
#[test]
fn depth_in_unit_scaling_is_lazy_within_a_layer() {
    let book = book();
    let architecture = architecture(&book, "resmlp");
    let graph = &architecture.graph;
    let adam = book.optimizer("adam").unwrap();
    let input = graph.find_parameter("W_in").unwrap();
    for scale in ["depth", "width=n,depth=n^1/2"] {
        let given = published(include_str!("u-mup-deep.toml"), graph, scale);
        let folded = gauge::folded(&with_the_input_rate_of_mup(given, input.0), adam).unwrap();
        let own = if scale == "depth" { "-1/2" } else { "-1/4" };
        let expected = [format!("update(y) <= -|depth| ({own})")];
        assert_eq!(failing(&book, graph, scale, "adam", &folded), expected, "{scale}");
    }
}

/// Its independent weight decay is divided by each rate: lr times decay is the same at every size.
#[test]
fn decay_in_unit_scaling_moves_against_the_rate() {
    let book = book();
    let architecture = architecture(&book, "mlp");
    let graph = &architecture.graph;
    let adamw = book.optimizer("adamw").unwrap();
    let table = table(&book, graph, "width", "adamw", "fsc");
    let (told, _) = gauge::in_gauge(&table, graph, adamw, Gauge::ConstantInit).unwrap();
    for row in told.parameters {
        let against = PowerSum::single(vec![-&row.lr[0]]);
        assert_eq!(row.weight_decay, Some(against), "{}", graph.parameter(row.parameter).name);
    }
}

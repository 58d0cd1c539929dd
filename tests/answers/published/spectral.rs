//! The spectral condition and the optimizers that it stands behind: Yang, Simon and Bernstein arXiv:2310.17813, Muon, Shampoo.

use super::{answer, architecture, book, in_short, row, table, written};
use fscale::derive::gauge::Symmetry;
use fscale::derive::judge::judge;
use fscale::exact::Exponent;
use fscale::graph::{Graph, Scaling};
use fscale::propagate::{Growth, Question};
use fscale::rule::RuleBook;
use std::sync::Arc;

/// Three hidden layers, each of a width of its own.
const WIDTHS: &str = include_str!("widths.toml");

/// The exponents of fan-in and fan-out of each weight, where the widths grow with the given ones, data and output not.
fn fans(widths: [&Exponent; 3]) -> [(&'static str, Exponent, Exponent); 4] {
    let [first, second, third] = widths.map(Clone::clone);
    let fixed = Exponent::ZERO;
    [
        ("W_1", fixed.clone(), first.clone()),
        ("W_2", first, second.clone()),
        ("W_3", second, third.clone()),
        ("W_4", third, fixed),
    ]
}

/// Parametrization 1: a standard deviation of min(1, sqrt(out / in)) / sqrt(in).
fn init(fan_in: &Exponent, fan_out: &Exponent) -> Exponent {
    let narrowing = &(fan_out - fan_in) * &Exponent::HALF;
    &(fan_in * &Exponent::ratio(-1, 2)) + &narrowing.min(Exponent::ZERO)
}

/// The rate at which a step has the spectral norm sqrt(out / in): out / in for sgd (Parametrization 1), 1 / in for steps of entries of
/// order 1, sqrt(out / in) where the step's singular values are 1.
fn rate(optimizer: &str, fan_in: &Exponent, fan_out: &Exponent) -> Exponent {
    match optimizer {
        "sgd" => fan_out - fan_in,
        "adam" | "lion" | "sign" => -fan_in,
        _ => &(fan_out - fan_in) * &Exponent::HALF,
    }
}

const OPTIMIZERS: [&str; 8] = ["sgd", "adam", "lion", "sign", "normalized", "muon", "shampoo", "soap"];

fn scale(widths: [&Exponent; 3]) -> String {
    let [first, second, third] = widths;
    let grown = [("n1", first), ("n2", second), ("n3", third)];
    let grown = grown.into_iter().filter(|(_, exponent)| !exponent.is_zero());
    grown.map(|(name, exponent)| format!("{name}=n^{exponent}")).collect::<Vec<_>>().join(",")
}

fn powers() -> Vec<Exponent> {
    ["0", "1/2", "1"].map(|text| text.parse().unwrap()).to_vec()
}

/// What `mup` gives for every weight beside what the condition says: (weight, init, init there, rate, rate there).
fn compared(
    book: &Arc<RuleBook>,
    graph: &Arc<Graph>,
    widths: [&Exponent; 3],
    optimizer: &str,
) -> Vec<(&'static str, [Exponent; 4])> {
    let table = table(book, graph, &scale(widths), optimizer, "mup");
    let beside = |(name, fan_in, fan_out): (&'static str, Exponent, Exponent)| {
        let row = row(graph, &table, name);
        let init = [row.init.as_ref().unwrap()[0].clone(), init(&fan_in, &fan_out)];
        let rate = [row.lr[0].clone(), rate(optimizer, &fan_in, &fan_out)];
        let ([init, init_there], [rate, rate_there]) = (init, rate);
        (name, [init, init_there, rate, rate_there])
    };
    fans(widths).into_iter().map(beside).collect()
}

/// Wherever layers do not narrow before the output, `mup` is the spectral condition, weight by weight. But for sgd, whose rate follows
/// the backward signal: behind a weight that has more outputs than inputs that is a random sum at first, smaller than the
/// paper's, which is aligned with the weight; the rates of layers before make up for it.
#[test]
fn maximal_updates_are_the_spectral_condition_where_layers_do_not_narrow() {
    let book = book();
    let graph = written(&book, WIDTHS);
    for optimizer in OPTIMIZERS {
        for third in powers().iter().skip(1) {
            for second in powers().iter().filter(|second| *second <= third) {
                for first in powers().iter().filter(|first| *first <= second) {
                    let widths = [first, second, third];
                    for ((name, [init, init_there, rate, rate_there]), (_, _, fan_out)) in
                        compared(&book, &graph, widths, optimizer).into_iter().zip(fans(widths))
                    {
                        let place = format!("{optimizer}: {name} at {}", scale(widths));
                        let widened = match (optimizer, name) {
                            ("sgd", "W_1" | "W_2" | "W_3") => third - &fan_out,
                            _ => Exponent::ZERO,
                        };
                        assert_eq!(init, init_there, "{place}");
                        assert_eq!(&rate - &rate_there, &widened * &Exponent::HALF, "{place}");
                    }
                }
            }
        }
    }
}

/// Where a hidden layer is narrower than the one before it, init agrees. Features from there on then start small, which the paper
/// neglects: for the outputs of later weights to move by order 1 in the first step, their rates must be larger.
#[test]
fn behind_a_bottleneck_rates_make_up_for_small_features() {
    let book = book();
    let graph = written(&book, WIDTHS);
    let (one, half) = (Exponent::ONE, Exponent::HALF);
    for optimizer in ["adam", "muon"] {
        for (name, [init, init_there, rate, rate_there]) in
            compared(&book, &graph, [&one, &half, &one], optimizer)
        {
            assert_eq!(init, init_there, "{optimizer}: {name}");
            let behind = ["W_3", "W_4"].contains(&name);
            let features = if behind { Exponent::ratio(1, 4) } else { Exponent::ZERO };
            assert_eq!(&rate - &rate_there, features, "{optimizer}: {name}");
        }
    }
}

/// `fsc` asks more, and what it asks cannot be had by widths that grow apart: features of order 1 in a bottleneck, and a decrease of
/// order 1 from every weight.
#[test]
fn balanced_contributions_ask_for_widths_that_grow_alike() {
    let book = book();
    let graph = written(&book, WIDTHS);
    for second in ["1/2", "1", "2"] {
        for optimizer in ["sgd", "adam", "muon"] {
            let answer = answer(&book, &graph, &format!("n1=n,n2=n^{second},n3=n"), optimizer, "fsc");
            assert_eq!(answer.is_feasible(), second == "1", "{second}, {optimizer}");
        }
    }
}

/// Jordan's factor sqrt(max(1, out / in)) (kellerjordan.github.io/posts/muon) and Bernstein's sqrt(out / in) (arXiv:2409.20325, section 3)
/// keep the rate of hidden matrices; what Bernstein's also keeps, the readout, Jordan leaves to Adam.
#[test]
fn hidden_matrices_keep_the_rate_of_muon() {
    let book = book();
    let architecture = architecture(&book, "transformer");
    let graph = &architecture.graph;
    let hidden = "W_Q -1/2, W_K -1/2, W_V -1/2, W_O -1/2, W_1 -1/2, W_2 -1/2";
    let init = format!("init {hidden}, W_U -1");
    let cases = [
        ("muon", "W_E 1/2, W_U -1/2".to_string()),
        ("muon-original", "W_U -1/2".into()),
        ("muon-match-rms", format!("{hidden}, W_U -1")),
        // The first step of the other two is that of muon.
        ("shampoo", "W_E 1/2, W_U -1/2".into()),
        ("soap", "W_E 1/2, W_U -1/2".into()),
    ];
    for (optimizer, rates) in cases {
        let table = table(&book, graph, "d_model=n,heads=n,d_ff=n", optimizer, "fsc");
        assert_eq!(in_short(graph, &table), format!("{init}; lr {rates}"), "{optimizer}");
    }
}

/// Moonlight (arXiv:2502.16982, section 2.2) multiplies by 0.2 sqrt(max(in, out)) to use the rates of AdamW. In muP those of hidden weights fall
/// like 1/n; the gradient of a few samples has few singular values, and then those of Moonlight's steps fall like n^-1/2.
#[test]
fn the_factor_of_moonlight_does_not_make_rates_those_of_adam() {
    let book = book();
    let graph = written(&book, WIDTHS);
    let rate = |optimizer| {
        let table = table(&book, &graph, "n1=n,n2=n,n3=n", optimizer, "fsc");
        row(&graph, &table, "W_2").lr[0].clone()
    };
    assert_eq!((rate("muon-match-rms"), rate("adamw")), (Exponent::ratio(-1, 2), Exponent::integer(-1)));
}

/// Heads that are separate matrices, on weights that make them and on one that sums over them, where layers before do not narrow.
#[test]
fn what_is_written_for_one_matrix_is_a_maximal_update_of_several() {
    let book = book();
    let graph = written(&book, include_str!("../../networks/heads.toml"));
    for optimizer in ["muon", "muon-original", "muon-match-rms", "shampoo", "soap", "adafactor"] {
        for scale in ["heads", "d_model=n,heads=n", "d_model=n,heads=n^2"] {
            let scaling = Scaling::parse(scale, &graph).unwrap();
            let moved = book.optimizer(optimizer).unwrap();
            let question = Question::new(&graph, &book, moved, book.desiderata("mup").unwrap(), scaling);
            let growth = Growth::along(question.scaling.along(0));
            let of =
                |name: &str| book.parameterization(name).unwrap().hyperparameters(&graph, &growth, moved);
            let (mup, mean_field) = (of("mup"), of("mean-field"));
            let given = [mup.hyperparameters.clone()];
            let judgement = judge(&question, &given, &given).unwrap();
            assert!(judgement.holds(), "{optimizer}, {scale}");
            let symmetry = Symmetry::new(&graph, &book, moved).unwrap();
            assert_eq!(symmetry.difference(&mup, &mean_field), None, "{optimizer}, {scale}");
        }
    }
}

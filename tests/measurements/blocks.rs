//! Weights that are several matrices along an axis that they produce or contract: what is derived for optimizers that move whole
//! matrices, held against first steps.

use fscale::Network;
use fscale::propagate::Table;
use fscale::simulate::{Runs, SlopeVerdict};

/// Sizes of what grows: a factor of 32.
const VALUES: [usize; 6] = [16, 32, 64, 128, 256, 512];

const ORTHOGONAL: [&str; 5] = ["muon", "muon-original", "muon-match-rms", "shampoo", "soap"];

const HEADS: &str = include_str!("../networks/heads.toml");

/// The rates derived for some parameters, which the simulation agrees with.
fn measured(network: &Network, scale: &str, optimizer: &str, parameters: &[&str]) -> Vec<String> {
    let question = network.scale(scale).unwrap().optimizer(optimizer).unwrap();
    let answer = question.derive().unwrap();
    let table = answer.table().unwrap();
    let slopes = question.along("n").at(table).measure(Runs::at(VALUES).seeds(4)).unwrap();
    let wrong = slopes.trends().filter(|trend| trend.verdict == Some(SlopeVerdict::Disagrees));
    let wrong: Vec<String> = wrong.map(|trend| format!("{}: {}", trend.quantity, trend.slope)).collect();
    assert!(wrong.is_empty(), "{scale}, {optimizer}: {wrong:?}");
    parameters.iter().map(|name| table.lr(name).to_string()).collect()
}

#[test]
fn experts_are_separate_matrices_whether_a_weight_makes_them_or_sums_within_them() {
    let network = Network::builtin("moe").unwrap();
    for optimizer in ORTHOGONAL {
        let rates = measured(&network, "experts", optimizer, &["W_1", "W_2"]);
        assert_eq!(rates, ["1", "1"], "{optimizer}");
    }
}

#[test]
fn heads_are_separate_matrices_where_a_file_says_so_produced_or_contracted() {
    let network = Network::parse(HEADS).unwrap();
    for optimizer in ORTHOGONAL {
        let rates = measured(&network, "heads", optimizer, &["W_Q", "W_V", "W_O"]);
        // As many heads as there are agree on where the output goes.
        assert_eq!(rates, ["1", "1", "n^-1"], "{optimizer}");
    }
    let cases = [
        ("muon", ["n^-1/2", "n^-1/2", "n^-1/2"]),
        ("muon-original", ["n^-1/2", "n^-1/2", "n^-1"]),
        ("muon-match-rms", ["n^-1", "n^-1", "n^-1"]),
    ];
    for (optimizer, expected) in cases {
        let rates = measured(&network, "d_model=n,heads=n", optimizer, &["W_Q", "W_V", "W_O"]);
        assert_eq!(rates, expected, "{optimizer}");
    }
}

#[test]
fn heads_are_rows_and_columns_of_one_matrix_where_a_file_says_nothing() {
    let joint = HEADS.lines().filter(|line| !line.contains("blocks")).collect::<Vec<_>>().join("\n");
    let (joint, apart) = (Network::parse(&joint).unwrap(), Network::parse(HEADS).unwrap());
    let rates = measured(&joint, "heads", "muon", &["W_Q", "W_V", "W_O"]);
    assert_eq!(rates, ["n^1/2", "n^1/2", "n^-1/2"]);
    // Optimizers that move entries, or by the norm of the whole parameter, see no matrices.
    for optimizer in ["sgd", "adam", "normalized", "lars", "lamb", "adafactor"] {
        let table = |network: &Network| -> Table {
            let question = network.scale("heads").unwrap().optimizer(optimizer).unwrap();
            question.derive().unwrap().table().unwrap().clone()
        };
        assert_eq!(table(&joint), table(&apart), "{optimizer}");
    }
}

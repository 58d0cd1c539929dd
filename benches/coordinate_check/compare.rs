//! Whether both programs measure the same: the magnitudes of PyTorch beside those of fscale, at the largest size up to
//! [`MOST`] with [`SEEDS`] seeds. They draw different numbers of the same law.

use fscale::graph::Graph;
use fscale::simulate::Quantity;
use serde_json::Value;
use std::sync::Arc;

use crate::configuration::Check;
use crate::peers::PyTorch;

const MOST: usize = 256;

const SEEDS: u64 = 32;

/// How far apart a magnitude may be: the mean over so many networks of what is drawn at random in each is known to
/// about so much.
const TOLERANCE: f64 = 0.2;

/// How many magnitudes agree, and the one that is furthest off.
pub(crate) fn compare(check: &Check, pytorch: &mut PyTorch) -> String {
    let configuration = check.configuration;
    let last = configuration.values().into_iter().filter(|value| *value <= MOST).max().unwrap();
    let values = [configuration.from, last];
    let ours = check.magnitudes(&values, SEEDS);
    let theirs = pytorch.ask(&check.question("compare", &values, SEEDS));
    let (mut count, mut agree, mut furthest) = (0, 0, (0.0, String::new()));
    for row in theirs["magnitudes"].as_array().unwrap() {
        let quantity = quantity(&check.graph, row);
        let found = ours.iter().find(|measured| measured.quantity == quantity);
        let theirs = row[3].as_f64().unwrap();
        let Some(ours) = found.map(|found| found.magnitudes[1]) else {
            assert!(theirs == 0.0, "what no weight is above of does not change: {row}");
            continue;
        };
        let apart = (ours / theirs).ln().abs();
        count += 1;
        agree += usize::from(apart <= TOLERANCE);
        if apart > furthest.0 {
            let by = row[1].as_str().map_or(String::new(), |by| format!(" by {by}"));
            let (what, of) = (row[0].as_str().unwrap(), row[2].as_str().unwrap());
            furthest = (apart, format!("{what} of {of}{by}, {ours:.3e} beside {theirs:.3e}"));
        }
    }
    let (name, optimizer, within) = (configuration.name, check.optimizer, 100.0 * TOLERANCE);
    let (far, which) = (100.0 * furthest.0, furthest.1);
    format!(
        "{name} {optimizer} at {last}: {agree} of {count} magnitudes within {within:.0}%, the furthest {far:.0}% off: \
         {which}"
    )
}

/// The quantity that a row of the script is about.
fn quantity(graph: &Arc<Graph>, row: &Value) -> Quantity {
    let node = graph.find_node(row[2].as_str().unwrap()).unwrap();
    match (row[0].as_str().unwrap(), row[1].as_str()) {
        ("forward", _) => Quantity::Forward(node),
        ("backward", _) => Quantity::Backward(node),
        (_, None) => Quantity::Update(node),
        (_, Some(by)) => Quantity::UpdateBy(graph.find_parameter(by).unwrap(), node),
    }
}

//! Every optimizer's rule against its true first step, at random hyperparameters, in small: `fscale measure --random 20
//! --optimizer` is the large trial.

use std::collections::BTreeMap;
use std::sync::Arc;

use fscale::architecture::Architecture;
use fscale::document::Source;
use fscale::graph::Graph;
use fscale::rule::{Folder, RuleBook, Step};
use fscale::simulate::{Finished, Runs};
use fscale::study::Summary;
use fscale::study::trial::Trial;

/// Dimensions of a network, and their sizes: a factor of 32 at least, beyond the sizes of all others.
const VALUES: [usize; 6] = [64, 128, 256, 512, 1024, 2048];

fn networks(book: &Arc<RuleBook>) -> [(Arc<Graph>, &'static [&'static str]); 4] {
    let graph = |source: &Source| Architecture::parse(source, &book.activations()).unwrap().graph;
    let built_in = |name: &str| graph(&book.architecture(name).unwrap().text);
    // One-hot inputs, cross-entropy, a matrix for each head, learned positions, biases and gains.
    let text = include_str!("../networks/language-model.toml");
    let language_model = graph(&Source::new("language-model.toml", text));
    let text = include_str!("../networks/heads.toml");
    let heads = graph(&Source::new("heads.toml", text));
    [
        (built_in("transformer"), &["d_ff"]),
        (built_in("mlp"), &["width"]),
        (language_model, &["tokens", "d_v"]),
        (heads, &["heads"]),
    ]
}

/// One case of each network and dimension.
fn tried(book: &Arc<RuleBook>, optimizer: &str) -> Summary {
    let mut all = Summary::default();
    for (graph, dimensions) in networks(book) {
        for name in dimensions {
            let trial = Trial {
                graph: &graph,
                single: &graph,
                book,
                optimizer: book.optimizer(optimizer).unwrap(),
                dimensions: vec![graph.find_dimension(name).unwrap()],
                cases: 1,
                runs: Runs::at(VALUES),
            };
            let mut found = Summary::default();
            let made = |case: &fscale::study::trial::Case| found = Summary::of(&case.measurement);
            trial.run(&Finished::none(), &|_| {}, made).unwrap();
            println!("{optimizer}, {}, {name}: {found:?}", graph.title);
            all = [all, found].into_iter().sum();
        }
    }
    all
}

#[test]
fn the_rule_of_every_optimizer_agrees_with_its_true_first_step() {
    let book = Arc::new(RuleBook::embedded().unwrap());
    // Optimizers that step alike have the same rule.
    let mut steps: BTreeMap<Step, &str> = BTreeMap::new();
    for (name, optimizer) in &book.optimizers {
        let first = steps.entry(optimizer.step).or_insert(name);
        let first = book.optimizer(first).unwrap();
        assert_eq!(optimizer.response, first.response, "{name}");
        assert_eq!(optimizer.contribution, first.contribution, "{name}");
    }
    assert_eq!(steps.len(), Step::NAMES.len(), "every step is some optimizer's");
    for optimizer in steps.values() {
        let Summary { agrees, crossover, disagrees, .. } = tried(&book, optimizer);
        assert_eq!(disagrees, 0, "{optimizer}");
        assert!(50 * agrees >= 49 * (agrees + crossover), "{optimizer}: {agrees} and {crossover}");
    }
}

#[test]
fn a_mix_of_optimizers_moves_each_parameter_by_its_own() {
    let book = Arc::new(RuleBook::embedded().unwrap());
    let mix = book.optimizer("muon-adamw").unwrap();
    let [(transformer, _), (mlp, _), ..] = networks(&book);
    let told = |graph: &Arc<Graph>| -> String {
        let names = mix.of_each(graph).into_iter().map(|optimizer| optimizer.about.name.as_str());
        names.collect::<Vec<_>>().join(" ")
    };
    let muon = ["muon-original"; 6].join(" ");
    assert_eq!(told(&transformer), format!("adamw {muon} adamw"));
    assert_eq!(told(&mlp), "adamw adamw muon-original adamw muon-original adamw adamw adamw");
    let Summary { agrees, crossover, disagrees, .. } = tried(&book, "muon-adamw");
    assert_eq!(disagrees, 0);
    assert!(50 * agrees >= 49 * (agrees + crossover), "{agrees} and {crossover}");
}

#[test]
fn a_mix_follows_the_rules_that_replace_its_parts_and_names_only_what_is_known() {
    let mut book = RuleBook::embedded().unwrap();
    let mut source = book.texts[&(Folder::Optimizers, "adamw".to_owned())].clone();
    source.text = source.text.replace("summary = \"adam with", "summary = \"Adam with");
    book.add(Folder::Optimizers, source).unwrap();
    let [(transformer, _), ..] = networks(&Arc::new(book.clone()));
    let optimizers = book.optimizer("muon-adamw").unwrap().of_each(&transformer);
    assert!(optimizers[7].response == book.optimizer("adamw").unwrap().response);
    let text = "name = \"mine\"\nsummary = \"m\"\nwhy = \"m\"\nsource = \"m\"\nmatrices = \"mouon\"\nrest = \"muon-adamw\"\n[[example]]\n";
    let error = book.add(Folder::Optimizers, Source::new("mine.toml", text)).unwrap_err();
    let said: Vec<String> = error.0.iter().map(|error| error.message.clone()).collect();
    assert_eq!(said[..2], ["unknown optimizer `mouon`", "unknown optimizer `muon-adamw`"]);
}

#[test]
fn the_rule_of_another_optimizer_disagrees() {
    let mut book = RuleBook::embedded().unwrap();
    for (name, from, to) in [
        ("lamb", "|C| + forward(x)\"", "|C| + absolute(x)\""),
        ("muon", "+ |C| - 1/2 |rows| - 1/2 |columns|", "+ 1/2 |C| - 1/2 |Q|"),
        ("muon-original", "|C| - |columns|", "|C| - |rows|"),
        ("adafactor", "lr + init(W)", "lr"),
    ] {
        let mut source = book.texts[&(Folder::Optimizers, name.to_owned())].clone();
        assert!(source.text.contains(from), "{from}");
        let examples = source.text.find("[[example]]").unwrap();
        source.text.truncate(examples);
        source.text = source.text.replace(from, to);
        source.text.push_str("[[example]]\nsays = \"nothing\"\ngiven = {}\nresponse = \"0\"\n");
        book.add(Folder::Optimizers, source).unwrap();
        assert!(tried(&Arc::new(book.clone()), name).disagrees > 0, "{name}");
    }
}

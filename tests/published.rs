//! The tables that must come out: theory section 9, and the published tables of the maximal update
//! parameterization.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use fscale::architecture::Architecture;
use fscale::derive::{Answer, Question, Verdict, derive};
use fscale::exponent::Exponent;
use fscale::graph::{Graph, Scaling};
use fscale::rule::RuleBook;
use fscale::table::ScalingTable;
use fscale::worked;

fn book() -> RuleBook {
    RuleBook::embedded().unwrap()
}

fn architecture(book: &RuleBook, name: &str) -> Architecture {
    Architecture::parse(&book.architecture(name).unwrap().text, &book.activations()).unwrap()
}

fn answer<'a>(
    book: &'a RuleBook,
    graph: &'a Graph,
    scale: &str,
    optimizer: &str,
    desiderata: &str,
) -> Answer<'a> {
    let scaling = Scaling::parse(scale, graph).unwrap();
    let optimizer = book.optimizer(optimizer).unwrap();
    let desiderata = book.desiderata(desiderata).unwrap();
    derive(&Question { graph, book, optimizer, desiderata, scaling }).unwrap()
}

/// The exponents that are not zero, in words: `init W_O -1; lr W_Q 1, W_K 1`.
fn in_short(graph: &Graph, table: &ScalingTable) -> String {
    let listed = |what: &str, entries: Vec<(&str, &Exponent)>| {
        let changed = entries.iter().filter(|(_, exponent)| !exponent.is_zero());
        let changed: Vec<String> = changed.map(|(name, exponent)| format!("{name} {exponent}")).collect();
        (!changed.is_empty()).then(|| format!("{what} {}", changed.join(", ")))
    };
    let name = |row: &fscale::table::ParameterRow| row.parameter;
    let rows = &table.parameters;
    let init =
        rows.iter().filter_map(|row| Some((graph.parameter(name(row)).name.as_str(), row.init.as_ref()?)));
    let lr = rows.iter().map(|row| (graph.parameter(name(row)).name.as_str(), &row.lr));
    let multipliers = table.multipliers.iter().map(|(id, e)| (graph.multiplier(*id).name.as_str(), e));
    let parts = [
        listed("multiplier", multipliers.collect()),
        listed("init", init.collect()),
        listed("lr", lr.collect()),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

fn outcome(graph: &Graph, answer: &Answer<'_>) -> String {
    match &answer.verdict {
        Verdict::Feasible { table, .. } => {
            assert!(table.unique, "the solution is unique wherever it exists");
            in_short(graph, table)
        }
        Verdict::Infeasible { .. } => "impossible".into(),
    }
}

#[test]
fn fsc_on_the_transformer_block_gives_the_table_of_the_theory() {
    let hidden = "W_Q -1/2, W_K -1/2, W_V -1/2, W_O -1/2, W_1 -1/2, W_2 -1/2";
    let mup_sgd = format!("init {hidden}, W_U -1; lr W_E 1, W_U -1");
    let mup_adam =
        format!("init {hidden}, W_U -1; lr W_Q -1, W_K -1, W_V -1, W_O -1, W_1 -1, W_2 -1, W_U -1");
    #[rustfmt::skip]
    let expected = [
        // scaling                         SGD                                                    Adam
        ("d_k",     "multiplier attention -1; lr W_Q 1, W_K 1",                   "multiplier attention -1"),
        ("heads",   "init W_O -1; lr W_Q 1, W_K 1, W_V 1, W_O -1",                "init W_O -1; lr W_O -1"),
        ("d_ff",    "init W_2 -1; lr W_1 1, W_2 -1",                              "init W_2 -1; lr W_2 -1"),
        ("context", "",                                                           ""),
        ("d_model", "impossible",                                                 "impossible"),
        ("d_v",     "impossible",                                                 "impossible"),
        ("d_model=n,heads=n,d_ff=n",       &mup_sgd,                              &mup_adam),
        ("d_model=n,d_k=n,d_v=n,d_ff=n",   "impossible",                          "impossible"),
    ];
    let book = book();
    let architecture = architecture(&book, "transformer");
    let graph = &architecture.graph;
    for (scale, sgd, adam) in expected {
        for (optimizer, expected) in [("sgd", sgd), ("adam", adam), ("sign", adam), ("lion", adam)] {
            let answer = answer(&book, graph, scale, optimizer, "fsc");
            assert_eq!(outcome(graph, &answer), expected, "{scale}, {optimizer}");
        }
    }
}

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
            let answer = answer(&book, &architecture.graph, "width", optimizer, desiderata);
            let Verdict::Feasible { table, .. } = &answer.verdict else { panic!("{desiderata}: impossible") };
            assert_eq!(in_short(&architecture.graph, table), *expected, "{desiderata}, {optimizer}");
        }
    }
}

#[test]
fn every_derived_example_holds() {
    let book = book();
    for (name, rule) in &book.architectures {
        let architecture = architecture(&book, name);
        assert_eq!(worked::of_architecture(&architecture.graph, &rule.examples, &book), Ok(()));
    }
    for desiderata in book.desiderata.values() {
        assert_eq!(worked::of_desiderata(desiderata, &book), Ok(()));
    }
    for optimizer in book.optimizers.values() {
        assert_eq!(worked::of_mix(optimizer, &book), Ok(()));
    }
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
        let Verdict::Feasible { table, .. } = &answer.verdict else { panic!("{scale}") };
        assert!(table.unique);
        let row = |name: &str| &table.parameters[graph.find_parameter(name).unwrap().0];
        assert_eq!(row("W_in").init, Some(Exponent::ZERO));
        assert_eq!(row("W").init, Some(Exponent::ratio(-1, 2)));
        assert_eq!(row("W_out").init, Some(power(-1, Exponent::HALF)));
        assert_eq!(row("W_in").lr, power(1, whole(-2)));
        assert_eq!(row("W").lr, power(0, whole(-2)));
        assert_eq!(row("W_out").lr, power(-1, whole(-1)));

        // The residual network leaves beta to be chosen, up to L^-1/2: hidden rates are 1 / (L beta^2).
        let architecture = self::architecture(&book, "resmlp");
        let graph = &architecture.graph;
        let answer = self::answer(&book, graph, &scale, "sgd", "paper");
        let Verdict::Feasible { table, .. } = &answer.verdict else { panic!("{scale}") };
        let row = |name: &str| &table.parameters[graph.find_parameter(name).unwrap().0];
        let beta = &table.multipliers[0].1;
        assert!(!(beta + &(&p * &Exponent::HALF)).is_positive(), "{scale}: beta is n^{beta}");
        assert_eq!(row("W").init, Some(Exponent::ratio(-1, 2)));
        assert_eq!(row("W_out").init, Some(whole(-1)));
        assert_eq!(row("W_in").lr, power(1, whole(-1)));
        assert_eq!(row("W").lr, &-&p - &(&whole(2) * beta));
        assert_eq!(row("W_out").lr, power(-1, whole(-1)));
    }
}

/// Dey et al. arXiv:2505.01618 (CompleteP), Table 1 with alpha = 1: branches over the number of layers, adam's rates as they
/// are, epsilon over width and layers.
#[test]
fn width_and_depth_of_a_transformer_give_complete_p() {
    let book = book();
    let architecture = architecture(&book, "transformer-stack");
    let graph = &architecture.graph;
    let answer = answer(&book, graph, "d_model=n,heads=n,d_ff=n,depth=n^2", "adam", "fsc");
    let Verdict::Feasible { table, .. } = &answer.verdict else { panic!() };
    assert!(table.unique);
    let value = |name: &str| table.multipliers[graph.find_multiplier(name).unwrap().0].1.to_string();
    assert_eq!((value("m_attention"), value("m_mlp")), ("-2".into(), "-2".into()));
    for name in ["W_Q", "W_K", "W_V", "W_O", "W_1", "W_2"] {
        let row = &table.parameters[graph.find_parameter(name).unwrap().0];
        assert_eq!(row.lr.to_string(), "-1", "{name}");
        assert_eq!(row.init.as_ref().unwrap().to_string(), "-1/2", "{name}");
        assert_eq!(row.epsilon.as_ref().unwrap().to_string(), "-3", "{name}");
    }
}

/// Yang et al. arXiv:2310.02244 (depth-muP): branches over the root of the number of layers, and adam's rates too. Everything
/// that fsc asks holds, but that a weight moves the output of its own layer by order 1.
#[test]
fn depth_mup_is_lazy_within_a_layer_and_nowhere_else() {
    let book = book();
    let architecture = architecture(&book, "resmlp");
    let graph = &architecture.graph;
    let optimizer = book.optimizer("adam").unwrap();
    let powers = Scaling::parse("depth", graph).unwrap().along(0);
    let propagation = fscale::propagate::propagate(graph, &book, optimizer, &powers).unwrap();
    let mut given = fscale::architecture::Hyperparameters::constant(graph);
    given.multiplier[graph.find_multiplier("beta").unwrap().0] = Exponent::ratio(-1, 2);
    given.lr[graph.find_parameter("W").unwrap().0] = Exponent::ratio(-1, 2);
    let point = propagation.point(&given);
    let value =
        |form: &fscale::exponent::Form| form.evaluate(|unknown| point.get(unknown.0 as usize)).unwrap();
    let demands = fscale::desiderata::require(&propagation, book.desiderata("fsc").unwrap());
    let failing = demands.requirements.iter().filter(|asked| {
        let left = asked.terms.iter().map(|(form, _)| value(form)).max().unwrap();
        let excess = &left - &value(&asked.right);
        excess.is_positive() || (asked.requires.contains(" = ") && excess.is_negative())
    });
    let failing: Vec<&str> = failing.map(|asked| asked.requires.as_str()).collect();
    assert_eq!(failing, ["update(W, h) in its own layer = 0"]);
}

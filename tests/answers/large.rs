//! Dimensions that are called large without growing.

use std::sync::Arc;

use fscale::architecture::Architecture;
use fscale::derive::{Answer, derive};
use fscale::document::Source;
use fscale::exact::{Exponent, LARGE, apart};
use fscale::graph::{Graph, Scaling};
use fscale::propagate::{Growth, Question};
use fscale::rule::RuleBook;

fn transformer(book: &RuleBook, changed: &[(&str, &str)]) -> Arc<Graph> {
    let mut text = book.architecture("transformer").unwrap().text.text.clone();
    for (from, to) in changed {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    Architecture::parse(&Source::new("transformer.toml", text), &book.activations()).unwrap().graph
}

fn answered(book: &Arc<RuleBook>, graph: &Arc<Graph>, scale: &str) -> Answer {
    let scaling = Scaling::parse(scale, graph).unwrap();
    let (adam, fsc) = (book.optimizer("adam").unwrap(), book.desiderata("fsc").unwrap());
    derive(&Question::new(graph, book, adam, fsc, scaling)).unwrap()
}

const ASKED: &str = "d_model=n,heads=large,d_ff=large";

#[test]
fn what_is_called_large_makes_a_width_scalable_that_is_not_beside_fixed_ones() {
    let book = Arc::new(RuleBook::embedded().unwrap());
    let graph = transformer(&book, &[]);
    let answer = answered(&book, &graph, ASKED);
    let table = answer.feasible().unwrap();
    assert!(table.unique && !answer.fixed.as_ref().unwrap().is_feasible());
    assert_eq!(table.variables, ["n", "large"]);
    // The maximal update parameterization has the same rule there: a fan-in far above the fan-out.
    let mup = book.parameterization("mup").unwrap();
    let growth = Growth::along(Scaling::parse(ASKED, &graph).unwrap().along(0));
    let mup = mup.hyperparameters(&graph, &growth, book.optimizer("adam").unwrap()).hyperparameters;
    for row in table.parameters.iter().filter(|row| graph.parameter(row.parameter).name != "W_E") {
        let name = &graph.parameter(row.parameter).name;
        assert_eq!(row.init.as_ref().unwrap().0, apart(mup.init(row.parameter)), "{name}");
        assert_eq!(row.lr.0, apart(mup.lr(row.parameter)), "{name}");
    }
    assert_eq!(table.init("W_O").to_string(), "n^1/2 large^-1");
}

#[test]
fn the_rule_is_that_of_every_power_that_is_large_enough() {
    let book = Arc::new(RuleBook::embedded().unwrap());
    let graph = transformer(&book, &[]);
    let answer = answered(&book, &graph, ASKED);
    let table = answer.feasible().unwrap();
    for power in [4_i64, 64, 1000] {
        let tied = answered(&book, &graph, &format!("d_model=n,heads=n^{power},d_ff=n^{power}"));
        let direction = [Exponent::ONE, Exponent::integer(power)];
        assert_eq!(tied.feasible().unwrap().hyperparameters(), [table.towards(&direction)], "n^{power}");
    }
}

#[test]
fn a_network_may_declare_what_is_large_and_a_certificate_of_it_is_checked() {
    let book = Arc::new(RuleBook::embedded().unwrap());
    let declared = transformer(
        &book,
        &[
            (r#"heads   = { kind = "feature","#, r#"heads   = { kind = "feature", large = true,"#),
            (r#"d_ff    = { kind = "feature","#, r#"d_ff    = { large = true, kind = "feature","#),
        ],
    );
    let (answer, asked) =
        (answered(&book, &declared, "d_model"), answered(&book, &transformer(&book, &[]), ASKED));
    assert_eq!(answer.feasible(), asked.feasible());
    // A dimension that grows is not called so, and nothing is where several variables grow.
    assert_eq!(answered(&book, &declared, "heads=n,d_ff=n").question.scaling.large, []);
    assert_eq!(answered(&book, &declared, "d_k=n,d_in=m").question.scaling.large, []);
    let network = fscale::Network::builtin("transformer").unwrap();
    let certificate =
        network.scale(ASKED).unwrap().optimizer("adam").unwrap().derive().unwrap().certificate();
    fscale::verify(&certificate.to_string()).unwrap();
}

#[test]
fn exponents_are_told_apart_from_what_is_large() {
    let parts = ["0", "-1/2", "60", "7/3", "1/5"].map(|text| text.parse::<Exponent>().unwrap());
    for own in &parts {
        for large in ["0", "-1", "1/2", "-3/7", "5/9", "12"].map(|text| text.parse::<Exponent>().unwrap()) {
            let whole = own + &(&large * &Exponent::integer(LARGE));
            assert_eq!(apart(&whole), [own.clone(), large.clone()], "{own} {large}");
        }
    }
    // The largest power that is read is no part of what is large.
    for written in ["1000000", "-1000000", "1/1000000"] {
        let exponent: Exponent = written.parse().unwrap();
        assert_eq!(apart(&exponent), [exponent.clone(), Exponent::ZERO], "{written}");
    }
}

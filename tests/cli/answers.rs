//! What each command answers, and with which exit status.

use std::collections::BTreeMap;

use fscale::exact::Exponent;
use serde_json::json;

use super::{answer, fscale};

#[test]
fn derive_prints_the_table_of_larger_keys() {
    let outcome = fscale(&["derive", "--scale", "d_k"]);
    assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(outcome.stdout, @r"
    Pre-LN transformer block: `d_k=n` with sgd, fsc
    the only solution

    parameter  init  learning rate
    ---------  ----  -------------
    W_E        1     1
    W_Q        1     n
    W_K        1     n
    W_V        1     1
    W_O        1     1
    W_1        1     1
    W_2        1     1
    W_U        1     1

    multiplier  value
    ----------  -----
    attention   n^-1
    ");
}

#[test]
fn derive_prints_the_conflict_of_larger_values() {
    let outcome = fscale(&["derive", "--scale", "d_v"]);
    assert_eq!((outcome.status, outcome.stderr.as_str()), (1, ""));
    insta::assert_snapshot!(outcome.stdout, @r#"
    Pre-LN transformer block: `d_v=n` with sgd, fsc
    impossible: these 7 requirements contradict each other, and none can be spared

      - F on `k` requires `forward(k) = 0`: forward(k) = init(W_K)
      - F on `v` requires `forward(v) = 0`: forward(v) = init(W_V)
      - F on `a` requires `forward(a) <= 0`: forward(a) = init(W_Q) + init(W_K) + multiplier(attention)
      - U on `W_K` requires `update(W_K, k) = 0`: update(W_K, k) = init(W_Q) + init(W_V) + init(W_O) +
        lr(W_K) + multiplier(attention) + backward(x1) + 1/2 |d_v|
      - U on `W_V` requires `update(W_V, v) = 0`: update(W_V, v) = init(W_O) + lr(W_V) + backward(x1)
      - C on `W_K` requires `contribution(W_K) = 0`: contribution(W_K) = 2 init(W_Q) + 2 init(W_V) + 2
        init(W_O) + lr(W_K) + 2 multiplier(attention) + 2 backward(x1) + |d_v|
      - C on `W_V` requires `contribution(W_V) = 0`: contribution(W_V) = 2 init(W_O) + lr(W_V) + 2
        backward(x1) + |d_v|

    where

      - forward(x1) is the larger of init(W_E) and init(W_V) + init(W_O) + 1/2 |d_v|
      - forward(x2) is the larger of forward(x1) and init(W_1) + init(W_2)
      - backward(out) is the larger of 0 and init(W_U)
      - backward(x1) is the larger of init(W_1) + init(W_2) + init(W_U) - forward(x1) - forward(x2) +
        backward(out) and init(W_U) - forward(x2) + backward(out)

    this is one conflict of several: in all of them is U on W_V

    this makes it possible:

      - ask only `update(W_V, v) <= 0` of U on W_V: init W_O ~ n^-1/2; lr W_O ~ n^-1

    that is all there is among ties with one other feature dimension (powers 1/2, 1, 2) or with up to 3
    of them (power 1), one more multiplier, and changes of at most 1 requirement

    note: this is impossible at the first step only: at any number of steps there is a rule, init W_O ~
    n^-1; lr W_V ~ n, W_O ~ n^-1; `--at later` tells it

    the nearest rule (`--nearest`): init W_O ~ n^-1; lr W_Q, W_K ~ n^1/2, W_V ~ n, W_O ~ n^-1; it gives
    up C on W_Q (n^-1/2), C on W_K (n^-1/2): as many requirements are kept as can be, in the order F, S,
    U, C, of matrices before vectors; asked for by `--relax "C on W_Q, C on W_K"`
    "#);
}

#[test]
fn dims_prints_the_table_of_the_theory() {
    let outcome = fscale(&["dims"]);
    assert_eq!((outcome.status, outcome.stderr.as_str()), (1, ""));
    insta::assert_snapshot!(outcome.stdout, @r"
    Pre-LN transformer block: what can grow, with sgd, fsc
    scaling  verdict     solution  rule or conflict                   nearest rule
    -------  ----------  --------  ---------------------------------  ---------------------------------
    batch    scalable    unique    nothing changes
    context  scalable    unique    nothing changes
    d_in     scalable    unique    init W_E ~ n^-1/2; lr W_E ~ n^-1
    d_model  impossible  -         conflict: F on v, F on y,          init W_Q, W_K, W_V, W_O, W_1,
                                   U on W_V, U on W_O, C on W_V,      W_2 ~ n^-1/2, W_U ~ n^-1; lr W_E,
                                   C on W_O;                          W_O, W_2 ~ n, W_U ~ n^-1;
                                   possible with heads and d_ff       gives up C on W_Q (n^-1),
                                                                      C on W_K (n^-1), C on W_V (n^-1),
                                                                      C on W_1 (n^-1)
    heads    scalable    unique    init W_O ~ n^-1; lr W_Q, W_K,
                                   W_V ~ n, W_O ~ n^-1
    d_k      scalable    unique    multiplier attention ~ n^-1;
                                   lr W_Q, W_K ~ n
    d_v      impossible  -         conflict: F on k, F on v, F on a,  init W_O ~ n^-1; lr W_Q,
                                   U on W_K, U on W_V, C on W_K,      W_K ~ n^1/2, W_V ~ n, W_O ~ n^-1;
                                   C on W_V                           gives up C on W_Q (n^-1/2),
                                                                      C on W_K (n^-1/2)
    d_ff     scalable    unique    init W_2 ~ n^-1; lr W_1 ~ n,
                                   W_2 ~ n^-1
    d_out    impossible  -         conflict: U on W_U, C on W_U       init W_U ~ n^-1/2;
                                                                      gives up C on W_U (n)

    scaling                       verdict     solution  rule or conflict              nearest rule
    ----------------------------  ----------  --------  ----------------------------  ----------------------------
    d_model=n,heads=n,d_ff=n      scalable    unique    init W_Q, W_K, W_V, W_O,
                                                        W_1, W_2 ~ n^-1/2,
                                                        W_U ~ n^-1; lr W_E ~ n,
                                                        W_U ~ n^-1
    d_model=n,d_k=n,d_v=n,d_ff=n  impossible  -         conflict: F on v, S on a,     multiplier attention ~ n^-1;
                                                        U on W_V, C on W_K, C on W_V  init W_Q, W_K, W_V, W_O,
                                                                                      W_1, W_2 ~ n^-1/2,
                                                                                      W_U ~ n^-1; lr W_E ~ n, W_Q,
                                                                                      W_K ~ n^1/2, W_U ~ n^-1;
                                                                                      gives up C on W_Q (n^-1/2),
                                                                                      C on W_K (n^-1/2)

    note: gradient noise is not in the theory, which tells one step along the gradient of the batch at
    hand: nothing here follows from a noise that falls with `batch`; beside it, from another theory,
    neither derived nor certified here: the linear rule of sgd, up to a critical batch size: lr ~ n
    (Goyal et al. arXiv:1706.02677; Malladi et al. arXiv:2205.10287)

    note: gradient noise is not in the theory: the loss averages over `context` too, but its samples are
    not independent, since `p` runs over them; how noise falls with `context` is not known, and the
    rules for larger batches do not speak of it

    note: `d_out` is a size of the output: the error contains the output, so backward signals near it
    are not independent of the last weight, and their exponents are an approximation; it touches
    learning rate of `W_E`, `W_Q`, `W_K`, `W_V`, `W_O`, `W_1` and `W_2`; slopes were measured within 1/2
    of told exponents (gradients of mlp, d_out 64 to 4096, 16 seeds; where a norm stands before the last
    weight, within 1/20)
    ");
}

#[test]
fn a_feasible_answer_for_machines_has_every_exponent() {
    let answer = answer(&["derive", "--scale", "d_ff", "--optimizer", "adamw"]);
    assert_eq!(answer["schema"], 1);
    assert_eq!(answer["status"], "feasible");
    assert_eq!(answer["unique"], true);
    let expected = json!({"init": "-1", "lr": "-1", "weight_decay": "1", "epsilon": "0"});
    assert_eq!(answer["parameters"]["W_2"], expected);
    assert_eq!(answer["multipliers"], json!({"attention": "0"}));
    assert!(answer["certificate"]["uniqueness"].as_array().unwrap().len() > 10);
}

#[test]
fn an_infeasible_answer_for_machines_has_conflict_certificate_and_relaxations() {
    let answer = answer(&["derive", "--scale", "d_v"]);
    assert_eq!(answer["status"], "infeasible");
    let first = json!({
        "label": "F", "on": "k", "requires": "forward(k) = 0", "because": "forward(k) = init(W_K)",
    });
    assert_eq!(answer["conflict"][0], first);
    assert_eq!(answer["certificate"]["refutation"]["sum"].as_array().unwrap().len(), 7);
    let relaxation = &answer["relaxations"][0];
    assert_eq!(relaxation["drop"], json!([]));
    assert_eq!(relaxation["or_bound"][0]["requires"], "update(W_V, v) = 0");
    assert_eq!(relaxation["rule"]["parameters"]["W_O"], json!({"init": "-1/2", "lr": "-1"}));
}

/// The multipliers of a refutation, applied to the rows as they are written beside it, leave a number above zero.
#[test]
fn the_certificate_can_be_added_up_by_hand() {
    let answer = answer(&["derive", "--scale", "d_v"]);
    let certificate = &answer["certificate"];
    let mut sum: BTreeMap<String, Exponent> = BTreeMap::new();
    for summand in certificate["refutation"]["sum"].as_array().unwrap() {
        let multiplier: Exponent = summand["multiplier"].as_str().unwrap().parse().unwrap();
        let position = |key: &str| usize::try_from(summand[key].as_u64().unwrap()).unwrap();
        let row = certificate["clauses"][position("clause")]["rows"][position("row")].as_str().unwrap();
        assert!(!multiplier.is_negative() || row.ends_with(" = 0"), "{multiplier} times {row}");
        for (name, coefficient) in terms(row) {
            *sum.entry(name).or_default() += &(&multiplier * &coefficient);
        }
    }
    sum.retain(|_, total| !total.is_zero());
    let left: Vec<(&str, bool)> =
        sum.iter().map(|(name, total)| (name.as_str(), total.is_positive())).collect();
    assert_eq!(left, [("", true)]);
}

/// The names of a written row with their coefficients; the constant has no name.
fn terms(row: &str) -> Vec<(String, Exponent)> {
    let (form, _) = row.rsplit_once(" <= ").or_else(|| row.rsplit_once(" = ")).unwrap();
    let signed = form.replace(" - ", " + -");
    let term = |text: &str| {
        let (text, sign) = text.strip_prefix('-').map_or((text, 1), |rest| (rest, -1));
        let (number, name) = match text.split_once(' ') {
            Some((number, name)) if number.parse::<Exponent>().is_ok() => (number, name),
            _ if text.parse::<Exponent>().is_ok() => (text, ""),
            _ => ("1", text),
        };
        (name.to_owned(), number.parse::<Exponent>().unwrap() * Exponent::integer(sign))
    };
    signed.split(" + ").map(term).collect()
}

#[test]
fn dims_for_machines_has_an_answer_for_each_dimension_and_tie() {
    let answer = answer(&["dims", "--optimizer", "adam"]);
    let dimensions: Vec<&String> = answer["dimensions"].as_object().unwrap().keys().collect();
    let names = ["batch", "context", "d_in", "d_model", "heads", "d_k", "d_v", "d_ff", "d_out"];
    assert_eq!(dimensions, names);
    assert_eq!(answer["dimensions"]["heads"]["parameters"]["W_O"]["lr"], "-1");
    assert_eq!(answer["ties"]["d_model=n,heads=n,d_ff=n"]["status"], "feasible");
    assert_eq!(answer["ties"]["d_model=n,d_k=n,d_v=n,d_ff=n"]["status"], "infeasible");
}

#[test]
fn predict_tells_what_happens_if_nothing_is_changed() {
    let answer = answer(&["predict", "--hp", "standard", "--scale", "d_ff"]);
    assert_eq!(answer["scale"], json!({"d_ff": {"n": "1"}}));
    let z = json!({
        "forward": "0", "backward": "0", "update": "1",
        "updates": {
            "W_E": "0", "W_Q": "0", "W_K": "0", "W_V": "0", "W_O": "0", "W_1": "0", "W_2": "1",
        },
        "angle": null,
    });
    assert_eq!(answer["nodes"]["z"], z);
    assert_eq!(answer["parameters"]["W_2"], json!({"gradient": "0", "contribution": "1"}));
    assert_eq!(answer["saturated"], json!([]));
}

#[test]
fn explain_tells_the_proof_and_the_way_out() {
    let outcome = fscale(&["explain", "--scale", "d_v"]);
    assert_eq!(outcome.status, 1);
    let proof = "
  -  F on k    init(W_K) = 0
  +  F on v    init(W_V) = 0
  +  F on a    init(W_Q) + init(W_K) + multiplier(attention) <= 0
";
    assert!(outcome.stdout.contains(proof), "{}", outcome.stdout);
    let sum = "\n  =  1/2 |d_v| <= 0, but |d_v| = 1: d_v grows like n\n";
    assert!(outcome.stdout.contains(sum), "{}", outcome.stdout);
    let words = outcome.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("the gradient comes back along v <- o <- y <- x1"), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("The nearest rule\nit gives up C on W_Q"), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("ask only `update(W_V, v) <= 0`"), "{}", outcome.stdout);
}

#[test]
fn explain_lists_all_conflicts_up_to_a_limit_and_says_how_complete_the_list_is() {
    let outcome = fscale(&["explain", "mlp", "--scale", "d_out", "--all", "--limit", "1"]);
    assert_eq!(outcome.status, 1);
    for part in ["All conflicts\n", "; the first 1 of them:", "Ways out\n"] {
        assert!(outcome.stdout.contains(part), "{part}: {}", outcome.stdout);
    }
    let answer = answer(&["explain", "mlp", "--scale", "d_out", "--all", "--limit", "2"]);
    let all = &answer["contradictions"];
    assert_eq!(all["conflicts"].as_array().unwrap().len(), 2);
    assert_eq!(all["complete"], json!(all["complete_below"].is_null()));
}

#[test]
fn a_tie_that_helps_is_told_for_machines_with_its_rule() {
    let answer = answer(&["derive", "--scale", "d_model"]);
    let relaxation = &answer["relaxations"][0];
    assert_eq!(relaxation["tie"], "d_model=n,heads=n,d_ff=n");
    assert_eq!((&relaxation["drop"], &relaxation["or_bound"]), (&json!([]), &json!([])));
    assert_eq!(relaxation["rule"]["parameters"]["W_U"], json!({"init": "-1", "lr": "-1"}));
    assert_eq!(answer["searched"]["requirements"], 2);
}

#[test]
fn explain_tells_the_rules_behind_an_exponent() {
    let arguments = ["explain", "--scale", "d_ff", "--node", "h", "--parameter", "W_1", "--hp", "standard"];
    let outcome = fscale(&arguments);
    assert_eq!(outcome.status, 0);
    insta::assert_snapshot!(outcome.stdout, @r"
    Pre-LN transformer block: `d_ff=n` with sgd, fsc
    evaluated at the hyperparameters of `standard`

      update(W_1, h) = -1/2   [component: component(W_1, h, rank 1) + backward(h)]
        component(W_1, h, rank 1) = 0   [birth: response of h to W_1 - backward(h)]
          response of h to W_1 = -1/2   [sgd: lr(W_1) + 2 forward(n2) + backward(h)]
            lr(W_1) = 0
            forward(n2) = 0   [layer_norm: 0]
            backward(h) = -1/2   [relu: backward(r)]
              backward(r) = -1/2   [linear: backward(z) + init(W_2)]
                backward(z) = 0   [add: backward(x2)]
                  backward(x2) = 0   [layer_norm: backward(n3) - forward(x2)]
                    backward(n3) = 0   [linear: backward(out) + init(W_U)]
                      backward(out) = 0   [the largest of 2]
                        backward(out) = 0   [mse: 0]
                        backward(out) = 0   [mse: forward(out)]
                          forward(out) = 0   [linear: init(W_U) + forward(n3)]
                            init(W_U) = 0
                            forward(n3) = 0   [layer_norm: 0]
                      init(W_U) = 0
                    forward(x2) = 0   [the largest of 2]
                      forward(x2) = 0   [add: forward(x1)]
                        forward(x1) = 0   [the largest of 2]
                          forward(x1) = 0   [add: forward(x)]
                            forward(x) = 0   [linear: init(W_E) + forward(u)]
                              init(W_E) = 0
                              forward(u) = 0   [input: 0]
                          forward(x1) = 0   [add: forward(y)]
                            forward(y) = 0   [linear: init(W_O) + forward(o)]
                              init(W_O) = 0
                              forward(o) = 0   [bilinear: forward(p) + forward(v)]
                                forward(p) = 0   [softmax: 0]
                                forward(v) = 0   [linear: init(W_V) + forward(n1)]
                                  init(W_V) = 0
                                  forward(n1) = 0   [layer_norm: 0]
                      forward(x2) = 0   [add: forward(z)]
                        forward(z) = 0   [linear: init(W_2) + 1/2 |d_ff| + forward(r)]
                          init(W_2) = -1/2
                          |d_ff| = 1
                          forward(r) = 0   [relu: forward(h)]
                            forward(h) = 0   [linear: init(W_1) + forward(n2)]
                              init(W_1) = 0
                              forward(n2) = 0   [layer_norm: 0]
                init(W_2) = -1/2
          backward(h) = -1/2   [relu: backward(r), as above]
        backward(h) = -1/2   [relu: backward(r), as above]

    words: fscale rule notation
    ");
}

#[test]
fn list_names_what_rule_documents() {
    let listed = answer(&["list"]);
    let without_examples = ["schemas", "reference", "losses", "roles"];
    for (kind, rules) in listed
        .as_object()
        .unwrap()
        .iter()
        .filter(|(kind, rules)| rules.is_array() && !without_examples.contains(&kind.as_str()))
    {
        for rule in rules.as_array().unwrap() {
            let name = rule["name"].as_str().unwrap();
            let documented = answer(&["rule", name]);
            let found = documented["rules"].as_array().unwrap().iter().find(|held| held["kind"] == **kind);
            assert!(!found.unwrap()["examples"].as_array().unwrap().is_empty(), "{kind} {name}");
        }
    }
}

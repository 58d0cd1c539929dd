//! The built-in architectures and small ones, read and lowered.

use super::*;
use crate::exact::Exponent;
use crate::graph::{BaseValue, Kind, ParameterKind, Role};

const ACTIVATIONS: [&str; 2] = ["relu", "gelu"];

fn parse(text: &str) -> Result<Architecture, Diagnostics> {
    Architecture::parse(&Source::new("test.toml", text), &ACTIVATIONS)
}

fn transformer() -> Architecture {
    parse(include_str!("../../rules/architectures/transformer.toml")).unwrap()
}

fn mlp() -> Architecture {
    parse(include_str!("../../rules/architectures/mlp.toml")).unwrap()
}

/// One line for each node: `name [axes] role = op(operands)`.
fn nodes(graph: &Graph) -> String {
    let letters = |axes: &[crate::graph::AxisId]| -> String {
        axes.iter().map(|axis| graph.axes[axis.0].letter).collect()
    };
    let line = |id| {
        let node = graph.node(id);
        let operands: Vec<&str> =
            graph.operands(id).into_iter().map(|operand| graph.node(operand).name.as_str()).collect();
        let multiplier = node.op.multiplier().filter(|_| node.op.einsum().is_none());
        let op = match (node.op.parameter(), multiplier, node.op.activation()) {
            (Some(parameter), ..) => &graph.parameter(parameter).name,
            (None, Some(multiplier), _) => &graph.multiplier(multiplier).name,
            (None, None, Some(activation)) => activation,
            (None, None, None) => node.op.facts().name,
        };
        let over = match (node.op.einsum(), node.op.over().as_slice()) {
            (Some(einsum), []) => format!(" to {}", letters(&einsum.result)),
            (None, []) => String::new(),
            (_, over) => format!(" over {}", letters(over)),
        };
        format!(
            "{} [{}] {} = {op}{over}({})",
            node.name,
            letters(&node.axes),
            node.role.name(),
            operands.join(", ")
        )
    };
    graph.nodes().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_transformer_is_read_as_the_reference_block() {
    let Architecture { graph, ties, .. } = transformer();
    insta::assert_snapshot!(nodes(&graph), @r"
    u [bti] input = input()
    x [btd] feature = W_E over i(u)
    n1 [btd] feature = norm over d(x)
    q [bthk] feature = W_Q over d(n1)
    k [bthk] feature = W_K over d(n1)
    v [bthv] feature = W_V over d(n1)
    a [bhts] logits = bilinear over k(q, k)
    p [bhts] probability = softmax over s(a)
    o [bthv] feature = bilinear over s(p, v)
    y [btd] branch = W_O over hv(o)
    x1 [btd] feature = add(x, y)
    n2 [btd] feature = norm over d(x1)
    h [btf] feature = W_1 over d(n2)
    r [btf] feature = relu(h)
    z [btd] branch = W_2 over f(r)
    x2 [btd] feature = add(x1, z)
    n3 [btd] feature = norm over d(x2)
    out [bto] output = W_U over d(n3)
    ");
    let names: Vec<&str> = graph.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
    assert_eq!(names, ["W_E", "W_Q", "W_K", "W_V", "W_O", "W_1", "W_2", "W_U"]);
    let d_k = graph.find_dimension("d_k").unwrap();
    assert_eq!(graph.multipliers[0].base, BaseValue::InverseSqrt(d_k));
    assert!(graph.outputs().map(|output| graph.node(output).name.as_str()).eq(["out"]));
    assert_eq!(ties.len(), 2);
    assert_eq!(ties[0].scaling.write(&graph), "d_model=n,heads=n,d_ff=n");
}

#[test]
fn an_operand_keeps_its_own_axes_and_the_einsum_renames_them() {
    let graph = transformer().graph;
    let a = graph.node(graph.find_node("a").unwrap());
    let k = graph.node(graph.find_node("k").unwrap());
    let einsum = a.op.einsum().unwrap();
    assert_ne!(einsum.operands[1], k.axes);
    for (label, axis) in einsum.operands[1].iter().zip(&k.axes) {
        assert_eq!(graph.dimension_of(*label), graph.dimension_of(*axis));
    }
    assert_eq!(graph.kind_of(einsum.contracted()[0]), Kind::Feature);
}

#[test]
fn the_mlp_is_read_with_its_biases() {
    let graph = mlp().graph;
    insta::assert_snapshot!(nodes(&graph), @r"
    u [bi] input = input()
    z1 [bm] feature = W_1 over i(u)
    h1 [bm] feature = b_1(z1)
    r1 [bm] feature = relu(h1)
    z2 [bn] feature = W_2 over m(r1)
    h2 [bn] feature = b_2(z2)
    r2 [bn] feature = relu(h2)
    z3 [bm] feature = W_3 over n(r2)
    h3 [bm] feature = b_3(z3)
    r3 [bm] feature = relu(h3)
    z4 [bo] output = W_4 over m(r3)
    out [bo] output = b_4(z4)
    ");
    let biases = graph.parameters.iter().filter(|parameter| parameter.kind == ParameterKind::Bias);
    assert_eq!(biases.count(), 4);
}

/// A network of every operation that the built-in ones lack, declared from the output backwards.
const BACKWARDS: &str = r#"
name = "backwards"
[dimensions]
batch = { kind = "sample", size = 2 }
time = { kind = "sample", size = 4 }
width = { kind = "feature", size = 6 }
data = { kind = "feature", size = 3 }
[axes]
b = "batch"
t = "time"
d = "width"
i = "data"
[loss]
op = "cross_entropy"
output = "out"
[[node]]
name = "out"
op = "linear"
input = "pooled"
weight = "W_E"
einsum = "di,bd->bi"
multiplier = "readout"
[[node]]
name = "pooled"
op = "mean"
input = "sum"
over = "t"
[[node]]
name = "sum"
op = "add"
inputs = ["gated", "scaled"]
[[node]]
name = "gated"
op = "product"
inputs = ["normed", "turned"]
[[node]]
name = "scaled"
op = "scale"
input = "normed"
multiplier = "readout"
base = 0.125
role = "branch"
[[node]]
name = "turned"
op = "rope"
input = "x"
over = "d"
positions = "t"
[[node]]
name = "normed"
op = "rms_norm"
input = "x"
over = "d"
gain = "g"
bias = "c"
[[node]]
name = "x"
op = "linear"
input = "u"
weight = "W_E"
einsum = "di,bti->btd"
[[node]]
name = "u"
op = "input"
axes = "bti"
one_hot = true
tokens = "independent"
"#;

#[test]
fn nodes_may_be_declared_in_any_order_and_a_norm_with_gain_and_bias_is_three_nodes() {
    let graph = parse(BACKWARDS).unwrap_or_else(|wrong| panic!("{wrong}")).graph;
    insta::assert_snapshot!(nodes(&graph), @r"
    u [bti] input = input()
    x [btd] feature = W_E over i(u)
    turned [btd] feature = rope over dt(x)
    normed.norm [btd] feature = norm over d(x)
    normed.gain [btd] feature = g(normed.norm)
    normed [btd] feature = c(normed.gain)
    gated [btd] feature = product to btd(normed, turned)
    scaled [btd] branch = readout(normed)
    sum [btd] feature = add(gated, scaled)
    pooled [bd] feature = mean over t(sum)
    out [bi] output = W_E over d(pooled)
    ");
    assert_eq!(graph.title, "backwards");
    let data = graph.find_dimension("data").unwrap();
    let axis = graph.node(graph.find_node("u").unwrap()).op.one_hot().unwrap();
    assert_eq!(graph.dimension_of(axis), data);
}

#[test]
fn a_tied_weight_is_one_parameter_and_a_shared_multiplier_has_the_base_stated_once() {
    let graph = parse(BACKWARDS).unwrap().graph;
    let tied = graph.find_parameter("W_E").unwrap();
    assert_eq!(graph.uses(tied).len(), 2);
    assert_eq!(graph.multipliers.len(), 1);
    assert_eq!(graph.multipliers[0].base, BaseValue::Number("0.125".into()));
}

#[test]
fn a_node_that_enters_a_softmax_is_logits_without_being_told() {
    let text = include_str!("../../rules/architectures/transformer.toml");
    let graph = parse(&text.replace("role       = \"logits\"\n", "")).unwrap().graph;
    assert_eq!(graph.node(graph.find_node("a").unwrap()).role, Role::Logits);
}

#[test]
fn the_exponents_of_tied_dimensions_add_up_with_their_powers() {
    let graph = transformer().graph;
    let text = r#"
        optimizer = "sgd"
        [init]
        W_O = { heads = "-1/2", d_v = "-1/2", d_model = "3" }
        [lr.W_O]
        heads = -1
        [multiplier]
        attention.d_k = "-1"
        W_O = { heads = "2" }
    "#;
    let file = HyperparameterFile::parse(&Source::new("hp.toml", text), &graph).unwrap();
    assert_eq!(file.optimizer.name, "sgd");
    assert_eq!((file.optimizer.place.line, file.optimizer.place.column), (2, 21));
    let scaling = Scaling::parse("heads=n^1/2,d_v=n,d_k=l", &graph).unwrap();
    let w_o = graph.find_parameter("W_O").unwrap();
    let attention = graph.find_multiplier("attention").unwrap();
    let unfolded = file.along(&graph, &scaling, 0);
    assert_eq!(unfolded.own[w_o.0], Exponent::ONE);
    let along_n = &unfolded.hyperparameters;
    assert_eq!(along_n.init(w_o), &Exponent::ratio(-3, 4));
    assert_eq!(along_n.lr(w_o), &Exponent::ratio(-1, 2));
    assert_eq!(along_n.multiplier(attention), &Exponent::ZERO);
    let folded = unfolded.folded(&Exponent::ONE);
    assert_eq!((folded.init(w_o), folded.lr(w_o)), (&Exponent::ratio(1, 4), &Exponent::ratio(3, 2)));
    assert_eq!(file.along(&graph, &scaling, 1).hyperparameters.multiplier(attention), &Exponent::integer(-1));
}

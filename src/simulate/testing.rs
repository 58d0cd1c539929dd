//! Small graphs for tests, with every op between them.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::architecture::Architecture;
use crate::document;
use crate::graph::{DimensionId, Graph, Hyperparameters, Scaling};
use crate::rule::{Function, Step};
use crate::simulate::array::Real;
use crate::simulate::plan::{Experiment, Layout, Method, Plan, Precision, Runs, Simulation};
use crate::simulate::random::{Seed, Source};
use crate::simulate::run::Network;

/// The graph of an architecture file, which may use every activation.
pub(super) fn graph(text: &str) -> Arc<Graph> {
    let activations: Vec<&str> = Function::NAMES.iter().map(|(name, _)| *name).collect();
    let source = document::Source::new("test.toml", text);
    Architecture::parse(&source, &activations).unwrap_or_else(|errors| panic!("{errors}")).graph
}

/// An experiment on a graph with standard hyperparameters, four seeds, in double precision.
pub(super) fn experiment<'a>(
    graph: &'a Graph,
    hyperparameters: &'a Hyperparameters,
    step: Step,
    scaling: &'a Scaling,
    values: &[usize],
) -> Experiment<'a> {
    let simulation =
        Simulation { precision: Precision::F64, method: Method::Direct, ..Simulation::default() };
    Experiment {
        graph,
        hyperparameters,
        steps: vec![step; graph.parameters.len()],
        functions: Function::NAMES.iter().map(|(name, function)| ((*name).into(), *function)).collect(),
        scaling,
        runs: Runs::at(values).seeds(4).base_seed(7).simulated(simulation),
    }
}

/// Calls `test` with a plan whose base point has the sizes of the file.
pub(super) fn with_plan(graph: &Graph, step: Step, test: impl FnOnce(&Plan<'_>)) {
    let hyperparameters = Hyperparameters::constant(graph);
    let size = graph.dimensions[0].size;
    let scaling = Scaling::alone(DimensionId(0));
    let experiment = experiment(graph, &hyperparameters, step, &scaling, &[size, 2 * size]);
    test(&Plan::of(&experiment).unwrap());
}

/// Calls `test` with a plan and a network of the graph at its file size.
pub(super) fn with_network<R: Real>(graph: &Graph, step: Step, test: impl FnOnce(&Plan<'_>, Network<'_, R>)) {
    with_plan(graph, step, |plan| {
        let source = Source { base: 3, seed: Seed(0) };
        let point = plan.points.base();
        let rates = vec![1.0; graph.parameters.len()];
        test(plan, Network::draw(plan, point, &Layout::of(plan, point), source, &rates).unwrap());
    });
}

/// The graphs that derivatives are checked on: between them they have every op, both losses, both kinds of
/// data, two losses at once, weights used twice (once transposed), weights that share an axis with input and result, and blocks.
pub(super) fn graphs() -> BTreeMap<&'static str, Arc<Graph>> {
    [
        ("transformer", include_str!("../../rules/architectures/transformer.toml")),
        ("mlp", include_str!("../../rules/architectures/mlp.toml")),
        ("language model", LANGUAGE_MODEL),
        ("recurrent", RECURRENT),
        ("image model", IMAGE_MODEL),
        ("heads", HEADS),
        ("two losses", TWO_LOSSES),
    ]
    .into_iter()
    .map(|(name, text)| (name, graph(text)))
    .collect()
}

/// Heads and experts that are separate matrices where weights produce them, contract them, or both; a block axis that is not the
/// first of its side, beside one that weight, input and output share.
pub(super) const HEADS: &str = r#"
    name = "heads"
    dimensions.batch   = { kind = "sample", size = 3 }
    dimensions.inputs  = { kind = "feature", size = 4 }
    dimensions.heads   = { kind = "feature", size = 3 }
    dimensions.size    = { kind = "feature", size = 4 }
    dimensions.experts = { kind = "feature", size = 2 }
    dimensions.width   = { kind = "feature", size = 5 }
    axes = { b = "batch", i = "inputs", h = "heads", k = "size", e = "experts", f = "width" }
    node = [
        { name = "u", op = "input", axes = "bi" },
        { name = "v", op = "linear", input = "u", weight = "W_V", einsum = "khi,bi->bhk" },
        { name = "s", op = "tanh", input = "v" },
        { name = "y", op = "linear", input = "s", weight = "W_Y", einsum = "efhk,bhk->bef" },
        { name = "r", op = "relu", input = "y" },
        { name = "z", op = "linear", input = "r", weight = "W_Z", einsum = "ekhf,bef->bekh" },
        { name = "t", op = "tanh", input = "z" },
        { name = "out", op = "linear", input = "t", weight = "W_O", einsum = "iekh,bekh->bi" },
    ]
    loss = { op = "mse", output = "out" }

    [parameters]
    W_V = { blocks = "h" }
    W_Y = { blocks = "he" }
    W_Z = { blocks = "h" }
    W_O = { blocks = "he" }
"#;

/// Tied embedding, learned and rotary positions, gated feed-forward, gains and biases, cross-entropy. The embedding is as large as
/// a readout: with entries of order 1 some losses are next to nothing, and small singular values of their gradients rounding.
pub(super) const LANGUAGE_MODEL: &str = r#"
    name = "language-model"
    dimensions.batch   = { kind = "sample", size = 2 }
    dimensions.context = { kind = "sample", size = 3 }
    dimensions.vocab   = { kind = "feature", size = 5 }
    dimensions.d_model = { kind = "feature", size = 8 }
    dimensions.heads   = { kind = "feature", size = 2 }
    dimensions.d_k     = { kind = "feature", size = 4 }
    dimensions.d_ff    = { kind = "feature", size = 6 }
    axes = { b = "batch", t = "context", s = "context", w = "vocab", d = "d_model", h = "heads", k = "d_k", f = "d_ff" }
    node = [
        { name = "u", op = "input", axes = "btw", one_hot = true },
        { name = "e", op = "linear", input = "u", weight = "W_E", einsum = "dw,btw->btd" },
        { name = "x", op = "bias", input = "e", parameter = "positions", axes = "td" },
        { name = "n1", op = "rms_norm", input = "x", over = "d", gain = "g_1" },
        { name = "q", op = "linear", input = "n1", weight = "W_Q", einsum = "hkd,btd->bthk" },
        { name = "k", op = "linear", input = "n1", weight = "W_K", einsum = "hkd,btd->bthk" },
        { name = "v", op = "linear", input = "n1", weight = "W_V", einsum = "hkd,btd->bthk" },
        { name = "qr", op = "rope", input = "q", over = "k", positions = "t" },
        { name = "kr", op = "rope", input = "k", over = "k", positions = "t" },
        { name = "a", op = "bilinear", inputs = ["qr", "kr"], einsum = "bthk,bshk->bhts", multiplier = "attention", base = "1/sqrt(d_k)", role = "logits" },
        { name = "p", op = "softmax", input = "a", over = "s" },
        { name = "o", op = "bilinear", inputs = ["p", "v"], einsum = "bhts,bshk->bthk" },
        { name = "y", op = "linear", input = "o", weight = "W_O", einsum = "dhk,bthk->btd" },
        { name = "ys", op = "scale", input = "y", multiplier = "branch", base = 0.5 },
        { name = "x1", op = "add", inputs = ["x", "ys"] },
        { name = "n2", op = "layer_norm", input = "x1", over = "d", gain = "g_2", bias = "b_2" },
        { name = "h", op = "linear", input = "n2", weight = "W_1", einsum = "fd,btd->btf" },
        { name = "g", op = "linear", input = "n2", weight = "W_G", einsum = "fd,btd->btf" },
        { name = "r", op = "silu", input = "g" },
        { name = "m", op = "product", inputs = ["h", "r"] },
        { name = "z", op = "linear", input = "m", weight = "W_2", einsum = "df,btf->btd" },
        { name = "x2", op = "add", inputs = ["x1", "z"] },
        { name = "out", op = "linear", input = "x2", weight = "W_E", einsum = "dw,btd->btw" },
    ]
    loss = { op = "cross_entropy", output = "out" }
    parameters = { W_E = { base = "1/sqrt(d_model)" } }
"#;

/// One weight applied three times, a weight for each group of features, every other activation, a mean over
/// positions, a square, a multiplier of a weight.
pub(super) const RECURRENT: &str = r#"
    name = "recurrent"
    dimensions.batch  = { kind = "sample", size = 3 }
    dimensions.time   = { kind = "sample", size = 4 }
    dimensions.d_in   = { kind = "feature", size = 3 }
    dimensions.width  = { kind = "feature", size = 26 }
    dimensions.groups = { kind = "feature", size = 2 }
    dimensions.d_out  = { kind = "feature", size = 4 }
    axes = { b = "batch", t = "time", i = "d_in", m = "width", n = "width", g = "groups", o = "d_out" }
    node = [
        { name = "u", op = "input", axes = "itb", tokens = "independent" },
        { name = "h0", op = "linear", input = "u", weight = "W_in", einsum = "gmi,itb->tgbm" },
        { name = "a0", op = "gelu", input = "h0" },
        { name = "h1", op = "linear", input = "a0", weight = "W", einsum = "gnm,tgbm->tgbn", multiplier = "recurrence", base = "1/sqrt(width)" },
        { name = "c1", op = "bias", input = "h1", parameter = "c", axes = "gn" },
        { name = "a1", op = "tanh", input = "c1" },
        { name = "h2", op = "linear", input = "a1", weight = "W", einsum = "gnm,tgbn->tgbm" },
        { name = "c2", op = "bias", input = "h2", parameter = "c", axes = "gm" },
        { name = "a2", op = "softplus", input = "c2" },
        { name = "h3", op = "linear", input = "a2", weight = "V", einsum = "gnm,tgbm->tgbn" },
        { name = "a3", op = "leaky_relu", input = "h3" },
        { name = "a4", op = "sigmoid", input = "a3" },
        { name = "a5", op = "identity", input = "a4" },
        { name = "s", op = "product", inputs = ["a5", "a2"], einsum = "tgbn,tgbm->tgbnm" },
        { name = "s1", op = "squared_relu", input = "s" },
        { name = "s2", op = "abs", input = "s1" },
        { name = "s3", op = "layer_norm", input = "s2", over = "mn" },
        { name = "l", op = "mean", input = "s3", over = "t" },
        { name = "out", op = "linear", input = "l", weight = "W_out", einsum = "ogmn,gbnm->bo" },
    ]
    loss = { op = "mse", output = "out" }
"#;

/// Convolutions over two axes (windows, one wider than the image), gains, biases and weights shared over features, a softmax over
/// experts.
pub(super) const IMAGE_MODEL: &str = r#"
    name = "image-model"
    dimensions.batch    = { kind = "sample", size = 2 }
    dimensions.height   = { kind = "sample", size = 4 }
    dimensions.width    = { kind = "sample", size = 2 }
    dimensions.kernel   = { kind = "feature", size = 3 }
    dimensions.colours  = { kind = "feature", size = 2 }
    dimensions.channels = { kind = "feature", size = 6 }
    dimensions.experts  = { kind = "feature", size = 3 }
    dimensions.d_out    = { kind = "feature", size = 4 }
    axes = { b = "batch", y = "height", x = "width", v = "kernel", w = "kernel", i = "colours", c = "channels", m = "channels", e = "experts", o = "d_out" }
    node = [
        { name = "u", op = "input", axes = "byxi" },
        { name = "u1", op = "window", input = "u", over = "y", by = "v" },
        { name = "u2", op = "window", input = "u1", over = "x", by = "w" },
        { name = "h", op = "linear", input = "u2", weight = "W_1", einsum = "ecivw,byxivw->byxec" },
        { name = "n", op = "rms_norm", input = "h", over = "c", gain = "g", bias = "b", shared = "e" },
        { name = "r", op = "gelu", input = "n" },
        { name = "z", op = "linear", input = "r", weight = "W_2", einsum = "mc,byxec->byxem", shared = "e" },
        { name = "z1", op = "bias", input = "z", parameter = "c", axes = "e", shared = "m" },
        { name = "a", op = "linear", input = "u2", weight = "W_R", einsum = "eivw,byxivw->byxe" },
        { name = "p", op = "softmax", input = "a", over = "e" },
        { name = "s", op = "bilinear", inputs = ["p", "z1"], einsum = "byxe,byxem->byxm" },
        { name = "s1", op = "window", input = "s", over = "y", by = "v" },
        { name = "k", op = "linear", input = "s1", weight = "W_3", einsum = "cmv,byxmv->byxc" },
        { name = "l", op = "mean", input = "k", over = "yx" },
        { name = "out", op = "linear", input = "l", weight = "W_U", einsum = "oc,bc->bo" },
    ]
    loss = { op = "mse", output = "out" }
"#;

/// An output that feeds the rest, which another loss judges; both are made with one weight.
pub(super) const TWO_LOSSES: &str = r#"
    name = "two-losses"
    dimensions.batch   = { kind = "sample", size = 3 }
    dimensions.inputs  = { kind = "feature", size = 4 }
    dimensions.width   = { kind = "feature", size = 6 }
    dimensions.classes = { kind = "feature", size = 5 }
    axes = { b = "batch", i = "inputs", d = "width", w = "classes" }
    node = [
        { name = "u", op = "input", axes = "bi" },
        { name = "x", op = "linear", input = "u", weight = "W_1", einsum = "di,bi->bd" },
        { name = "r", op = "relu", input = "x" },
        { name = "early", op = "linear", input = "r", weight = "W_U", einsum = "wd,bd->bw" },
        { name = "y", op = "linear", input = "early", weight = "W_B", einsum = "dw,bw->bd" },
        { name = "x1", op = "add", inputs = ["x", "y"] },
        { name = "n", op = "rms_norm", input = "x1", over = "d" },
        { name = "out", op = "linear", input = "n", weight = "W_U", einsum = "wd,bd->bw" },
    ]
    loss = [
        { op = "mse", output = "early", weight = 0.3 },
        { op = "cross_entropy", output = "out", weight = 2 },
    ]
"#;

/// A linear map between a large and a small dimension.
pub(super) const TWO_SIZES: &str = r#"
    name = "two-sizes"
    dimensions.b = { kind = "sample", size = 2 }
    dimensions.m = { kind = "feature", size = 64 }
    dimensions.h = { kind = "feature", size = 4 }
    axes = { b = "b", m = "m", h = "h" }
    node = [
        { name = "u", op = "input", axes = "bm" },
        { name = "out", op = "linear", input = "u", weight = "W", einsum = "hm,bm->bh" },
    ]
    loss = { op = "mse", output = "out" }
"#;

//! The pieces random networks are built of: single nodes, pairs, gated units and attention.

use rand::RngExt;
use rand::seq::IndexedRandom;

use super::{Builder, Made, features, halves};

/// Losses, most often the first.
const LOSSES: &[&str] = &["mse", "mse", "mse", "cross_entropy"];

impl Builder {
    /// Pieces after an input and a first linear map, until there are enough nodes.
    pub(super) fn grow(&mut self) {
        let one_hot = self.chance(25);
        let rest = if one_hot { "axes = \"bti\"\none_hot = true\n" } else { "axes = \"bti\"\n" };
        let mut u = self.node("input", &[], "bti", rest);
        if self.chance(10) {
            let multiplier = self.multiplier(halves(0));
            u = self.same("scale", u, &multiplier);
        }
        self.linear(u, "btd");
        let target = self.random.random_range(2..9);
        while self.nodes.len() < target {
            match self.random.random_range(0..10) {
                0 | 1 => self.attention(),
                2 => self.gated(),
                3 | 4 => self.pair(),
                _ => self.unary(),
            }
        }
    }

    /// A node that a new one may read; those without a consumer are preferred.
    fn any(&mut self) -> usize {
        let unused: Vec<usize> = (1..self.nodes.len()).filter(|&x| !self.nodes[x].used).collect();
        let readable: Vec<usize> =
            (1..self.nodes.len()).filter(|&x| !self.nodes[x].axes.contains(['i', 's'])).collect();
        let from = if self.chance(50) && !unused.is_empty() { unused } else { readable };
        from.choose(&mut self.random).copied().unwrap_or(1)
    }

    /// A map of x to the axes of `to`, calling the positions of x as `to` does.
    fn linear(&mut self, x: usize, to: &str) -> usize {
        let mut from = self.nodes[x].axes.clone();
        if to.contains('s') {
            from = from.replace('t', "s");
        }
        let contracted: String = features(&from).chars().filter(|a| !to.contains(*a)).collect();
        let base = -self.size(&contracted) / 2;
        let weight = self.parameter("W_", Some(base));
        let weight_axes = format!("{}{contracted}", features(to));
        self.cut(&weight, &weight_axes);
        let rest = format!("weight = \"{weight}\"\neinsum = \"{weight_axes},{from}->{to}\"\n");
        let multiplier = self.maybe_multiplier();
        self.node("linear", &[x], to, &(rest + &multiplier))
    }

    fn linear_unless_there(&mut self, x: usize, to: &str) -> usize {
        if self.nodes[x].axes == to { x } else { self.linear(x, to) }
    }

    fn unary(&mut self) {
        let x = self.any();
        match self.random.random_range(0..10) {
            0..2 => {
                let op = self.pick(&["relu", "relu", "gelu", "silu", "tanh", "identity", "rope"]);
                self.same(op, x, "");
            }
            2 | 3 => {
                self.norm(x);
            }
            4 => {
                let multiplier = self.multiplier(halves(0));
                self.same("scale", x, &multiplier);
            }
            5 => {
                self.bias(x);
            }
            _ => {
                let to = self.pick(&["btd", "btf", "btk", "bthk", "btv", "bthv"]);
                if features(to) != features(&self.nodes[x].axes) {
                    self.linear(x, to);
                }
            }
        }
    }

    /// A node with the axes of its input.
    fn same(&mut self, op: &str, x: usize, rest: &str) -> usize {
        let axes = self.nodes[x].axes.clone();
        self.node(op, &[x], &axes, rest)
    }

    /// A bias, rarely one for each position.
    fn bias(&mut self, x: usize) -> usize {
        let of_x = self.nodes[x].axes.clone();
        let positions = if of_x.contains('t') && self.chance(15) { "t" } else { "" };
        let bias = self.parameter("b_", Some(halves(0)));
        let axes = format!("{positions}{}", features(&of_x));
        self.same("bias", x, &format!("parameter = \"{bias}\"\naxes = \"{axes}\"\n"))
    }

    fn norm(&mut self, x: usize) -> usize {
        let mut rest = format!("over = \"{}\"\n", features(&self.nodes[x].axes));
        if self.chance(30) {
            rest += &format!("gain = \"{}\"\n", self.parameter("g_", None));
        }
        if self.chance(15) {
            rest += &format!("bias = \"{}\"\n", self.parameter("b_", Some(halves(0))));
        }
        let op = self.pick(&["layer_norm", "rms_norm"]);
        self.same(op, x, &rest)
    }

    /// An add or a product of two nodes of the same axes, a product over more axes, or a
    /// contraction of the features that two nodes share.
    fn pair(&mut self) {
        let (x, y) = (self.any(), self.any());
        let (of_x, of_y) = (self.nodes[x].axes.clone(), self.nodes[y].axes.clone());
        let own = |left: &str, right: &str| -> String {
            features(left).chars().filter(|axis| !right.contains(*axis)).collect()
        };
        let (own_x, own_y) = (own(&of_x, &of_y), own(&of_y, &of_x));
        if x == y {
            return;
        }
        if of_x == of_y {
            let op = self.pick(&["add", "add", "product"]);
            self.node(op, &[x, y], &of_x, "");
        } else if self.chance(30) {
            let all = format!("{of_x}{own_y}");
            self.node("product", &[x, y], &all, &format!("einsum = \"{of_x},{of_y}->{all}\"\n"));
        } else if self.chance(40) && own_x != features(&of_x) && !(own_x.is_empty() && own_y.is_empty()) {
            let rest = format!("bt{own_x}{own_y}");
            self.node("bilinear", &[x, y], &rest, &format!("einsum = \"{of_x},{of_y}->{rest}\"\n"));
        }
    }

    /// Two maps to `d_ff`, one of them through an activation, multiplied and mapped back.
    fn gated(&mut self) {
        let (from, stream) = (self.any(), self.any());
        let (gate, up) = (self.linear(from, "btf"), self.linear(from, "btf"));
        let op = self.pick(&["silu", "gelu", "relu"]);
        let gate = self.same(op, gate, "");
        let product = self.node("product", &[gate, up], "btf", "");
        self.back_to(product, stream);
    }

    /// An output projection to the axes of the stream, and an add.
    fn back_to(&mut self, x: usize, stream: usize) {
        let to = self.nodes[stream].axes.clone();
        if features(&to) != features(&self.nodes[x].axes) && self.chance(80) {
            let y = self.linear(x, &to);
            if self.chance(50) {
                self.text += "role = \"branch\"\n";
            }
            self.node("add", &[stream, y], &to, "");
        }
    }

    /// Queries, keys, logits, softmax (seldom left out), values, output projection.
    fn attention(&mut self) {
        let (from, stream) = (self.any(), self.any());
        let heads = if self.chance(60) { "h" } else { "" };
        let key_heads = if self.chance(70) { heads } else { "" };
        let mut q = self.linear_unless_there(from, &format!("bt{heads}k"));
        let mut k = self.linear(from, &format!("bs{key_heads}k"));
        if self.chance(10) {
            q = self.bias(q);
        }
        if self.chance(20) {
            q = self.norm(q);
            k = self.same("rms_norm", k, &format!("over = \"{key_heads}k\"\n"));
        }
        let value_source = if self.chance(70) { from } else { stream };
        let v = self.linear(value_source, &format!("bs{key_heads}v"));
        let multiplier = self.multiplier(-self.size("k"));
        let logits = format!("b{heads}ts");
        let einsum = format!("einsum = \"bt{heads}k,bs{key_heads}k->{logits}\"\n");
        let a = self.node("bilinear", &[q, k], &logits, &(einsum + &multiplier));
        let p = if self.chance(92) { self.same("softmax", a, "over = \"s\"\n") } else { a };
        let einsum = format!("einsum = \"{logits},bs{key_heads}v->bt{heads}v\"\n");
        let o = self.node("bilinear", &[p, v], &format!("bt{heads}v"), &einsum);
        self.back_to(o, stream);
    }

    /// Reads out every node that has no consumer, perhaps pooled over positions, and adds.
    pub(super) fn read_out(&mut self) {
        let pooled = self.chance(30);
        let mut outputs = Vec::new();
        for x in 1..self.nodes.len() {
            if self.nodes[x].used {
                continue;
            }
            let (mut from, mut to) = (x, "bto");
            if pooled {
                let axes = self.nodes[x].axes.replace('t', "");
                from = self.node("mean", &[x], &axes, "over = \"t\"\n");
                to = "bo";
            }
            outputs.push(self.linear(from, to));
        }
        let mut judged = Vec::new();
        if self.judging.random_range(0..100) < 50 {
            judged.extend(outputs.split_off(1));
        }
        judged.extend(self.fed());
        let mut output = match outputs.as_slice() {
            [one] => *one,
            several => {
                let axes = self.nodes[several[0]].axes.clone();
                self.node("add", several, &axes, "")
            }
        };
        if self.chance(25) {
            output = self.bias(output);
        }
        if self.chance(15) {
            let op = self.pick(&["identity", "relu", "gelu", "layer_norm", "scale"]);
            output = match op {
                "layer_norm" => self.norm(output),
                "scale" => {
                    let multiplier = self.multiplier(halves(0));
                    self.same("scale", output, &multiplier)
                }
                _ => self.same(op, output, ""),
            };
        }
        let loss = self.pick(LOSSES);
        let name = &self.nodes[output].name;
        let header = if judged.is_empty() { "[loss]" } else { "[[loss]]" };
        self.text += &format!("{header}\nop = \"{loss}\"\noutput = \"{name}\"\n");
        for more in judged {
            let is_fed = self.nodes[more].used;
            let loss =
                if is_fed { "mse" } else { LOSSES.choose(&mut self.judging).copied().unwrap_or("mse") };
            let name = &self.nodes[more].name;
            self.text += &format!("[[loss]]\nop = \"{loss}\"\noutput = \"{name}\"\nweight = 0.5\n");
        }
    }

    /// Rarely, a map or norm that feeds others and is an output too.
    fn fed(&mut self) -> Option<usize> {
        let states_role = |name: &str| {
            let mut nodes = self.text.split("[[node]]\n");
            nodes.any(|node| node.starts_with(&format!("name = \"{name}\"\n")) && node.contains("role = "))
        };
        let is_fed = |x: &usize| {
            let Made { name, used, .. } = &self.nodes[*x];
            *used && name.starts_with('l') && !states_role(name)
        };
        let fed: Vec<usize> = (1..self.nodes.len()).filter(is_fed).collect();
        let is_judged = self.judging.random_range(0..100) < 15;
        fed.choose(&mut self.judging).copied().filter(|_| is_judged)
    }
}

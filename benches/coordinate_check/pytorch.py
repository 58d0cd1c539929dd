"""Makes coordinate checks in PyTorch, one call at a time, and times them: all of it but the import and the reading.

Given the number of threads, it says its version, one line. Then, for every line of JSON it is given, it answers
with one. What is the faster way was tried: views of heads, one backward pass for all gradients, a second forward
pass rather than forward mode, norms that wait for nothing. Normal numbers are drawn by one thread, as `randn` does.
A check has `points`, a dictionary of sizes each, and a number of `seeds`, of `blocks`, an `optimizer` and a `job`:

- `total`: rms of every intermediate, of its gradient, and of its change when all weights step: `{"seconds": x}`
- `each`: of its change when one weight steps, for each weight, instead: `{"seconds": x}`
- `compare`: all of that at the last point, as means of logarithms over the seeds, at the learning rates with which the
  largest change at the first point is 1: `{"magnitudes": [[quantity, by, of, x]]}`
"""

import json
import math
import sys
import time
from collections import defaultdict

try:
    import torch
    import torch.nn.functional as F
except ImportError:
    sys.exit()

RATE = 1e-3         # where only the time counts
SMALL = 1e-7        # where changes are to be of first order, in double precision: about how large they are


class Network:
    """Weights, data and targets of pre-LN blocks of some sizes; its forward pass in stages."""

    def __init__(self, size, blocks, seed):
        torch.manual_seed(seed)
        self.size, self.blocks = size, blocks
        self.scale = 1 / math.sqrt(size["d_k"])
        # First, so that a seed means the same data at every size.
        self.data = self.correlated(size["d_in"])
        self.target = self.correlated(size["d_out"])
        d, keys, values = size["d_model"], size["heads"] * size["d_k"], size["heads"] * size["d_v"]
        stages = [[("W_E", d, size["d_in"])]]
        for number in range(1, blocks + 1):
            end = f"_{number}" if blocks > 1 else ""
            stages.append([(f"W_Q{end}", keys, d), (f"W_K{end}", keys, d), (f"W_V{end}", values, d),
                           (f"W_O{end}", d, values)])
            stages.append([(f"W_1{end}", size["d_ff"], d), (f"W_2{end}", d, size["d_ff"])])
        stages.append([("W_U", size["d_out"], d)])
        self.stage_of = [stage for stage, weights in enumerate(stages) for _ in weights]
        self.names = [name for weights in stages for name, _, _ in weights]
        # Drawn at their deviation, in place: faster than `randn` and a product with it.
        self.weights = [torch.empty(rows, columns).normal_(std=columns ** -0.5).requires_grad_()
                        for weights in stages for _, rows, columns in weights]

    def correlated(self, width):
        own = torch.randn(self.size["context"], self.size["batch"], width)
        return (own + torch.randn(width)) * math.sqrt(0.5)

    def nodes(self):
        """The names of the intermediates, in the order of [`Network.forward`]."""
        names = ["x"]
        for number in range(1, self.blocks + 1):
            end = f"_{number}" if self.blocks > 1 else ""
            parts = ["n1", "q", "k", "v", "a", "p", "o", "y", "x1", "n2", "h", "r", "z", "x2"]
            names += [part + end for part in parts]
        return names + ["n3", "out"]

    def forward(self, weights, first=0, known=()):
        """Every intermediate. Of the stages before the `first`, what is `known` is taken."""
        size, width = self.size, [self.size["d_model"]]
        # Positions come first: then the matrices of all heads are views, and nothing is copied.
        heads = (size["context"], size["batch"] * size["heads"], -1)
        made = [] if first == 0 else list(known[:1 + 9 * (first // 2) + 5 * ((first - 1) // 2)])
        if first == 0:
            made.append(F.linear(self.data, weights[0]))
        x = made[-1]
        for stage in range(max(first, 1), 2 * self.blocks + 1):
            start = 1 + 6 * ((stage - 1) // 2)
            if stage % 2 == 1:
                w_q, w_k, w_v, w_o = weights[start:start + 4]
                n1 = F.layer_norm(x, width)
                q, k, v = F.linear(n1, w_q), F.linear(n1, w_k), F.linear(n1, w_v)
                by_head = [part.view(heads).transpose(0, 1) for part in (q, k, v)]
                a = torch.bmm(by_head[0], by_head[1].transpose(1, 2)).mul_(self.scale)
                p = torch.softmax(a, -1)
                o = torch.bmm(p, by_head[2]).transpose(0, 1).reshape(*x.shape[:2], -1)
                y = F.linear(o, w_o)
                x = x + y
                made += [n1, q, k, v, a, p, o, y, x]
            else:
                w_1, w_2 = weights[start + 4:start + 6]
                n2 = F.layer_norm(x, width)
                h = F.linear(n2, w_1)
                r = torch.relu(h)
                z = F.linear(r, w_2)
                x = x + z
                made += [n2, h, r, z, x]
        n3 = F.layer_norm(x, width)
        return made + [n3, F.linear(n3, weights[-1])]

    def backward(self, nodes):
        """The gradients of the intermediates and of the weights."""
        loss = (nodes[-1] - self.target).square().sum() / (2 * self.size["batch"] * self.size["context"])
        gradients = torch.autograd.grad(loss, nodes + self.weights)
        return list(gradients[:len(nodes)]), list(gradients[len(nodes):])


def norms(tensors):
    """Their norms, in one tensor: nothing waits for a number before all are there."""
    return torch.stack(torch._foreach_norm(tensors))


def check(network, optimizer, rates, job):
    """The rms of every intermediate, of its gradient, and of its changes."""
    nodes = network.forward(network.weights)
    gradients, directions = network.backward(nodes)
    with torch.no_grad():
        nodes = [node.detach() for node in nodes]
        found = [norms(nodes), norms(gradients)]
        if optimizer == "sign":
            torch._foreach_sign_(directions)
        if job == "total":
            for weight, direction, rate in zip(network.weights, directions, rates):
                weight.sub_(direction, alpha=rate)
            found.append(norms(torch._foreach_sub(network.forward(network.weights), nodes)))
        else:
            for place, (direction, rate) in enumerate(zip(directions, rates)):
                weights = list(network.weights)
                weights[place] = torch.sub(weights[place], direction, alpha=rate)
                moved = network.forward(weights, network.stage_of[place], nodes)
                found.append(norms(torch._foreach_sub(moved, nodes)))
        roots = torch.tensor([node.numel() for node in nodes]).sqrt()
        return (torch.stack(found) / roots).tolist(), directions


def timed(asked):
    start = time.perf_counter()
    for size in asked["points"]:
        for seed in range(asked["seeds"]):
            network = Network(size, asked["blocks"], seed)
            check(network, asked["optimizer"], [RATE] * len(network.weights), asked["job"])
    return {"seconds": time.perf_counter() - start}


def compared(asked):
    """The magnitudes at the last point."""
    sums = defaultdict(float)
    base, last = asked["points"][0], asked["points"][-1]
    for seed in range(asked["seeds"]):
        new = lambda size: Network(size, asked["blocks"], seed)
        # A small step of each weight tells the learning rates.
        network = new(base)
        _, directions = check(network, asked["optimizer"], [0] * len(network.weights), "total")
        rates = [float(SMALL * weight.detach().norm() / direction.norm())
                 for weight, direction in zip(network.weights, directions)]
        (_, _, *changes), _ = check(new(base), asked["optimizer"], rates, "each")
        rates = [SMALL * rate / max(change) for rate, change in zip(rates, changes)]
        network = new(last)
        (forward, backward, *changes), _ = check(network, asked["optimizer"], rates, "each")
        (_, _, total), _ = check(network, asked["optimizer"], rates, "total")
        rows = [("forward", None, forward), ("backward", None, backward)]
        rows += [("update", name, [x / SMALL for x in change]) for name, change in zip(network.names, changes)]
        rows.append(("update", None, [x / SMALL for x in total]))
        for quantity, by, values in rows:
            for of, x in zip(network.nodes(), values):
                sums[quantity, by, of] += math.log(x) if x > 0 else -math.inf
    return {"magnitudes": [[*key, math.exp(x / asked["seeds"])] for key, x in sums.items()]}


def main():
    torch.set_num_threads(int(sys.argv[1]))
    print(torch.__version__, flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        torch.set_default_dtype(torch.float64 if asked["job"] == "compare" else torch.float32)
        answer = compared(asked) if asked["job"] == "compare" else timed(asked)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()

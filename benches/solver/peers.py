"""Times z3 and HiGHS on systems, one call at a time: what solves, not what reads and builds.

It first says which peers there are, one line. Then, for every line `peer path` it is given, it answers with a line
`milliseconds answer`. The answer is `feasible`, `infeasible` or `unknown`; the last also where it takes too long.
"""

import json
import pathlib
import sys
import time
from fractions import Fraction

MOST_SECONDS = 10


def z3_solves(z3, unknowns, rows):
    variables = [z3.Real(f"u{index}") for index in range(unknowns)]
    assertions = []
    for entries, constant, relation in rows:
        total = z3.Sum([z3.Q(*number) * variables[unknown] for unknown, number in entries]) + z3.Q(*constant)
        assertions.append(total == 0 if relation == "=" else total <= 0)

    def solve():
        solver = z3.SolverFor("QF_LRA")
        solver.set("timeout", 1000 * MOST_SECONDS)
        solver.add(assertions)
        start = time.perf_counter()
        answer = solver.check()
        return time.perf_counter() - start, {"sat": "feasible", "unsat": "infeasible"}.get(str(answer), "unknown")

    return solve


def highs_solves(scipy, unknowns, rows):
    def matrix(chosen):
        data = [(index, unknown, float(Fraction(*number)))
                for index, (entries, _, _) in enumerate(chosen) for unknown, number in entries]
        if not chosen:
            return None, None
        at_row, at_column, values = zip(*data)
        shape = (len(chosen), unknowns)
        left = scipy.sparse.csr_array((values, (at_row, at_column)), shape=shape)
        return left, [-float(Fraction(*constant)) for _, constant, _ in chosen]

    upper = matrix([row for row in rows if row[2] == "<=" and row[0]])
    equal = matrix([row for row in rows if row[2] == "=" and row[0]])

    def solve():
        start = time.perf_counter()
        result = scipy.optimize.linprog([0.0] * unknowns, *upper, *equal, bounds=(None, None), method="highs",
                                        options={"time_limit": MOST_SECONDS})
        return time.perf_counter() - start, {0: "feasible", 2: "infeasible"}.get(result.status, "unknown")

    return solve


def main():
    peers = {}
    try:
        import z3
        peers["z3"] = lambda *system: z3_solves(z3, *system)
    except ImportError:
        print("z3 is skipped: `pip install z3-solver` installs it", file=sys.stderr)
    try:
        import scipy.optimize
        import scipy.sparse
        peers["highs"] = lambda *system: highs_solves(scipy, *system)
    except ImportError:
        print("HiGHS is skipped: `pip install scipy` installs it", file=sys.stderr)
    print(*peers, flush=True)
    ready = {}
    for line in sys.stdin:
        peer, path = line.strip().split(" ", 1)
        if (peer, path) not in ready:
            ready[peer, path] = peers[peer](*json.loads(pathlib.Path(path).read_text()))
        seconds, answer = ready[peer, path]()
        print(f"{1000 * seconds:.4f} {answer}", flush=True)


main()

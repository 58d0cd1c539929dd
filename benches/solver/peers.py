"""Times z3 and HiGHS on the systems of a folder: the call that solves, not what reads and builds.

One line per system and peer: `name peer milliseconds`. What is not installed is skipped with a message; so is an answer
other than the one in the name of the file, and one that takes too long.
"""

import json
import pathlib
import statistics
import sys
import time
from fractions import Fraction

ROUNDS = 5
MOST_SECONDS = 10


def z3_times(z3, unknowns, rows):
    variables = [z3.Real(f"u{index}") for index in range(unknowns)]
    assertions = []
    for entries, constant, relation in rows:
        total = z3.Sum([z3.Q(*number) * variables[unknown] for unknown, number in entries]) + z3.Q(*constant)
        assertions.append(total == 0 if relation == "=" else total <= 0)
    for _ in range(ROUNDS):
        solver = z3.SolverFor("QF_LRA")
        solver.set("timeout", 1000 * MOST_SECONDS)
        solver.add(assertions)
        start = time.perf_counter()
        answer = solver.check()
        yield time.perf_counter() - start, {"sat": "feasible", "unsat": "infeasible"}.get(str(answer), "unknown")


def highs_times(scipy, unknowns, rows):
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
    for _ in range(ROUNDS):
        start = time.perf_counter()
        result = scipy.optimize.linprog([0.0] * unknowns, *upper, *equal, bounds=(None, None), method="highs",
                                        options={"time_limit": MOST_SECONDS})
        yield time.perf_counter() - start, {0: "feasible", 2: "infeasible"}.get(result.status, "unknown")


def main(folder):
    peers = []
    try:
        import z3
        peers.append(("z3", lambda *system: z3_times(z3, *system)))
    except ImportError:
        print("z3 is skipped: `pip install z3-solver` installs it", file=sys.stderr)
    try:
        import scipy.optimize
        import scipy.sparse
        peers.append(("highs", lambda *system: highs_times(scipy, *system)))
    except ImportError:
        print("HiGHS is skipped: `pip install scipy` installs it", file=sys.stderr)
    for path in sorted(pathlib.Path(folder).glob("*.json")):
        unknowns, rows = json.loads(path.read_text())
        expected = path.stem.split("-")[1]
        for peer, times in peers:
            taken = []
            for seconds, answer in times(unknowns, rows):
                if answer != expected:
                    print(f"{path.stem}: {peer} says {answer} after {seconds:.1f} s", file=sys.stderr)
                    break
                taken.append(seconds)
            else:
                print(path.stem, peer, f"{1000 * statistics.median(taken):.4f}", flush=True)


main(sys.argv[1])

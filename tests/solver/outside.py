"""Says of each program of a JSON file whether z3 finds it feasible: one line each, `sat` or `unsat`.

A program is [unknowns, clauses], a clause [rows, choice]: every row holds, and of a choice that is not empty one.
A row is [entries, constant, relation] with entries [unknown, [numerator, denominator]].
"""

import json
import sys

try:
    import z3
except ImportError:
    print("`pip install z3-solver` installs it", file=sys.stderr)
    sys.exit(3)


def main(path):
    with open(path, encoding="utf-8") as file:
        programs = json.load(file)
    for unknowns, clauses in programs:
        variables = [z3.Real(f"u{index}") for index in range(unknowns)]

        def formula(row):
            entries, constant, relation = row
            total = z3.Sum([z3.Q(*number) * variables[unknown] for unknown, number in entries] + [z3.Q(*constant)])
            return total == 0 if relation == "=" else total <= 0

        solver = z3.SolverFor("QF_LRA")
        for rows, choice in clauses:
            solver.add([formula(row) for row in rows])
            if choice:
                solver.add(z3.Or([formula(row) for row in choice]))
        print(solver.check())


main(sys.argv[1])

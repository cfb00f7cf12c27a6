"""The child process that prices panels with CP-SAT.

OR-Tools and highspy cannot be loaded into one process (their libraries hold different versions of HiGHS), so
that this module is run as ``python -m sortition.cp_sat``, reads one JSON object a line and answers each with
one: a system of rows first, then weights, time and again. It imports nothing of this package.
"""

from __future__ import annotations

import json
import sys
from typing import Any, TextIO

from ortools.sat.python import cp_model

EFFORT = 60.0


def serve(requests: TextIO, answers: TextIO) -> None:
    """Answer requests until there are no more.

    ``{"rows", "lower", "upper", "least", "most"}`` sets the panels; ``{"weights": [int, ...]}`` is answered
    by ``{"panel": [int, ...] | null, "bound": int, "proved": bool}``: a panel of great weight, the
    greatest if ``proved``, and a weight that no panel exceeds.
    """
    model = cp_model.CpModel()
    counts: list[cp_model.IntVar] = []
    for line in requests:
        request = json.loads(line)
        if "rows" in request:
            model, counts = _model(request)
            continue
        weights = request["weights"]
        model.maximize(cp_model.LinearExpr.weighted_sum(counts, weights))
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = 1
        solver.parameters.max_deterministic_time = EFFORT
        status = solver.solve(model)
        found = status in {cp_model.OPTIMAL, cp_model.FEASIBLE}
        answer = {
            "panel": [solver.value(count) for count in counts] if found else None,
            "bound": int(solver.best_objective_bound) if found else 0,
            "proved": status in {cp_model.OPTIMAL, cp_model.INFEASIBLE},
        }
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _model(request: dict[str, Any]) -> tuple[cp_model.CpModel, list[cp_model.IntVar]]:
    """Build the model of a system."""
    model = cp_model.CpModel()
    counts = [
        model.new_int_var(least, most, "")
        for least, most in zip(request["least"], request["most"], strict=True)
    ]
    for row, lower, upper in zip(request["rows"], request["lower"], request["upper"], strict=True):
        model.add_linear_constraint(cp_model.LinearExpr.weighted_sum(counts, row), lower, upper)
    return model, counts


if __name__ == "__main__":
    serve(sys.stdin, sys.stdout)

"""The child process that prices panels with CP-SAT.

OR-Tools and highspy cannot be loaded into one process (their libraries hold different versions of HiGHS), so
that this module is run as ``python -m sortition.cp_sat``, reads one JSON object a line and answers each with
one: a system of rows first, then weights, time and again. It imports nothing of this package.
"""

from __future__ import annotations

import json
import math
import sys
from typing import Any, TextIO

from ortools.sat.python import cp_model

EFFORT = 60.0
# CP-SAT counts in whole numbers and tells its bound as a float, which may lie a little beside it.
NOISE = 0.01


def serve(requests: TextIO, answers: TextIO) -> None:
    """Answer requests until there are no more.

    ``{"rows", "lower", "upper", "least", "most"}`` sets the panels; ``{"weights": [int, ...]}`` is answered
    by ``{"panel": [int, ...] | null, "bound": int, "proved": bool}``: a panel of great weight, the
    greatest if ``proved``, and a weight that no panel exceeds. ``"totals": [[row, int], ...]`` beside the
    weights holds rows at a value for this answer, ``"hint": [int, ...]`` is a panel to begin with, and
    ``"effort"`` limits the deterministic time.
    """
    system: dict[str, Any] = {}
    model = cp_model.CpModel()
    counts: list[cp_model.IntVar] = []
    rows: list[cp_model.Constraint] = []
    for line in requests:
        request = json.loads(line)
        if "rows" in request:
            system = request
            model, counts, rows = _model(request)
            continue
        weights = request["weights"]
        model.clear_objective()  # type: ignore[no-untyped-call] # OR-Tools has no type here
        if any(weights):
            model.maximize(cp_model.LinearExpr.weighted_sum(counts, weights))
        for row, total in request.get("totals", ()):
            _hold(rows[row], total, total)
        model.clear_hints()  # type: ignore[no-untyped-call] # the same
        for count, number in zip(counts, request.get("hint") or (), strict=False):
            model.add_hint(count, number)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = 1
        solver.parameters.max_deterministic_time = request.get("effort") or EFFORT
        status = solver.solve(model)
        is_solved = status in {cp_model.OPTIMAL, cp_model.FEASIBLE}
        answer = {
            "panel": [solver.value(count) for count in counts] if is_solved else None,
            "bound": math.ceil(solver.best_objective_bound - NOISE) if is_solved else 0,
            "proved": status in {cp_model.OPTIMAL, cp_model.INFEASIBLE},
        }
        for row, _ in request.get("totals", ()):
            _hold(rows[row], system["lower"][row], system["upper"][row])
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _model(
    request: dict[str, Any],
) -> tuple[cp_model.CpModel, list[cp_model.IntVar], list[cp_model.Constraint]]:
    """Build the model of a system."""
    model = cp_model.CpModel()
    counts = [
        model.new_int_var(least, most, "")
        for least, most in zip(request["least"], request["most"], strict=True)
    ]
    rows = []
    for row, lower, upper in zip(request["rows"], request["lower"], request["upper"], strict=True):
        held = [(count, part) for count, part in zip(counts, row, strict=True) if part]
        rows.append(
            model.add_linear_constraint(
                cp_model.LinearExpr.weighted_sum([count for count, _ in held], [part for _, part in held]),
                lower,
                upper,
            )
        )
    return model, counts, rows


def _hold(row: cp_model.Constraint, lower: int, upper: int) -> None:
    """Set the bounds of a row."""
    row.proto.linear.domain[0] = lower
    row.proto.linear.domain[1] = upper


if __name__ == "__main__":
    serve(sys.stdin, sys.stdout)

"""Rosters as columns of a system, and searches that begin from a known one."""

from __future__ import annotations

import numpy as np
import pytest

from sortition import SolverStopped
from sortition.pricing import Child, Price
from sortition.roster import Rosters
from tests.sortition.test_rotation import body

TRAITS = [[0, 0], [0, 1], [1, 0], [1, 1], [0, 0], [1, 1]]


@pytest.mark.parametrize("allowance", [None, 12])
def test_a_roster_is_a_solution_of_its_system(allowance: int | None) -> None:
    rosters = Rosters(body(TRAITS), 2, 2, allowance=allowance)
    with Child(rosters.system) as child:
        found = rosters.read(child.price([0] * len(rosters.system.most)).panel)
    column = rosters.column(found)
    held = rosters.system.rows @ column
    assert (rosters.read(column) == found).all()
    assert (held >= rosters.system.lower).all()
    assert (held <= rosters.system.upper).all()
    assert (column >= rosters.system.least).all()
    assert (column <= rosters.system.most).all()


def test_what_lies_outside_is_the_slack_of_a_roster() -> None:
    rosters = Rosters(body(TRAITS), 2, 2, allowance=12)
    roster = np.zeros((2, len(rosters.pool.types.members)), dtype=np.int64)
    roster[:, 0] = 2
    slack = rosters.column(roster)[roster.size :]
    assert slack.sum() == rosters.deviation(roster) > 0


def test_a_search_without_effort_begins_from_a_known_panel(monkeypatch: pytest.MonkeyPatch) -> None:
    rosters = Rosters(body(TRAITS), 2, 2)
    weights = [0] * len(rosters.system.most)
    with Child(rosters.system) as child:
        known = child.price(weights).panel
        plain, asked = child.find, []

        def find(given: list[int], **options: object) -> Price | None:
            asked.append(options)
            if options.get("hint") is None:
                raise SolverStopped(status="too little effort")
            return plain(given, **options)

        monkeypatch.setattr(child, "find", find)
        found = child.price(weights, effort=1.0, known=known)
        with pytest.raises(SolverStopped):
            child.price(weights, effort=1.0)
    assert len(asked) == 3
    assert (rosters.system.rows @ found.panel >= rosters.system.lower).all()

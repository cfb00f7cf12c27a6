"""Exact pricing: the panel of the greatest whole weight, with a bound that owes nothing to rounding."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self, TextIO, cast

import numpy as np

from sortition.errors import SolverStopped
from sortition.system import Integers, System

PANELS = 3_000
NODES = 30_000
CHILD = Path(__file__).with_name("cp_sat.py")


@dataclass(frozen=True, eq=False)
class Price:
    """A panel, and a weight that no panel exceeds: the panel's own if ``proved``."""

    panel: Integers
    bound: int
    proved: bool


class Pricing(Protocol):
    """Finds panels of great weight; ``largest`` is the largest weight that it takes."""

    largest: int

    def price(self, weights: list[int]) -> Price:
        """Return a panel of great weight."""
        ...


class Listed:
    """Pricing over a list of all panels."""

    largest = 2**4096

    def __init__(self, panels: list[Integers]) -> None:
        self.panels = np.array(panels, dtype=object)

    def price(self, weights: list[int]) -> Price:
        """Return the panel of the greatest weight."""
        sums = self.panels @ np.array(weights, dtype=object)
        best = max(range(len(sums)), key=lambda place: sums[place])
        return Price(self.panels[best].astype(np.int64), int(sums[best]), proved=True)


def every_panel(system: System) -> list[Integers] | None:
    """List all panels of a small system, or return ``None`` where there are too many."""
    height, types = system.rows.shape
    rows = system.rows.T.tolist()
    least, most = system.least.tolist(), system.most.tolist()
    lower, upper = system.lower.tolist(), system.upper.tolist()
    # What the types from each place on can still add to each row.
    can = np.vstack(
        [np.cumsum((system.rows * system.most)[:, ::-1], axis=1)[:, ::-1].T, np.zeros(height)]
    ).tolist()
    must = np.vstack(
        [np.cumsum((system.rows * system.least)[:, ::-1], axis=1)[:, ::-1].T, np.zeros(height)]
    ).tolist()
    panels: list[Integers] = []
    stack: list[tuple[tuple[int, ...], list[int]]] = [((), [0] * height)]
    for _ in range(NODES):
        if not stack:
            return panels
        panel, sums = stack.pop()
        place = len(panel)
        if any(
            total + more < low or total + needed > high
            for total, more, needed, low, high in zip(
                sums, can[place], must[place], lower, upper, strict=True
            )
        ):
            continue
        if place == types:
            panels.append(np.array(panel, dtype=np.int64))
            if len(panels) > PANELS:
                return None
            continue
        stack += [
            ((*panel, number), [total + number * part for total, part in zip(sums, rows[place], strict=True)])
            for number in range(least[place], most[place] + 1)
        ]
    return None


class Child:
    """Pricing by CP-SAT in a child process, which lives as long as the ``with`` block."""

    largest = 2**42

    def __init__(self, system: System) -> None:
        self.system = system

    def __enter__(self) -> Self:
        """Start the process."""
        # -P: the modules beside the child's own must not stand in for others of the same name.
        self.process = subprocess.Popen(
            [sys.executable, "-P", str(CHILD)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.requests, self.answers = cast("TextIO", self.process.stdin), cast("TextIO", self.process.stdout)
        self.turn(self.system)
        return self

    def turn(self, system: System) -> None:
        """Price the panels of this system from now on."""
        self.system = system
        names = ("rows", "lower", "upper", "least", "most")
        self._send({name: getattr(system, name).tolist() for name in names})

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the process."""
        self.process.communicate()

    def price(self, weights: list[int], effort: float | None = None, known: Integers | None = None) -> Price:
        """Return the panel of the greatest weight, as far as the effort allows.

        Parameters
        ----------
        weights : list of int
        effort : float or None
        known : ndarray or None
            A panel to begin with, where the effort alone is not enough to find any.

        Raises
        ------
        SolverStopped
            If the child ends or finds no panel at all.
        """
        try:
            price = self.find(weights, effort=effort)
        except SolverStopped:
            if known is None:
                raise
            price = self.find(weights, effort=effort, hint=known)
        if price is None:
            raise SolverStopped(status="no panel from the child process")
        return price

    def find(
        self,
        weights: list[int],
        *,
        totals: Mapping[int, int] | None = None,
        effort: float | None = None,
        hint: Integers | None = None,
    ) -> Price | None:
        """Return the panel of the greatest weight as far as the effort allows, ``None`` if there is none.

        Parameters
        ----------
        weights : list of int
            One for each column of the system; all nought for any panel.
        totals : mapping of int to int or None
            What some rows must be, this time.
        effort : float or None
            The deterministic time of CP-SAT; its own limit if ``None``.
        hint : ndarray or None
            A panel to begin with.

        Raises
        ------
        SolverStopped
            If the child ends, or the effort is not enough to say whether there is a panel.
        """
        try:
            self._send(
                {
                    "weights": weights,
                    "totals": list((totals or {}).items()),
                    "effort": effort,
                    "hint": None if hint is None else hint.tolist(),
                }
            )
            line = self.answers.readline()
        except BrokenPipeError:
            line = ""
        answer: dict[str, Any] = json.loads(line or '{"panel": null, "proved": false}')
        if answer["panel"] is not None:
            return Price(np.array(answer["panel"], dtype=np.int64), answer["bound"], answer["proved"])
        if answer["proved"]:
            return None
        raise SolverStopped(status="no panel from the child process")

    def _send(self, request: dict[str, object]) -> None:
        self.requests.write(json.dumps(request) + "\n")
        self.requests.flush()

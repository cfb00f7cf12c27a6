"""Writing a vector of chances as a mixture of panels, by column generation."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from sortition.highs import Model
from sortition.panels import Panels, face
from sortition.progress import Progress
from sortition.system import Floats, Integers, Numbers, System

DEVIATION = 1e-9
ROUNDS = 200
SPREAD = 25
HURRY = 0.02


@dataclass(frozen=True, eq=False)
class Mixture:
    """Panels, shape (panels, types), and their probabilities, shape (panels,).

    ``deviation`` is the sum over types of the distance from the wanted chance, as the linear program left it.
    """

    columns: Integers
    weights: Floats
    deviation: float


class Master:
    """The linear program that comes nearest to a vector of chances with the panels known so far."""

    def __init__(self, expected: Numbers, counts: Integers) -> None:
        self.types = len(counts)
        self.panels: dict[bytes, Integers] = {}
        identity = np.eye(self.types)
        matrix = np.vstack([np.hstack([identity, -identity]), np.zeros((1, 2 * self.types))])
        right = np.append(expected, 1.0)
        self.model = Model(matrix, right, right, np.zeros(2 * self.types), np.full(2 * self.types, np.inf))
        self.cost = np.tile(1.0 / counts, 2)

    def add(self, panels: list[Integers]) -> bool:
        """Take panels in, and return whether any was new."""
        new = {panel.tobytes(): panel for panel in panels if panel.tobytes() not in self.panels}
        if new:
            columns = np.array(list(new.values()), dtype=np.float64).T
            self.model.add_columns(np.vstack([columns, np.ones((1, len(new)))]))
            self.panels |= new
        return bool(new)

    def solve(self) -> Mixture:
        """Return the nearest mixture."""
        self.model.aim(np.concatenate([-self.cost, np.zeros(len(self.panels))]))
        self.model.solve()
        weights = self.model.solution[2 * self.types :]
        return Mixture(np.array(list(self.panels.values())), weights, -self.model.value)

    @property
    def weights(self) -> Floats:
        """The weight of each type by which a panel would bring the mixture nearer."""
        return -self.model.duals[:-1]


def decompose(
    system: System, chances: tuple[Fraction, ...], known: list[Integers], progress: Progress
) -> Mixture | None:
    """Write chances as a mixture of panels, or return ``None`` where no mixture was found.

    Each panel is the one that makes up best for what the panels before it owe to the chances, which leaves
    hardly anything to column generation (Frank and Wolfe's method; see ``docs/adr/0006-solver.md``).

    Parameters
    ----------
    system : System
    chances : tuple of Fraction, one for each type
    known : list of ndarray
        Panels to start from; the panels found are added.
    progress : callable
    """
    narrow = face(system, chances)
    expected = np.array([float(chance) for chance in chances]) * system.counts
    panels = Panels(narrow)
    master = Master(expected, system.counts)
    master.add([panel for panel in known if narrow.holds(panel)])
    types = len(expected)
    given = np.zeros(types)
    near = []
    for done in range(types):
        progress(done, types, "panels")
        panel = panels.near((done + 1) * expected - given, HURRY)
        if panel is None:
            return None
        given += panel
        near.append(panel)
    master.add(near)
    known += near
    for turn in range(ROUNDS):
        mixture = master.solve()
        if mixture.deviation <= DEVIATION:
            return mixture
        progress(turn, ROUNDS, "mixture")
        heaviest = _round(panels, master.weights, expected)
        if not master.add(heaviest):
            return None
        known += heaviest
    return None


def _round(panels: Panels, weights: Floats, expected: Numbers) -> list[Integers]:
    """Return the panel of the greatest weight, and others of great weight that differ from it."""
    scale = max(float(np.abs(weights).max()), DEVIATION)
    heaviest: list[Integers] = []
    owed = np.zeros(len(expected))
    for _ in range(1 + len(expected) // SPREAD):
        panel = panels.near(weights / scale + 0.3 * owed)
        if panel is None:
            break
        heaviest.append(panel)
        owed += expected - panel
    return heaviest

"""What every panel keeps to, as integer rows over the number of members of each type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sortition.pool import Pool
from sortition.quotas import Quotas

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Numbers = Integers | Floats


def holders(traits: Integers, values: Sequence[Sequence[str]]) -> Integers:
    """Return which rows of traits hold each value, shape (values of all categories, rows)."""
    found = [traits[:, column] == value for column, known in enumerate(values) for value in range(len(known))]
    return np.array(found, dtype=np.int64).reshape(len(found), len(traits))


@dataclass(frozen=True, eq=False)
class System:
    """The panels are the whole vectors ``x`` with ``lower <= rows @ x <= upper`` and ``least <= x <= most``.

    Attributes
    ----------
    rows : ndarray of int, shape (rows, types)
        The first row counts all members, one row follows for each quota cell.
    lower, upper : ndarray of int, shape (rows,)
    counts : ndarray of int, shape (types,)
        People of each type in the pool.
    least, most : ndarray of int, shape (types,)
        Bounds on the members of each type.
    """

    rows: Integers
    lower: Integers
    upper: Integers
    counts: Integers
    least: Integers
    most: Integers

    @classmethod
    def of(cls, pool: Pool, quotas: Quotas, size: int) -> System:
        """Write the quotas down over the types of a pool."""
        types = pool.types
        everyone = np.ones((1, len(types.members)), dtype=np.int64)
        return cls(
            rows=np.vstack([everyone, holders(types.traits, pool.values)]),
            lower=np.array([size, *(cell.minimum for cell in quotas.cells)], dtype=np.int64),
            upper=np.array([size, *(cell.maximum for cell in quotas.cells)], dtype=np.int64),
            counts=types.counts,
            least=np.zeros_like(types.counts),
            most=types.counts,
        )

    def holds(self, panel: Integers) -> bool:
        """Return whether a vector of counts is a panel."""
        sums = self.rows @ panel
        return bool(
            (sums >= self.lower).all()
            and (sums <= self.upper).all()
            and (panel >= self.least).all()
            and (panel <= self.most).all()
        )

    def without(self, kinds: NDArray[np.bool_]) -> System:
        """Return the system of the panels that have no member of the marked types."""
        return replace(self, most=np.where(kinds, 0, self.most))

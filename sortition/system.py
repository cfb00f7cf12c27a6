"""What every panel keeps to, as integer rows over the number of members of each type."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sortition.pool import Pool
from sortition.quotas import Quotas

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Numbers = Integers | Floats


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
        rows = [np.ones(len(types.members), dtype=np.int64)]
        for column, cells in enumerate(quotas.categories.values()):
            rows += [(types.traits[:, column] == value).astype(np.int64) for value in range(len(cells))]
        return cls(
            rows=np.array(rows, dtype=np.int64),
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

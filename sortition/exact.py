"""Linear equations solved in whole numbers, so that a proof owes nothing to rounding."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np


def solve(matrix: Sequence[Sequence[int]], right: Sequence[int]) -> list[Fraction] | None:
    """Solve a square system by fraction-free elimination.

    Parameters
    ----------
    matrix : sequence of sequence of int, shape (n, n)
    right : sequence of int, shape (n,)

    Returns
    -------
    list of Fraction, shape (n,), or None
        ``None`` if the matrix is singular.

    Notes
    -----
    Bareiss, "Sylvester's identity and multistep integer-preserving Gaussian elimination", Mathematics of
    Computation 22 (1968). Entries stay determinants of minors, so that they grow no more than they must.

    Examples
    --------
    >>> solve([[2, 1], [1, 3]], [1, 2])
    [Fraction(1, 5), Fraction(3, 5)]
    """
    size = len(right)
    work = np.empty((size, size + 1), dtype=object)
    for place, row in enumerate(matrix):
        work[place, :size] = [int(value) for value in row]
        work[place, size] = int(right[place])
    last = 1
    for step in range(size):
        candidates = [place for place in range(step, size) if work[place, step]]
        if not candidates:
            return None
        best = min(candidates, key=lambda place: abs(work[place, step]))
        if best != step:
            work[[step, best]] = work[[best, step]]
        pivot = work[step, step]
        below = work[step + 1 :, step + 1 :] * pivot - np.outer(
            work[step + 1 :, step], work[step, step + 1 :]
        )
        work[step + 1 :, step + 1 :] = below // last
        last = pivot
    solution = [Fraction(0)] * size
    for step in reversed(range(size)):
        rest = sum((work[step, place] * solution[place] for place in range(step + 1, size)), Fraction(0))
        solution[step] = (work[step, size] - rest) / work[step, step]
    return solution


def common_denominator(values: Sequence[Fraction]) -> int:
    """Return the least whole number that makes all the values whole.

    Examples
    --------
    >>> common_denominator([Fraction(1, 6), Fraction(3, 4)])
    12
    """
    return int(np.lcm.reduce([value.denominator for value in values] or [1], dtype=object))

"""Linear equations solved in whole numbers, so that a proof owes nothing to rounding."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import isqrt, prod

import numpy as np
from numpy.typing import NDArray

PRIMES = (2147483647, 2147483629, 2147483587)
HALF = 16


def solve(matrix: Sequence[Sequence[int]] | NDArray[np.int64], right: Sequence[int]) -> list[Fraction] | None:
    """Solve a square system by p-adic lifting.

    Parameters
    ----------
    matrix : array of int, shape (n, n)
        Entries below 2**20 in absolute value.
    right : sequence of int, shape (n,)

    Returns
    -------
    list of Fraction, shape (n,), or None
        ``None`` if the matrix is singular (modulo three primes of 31 bits).

    Notes
    -----
    Dixon, "Exact solution of linear equations using p-adic expansions", Numerische Mathematik 40 (1982). The
    number of digits comes from Hadamard's bound, so that the reconstructed fractions are the solution.

    Examples
    --------
    >>> solve([[2, 1], [1, 3]], [1, 2])
    [Fraction(1, 5), Fraction(3, 5)]
    """
    size = len(right)
    if size == 0:
        return []
    rows = np.array(matrix, dtype=np.int64).reshape(size, size)
    for prime in PRIMES:
        inverse = _inverse(rows, prime)
        if inverse is not None:
            break
    else:
        return None
    columns = [max(2, isqrt(int(value)) + 1) for value in (rows**2).sum(axis=0)]
    denominators = prod(columns)
    length = isqrt(sum(value * value for value in right)) + 1
    modulus, digits = 1, []
    rest = np.array(right, dtype=object)
    while modulus <= 2 * denominators * denominators * length:
        digit = _times(inverse, (rest % prime).astype(np.int64), prime)
        digits.append(digit)
        rest = (rest - rows @ digit) // prime
        modulus *= prime
    values = np.zeros(size, dtype=object)
    for digit in reversed(digits):
        values = values * prime + digit
    solution, denominator = [], 1
    for value in values.tolist():
        fraction = _reconstruct(value * denominator % modulus, modulus, denominators)
        solution.append(fraction / denominator)
        denominator *= fraction.denominator
    return solution


def _inverse(rows: NDArray[np.int64], prime: int) -> NDArray[np.int64] | None:
    """Invert a matrix modulo a prime."""
    size = len(rows)
    work = np.hstack([rows % prime, np.eye(size, dtype=np.int64)])
    for step in range(size):
        nonzero = np.nonzero(work[step:, step])[0]
        if not len(nonzero):
            return None
        best = step + int(nonzero[0])
        if best != step:
            work[[step, best]] = work[[best, step]]
        work[step] = work[step] * pow(int(work[step, step]), -1, prime) % prime
        others = np.nonzero(work[:, step])[0]
        others = others[others != step]
        where = np.nonzero(work[step])[0]
        block = np.ix_(others, where)
        work[block] = (work[block] - work[others, step][:, None] * work[step, where]) % prime
    return work[:, size:]


def _times(matrix: NDArray[np.int64], vector: NDArray[np.int64], prime: int) -> NDArray[np.int64]:
    """Multiply modulo a prime of 31 bits, in two halves so that no sum leaves 64 bits."""
    high = ((matrix >> HALF) @ vector) % prime
    low = ((matrix & ((1 << HALF) - 1)) @ vector) % prime
    result: NDArray[np.int64] = ((high << HALF) + low) % prime
    return result


def _reconstruct(value: int, modulus: int, largest: int) -> Fraction:
    """Return the fraction, of a denominator up to ``largest``, that a residue stands for."""
    before, now = modulus, value
    inverse_before, inverse = 0, 1
    limit = modulus // (2 * largest)
    while now > limit:
        quotient = before // now
        before, now = now, before - quotient * now
        inverse_before, inverse = inverse, inverse_before - quotient * inverse
    return Fraction(now, inverse)


def common_denominator(values: Sequence[Fraction]) -> int:
    """Return the least whole number that makes all the values whole.

    Examples
    --------
    >>> common_denominator([Fraction(1, 6), Fraction(3, 4)])
    12
    """
    return int(np.lcm.reduce(np.array([value.denominator for value in values] or [1], dtype=object)))

"""The exact key of the majority value, and the order it gives; the proof is in ``docs/votes.md``."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from votes.errors import Unbalanced

Matrix = NDArray[Any]
"""Whole numbers, a row for each proposal: int64, or Python integers in an object array."""

# The codes of a key are twice a total, and a little more.
LARGEST_TOTAL = 2**61
WORD = 2**63


def matrix(rows: Any, largest: int) -> Matrix:  # noqa: ANN401 - rows of integers, or an array of them
    """Return rows of whole numbers as int64 where no total exceeds it, else as Python integers.

    Parameters
    ----------
    rows : sequence of sequences of int, shape (proposals, grades)
    largest : int
        The largest total that a row has or will have.
    """
    return np.array(rows, dtype=np.int64 if largest < LARGEST_TOTAL else object)


def medians(counts: Matrix) -> NDArray[np.int64]:
    """Return the majority grade of each row: the lower median.

    Parameters
    ----------
    counts : array, shape (proposals, grades)
        Judgments per grade, worst first; at least one judgment in each row, totals may differ.

    Returns
    -------
    array of int64, shape (proposals,)
        The grade of the judgment at place ``ceil(n / 2)`` from the worst.
    """
    below = np.cumsum(counts, axis=1)
    # Fewer than ceil(n / 2) below a border is the same as twice as many being fewer than n.
    grades: NDArray[np.int64] = np.sum(2 * below[:, :-1] < below[:, -1:], axis=1, dtype=np.int64)
    return grades


def keys(counts: Matrix) -> Matrix:
    """Return the key of each row: rows of equal totals are ranked by lexicographic order of their keys.

    The first entry is the majority grade. Each of the other grades - 1 entries stands for one border between
    two neighbouring grades, as its signed outside group: the number of judgments above the border where it
    lies above the majority grade, minus the number of judgments below it where it lies below. They are sorted
    by size, largest first, and of two equal sizes the one below comes first.

    Parameters
    ----------
    counts : array, shape (proposals, grades)
        Judgments per grade, worst first.

    Returns
    -------
    array, shape (proposals, grades)

    References
    ----------
    M. Balinski and R. Laraki, "Majority Judgment", MIT Press, 2011, chapter 13.
    """
    return _keys(np.cumsum(counts, axis=1))


def _keys(below: Matrix) -> Matrix:
    doubled, total = 2 * below[:, :-1], below[:, -1:]
    # The smaller side of a border is its outside group, and twice its size is even above, odd below: of two
    # groups of one size the one below has the larger code.
    codes = np.minimum(doubled + 1, 2 * total - doubled)
    codes.sort(axis=1)
    codes = codes[:, ::-1]
    is_below = codes & 1
    sort_keys = np.empty_like(below)
    # A product, since numpy adds up short rows slowly.
    sort_keys[:, 0] = is_below @ np.ones(codes.shape[1], dtype=codes.dtype)
    # For is_below = 1 this is the negative of the size, for 0 the size.
    sort_keys[:, 1:] = (codes >> 1 ^ -is_below) + is_below
    return sort_keys


def order(counts: Matrix) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rank rows by their majority values.

    Parameters
    ----------
    counts : array, shape (proposals, grades)
        Judgments per grade, worst first; every row has the same total.

    Returns
    -------
    positions : array of int64, shape (proposals,)
        The rows, best first; equal ones in the order in which they came.
    ranks : array of int64, shape (proposals,)
        The rank of each row: 1 and the number of rows that are strictly better (1, 2, 2, 4).

    Raises
    ------
    Unbalanced
        If totals differ: keys are comparable only between equal totals.
    """
    below = np.cumsum(counts, axis=1)
    totals = below[:, -1]
    if (totals != totals[0]).any():
        raise Unbalanced(found=int(totals.min()), judges=int(totals.max()))
    sort_keys = _keys(below)
    if counts.dtype == object:
        positions, leads = _sorted_exactly(sort_keys)
    else:
        positions, leads = _sorted(sort_keys, int(totals[0]))
    places = np.arange(1, len(counts) + 1)
    ranks = np.empty(len(counts), dtype=np.int64)
    ranks[positions] = np.maximum.accumulate(np.where(leads, places, 0))
    return positions, ranks


def _sorted_exactly(sort_keys: Matrix) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    rows = [tuple(row) for row in sort_keys.tolist()]
    positions = sorted(range(len(rows)), key=rows.__getitem__, reverse=True)
    leads = [True, *(rows[one] != rows[other] for one, other in pairwise(positions))]
    return np.array(positions, dtype=np.int64), np.array(leads)


def _sorted(sort_keys: Matrix, total: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the rows, largest key first, and where a smaller key begins."""
    words = _words(sort_keys, total)
    positions = np.argsort(words[0])
    tied = ~_changes(words[:1], positions)
    if tied.any():
        # One word decides nearly every pair; the others are sorted only where it does not.
        tied[:-1] |= tied[1:]
        some = positions[tied]
        positions[tied] = some[np.lexsort((some, *(word[some] for word in reversed(words))))]
    return positions, _changes(words, positions)


def _changes(words: list[Matrix], positions: NDArray[np.int64]) -> NDArray[np.bool_]:
    changes = np.zeros(len(positions), dtype=np.bool_)
    changes[0] = True
    for word in words:
        ordered = word[positions]
        changes[1:] |= ordered[1:] != ordered[:-1]
    return changes


def _words(sort_keys: Matrix, total: int) -> list[Matrix]:
    """Return as few columns as hold the keys, packed as digits, so that the best key has the smallest."""
    radix = 2 * total + 1
    words: list[Matrix] = []
    word, size = -sort_keys[:, 0], sort_keys.shape[1]
    for column in sort_keys.T[1:]:
        if size * radix >= WORD:
            words.append(word)
            word, size = -column, radix
        else:
            word = word * radix - column
            size *= radix
    return [*words, word]

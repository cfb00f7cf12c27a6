"""The margin: how many judgments would have to be others for the ranking to be another one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from votes.defaults import Default, fill
from votes.key import Matrix, keys, matrix
from votes.majority import Judgment

CHUNK = 1 << 15
MOST_SPLITS = 1 << 22
MOST_EXACT_SPLITS = 1 << 14


@dataclass(frozen=True)
class Margin:
    """The smallest numbers of judgments whose change alters something.

    One change moves the grade that one voter gave to one proposal to any other grade. Absent grades are not
    changed; what they count as follows the rule that was declared.

    Parameters
    ----------
    first_place : int or None
        Changes that alter who is ranked first; ``None`` where none do.
    any_rank : int or None
        Changes that alter any rank.
    proved : bool
        Whether fewer changes were excluded; otherwise the numbers are only known to suffice.
    """

    first_place: int | None
    any_rank: int | None
    proved: bool

    def to_document(self) -> dict[str, object]:
        """Return the margin as a JSON object."""
        return {"first_place": self.first_place, "any_rank": self.any_rank, "proved": self.proved}


def margin(judgment: Judgment) -> Margin:
    """Return the smallest numbers of changed judgments that alter the first place, and any rank.

    Two proposals change order with the fewest changes if grades of the one ahead move from its best to the
    worst grade of the scale, and grades of the other from its worst to the best. For the first place each
    challenger is tried, for any rank each pair of neighbours; ``docs/votes.md`` says why that is enough.

    Parameters
    ----------
    judgment : Judgment
    """
    groups = [list(group) for group in _groups(judgment)]
    duels = _Duels(judgment)
    leader = groups[0][0]
    if duels.may_split(groups[0]):
        first: int | None = 1
    else:
        first = duels.least((leader, other) for group in groups[1:] for other in group)
    if any(duels.may_split(group) for group in groups):
        return Margin(first, 1, duels.proved)
    neighbours = ((one[0], other[0]) for one, other in pairwise(groups))
    return Margin(first, duels.least(neighbours, first), duels.proved)


def _groups(judgment: Judgment) -> Iterator[list[int]]:
    """Yield the positions of each rank, best first."""
    group: list[int] = []
    for place in judgment.order:
        if group and judgment.ranks[place] != judgment.ranks[group[0]]:
            yield group
            group = []
        group.append(place)
    yield group


class _Duels:
    """The changes that bring one proposal level with another one that is ahead of it."""

    def __init__(self, judgment: Judgment) -> None:
        poll = judgment.poll
        self.received = poll.counts
        self.totals = [sum(row) for row in poll.counts]
        self.total = poll.total
        self.default = poll.default
        self.proved = True

    def may_split(self, group: Sequence[int]) -> bool:
        """Tell whether proposals share this rank and one has a judgment to change: then one is enough."""
        return len(group) > 1 and any(self.totals[place] for place in group)

    def least(self, pairs: Iterable[tuple[int, int]], best: int | None = None) -> int | None:
        """Return the fewest changes that bring the second one of any pair level with the first."""
        for ahead, behind in pairs:
            duel = _Duel(self, ahead, behind)
            changes = duel.changes(best)
            self.proved = self.proved and duel.proved
            if changes is not None:
                best = changes
        return best


class _Duel:
    """One proposal, and another one ahead of it."""

    def __init__(self, duels: _Duels, ahead: int, behind: int) -> None:
        self.default: Default = duels.default
        self.total = duels.total
        rows = matrix([duels.received[ahead], duels.received[behind]], duels.total)
        self.ahead, self.behind = rows[:1], rows[1:]
        self.given = (duels.totals[ahead], duels.totals[behind])
        # So many changes against the one ahead bring the middle judgment down over each border of grades.
        below = np.cumsum(fill(self.ahead, self.default, self.total)[0])[:-1].tolist()
        weight = self.total // self.given[0] if self.default.mode == "normalized" else 1
        self.turns = [-((size - (self.total + 1) // 2) // weight) for size in below]
        self.simple = self._simple()
        self.proved = True

    def _simple(self) -> int:
        """Return up to how many changes the few divisions are known to hold the best one.

        So it is as long as judgments of one weight move and none that would have to move is an absent one.
        """
        if self.given == (self.total, self.total):
            return sum(self.given)
        if self.default.grade is None:
            return 0
        grade, (above, below) = self.default.grade, self.given
        if self.given[0] < self.total and grade > 0:
            above = int(self.ahead[0, grade:].sum())
        if self.given[1] < self.total and grade < self.behind.shape[1] - 1:
            below = int(self.behind[0, : grade + 1].sum())
        return min(above, below)

    def changes(self, best: int | None) -> int | None:
        """Return the fewest changes, if they are fewer than the best number known so far."""
        most = sum(self.given) if best is None else min(best - 1, sum(self.given))
        if not self._is_enough(most, self._few(most)):
            if not self._searched(most):
                return None
            return self._bisected(most, exhaustive=True)
        least = self._bisected(most, exhaustive=False)
        if least == 1 or not self._searched(least - 1):
            return least
        return self._bisected(least - 1, exhaustive=True)

    def _bisected(self, enough: int, *, exhaustive: bool) -> int:
        """Return the fewest changes, given a number that is enough: more of them never hurt."""
        low, high = 1, enough
        while low < high:
            middle = (low + high) // 2
            is_enough = self._searched(middle) if exhaustive else self._is_enough(middle, self._few(middle))
            low, high = (low, middle) if is_enough else (middle + 1, high)
        return low

    def _few(self, number: int) -> Matrix:
        """Return a few divisions of changes, by how many are against the one ahead."""
        starts = {0, number, *self.given, *self.turns}
        return np.array(sorted(start for start in starts if 0 <= start <= number), dtype=self.ahead.dtype)

    def _searched(self, number: int) -> bool:
        """Try every division that matters; where they are too many, nothing is proved."""
        if number <= self.simple:
            return self._is_enough(number, self._few(number))
        splits = MOST_EXACT_SPLITS if self.ahead.dtype == object else MOST_SPLITS
        least, most = max(0, number - self.given[1]), min(number, self.given[0])
        if most - least >= splits:
            self.proved = False
            return False
        return any(
            self._is_enough(number, np.arange(start, min(start + CHUNK, most + 1), dtype=self.ahead.dtype))
            for start in range(least, most + 1, CHUNK)
        )

    def _is_enough(self, number: int, lowered: Matrix) -> bool:
        """Tell whether the one behind is level if so many changes, or so many, are against the one ahead."""
        worse = keys(fill(_lowered(self.ahead, lowered), self.default, self.total))
        better = keys(fill(_raised(self.behind, number - lowered), self.default, self.total))
        return bool(_at_least(better, worse).any())


def _lowered(counts: Matrix, changes: Matrix) -> Matrix:
    """Return a row for each number of changes: so many of the best judgments moved to the worst grade."""
    below = np.cumsum(counts, axis=1)
    total = below[:, -1:]
    moved = np.minimum(below + changes[:, None], total)
    return np.diff(moved, axis=1, prepend=np.zeros((len(changes), 1), dtype=counts.dtype))


def _raised(counts: Matrix, changes: Matrix) -> Matrix:
    """Return a row for each number of changes: so many of the worst judgments moved to the best grade."""
    return _lowered(counts[:, ::-1], changes)[:, ::-1]


def _at_least(ones: Matrix, others: Matrix) -> NDArray[np.bool_]:
    """Tell for each row whether the one key is not below the other."""
    differs = ones != others
    places = differs.argmax(axis=1)
    rows = np.arange(len(ones))
    result: NDArray[np.bool_] = np.asarray(ones[rows, places] >= others[rows, places], dtype=np.bool_)
    return result

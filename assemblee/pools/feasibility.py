"""Whether a panel exists: what is asked, its hash, and the answers that this process has just given."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import sortition
from assemblee.journal import tree
from sortition.progress import Progress, silent

# Of the demo's people, with their five categories, 200 are checked in 0.01 to 0.12 s of CPU whatever the
# panel, and in 0.3 s where 47 kinds of them are shut out of every panel; 1,000 take up to 0.35 s and 1.2 s.
FEW = 200
REMEMBERED = 8


@dataclass(frozen=True, eq=False)
class Question:
    """What a check answers: people with their traits, quotas and a size; equal if the answer is the same."""

    pool: sortition.Pool
    quotas: sortition.Quotas
    size: int

    @cached_property
    def fingerprint(self) -> str:
        """The SHA-256 of the question, in hexadecimal."""
        cells: list[tree.Canonical] = [
            [cell.category, cell.value, cell.minimum, cell.maximum, cell.minimum_flex, cell.maximum_flex]
            for cell in self.quotas.cells
        ]
        people: list[tree.Canonical] = [
            [person, *traits]
            for person, traits in zip(self.pool.people, self.pool.traits.tolist(), strict=True)
        ]
        return tree.fingerprint([self.size, cells, people])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Question) and self.fingerprint == other.fingerprint

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def answer(self, progress: Progress = silent) -> sortition.Feasibility:
        """Let the core answer, however long that takes.

        Raises
        ------
        sortition.SortitionError
            As `sortition.check`.
        """
        return sortition.check(self.pool, self.quotas, self.size, progress)


@lru_cache(maxsize=REMEMBERED)
def answer(question: Question) -> sortition.Feasibility:
    """Return the answer to a question about few people, computed once while it is remembered."""
    return question.answer()

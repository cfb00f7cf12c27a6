"""Several criteria: each its own majority judgment, combined without ever adding grades up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from votes.ballots import Count
from votes.defaults import Default
from votes.document import document
from votes.errors import BadQuestion
from votes.kinds import kind
from votes.majority import Judgment, judge
from votes.poll import Poll
from votes.scales import check_grades, check_names

AXES = 2


@dataclass(frozen=True)
class Criterion:
    """What proposals are judged by, in its own words.

    Parameters
    ----------
    name : str
    grades : tuple of str
        Its scale, worst first.
    default : Default
        What absent grades count as.
    """

    name: str
    grades: tuple[str, ...]
    default: Default = field(default_factory=Default)

    def __post_init__(self) -> None:
        check_grades(self.grades)
        self.default.check(len(self.grades))


@kind("multi-criteria")
@dataclass(frozen=True)
class Criteria:
    """Each proposal gets a grade by each criterion, and perhaps an answer to one more question.

    Parameters
    ----------
    proposals : tuple of str
    criteria : tuple of Criterion
    order : tuple of int or None
        The criteria by which proposals are ranked, each deciding among those that are equal by the ones
        before; ``None`` for Pareto layers.
    routing : tuple of str
        Answers to the question where a proposal belongs; none where it is not asked.
    """

    proposals: tuple[str, ...]
    criteria: tuple[Criterion, ...]
    order: tuple[int, ...] | None = None
    routing: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_names("proposal", self.proposals)
        check_names("criterion", [one.name for one in self.criteria])
        check_names("answer", self.routing)
        places = list(range(len(self.criteria)))
        if not places or (self.order is not None and sorted(self.order) != places):
            raise BadQuestion(found=self.order, expected=places)

    @property
    def options(self) -> tuple[int, ...]:
        """For each proposal in turn, a grade by each criterion, then the answer to the routing question."""
        each = tuple(len(one.grades) for one in self.criteria)
        if self.routing:
            each += (len(self.routing),)
        return each * len(self.proposals)

    def outcome(self, count: Count, entitled: int) -> CriteriaOutcome:  # noqa: ARG002 - who came judges
        """Rank the proposals by each criterion, and by all of them as declared.

        Raises
        ------
        Unbalanced, NoJudgment, TooLarge
            If a default does not give every proposal a grade.
        """
        width = len(self.criteria) + bool(self.routing)
        judgments = tuple(
            judge(self._poll(criterion, count, slice(place, None, width)))
            for place, criterion in enumerate(self.criteria)
        )
        routes = count.answers[width - 1 :: width, : len(self.routing)] if self.routing else None
        profiles = list(zip(*(judgment.ranks for judgment in judgments), strict=True))
        combined = layers(profiles) if self.order is None else lexicographic(profiles, self.order)
        return CriteriaOutcome(self, judgments, _tuples(routes), count.ballots, combined)

    def _poll(self, criterion: Criterion, count: Count, columns: slice) -> Poll:
        rows = count.answers[columns, : len(criterion.grades)].tolist()
        no_opinion = count.no_opinion[columns].tolist()
        return Poll.of(
            criterion.grades,
            dict(zip(self.proposals, rows, strict=True)),
            count.ballots,
            criterion.default,
            dict(zip(self.proposals, no_opinion, strict=True)),
        )


def _tuples(numbers: NDArray[np.int64] | None) -> tuple[tuple[int, ...], ...]:
    return () if numbers is None else tuple(tuple(row) for row in numbers.tolist())


@dataclass(frozen=True)
class CriteriaOutcome:
    """The result of a judgment by several criteria.

    Parameters
    ----------
    question : Criteria
    judgments : tuple of Judgment
        One for each criterion.
    routes : tuple of tuples of int
        For each proposal, how many gave each answer of the routing question; empty where it was not asked.
    ballots : int
    ranks : tuple of int
        The rank of each proposal (1, 2, 2, 4), or the number of its Pareto layer (1, 1, 2).
    """

    question: Criteria
    judgments: tuple[Judgment, ...]
    routes: tuple[tuple[int, ...], ...]
    ballots: int
    ranks: tuple[int, ...]

    @property
    def points(self) -> tuple[tuple[int, int], ...]:
        """Where each proposal lies on the map of two criteria, by its majority grades; else nothing."""
        if len(self.judgments) != AXES:
            return ()
        return tuple(zip(self.judgments[0].medians, self.judgments[1].medians, strict=True))

    def to_document(self) -> dict[str, object]:
        """Return the outcome as a JSON object."""
        question = self.question
        names = question.proposals
        return {
            "kind": "multi-criteria",
            "criteria": [
                {"name": criterion.name, **document(judgment)}
                for criterion, judgment in zip(question.criteria, self.judgments, strict=True)
            ],
            "order": None if question.order is None else list(question.order),
            "ranking": dict(zip(names, self.ranks, strict=True)),
            "routing": {
                name: {
                    **dict(zip(question.routing, numbers, strict=True)),
                    "": self.ballots - sum(numbers),
                }
                for name, numbers in zip(names, self.routes, strict=False)
            },
            "map": {name: list(point) for name, point in zip(names, self.points, strict=False)},
        }


def lexicographic(profiles: Sequence[Sequence[int]], order: Sequence[int]) -> tuple[int, ...]:
    """Return competition ranks by the first criterion of an order, then the next where that one is equal.

    Parameters
    ----------
    profiles : sequence of sequences of int
        The ranks of each proposal by each criterion.
    order : sequence of int
        Positions of the criteria.
    """
    found = [[profile[place] for place in order] for profile in profiles]
    return tuple(1 + sum(other < one for other in found) for one in found)


def layers(profiles: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """Return the Pareto layer of each proposal.

    The first layer holds those that no other one dominates, the next one those that only the first layer
    dominates, and so on. One dominates another if it is nowhere ranked worse and somewhere better.

    Parameters
    ----------
    profiles : sequence of sequences of int
        The ranks of each proposal by each criterion.
    """
    found = [0] * len(profiles)
    left = set(range(len(profiles)))
    layer = 0
    while left:
        layer += 1
        top = {one for one in left if not any(_dominates(profiles[other], profiles[one]) for other in left)}
        for one in top:
            found[one] = layer
        left -= top
    return tuple(found)


def _dominates(ones: Sequence[int], others: Sequence[int]) -> bool:
    return ones != others and all(one <= other for one, other in zip(ones, others, strict=True))
